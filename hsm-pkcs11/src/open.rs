//! From a key's name to something that signs.

use core::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pki_crypto::{KeyKind, PublicKey, SignatureAlgorithm};

use crate::error::KeyError;
use crate::key_file;
use crate::location::KeyLocation;
use crate::pin::PinSource;
use crate::pkcs11::KeyAttributes;
use crate::signer::{AlgorithmChoice, ChoiceError, KeySpec, Signer};

/// The environment variable that names the PKCS#11 module where neither the URI nor
/// [`OpenOptions::module`] does.
pub const MODULE_VARIABLE: &str = "SCEAU_PKCS11_MODULE";

/// How to open or generate a key. Start from [`Default`], which suits a program that signs now and
/// then.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// What the key signs with; `None` leaves it to the key
    /// ([`KeySpec::default_algorithm`]). Ignored when a key is generated: the [`KeySpec`] says it.
    pub algorithm: Option<SignatureAlgorithm>,
    /// What is chosen where `algorithm` is `None`, for a key whose kind is not known before it is open.
    pub choice: AlgorithmChoice,
    /// Which key, where a file or a token has several that would do.
    pub which: Which,
    /// Where the PIN comes from for a key in a token that wants it for every signature.
    pub signature_pin: SignaturePin,
    /// How many sessions sign at the same time in a token, each on its own thread; at least 1.
    /// Ignored for key files.
    pub sessions: usize,
    /// The PKCS#11 module for URIs that name none; before [`MODULE_VARIABLE`].
    pub module: Option<PathBuf>,
    /// Where messages are hashed for a token.
    pub hashing: Hashing,
    /// What to do when a token's session is lost.
    pub recovery: Recovery,
    /// How long one signature in a token may take, waiting included.
    pub timeout: Duration,
}

/// Where messages are hashed before a token signs them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Hashing {
    /// Here, where the token offers the raw mechanism, because only the digest then travels to the
    /// token; in the token, where it offers nothing else.
    #[default]
    Automatic,
    /// Here: CKM_ECDSA, CKM_RSA_PKCS with the DigestInfo made here, CKM_RSA_PKCS_PSS.
    Outside,
    /// In the token: CKM_ECDSA_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS and so on. Such
    /// a key cannot sign a digest computed over a stream.
    InToken,
}

/// Which of several keys.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// The key's public half, from its certificate, say. A key in a token that does not tell its public
    /// half is believed to be this one, and each of its signatures is verified.
    pub public_key: Option<PublicKey>,
    /// The friendlyName of the key in a PKCS#12 file.
    pub name: Option<String>,
}

/// Where the PIN comes from for a key that wants it for every signature (CKA_ALWAYS_AUTHENTICATE). Other
/// keys do not ask.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SignaturePin {
    /// The PIN of the login is kept and used again.
    #[default]
    Kept,
    /// The source of the PIN is asked before each signature: a person, if it is a prompt.
    Asked,
}

/// What to do when a token's session is lost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Recovery {
    /// Reopen it, log in again with the PIN, which is kept in memory for this, find the key again
    /// and try once more.
    #[default]
    Reopen,
    /// Fail until the key is opened again. No PIN is kept.
    Fail,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            algorithm: None,
            choice: AlgorithmChoice::default(),
            which: Which::default(),
            signature_pin: SignaturePin::default(),
            sessions: 1,
            module: None,
            hashing: Hashing::default(),
            recovery: Recovery::default(),
            timeout: Duration::from_secs(30),
        }
    }
}

impl OpenOptions {
    /// What a key of this kind signs with.
    pub(crate) fn algorithm_of(&self, kind: KeyKind) -> Result<SignatureAlgorithm, ChoiceError> {
        self.algorithm
            .map_or_else(|| self.choice.algorithm(kind), Ok)
    }
}

/// A key that is ready to sign.
pub struct OpenedKey {
    /// The key.
    pub signer: Arc<dyn Signer>,
    /// Certificates (DER) found beside it, the key's own first where one is.
    pub certificates: Vec<Vec<u8>>,
    /// What the token says about the key's protection; `None` for key files.
    pub attributes: Option<KeyAttributes>,
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
