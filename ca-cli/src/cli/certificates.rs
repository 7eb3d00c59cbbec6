//! Finding certificates.

use std::path::PathBuf;

use clap::Args;

use crate::serial::Serial;

/// List certificates
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca list
  sceau-ca -C ca list --ca companies --revoked --json")]
pub(crate) struct List {
    /// Only those of this authority
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    /// Only revoked ones
    #[arg(long)]
    pub(crate) revoked: bool,
}

/// Show a certificate's state, or write the certificate to a file
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca show --serial 4F2A...
  sceau-ca -C ca show --cert acme.pem
  sceau-ca -C ca show --serial 4F2A... --out acme.pem")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Write the certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Which {
    /// The issuing authority, where two issued the same serial number
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: Option<String>,

    #[command(flatten)]
    pub(crate) certificate: WhichCertificate,
}

/// One of the two, so that whoever gives none is told of both.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichCertificate {
    /// The certificate with this serial number (hexadecimal)
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: Option<Serial>,

    /// The certificate in this file (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
}
