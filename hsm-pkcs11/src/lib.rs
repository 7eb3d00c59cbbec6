//! Where private keys live: the one signing seam of Sceau.
//!
//! A CA, a responder, a TSA and a business all sign through [`Signer`]; PKCS#11 tokens and encrypted
//! key files are its backends. This crate does not know what is being signed.

#![forbid(unsafe_code)]
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
pub use crate::location::KeyLocation;
pub use crate::open::{Hashing, MODULE_VARIABLE, OpenOptions, OpenedKey, Recovery, generate, open};
pub use crate::pin::{PinAttempts, PinError, PinPrompt, PinPurpose, PinRequest, PinSource};
pub use crate::pkcs11::KeyAttributes;
pub use crate::signer::{KeySpec, Protection, SignError, Signer};
pub use crate::software::{SoftwareKey, SoftwareKeyError};
pub use crate::token_error::{FailedCall, TokenError};
pub use crate::uri::{ObjectType, Pkcs11Uri, UriError};
