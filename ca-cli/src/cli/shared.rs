//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;
use cli_support::PinArgs;

/// The PINs of the authority's key and of another one.
#[derive(Args, Debug)]
pub(crate) struct PinPair {
    #[command(flatten)]
    pub(crate) signing: PinArgs,

    /// Read the new key's PIN or passphrase from this file [default: as the signing key's]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_pin_file: Option<PathBuf>,
}

#[derive(Args, Debug, Default)]
pub(crate) struct ActorArgs {
    /// Record who asked for or approved this in the journal (repeatable)
    ///
    /// The operating system's user is always recorded.
    #[arg(long = "actor", value_name = "NAME")]
    pub(crate) actors: Vec<String>,
}
