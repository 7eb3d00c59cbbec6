//! The program `sceau`; see the library of this crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    signer_cli::main()
}
