//! Private keys in this process's memory.

use core::fmt;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, Ed25519KeyPair, KeyPair, PqdsaKeyPair, RsaKeyPair,
};
use pkcs8::PrivateKeyInfoRef;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::suites::Retired;
use pki_crypto::{DigestAlgorithm, KeyKind, Message, MlDsa, PublicKey, SignatureAlgorithm};
use zeroize::Zeroizing;

use crate::signer::{KeySpec, Pace, Protection, SignError, Signer};

/// A private key in memory. It signs with the fastest library at hand and gives its bytes away only
/// as PKCS#8 to be encrypted at once.
pub struct SoftwareKey {
    pair: Pair,
    public: PublicKey,
    algorithm: SignatureAlgorithm,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

/// Why a private key cannot be generated or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SoftwareKeyError {
    /// The bytes are no PKCS#8 `PrivateKeyInfo`, or the key in it is inconsistent.
    #[error("not a usable PKCS#8 private key: {0}")]
    Malformed(&'static str),
    /// Keys of this kind, or with this algorithm, are not supported.
    #[error("{0} keys cannot be kept in software")]
    Unsupported(KeySpec),
    /// The key's algorithm or curve is one that is not kept in software.
    #[error("{0} keys cannot be kept in software")]
    Algorithm(String),
    /// The key's algorithm or curve is too weak by now.
    #[error(transparent)]
    Retired(#[from] Retired),
    /// The cryptographic library failed to generate a key.
    #[error("generating a {0} key failed")]
    Generation(KeySpec),
}

impl SoftwareKey {
    /// Generates a key.
    ///
    /// # Errors
    /// Where the kind is not supported or the random generator fails.
    pub fn generate(spec: KeySpec) -> Result<Self, SoftwareKeyError> {
        let failed = |_| SoftwareKeyError::Generation(spec);
        let pair = match spec.kind {
            KeyKind::EcP256 | KeyKind::EcP384 | KeyKind::EcP521 => {
                let algorithm = ecdsa(spec.kind).ok_or(SoftwareKeyError::Unsupported(spec))?;
                Pair::Ecdsa(EcdsaKeyPair::generate(algorithm).map_err(failed)?)
            }
            KeyKind::BrainpoolP256 | KeyKind::BrainpoolP384 | KeyKind::Foreign(_) => {
                return Err(SoftwareKeyError::Unsupported(spec));
            }
            KeyKind::MlDsa(_) if !cfg!(feature = "ml-dsa") => {
                return Err(SoftwareKeyError::Unsupported(spec));
            }
            KeyKind::MlDsa(set) => {
                Pair::MlDsa(PqdsaKeyPair::generate(ml_dsa(set)).map_err(failed)?)
            }
            KeyKind::Rsa { bits } => {
                let size = match bits {
                    2048 => KeySize::Rsa2048,
                    3072 => KeySize::Rsa3072,
                    4096 => KeySize::Rsa4096,
                    _ => return Err(SoftwareKeyError::Unsupported(spec)),
                };
                Pair::Rsa(RsaKeyPair::generate(size).map_err(failed)?)
            }
            KeyKind::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
        };
        Self::assemble(pair, spec.algorithm)
    }

    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` (DER). The key signs with `algorithm`, or with
    /// [`KeySpec::default_algorithm`] of its kind.
    ///
    /// # Errors
    /// Where the key is malformed or of a kind that is not supported.
    pub fn from_pkcs8(
        der: &[u8],
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<Self, SoftwareKeyError> {
        use SoftwareKeyError::Malformed;
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| Malformed("not PKCS#8"))?;
        match info.algorithm.oid {
            oid::EC_PUBLIC_KEY => {
                let kind = match info.algorithm.parameters_oid() {
                    Ok(oid::SECP256R1) => KeyKind::EcP256,
                    Ok(oid::SECP384R1) => KeyKind::EcP384,
                    Ok(oid::SECP521R1) => KeyKind::EcP521,
                    Ok(other) => return Err(unsupported(&other)),
                    Err(_) => return Err(Malformed("the curve is not named")),
                };
                let algorithm = algorithm.unwrap_or_else(|| KeySpec::default_algorithm(kind));
                let lc_algorithm = ecdsa(kind)
                    .ok_or(SoftwareKeyError::Unsupported(KeySpec { kind, algorithm }))?;
                let pair = EcdsaKeyPair::from_private_key_der(lc_algorithm, der)
                    .map_err(|_| Malformed("the EC key is inconsistent"))?;
                Self::assemble(Pair::Ecdsa(pair), algorithm)
            }
            oid::RSA_ENCRYPTION => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(|rejected| {
                    // The library's own word for it.
                    if rejected.description_() == "TooSmall" {
                        SoftwareKeyError::Retired(Retired::SHORT_RSA)
                    } else {
                        Malformed("the RSA key is inconsistent")
                    }
                })?;
                let bits = pair.public_modulus_len() as u32 * 8;
                let algorithm =
                    algorithm.unwrap_or_else(|| KeySpec::default_algorithm(KeyKind::Rsa { bits }));
                Self::assemble(Pair::Rsa(pair), algorithm)
            }
            oid::ED25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                    .map_err(|_| Malformed("the Ed25519 key is inconsistent"))?;
                Self::assemble(
                    Pair::Ed25519(pair),
                    algorithm.unwrap_or(SignatureAlgorithm::Ed25519),
                )
            }
            other => match MlDsa::from_oid(&other) {
                Some(set) => {
                    let pair = PqdsaKeyPair::from_pkcs8(ml_dsa(set), der)
                        .map_err(|_| Malformed("the ML-DSA key is inconsistent"))?;
                    Self::assemble(
                        Pair::MlDsa(pair),
                        algorithm.unwrap_or(SignatureAlgorithm::MlDsa(set)),
                    )
                }
                None => Err(unsupported(&other)),
            },
        }
    }

    /// The same key, signing with another algorithm.
    ///
    /// # Errors
    /// [`SoftwareKeyError::Unsupported`] where the key or the library cannot.
    pub fn with_algorithm(self, algorithm: SignatureAlgorithm) -> Result<Self, SoftwareKeyError> {
        if algorithm == self.algorithm {
            return Ok(self);
        }
        Self::assemble(self.pair, algorithm)
    }

    /// The key as PKCS#8 `PrivateKeyInfo` (DER), wiped when dropped.
    ///
    /// # Errors
    /// Where the library cannot encode it.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SoftwareKeyError> {
        let failed = |_| SoftwareKeyError::Malformed("the library cannot encode it");
        Ok(Zeroizing::new(match &self.pair {
            Pair::Ecdsa(p) => p.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Rsa(p) => p.as_der().map_err(failed)?.as_ref().to_vec(),
            Pair::Ed25519(p) => p.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::MlDsa(p) => p.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
        }))
    }

    fn assemble(pair: Pair, algorithm: SignatureAlgorithm) -> Result<Self, SoftwareKeyError> {
        let spki: Result<PublicKeyX509Der<'static>, _> = match &pair {
            Pair::Ecdsa(p) => p.public_key().as_der(),
            Pair::Rsa(p) => p.public_key().as_der(),
            Pair::Ed25519(p) => p.public_key().as_der(),
            Pair::MlDsa(p) => p.public_key().as_der(),
        };
        let spki = spki.map_err(|_| SoftwareKeyError::Malformed("no public key can be derived"))?;
        let public = PublicKey::from_spki_der(spki.as_ref())
            .map_err(|_| SoftwareKeyError::Malformed("its public key is not supported"))?;
        let spec = KeySpec {
            kind: public.kind(),
            algorithm,
        };
        let fits = KeySpec::fits(spec.kind, algorithm)
            && (!matches!(pair, Pair::Rsa(_)) || rsa(algorithm).is_some());
        if fits {
            Ok(Self {
                pair,
                public,
                algorithm,
            })
        } else {
            Err(SoftwareKeyError::Unsupported(spec))
        }
    }
}

impl Signer for SoftwareKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn protection(&self) -> Protection {
        Protection::Software
    }

    /// Measured on one core: P-256 13 to 20 microseconds, Ed25519 about as much, P-384 over 100, RSA
    /// with 3072 bits over 600.
    fn pace(&self) -> Pace {
        match self.public.kind() {
            KeyKind::EcP256 | KeyKind::Ed25519 => Pace::Immediate,
            _ => Pace::Waits,
        }
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        let algorithm = self.algorithm;
        let refused = |_| SignError::Library(algorithm);
        let random = SystemRandom::new();
        if let Message::Digest(digest) = message {
            match algorithm.digest() {
                None => return Err(SignError::DigestNotPossible(algorithm)),
                Some(expected) if expected != digest.algorithm() => {
                    return Err(SignError::WrongDigest {
                        algorithm,
                        given: digest.algorithm(),
                    });
                }
                Some(_) => {}
            }
        }
        match (&self.pair, message) {
            (Pair::Ecdsa(p), message) => {
                let digest = match (message, algorithm.digest()) {
                    (Message::Digest(digest), _) => *digest,
                    (Message::Bytes(bytes), Some(algorithm)) => algorithm.digest(bytes),
                    (Message::Bytes(_), None) => return Err(SignError::Library(algorithm)),
                };
                let digest = pki_crypto::native_digest(self.public.kind(), &digest)
                    .and_then(|native| lc_digest(&native))
                    .ok_or(SignError::Library(algorithm))?;
                Ok(p.sign_digest(&digest).map_err(refused)?.as_ref().to_vec())
            }
            (Pair::Rsa(p), message) => {
                let encoding = rsa(algorithm).ok_or(SignError::Library(algorithm))?;
                let mut signature = vec![0; p.public_modulus_len()];
                match message {
                    Message::Bytes(m) => p.sign(encoding, &random, m, &mut signature),
                    Message::Digest(d) => {
                        let digest = lc_digest(d).ok_or(SignError::Library(algorithm))?;
                        p.sign_digest(encoding, &digest, &mut signature)
                    }
                }
                .map_err(refused)?;
                Ok(signature)
            }
            (Pair::Ed25519(p), Message::Bytes(m)) => {
                Ok(p.try_sign(m).map_err(refused)?.as_ref().to_vec())
            }
            (Pair::MlDsa(p), Message::Bytes(m)) => {
                let mut signature = vec![0; p.algorithm().signature_len()];
                let len = p.sign(m, &mut signature).map_err(refused)?;
                signature.truncate(len);
                Ok(signature)
            }
            (Pair::Ed25519(_) | Pair::MlDsa(_), Message::Digest(_)) => {
                Err(SignError::DigestNotPossible(algorithm))
            }
        }
    }
}

/// Says which key it is, never what it is.
impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareKey")
            .field("public", &self.public)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The library's name for a curve. The digest it fixes beside is not used: what is signed is the
/// number that [`pki_crypto::native_digest`] makes of any digest.
fn ecdsa(kind: KeyKind) -> Option<&'static lc::EcdsaSigningAlgorithm> {
    Some(match kind {
        KeyKind::EcP256 => &lc::ECDSA_P256_SHA256_ASN1_SIGNING,
        KeyKind::EcP384 => &lc::ECDSA_P384_SHA384_ASN1_SIGNING,
        KeyKind::EcP521 => &lc::ECDSA_P521_SHA512_ASN1_SIGNING,
        _ => return None,
    })
}

fn ml_dsa(set: MlDsa) -> &'static lc::PqdsaSigningAlgorithm {
    match set {
        MlDsa::MlDsa44 => &lc::ML_DSA_44_SIGNING,
        MlDsa::MlDsa65 => &lc::ML_DSA_65_SIGNING,
        MlDsa::MlDsa87 => &lc::ML_DSA_87_SIGNING,
    }
}

fn unsupported(oid: &ObjectIdentifier) -> SoftwareKeyError {
    match Retired::of(oid) {
        Some(retired) => retired.into(),
        None => SoftwareKeyError::Algorithm(
            oid::label(oid).map_or_else(|| oid.to_string(), str::to_owned),
        ),
    }
}

fn rsa(algorithm: SignatureAlgorithm) -> Option<&'static dyn lc::RsaEncoding> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    Some(match algorithm {
        SignatureAlgorithm::RsaPkcs1(Sha256) => &lc::RSA_PKCS1_SHA256,
        SignatureAlgorithm::RsaPkcs1(Sha384) => &lc::RSA_PKCS1_SHA384,
        SignatureAlgorithm::RsaPkcs1(Sha512) => &lc::RSA_PKCS1_SHA512,
        SignatureAlgorithm::RsaPss(Sha256) => &lc::RSA_PSS_SHA256,
        SignatureAlgorithm::RsaPss(Sha384) => &lc::RSA_PSS_SHA384,
        SignatureAlgorithm::RsaPss(Sha512) => &lc::RSA_PSS_SHA512,
        _ => return None,
    })
}

fn lc_digest(digest: &pki_crypto::Digest) -> Option<aws_lc_rs::digest::Digest> {
    use aws_lc_rs::digest as d;
    let algorithm = match digest.algorithm() {
        DigestAlgorithm::Sha256 => &d::SHA256,
        DigestAlgorithm::Sha384 => &d::SHA384,
        DigestAlgorithm::Sha512 => &d::SHA512,
        _ => return None,
    };
    d::Digest::import_less_safe(digest.as_bytes(), algorithm).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_signs_what_its_public_key_verifies() {
        let ecdsa = |kind, digest| KeySpec {
            kind,
            algorithm: SignatureAlgorithm::Ecdsa(digest),
        };
        for spec in [
            KeySpec::P256,
            KeySpec::P384,
            KeySpec::P521,
            ecdsa(KeyKind::EcP256, DigestAlgorithm::Sha512),
            ecdsa(KeyKind::EcP384, DigestAlgorithm::Sha256),
            ecdsa(KeyKind::EcP521, DigestAlgorithm::Sha3_384),
            KeySpec::RSA3072_PSS,
            KeySpec::ED25519,
        ] {
            let key = SoftwareKey::generate(spec).unwrap();
            let again = SoftwareKey::from_pkcs8(&key.to_pkcs8().unwrap(), Some(spec.algorithm));
            let again = again.unwrap();
            assert_eq!(key.public_key(), again.public_key());
            let signature = again.sign(Message::Bytes(b"message")).unwrap();
            key.public_key()
                .verify(spec.algorithm, Message::Bytes(b"message"), &signature)
                .unwrap();
            if let Some(digest) = spec.algorithm.digest() {
                let digest = digest.digest(b"message");
                let signature = again.sign(Message::Digest(&digest)).unwrap();
                key.public_key()
                    .verify(spec.algorithm, Message::Bytes(b"message"), &signature)
                    .unwrap();
            }
        }
    }

    #[test]
    fn debug_shows_no_private_bytes() {
        let key = SoftwareKey::generate(KeySpec::P256).unwrap();
        let shown = format!("{key:?}");
        assert!(
            shown.starts_with("SoftwareKey { public: PublicKey(EC P-256, "),
            "{shown}"
        );
    }
}
