//! The signature that stands in for the CA's while a certificate is linted: of the same shape and
//! length, made by a key that is thrown away, and worthless.

use std::sync::OnceLock;

use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_crypto::{KeyKind, Message, PublicKey, SignatureAlgorithm};

/// A signature value of the shape that `algorithm` gives one by a key like `issuer_key`. For curves
/// a throw-away key has signed once in this process; an RSA signature is any number below the
/// modulus, and generating an RSA key for it would take longer than everything else.
pub(crate) fn throw_away_signature(
    algorithm: SignatureAlgorithm,
    issuer_key: &PublicKey,
) -> Vec<u8> {
    static SIGNATURES: [OnceLock<Vec<u8>>; 4] = [const { OnceLock::new() }; 4];
    let slot = match issuer_key.kind() {
        KeyKind::Rsa { bits } => return vec![1; bits.div_ceil(8) as usize],
        KeyKind::EcP256 => 0,
        KeyKind::EcP384 => 1,
        KeyKind::EcP521 => 2,
        KeyKind::Ed25519 => 3,
        KeyKind::BrainpoolP256
        | KeyKind::BrainpoolP384
        | KeyKind::MlDsa(_)
        | KeyKind::Foreign(_) => {
            return vec![1; issuer_key.kind().max_signature_len()];
        }
    };
    let spec = KeySpec {
        kind: issuer_key.kind(),
        algorithm,
    };
    let sign = || {
        let key = SoftwareKey::generate(spec).ok()?;
        key.sign(Message::Bytes(b"linted, not signed")).ok()
    };
    // Where no key can be made, the linter finds that this is no signature, and nothing is issued.
    SIGNATURES[slot]
        .get_or_init(|| sign().unwrap_or_default())
        .clone()
}
