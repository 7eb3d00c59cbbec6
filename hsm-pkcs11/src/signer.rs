//! The seam: what every backend offers and how it fails.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use pki_crypto::{
    DigestAlgorithm, ForeignKey, KeyKind, Message, MlDsa, PublicKey, SignatureAlgorithm,
};

use crate::error::ErrorKind;

/// A private key that can sign, wherever it lives. Implementations are shared between threads; each
/// call is independent.
pub trait Signer: fmt::Debug + Send + Sync {
    /// The algorithm [`Signer::sign`] uses.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// Where the private half is.
    fn protection(&self) -> Protection;

    /// How long a signature takes.
    fn pace(&self) -> Pace {
        Pace::Waits
    }

    /// Signs `message` and returns the value as X.509 and CMS carry it: DER `Ecdsa-Sig-Value`, the
    /// RSA integer in modulus length, or the octets of Ed25519 and ML-DSA.
    ///
    /// # Errors
    /// Where the key cannot be used now; see [`SignError`].
    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError>;
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn algorithm(&self) -> SignatureAlgorithm {
        (**self).algorithm()
    }

    fn public_key(&self) -> &PublicKey {
        (**self).public_key()
    }

    fn protection(&self) -> Protection {
        (**self).protection()
    }

    fn pace(&self) -> Pace {
        (**self).pace()
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        (**self).sign(message)
    }
}

/// Where a private key is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// In this process's memory, from an encrypted file.
    Software,
    /// In a PKCS#11 token.
    Token,
    /// At a signing service, behind a network.
    Remote,
}

/// How long work takes, for who decides which thread does it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Pace {
    /// Some ten microseconds of computing, never waiting for anything: less than it costs to hand it
    /// to another thread.
    Immediate,
    /// Longer, or nobody knows how long: a token, a database, RSA.
    Waits,
}

/// What to generate.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KeySpec {
    /// Curve or modulus length.
    pub kind: KeyKind,
    /// What the key will sign with.
    pub algorithm: SignatureAlgorithm,
}

impl KeySpec {
    /// P-256 with SHA-256.
    pub const P256: Self = Self {
        kind: KeyKind::EcP256,
        algorithm: SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
    };
    /// P-384 with SHA-384.
    pub const P384: Self = Self {
        kind: KeyKind::EcP384,
        algorithm: SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
    };
    /// P-521 with SHA-512.
    pub const P521: Self = Self {
        kind: KeyKind::EcP521,
        algorithm: SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
    };
    /// brainpoolP256r1 with SHA-256; in tokens only.
    pub const BRAINPOOL_P256: Self = Self {
        kind: KeyKind::BrainpoolP256,
        algorithm: SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
    };
    /// brainpoolP384r1 with SHA-384; in tokens only.
    pub const BRAINPOOL_P384: Self = Self {
        kind: KeyKind::BrainpoolP384,
        algorithm: SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
    };
    /// RSA-3072 with PKCS#1 v1.5 and SHA-256.
    pub const RSA3072: Self = Self {
        kind: KeyKind::Rsa { bits: 3072 },
        algorithm: SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
    };
    /// RSA-4096 with PKCS#1 v1.5 and SHA-512.
    pub const RSA4096: Self = Self {
        kind: KeyKind::Rsa { bits: 4096 },
        algorithm: SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512),
    };
    /// RSA-3072 with PSS and SHA-256.
    pub const RSA3072_PSS: Self = Self {
        kind: KeyKind::Rsa { bits: 3072 },
        algorithm: SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha256),
    };
    /// RSA-4096 with PSS and SHA-512.
    pub const RSA4096_PSS: Self = Self {
        kind: KeyKind::Rsa { bits: 4096 },
        algorithm: SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha512),
    };
    /// Ed25519.
    pub const ED25519: Self = Self {
        kind: KeyKind::Ed25519,
        algorithm: SignatureAlgorithm::Ed25519,
    };

    /// ML-DSA (FIPS 204); in key files only, and only where it is built in.
    #[must_use]
    pub const fn ml_dsa(set: MlDsa) -> Self {
        Self {
            kind: KeyKind::MlDsa(set),
            algorithm: SignatureAlgorithm::MlDsa(set),
        }
    }

    const NAMES: &[(&'static str, Self)] = &[
        ("p256", Self::P256),
        ("p384", Self::P384),
        ("p521", Self::P521),
        ("rsa3072", Self::RSA3072),
        ("rsa4096", Self::RSA4096),
        ("rsa3072-pss", Self::RSA3072_PSS),
        ("rsa4096-pss", Self::RSA4096_PSS),
        ("ed25519", Self::ED25519),
        ("brainpoolp256r1", Self::BRAINPOOL_P256),
        ("brainpoolp384r1", Self::BRAINPOOL_P384),
        #[cfg(feature = "ml-dsa")]
        ("ml-dsa-44", Self::ml_dsa(MlDsa::MlDsa44)),
        #[cfg(feature = "ml-dsa")]
        ("ml-dsa-65", Self::ml_dsa(MlDsa::MlDsa65)),
        #[cfg(feature = "ml-dsa")]
        ("ml-dsa-87", Self::ml_dsa(MlDsa::MlDsa87)),
    ];

    /// Whether a key of this kind can sign with `algorithm`: ECDSA and RSA from 2048 bits with SHA-2 or
    /// SHA-3 of at least 256 bits, Ed25519 and ML-DSA as they are. The key's backend may do less.
    #[must_use]
    pub fn fits(kind: KeyKind, algorithm: SignatureAlgorithm) -> bool {
        let strong = |d| {
            DigestAlgorithm::ALL.contains(&d)
                && !matches!(d, DigestAlgorithm::Sha1 | DigestAlgorithm::Sha224)
        };
        match (kind, algorithm) {
            (KeyKind::Ed25519, SignatureAlgorithm::Ed25519) => true,
            (KeyKind::MlDsa(key), SignatureAlgorithm::MlDsa(set)) => key == set,
            (
                KeyKind::Rsa { bits },
                SignatureAlgorithm::RsaPkcs1(d) | SignatureAlgorithm::RsaPss(d),
            ) => bits >= 2048 && strong(d),
            (kind, SignatureAlgorithm::Ecdsa(d)) => kind.ecdsa_field_len().is_some() && strong(d),
            _ => false,
        }
    }

    /// The algorithm a key of this kind signs with unless told otherwise: the digest matches the
    /// key's strength, RSA uses PKCS#1 v1.5.
    #[must_use]
    pub fn default_algorithm(kind: KeyKind) -> SignatureAlgorithm {
        match kind {
            KeyKind::EcP256 | KeyKind::BrainpoolP256 => Self::P256.algorithm,
            KeyKind::EcP384 | KeyKind::BrainpoolP384 => Self::P384.algorithm,
            KeyKind::EcP521 => Self::P521.algorithm,
            KeyKind::Rsa { bits } if bits >= 4096 => Self::RSA4096.algorithm,
            KeyKind::Rsa { .. } => Self::RSA3072.algorithm,
            KeyKind::Ed25519 => SignatureAlgorithm::Ed25519,
            KeyKind::MlDsa(set) => SignatureAlgorithm::MlDsa(set),
            // Nothing signs with these, see `fits`; this is what would.
            KeyKind::Foreign(ForeignKey::Ec(_)) => Self::P521.algorithm,
            KeyKind::Foreign(ForeignKey::Dsa { .. }) => {
                SignatureAlgorithm::Dsa(DigestAlgorithm::Sha256)
            }
            KeyKind::Foreign(ForeignKey::Ed448) => SignatureAlgorithm::Ed448,
        }
    }
}

