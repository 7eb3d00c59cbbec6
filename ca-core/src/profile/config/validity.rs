//! The profile's `[validity]` table.

use serde::{Deserialize, Serialize};

/// How long, in days of 86,400 seconds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ValidityConfig {
    /// Where the operator says nothing.
    pub default_days: u32,
    /// At most.
    pub maximum_days: u32,
    /// privateKeyUsagePeriod: how long the key signs (RFC 3628 practice for time-stamping units).
    pub private_key_days: Option<u32>,
    /// The life of a short-term certificate in hours, which is less than a day.
    pub hours: Option<u32>,
}
