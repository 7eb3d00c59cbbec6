//! Bench.
use crate::Options;
use anyhow::Result;
use std::process::ExitCode;
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    options.done()?;
    Ok(ExitCode::SUCCESS)
}
