//! The command line: which subcommand runs, with which output.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use cli_support::{Exit, Failure, ManualCommand, OutputArgs};

use crate::settings::SettingsArgs;
use crate::{extend, inspect, sign, verify, verify_path};

const EXAMPLES: &str = "\
Examples:
  sceau sign contract.pdf --key acme.p12
  sceau extend contract.signed.pdf --to b-lta --tsa http://tsa.sceau.example/ --trust root-ca.pem
  sceau verify contract.signed.pdf --trust root-ca.pem
  sceau completions bash > /usr/share/bash-completion/completions/sceau
  sceau manpage /usr/share/man/man1

`sceau sign --help`, `sceau extend --help` and so on have more.";

/// Sign documents, and learn whether one is signed, by whom and when.
#[derive(Debug, Parser)]
#[command(
    name = "sceau",
    version,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    subcommand_required = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    settings: SettingsArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign or seal a PDF (PAdES) or any other file (CAdES)
    Sign(Box<sign::Args>),
    /// Raise signatures to a level that lasts longer, or renew their archive time-stamps
    Extend(Box<extend::Args>),
    /// Check signatures: who, when, unmodified, trusted
    Verify(Box<verify::Args>),
    /// Check one certificate's path to a trust anchor (RFC 5280 section 6)
    VerifyPath(Box<verify_path::Args>),
    /// Show what is inside a signed file
    Inspect(Box<inspect::Args>),
    #[command(flatten)]
    Manual(ManualCommand),
}

/// The command line as clap sees it, for completions and the man page.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    cli_support::run(run)
}

fn run() -> Result<Exit, Failure> {
    let cli: Cli = cli_support::parse()?;
    cli.output.init();
    let settings = || cli.settings.load();
    match cli.command {
        Command::Sign(args) => sign::run(*args, &settings()?, &cli.output),
        Command::Extend(args) => extend::run(*args, &settings()?, &cli.output),
        Command::Verify(args) => verify::run(*args, &settings()?, &cli.output),
        Command::VerifyPath(args) => verify_path::run(&args),
        Command::Inspect(args) => inspect::run(&args, &cli.output),
        Command::Manual(manual) => manual.run::<Cli>(),
    }
}
