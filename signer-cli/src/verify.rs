//! `sceau verify`.

use std::path::PathBuf;

use cli_support::{Exit, Failure, OutputArgs};

/// The arguments of `sceau verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file
    file: PathBuf,
}

pub(crate) fn run(args: &Args, _output: &OutputArgs) -> Result<Exit, Failure> {
    Err(Failure::message(Exit::Internal, args.file.display()))
}
