//! Publishing CRLs.

use std::path::PathBuf;

use clap::Args;
use cli_support::PinArgs;

use super::ActorArgs;

/// Publish certificate revocation lists, complete and delta, or tell how they stand
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca crl --all
  sceau-ca -C ca crl --ca companies --out companies.crl
  sceau-ca -C ca crl --ca root --days 180 --out root.crl
  sceau-ca -C ca crl --ca companies --partition 7 --delta
  sceau-ca -C ca crl --all --due            for a timer: issue what is due, and nothing else
  sceau-ca -C ca crl --all --watch          stay, and issue what is due when it is
  sceau-ca -C ca crl --all --status         exit code 1 where a CRL is late

When CRLs are due, which kinds there are and what they list stands in the table [crl] of
sceau-ca.toml.")]
pub(crate) struct Crl {
    #[command(flatten)]
    pub(crate) whose: Whose,

    /// Only the CRL of this partition
    #[arg(long, value_name = "N", requires = "ca", conflicts_with_all = ["all", "whole", "due", "watch", "status"], value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) partition: Option<u32>,

    /// The complete CRL of all certificates, even where they are partitioned
    #[arg(long, requires = "ca", conflicts_with_all = ["all", "delta", "due", "watch", "status"])]
    pub(crate) whole: bool,

    /// Only deltas
    #[arg(long, conflicts_with_all = ["due", "watch", "status"])]
    pub(crate) delta: bool,

    /// Only what is due, or waits for a revocation to be told
    #[arg(long, conflicts_with_all = ["out", "days", "hours"])]
    pub(crate) due: bool,

    /// Stay until SIGTERM, and issue what is due when it is; keys are opened once
    #[arg(long, conflicts_with_all = ["due", "status", "out", "days", "hours"])]
    pub(crate) watch: bool,

    /// With --watch: look this often
    #[arg(long, value_name = "SECONDS", requires = "watch", default_value_t = 60, hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) every: u64,

    /// Issue nothing; tell how each CRL stands (needs no key)
    #[arg(long, conflicts_with_all = ["due", "out", "days", "hours"])]
    pub(crate) status: bool,

    /// Write the CRL to this file, replacing an older CRL: DER, or PEM where the name ends in .pem
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub(crate) out: Option<PathBuf>,

    /// How many days until the next one at the latest [default: see sceau-ca.toml]
    #[arg(long, value_name = "N", conflicts_with = "hours", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: Option<u32>,

    /// How many hours until the next one at the latest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=87840))]
    pub(crate) hours: Option<u32>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Whose {
    /// The authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// All authorities
    #[arg(long)]
    pub(crate) all: bool,
}
