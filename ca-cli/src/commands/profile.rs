//! `sceau-ca profile list | show | check`: they need no folder.

use std::path::Path;

use ca_core::CaError;
use ca_core::profile::{Profile, built_in};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, Table, input};
use serde::Serialize;

use crate::explain::Explained as _;

/// A profile is a page of text.
const PROFILE_LIMIT: u64 = 1 << 16;

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    sha256: String,
    toml: &'a str,
}

pub(super) fn list(output: &OutputArgs) -> Result<Exit, Failure> {
    let profiles = built_in().explained()?;
    let listed: Vec<_> = profiles
        .iter()
        .map(|p| Listed {
            name: p.name(),
            title: &p.config().title,
        })
        .collect();
    output.result(&listed, || {
        let mut table = Table::new(["NAME", "CERTIFIES"]);
        for profile in &listed {
            table.row([profile.name, profile.title]);
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

pub(super) fn show(name: &str, output: &OutputArgs) -> Result<Exit, Failure> {
    let profiles = built_in().explained()?;
    let profile = profiles
        .iter()
        .find(|p| p.name() == name)
        .ok_or_else(|| CaError::UnknownProfile(name.to_owned()))
        .explained()?;
    output.result(&shown(profile), || profile.source().to_owned())?;
    Ok(Exit::Ok)
}

pub(super) fn check(path: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let source = input::read_text(path, "the profile", PROFILE_LIMIT)?;
    let profile = Profile::parse(&source)
        .explained()
        .context(format_args!("cannot accept {}", path.display()))?;
    output.result(&shown(&profile), || {
        format!("profile {} is acceptable\n", profile.name())
    })?;
    Ok(Exit::Ok)
}

fn shown(profile: &Profile) -> Shown<'_> {
    Shown {
        name: profile.name(),
        sha256: profile.digest().to_hex(),
        toml: profile.source(),
    }
}