/// The names of [`KeySpec`] on the command line: `p256`, `p384`, `p521`, `rsa3072`, `rsa4096`,
/// `rsa3072-pss`, `rsa4096-pss`, `ed25519`, `brainpoolp256r1`, `brainpoolp384r1`, and with the feature
/// `ml-dsa` also `ml-dsa-44`, `ml-dsa-65`, `ml-dsa-87`.
impl FromStr for KeySpec {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::NAMES
            .iter()
            .find(|(name, _)| *name == s)
            .map(|(_, spec)| *spec)
            .ok_or_else(|| {
                let names: Vec<_> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                format!("unknown key type {s:?}; one of {}", names.join(", "))
            })
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(_, spec)| spec == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{} ({})", self.kind, self.algorithm),
        }
    }
}

/// What somebody who signs may choose about the algorithm; the rest follows from the key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AlgorithmChoice {
    /// The digest; `None` for the one that matches the key.
    pub digest: Option<DigestAlgorithm>,
    /// The padding of RSA; `None` for PKCS#1 v1.5.
    pub rsa: Option<RsaPadding>,
}

/// The two paddings of RSA signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS, MGF1 over the same digest, a salt as long as the digest.
    Pss,
}

/// A choice that the key does not leave.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChoiceError {
    /// A digest for a key that signs the message itself.
    #[error("{0} keys sign the message itself, with no digest to choose")]
    Digest(KeyKind),
    /// A padding for a key that has none.
    #[error("{0} keys have no padding to choose: that is for RSA")]
    Padding(KeyKind),
}

impl AlgorithmChoice {
    /// The algorithm of a key of this kind after this choice.
    ///
    /// # Errors
    /// Where the key leaves no such choice.
    pub fn algorithm(self, kind: KeyKind) -> Result<SignatureAlgorithm, ChoiceError> {
        use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
        let usual = KeySpec::default_algorithm(kind);
        let digest = |usual| self.digest.unwrap_or(usual);
        match (usual, self.rsa) {
            (RsaPkcs1(d), Some(RsaPadding::Pss)) => Ok(RsaPss(digest(d))),
            (RsaPkcs1(d), _) => Ok(RsaPkcs1(digest(d))),
            (_, Some(_)) => Err(ChoiceError::Padding(kind)),
            (Ecdsa(d), None) => Ok(Ecdsa(digest(d))),
            (_, None) if self.digest.is_some() => Err(ChoiceError::Digest(kind)),
            (other, None) => Ok(other),
        }
    }
}

/// Why a signature was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Ed25519 and ML-DSA sign messages, and only a digest was given.
    #[error("{0} cannot sign a digest")]
    DigestNotPossible(SignatureAlgorithm),
    /// The digest given is not the algorithm's.
    #[error("a {given} digest was given to a key that signs {algorithm}")]
    WrongDigest {
        /// The key's algorithm.
        algorithm: SignatureAlgorithm,
        /// The digest that was given.
        given: DigestAlgorithm,
    },
    /// The cryptographic library refused.
    #[error("the cryptographic library refused to sign with {0}")]
    Library(SignatureAlgorithm),
    /// The PIN for this signature cannot be had.
    #[error(transparent)]
    Pin(#[from] crate::pin::PinError),
    /// The token failed.
    #[error(transparent)]
    Token(#[from] crate::token_error::TokenError),
    /// The service that holds the key failed.
    #[error("{source}")]
    Remote {
        /// The class of the error.
        kind: ErrorKind,
        /// What to do about it.
        hint: Option<String>,
        /// What the backend says; several signatures may have failed with it.
        source: Arc<dyn core::error::Error + Send + Sync>,
    },
}
