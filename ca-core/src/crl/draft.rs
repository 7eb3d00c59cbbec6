//! A CRL put together from the record, before its number is taken.

use pki_asn1::UnixTime;
use pki_crypto::{Digest, DigestAlgorithm};
use spki::AlgorithmIdentifierOwned;

use super::RecordedCrl;
use super::encode::{Frame, entry};
use crate::authority::{Authority, CaKey};
use crate::error::CaError;
use crate::issuance::sha256;
use crate::store::{Act, Change, CrlIntent, Store, StoreError};

/// What a CRL is made from.
pub(crate) struct CrlInputs<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) key: &'a CaKey,
    pub(crate) number: u64,
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: UnixTime,
}

/// To-be-signed bytes of a CRL with their digest for the signer.
pub(crate) struct CrlDraft {
    intent: CrlIntent,
    tbs: Vec<u8>,
    digest: Option<Digest>,
    algorithm: AlgorithmIdentifierOwned,
}

impl CrlDraft {
    /// Encodes all revocations of the authority.
    pub(crate) fn prepare(store: &dyn Store, inputs: &CrlInputs<'_>) -> Result<Self, CaError> {
        let failed = CaError::encoding("the CRL");
        let signature_algorithm = inputs.key.algorithm();
        let algorithm = signature_algorithm
            .to_identifier()
            .map_err(CaError::Algorithm)?;
        let certificate = &inputs.authority.certificate;
        let key_id = certificate.subject_key_id().map_or_else(
            || pki_crypto::subject_key_identifier(certificate.public_key_bits()).to_vec(),
            |id| id.as_bytes().to_vec(),
        );
        let frame = Frame {
            algorithm: &algorithm,
            issuer_der: certificate.subject_der(),
            this_update: inputs.this_update,
            next_update: inputs.next_update,
            number: inputs.number,
            key_id: &key_id,
        };
        let mut encoded = Ok(());
        let mut entries = 0_u64;
        let mut tbs = Vec::new();
        store
            .revoked(inputs.authority.id, &mut |snapshot| {
                let mut stop = |e| {
                    encoded = Err(e);
                    StoreError::Interrupted
                };
                let mut scratch = Vec::with_capacity(96);
                let mut length = 0;
                snapshot.for_each(&mut |revoked| {
                    scratch.clear();
                    entry(&revoked, &mut scratch).map_err(&mut stop)?;
                    length += scratch.len();
                    entries += 1;
                    Ok(())
                })?;
                let (front, tail) = frame.around(length).map_err(&mut stop)?;
                tbs.reserve_exact(front.len() + length + tail.len());
                tbs.extend(front);
                snapshot.for_each(&mut |revoked| entry(&revoked, &mut tbs).map_err(&mut stop))?;
                tbs.extend(tail);
                Ok(())
            })
            .or_else(|e| match e {
                StoreError::Interrupted => Ok(()),
                other => Err(other),
            })?;
        encoded.map_err(failed)?;
        let digest = signature_algorithm.digest().map(|d| d.digest(&tbs));
        let tbs_sha256 = match &digest {
            Some(d) if d.algorithm() == DigestAlgorithm::Sha256 => {
                crate::issuance::copy32(d.as_bytes())
            }
            _ => sha256(&tbs),
        };
        Ok(Self {
            intent: CrlIntent {
                authority: inputs.authority.reference(),
                number: inputs.number,
                tbs_sha256,
                entries,
                this_update: inputs.this_update,
                next_update: inputs.next_update,
            },
            tbs,
            digest,
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
        })?;
        Ok(RecordedCrl {
            intent: self.intent,
            tbs: self.tbs,
            digest: self.digest,
            algorithm: self.algorithm,
        })
    }
}
