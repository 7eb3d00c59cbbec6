//! Public keys and the verification of signatures.

use core::fmt;

use aws_lc_rs::signature as lc;
use der::Decode;
use der::asn1::UintRef;
use pki_asn1::oid::{self, ObjectIdentifier};
use spki::SubjectPublicKeyInfoRef;

use crate::algorithm::SignatureAlgorithm;
use crate::digest::{Digest, DigestAlgorithm};

/// What is signed or verified: the bytes themselves, or a digest computed over a stream.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The whole message.
    Bytes(&'a [u8]),
    /// The message's digest; not possible with Ed25519.
    Digest(&'a Digest),
}

/// What kind of key, and how strong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
    /// RSA.
    Rsa {
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// Ed25519.
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("EC P-256"),
            Self::EcP384 => f.write_str("EC P-384"),
            Self::EcP521 => f.write_str("EC P-521"),
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
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
    #[error("public key algorithm {0} is not supported")]
    Algorithm(ObjectIdentifier),
    /// The key's curve is not supported.
    #[error("elliptic curve {0} is not supported")]
    Curve(ObjectIdentifier),
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
                let curve = info
                    .algorithm
                    .parameters_oid()
                    .map_err(|_| KeyError::Malformed("the curve is not named"))?;
                let (kind, len) = match curve {
                    oid::SECP256R1 => (KeyKind::EcP256, 65),
                    oid::SECP384R1 => (KeyKind::EcP384, 97),
                    oid::SECP521R1 => (KeyKind::EcP521, 133),
                    other => return Err(KeyError::Curve(other)),
                };
                if bits.len() != len || bits.first() != Some(&4) {
                    return Err(KeyError::Malformed(
                        "not an uncompressed point of its curve",
                    ));
                }
                kind
            }
            oid::RSA_ENCRYPTION | oid::RSASSA_PSS => {
                let key = RsaPublicKey::from_der(bits)
                    .map_err(|_| KeyError::Malformed("not an RSAPublicKey"))?;
                let n = key.modulus.as_bytes();
                let bits = n
                    .first()
                    .map_or(0, |top| n.len() as u32 * 8 - top.leading_zeros());
                KeyKind::Rsa { bits }
            }
            oid::ED25519 => {
                if bits.len() != 32 {
                    return Err(KeyError::Malformed("an Ed25519 key has 32 octets"));
                }
                KeyKind::Ed25519
            }
            other => return Err(KeyError::Algorithm(other)),
        };
        Ok(Self {
            spki: spki.to_vec(),
            bits: bits.to_vec(),
            kind,
        })
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
        let verifier = self.verifier(algorithm)?;
        let key = lc::UnparsedPublicKey::new(verifier, &self.bits);
        match message {
            Message::Bytes(bytes) => key.verify(bytes, signature),
            Message::Digest(digest) => {
                let wrong = VerifyError::WrongDigest {
                    algorithm,
                    given: digest.algorithm(),
                };
                if algorithm.digest() != Some(digest.algorithm()) {
                    return Err(wrong);
                }
                let imported = lc_digest(digest).ok_or(wrong)?;
                key.verify_digest(&imported, signature)
            }
        }
        .map_err(|_| VerifyError::Invalid)
    }

    fn verifier(
        &self,
        algorithm: SignatureAlgorithm,
    ) -> Result<&'static dyn lc::VerificationAlgorithm, VerifyError> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};
        let key = self.kind;
        let strong = matches!(key, KeyKind::Rsa { bits } if bits >= 2048);
        Ok(match (algorithm, key) {
            (Ecdsa(Sha1), KeyKind::EcP256) => &lc::ECDSA_P256_SHA1_ASN1,
            (Ecdsa(Sha256), KeyKind::EcP256) => &lc::ECDSA_P256_SHA256_ASN1,
            (Ecdsa(Sha384), KeyKind::EcP256) => &lc::ECDSA_P256_SHA384_ASN1,
            (Ecdsa(Sha512), KeyKind::EcP256) => &lc::ECDSA_P256_SHA512_ASN1,
            (Ecdsa(Sha256), KeyKind::EcP384) => &lc::ECDSA_P384_SHA256_ASN1,
            (Ecdsa(Sha384), KeyKind::EcP384) => &lc::ECDSA_P384_SHA384_ASN1,
            (Ecdsa(Sha512), KeyKind::EcP384) => &lc::ECDSA_P384_SHA512_ASN1,
            (Ecdsa(Sha256), KeyKind::EcP521) => &lc::ECDSA_P521_SHA256_ASN1,
            (Ecdsa(Sha384), KeyKind::EcP521) => &lc::ECDSA_P521_SHA384_ASN1,
            (Ecdsa(Sha512), KeyKind::EcP521) => &lc::ECDSA_P521_SHA512_ASN1,
            (RsaPkcs1(Sha1), KeyKind::Rsa { .. }) => {
                &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            (RsaPkcs1(Sha256), KeyKind::Rsa { .. }) if strong => &lc::RSA_PKCS1_2048_8192_SHA256,
            (RsaPkcs1(Sha384), KeyKind::Rsa { .. }) if strong => &lc::RSA_PKCS1_2048_8192_SHA384,
            (RsaPkcs1(Sha512), KeyKind::Rsa { .. }) if strong => &lc::RSA_PKCS1_2048_8192_SHA512,
            (RsaPkcs1(Sha256), KeyKind::Rsa { .. }) => {
                &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
            }
            (RsaPkcs1(Sha512), KeyKind::Rsa { .. }) => {
                &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
            }
            (RsaPss(Sha256), KeyKind::Rsa { .. }) => &lc::RSA_PSS_2048_8192_SHA256,
            (RsaPss(Sha384), KeyKind::Rsa { .. }) => &lc::RSA_PSS_2048_8192_SHA384,
            (RsaPss(Sha512), KeyKind::Rsa { .. }) => &lc::RSA_PSS_2048_8192_SHA512,
            (Ed25519, KeyKind::Ed25519) => &lc::ED25519,
            (Ecdsa(_), KeyKind::EcP256 | KeyKind::EcP384 | KeyKind::EcP521)
            | (RsaPkcs1(_) | RsaPss(_), KeyKind::Rsa { .. }) => {
                return Err(VerifyError::Unsupported { algorithm, key });
            }
            _ => return Err(VerifyError::KeyMismatch { algorithm, key }),
        })
    }
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

/// `RSAPublicKey` as defined in RFC 8017 appendix A.1.1.
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    #[allow(dead_code, reason = "part of the structure")]
    public_exponent: UintRef<'a>,
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
