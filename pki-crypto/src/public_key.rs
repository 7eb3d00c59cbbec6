//! Public keys and the verification of signatures.

use core::fmt;

use aws_lc_rs::signature as lc;
use aws_lc_rs::signature::RsaPssSaltLength;
use der::Decode;
use pki_asn1::oid::{self, ObjectIdentifier};
use spki::SubjectPublicKeyInfoRef;

use crate::algorithm::{MlDsa, SignatureAlgorithm};
use crate::curve::Curve;
use crate::digest::{Digest, DigestAlgorithm};
use crate::dsa;
use crate::ecdsa::{native_digest, verify_brainpool};
use crate::ed448;
use crate::key_kind::{ForeignKey, KeyKind};
use crate::pss::PssParameters;
use crate::rsa::{self, RsaPublicKey};
use crate::suites::Retired;
use crate::weierstrass;

/// What is signed or verified: the bytes themselves, or a digest computed over a stream.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The whole message.
    Bytes(&'a [u8]),
    /// The message's digest; not possible with Ed25519, Ed448 and ML-DSA.
    Digest(&'a Digest),
}

/// A public key read from a `SubjectPublicKeyInfo`. Equal where the SPKI's DER is equal.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct PublicKey {
    spki: Vec<u8>,
    bits: Vec<u8>,
    kind: KeyKind,
}

/// Why a `SubjectPublicKeyInfo` is not a key we can use.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The DER is not a `SubjectPublicKeyInfo`, or the key in it is malformed.
    #[error("public key is malformed: {0}")]
    Malformed(&'static str),
    /// The key's algorithm is not supported.
    #[error("public key algorithm {} is not supported", crate::named(.0))]
    Algorithm(ObjectIdentifier),
    /// The key's curve is not supported.
    #[error("elliptic curve {} is not supported", crate::named(.0))]
    Curve(ObjectIdentifier),
    /// The key's algorithm or curve is too weak by now to be signed with.
    #[error(transparent)]
    Retired(#[from] Retired),
}

/// Why a signature did not verify.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The signature is wrong for this message and key.
    #[error("the signature value does not fit the signed bytes and the key")]
    Invalid,
    /// The key cannot make signatures of this algorithm.
    #[error("a signature of {algorithm} cannot come from a {key} key")]
    KeyMismatch {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// The key's kind.
        key: KeyKind,
    },
    /// Algorithm, digest and key size are a combination the library does not compute.
    #[error("{algorithm} with a {key} key is not supported")]
    Unsupported {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// The key's kind.
        key: KeyKind,
    },
    /// A digest was given that is not the algorithm's.
    #[error("a {given} digest was given where {algorithm} was to be verified")]
    WrongDigest {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// The digest that was given.
        given: DigestAlgorithm,
    },
}

/// How a point is written (RFC 5480 section 2.2): uncompressed by everybody, compressed by some; the hybrid
/// form must not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PointForm {
    Uncompressed,
    Compressed,
}

const NOT_A_POINT: KeyError = KeyError::Malformed("not a point of its curve");

