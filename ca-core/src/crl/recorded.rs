//! A CRL whose number is taken and whose bytes are recorded: the only CRL a CA key signs.

use hsm_pkcs11::SignError;
use pki_asn1::UnixTime;
use pki_crypto::{Digest, Message};
use spki::AlgorithmIdentifierOwned;

use crate::authority::CaKey;
use crate::certificate::assemble;
use crate::issuance::sha256;
use crate::status::CrlView;
use crate::store::{Act, Change, CrlIntent, CrlPublication, Store, StoreError};

/// Recorded to-be-signed bytes of a CRL.
pub(crate) struct RecordedCrl {
    pub(super) intent: CrlIntent,
    pub(super) tbs: Vec<u8>,
    pub(super) digest: Option<Digest>,
    pub(super) algorithm: AlgorithmIdentifierOwned,
}

/// Why a recorded CRL was not published. Its number stays used.
pub(crate) enum CrlFailure {
    Sign(SignError),
    Verify(&'static str),
    Store(StoreError),
}

impl RecordedCrl {
    /// What the key is given: a digest, or the bytes where the algorithm (Ed25519) wants them.
    pub(crate) fn message(&self) -> Message<'_> {
        match &self.digest {
            Some(digest) => Message::Digest(digest),
            None => Message::Bytes(&self.tbs),
        }
    }

    /// Signs, verifies, writes RESULT with the CRL, and releases it with its number of entries.
    pub(crate) fn publish(
        self,
        key: &CaKey,
        store: &dyn Store,
        at: UnixTime,
        actors: &[String],
    ) -> Result<(CrlView, u64), CrlFailure> {
        let signature = key.sign_crl(&self).map_err(CrlFailure::Sign)?;
        key.public_key()
            .verify(key.algorithm(), self.message(), &signature)
            .map_err(|_| CrlFailure::Verify("the CRL's signature does not verify"))?;
        let der = assemble(&self.tbs, &self.algorithm, &signature)
            .map_err(|_| CrlFailure::Verify("the signed CRL cannot be encoded"))?;
        drop(self.tbs);
        let view = CrlView {
            number: self.intent.number,
            this_update: self.intent.this_update,
            next_update: self.intent.next_update,
            der,
        };
        store
            .commit(Change {
                at,
                actors: actors.to_vec(),
                act: Act::PublishCrl(CrlPublication {
                    authority: self.intent.authority,
                    number: view.number,
                    sha256: sha256(&view.der),
                    der: view.der.clone(),
                    this_update: view.this_update,
                    next_update: view.next_update,
                }),
            })
            .map_err(CrlFailure::Store)?;
        Ok((view, self.intent.entries))
    }
}
