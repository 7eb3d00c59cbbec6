//! What levels b-lt and b-lta take besides.

use std::path::PathBuf;

use crate::trusted_lists::TrustedListArgs;

/// Validation data of a long-term signature.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Levels b-lt and b-lta")]
pub(crate) struct LongTermArgs {
    /// Certificates to trust: a PEM or DER file, or a folder of them (repeatable)
    ///
    /// Without any, every path has to end at a self-signed certificate, whoever's it is.
    #[arg(long, value_name = "PATH")]
    pub(crate) trust: Vec<PathBuf>,

    /// CRLs or OCSP responses to be used before any is fetched: files or folders (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) crl: Vec<PathBuf>,

    /// PDF: list the validation data for the signature as well (/VRI)
    #[arg(long)]
    pub(crate) vri: bool,

    #[command(flatten)]
    pub(crate) trusted_lists: TrustedListArgs,
}

impl LongTermArgs {
    pub(crate) fn is_given(&self) -> bool {
        let lists = self.trusted_lists.is_given();
        lists || !self.trust.is_empty() || !self.crl.is_empty() || self.vri
    }
}
