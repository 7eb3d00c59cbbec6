//! Where private keys live: the one signing seam of Sceau.
//!
//! A CA, a responder, a TSA and a business all sign through [`Signer`]; PKCS#11 tokens and encrypted
//! key files are its backends. This crate does not know what is being signed, and no other crate
//! touches a private key.
//!
//! # One line
//!
//! A key is named by text ([`KeyLocation`]): a path, or a PKCS#11 URI (RFC 7512).
//!
//! ```no_run
//! use hsm_pkcs11::{OpenOptions, PinSource, open};
//! use pki_crypto::Message;
//!
//! let pin = PinSource::Environment("SCEAU_PIN".into());
//! let key = open(&"keys/seal.pem".parse()?, &pin, &OpenOptions::default())?;
//! let signature = key.signer.sign(Message::Bytes(b"to be signed"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same with a token; the module comes from the URI, from [`OpenOptions::module`] or from the
//! environment ([`MODULE_VARIABLE`]), in this order:
//!
//! ```no_run
//! # use hsm_pkcs11::{KeyLocation, OpenOptions, PinSource, open};
//! let location: KeyLocation =
//!     "pkcs11:token=Companies%20CA;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so"
//!         .parse()?;
//! let key = open(&location, &PinSource::File("pin.txt".into()), &OpenOptions::default())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Generating
//!
//! [`generate`] never overwrites. A key file is PKCS#8 under scrypt and AES-256, mode 0600, there
//! completely or not at all, and openssl opens it. A key in a token is sensitive, never extractable
//! and for signing only; the attributes are read back, a key that came out otherwise is destroyed,
//! and [`KeyAttributes`] prints them for the minutes of a key ceremony.
//!
//! ```
//! use hsm_pkcs11::{ErrorKind, KeyLocation, KeySpec, OpenOptions, PinSource, generate};
//!
//! # let dir = tempfile::tempdir()?;
//! let location = KeyLocation::File(dir.path().join("seal.pem"));
//! let pin = PinSource::Value("correct horse battery staple".into());
//! generate(&location, KeySpec::P256, &pin, &OpenOptions::default())?;
//! let again = generate(&location, KeySpec::P256, &pin, &OpenOptions::default());
//! assert_eq!(again.unwrap_err().kind(), ErrorKind::Exists);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The full set
//!
//! A responder signs with several sessions at once. Each has a thread of its own and is opened when
//! the key is; callers wait in a bounded queue, never longer than [`OpenOptions::timeout`]. All keys
//! in a token share one login: the PIN is asked for once.
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use hsm_pkcs11::{
//!     AlgorithmChoice, Hashing, OpenOptions, PinSource, Recovery, SignaturePin, Which, open,
//! };
//! use pki_crypto::{DigestAlgorithm, Message, SignatureAlgorithm};
//!
//! let options = OpenOptions {
//!     algorithm: Some(SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha512)),
//!     choice: AlgorithmChoice::default(),
//!     which: Which::default(),
//!     signature_pin: SignaturePin::Kept,
//!     sessions: 4,
//!     module: Some("/usr/lib/softhsm/libsofthsm2.so".into()),
//!     hashing: Hashing::Outside,
//!     recovery: Recovery::Reopen,
//!     timeout: Duration::from_secs(5),
//! };
//! let pin = PinSource::FirstOf(vec![
//!     PinSource::Environment("SCEAU_PIN".into()),
//!     PinSource::Prompt(Arc::new(|request| {
//!         eprint!("PIN for {}: ", request.subject);
//!         let mut line = String::new(); // a real program reads without echo
//!         std::io::stdin().read_line(&mut line)?;
//!         Ok(line.trim_end().into())
//!     })),
//! ]);
//! let key = open(&"pkcs11:token=OCSP;object=responder".parse()?, &pin, &options)?;
//! // A digest computed over a stream is signed as well.
//! let digest = DigestAlgorithm::Sha512.digest(b"a long document");
//! let signature = key.signer.sign(Message::Digest(&digest))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When a token fails
//!
//! Every failure is a variant of [`TokenError`] with the PKCS#11 function and its return value, a
//! [`kind`](KeyError::kind) for programs and a [`hint`](KeyError::hint) for people. A lost session
//! (reset device, unplugged token, forgotten login) heals without a restart: its worker opens a new
//! one, logs in with the PIN kept in memory for this, finds the key again and tries once more
//! ([`Recovery`]). A PIN that was refused is never sent a second time, and a stored PIN is not spent
//! on a token's last attempt, because tokens lock.
//!
//! # What is read
//!
//! | file | protection |
//! | --- | --- |
//! | PEM or DER `ENCRYPTED PRIVATE KEY` | PBES2 with scrypt or PBKDF2 (HMAC with SHA-256, SHA-384, SHA-512) and AES-CBC |
//! | PKCS#12 | the same, integrity by HMAC or PBMAC1; 3DES and RC2 of older programs, with a warning; DER or BER |
//! | `PRIVATE KEY`, `EC PRIVATE KEY`, `RSA PRIVATE KEY` | none: a warning is logged |
//! | one line, a `pkcs11:` URI without a query | the token's: [`open`] follows the reference ([`KeyReference`]), once |
//!
//! Other encryptions (single DES, RFC 1421, PKCS#8 under 3DES) are refused with the openssl command that
//! converts. Of several keys in a PKCS#12 file, [`Which`] says the one that is meant.
//! Key derivation that would cost a hostile file's reader gigabytes or minutes is refused before it
//! begins. Certificates beside the key are handed back, the key's own first.
//!
//! # Limits
//!
//! Keys that want the PIN for every signature (CKA_ALWAYS_AUTHENTICATE) get it from memory, from a person
//! asked each time ([`SignaturePin`]), or from the token's keypad; with [`Recovery::Fail`], which keeps
//! no PIN, they must be asked. A token that is already logged in by this process does not check the PIN
//! of a second key. Curves are P-256, P-384, P-521 and, in tokens, brainpoolP256r1 and brainpoolP384r1.

// Denied but for one call in `pkcs11/single_part.rs`.
#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod key_file;
mod location;
mod open;
mod pin;
mod pkcs11;
mod signer;
mod software;
mod token_error;
mod uri;

pub use crate::error::{ErrorKind, KeyError};
pub use crate::key_file::{KeyReference, ReferenceError, open_bytes};
pub use crate::location::KeyLocation;
pub use crate::open::{
    Hashing, MODULE_VARIABLE, OpenOptions, OpenedKey, Recovery, SignaturePin, Which, generate, open,
};
pub use crate::pin::{PinAttempts, PinError, PinPrompt, PinPurpose, PinRequest, PinSource};
pub use crate::pkcs11::KeyAttributes;
pub use crate::signer::{
    AlgorithmChoice, ChoiceError, KeySpec, Pace, Protection, RsaPadding, SignError, Signer,
};
pub use crate::software::{SoftwareKey, SoftwareKeyError};
pub use crate::token_error::{FailedCall, TokenError};
pub use crate::uri::{ObjectType, Pkcs11Uri, UriError};
