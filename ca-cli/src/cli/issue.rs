//! Issuing.

use std::path::PathBuf;

use ca_core::Legislation;
use clap::Args;
use hsm_pkcs11::{KeyLocation, KeySpec};

use super::{Acting, PinPair};

/// Issue a certificate
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca issue --ca companies --profile company-seal --csr acme.csr --out acme.pem \\
      --subject 'C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM'
  sceau-ca -C ca issue --ca residents --profile personal-signature --generate-key jane.pem \\
      --subject 'C=MC,CN=Jane Doe,SN=Doe,GN=Jane,serialNumber=IDCMC-00012345' \\
      --out jane-certificate.pem --chain-out jane-chain.pem
  sceau-ca -C ca issue --batch orders.csv --out-dir issued --ca companies --profile company-seal

The subject is what registration established. A request that names another organization or person
is refused; other differences are warnings.
Its attributes keep the order given. Commas and other special characters in values are written
with a backslash (RFC 4514).
A batch that was interrupted is run again with the same command: nothing is issued twice.")]
pub(crate) struct Issue {
    /// The issuing authority
    #[arg(long, value_name = "NAME", required_unless_present = "batch")]
    pub(crate) ca: Option<String>,

    /// The certificate profile (see: sceau-ca profile list)
    #[arg(long, value_name = "PROFILE", required_unless_present = "batch")]
    pub(crate) profile: Option<String>,

    /// The subject's distinguished name, most general attribute first
    #[arg(
        long,
        value_name = "DN",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    pub(crate) subject: Option<String>,

    #[command(flatten)]
    pub(crate) key: SubjectKeyArgs,

    /// What key to generate: p256, p384, rsa3072, rsa4096, rsa3072-pss, rsa4096-pss, ed25519
    #[arg(long, value_name = "TYPE", default_value = "p256", conflicts_with_all = ["csr", "existing_key", "batch"])]
    pub(crate) key_type: KeySpec,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// Declare that the key is in a qualified signature or seal creation device
    #[arg(long)]
    pub(crate) qscd: bool,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// The law under which it is qualified: EU, a country, or none [default: the configuration's]
    #[arg(long, value_name = "LAW")]
    pub(crate) legislation: Option<Legislation>,

    /// Write the certificate (PEM) to this file
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    pub(crate) out: Option<PathBuf>,

    /// Write the issuing authority's and the root's certificates (PEM) to this file
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) chain_out: Option<PathBuf>,

    /// Make a revocation code, and write it to this file for the subscriber; it is kept nowhere else
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) revocation_code_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) batch: BatchArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct SubjectKeyArgs {
    /// Certify the key of this PKCS#10 request (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: Option<PathBuf>,

    /// Generate a key here and certify it
    #[arg(long, value_name = "KEY")]
    pub(crate) generate_key: Option<KeyLocation>,

    /// Certify the key that is here
    #[arg(long, value_name = "KEY")]
    pub(crate) existing_key: Option<KeyLocation>,

    /// Carry out the orders in this file, one a line (CSV: see docs/bulk.md)
    #[arg(long, value_name = "FILE", requires = "out_dir")]
    pub(crate) batch: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct BatchArgs {
    /// Write the certificates of the batch into this folder; it is created
    #[arg(long, value_name = "DIR", requires = "batch")]
    pub(crate) out_dir: Option<PathBuf>,

    /// Write what became of each line to this file (CSV) [default: report.csv in the folder]
    #[arg(long, value_name = "FILE", requires = "batch")]
    pub(crate) report: Option<PathBuf>,

    /// Tells orders that are repeated on purpose, such as next year's, from those of a run that is resumed
    #[arg(long = "batch-name", value_name = "NAME", requires = "batch")]
    pub(crate) name: Option<String>,

    /// How many certificates are issued at once
    #[arg(long, value_name = "N", default_value_t = 8, requires = "batch", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) requesters: u8,
}
