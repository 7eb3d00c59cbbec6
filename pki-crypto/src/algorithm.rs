//! Signature algorithms and their `AlgorithmIdentifier`s (RFC 3279, 4055, 5758, 8017, 8410, 9881; SHA-3
//! by the OIDs of NIST).

use core::fmt;

use der::asn1::{Any, Null};
use pki_asn1::oid::{self, ObjectIdentifier};
use spki::AlgorithmIdentifierOwned;

use crate::digest::DigestAlgorithm;
use crate::pss::PssParameters;

/// A signature algorithm with its digest. The curve or modulus belongs to the key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA; signature values are the DER `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3).
    Ecdsa(DigestAlgorithm),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS with MGF1 over the same digest and a salt as long as the digest (RFC 4055).
    RsaPss(DigestAlgorithm),
    /// RSASSA-PSS with another salt or another digest in MGF1: verified, never made.
    RsaPssWith(PssParameters),
    /// DSA (FIPS 186-4 section 4): verified, never made.
    Dsa(DigestAlgorithm),
    /// Ed25519 (RFC 8032), which signs the message itself, never a digest of it.
    Ed25519,
    /// Ed448 (RFC 8032), which signs the message itself: verified, never made.
    Ed448,
    /// ML-DSA (FIPS 204), which signs the message itself, never a digest of it.
    MlDsa(MlDsa),
}

/// A parameter set of ML-DSA (FIPS 204 section 4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MlDsa {
    /// ML-DSA-44, security category 2.
    MlDsa44,
    /// ML-DSA-65, security category 3.
    MlDsa65,
    /// ML-DSA-87, security category 5.
    MlDsa87,
}

impl MlDsa {
    /// All of them, for tables.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// Its OID, for keys and signatures alike (RFC 9881 section 2).
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MlDsa44 => oid::ML_DSA_44,
            Self::MlDsa65 => oid::ML_DSA_65,
            Self::MlDsa87 => oid::ML_DSA_87,
        }
    }

    /// The set with this OID; `None` also where this build leaves ML-DSA out.
    #[must_use]
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        let all = Self::ALL.into_iter().filter(|_| cfg!(feature = "ml-dsa"));
        all.into_iter().find(|set| set.oid() == *oid)
    }

    /// Octets of a signature (FIPS 204 table 2).
    #[must_use]
    pub const fn signature_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }

    /// Octets of a public key (FIPS 204 table 2).
    #[must_use]
    pub const fn public_key_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }
}

impl fmt::Display for MlDsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        })
    }
}

/// An algorithm identifier nobody here computes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedAlgorithm {
    /// The signature algorithm's OID is not known.
    #[error("signature algorithm {} is not supported", crate::named(.0))]
    Signature(ObjectIdentifier),
    /// The digest algorithm's OID is not known.
    #[error("digest algorithm {} is not supported", crate::named(.0))]
    Digest(ObjectIdentifier),
    /// RSASSA-PSS with parameters that make no sense.
    #[error("RSASSA-PSS parameters are not supported: {0}")]
    PssParameters(&'static str),
}

/// The OIDs that name ECDSA, DSA or RSA PKCS#1 v1.5 together with a digest; of two for the same, the one
/// to write first.
const WITH_DIGEST: [(ObjectIdentifier, SignatureAlgorithm); 32] = {
    use DigestAlgorithm::{
        Md5, Sha1, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512,
        Sha512_224, Sha512_256,
    };
    use SignatureAlgorithm::{Dsa, Ecdsa, RsaPkcs1};
    [
        (oid::ECDSA_WITH_SHA1, Ecdsa(Sha1)),
        (oid::ECDSA_WITH_SHA224, Ecdsa(Sha224)),
        (oid::ECDSA_WITH_SHA256, Ecdsa(Sha256)),
        (oid::ECDSA_WITH_SHA384, Ecdsa(Sha384)),
        (oid::ECDSA_WITH_SHA512, Ecdsa(Sha512)),
        (oid::ECDSA_WITH_SHA3_256, Ecdsa(Sha3_256)),
        (oid::ECDSA_WITH_SHA3_384, Ecdsa(Sha3_384)),
        (oid::ECDSA_WITH_SHA3_512, Ecdsa(Sha3_512)),
        (oid::SHA1_WITH_RSA, RsaPkcs1(Sha1)),
        (oid::SHA224_WITH_RSA, RsaPkcs1(Sha224)),
        (oid::SHA256_WITH_RSA, RsaPkcs1(Sha256)),
        (oid::SHA384_WITH_RSA, RsaPkcs1(Sha384)),
        (oid::SHA512_WITH_RSA, RsaPkcs1(Sha512)),
        (oid::SHA3_256_WITH_RSA, RsaPkcs1(Sha3_256)),
        (oid::SHA3_384_WITH_RSA, RsaPkcs1(Sha3_384)),
        (oid::SHA3_512_WITH_RSA, RsaPkcs1(Sha3_512)),
        (oid::ECDSA_WITH_SHA3_224, Ecdsa(Sha3_224)),
        (oid::SHA3_224_WITH_RSA, RsaPkcs1(Sha3_224)),
        (oid::SHA512_224_WITH_RSA, RsaPkcs1(Sha512_224)),
        (oid::SHA512_256_WITH_RSA, RsaPkcs1(Sha512_256)),
        (oid::MD5_WITH_RSA, RsaPkcs1(Md5)),
        (oid::OIW_SHA1_WITH_RSA, RsaPkcs1(Sha1)),
        (oid::DSA_WITH_SHA1, Dsa(Sha1)),
        (oid::OIW_DSA_WITH_SHA1, Dsa(Sha1)),
        (oid::DSA_WITH_SHA224, Dsa(Sha224)),
        (oid::DSA_WITH_SHA256, Dsa(Sha256)),
        (oid::DSA_WITH_SHA384, Dsa(Sha384)),
        (oid::DSA_WITH_SHA512, Dsa(Sha512)),
        (oid::DSA_WITH_SHA3_224, Dsa(Sha3_224)),
        (oid::DSA_WITH_SHA3_256, Dsa(Sha3_256)),
        (oid::DSA_WITH_SHA3_384, Dsa(Sha3_384)),
        (oid::DSA_WITH_SHA3_512, Dsa(Sha3_512)),
    ]
};

