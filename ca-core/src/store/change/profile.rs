//! The operator's own profiles.

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
}
