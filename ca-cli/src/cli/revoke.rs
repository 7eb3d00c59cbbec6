//! Revoking, suspending, resuming.

use std::path::PathBuf;

use ca_core::RevocationReason;
use clap::Args;
use cli_support::PinArgs;
use pki_asn1::UnixTime;

use super::{Acting, Which};

/// Revoke a certificate and publish a CRL that says so
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca revoke --ca companies --cert acme.pem --reason keyCompromise
  sceau-ca -C ca revoke --ca companies --serial 4F2A... --reason superseded
  sceau-ca -C ca revoke --cert acme.pem --reason keyCompromise --invalidity-date 2026-11-20T08:00:00Z \\
      --operator rita --operator-key rita.key
  sceau-ca -C ca revoke --serial 4F2A... --code

Reasons: keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn,
cACompromise (of a CA), unspecified (RFC 5280 section 5.3.1). A suspended certificate is revoked from
its suspension on. OCSP answers from the same record, so it says revoked at once.")]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) which: Which,

    #[command(flatten)]
    pub(crate) code: CodeArgs,

    /// Why
    #[arg(
        long,
        value_name = "REASON",
        default_value = "unspecified",
        hide_default_value = true
    )]
    pub(crate) reason: RevocationReason,

    /// Since when the key is known or believed to be compromised
    #[arg(long, value_name = "RFC3339")]
    pub(crate) invalidity_date: Option<UnixTime>,

    /// When the request to revoke was received [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) requested_at: Option<UnixTime>,

    /// Do not publish a CRL: needs no key, for when it is out of reach
    #[arg(long, conflicts_with = "pin_file")]
    pub(crate) no_crl: bool,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Who has the certificate's revocation code needs no operator.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct CodeArgs {
    /// Revoke for whoever holds the certificate's revocation code, which is in this file
    #[arg(long, value_name = "FILE", requires = "serial", conflicts_with_all = ["ca", "cert", "invalidity_date", "requested_at", "operators", "decisions"])]
    pub(crate) code_file: Option<PathBuf>,

    /// Revoke for whoever holds the certificate's revocation code, which is asked for on the terminal
    #[arg(long, requires = "serial", conflicts_with_all = ["ca", "cert", "invalidity_date", "requested_at", "operators", "decisions"])]
    pub(crate) code: bool,
}

impl CodeArgs {
    /// Whether the code decides, and not an operator.
    pub(crate) fn is_given(&self) -> bool {
        self.code || self.code_file.is_some()
    }
}

/// Suspend a certificate (certificateHold), until it is resumed or revoked
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca suspend --cert acme.pem
  sceau-ca -C ca suspend --ca companies --serial 4F2A... --requested-at 2026-11-20T08:00:00Z

Certificates of people and companies can be suspended; those of CAs, OCSP signers and time-stamping
units cannot.")]
pub(crate) struct Suspend {
    #[command(flatten)]
    pub(crate) hold: Hold,
}

/// End a suspension: the certificate is good again
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca resume --cert acme.pem
  sceau-ca -C ca resume --ca companies --serial 4F2A...

It leaves the CRL; deltas say removeFromCRL.")]
pub(crate) struct Resume {
    #[command(flatten)]
    pub(crate) hold: Hold,
}

#[derive(Args, Debug)]
#[group(skip)]
pub(crate) struct Hold {
    #[command(flatten)]
    pub(crate) which: Which,

    /// When the request was received [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) requested_at: Option<UnixTime>,

    /// Do not publish a CRL: needs no key, for when it is out of reach
    #[arg(long, conflicts_with = "pin_file")]
    pub(crate) no_crl: bool,

    #[command(flatten)]
    pub(crate) pin: PinArgs,

    #[command(flatten)]
    pub(crate) acting: Acting,
}
