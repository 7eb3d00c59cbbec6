//! The seam: what every backend offers and how it fails.

use core::fmt;
use core::str::FromStr;

use pki_crypto::{DigestAlgorithm, KeyKind, Message, PublicKey, SignatureAlgorithm};

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
    /// RSA integer in modulus length, or the 64 octets of Ed25519.
    ///
    /// # Errors
    /// Where the key cannot be used now; see [`SignError`].
    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError>;
}

impl<S: Signer + ?Sized> Signer for std::sync::Arc<S> {
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

    const NAMES: [(&'static str, Self); 7] = [
        ("p256", Self::P256),
        ("p384", Self::P384),
        ("rsa3072", Self::RSA3072),
        ("rsa4096", Self::RSA4096),
        ("rsa3072-pss", Self::RSA3072_PSS),
        ("rsa4096-pss", Self::RSA4096_PSS),
        ("ed25519", Self::ED25519),
    ];

    /// Whether a key of this kind can sign with `algorithm`: ECDSA with the digest as long as the
    /// curve, RSA from 2048 bits with SHA-2, Ed25519.
    #[must_use]
    pub fn fits(kind: KeyKind, algorithm: SignatureAlgorithm) -> bool {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        match (kind, algorithm) {
            (KeyKind::EcP256, SignatureAlgorithm::Ecdsa(Sha256))
            | (KeyKind::EcP384, SignatureAlgorithm::Ecdsa(Sha384))
            | (KeyKind::EcP521, SignatureAlgorithm::Ecdsa(Sha512))
            | (KeyKind::Ed25519, SignatureAlgorithm::Ed25519) => true,
            (
                KeyKind::Rsa { bits },
                SignatureAlgorithm::RsaPkcs1(d) | SignatureAlgorithm::RsaPss(d),
            ) => bits >= 2048 && matches!(d, Sha256 | Sha384 | Sha512),
            _ => false,
        }
    }

    /// The algorithm a key of this kind signs with unless told otherwise: the digest matches the
    /// key's strength, RSA uses PKCS#1 v1.5.
    #[must_use]
    pub fn default_algorithm(kind: KeyKind) -> SignatureAlgorithm {
        match kind {
            KeyKind::EcP256 => Self::P256.algorithm,
            KeyKind::EcP384 => Self::P384.algorithm,
            KeyKind::EcP521 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
            KeyKind::Rsa { bits } if bits >= 4096 => Self::RSA4096.algorithm,
            KeyKind::Rsa { .. } => Self::RSA3072.algorithm,
            KeyKind::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }
}

/// The names of [`KeySpec`] on the command line: `p256`, `p384`, `rsa3072`, `rsa4096`,
/// `rsa3072-pss`, `rsa4096-pss`, `ed25519`.
impl FromStr for KeySpec {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::NAMES
            .into_iter()
            .find(|(name, _)| *name == s)
            .map(|(_, spec)| spec)
            .ok_or_else(|| {
                let names: Vec<_> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                format!("unknown key type {s:?}; one of {}", names.join(", "))
            })
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.into_iter().find(|(_, spec)| spec == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{} ({})", self.kind, self.algorithm),
        }
    }
}

/// Why a signature was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Ed25519 signs messages, and only a digest was given.
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
    /// The token failed.
    #[error(transparent)]
    Token(#[from] crate::token_error::TokenError),
}
