//! Where private keys live: the one signing seam of Sceau.
//!
//! A CA, a responder, a TSA and a business all sign through [`Signer`]; PKCS#11 tokens and encrypted
//! key files are its backends. This crate does not know what is being signed.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod signer;
mod software;

pub use crate::signer::{KeySpec, Protection, SignError, Signer};
pub use crate::software::{SoftwareKey, SoftwareKeyError};
