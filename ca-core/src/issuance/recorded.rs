//! A certificate whose INTENT is on the disk: the only thing a CA key signs.

use hsm_pkcs11::SignError;
use pki_crypto::{PublicKey, SignatureAlgorithm};
use spki::AlgorithmIdentifierOwned;

use super::Signed;
use crate::authority::CaKey;
use crate::store::AuthorityRef;

/// Recorded to-be-signed bytes. It holds the journal's sequence number of its INTENT.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(super) seq: u64,
    pub(super) authority: AuthorityRef,
    pub(super) serial: Vec<u8>,
    pub(super) tbs: Vec<u8>,
    pub(super) tbs_sha256: [u8; 32],
    pub(super) algorithm: AlgorithmIdentifierOwned,
    pub(super) issuer_key: PublicKey,
    pub(super) issuer_algorithm: SignatureAlgorithm,
}

impl Recorded {
    /// The bytes to sign.
    pub(crate) fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// The authority and serial of the INTENT, to close it where signing fails.
    pub(crate) fn reference(&self) -> (AuthorityRef, Vec<u8>) {
        (self.authority.clone(), self.serial.clone())
    }

    /// The journal's sequence number of the INTENT.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Has the CA's key sign.
    pub(crate) fn sign(self, key: &CaKey) -> Result<Signed, SignError> {
        let signature = key.sign_certificate(&self)?;
        Ok(Signed {
            recorded: self,
            signature,
        })
    }
}
