//! The records of profiles. The text is in the tables; its SHA-256 here holds it to what was added.

use serde::{Deserialize, Serialize};

use super::DecisionEntry;
use crate::store::ProfileAct;

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum ProfileEntry {
    ProfileAdded {
        name: String,
        version: u32,
        sha256: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<DecisionEntry>,
    },
    ProfileRetired {
        name: String,
        version: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<DecisionEntry>,
    },
}

impl From<&ProfileAct> for ProfileEntry {
    fn from(act: &ProfileAct) -> Self {
        match act {
            ProfileAct::Add(added) => Self::ProfileAdded {
                name: added.name.clone(),
                version: added.version,
                sha256: hex::encode(added.sha256),
                decision: added.decision.as_ref().map(Into::into),
            },
            ProfileAct::Retire {
                name,
                version,
                decision,
            } => Self::ProfileRetired {
                name: name.clone(),
                version: *version,
                decision: decision.as_ref().map(Into::into),
            },
        }
    }
}
