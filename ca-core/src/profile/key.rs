//! Which keys are strong enough, and until when (TS 119 312).

use der::Decode;
use der::asn1::UintRef;
use pki_asn1::{UnixTime, oid};
use pki_crypto::{KeyKind, PublicKey};
use spki::SubjectPublicKeyInfoRef;

use super::algorithm::{Algorithm, CLAUSE, Date, LARGEST_RSA};
use super::{KeyCurve, Profile};

/// Why a key cannot be certified for this period.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{label} keys {what} {end}, and {now} ({clause})")]
pub struct AlgorithmEnd {
    label: String,
    what: &'static str,
    end: Date,
    now: String,
    clause: &'static str,
}

impl AlgorithmEnd {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some("use a key that lasts, such as P-256, P-384 or RSA with 3072 bits".into())
    }
}

impl Profile {
    /// Whether `key` may be certified from `not_before` to `not_after`: by the dated table, and by
    /// the profile's own earlier ends.
    ///
    /// # Errors
    /// The end that comes too early.
    pub fn check_algorithm_end(
        &self,
        key: &PublicKey,
        not_before: UnixTime,
        not_after: UnixTime,
    ) -> Result<(), AlgorithmEnd> {
        // Keys without a row are refused by `weakness`.
        let Some(row) = Algorithm::of(key.kind()) else {
            return Ok(());
        };
        let label = match key.kind() {
            KeyKind::Rsa { bits } => format!("{} {bits}", row.label),
            _ => row.label.to_owned(),
        };
        let late = |end: Option<Date>, at: UnixTime| end.filter(|end| at > end.end());
        let refused = |what, end, now, clause| {
            Err(AlgorithmEnd {
                label: label.clone(),
                what,
                end,
                now,
                clause,
            })
        };
        if let Some(end) = late(row.last_issuance, not_before) {
            let now = format!("this one would begin on {not_before}");
            return refused("get no new certificate after", end, now, CLAUSE);
        }
        let until = format!("this certificate would end on {not_after}");
        if let Some(end) = late(row.last_validity, not_after) {
            return refused(
                "have no certificate that is valid after",
                end,
                until,
                CLAUSE,
            );
        }
        let own = self.config().key.ends.get(&row.algorithm).copied();
        if let Some(end) = late(own, not_after) {
            let what = "have no certificate of this profile that is valid after";
            return refused(what, end, until, "key.ends of the profile");
        }
        Ok(())
    }
}

/// Why `key` must not be certified under `profile`, whenever; `None` where it may.
#[must_use]
pub fn weakness(profile: &Profile, key: &PublicKey) -> Option<String> {
    if let Some(reason) = irregularity(key) {
        return Some(reason.to_owned());
    }
    let accepted = &profile.config().key;
    let curve = match key.kind() {
        KeyKind::Rsa { bits } => {
            return match accepted.minimum_rsa_bits {
                None => Some("the profile takes no RSA key".to_owned()),
                Some(minimum) if bits < minimum => Some(format!(
                    "its modulus has {bits} bits, and the profile's minimum-rsa-bits is {minimum} (TS 119 312 V2.1.1 clause 8.4)"
                )),
                Some(_) if bits > LARGEST_RSA => Some(format!(
                    "its modulus has {bits} bits, and over {LARGEST_RSA} common software does not verify"
                )),
                Some(_) => rsa_weakness(key).map(str::to_owned),
            };
        }
        KeyKind::EcP256 => KeyCurve::P256,
        KeyKind::EcP384 => KeyCurve::P384,
        KeyKind::EcP521 => KeyCurve::P521,
        KeyKind::Ed25519 => KeyCurve::Ed25519,
        kind @ (KeyKind::BrainpoolP256
        | KeyKind::BrainpoolP384
        | KeyKind::MlDsa(_)
        | KeyKind::Foreign(_)) => {
            return Some(format!("no profile takes {kind} keys"));
        }
    };
    (!accepted.curves.contains(&curve)).then(|| "the profile does not list this curve".to_owned())
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

    #[test]
    fn a_key_is_certified_until_its_algorithm_ends_and_not_a_second_longer() {
        let seal = include_str!("../../profiles/company-seal.toml");
        let text = seal.replace("minimum-rsa-bits = 3072", "minimum-rsa-bits = 2048")
            + "\n[key.ends]\np256 = \"2027-06-30\"\n";
        let profile = Profile::parse(&text).unwrap();
        let time = |s: &str| s.parse::<UnixTime>().unwrap();
        let rsa = pki_asn1::pem::blocks(RSA_2048.as_bytes()).unwrap();
        let rsa = PublicKey::from_spki_der(&rsa[0].der).unwrap();
        assert_eq!(weakness(&profile, &rsa), None);
        let check = |key: &PublicKey, from: &str, to: &str| {
            let checked = profile.check_algorithm_end(key, time(from), time(to));
            checked.map_err(|e| e.to_string())
        };
        // Clause 8.4, on both of its days.
        let (last, after) = ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z");
        assert_eq!(check(&rsa, last, "2028-12-31T23:59:59Z"), Ok(()));
        let error = check(&rsa, after, "2027-02-01T00:00:00Z").unwrap_err();
        assert!(
            error.contains("no new certificate after 2026-12-31"),
            "{error}"
        );
        assert!(error.contains("TS 119 312 V2.1.1 clause 8.4"), "{error}");
        let error = check(&rsa, last, "2029-01-01T00:00:00Z").unwrap_err();
        assert!(error.contains("valid after 2028-12-31"), "{error}");
        // The profile's own, earlier end.
        let p256 = SoftwareKey::generate(KeySpec::P256).unwrap();
        let p256 = p256.public_key();
        assert_eq!(check(p256, after, "2027-06-30T23:59:59Z"), Ok(()));
        let error = check(p256, last, "2027-07-01T00:00:00Z").unwrap_err();
        assert!(error.contains("key.ends of the profile"), "{error}");
        let p384 = SoftwareKey::generate(KeySpec::P384).unwrap();
        assert_eq!(
            check(p384.public_key(), last, "2099-01-01T00:00:00Z"),
            Ok(())
        );
    }

    /// No key of this size is made any more; this public half was made by OpenSSL.
    const RSA_2048: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArDDOjvT1JktArp3NNB1R
mzfX5+wxmhdwXRcDO4u6haayGxVexLgPV1+Jx4apPyYU9GOjLghSO4bBVD2XwpOo
KbOqZEWZIx0sLD5BJvT/U5BLvSLOkL1TnXoPZFzgr72gZwosLa9t+v+ltYP4z3KO
mlTVfFrtdC7qbqpNI2ZcuuRWBpDraMr0PV0M6GdHGjKPa/bUtt/KNoOWScAo+vfk
bFDjYd5jZaBbMTWLom+Equ3eGwh1oJNXl5yxhFpM4n8yzM3F/ixlVYndykayVoaG
TpNhKfyqplEG+4MPLK9YfnoHV6d8jivny3pGLjqJBeyq07F9/4v7mIRlFa7ScrTX
kwIDAQAB
-----END PUBLIC KEY-----
";
}
