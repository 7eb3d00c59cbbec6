//! Cryptography without private keys: digests, signature algorithms and their identifiers, and the
//! verification of signatures over original bytes.
//!
//! Everything that names an algorithm goes through [`SignatureAlgorithm`] and [`DigestAlgorithm`];
//! everything that checks a signature goes through [`PublicKey::verify`]; until when an algorithm is
//! good enough stands in [`suites`]. Private keys live in `hsm-pkcs11` and nowhere else.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod algorithm;
mod curve;
mod digest;
mod dsa;
mod ecdsa;
mod ed448;
mod key_id;
mod key_kind;
mod pss;
mod public_key;
mod rsa;
pub mod suites;
mod weierstrass;

pub use crate::algorithm::{MlDsa, SignatureAlgorithm, UnsupportedAlgorithm};
pub use crate::curve::Curve;
pub use crate::digest::{Digest, DigestAlgorithm, Hasher};
pub use crate::ecdsa::native_digest;
pub use crate::key_id::{fingerprint, key_hash_sha1, subject_key_identifier};
pub use crate::key_kind::{ForeignKey, KeyKind};
pub use crate::pss::PssParameters;
pub use crate::public_key::{KeyError, Message, PublicKey, VerifyError};
pub use crate::rsa::{emsa_pkcs1, emsa_pss};

/// An OID by its usual name, where it has one.
#[must_use]
pub fn named(oid: &pki_asn1::oid::ObjectIdentifier) -> String {
    pki_asn1::oid::label(oid).map_or_else(|| oid.to_string(), |label| format!("{label} ({oid})"))
}
