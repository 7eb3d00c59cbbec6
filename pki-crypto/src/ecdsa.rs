//! ECDSA with any digest, and on Brainpool curves (FIPS 186-5 section 6.4, RFC 5639).
//!
//! ECDSA sees a digest as a number: the leftmost bits of it, as many as the curve's order has. So a
//! library that knows one digest for each curve makes and verifies signatures with all others, where
//! it is handed that number.

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::signature::hazmat::PrehashVerifier as _;
use ecdsa::{Signature, VerifyingKey};

use crate::digest::{Digest, DigestAlgorithm};
use crate::key_kind::KeyKind;

/// What ECDSA signs for `digest` with a key of this kind, as a digest of the curve's own length:
/// SHA-256 for 256 bits, SHA-384 for 384, SHA-512 for 521. `None` for keys that are no ECDSA keys.
#[must_use]
pub fn native_digest(key: KeyKind, digest: &Digest) -> Option<Digest> {
    let native = match key.ecdsa_field_len()? {
        32 => DigestAlgorithm::Sha256,
        48 => DigestAlgorithm::Sha384,
        _ => DigestAlgorithm::Sha512,
    };
    let len = native.output_len();
    let given = digest.as_bytes();
    let mut number = vec![0; len.saturating_sub(given.len())];
    number.extend_from_slice(&given[..given.len().min(len)]);
    Digest::from_bytes(native, &number)
}

/// Verifies on a Brainpool curve, over what [`native_digest`] gave.
pub(crate) fn verify_brainpool(
    key: KeyKind,
    point: &[u8],
    native: &Digest,
    signature: &[u8],
) -> Result<(), ecdsa::Error> {
    match key {
        KeyKind::BrainpoolP256 => VerifyingKey::<BrainpoolP256r1>::from_sec1_bytes(point)?
            .verify_prehash(native.as_bytes(), &Signature::from_der(signature)?),
        _ => VerifyingKey::<BrainpoolP384r1>::from_sec1_bytes(point)?
            .verify_prehash(native.as_bytes(), &Signature::from_der(signature)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_digest_is_cut_on_the_right_and_a_short_one_filled_on_the_left() {
        let native = |key, digest: DigestAlgorithm| {
            native_digest(key, &digest.digest(b"x")).map(|d| (d.algorithm(), d.to_hex()))
        };
        let long = DigestAlgorithm::Sha3_512.digest(b"x").to_hex();
        assert_eq!(
            native(KeyKind::EcP256, DigestAlgorithm::Sha3_512),
            Some((DigestAlgorithm::Sha256, long[..64].to_owned()))
        );
        let short = DigestAlgorithm::Sha256.digest(b"x").to_hex();
        assert_eq!(
            native(KeyKind::EcP384, DigestAlgorithm::Sha256),
            Some((
                DigestAlgorithm::Sha384,
                format!("{}{short}", "0".repeat(32))
            ))
        );
        assert_eq!(native(KeyKind::Ed25519, DigestAlgorithm::Sha256), None);
    }
}
