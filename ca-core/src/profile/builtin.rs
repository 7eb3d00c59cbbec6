//! The profiles shipped with the program, in the order they are listed.

use super::{Profile, ProfileError};

pub(super) const SOURCES: [&str; 11] = [
    include_str!("../../profiles/root-ca.toml"),
    include_str!("../../profiles/issuing-ca.toml"),
    include_str!("../../profiles/company-seal.toml"),
    include_str!("../../profiles/public-body-seal.toml"),
    include_str!("../../profiles/personal-signature.toml"),
    include_str!("../../profiles/short-term-signature.toml"),
    include_str!("../../profiles/professional-signature.toml"),
    include_str!("../../profiles/authentication.toml"),
    include_str!("../../profiles/ocsp-signer.toml"),
    include_str!("../../profiles/time-stamping-unit.toml"),
    include_str!("../../profiles/cross-ca.toml"),
];

/// The built-in profiles.
///
/// # Errors
/// Never in a build whose tests pass.
pub fn built_in() -> Result<Vec<Profile>, ProfileError> {
    SOURCES.into_iter().map(Profile::parse).collect()
}
