//! A CRL whose number is taken and whose digest is recorded: the only CRL a CA key signs.

use std::io;
use std::sync::Arc;

use der::Encode as _;
use der::asn1::BitStringRef;
use hsm_pkcs11::SignError;
use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, Message};

use super::CrlDraft;
use super::draft::TbsMessage;
use super::entry::write_header;
use crate::authority::CaKey;
use crate::issuance::copy32;
use crate::store::{Act, Change, CrlIntent, CrlPublication, Store, StoreError};

/// Recorded to-be-signed bytes of a CRL.
pub(crate) struct RecordedCrl(pub(super) CrlDraft);

/// Why a recorded CRL was not published. Its number stays used.
pub(crate) enum CrlFailure {
    Sign(SignError),
    Verify(&'static str),
    Spool(io::Error),
    Store(StoreError),
}

impl RecordedCrl {
    /// What the key is given: a digest, or the bytes where the algorithm (Ed25519) wants them.
    pub(crate) fn message(&self) -> Message<'_> {
        match &self.0.message {
            TbsMessage::Digest(digest) => Message::Digest(digest),
            TbsMessage::Bytes(tbs) => Message::Bytes(tbs),
        }
    }

    /// Signs, verifies, writes RESULT with the CRL, and thereby releases it.
    pub(crate) fn publish(
        self,
        key: &CaKey,
        store: &dyn Store,
        at: UnixTime,
        actors: &[String],
    ) -> Result<CrlIntent, CrlFailure> {
        let signature = key.sign_crl(&self).map_err(CrlFailure::Sign)?;
        key.public_key()
            .verify(key.algorithm(), self.message(), &signature)
            .map_err(|_| CrlFailure::Verify("the CRL's signature does not verify"))?;
        let CrlDraft {
            intent,
            position,
            occasion,
            mut body,
            algorithm,
            message,
        } = self.0;
        drop(message);
        let after = algorithm.to_der().and_then(|mut after| {
            after.extend(BitStringRef::from_bytes(&signature)?.to_der()?);
            Ok(after)
        });
        let after = after.map_err(|_| CrlFailure::Verify("the signed CRL cannot be encoded"))?;
        let length = usize::try_from(body.length() + after.len() as u64)
            .map_err(|_| CrlFailure::Spool(io::ErrorKind::FileTooLarge.into()))?;
        let mut before = Vec::with_capacity(8);
        write_header(0x30, length, &mut before);
        body.enclose(before, &after);
        let mut sha256 = DigestAlgorithm::Sha256.hasher();
        body.for_each_chunk(CrlFailure::Spool, |chunk| {
            sha256.update(chunk);
            Ok(())
        })?;
        store
            .commit(Change {
                at,
                actors: actors.to_vec(),
                act: Act::PublishCrl(CrlPublication {
                    intent: intent.clone(),
                    position,
                    occasion,
                    body: Arc::new(body),
                    sha256: copy32(sha256.finish().as_bytes()),
                }),
                mandate: None,
            })
            .map_err(CrlFailure::Store)?;
        Ok(intent)
    }
}
