//! Authorities: create, list, show.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_pkcs11::{KeyLocation, KeySpec};

use super::hierarchy::{
    Cross, ImportCertificate, ImportCrl, Issuing, Link, RenewAuthority, RequestCertificate,
    Rollover, SignRequest, Terminate,
};
use super::{Acting, Adopt, PinPair};

#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    Create(Box<CreateAuthority>),
    /// List the certification authorities
    #[command(after_help = "\
Examples:
  sceau-ca -C ca ca list")]
    List,
    /// Show one, or write its certificate to a file
    #[command(after_help = "\
Examples:
  sceau-ca -C ca ca show root
  sceau-ca -C ca ca show root --out root-ca.pem")]
    Show {
        /// Its name
        name: String,
        /// Write its certificate (PEM) to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    Renew(Box<RenewAuthority>),
    Rollover(Box<Rollover>),
    Link(Box<Link>),
    Cross(Box<Cross>),
    Issuing(Issuing),
    Request(Box<RequestCertificate>),
    SignRequest(Box<SignRequest>),
    ImportCertificate(ImportCertificate),
    ImportCrl(ImportCrl),
    Terminate(Box<Terminate>),
    Adopt(Box<Adopt>),
}

/// Create a root or an issuing certification authority
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca ca create root --profile root-ca --key ca/keys/root.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA'
  sceau-ca -C ca ca create companies --profile issuing-ca --issuer root \\
      --key 'pkcs11:token=hsm;object=companies' --out companies-ca.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Companies CA'")]
pub(crate) struct CreateAuthority {
    /// Its name in commands and URLs: small letters, digits, hyphens
    pub(crate) name: String,

    /// root-ca or issuing-ca
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: String,

    /// The authority that issues its certificate
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,

    /// Its distinguished name, most general attribute first
    #[arg(long, value_name = "DN")]
    pub(crate) subject: String,

    #[command(flatten)]
    pub(crate) key: AuthorityKeyArgs,

    #[command(flatten)]
    pub(crate) pins: PinPair,

    /// How many days its certificate is valid [default: the profile's]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<u32>,

    /// Write its certificate (PEM) to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct AuthorityKeyArgs {
    /// Generate its key here
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "existing_key",
        conflicts_with = "existing_key"
    )]
    pub(crate) key: Option<KeyLocation>,

    /// Use the key that is here
    #[arg(long, value_name = "KEY")]
    pub(crate) existing_key: Option<KeyLocation>,

    /// What key to generate: p256, p384, rsa3072, rsa4096, rsa3072-pss, rsa4096-pss
    #[arg(long, value_name = "TYPE", default_value = "p384")]
    pub(crate) key_type: KeySpec,
}
