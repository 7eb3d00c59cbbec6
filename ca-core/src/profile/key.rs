//! Which keys are strong enough (TS 119 312).

use der::Decode;
use der::asn1::UintRef;
use pki_crypto::{KeyKind, PublicKey};

use super::{KeyCurve, Profile};

/// Why `key` must not be certified under `profile`; `None` where it may.
#[must_use]
pub fn weakness(profile: &Profile, key: &PublicKey) -> Option<&'static str> {
    let accepted = &profile.config().key;
    let curve = match key.kind() {
        KeyKind::Rsa { bits } if bits < accepted.minimum_rsa_bits => {
            return Some(
                "RSA under 3000 bits gets no new certificate after 2026 (TS 119 312 V2.1.1 clause 9)",
            );
        }
        KeyKind::Rsa { bits } if bits > 8_192 => {
            return Some("RSA over 8192 bits is not verified by common software");
        }
        KeyKind::Rsa { .. } => return rsa_weakness(key),
        KeyKind::EcP256 => KeyCurve::P256,
        KeyKind::EcP384 => KeyCurve::P384,
        KeyKind::EcP521 => KeyCurve::P521,
        KeyKind::Ed25519 => KeyCurve::Ed25519,
    };
    (!accepted.curves.contains(&curve)).then_some("the profile does not list this curve")
}

#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// An even modulus, or an exponent outside 2^16 < e < 2^256 or even (TS 119 312, FIPS 186-5).
fn rsa_weakness(key: &PublicKey) -> Option<&'static str> {
    let Ok(rsa) = RsaPublicKey::from_der(key.bits()) else {
        return Some("not an RSAPublicKey");
    };
    let odd = |n: &UintRef<'_>| n.as_bytes().last().is_some_and(|b| b & 1 == 1);
    if !odd(&rsa.modulus) {
        return Some("the RSA modulus is even");
    }
    let e = rsa.exponent.as_bytes();
    if !odd(&rsa.exponent) || e.len() < 3 || e.len() > 32 {
        return Some("the RSA exponent is not an odd number between 2^16 and 2^256 (TS 119 312)");
    }
    None
}