impl PointForm {
    fn of(point: &[u8]) -> Option<Self> {
        match point.first()? {
            4 => Some(Self::Uncompressed),
            2 | 3 => Some(Self::Compressed),
            _ => None,
        }
    }
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// Where it is malformed, or of an algorithm or curve that is not supported.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki)
            .map_err(|_| KeyError::Malformed("not a SubjectPublicKeyInfo"))?;
        let bits = info
            .subject_public_key
            .as_bytes()
            .ok_or(KeyError::Malformed("the BIT STRING has unused bits"))?;
        let kind = match info.algorithm.oid {
            oid::EC_PUBLIC_KEY => {
                let curve = info.algorithm.parameters_oid().map_err(|_| {
                    KeyError::Malformed("its curve is given by parameters and not by name")
                })?;
                let (kind, len) = match curve {
                    oid::SECP256R1 => (KeyKind::EcP256, 65),
                    oid::SECP384R1 => (KeyKind::EcP384, 97),
                    oid::SECP521R1 => (KeyKind::EcP521, 133),
                    oid::BRAINPOOL_P256R1 => (KeyKind::BrainpoolP256, 65),
                    oid::BRAINPOOL_P384R1 => (KeyKind::BrainpoolP384, 97),
                    other => {
                        let curve = Curve::from_oid(&other).ok_or(KeyError::Curve(other))?;
                        if !weierstrass::is_point(curve, bits) {
                            return Err(NOT_A_POINT);
                        }
                        (KeyKind::Foreign(ForeignKey::Ec(curve)), bits.len())
                    }
                };
                match (PointForm::of(bits), kind) {
                    (_, KeyKind::Foreign(_)) => {}
                    (Some(PointForm::Uncompressed), _) if bits.len() == len => {}
                    (Some(PointForm::Compressed), _) if bits.len() == len.div_ceil(2) => {}
                    _ => return Err(NOT_A_POINT),
                }
                kind
            }
            oid::RSA_ENCRYPTION | oid::RSASSA_PSS => {
                let key = RsaPublicKey::from_der(bits)
                    .map_err(|_| KeyError::Malformed("not an RSAPublicKey"))?;
                KeyKind::Rsa { bits: key.bits() }
            }
            oid::ED25519 => {
                if bits.len() != 32 {
                    return Err(KeyError::Malformed("an Ed25519 key has 32 octets"));
                }
                KeyKind::Ed25519
            }
            oid::DSA => {
                let bits = dsa::bits(&info).ok_or(KeyError::Malformed("not a DSA key"))?;
                KeyKind::Foreign(ForeignKey::Dsa { bits })
            }
            oid::ED448 => {
                if bits.len() != ed448::KEY_LEN {
                    return Err(KeyError::Malformed("an Ed448 key has 57 octets"));
                }
                KeyKind::Foreign(ForeignKey::Ed448)
            }
            other => match MlDsa::from_oid(&other) {
                Some(set) if bits.len() == set.public_key_len() => KeyKind::MlDsa(set),
                Some(_) => return Err(KeyError::Malformed("an ML-DSA key of another length")),
                None => return Err(KeyError::Algorithm(other)),
            },
        };
        Ok(Self {
            spki: spki.to_vec(),
            bits: bits.to_vec(),
            kind,
        })
    }

    /// As [`Self::from_spki_der`], for a key that signs from now on: foreign kinds are refused, and points
    /// in compressed form.
    ///
    /// # Errors
    /// As [`Self::from_spki_der`], and where nothing signs with keys of its kind.
    pub fn in_use(spki: &[u8]) -> Result<Self, KeyError> {
        let key = Self::from_spki_der(spki)?;
        let KeyKind::Foreign(kind) = key.kind else {
            let is_point = key.kind.ecdsa_field_len().is_some();
            if is_point && PointForm::of(&key.bits) != Some(PointForm::Uncompressed) {
                return Err(KeyError::Malformed(
                    "its point is compressed, which few programs read",
                ));
            }
            return Ok(key);
        };
        let (oid, error) = match kind {
            ForeignKey::Ec(curve) => (curve.oid(), KeyError::Curve(curve.oid())),
            ForeignKey::Dsa { .. } => (oid::DSA, KeyError::Algorithm(oid::DSA)),
            ForeignKey::Ed448 => (oid::ED448, KeyError::Algorithm(oid::ED448)),
        };
        Err(Retired::of(&oid).map_or(error, KeyError::Retired))
    }

    /// The DER `SubjectPublicKeyInfo` it was read from.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The value of the subjectPublicKey BIT STRING.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// What kind of key it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether it is a DSA key without parameters, which are then those of its issuer's key.
    #[must_use]
    pub fn lacks_parameters(&self) -> bool {
        self.kind == KeyKind::Foreign(ForeignKey::Dsa { bits: 0 })
    }

    /// The same key with the parameters of its issuer's (RFC 5280 section 6.1.4 (e)); `None` where the
    /// issuer's key is no DSA key or has none either.
    #[must_use]
    pub fn with_parameters_of(&self, issuer: &Self) -> Option<Self> {
        let spki = dsa::inherit(&self.spki, &issuer.spki)?;
        Self::from_spki_der(&spki).ok()
    }

    /// Verifies `signature` (in X.509 encoding: DER for ECDSA) over `message`.
    ///
    /// # Errors
    /// [`VerifyError::Invalid`] where the signature is wrong; the other variants where the question
    /// makes no sense or is not supported.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: Message<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let digest = match (message, algorithm.digest()) {
            (Message::Bytes(bytes), Some(digest)) => Some(digest.digest(bytes)),
            (Message::Bytes(_), None) => None,
            (Message::Digest(given), wanted) if wanted == Some(given.algorithm()) => Some(*given),
            (Message::Digest(given), _) => {
                return Err(VerifyError::WrongDigest {
                    algorithm,
                    given: given.algorithm(),
                });
            }
        };
        match (digest, message) {
            (Some(digest), _) => self.verify_digest(algorithm, &digest, signature),
            (None, Message::Bytes(bytes)) => {
                let verifier: &dyn lc::VerificationAlgorithm = match (algorithm, self.kind) {
                    (SignatureAlgorithm::Ed448, KeyKind::Foreign(ForeignKey::Ed448)) => {
                        return ed448::verify(&self.bits, bytes, signature)
                            .ok_or(VerifyError::Invalid);
                    }
                    (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => &lc::ED25519,
                    (SignatureAlgorithm::MlDsa(set), KeyKind::MlDsa(key)) if set == key => {
                        match set {
                            MlDsa::MlDsa44 => &lc::ML_DSA_44,
                            MlDsa::MlDsa65 => &lc::ML_DSA_65,
                            MlDsa::MlDsa87 => &lc::ML_DSA_87,
                        }
                    }
                    _ => return Err(self.mismatch(algorithm)),
                };
                verifier
                    .verify_sig(&self.bits, bytes, signature)
                    .map_err(|_| VerifyError::Invalid)
            }
            (None, Message::Digest(_)) => Err(self.mismatch(algorithm)),
        }
    }

    fn mismatch(&self, algorithm: SignatureAlgorithm) -> VerifyError {
        VerifyError::KeyMismatch {
            algorithm,
            key: self.kind,
        }
    }

    fn verify_digest(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        match (algorithm, self.kind) {
            (SignatureAlgorithm::Ecdsa(_), KeyKind::Foreign(ForeignKey::Ec(curve))) => {
                weierstrass::verify(curve, &self.bits, digest, signature)
                    .map_err(|_| VerifyError::Invalid)
            }
            (SignatureAlgorithm::Dsa(_), KeyKind::Foreign(ForeignKey::Dsa { .. })) => {
                dsa::verify(&self.spki, digest, signature).map_err(|failed| match failed {
                    dsa::Failed::Signature => VerifyError::Invalid,
                    dsa::Failed::Parameters => VerifyError::Unsupported {
                        algorithm,
                        key: self.kind,
                    },
                })
            }
            (SignatureAlgorithm::Ecdsa(_), key) => {
                let native = native_digest(key, digest).ok_or_else(|| self.mismatch(algorithm))?;
                let verifier = match key {
                    KeyKind::EcP256 => &lc::ECDSA_P256_SHA256_ASN1,
                    KeyKind::EcP384 => &lc::ECDSA_P384_SHA384_ASN1,
                    KeyKind::EcP521 => &lc::ECDSA_P521_SHA512_ASN1,
                    _ => {
                        return verify_brainpool(key, &self.bits, &native, signature)
                            .map_err(|_| VerifyError::Invalid);
                    }
                };
                self.verify_with(verifier, &native, signature)
            }
            (SignatureAlgorithm::RsaPkcs1(d), KeyKind::Rsa { bits }) => match rsa_pkcs1(d, bits) {
                Some(verifier) if rsa::is_usual(&self.bits) => {
                    self.verify_with(verifier, digest, signature)
                }
                _ => self.own(algorithm, rsa::verify_pkcs1(&self.bits, digest, signature)),
            },
            (SignatureAlgorithm::RsaPss(d), KeyKind::Rsa { .. }) => {
                self.verify_pss(algorithm, PssParameters::usual(d), digest, signature)
            }
            (SignatureAlgorithm::RsaPssWith(p), KeyKind::Rsa { .. }) => {
                self.verify_pss(algorithm, p, digest, signature)
            }
            _ => Err(self.mismatch(algorithm)),
        }
    }

    fn verify_pss(
        &self,
        algorithm: SignatureAlgorithm,
        parameters: PssParameters,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let known = match parameters.digest {
            DigestAlgorithm::Sha256 => Some(lc::RSA_PSS_2048_8192_SHA256),
            DigestAlgorithm::Sha384 => Some(lc::RSA_PSS_2048_8192_SHA384),
            DigestAlgorithm::Sha512 => Some(lc::RSA_PSS_2048_8192_SHA512),
            _ => None,
        };
        let strong =
            matches!(self.kind, KeyKind::Rsa { bits } if bits >= 2048) && rsa::is_usual(&self.bits);
        match known.filter(|_| strong && parameters.mask == parameters.digest) {
            Some(known) => {
                let salt = RsaPssSaltLength::Custom(parameters.salt_len);
                self.verify_with(&known.with_pss_salt_length(salt), digest, signature)
            }
            None => {
                let verified = rsa::verify_pss(&self.bits, parameters, digest, signature);
                self.own(algorithm, verified)
            }
        }
    }

    fn verify_with(
        &self,
        verifier: &dyn lc::VerificationAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let digest = lc_digest(digest).ok_or(VerifyError::Invalid)?;
        verifier
            .verify_digest_sig(&self.bits, &digest, signature)
            .map_err(|_| VerifyError::Invalid)
    }

    fn own(
        &self,
        algorithm: SignatureAlgorithm,
        verified: Result<(), rsa::Failed>,
    ) -> Result<(), VerifyError> {
        verified.map_err(|failed| match failed {
            rsa::Failed::Signature => VerifyError::Invalid,
            rsa::Failed::Bounds => VerifyError::Unsupported {
                algorithm,
                key: self.kind,
            },
        })
    }
}

