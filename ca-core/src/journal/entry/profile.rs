//! The records of profiles. The text is in the tables; its SHA-256 here holds it to what was added.

use serde::{Deserialize, Serialize};

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
    },
    ProfileRetired {
        name: String,
        version: u32,
    },
}

impl From<&ProfileAct> for ProfileEntry {
    fn from(act: &ProfileAct) -> Self {
        match act {
            ProfileAct::Add(added) => Self::ProfileAdded {
                name: added.name.clone(),
                version: added.version,
                sha256: hex::encode(added.sha256),
            },
            ProfileAct::Retire { name, version } => Self::ProfileRetired {
                name: name.clone(),
                version: *version,
            },
        }
    }
}
