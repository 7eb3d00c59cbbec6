//! `cargo xtask bench`: builds everything for speed and runs `sceau-bench`, which measures.
//!
//! The measuring itself needs the CA engine and an HTTP server, so it is a program of its own in `tests/bench/`; this command stays
//! light.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::cargo::{Profile, build_programs, cargo};
use crate::setup::{self, Install};
use crate::{Options, terminal};

pub(crate) fn run(mut options: Options) -> Result<ExitCode> {
    let install = if options.flag("--no-install") {
        Install::Forbidden
    } else {
        Install::Allowed
    };
    let mut arguments = Vec::new();
    for name in ["--write", "--only"] {
        if let Some(value) = options.value(name)? {
            arguments.extend([name.to_owned(), value]);
        }
    }
    if options.flag("--quick") {
        arguments.push("--quick".to_owned());
    }
    options.done()?;

    setup::tools(&setup::BENCH_TOOLS, install)?;
    let python = setup::python(install)?;
    let programs = build_programs(Profile::Release)?;
    let built = cargo()
        .args([
            "build",
            "--release",
            "--package",
            "sceau-tests",
            "--features",
            "bench",
            "--bin",
            "sceau-bench",
        ])
        .status()
        .context("cannot start cargo")?;
    if !built.success() {
        bail!("the measurements do not build; cargo says why above");
    }
    println!(
        "{}",
        terminal::dim("Measuring (some minutes; leave the machine alone) ...")
    );
    let status = std::process::Command::new(programs.join("sceau-bench"))
        .args(arguments)
        .env("SCEAU_PROGRAMS", &programs)
        .env("SCEAU_PYTHON", python)
        .status()
        .context("cannot start sceau-bench")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
