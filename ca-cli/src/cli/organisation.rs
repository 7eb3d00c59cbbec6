//! Organisations.

use clap::{Args, Subcommand};

use super::Acting;
use crate::registration::PersonArg;

#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationCommand {
    New(Box<NewOrganisation>),
    /// List the organisations
    #[command(after_help = "\
Examples:
  sceau-ca -C ca organisation list")]
    List,
    /// Show an organisation and its certificates that have not ended
    #[command(after_help = "\
Examples:
  sceau-ca -C ca organisation show NTRMC-00S03813")]
    Show {
        /// Its identifier
        identifier: String,
    },
    StrikeOff(StrikeOff),
    /// Let a suspended organisation be: its suspended certificates are good again
    #[command(after_help = "\
Examples:
  sceau-ca -C ca organisation reinstate NTRMC-00S03813 --operator rita --operator-key rita.key")]
    Reinstate(Reinstate),
}

/// Register an organisation, and who speaks for it
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca organisation new NTRMC-00S03813 --name 'Acme SAM' \\
      --person 'legal-representative:Max Muster' --person 'certification-agent:Ana Ruiz' \\
      --operator bert --operator-key bert.key")]
pub(crate) struct NewOrganisation {
    /// Its identifier in certificates, such as NTRMC-00S03813 (EN 319 412-1 clause 5.1.4)
    pub(crate) identifier: String,

    /// Its registered name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,

    /// A legal-representative or certification-agent (repeatable)
    #[arg(long = "person", value_name = "ROLE:NAME")]
    pub(crate) people: Vec<PersonArg>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// Strike an organisation off: all its certificates are revoked with it, in one act
///
/// Nothing is issued for it any more. OCSP says so at once; publish the CRLs after it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca organisation strike-off NTRMC-00S03813 --reason 'struck off the register' \\
      --operator rita --operator-key rita.key
  sceau-ca -C ca organisation strike-off NTRMC-00S03813 --suspend --reason 'court order 12/26'
  sceau-ca -C ca crl --all")]
pub(crate) struct StrikeOff {
    /// Its identifier
    pub(crate) identifier: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,

    /// Suspend the certificates instead: the organisation may be reinstated
    #[arg(long)]
    pub(crate) suspend: bool,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
pub(crate) struct Reinstate {
    /// Its identifier
    pub(crate) identifier: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}
