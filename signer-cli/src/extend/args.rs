//! The command line of `sceau extend`.

use core::time::Duration;
use std::path::PathBuf;

use ades::extend::{ExtendOptions, Others, Renewal, Target};
use ades::pades::Vri;
use clap::ValueEnum;

use crate::network::NetworkArgs;
use crate::trusted_lists::TrustedListArgs;

const EXAMPLES: &str = "\
Examples:
  Make a signed contract verifiable for decades:
    sceau extend contract.signed.pdf --out contract.archive.pdf --to b-lta \\
      --tsa http://tsa.sceau.example/ --trust root-ca.pem

  Renew the archive time-stamps of a folder, where they end within a year:
    sceau extend archive/ --out-dir archive-2031/ --to b-lta --renew-within 365 \\
      --tsa http://tsa.sceau.example/ --trust root-ca.pem

Exit status: 0 extended, or nothing was to be done; 1 some documents of several failed; 3 no signature;
64 wrong command line; 65 a signature cannot be raised, or the document is not usable; 69 a
time-stamping authority or validation data is not available; 73 the output exists or cannot be
created; 74 reading or writing failed.";

/// The arguments of `sceau extend`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to extend: a signed PDF or a signature file, or several, or folders of them
    #[arg(required = true, value_name = "IN")]
    pub(super) inputs: Vec<PathBuf>,

    /// Where to write the extended document or signature
    ///
    /// Without it: beside the input, as NAME.extended.pdf, NAME.extended.p7s and so on.
    #[arg(short, long, value_name = "OUT", conflicts_with = "out_dir")]
    pub(super) out: Option<PathBuf>,

    /// Write the outputs into this folder, under the names of the inputs
    #[arg(long, value_name = "DIR")]
    pub(super) out_dir: Option<PathBuf>,

    /// Replace outputs that exist
    #[arg(long)]
    pub(super) force: bool,

    /// The level to reach: b-t (a time-stamp), b-lt (and validation data), b-lta (and an archive
    /// time-stamp over both; one that is there is renewed)
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) to: Level,

    /// A time-stamping authority, by its URL or its name in the settings file; given again, the
    /// fallback. Default: those of the settings file
    #[arg(long, value_name = "URL")]
    pub(super) tsa: Vec<String>,

    /// Renew an archive time-stamp only where its certificate ends within so many days
    #[arg(long, value_name = "DAYS")]
    pub(super) renew_within: Option<u32>,

    /// Raise the signatures that can be raised, also where others in the file cannot
    #[arg(long)]
    pub(super) allow_partial: bool,

    /// The file that a detached signature is over
    #[arg(long, value_name = "FILE")]
    pub(super) content: Option<PathBuf>,

    /// Read the password of an encrypted PDF from this file
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,

    /// PDF: list the validation data for each signature as well (/VRI)
    #[arg(long)]
    pub(super) vri: bool,

    #[command(flatten)]
    pub(super) evidence: EvidenceArgs,

    #[command(flatten)]
    pub(super) trusted_lists: TrustedListArgs,

    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

/// Where validation data comes from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Validation data")]
pub(crate) struct EvidenceArgs {
    /// Certificates to trust: a PEM or DER file, or a folder of them (repeatable)
    ///
    /// Without any, every path has to end at a self-signed certificate, whoever's it is.
    #[arg(long, value_name = "PATH")]
    pub(super) trust: Vec<PathBuf>,

    /// Further certificates, trusted in no way: files or folders (repeatable)
    #[arg(long = "cert", visible_alias = "chain", value_name = "PATH")]
    pub(super) certificates: Vec<PathBuf>,

    /// CRLs or OCSP responses: files or folders (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(super) crl: Vec<PathBuf>,

    /// Fetch no validation data from the network; time-stamping authorities are asked all the same
    #[arg(long)]
    pub(super) offline: bool,
}

/// `--to`
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Level {
    /// With time-stamp
    #[value(name = "b-t")]
    BT,
    /// With validation data
    #[value(name = "b-lt")]
    BLt,
    /// With archive time-stamp
    #[value(name = "b-lta")]
    BLta,
}

impl Args {
    pub(super) fn options(&self) -> ExtendOptions {
        const DAY: u64 = 86_400;
        let mut options = ExtendOptions::new(match self.to {
            Level::BT => Target::BT,
            Level::BLt => Target::BLt,
            Level::BLta => Target::BLta,
        });
        if self.allow_partial {
            options.others = Others::Raise;
        }
        if let Some(days) = self.renew_within {
            options.renewal = Renewal::Within(Duration::from_secs(u64::from(days) * DAY));
        }
        if self.vri {
            options.vri = Vri::Write;
        }
        options
    }
}
