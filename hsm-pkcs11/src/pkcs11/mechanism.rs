//! Which PKCS#11 mechanism makes which signature, and what goes in and comes out.

use core::ffi::c_ulong;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use der::Encode as _;
use der::asn1::{OctetStringRef, UintRef};
use pki_crypto::{
    Digest, DigestAlgorithm, KeyKind, Message, PssParameters, SignatureAlgorithm, emsa_pkcs1,
    emsa_pss,
};

use crate::open::Hashing;
use crate::signer::SignError;

/// A mechanism with its parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mech {
    Ecdsa,
    EcdsaHash(DigestAlgorithm),
    RsaPkcs,
    RsaPkcsHash(DigestAlgorithm),
    RsaPss(DigestAlgorithm),
    RsaPssHash(DigestAlgorithm),
    /// The bare private operation, with the padding made here.
    RsaX509,
    Eddsa,
}

/// How a key makes its signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    kind: KeyKind,
    algorithm: SignatureAlgorithm,
    mech: Mech,
}

/// Chooses the mechanism for `algorithm` from those the token `offers`.
///
/// # Errors
/// The names of the mechanisms that would do.
pub(super) fn plan(
    kind: KeyKind,
    algorithm: SignatureAlgorithm,
    hashing: Hashing,
    offers: &[MechanismType],
) -> Result<Plan, String> {
    let (raw, whole, bare) = match algorithm {
        SignatureAlgorithm::Ecdsa(d) => (Some(Mech::Ecdsa), Some(Mech::EcdsaHash(d)), None),
        SignatureAlgorithm::RsaPkcs1(d) => (
            Some(Mech::RsaPkcs),
            Some(Mech::RsaPkcsHash(d)),
            Some(Mech::RsaX509),
        ),
        SignatureAlgorithm::RsaPss(d) => (
            Some(Mech::RsaPss(d)),
            Some(Mech::RsaPssHash(d)),
            Some(Mech::RsaX509),
        ),
        SignatureAlgorithm::Ed25519 => (None, Some(Mech::Eddsa), None),
        SignatureAlgorithm::RsaPssWith(_)
        | SignatureAlgorithm::MlDsa(_)
        | SignatureAlgorithm::Dsa(_)
        | SignatureAlgorithm::Ed448 => (None, None, None),
    };
    let candidates = match (hashing, algorithm) {
        (_, SignatureAlgorithm::Ed25519) | (Hashing::InToken, _) => [whole, None, None],
        // With the bare operation the padding is ours as well, but digests travel: better than none.
        (Hashing::Automatic, _) => [raw, bare, whole],
        (Hashing::Outside, _) => [raw, bare, None],
    };
    candidates
        .into_iter()
        .flatten()
        .find(|mech| mech.kind().is_some_and(|kind| offers.contains(&kind)))
        .map(|mech| Plan {
            kind,
            algorithm,
            mech,
        })
        .ok_or_else(|| {
            let candidates = candidates.into_iter().flatten();
            let names: Vec<_> = candidates
                .filter(|mech| mech.kind().is_some())
                .map(Mech::name)
                .collect();
            match names.as_slice() {
                [] => "PKCS#11 has no mechanism for it that is used here".into(),
                names => format!("it needs {}", names.join(" or ")),
            }
        })
}

impl Plan {
    pub(super) fn mech(&self) -> Mech {
        self.mech
    }

