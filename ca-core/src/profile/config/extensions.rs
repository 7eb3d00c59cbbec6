//! The profile's `[extensions]` table.

use serde::{Deserialize, Serialize};

/// Extensions the profile decides on; the others follow from the subject type.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExtensionsConfig {
    /// keyUsage, always critical.
    pub key_usage: Vec<KeyUsageBit>,
    /// extKeyUsage by label or dotted identifier; none where empty.
    #[serde(default)]
    pub extended_key_usage: Vec<String>,
    /// Whether extKeyUsage is critical.
    #[serde(default)]
    pub extended_key_usage_is: Criticality,
    /// Where a relying party learns the status.
    #[serde(default)]
    pub revocation: RevocationInformation,
    /// pathLenConstraint of a CA.
    pub path_length: Option<u8>,
}

/// Whether an extension is critical.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Criticality {
    Critical,
    #[default]
    NonCritical,
}

/// Where a relying party learns a certificate's status.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationInformation {
    /// AIA with OCSP, and a CRL distribution point.
    #[default]
    OcspAndCrl,
    /// Nowhere: id-pkix-ocsp-nocheck and a short life (OCSP signers).
    NoCheck,
    /// Nowhere: a trust anchor.
    TrustAnchor,
    /// Nowhere: the certificate ends before a revocation would be published (EN 319 412-1 clause
    /// 5.2, RFC 9608).
    ShortTerm,
}

/// keyUsage bits (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum KeyUsageBit {
    DigitalSignature,
    NonRepudiation,
    KeyEncipherment,
    KeyAgreement,
    KeyCertSign,
    #[serde(rename = "cRLSign")]
    CrlSign,
}

impl KeyUsageBit {
    /// As the file and RFC 5280 name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
        }
    }
}
