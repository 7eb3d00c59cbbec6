//! Signature algorithms and their `AlgorithmIdentifier`s (RFC 3279, 4055, 5758, 8410, 8017).

use core::fmt;

use der::Sequence;
use der::asn1::{Any, Null};
use pki_asn1::oid::{self, ObjectIdentifier};
use spki::AlgorithmIdentifierOwned;

use crate::digest::DigestAlgorithm;

/// A signature algorithm with its digest. The curve or modulus belongs to the key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA; signature values are the DER `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3).
    Ecdsa(DigestAlgorithm),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS with MGF1 over the same digest and a salt as long as the digest (RFC 4055).
    RsaPss(DigestAlgorithm),
    /// Ed25519 (RFC 8032), which signs the message itself, never a digest of it.
    Ed25519,
}

/// An algorithm identifier nobody here computes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedAlgorithm {
    /// The signature algorithm's OID is not known.
    #[error("signature algorithm {0} is not supported")]
    Signature(ObjectIdentifier),
    /// The digest algorithm's OID is not known.
    #[error("digest algorithm {0} is not supported")]
    Digest(ObjectIdentifier),
    /// RSASSA-PSS with parameters other than one digest for everything and a salt of its length.
    #[error("RSASSA-PSS parameters are not supported: {0}")]
    PssParameters(&'static str),
}