    /// What the mechanism takes for `message`.
    pub(super) fn input(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        let algorithm = self.algorithm;
        if let Message::Digest(given) = message {
            match algorithm.digest() {
                Some(expected) if expected == given.algorithm() => {}
                Some(_) => {
                    return Err(SignError::WrongDigest {
                        algorithm,
                        given: given.algorithm(),
                    });
                }
                None => return Err(SignError::DigestNotPossible(algorithm)),
            }
        }
        let digest = |message: Message<'_>| match (message, algorithm.digest()) {
            (Message::Digest(digest), _) => Ok(*digest),
            (Message::Bytes(bytes), Some(d)) => Ok(d.digest(bytes)),
            (Message::Bytes(_), None) => Err(SignError::Library(algorithm)),
        };
        match self.mech {
            // Some tokens refuse a digest that is longer than the curve, others cut it: cut here.
            Mech::Ecdsa => {
                let digest = digest(message)?;
                let bytes = digest.as_bytes();
                let field = self.kind.ecdsa_field_len().unwrap_or(bytes.len());
                Ok(bytes[..bytes.len().min(field)].to_vec())
            }
            Mech::RsaPss(_) => Ok(digest(message)?.as_bytes().to_vec()),
            Mech::RsaPkcs => {
                digest_info(&digest(message)?).map_err(|_| SignError::Library(algorithm))
            }
            Mech::RsaX509 => self
                .padded(&digest(message)?)
                .ok_or(SignError::Library(algorithm)),
            Mech::EcdsaHash(_) | Mech::RsaPkcsHash(_) | Mech::RsaPssHash(_) | Mech::Eddsa => {
                match message {
                    Message::Bytes(bytes) => Ok(bytes.to_vec()),
                    Message::Digest(_) => Err(SignError::DigestNotPossible(algorithm)),
                }
            }
        }
    }

    /// The encoded message of RSA, as long as the modulus.
    fn padded(&self, digest: &Digest) -> Option<Vec<u8>> {
        let KeyKind::Rsa { bits } = self.kind else {
            return None;
        };
        match self.algorithm {
            SignatureAlgorithm::RsaPss(d) => {
                let mut salt = vec![0; d.output_len()];
                SystemRandom::new().fill(&mut salt).ok()?;
                emsa_pss(PssParameters::usual(d), digest, bits, &salt)
            }
            _ => emsa_pkcs1(digest, bits.div_ceil(8) as usize),
        }
    }

    /// The signature as X.509 and CMS carry it, from what the mechanism returned; `None` where that
    /// cannot be a signature of such a key.
    pub(super) fn output(&self, raw: Vec<u8>) -> Option<Vec<u8>> {
        match (self.algorithm, self.kind) {
            (SignatureAlgorithm::Ecdsa(_), kind) => ecdsa_der(&raw, kind.ecdsa_field_len()?),
            (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => Some(raw).filter(|s| s.len() == 64),
            (
                SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_),
                KeyKind::Rsa { bits },
            ) => Some(raw).filter(|s| s.len() == bits.div_ceil(8) as usize),
            _ => None,
        }
    }
}

impl Mech {
    /// The mechanism's type; `None` where PKCS#11 has none for the digest.
    fn kind(self) -> Option<MechanismType> {
        use DigestAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
        Some(match self {
            Self::Ecdsa => MechanismType::ECDSA,
            Self::EcdsaHash(Sha1) => MechanismType::ECDSA_SHA1,
            Self::EcdsaHash(Sha224) => MechanismType::ECDSA_SHA224,
            Self::EcdsaHash(Sha256) => MechanismType::ECDSA_SHA256,
            Self::EcdsaHash(Sha384) => MechanismType::ECDSA_SHA384,
            Self::EcdsaHash(Sha512) => MechanismType::ECDSA_SHA512,
            Self::RsaPkcs => MechanismType::RSA_PKCS,
            Self::RsaPkcsHash(Sha1) => MechanismType::SHA1_RSA_PKCS,
            Self::RsaPkcsHash(Sha224) => MechanismType::SHA224_RSA_PKCS,
            Self::RsaPkcsHash(Sha256) => MechanismType::SHA256_RSA_PKCS,
            Self::RsaPkcsHash(Sha384) => MechanismType::SHA384_RSA_PKCS,
            Self::RsaPkcsHash(Sha512) => MechanismType::SHA512_RSA_PKCS,
            Self::RsaPss(d) => {
                pss(d)?;
                MechanismType::RSA_PKCS_PSS
            }
            Self::RsaPssHash(Sha1) => MechanismType::SHA1_RSA_PKCS_PSS,
            Self::RsaPssHash(Sha256) => MechanismType::SHA256_RSA_PKCS_PSS,
            Self::RsaPssHash(Sha384) => MechanismType::SHA384_RSA_PKCS_PSS,
            Self::RsaPssHash(Sha512) => MechanismType::SHA512_RSA_PKCS_PSS,
            Self::RsaX509 => MechanismType::RSA_X_509,
            Self::Eddsa => MechanismType::EDDSA,
            Self::EcdsaHash(_) | Self::RsaPkcsHash(_) | Self::RsaPssHash(_) => return None,
        })
    }

