//! The operator's own profiles.

use crate::registration::{Matter, SignedDecision};

/// What happens to one.
#[derive(Clone, Debug)]
pub enum ProfileAct {
    /// A new profile, or a new version of one.
    Add(ProfileAddition),
    /// Nothing is issued under it any more.
    Retire {
        /// Its name.
        name: String,
        /// Its last version.
        version: u32,
        /// Who decided it; `None` where no operator is enrolled.
        decision: Option<SignedDecision>,
    },
}

/// A checked profile that is put into the record.
#[derive(Clone, Debug)]
pub struct ProfileAddition {
    /// Its name.
    pub name: String,
    /// Its version: higher than any before.
    pub version: u32,
    /// Its text (TOML).
    pub source: String,
    /// SHA-256 of the text.
    pub sha256: [u8; 32],
    /// Who decided it; `None` where no operator is enrolled.
    pub decision: Option<SignedDecision>,
}

impl ProfileAct {
    /// What a profile-administrator signs for it.
    #[must_use]
    pub fn matter(&self) -> Matter {
        match self {
            Self::Add(added) => Matter::of_profile(&added.name, &added.sha256),
            Self::Retire { name, version, .. } => Matter::of_retired_profile(name, *version),
        }
    }

    /// The decision behind it.
    #[must_use]
    pub fn decision(&self) -> Option<&SignedDecision> {
        match self {
            Self::Add(added) => added.decision.as_ref(),
            Self::Retire { decision, .. } => decision.as_ref(),
        }
    }
}
