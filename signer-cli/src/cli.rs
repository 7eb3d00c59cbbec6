//! The command line: which subcommand, and how its outcome becomes an exit status.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{inspect, sign, verify};

/// Sign documents, and learn whether one is signed, by whom and when.
#[derive(Debug, Parser)]
#[command(name = "sceau", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign or seal a PDF (PAdES) or any other file (CAdES)
    Sign(sign::Args),
    /// Check signatures: who, when, unmodified, trusted
    Verify(verify::Args),
    /// Show what is inside a signed file
    Inspect(inspect::Args),
}

/// The command line as clap sees it, for completions and the man page.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Sign(args) => sign::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Inspect(args) => inspect::run(args),
    };
    match outcome {
        Ok(code) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
