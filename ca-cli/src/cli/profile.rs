//! Profiles.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// List the certificate profiles
    #[command(after_help = "\
Examples:
  sceau-ca profile list")]
    List,
    /// Print a profile
    #[command(after_help = "\
Examples:
  sceau-ca profile show company-seal")]
    Show {
        /// Its name
        name: String,
    },
    /// Check a profile's text against the bounds that the standards set
    #[command(after_help = "\
Examples:
  sceau-ca profile show company-seal > my-seal.toml
  sceau-ca profile check my-seal.toml")]
    Check {
        /// The profile (TOML)
        file: PathBuf,
    },
}