    /// As the binding wants it; `None` where PKCS#11 has none for the digest.
    pub(super) fn mechanism(self) -> Option<Mechanism<'static>> {
        use DigestAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
        Some(match self {
            Self::Ecdsa => Mechanism::Ecdsa,
            Self::EcdsaHash(Sha1) => Mechanism::EcdsaSha1,
            Self::EcdsaHash(Sha224) => Mechanism::EcdsaSha224,
            Self::EcdsaHash(Sha256) => Mechanism::EcdsaSha256,
            Self::EcdsaHash(Sha384) => Mechanism::EcdsaSha384,
            Self::EcdsaHash(Sha512) => Mechanism::EcdsaSha512,
            Self::RsaPkcs => Mechanism::RsaPkcs,
            Self::RsaPkcsHash(Sha1) => Mechanism::Sha1RsaPkcs,
            Self::RsaPkcsHash(Sha224) => Mechanism::Sha224RsaPkcs,
            Self::RsaPkcsHash(Sha256) => Mechanism::Sha256RsaPkcs,
            Self::RsaPkcsHash(Sha384) => Mechanism::Sha384RsaPkcs,
            Self::RsaPkcsHash(Sha512) => Mechanism::Sha512RsaPkcs,
            Self::RsaPss(d) => Mechanism::RsaPkcsPss(pss(d)?),
            Self::RsaPssHash(d @ Sha1) => Mechanism::Sha1RsaPkcsPss(pss(d)?),
            Self::RsaPssHash(d @ Sha256) => Mechanism::Sha256RsaPkcsPss(pss(d)?),
            Self::RsaPssHash(d @ Sha384) => Mechanism::Sha384RsaPkcsPss(pss(d)?),
            Self::RsaPssHash(d @ Sha512) => Mechanism::Sha512RsaPkcsPss(pss(d)?),
            Self::RsaX509 => Mechanism::RsaX509,
            Self::Eddsa => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)),
            Self::EcdsaHash(_) | Self::RsaPkcsHash(_) | Self::RsaPssHash(_) => return None,
        })
    }

    fn name(self) -> String {
        let sha = |d: DigestAlgorithm| d.name().replace('-', "");
        match self {
            Self::Ecdsa => "CKM_ECDSA".into(),
            Self::EcdsaHash(d) => format!("CKM_ECDSA_{}", sha(d)),
            Self::RsaPkcs => "CKM_RSA_PKCS".into(),
            Self::RsaPkcsHash(d) => format!("CKM_{}_RSA_PKCS", sha(d)),
            Self::RsaPss(_) => "CKM_RSA_PKCS_PSS".into(),
            Self::RsaPssHash(d) => format!("CKM_{}_RSA_PKCS_PSS", sha(d)),
            Self::RsaX509 => "CKM_RSA_X_509".into(),
            Self::Eddsa => "CKM_EDDSA".into(),
        }
    }
}

/// RSASSA-PSS with MGF1 over the same digest and a salt as long as the digest.
fn pss(digest: DigestAlgorithm) -> Option<PkcsPssParams> {
    let (hash_alg, mgf) = match digest {
        DigestAlgorithm::Sha1 => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        DigestAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        DigestAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        DigestAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        _ => return None,
    };
    Some(PkcsPssParams {
        hash_alg,
        mgf,
        s_len: c_ulong::from(digest.output_len() as u32).into(),
    })
}

/// `DigestInfo` (RFC 8017 section 9.2 step 2), which CKM_RSA_PKCS pads and signs.
fn digest_info(digest: &Digest) -> der::Result<Vec<u8>> {
    #[derive(der::Sequence)]
    struct DigestInfo<'a> {
        digest_algorithm: spki::AlgorithmIdentifierOwned,
        digest: &'a OctetStringRef,
    }
    DigestInfo {
        digest_algorithm: digest.algorithm().identifier_with_null(),
        digest: OctetStringRef::new(digest.as_bytes())?,
    }
    .to_der()
}

