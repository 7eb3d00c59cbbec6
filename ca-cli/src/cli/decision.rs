//! Who decides, and how the signatures are made: in the command, or elsewhere.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use hsm_pkcs11::KeyLocation;

use super::ActorArgs;

/// Who acts: operators by their signed decisions, and whoever else is to be named.
#[derive(Args, Debug, Default)]
#[group(skip)]
pub(crate) struct Acting {
    #[command(flatten)]
    pub(crate) decision: DecisionArgs,

    #[command(flatten)]
    pub(crate) actors: ActorArgs,
}

/// The signed decisions of operators. Needed once operators are enrolled.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Decision")]
pub(crate) struct DecisionArgs {
    /// The operator who decides (repeatable: a second one, where two must)
    #[arg(long = "operator", value_name = "NAME", action = ArgAction::Append)]
    pub(crate) operators: Vec<String>,

    /// Sign the decision with the operator's key, here (one for each operator, in their order)
    #[arg(long = "operator-key", value_name = "KEY", requires = "operators", conflicts_with = "prepare", action = ArgAction::Append)]
    pub(crate) operator_keys: Vec<KeyLocation>,

    /// Read the PIN or passphrase of the operator's key from this file (one for each key, or one for all)
    #[arg(long = "operator-pin-file", value_name = "FILE", requires = "operator_keys", action = ArgAction::Append)]
    pub(crate) operator_pin_files: Vec<PathBuf>,

    /// Write the statement that the operator has to sign to this file, and do nothing else
    #[arg(
        long,
        value_name = "FILE",
        requires = "operators",
        conflicts_with = "decisions"
    )]
    pub(crate) prepare: Option<PathBuf>,

    /// A statement that was written with --prepare, signed elsewhere (repeatable)
    #[arg(long = "decision", value_name = "FILE", requires = "signatures", action = ArgAction::Append)]
    pub(crate) decisions: Vec<PathBuf>,

    /// The signature over that file (openssl dgst -sha256 -sign KEY -out FILE STATEMENT)
    #[arg(long = "signature", value_name = "FILE", requires = "decisions", action = ArgAction::Append)]
    pub(crate) signatures: Vec<PathBuf>,
}