impl SignatureAlgorithm {
    /// The digest it signs; `None` for Ed25519, Ed448 and ML-DSA.
    #[must_use]
    pub fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::Ecdsa(d) | Self::RsaPkcs1(d) | Self::RsaPss(d) | Self::Dsa(d) => Some(d),
            Self::RsaPssWith(p) => Some(p.digest),
            Self::Ed25519 | Self::Ed448 | Self::MlDsa(_) => None,
        }
    }

    /// The identifier for certificates, CRLs, OCSP responses and CMS, with parameters as the RFCs
    /// ask: absent for ECDSA, DSA, Ed25519, Ed448 and ML-DSA, NULL for PKCS#1 v1.5, explicit for PSS.
    ///
    /// # Errors
    /// Where no identifier is registered for the combination.
    pub fn to_identifier(self) -> Result<AlgorithmIdentifierOwned, UnsupportedAlgorithm> {
        let plain = |oid| (oid, None);
        let (oid, parameters) = match self {
            Self::Ecdsa(digest) | Self::RsaPkcs1(digest) | Self::Dsa(digest) => {
                let parameters = matches!(self, Self::RsaPkcs1(_)).then(|| Any::from(Null));
                let known = WITH_DIGEST.iter().find(|(_, algorithm)| *algorithm == self);
                let (oid, _) = known.ok_or(UnsupportedAlgorithm::Digest(digest.oid()))?;
                (*oid, parameters)
            }
            Self::RsaPss(digest) => {
                return Self::RsaPssWith(PssParameters::usual(digest)).to_identifier();
            }
            Self::RsaPssWith(parameters) => {
                let parameters = parameters
                    .encode()
                    .map_err(|_| UnsupportedAlgorithm::PssParameters("cannot be encoded"))?;
                (oid::RSASSA_PSS, Some(parameters))
            }
            Self::Ed25519 => plain(oid::ED25519),
            Self::Ed448 => plain(oid::ED448),
            Self::MlDsa(set) => plain(set.oid()),
        };
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }

    /// Reads an identifier that says everything (certificates, CRLs, OCSP).
    ///
    /// # Errors
    /// Where the algorithm or its parameters are not supported.
    pub fn from_identifier(id: &AlgorithmIdentifierOwned) -> Result<Self, UnsupportedAlgorithm> {
        if let Some((_, algorithm)) = WITH_DIGEST.iter().find(|(oid, _)| *oid == id.oid) {
            return Ok(*algorithm);
        }
        match id.oid {
            oid::RSASSA_PSS => {
                let parameters = PssParameters::read(id)?;
                Ok(if parameters == PssParameters::usual(parameters.digest) {
                    Self::RsaPss(parameters.digest)
                } else {
                    Self::RsaPssWith(parameters)
                })
            }
            oid::ED25519 => Ok(Self::Ed25519),
            oid::ED448 => Ok(Self::Ed448),
            other => MlDsa::from_oid(&other)
                .map(Self::MlDsa)
                .ok_or(UnsupportedAlgorithm::Signature(other)),
        }
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
            // What extends as far as it is asked to is no digest of these.
            oid::RSA_ENCRYPTION | oid::DSA | oid::EC_PUBLIC_KEY
                if digest == DigestAlgorithm::Shake256 =>
            {
                Err(UnsupportedAlgorithm::Digest(digest.oid()))
            }
            oid::RSA_ENCRYPTION => Ok(Self::RsaPkcs1(digest)),
            // RFC 3370 section 3.1: id-dsa stood for DSA with SHA-1 where the digest says so.
            oid::DSA => Ok(Self::Dsa(digest)),
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
            Self::RsaPssWith(p) => write!(
                f,
                "RSA-PSS with {}, MGF1 with {} and {} octets of salt",
                p.digest, p.mask, p.salt_len
            ),
            Self::Dsa(d) => write!(f, "DSA with {d}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::MlDsa(set) => set.fmt(f),
        }
    }
}
