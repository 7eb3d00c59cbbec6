//! The command line. Help texts are the manual: every command has examples.

mod audit;
mod authority;
mod backup;
mod certificates;
mod crl;
mod decision;
mod hierarchy;
mod import;
mod init;
mod issue;
mod lint;
mod ocsp_signer;
mod operator;
mod organisation;
mod profile;
mod request;
mod revoke;
mod shared;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use cli_support::{ManualCommand, OutputArgs, env};

pub(crate) use self::audit::{
    AuditCommand, AuditExport, AuditVerify, CheckProof, JournalKeyCommand, MakeCheckpoint, Prove,
    SetJournalKey, ShowCheckpoints,
};
pub(crate) use self::authority::{AuthorityCommand, AuthorityKeyArgs, CreateAuthority};
pub(crate) use self::backup::{Backup, DatabaseArgs, Restore};
pub(crate) use self::certificates::{List, Show, Which};
pub(crate) use self::crl::Crl;
pub(crate) use self::decision::{Acting, DecisionArgs};
pub(crate) use self::hierarchy::{
    ArchiveCommand, CeremonyCommand, CertificatesArg, Cross, ImportCertificate, ImportCrl, Issuing,
    KeyFate, Link, RenewAuthority, RequestCertificate, Rollover, RunCeremony, ServicesCommand,
    ServicesWhich, SignRequest, Terminate,
};
pub(crate) use self::import::{Adopt, ImportArgs, ImportCommand};
pub(crate) use self::init::Init;
pub(crate) use self::issue::Issue;
pub(crate) use self::lint::{FailOn, Lint};
pub(crate) use self::ocsp_signer::{OcspSignerCommand, RenewOcspSigner};
pub(crate) use self::operator::{ChangeOperator, Enrol, OperatorCommand};
pub(crate) use self::organisation::{NewOrganisation, OrganisationCommand, Reinstate, StrikeOff};
pub(crate) use self::profile::{
    AddProfile, DiffProfiles, ProfileCommand, RetireProfile, ShowProfile,
};
pub(crate) use self::request::{
    DecideRequest, EvidenceArgs, Expiring, IssueRequestArgs, NewRequest, Renew, RequestCommand,
};
pub(crate) use self::revoke::{CodeArgs, Hold, Resume, Revoke, Suspend};
pub(crate) use self::shared::{ActorArgs, PinPair};

/// The certification authority's commands
///
/// Everything a certification authority does is recorded in its folder: the configuration in
/// sceau-ca.toml, the record and its journal in record.sqlite, software keys (if any) in keys/.
#[derive(Debug, Parser)]
#[command(
    name = "sceau-ca",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  sceau-ca init ca --base-url http://pki.sceau.example
  sceau-ca -C ca ca create root --profile root-ca --key ca/keys/root.pem \\
      --subject 'C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example Root CA'
  sceau-ca -C ca list

Keys are named by a PKCS#11 URI (pkcs11:token=...;object=...) or the path of a key file.
Exit codes: 0 done, 1 refused, 64 usage, 65 bad input, 69 something is not there, 73 output not
created, 74 input/output, 75 try again later, 77 not permitted, 78 bad configuration."
)]
pub(crate) struct Cli {
    /// The certification authority's folder
    #[arg(
        short = 'C',
        long = "dir",
        value_name = "DIR",
        global = true,
        env = env::CA_DIR.name,
        hide_env_values = true,
        default_value = "."
    )]
    pub(crate) dir: PathBuf,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    /// Create and show certification authorities
    #[command(subcommand, name = "ca")]
    Authority(AuthorityCommand),
    /// Show, check and compare certificate profiles, and add an authority's own
    #[command(subcommand)]
    Profile(ProfileCommand),
    Issue(Box<Issue>),
    List(List),
    Show(Show),
    Revoke(Revoke),
    Suspend(Suspend),
    Resume(Resume),
    Crl(Box<Crl>),
    /// Certify the keys that sign OCSP responses
    #[command(subcommand)]
    OcspSigner(OcspSignerCommand),
    /// Check, sign, export and prove the journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Count what was issued, revoked and published
    #[command(after_help = "\
Examples:
  sceau-ca -C ca stats
  sceau-ca -C ca stats --json")]
    Stats,
    Backup(Backup),
    Restore(Restore),
    /// Bring a record of an earlier version up to date
    ///
    /// Every step is one transaction. Make a backup first: there is no way back. Programs of the
    /// earlier version, responders too, do not read the record afterwards.
    #[command(after_help = "\
Examples:
  sceau-ca -C ca backup --out before.sceau-backup && sceau-ca -C ca migrate")]
    Migrate,
    /// Enrol those who decide, and list, suspend and remove them
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Register requests for certificates, decide on them, and have them issued
    #[command(subcommand)]
    Request(RequestCommand),
    /// Register organisations, and strike them off with their certificates
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    Renew(Box<Renew>),
    Expiring(Expiring),
    /// Prepare and hold key ceremonies
    #[command(subcommand)]
    Ceremony(CeremonyCommand),
    /// Renew the certificates of the services
    #[command(subcommand)]
    Services(ServicesCommand),
    /// Check what is left of an authority that ended
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Take over what an authority issued and revoked with another product
    #[command(subcommand)]
    Import(ImportCommand),
    Lint(Lint),
    #[command(flatten)]
    Manual(ManualCommand),
}