impl SignatureAlgorithm {
    /// The digest it signs; `None` for Ed25519.
    #[must_use]
    pub fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::Ecdsa(d) | Self::RsaPkcs1(d) | Self::RsaPss(d) => Some(d),
            Self::Ed25519 => None,
        }
    }

    /// The identifier for certificates, CRLs, OCSP responses and CMS, with parameters as the RFCs
    /// ask: absent for ECDSA and Ed25519, NULL for PKCS#1 v1.5, explicit for PSS.
    ///
    /// # Errors
    /// Where no identifier is registered for the combination.
    pub fn to_identifier(self) -> Result<AlgorithmIdentifierOwned, UnsupportedAlgorithm> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let (oid, parameters) = match self {
            Self::Ecdsa(Sha1) => (oid::ECDSA_WITH_SHA1, None),
            Self::Ecdsa(Sha256) => (oid::ECDSA_WITH_SHA256, None),
            Self::Ecdsa(Sha384) => (oid::ECDSA_WITH_SHA384, None),
            Self::Ecdsa(Sha512) => (oid::ECDSA_WITH_SHA512, None),
            Self::RsaPkcs1(Sha1) => (oid::SHA1_WITH_RSA, Some(Null.into())),
            Self::RsaPkcs1(Sha256) => (oid::SHA256_WITH_RSA, Some(Null.into())),
            Self::RsaPkcs1(Sha384) => (oid::SHA384_WITH_RSA, Some(Null.into())),
            Self::RsaPkcs1(Sha512) => (oid::SHA512_WITH_RSA, Some(Null.into())),
            Self::RsaPss(digest) => {
                let parameters = PssParameters::for_digest(digest)
                    .and_then(|p| Any::encode_from(&p))
                    .map_err(|_| UnsupportedAlgorithm::PssParameters("cannot be encoded"))?;
                (oid::RSASSA_PSS, Some(parameters))
            }
            Self::Ed25519 => (oid::ED25519, None),
            Self::Ecdsa(other) | Self::RsaPkcs1(other) => {
                return Err(UnsupportedAlgorithm::Digest(other.oid()));
            }
        };
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }

    /// Reads an identifier that says everything (certificates, CRLs, OCSP).
    ///
    /// # Errors
    /// Where the algorithm or its parameters are not supported.
    pub fn from_identifier(id: &AlgorithmIdentifierOwned) -> Result<Self, UnsupportedAlgorithm> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        Ok(match id.oid {
            oid::ECDSA_WITH_SHA1 => Self::Ecdsa(Sha1),
            oid::ECDSA_WITH_SHA256 => Self::Ecdsa(Sha256),
            oid::ECDSA_WITH_SHA384 => Self::Ecdsa(Sha384),
            oid::ECDSA_WITH_SHA512 => Self::Ecdsa(Sha512),
            oid::SHA1_WITH_RSA => Self::RsaPkcs1(Sha1),
            oid::SHA256_WITH_RSA => Self::RsaPkcs1(Sha256),
            oid::SHA384_WITH_RSA => Self::RsaPkcs1(Sha384),
            oid::SHA512_WITH_RSA => Self::RsaPkcs1(Sha512),
            oid::RSASSA_PSS => Self::RsaPss(PssParameters::read(id)?),
            oid::ED25519 => Self::Ed25519,
            other => return Err(UnsupportedAlgorithm::Signature(other)),
        })
    }

    /// Reads the pair of identifiers of a CMS SignerInfo, where `rsaEncryption` leaves the digest to
    /// `digestAlgorithm` (RFC 5754 section 3.2).
    ///
    /// # Errors
    /// As [`Self::from_identifier`].
    pub fn from_cms(
        signature: &AlgorithmIdentifierOwned,
        digest: DigestAlgorithm,
    ) -> Result<Self, UnsupportedAlgorithm> {
        match signature.oid {
            oid::RSA_ENCRYPTION => Ok(Self::RsaPkcs1(digest)),
            // Some products write the key's OID for ECDSA as well.
            oid::EC_PUBLIC_KEY => Ok(Self::Ecdsa(digest)),
            _ => Self::from_identifier(signature),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(d) => write!(f, "ECDSA with {d}"),
            Self::RsaPkcs1(d) => write!(f, "RSA PKCS#1 v1.5 with {d}"),
            Self::RsaPss(d) => write!(f, "RSA-PSS with {d}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// `RSASSA-PSS-params` as defined in RFC 4055 section 3.1. The fields are read as they stand and the
/// defaults (SHA-1, salt 20) applied by the reader.
///
/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///     hashAlgorithm     [0] HashAlgorithm    DEFAULT sha1Identifier,
///     maskGenAlgorithm  [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
///     saltLength        [2] INTEGER          DEFAULT 20,
///     trailerField      [3] INTEGER          DEFAULT 1 }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask_gen: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer_field: Option<u8>,
}

impl PssParameters {
    fn for_digest(digest: DigestAlgorithm) -> der::Result<Self> {
        let hash = digest.identifier_with_null();
        Ok(Self {
            mask_gen: Some(AlgorithmIdentifierOwned {
                oid: oid::MGF1,
                parameters: Some(Any::encode_from(&hash)?),
            }),
            hash: Some(hash),
            // DER omits a value equal to its default.
            salt_length: Some(digest.output_len() as u16).filter(|n| *n != 20),
            trailer_field: None,
        })
    }

    fn read(id: &AlgorithmIdentifierOwned) -> Result<DigestAlgorithm, UnsupportedAlgorithm> {
        use UnsupportedAlgorithm::PssParameters as Bad;
        let parameters = id.parameters.as_ref().ok_or(Bad("absent"))?;
        let p: Self = parameters.decode_as().map_err(|_| Bad("malformed"))?;
        let digest = match &p.hash {
            None => DigestAlgorithm::Sha1,
            Some(h) => {
                DigestAlgorithm::from_oid(&h.oid).ok_or(UnsupportedAlgorithm::Digest(h.oid))?
            }
        };
        let mask = match &p.mask_gen {
            None => DigestAlgorithm::Sha1,
            Some(m) if m.oid == oid::MGF1 => {
                let inner = m
                    .parameters
                    .as_ref()
                    .and_then(|a| a.decode_as::<AlgorithmIdentifierOwned>().ok())
                    .ok_or(Bad("mask generation function"))?;
                DigestAlgorithm::from_oid(&inner.oid)
                    .ok_or(UnsupportedAlgorithm::Digest(inner.oid))?
            }
            Some(_) => return Err(Bad("mask generation function is not MGF1")),
        };
        if mask != digest {
            return Err(Bad("MGF1 uses another digest"));
        }
        if usize::from(p.salt_length.unwrap_or(20)) != digest.output_len() {
            return Err(Bad("salt length differs from the digest's"));
        }
        if p.trailer_field.unwrap_or(1) != 1 {
            return Err(Bad("trailer field is not 1"));
        }
        Ok(digest)
    }
}
