//! A CRL put together from the record, before its number is taken.

use std::io;

use pki_asn1::UnixTime;
use pki_crypto::{Digest, DigestAlgorithm};
use spki::AlgorithmIdentifierOwned;

use super::check::Check;
use super::entry::write_entry;
use super::frame::{Frame, FrameExtensions, FrameParts};
use super::{Body, CrlError, CrlName, EntryFields, RecordedCrl, Spool};
use crate::authority::{Authority, CaKey};
use crate::error::CaError;
use crate::issuance::copy32;
use crate::store::{Act, Change, CrlIntent, CrlSnapshot, LeaveOut, Occasion, Store, StoreError};

/// The longest message that is held in memory for an algorithm that signs the message itself.
const HELD_AT_MOST: u64 = 32 << 20;

/// What a CRL is made from.
#[derive(Clone, Copy)]
pub(crate) struct CrlInputs<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) key: &'a CaKey,
    pub(crate) name: CrlName,
    pub(crate) number: u64,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: UnixTime,
    pub(crate) contents: Contents,
    pub(crate) occasion: Occasion,
    /// The URL that the certificates of a partition name.
    pub(crate) distribution_point: Option<&'a str>,
    /// Where the delta is; not for deltas.
    pub(crate) freshest: Option<&'a str>,
    /// Since when expired certificates are kept, where they are.
    pub(crate) expired_since: Option<UnixTime>,
}

/// Which entries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Contents {
    /// Everything that is revoked or suspended, without what may leave.
    Complete(Option<LeaveOut>),
    /// What has changed since a complete CRL.
    Since {
        /// Its number,
        base: u64,
        /// and how many changes it had seen.
        position: u64,
    },
}

/// To-be-signed bytes of a CRL with their digest for the signer.
pub(crate) struct CrlDraft {
    pub(super) intent: CrlIntent,
    pub(super) position: u64,
    pub(super) occasion: Occasion,
    pub(super) body: Body,
    pub(super) message: TbsMessage,
    pub(super) algorithm: AlgorithmIdentifierOwned,
}

/// What the key is given.
pub(crate) enum TbsMessage {
    Digest(Digest),
    /// Ed25519 signs the message itself.
    Bytes(Vec<u8>),
}

impl CrlDraft {
    /// Encodes the entries as they come out of the record.
    pub(crate) fn prepare(
        snapshot: &mut dyn CrlSnapshot,
        inputs: &CrlInputs<'_>,
    ) -> Result<Self, CaError> {
        let signature_algorithm = inputs.key.algorithm();
        let algorithm = signature_algorithm
            .to_identifier()
            .map_err(CaError::Algorithm)?;
        let base = match inputs.contents {
            Contents::Complete(_) => None,
            Contents::Since { base, .. } => Some(base),
        };
        let parts = encode(inputs, base, &algorithm).map_err(CaError::encoding("the CRL"))?;
        let position = snapshot.position()?;
        let mut check = Check::new(&parts, inputs);
        let mut spool = Spool::default();
        let mut entries = 0_u64;
        let mut visit = |serial: &[u8], fields: &EntryFields| {
            entries += 1;
            spool
                .push(|buffer| {
                    let start = buffer.len();
                    write_entry(serial, fields, buffer);
                    check.entry(&buffer[start..]);
                })
                .map_err(StoreError::Spool)
        };
        let scope = inputs.name.scope;
        match inputs.contents {
            Contents::Complete(leave_out) => snapshot.revoked(scope, leave_out, &mut visit)?,
            Contents::Since { position, .. } => snapshot.changed(scope, position, &mut visit)?,
        }
        check.finish()?;
        let body = spool.finish(|length| {
            let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
            Ok(parts.around(length))
        });
        let body = body.map_err(CrlError::Spool)?;
        let limit = signature_algorithm
            .digest()
            .map_or(HELD_AT_MOST, |_| u64::MAX);
        if body.length() > limit {
            return Err(CrlError::TooLargeToSign {
                authority: inputs.authority.name.clone(),
                octets: body.length(),
                limit,
            }
            .into());
        }
        let (tbs_sha256, message) = digest(&body, signature_algorithm.digest())?;
        Ok(Self {
            intent: CrlIntent {
                authority: inputs.authority.reference(),
                name: inputs.name,
                number: inputs.number,
                base,
                tbs_sha256,
                entries,
                this_update: inputs.this_update,
                next_update: inputs.next_update,
            },
            position,
            occasion: inputs.occasion,
            body,
            message,
            algorithm,
        })
    }

    /// Takes the number and writes INTENT; waits for the disk.
    pub(crate) fn record(
        self,
        store: &dyn Store,
        at: UnixTime,
        actors: &[String],
    ) -> Result<RecordedCrl, StoreError> {
        store.commit(Change {
            at,
            actors: actors.to_vec(),
            act: Act::IntendCrl(self.intent.clone()),
            mandate: None,
        })?;
        Ok(RecordedCrl(self))
    }
}

/// What stands before and after the entries.
fn encode(
    inputs: &CrlInputs<'_>,
    base: Option<u64>,
    algorithm: &AlgorithmIdentifierOwned,
) -> der::Result<FrameParts> {
    let certificate = &inputs.authority.certificate;
    let key_id = certificate.subject_key_id().map_or_else(
        || pki_crypto::subject_key_identifier(certificate.public_key_bits()).to_vec(),
        |id| id.as_bytes().to_vec(),
    );
    Frame {
        algorithm,
        issuer_der: certificate.subject_der(),
        this_update: inputs.this_update,
        next_update: inputs.next_update,
        extensions: FrameExtensions {
            key_id: &key_id,
            number: inputs.number,
            base,
            distribution_point: inputs.distribution_point,
            freshest: inputs.freshest,
            expired_since: inputs.expired_since,
        },
    }
    .parts()
}

/// SHA-256 for the record, and what the key is given.
fn digest(
    body: &Body,
    wanted: Option<DigestAlgorithm>,
) -> Result<([u8; 32], TbsMessage), CrlError> {
    let mut sha256 = DigestAlgorithm::Sha256.hasher();
    let mut other = wanted
        .filter(|algorithm| *algorithm != DigestAlgorithm::Sha256)
        .map(DigestAlgorithm::hasher);
    let mut bytes = Vec::new();
    body.for_each_chunk(CrlError::Spool, |chunk| {
        sha256.update(chunk);
        if let Some(other) = &mut other {
            other.update(chunk);
        }
        if wanted.is_none() {
            bytes.extend_from_slice(chunk);
        }
        Ok(())
    })?;
    let sha256 = sha256.finish();
    let message = match (wanted, other) {
        (None, _) => TbsMessage::Bytes(bytes),
        (Some(_), Some(other)) => TbsMessage::Digest(other.finish()),
        (Some(_), None) => TbsMessage::Digest(sha256),
    };
    Ok((copy32(sha256.as_bytes()), message))
}
