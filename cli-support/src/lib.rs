//! What Sceau's four programs share, so that they behave alike: one table of exit codes, errors
//! that name the thing, the cause and the remedy, output files that are whole or absent, PINs that
//! never pass through the argument list, and logging on standard error.
//!
//! A program's `main` is two lines:
//!
//! ```no_run
//! use cli_support::{Exit, Failure, OutputArgs};
//!
//! #[derive(clap::Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     output: OutputArgs,
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     cli_support::run(|| {
//!         let cli: Cli = cli_support::parse()?;
//!         cli.output.init();
//!         Ok::<_, Failure>(Exit::Ok)
//!     })
//! }
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod atomic_file;
pub mod config;
pub mod env;
pub mod exit;
pub mod failure;
pub mod input;
pub mod logging;
pub mod manual;
pub mod output;
pub mod path;
pub mod pin;
pub mod program;
pub mod table;

pub use atomic_file::{AtomicFile, AtomicFileError, Overwrite};
pub use exit::Exit;
pub use failure::{Failure, ResultExt};
pub use manual::{ManualCommand, ManualFlags};
pub use output::{OutputArgs, print, print_json};
pub use pin::PinArgs;
pub use program::{parse, run};
pub use table::Table;
