//! OCSP signers.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_pkcs11::{KeyLocation, KeySpec};

use super::{Acting, PinPair};

#[derive(Debug, Subcommand)]
pub(crate) enum OcspSignerCommand {
    Renew(Box<RenewOcspSigner>),
}

/// Issue a certificate for the key that signs an authority's OCSP responses
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ocsp-signer renew --ca companies --key ca/keys/ocsp-companies.pem \\
      --out ocsp-companies.pem

The key is generated if there is none. Certificates of OCSP signers are short-lived, because they
cannot be revoked (RFC 6960 section 4.2.2.2.1): renew them from a timer.")]
pub(crate) struct RenewOcspSigner {
    /// The authority whose certificates the responses are about
    #[arg(long, value_name = "NAME")]
    pub(crate) ca: String,

    /// The OCSP signer's key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: KeyLocation,

    /// What key to generate: p256, p384, rsa3072, rsa4096
    #[arg(long, value_name = "TYPE", default_value = "p256")]
    pub(crate) key_type: KeySpec,

    /// Its distinguished name [default: the authority's, with a common name of its own]
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// How many days the certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write the certificate (PEM) to this file, replacing the one it renews
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) acting: Acting,
}
