//! Measuring whole processes: time and peak memory.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::Call;

/// Median wall-clock time of `runs` runs, after one to warm the caches. `before` prepares each run.
pub(crate) fn median_time(
    runs: usize,
    call: &Call,
    mut before: impl FnMut() -> Result<()>,
) -> Result<Duration> {
    before()?;
    call.succeed()?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        before()?;
        times.push(call.succeed()?.elapsed);
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// Peak resident memory of one run in KiB, as GNU time reports it.
pub(crate) fn peak_memory(call: &Call, scratch: &Path) -> Result<u64> {
    let command = call.command();
    let mut timed = Call::new("/usr/bin/time")
        .limit(Duration::from_secs(600))
        .args(["-f", "%M", "-o"])
        .arg(scratch)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            timed = timed.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        timed = timed.folder(folder);
    }
    timed.succeed()?;
    let text = std::fs::read_to_string(scratch)?;
    text.trim()
        .parse()
        .with_context(|| format!("GNU time wrote {text:?}"))
}
