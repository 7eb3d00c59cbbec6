//! `sceau sign`.

use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `sceau sign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file
    file: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet: {}", args.file.display())
}
