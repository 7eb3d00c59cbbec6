//! Taking over from another product.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use cli_support::PinArgs;
use hsm_pkcs11::KeyLocation;

use super::{Acting, ActorArgs};

/// Make an authority of another product one of this installation
///
/// Its key stays where it is; it must be the one in the certificate. Import what it issued before
/// issuing with it: see sceau-ca import --help.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca adopt companies --cert companies-ca.pem --chain root-ca.pem \\
      --key 'pkcs11:token=hsm;object=companies'
  sceau-ca -C ca ca adopt old-root --cert cacert.pem --key private/cakey.pem")]
pub(crate) struct Adopt {
    /// Its name in commands and URLs: small letters, digits, hyphens
    pub(crate) name: String,

    /// Its certificate (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,

    /// Where its key is
    #[arg(long, value_name = "KEY")]
    pub(crate) key: KeyLocation,

    /// The certificates above it, up to and including the root (PEM or DER; repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    Openssl(ImportOpenssl),
    Ejbca(ImportCertificates),
    /// Import certificates and CRLs from files, of whatever product
    #[command(after_help = "\
Examples:
  sceau-ca -C ca import certificates --ca companies --certs issued/ --crl companies.crl --dry-run
  sceau-ca -C ca import certificates --ca companies --certs all.pem --crl companies.crl \\
      --report import.csv")]
    Certificates(ImportCertificates),
}

/// Import the database of `openssl ca`: index.txt, its certificates, its CRLs
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca import openssl --ca companies --index demoCA/index.txt \\
      --certs demoCA/newcerts --crl demoCA/crl.pem --dry-run
  sceau-ca -C ca import openssl --ca companies --index demoCA/index.txt \\
      --certs demoCA/newcerts --crl demoCA/crl.pem --report import.csv

The authority is adopted first: sceau-ca ca adopt --help. Each line keeps its status, reason, dates;
a line whose certificate is not found is taken over by its serial number.")]
pub(crate) struct ImportOpenssl {
    /// The database
    #[arg(long, value_name = "FILE")]
    pub(crate) index: PathBuf,

    #[command(flatten)]
    pub(crate) from: ImportArgs,
}

/// Import certificates and CRLs that EJBCA wrote
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca import ejbca --ca companies --certs exported/ --crl companies.crl --dry-run
  sceau-ca -C ca import ejbca --ca companies --certs exported.pem --crl companies.crl \\
      --report import.csv

The authority is adopted first: sceau-ca ca adopt --help. Without a CRL nothing is known of what was
revoked: give the last one.")]
pub(crate) struct ImportCertificates {
    #[command(flatten)]
    pub(crate) from: ImportArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    /// The adopted authority that issued it all
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: String,

    /// A file with certificates (PEM, one or many, or DER), or a folder of such files (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) certs: Vec<PathBuf>,

    /// A full CRL (PEM or DER; repeatable). The next one made here has a higher number
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,

    /// Read and check everything, and record nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write what became of each entry to this file (CSV)
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}
