//! Identifiers derived from keys and certificates.

use pki_asn1::Certificate;

use crate::digest::{Digest, DigestAlgorithm};

/// The subjectKeyIdentifier Sceau writes: the leftmost 160 bits of the SHA-256 of the
/// subjectPublicKey BIT STRING's value (RFC 7093 section 2, method 1).
#[must_use]
pub fn subject_key_identifier(public_key_bits: &[u8]) -> [u8; 20] {
    let digest = DigestAlgorithm::Sha256.digest(public_key_bits);
    let mut id = [0; 20];
    id.copy_from_slice(&digest.as_bytes()[..20]);
    id
}

/// The `KeyHash` of an OCSP responder identifier: always SHA-1, over the value of the
/// subjectPublicKey BIT STRING (RFC 6960 section 4.2.1).
#[must_use]
pub fn key_hash_sha1(public_key_bits: &[u8]) -> [u8; 20] {
    let digest = DigestAlgorithm::Sha1.digest(public_key_bits);
    let mut id = [0; 20];
    id.copy_from_slice(digest.as_bytes());
    id
}

/// SHA-256 over the whole certificate, which is how people compare certificates.
#[must_use]
pub fn fingerprint(certificate: &Certificate) -> Digest {
    DigestAlgorithm::Sha256.digest(certificate.der())
}
