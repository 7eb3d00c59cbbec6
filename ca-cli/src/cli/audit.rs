//! The journal.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check the journal's chain of hashes from the first record to the last
    #[command(after_help = "\
Examples:
  sceau-ca -C ca audit verify")]
    Verify,
    /// Write the journal to a file, one JSON object a line
    #[command(after_help = "\
Examples:
  sceau-ca -C ca audit export --out journal.jsonl")]
    Export {
        /// The file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}
