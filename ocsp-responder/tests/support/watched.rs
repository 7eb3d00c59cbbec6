//! A key that is watched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hsm_pkcs11::{Protection, SignError, Signer, SoftwareKey};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use rcgen::KeyPair;

/// Counts signatures, fails when told to, and takes its time when told to, as a key in a token does.
#[derive(Debug)]
pub(crate) struct Watched {
    key: SoftwareKey,
    pub(crate) signatures: AtomicUsize,
    pub(crate) broken: AtomicBool,
    pub(crate) slow: AtomicBool,
}

impl Watched {
    pub(crate) fn new(pair: &KeyPair) -> Arc<Self> {
        Arc::new(Self {
            key: SoftwareKey::from_pkcs8(&pair.serialize_der(), None).unwrap(),
            signatures: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            slow: AtomicBool::new(false),
        })
    }
}

impl Signer for Watched {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(SignError::Library(self.algorithm()));
        }
        if self.slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(200));
        }
        self.signatures.fetch_add(1, Ordering::SeqCst);
        self.key.sign(message)
    }
}
