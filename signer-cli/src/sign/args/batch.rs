//! `--from`, `--resume`, `--report`: more documents than a command line holds.

use std::path::PathBuf;

/// Many documents.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Many documents")]
pub(crate) struct BatchArgs {
    /// Sign the files that this list names, one in a line or ended by NUL; - is standard input
    #[arg(long, value_name = "LIST")]
    pub(crate) from: Option<PathBuf>,

    /// Go on with an earlier run: outputs that are there and belong to their inputs are kept
    #[arg(long, conflicts_with = "force")]
    pub(crate) resume: bool,

    /// Write what became of each document into this file, a JSON object in a line
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}
