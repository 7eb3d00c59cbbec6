//! Revoking.

use ca_core::RevocationReason;
use clap::Args;
use cli_support::PinArgs;
use pki_asn1::UnixTime;

use super::{ActorArgs, Which};

/// Revoke a certificate and publish a CRL that says so
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca revoke --ca companies --cert acme.pem --reason keyCompromise
  sceau-ca -C ca revoke --ca companies --serial 4F2A... --reason superseded
  sceau-ca -C ca revoke --cert acme.pem --reason keyCompromise --invalidity-date 2026-11-20T08:00:00Z

Reasons: keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn,
cACompromise, unspecified (RFC 5280 section 5.3.1).
OCSP answers from the same record, so it says revoked at once.")]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(crate) which: Which,

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
    pub(crate) actors: ActorArgs,
}
