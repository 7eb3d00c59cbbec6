//! The profile's `[key]` table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::profile::algorithm::Date;

/// Which keys are taken.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeyConfig {
    /// Curves.
    #[serde(default)]
    pub curves: Vec<KeyCurve>,
    /// The smallest RSA modulus; absent where no RSA key is taken.
    pub minimum_rsa_bits: Option<u32>,
    /// The last day of any certificate, by algorithm: earlier than TS 119 312 asks for.
    #[serde(default)]
    pub ends: BTreeMap<KeyAlgorithm, Date>,
}

/// Curves by name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum KeyCurve {
    P256,
    P384,
    P521,
    Ed25519,
}

/// What a profile may set an end for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum KeyAlgorithm {
    P256,
    P384,
    P521,
    Ed25519,
    Rsa,
}

impl KeyAlgorithm {
    /// As the file names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
        }
    }
}

impl From<KeyCurve> for KeyAlgorithm {
    fn from(curve: KeyCurve) -> Self {
        match curve {
            KeyCurve::P256 => Self::P256,
            KeyCurve::P384 => Self::P384,
            KeyCurve::P521 => Self::P521,
            KeyCurve::Ed25519 => Self::Ed25519,
        }
    }
}
