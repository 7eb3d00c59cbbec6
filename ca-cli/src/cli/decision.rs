//! Who decides, and how the signature is made: in the command, or elsewhere.

use std::path::PathBuf;

use clap::Args;
use hsm_pkcs11::KeyLocation;

/// The signed decision of an operator. Needed once operators are enrolled.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Decision")]
pub(crate) struct DecisionArgs {
    /// The operator who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: Option<String>,

    /// Sign the decision with the operator's key, here
    #[arg(long, value_name = "KEY", requires = "operator", conflicts_with_all = ["prepare", "decision"])]
    pub(crate) operator_key: Option<KeyLocation>,

    /// Read the PIN or passphrase of the operator's key from this file
    #[arg(long, value_name = "FILE", requires = "operator_key")]
    pub(crate) operator_pin_file: Option<PathBuf>,

    /// Write the statement that the operator has to sign to this file, and do nothing else
    #[arg(
        long,
        value_name = "FILE",
        requires = "operator",
        conflicts_with = "decision"
    )]
    pub(crate) prepare: Option<PathBuf>,

    /// The statement that was written with --prepare, signed elsewhere
    #[arg(
        long,
        value_name = "FILE",
        requires = "signature",
        conflicts_with = "operator"
    )]
    pub(crate) decision: Option<PathBuf>,

    /// The signature over that file (openssl dgst -sha256 -sign KEY -out FILE STATEMENT)
    #[arg(long, value_name = "FILE", requires = "decision")]
    pub(crate) signature: Option<PathBuf>,
}
