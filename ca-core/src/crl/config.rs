//! When CRLs are published and what they list, as the operator writes it: the table `[crl]` of
//! `sceau-ca.toml`. [`super::CrlPolicy`] is the checked form.

use serde::{Deserialize, Serialize};

/// The table `[crl]`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CrlConfig {
    /// From thisUpdate to nextUpdate of a root's CRLs.
    pub root_days: u32,
    /// When a root's next CRL is due; half of `root-days` where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_renew_days: Option<u32>,
    /// From thisUpdate to nextUpdate of an issuing CA's complete CRLs.
    pub issuing_hours: u32,
    /// When an issuing CA's next complete CRL is due; 24 hours, or half of `issuing-hours` where
    /// that is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuing_renew_hours: Option<u32>,
    /// How long after it is due a CRL is late.
    pub late_minutes: u32,
    /// How long a revocation may wait for the next complete CRL.
    pub complete_within_minutes: u32,
    /// What `revoke`, `suspend` and `resume` publish.
    pub after_revocation: AfterRevocation,
    /// Whether certificates stay on CRLs when they have expired.
    pub expired: ExpiredEntries,
    /// Dividing the certificates of authorities that are created from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<PartitionConfig>,
    /// Deltas; none where the table is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<DeltaConfig>,
}

/// The table `[crl.partitions]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartitionConfig {
    /// How many CRLs share the certificates of one authority.
    pub number: u32,
    /// Whose.
    #[serde(default)]
    pub of: CrlIssuers,
}

/// The table `[crl.delta]`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DeltaConfig {
    /// From thisUpdate to nextUpdate of a delta.
    pub hours: u32,
    /// When the next delta is due; half of `hours` where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_hours: Option<u32>,
    /// Whose.
    pub of: CrlIssuers,
    /// What names the delta's URL.
    pub freshest_crl: FreshestCrl,
}

/// What is published when a certificate's status has changed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterRevocation {
    /// The delta of the certificate's scope where there are deltas, else its complete CRL.
    #[default]
    Freshest,
    /// The complete CRL of the certificate's scope, and its delta where there are deltas.
    Complete,
    /// Nothing: `sceau-ca crl --due` finds it.
    Nothing,
}

/// What becomes of entries whose certificate has expired.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpiredEntries {
    /// They stay, and expiredCertsOnCRL says so.
    #[default]
    Keep,
    /// They go after one scheduled CRL that was issued beyond their validity (RFC 5280 section 3.3).
    Drop,
}

/// Which authorities.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlIssuers {
    /// Those below a root.
    #[default]
    IssuingCas,
    /// Roots as well.
    All,
}

/// Where freshestCRL stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreshestCrl {
    /// In complete CRLs (RFC 5280 section 5.2.6).
    #[default]
    Crls,
    /// In certificates as well (RFC 5280 section 4.2.1.15).
    CrlsAndCertificates,
}

impl Default for CrlConfig {
    /// EN 319 411-1 wants a CRL of an issuing CA every 24 hours and of a root every year; a CRL must
    /// outlive its successor's delay.
    fn default() -> Self {
        Self {
            root_days: 180,
            root_renew_days: None,
            issuing_hours: 72,
            issuing_renew_hours: None,
            late_minutes: 60,
            complete_within_minutes: 30,
            after_revocation: AfterRevocation::default(),
            expired: ExpiredEntries::default(),
            partitions: None,
            delta: None,
        }
    }
}

impl Default for DeltaConfig {
    fn default() -> Self {
        Self {
            hours: 12,
            renew_hours: None,
            of: CrlIssuers::default(),
            freshest_crl: FreshestCrl::default(),
        }
    }
}