/// What the library checks itself.
fn rsa_pkcs1(digest: DigestAlgorithm, bits: u32) -> Option<&'static lc::RsaParameters> {
    let strong = bits >= 2048;
    Some(match digest {
        DigestAlgorithm::Sha1 => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha256 if strong => &lc::RSA_PKCS1_2048_8192_SHA256,
        DigestAlgorithm::Sha384 if strong => &lc::RSA_PKCS1_2048_8192_SHA384,
        DigestAlgorithm::Sha512 if strong => &lc::RSA_PKCS1_2048_8192_SHA512,
        DigestAlgorithm::Sha256 => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha512 => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({}, {})",
            self.kind,
            hex::encode(crate::subject_key_identifier(&self.bits))
        )
    }
}

fn lc_digest(digest: &Digest) -> Option<aws_lc_rs::digest::Digest> {
    use aws_lc_rs::digest as d;
    let algorithm = match digest.algorithm() {
        DigestAlgorithm::Sha1 => &d::SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha224 => &d::SHA224,
        DigestAlgorithm::Sha256 => &d::SHA256,
        DigestAlgorithm::Sha384 => &d::SHA384,
        DigestAlgorithm::Sha512 => &d::SHA512,
        DigestAlgorithm::Sha3_256 => &d::SHA3_256,
        DigestAlgorithm::Sha3_384 => &d::SHA3_384,
        DigestAlgorithm::Sha3_512 => &d::SHA3_512,
        DigestAlgorithm::Md5
        | DigestAlgorithm::Sha512_224
        | DigestAlgorithm::Sha512_256
        | DigestAlgorithm::Sha3_224
        | DigestAlgorithm::Shake256 => return None,
    };
    d::Digest::import_less_safe(digest.as_bytes(), algorithm).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Signer as _;
    use p256::pkcs8::EncodePublicKey as _;

    // A second implementation signs; ours verifies.
    #[test]
    fn a_flipped_message_or_signature_is_invalid() {
        let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let spki = p256::PublicKey::from(key.verifying_key())
            .to_public_key_der()
            .unwrap();
        let ours = PublicKey::from_spki_der(spki.as_bytes()).unwrap();
        assert_eq!(ours.kind(), KeyKind::EcP256);
        let signature: p256::ecdsa::DerSignature = key.sign(b"message");
        let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
        let verify = |m: Message<'_>, s: &[u8]| ours.verify(algorithm, m, s);
        assert_eq!(
            verify(Message::Bytes(b"message"), signature.as_bytes()),
            Ok(())
        );
        let digest = DigestAlgorithm::Sha256.digest(b"message");
        assert_eq!(
            verify(Message::Digest(&digest), signature.as_bytes()),
            Ok(())
        );
        assert_eq!(
            verify(Message::Bytes(b"massage"), signature.as_bytes()),
            Err(VerifyError::Invalid)
        );
        assert!(matches!(
            ours.verify(SignatureAlgorithm::Ed25519, Message::Bytes(b""), &[0; 64]),
            Err(VerifyError::KeyMismatch { .. })
        ));
    }
}
