//! Measuring whole processes (time and peak memory), and services under load (ApacheBench).

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
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

/// Whether ApacheBench keeps its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connections {
    /// One connection for many requests.
    Kept,
    /// A new one for each request, as `openssl ocsp` needs.
    New,
}

/// Requests per second that a service answers: POSTs of the file `body`, eight at a time.
pub(crate) fn requests_per_second(
    url: &str,
    body: &Path,
    media_type: &str,
    number: usize,
    connections: Connections,
) -> Result<f64> {
    let mut call = Call::new("ab")
        .args([
            "-q",
            "-l",
            "-c",
            "8",
            "-n",
            &number.to_string(),
            "-T",
            media_type,
            "-p",
        ])
        .arg(body);
    if connections == Connections::Kept {
        call = call.arg("-k");
    }
    let outcome = call
        .arg(format!("{}/", url.trim_end_matches('/')))
        .limit(Duration::from_secs(300))
        .succeed()?;
    let text = outcome.out();
    let number_after = |label: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(label))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let failed = number_after("Failed requests:").unwrap_or(0.0)
        + number_after("Non-2xx responses:").unwrap_or(0.0);
    if failed > 0.0 {
        bail!("{failed} requests failed: {outcome}");
    }
    number_after("Requests per second:").with_context(|| format!("{outcome}"))
}
