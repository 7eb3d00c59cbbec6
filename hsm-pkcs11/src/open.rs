//! From a key's name to something that signs.

use core::fmt;
use std::sync::Arc;

use pki_crypto::SignatureAlgorithm;

use crate::error::KeyError;
use crate::key_file;
use crate::location::KeyLocation;
use crate::pin::PinSource;
use crate::signer::{KeySpec, Signer};

/// How to open or generate a key. Start from [`Default`], which suits a program that signs now and
/// then.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// What the key signs with; `None` leaves it to the key
    /// ([`KeySpec::default_algorithm`]). Ignored when a key is generated: the [`KeySpec`] says it.
    pub algorithm: Option<SignatureAlgorithm>,
    /// How many sessions sign at the same time in a token, each on its own thread; at least 1.
    /// Ignored for key files.
    pub sessions: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            algorithm: None,
            sessions: 1,
        }
    }
}

/// A key that is ready to sign.
pub struct OpenedKey {
    /// The key.
    pub signer: Arc<dyn Signer>,
    /// Certificates (DER) found beside it, the key's own first where one is.
    pub certificates: Vec<Vec<u8>>,
}

impl fmt::Debug for OpenedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedKey")
            .field("signer", &self.signer)
            .field("certificates", &self.certificates.len())
            .finish()
    }
}

/// Opens the key at `location`.
///
/// # Errors
/// See [`KeyError`]; a wrong PIN is never tried twice.
pub fn open(
    location: &KeyLocation,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    match location {
        KeyLocation::File(path) => key_file::open(path, pin, options),
        KeyLocation::Pkcs11(uri) => crate::pkcs11::open(uri, pin, options),
    }
}

/// Generates a key at `location`. Never overwrites.
///
/// # Errors
/// See [`KeyError`]; [`crate::ErrorKind::Exists`] where there is a key already.
pub fn generate(
    location: &KeyLocation,
    spec: KeySpec,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    match location {
        KeyLocation::File(path) => key_file::generate(path, spec, pin),
        KeyLocation::Pkcs11(uri) => crate::pkcs11::generate(uri, spec, pin, options),
    }
}
