//! Runs the cargo that runs us.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::terminal;

/// `cargo` in the project's folder.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(sceau_tests::environment::project());
    // Set for us by `cargo run`; inside, they would only make crates rebuild.
    for variable in [
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
    ] {
        command.env_remove(variable);
    }
    command
}

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build; what the tests use as well.
    Dev,
    /// What is measured.
    Release,
}

/// Builds the four programs, prints cargo's progress, and returns the folder that holds them.
pub(crate) fn build_programs(profile: Profile) -> Result<PathBuf> {
    let packages = ["ca-cli", "ocsp-responder", "tsa-server", "signer-cli"];
    println!(
        "{}",
        terminal::dim(
            "Building sceau, sceau-ca, sceau-ocsp and sceau-tsa (some minutes the first time) ..."
        )
    );
    let mut command = cargo();
    command.arg("build").arg("--bins");
    for package in packages {
        command.args(["--package", package]);
    }
    if profile == Profile::Release {
        command.arg("--release");
    }
    if !command.status().context("cannot start cargo")?.success() {
        bail!("the programs do not build; cargo says why above");
    }
    let ours = sceau_tests::environment::programs();
    Ok(match profile {
        Profile::Dev => ours,
        Profile::Release => ours
            .parent()
            .map(|target| target.join("release"))
            .unwrap_or_default(),
    })
}
