//! Judging certificates, CRLs and OCSP responses, whoever issued them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Check certificates, CRLs and OCSP responses against the standards
///
/// Files are PEM or DER; what they hold is detected. Without a profile, the kind of a certificate is
/// read off the certificate. The command needs no certification authority's folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sceau-ca lint acme.pem
  sceau-ca lint --profile company-seal --issuer companies-ca.pem acme.pem
  sceau-ca lint --fail-on warning companies.crl
  sceau-ca lint --json acme.pem
  sceau-ca lint --rules

Exit codes: 0 nothing at or above --fail-on, 1 something, 65 not a certificate, CRL or OCSP response.")]
pub(crate) struct Lint {
    /// The files
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    pub(crate) files: Vec<PathBuf>,

    /// Judge certificates by this profile: a built-in one's name, or the path of a profile file
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The certificate of the issuer, to compare names, key identifiers and validity with
    #[arg(long, value_name = "FILE")]
    pub(crate) issuer: Option<PathBuf>,

    /// Fail on findings of this severity and above
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,

    /// List the rules with their clauses instead, as Markdown
    #[arg(long, conflicts_with_all = ["files", "profile", "issuer"])]
    pub(crate) rules: bool,
}

/// The severity from which on the answer is no.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOn {
    /// Against a "shall"
    Error,
    /// Against a "should"
    Warning,
    /// Worth knowing
    Notice,
}