/// `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3) from the two halves PKCS#11 returns. Tokens that
/// shorten them do so equally.
fn ecdsa_der(raw: &[u8], field_len: usize) -> Option<Vec<u8>> {
    #[derive(der::Sequence)]
    struct EcdsaSigValue<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }
    if raw.is_empty() || !raw.len().is_multiple_of(2) || raw.len() > 2 * field_len {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let zero = |half: &[u8]| half.iter().all(|b| *b == 0);
    if zero(r) || zero(s) {
        return None;
    }
    EcdsaSigValue {
        r: UintRef::new(r).ok()?,
        s: UintRef::new(s).ok()?,
    }
    .to_der()
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);

    #[test]
    fn halves_with_a_high_bit_or_leading_zeros_stay_positive_and_minimal() {
        let der = |r: &[u8], s: &[u8]| ecdsa_der(&[r, s].concat(), 4).map(hex::encode);
        assert_eq!(
            der(&[0x80, 0, 0, 1], &[0, 0, 0, 2]).as_deref(),
            Some("300a02050080000001020102")
        );
        assert_eq!(der(&[0, 0], &[1, 1]), None);
        assert_eq!(ecdsa_der(&[1, 2, 3], 4), None);
        assert_eq!(ecdsa_der(&[], 4), None);
        assert_eq!(ecdsa_der(&[1; 10], 4), None);
    }

    #[test]
    fn a_token_without_the_mechanism_is_told_apart() {
        let plan_for =
            |hashing, offers: &[MechanismType]| plan(KeyKind::EcP256, P256, hashing, offers);
        let both = [MechanismType::ECDSA, MechanismType::ECDSA_SHA256];
        assert_eq!(
            plan_for(Hashing::Automatic, &both).unwrap().mech(),
            Mech::Ecdsa
        );
        assert_eq!(
            plan_for(Hashing::InToken, &both).unwrap().mech(),
            Mech::EcdsaHash(DigestAlgorithm::Sha256)
        );
        assert_eq!(
            plan_for(Hashing::Automatic, &both[1..]).unwrap().mech(),
            Mech::EcdsaHash(DigestAlgorithm::Sha256)
        );
        assert_eq!(
            plan_for(Hashing::Automatic, &[]).unwrap_err(),
            "it needs CKM_ECDSA or CKM_ECDSA_SHA256"
        );
        assert_eq!(
            plan_for(Hashing::Outside, &both[1..]).unwrap_err(),
            "it needs CKM_ECDSA"
        );
    }

    #[test]
    fn a_digest_for_a_token_that_hashes_itself_is_refused() {
        let plan = plan(
            KeyKind::EcP256,
            P256,
            Hashing::InToken,
            &[MechanismType::ECDSA_SHA256],
        )
        .unwrap();
        let digest = DigestAlgorithm::Sha256.digest(b"x");
        assert!(matches!(
            plan.input(Message::Digest(&digest)),
            Err(SignError::DigestNotPossible(_))
        ));
    }

    #[test]
    fn another_digest_than_the_algorithms_is_refused() {
        let plan = plan(
            KeyKind::EcP256,
            P256,
            Hashing::Automatic,
            &[MechanismType::ECDSA],
        )
        .unwrap();
        let digest = DigestAlgorithm::Sha384.digest(b"x");
        assert!(matches!(
            plan.input(Message::Digest(&digest)),
            Err(SignError::WrongDigest { .. })
        ));
    }

    #[test]
    fn digest_info_has_the_prefix_of_rfc_8017() {
        let digest = DigestAlgorithm::Sha256.digest(b"x");
        let info = digest_info(&digest).unwrap();
        let prefix = "3031300d060960864801650304020105000420";
        assert_eq!(hex::encode(&info[..19]), prefix);
        assert_eq!(&info[19..], digest.as_bytes());
    }
}
