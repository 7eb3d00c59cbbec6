//! A new folder.

use std::path::PathBuf;

use ca_core::Legislation;
use clap::Args;

use super::DatabaseArgs;
use crate::config::PdsArg;

/// Create the folder of a new certification authority
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca init ca --base-url http://pki.sceau.example
  sceau-ca init ca --base-url http://pki.sceau.example --country MC --legislation MC \\
      --cps-uri https://sceau.example/cps --pds en=https://sceau.example/pds-en.pdf
  sceau-ca init ca --base-url http://pki.sceau.example \\
      --database postgresql://sceau@db.sceau.example/sceau \\
      --database-password-file db-password --database-ca-certificates db-ca.pem")]
pub(crate) struct Init {
    /// The folder; it is created, or is empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,

    /// Where OCSP, CRLs and CA certificates will be served, as certificates will say
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,

    /// The country the authority is established in
    #[arg(long, value_name = "CC", default_value = "MC")]
    pub(crate) country: String,

    /// The arc of the certificate policies' object identifiers (the default is for examples)
    #[arg(long, value_name = "OID", default_value = "1.3.6.1.4.1.32473.1")]
    pub(crate) policy_arc: String,

    /// Where the certification practice statement is published [default: BASE-URL/cps]
    #[arg(long, value_name = "URL")]
    pub(crate) cps_uri: Option<String>,

    /// Where the PKI disclosure statement in a language is published (repeatable)
    #[arg(long, value_name = "LANGUAGE=URL")]
    pub(crate) pds: Vec<PdsArg>,

    /// The law under which certificates are qualified: EU, a country, or none
    #[arg(long, value_name = "LAW", default_value = "none")]
    pub(crate) legislation: Legislation,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}
