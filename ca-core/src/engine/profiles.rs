//! The profiles of an installation: the built-in ones, and the operator's own from the record.

use super::{Actors, CaEngine};
use crate::error::CaError;
use crate::profile::{Profile, ProfileError, built_in};
use crate::registration::Matter;
use crate::store::{
    Act, Conflict, ProfileAct, ProfileAddition, RecordedProfile, Store, StoreError,
};

/// Why a profile was not put into the record, or not taken out of use.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileRecordError {
    /// The program has one of that name.
    #[error("{0:?} is a built-in profile")]
    BuiltIn(String),
    /// A change that does not say so.
    #[error("profile {name:?} has version {last} already, and this one is version {given}")]
    VersionNotRaised {
        /// Which profile.
        name: String,
        /// The highest version so far.
        last: u32,
        /// The version of the file.
        given: u32,
    },
    /// Nobody added it, or it is retired.
    #[error("no profile {0:?} was added, or it is retired already")]
    NotInUse(String),
}

impl ProfileRecordError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BuiltIn(_) => "copy it under a name of your own, and change the copy".into(),
            Self::VersionNotRaised { last, .. } => {
                format!("raise `version` above {last}, and `date` with it")
            }
            Self::NotInUse(_) => "`sceau-ca profile list` shows those there are".into(),
        })
    }
}

/// Where a profile is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProfileOrigin {
    /// From the program.
    BuiltIn,
    /// From the record.
    Recorded,
}

/// What an engine offers.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    /// The built-in ones first.
    offered: Vec<Profile>,
    built_in: usize,
    /// Recorded ones that this program's bounds refuse: an earlier program accepted them.
    refused: Vec<(String, ProfileError)>,
    retired: Vec<Profile>,
}

impl Profiles {
    pub(super) fn load(store: &dyn Store) -> Result<Self, CaError> {
        let offered = built_in()?;
        let mut profiles = Self {
            built_in: offered.len(),
            offered,
            ..Self::default()
        };
        let mut recorded = store.recorded_profiles()?;
        // In order of name and version: the last of each name is the one in force.
        recorded.dedup_by(|later, earlier| {
            let same = later.name == earlier.name;
            if same {
                core::mem::swap(later, earlier);
            }
            same
        });
        for recorded in recorded {
            profiles.take(recorded);
        }
        Ok(profiles)
    }

    fn take(&mut self, recorded: RecordedProfile) {
        let retired = recorded.retired_at.is_some();
        match Profile::parse(&recorded.source) {
            Ok(profile) if retired => self.retired.push(profile),
            Ok(profile) => self.offered.push(profile),
            Err(_) if retired => {}
            Err(error) => {
                tracing::warn!(
                    profile = recorded.name,
                    "a recorded profile breaks a bound of this program, and nothing is issued under it"
                );
                self.refused.push((recorded.name, error));
            }
        }
    }

    /// Offers `profile` in the place of whatever has its name, without a record.
    pub(super) fn rehearse(&mut self, profile: &Profile) {
        self.offered.retain(|p| p.name() != profile.name());
        self.offered.push(profile.clone());
        self.built_in = 0;
    }

    pub(super) fn offered(&self) -> &[Profile] {
        &self.offered
    }
}

impl CaEngine {
    /// The profiles, in the order they are listed: the built-in ones, then the operator's.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        self.profiles.offered()
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// [`CaError::UnknownProfile`], or [`CaError::Profile`] where this program's bounds refuse a
    /// recorded one.
    pub fn profile(&self, name: &str) -> Result<&Profile, CaError> {
        if let Some((_, error)) = self.profiles.refused.iter().find(|(n, _)| n == name) {
            return Err(error.clone().into());
        }
        self.profiles
            .offered()
            .iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| CaError::UnknownProfile(name.to_owned()))
    }

    /// The profile of this name in its last version, retired or not: for what was issued under it.
    #[must_use]
    pub fn profile_ever(&self, name: &str) -> Option<&Profile> {
        let all = self.profiles.offered().iter().chain(&self.profiles.retired);
        all.into_iter().find(|p| p.name() == name)
    }

    /// Where an offered profile is from.
    #[must_use]
    pub fn profile_origin(&self, name: &str) -> ProfileOrigin {
        let built_in = &self.profiles.offered()[..self.profiles.built_in];
        if built_in.iter().any(|p| p.name() == name) {
            ProfileOrigin::BuiltIn
        } else {
            ProfileOrigin::Recorded
        }
    }

    /// Puts a checked profile, or a new version of one, into the record; it is offered from then on.
    /// Returns the journal's sequence number.
    ///
    /// # Errors
    /// [`ProfileRecordError`], or where the record cannot be written.
    pub fn add_profile(&mut self, profile: &Profile, actors: &Actors) -> Result<u64, CaError> {
        let name = profile.name().to_owned();
        if self.profile_origin(&name) == ProfileOrigin::BuiltIn {
            return Err(ProfileRecordError::BuiltIn(name).into());
        }
        let act = ProfileAct::Add(addition(profile, actors));
        let committed = self
            .commit(actors, Act::Profile(act))
            .map_err(|e| match e {
                StoreError::Conflict(Conflict::ProfileVersion { last }) => {
                    CaError::from(ProfileRecordError::VersionNotRaised {
                        name: name.clone(),
                        last,
                        given: profile.version(),
                    })
                }
                e => e.into(),
            })?;
        self.profiles = Profiles::load(&*self.store)?;
        Ok(committed)
    }

    /// Takes one of the operator's profiles out of use. What was issued under it stays as it is.
    /// Returns the journal's sequence number.
    ///
    /// # Errors
    /// [`ProfileRecordError`], or where the record cannot be written.
    pub fn retire_profile(&mut self, name: &str, actors: &Actors) -> Result<u64, CaError> {
        if self.profile_origin(name) == ProfileOrigin::BuiltIn {
            return Err(ProfileRecordError::BuiltIn(name.to_owned()).into());
        }
        let not_in_use = || ProfileRecordError::NotInUse(name.to_owned());
        let recorded = self.store.recorded_profiles()?;
        let last = recorded.iter().rfind(|p| p.name == name);
        let last = last.ok_or_else(not_in_use)?;
        let act = ProfileAct::Retire {
            name: name.to_owned(),
            version: last.version,
            decision: actors.decision().cloned(),
        };
        let committed = self
            .commit(actors, Act::Profile(act))
            .map_err(|e| match e {
                StoreError::Conflict(Conflict::UnknownProfile) => CaError::from(not_in_use()),
                e => e.into(),
            })?;
        self.profiles = Profiles::load(&*self.store)?;
        Ok(committed)
    }

    /// What a profile-administrator signs to have this profile added.
    #[must_use]
    pub fn addition_matter(&self, profile: &Profile) -> Matter {
        ProfileAct::Add(addition(profile, &Actors::default())).matter()
    }

    /// What a profile-administrator signs to have this profile retired.
    #[must_use]
    pub fn retirement_matter(&self, name: &str) -> Matter {
        let version = self.profile_ever(name).map_or(0, Profile::version);
        Matter::of_retired_profile(name, version)
    }
}

fn addition(profile: &Profile, actors: &Actors) -> ProfileAddition {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(profile.digest().as_bytes());
    ProfileAddition {
        name: profile.name().to_owned(),
        version: profile.version(),
        source: profile.source().to_owned(),
        sha256,
        decision: actors.decision().cloned(),
    }
}
