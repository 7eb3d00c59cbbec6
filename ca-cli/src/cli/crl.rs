//! Publishing CRLs.

use std::path::PathBuf;

use clap::Args;
use cli_support::PinArgs;

use super::ActorArgs;

/// Publish a certificate revocation list
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca crl --all
  sceau-ca -C ca crl --ca companies --out companies.crl
  sceau-ca -C ca crl --ca root --days 180 --out root.crl")]
pub(crate) struct Crl {
    #[command(flatten)]
    pub(crate) whose: Whose,

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
