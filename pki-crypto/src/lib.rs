//! Cryptography without private keys: digests, signature algorithms and their identifiers, and the
//! verification of signatures over original bytes.
//!
//! Everything that names an algorithm goes through [`SignatureAlgorithm`] and [`DigestAlgorithm`];
//! everything that checks a signature goes through [`PublicKey::verify`]. Private keys live in
//! `hsm-pkcs11` and nowhere else.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod algorithm;
mod digest;
mod key_id;
mod public_key;

pub use crate::algorithm::{SignatureAlgorithm, UnsupportedAlgorithm};
pub use crate::digest::{Digest, DigestAlgorithm, Hasher};
pub use crate::key_id::{fingerprint, key_hash_sha1, subject_key_identifier};
pub use crate::public_key::{KeyError, KeyKind, Message, PublicKey, VerifyError};
