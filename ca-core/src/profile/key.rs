//! Which keys are strong enough (TS 119 312).

use der::Decode;
use der::asn1::UintRef;
use pki_asn1::oid;
use pki_crypto::{KeyKind, PublicKey};
use spki::SubjectPublicKeyInfoRef;

use super::{KeyCurve, Profile};

/// Why `key` must not be certified under `profile`; `None` where it may.
#[must_use]
pub fn weakness(profile: &Profile, key: &PublicKey) -> Option<&'static str> {
    if let Some(reason) = irregularity(key) {
        return Some(reason);
    }
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

/// Algorithm parameters other than those the key's RFC prescribes: the certificate would carry
/// whatever an applicant put there (RFC 3279 section 2.3.1, RFC 8410 section 3).
fn irregularity(key: &PublicKey) -> Option<&'static str> {
    let Ok(spki) = SubjectPublicKeyInfoRef::from_der(key.spki_der()) else {
        return Some("not a SubjectPublicKeyInfo");
    };
    let parameters = spki.algorithm.parameters;
    match key.kind() {
        KeyKind::Rsa { .. } if spki.algorithm.oid != oid::RSA_ENCRYPTION => {
            Some("an RSA key is certified as rsaEncryption, which most software expects")
        }
        KeyKind::Rsa { .. } if parameters.is_none_or(|p| !p.is_null() || !p.value().is_empty()) => {
            Some("the parameters of rsaEncryption are not NULL (RFC 3279 section 2.3.1)")
        }
        KeyKind::Ed25519 if parameters.is_some() => {
            Some("Ed25519 has no parameters (RFC 8410 section 3)")
        }
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::{AnyRef, BitStringRef, Utf8StringRef};
    use der::{Encode as _, Tag};
    use hsm_pkcs11::{KeySpec, Signer as _, SoftwareKey};
    use spki::AlgorithmIdentifier;

    fn with_parameters(key: &PublicKey, parameters: Option<AnyRef<'_>>) -> PublicKey {
        let old = SubjectPublicKeyInfoRef::from_der(key.spki_der()).unwrap();
        let spki = spki::SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier {
                oid: old.algorithm.oid,
                parameters,
            },
            subject_public_key: BitStringRef::from_bytes(key.bits()).unwrap(),
        };
        PublicKey::from_spki_der(&spki.to_der().unwrap()).unwrap()
    }

    #[test]
    fn an_applicant_cannot_smuggle_text_into_a_certificate_beside_the_key() {
        let built_in = super::super::built_in().unwrap();
        let seal = built_in
            .iter()
            .find(|p| p.name() == "company-seal")
            .unwrap();
        let text = Utf8StringRef::new("vote for me").unwrap();
        let null = AnyRef::new(Tag::Null, &[]).unwrap();
        for (spec, right) in [(KeySpec::RSA3072, Some(null)), (KeySpec::ED25519, None)] {
            let key = SoftwareKey::generate(spec).unwrap();
            let key = key.public_key();
            assert_eq!(irregularity(key), None);
            assert_eq!(irregularity(&with_parameters(key, right)), None);
            let smuggled = with_parameters(key, Some(AnyRef::from(text)));
            assert!(weakness(seal, &smuggled).is_some());
        }
    }
}
