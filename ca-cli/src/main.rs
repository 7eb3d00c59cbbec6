//! `sceau-ca`: the certification authority's commands.
//!
//! The program reads the command line and the folder's configuration, opens keys, calls
//! [`ca_core`], and prints. What a CA does is decided there, where private keys live in
//! [`hsm_pkcs11`].
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod actors;
mod cli;
mod commands;
mod config;
mod explain;
mod folder;
mod keys;
mod pause;
mod registration;
mod report;
mod serial;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli_support::run(|| {
        let cli: cli::Cli = cli_support::parse()?;
        cli.output.init();
        commands::run(&cli)
    })
}
