//! Bench.
use crate::Options;
use anyhow::Result;
use std::process::ExitCode;
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    options.done()?; crate::setup::tools(&crate::setup::BENCH_TOOLS, crate::setup::Install::Allowed)?;
    Ok(ExitCode::SUCCESS)
}
