//! Profiles.

use std::path::PathBuf;

use ca_core::profile::Language;
use clap::{Args, Subcommand};

use super::Acting;

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// List the certificate profiles
    ///
    /// The built-in ones, and with the folder of a certification authority its own.
    #[command(after_help = "\
Examples:
  sceau-ca profile list
  sceau-ca -C ca profile list --json")]
    List,
    Show(ShowProfile),
    Check(CheckProfile),
    Diff(DiffProfiles),
    Add(AddProfile),
    Retire(RetireProfile),
}

/// Print a profile, or the annex of the certification policy that it makes
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca profile show company-seal
  sceau-ca -C ca profile show company-seal --annex --language fr --out annexe-cachet.md

The annex is Markdown, the same bytes for the same profile and configuration. With the folder of a
certification authority it names that authority's policies and addresses.")]
pub(crate) struct ShowProfile {
    /// Its name
    pub(crate) name: String,

    /// Print the annex of the certification policy instead of the profile
    #[arg(long)]
    pub(crate) annex: bool,

    /// The annex's language: en or fr
    #[arg(
        long,
        value_name = "LANGUAGE",
        default_value = "en",
        requires = "annex"
    )]
    pub(crate) language: Language,

    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Check a profile against the bounds that the standards set
///
/// Everything that is wrong is told at once. A profile that is right is tried: a specimen
/// certificate is issued under it with throw-away keys, linter included, and thrown away.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca profile show company-seal > my-seal.toml
  sceau-ca profile check my-seal.toml
  sceau-ca profile check my-seal.toml --json")]
pub(crate) struct CheckProfile {
    /// The profile (TOML)
    pub(crate) file: PathBuf,
}

/// Say in words what differs between two profiles
///
/// Exit code 0 where nothing differs, 1 where something does. Layout and comments are no difference.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca profile diff company-seal my-seal.toml
  sceau-ca -C ca profile diff my-seal new-seal.toml --json")]
pub(crate) struct DiffProfiles {
    /// The name of a profile, or a file
    pub(crate) a: String,

    /// The name of a profile, or a file
    pub(crate) b: String,
}

/// Add a profile, or a new version of one, to the authority's own
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca profile add my-seal.toml --actor 'policy board, decision 12'

It is checked as by `profile check`, recorded with its SHA-256 in the journal, and offered from then
on. A new version has a higher `version`. The names of built-in profiles cannot be taken.")]
pub(crate) struct AddProfile {
    /// The profile (TOML)
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Issue nothing more under one of the authority's own profiles
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca profile retire my-seal --actor 'policy board, decision 13'

What was issued under it stays as it is. A higher version can be added later.")]
pub(crate) struct RetireProfile {
    /// Its name
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) acting: Acting,
}
