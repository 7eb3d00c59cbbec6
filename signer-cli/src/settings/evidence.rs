//! `[evidence]`: what validation data must be like that is kept with a signature.

use core::time::Duration;

use ades::evidence::Freshness;
use serde::Deserialize;

/// `[evidence]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EvidenceTable {
    #[serde(default)]
    freshness: FreshnessSetting,
    /// With after-signature: so many seconds after it at least.
    #[serde(default)]
    grace_seconds: u32,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FreshnessSetting {
    #[default]
    Current,
    AfterSignature,
}

impl EvidenceTable {
    pub(crate) fn freshness(self) -> Freshness {
        match self.freshness {
            FreshnessSetting::Current => Freshness::Current,
            FreshnessSetting::AfterSignature => {
                Freshness::After(Duration::from_secs(self.grace_seconds.into()))
            }
        }
    }
}
