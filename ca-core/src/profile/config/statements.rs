//! The profile's `[statements]` table: qualified statements beside QcCompliance, QcType and QcPDS
//! (EN 319 412-5), which follow from `qualified` and the law.

use serde::{Deserialize, Serialize};

/// What a qualified certificate states besides. Every key has a default, and the table may be absent.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct StatementsConfig {
    /// Whether the key must be in a secure device (QcSSCD, clause 4.2.2).
    pub device: DevicePolicy,
    /// QcLimitValue (clause 4.3.2): the highest value of a transaction.
    pub limit_value: Option<LimitValue>,
    /// QcRetentionPeriod (clause 4.3.3): years for which registration data are kept after the end.
    pub retention_years: Option<u32>,
    /// QcIdentMethod (V2.5.1): how the subject was identified; stated under EU law only, whose
    /// articles it names.
    pub identification: Option<IdentificationMethod>,
    /// QcQSCDlegislation (V2.5.1): the countries other than the EU's under whose law the device is
    /// certified.
    pub device_legislation: Vec<String>,
}

/// Whether the key must be in a qualified signature or seal creation device.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DevicePolicy {
    /// Where somebody vouches for it, the certificate says so.
    #[default]
    Optional,
    /// Nothing is issued unless somebody vouches for it.
    Required,
    /// The certificate never says so.
    Excluded,
}

/// `amount * 10^exponent` of a currency.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitValue {
    /// ISO 4217, three capitals.
    pub currency: String,
    /// The mantissa.
    pub amount: u32,
    /// The power of ten.
    #[serde(default)]
    pub exponent: u32,
}

/// How the subject was identified, by the article of Regulation (EU) No 910/2014.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentificationMethod {
    /// Article 24(1) points (a) and (b) as first adopted: in person, or by electronic means that were
    /// issued in person.
    #[serde(rename = "eidas-24-1-ab")]
    PresenceOrMeans,
    /// Article 24(1) points (c) and (d) as first adopted: a certificate, or a recognised equivalent.
    #[serde(rename = "eidas-24-1-cd")]
    CertificateOrEquivalent,
    /// Article 24(1a) points (a), (c) and (d) as amended: the wallet, a recognised equivalent, or in
    /// person.
    #[serde(rename = "eidas-24-1a-acd")]
    WalletEquivalentOrPresence,
    /// Article 24(1a) point (b) as amended: a qualified certificate.
    #[serde(rename = "eidas-24-1a-b")]
    QualifiedCertificate,
}

impl IdentificationMethod {
    /// As the file names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PresenceOrMeans => "eidas-24-1-ab",
            Self::CertificateOrEquivalent => "eidas-24-1-cd",
            Self::WalletEquivalentOrPresence => "eidas-24-1a-acd",
            Self::QualifiedCertificate => "eidas-24-1a-b",
        }
    }
}
