//! Operators.

use std::path::PathBuf;

use ca_core::registration::Role;
use clap::{Args, Subcommand};

use super::Acting;

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    Enrol(Box<Enrol>),
    /// List the operators, present and past
    #[command(after_help = "\
Examples:
  sceau-ca -C ca operator list")]
    List,
    /// Let an operator decide nothing until resumed
    #[command(after_help = "\
Examples:
  sceau-ca -C ca operator suspend bert --reason 'on leave' \\
      --operator anna --operator-key anna.key")]
    Suspend(ChangeOperator),
    /// Let a suspended operator decide again
    #[command(after_help = "\
Examples:
  sceau-ca -C ca operator resume bert --operator anna --operator-key anna.key")]
    Resume(ChangeOperator),
    /// Remove an operator for good
    #[command(after_help = "\
Examples:
  sceau-ca -C ca operator remove bert --reason 'left the office' \\
      --operator anna --operator-key anna.key")]
    Remove(ChangeOperator),
}

/// Enrol an operator with a certificate or public key
///
/// The first one is enrolled by whoever owns the installation, and must be a security-officer. From
/// then on every step is signed, and a security-officer enrols the others.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sceau-ca -C ca operator enrol anna --cert anna.pem --role security-officer
  sceau-ca -C ca operator enrol bert --public-key bert.pub --role registrar \\
      --operator anna --operator-key anna.key

Roles: registrar, approver, profile-administrator, revocation-officer, auditor, security-officer
(EN 319 401 clause 7.2). Those that control each other cannot be held together.")]
pub(crate) struct Enrol {
    /// The operator's name: small letters, digits, dots, hyphens. Never given twice
    pub(crate) name: String,

    /// The operator's certificate (PEM or DER); decisions count until it ends
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "public_key",
        conflicts_with = "public_key"
    )]
    pub(crate) cert: Option<PathBuf>,

    /// The operator's public key (PEM or DER SubjectPublicKeyInfo)
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,

    /// What the operator is trusted with (repeatable)
    #[arg(long = "role", value_name = "ROLE", required = true)]
    pub(crate) roles: Vec<Role>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}

#[derive(Args, Debug)]
pub(crate) struct ChangeOperator {
    /// The operator's name
    pub(crate) name: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    #[command(flatten)]
    pub(crate) acting: Acting,
}
