//! Names of signature algorithms on the command line.

use pki_crypto::{DigestAlgorithm, SignatureAlgorithm};

/// `ecdsa-sha256`, `rsa-sha384`, `rsa-pss-sha512`, `ed25519` and so on.
pub(super) fn parse(name: &str) -> Result<SignatureAlgorithm, String> {
    let digest = |name: &str| match name {
        "sha256" => Some(DigestAlgorithm::Sha256),
        "sha384" => Some(DigestAlgorithm::Sha384),
        "sha512" => Some(DigestAlgorithm::Sha512),
        _ => None,
    };
    let found = if name == "ed25519" {
        Some(SignatureAlgorithm::Ed25519)
    } else if let Some(rest) = name.strip_prefix("ecdsa-") {
        digest(rest).map(SignatureAlgorithm::Ecdsa)
    } else if let Some(rest) = name.strip_prefix("rsa-pss-") {
        digest(rest).map(SignatureAlgorithm::RsaPss)
    } else {
        let rest = name.strip_prefix("rsa-");
        rest.and_then(digest).map(SignatureAlgorithm::RsaPkcs1)
    };
    found.ok_or_else(|| {
        "not one of ecdsa-sha256, rsa-sha256, rsa-pss-sha256 (each also with sha384 and sha512), ed25519".into()
    })
}
