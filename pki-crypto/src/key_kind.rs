//! Kinds of keys.

use core::fmt;

use crate::algorithm::MlDsa;
use crate::curve::Curve;

/// What kind of key, and how strong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384,
    /// RSA.
    Rsa {
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// Ed25519.
    Ed25519,
    /// ML-DSA (FIPS 204).
    MlDsa(MlDsa),
    /// A key that others sign with: verified, never signed with.
    Foreign(ForeignKey),
}

/// Kinds of keys whose signatures are verified and never made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ForeignKey {
    /// ECDSA on another curve.
    Ec(Curve),
    /// DSA (FIPS 186-4).
    Dsa {
        /// Length of the prime p in bits; 0 where the parameters are those of the issuer's key
        /// (RFC 3279 section 2.3.2).
        bits: u32,
    },
    /// Ed448.
    Ed448,
}

impl KeyKind {
    /// Octets of an element of the curve's field; `None` for keys that nothing here signs ECDSA with.
    #[must_use]
    pub const fn ecdsa_field_len(self) -> Option<usize> {
        match self {
            Self::EcP256 | Self::BrainpoolP256 => Some(32),
            Self::EcP384 | Self::BrainpoolP384 => Some(48),
            Self::EcP521 => Some(66),
            Self::Rsa { .. } | Self::Ed25519 | Self::MlDsa(_) | Self::Foreign(_) => None,
        }
    }

    /// The longest signature value of such a key, in octets: `Ecdsa-Sig-Value` with two full INTEGERs,
    /// the modulus, or the fixed length of Ed25519, Ed448 and ML-DSA.
    #[must_use]
    pub const fn max_signature_len(self) -> usize {
        match self {
            Self::EcP256 | Self::BrainpoolP256 => 72,
            Self::EcP384 | Self::BrainpoolP384 => 104,
            Self::EcP521 => 139,
            Self::Rsa { bits } => bits.div_ceil(8) as usize,
            Self::Ed25519 => 64,
            Self::MlDsa(set) => set.signature_len(),
            Self::Foreign(ForeignKey::Ec(curve)) => 2 * curve.field_len() + 9,
            Self::Foreign(ForeignKey::Dsa { .. }) => 72,
            Self::Foreign(ForeignKey::Ed448) => 114,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("EC P-256"),
            Self::EcP384 => f.write_str("EC P-384"),
            Self::EcP521 => f.write_str("EC P-521"),
            Self::BrainpoolP256 => f.write_str("EC brainpoolP256r1"),
            Self::BrainpoolP384 => f.write_str("EC brainpoolP384r1"),
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::MlDsa(set) => set.fmt(f),
            Self::Foreign(ForeignKey::Ec(curve)) => write!(f, "EC {curve}"),
            Self::Foreign(ForeignKey::Dsa { bits: 0 }) => {
                f.write_str("DSA (with its issuer's parameters)")
            }
            Self::Foreign(ForeignKey::Dsa { bits }) => write!(f, "DSA-{bits}"),
            Self::Foreign(ForeignKey::Ed448) => f.write_str("Ed448"),
        }
    }
}
