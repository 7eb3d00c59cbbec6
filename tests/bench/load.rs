//! Services under load: wrk for everything, and ApacheBench for `openssl ocsp`, which hangs when a client connects and closes
//! without sending.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sceau_tests::Call;
use sceau_tests::environment::project;
use serde::Deserialize;

use crate::Effort;

/// What is asked of a service, by how many at once.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) url: String,
    /// The file that is posted, and its media type; a GET without.
    pub(crate) body: Option<(PathBuf, &'static str)>,
    /// What differs from request to request.
    pub(crate) drawn: Drawn,
    pub(crate) connections: usize,
    pub(crate) reuse: Reuse,
}

/// Octets that are drawn anew for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    Nothing,
    /// So many, so many octets before the end.
    Octets(usize, usize),
}

/// Whether connections are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// Many requests on one connection.
    Kept,
    /// A connection for each request (`Connection: close`).
    New,
}

impl Reuse {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::New => "new each",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) per_second: f64,
    /// 99 of 100 requests were answered within this time.
    pub(crate) p99: Duration,
    /// The part of the answers that was only a status (counted where octets are drawn).
    pub(crate) refused: f64,
}

impl Load {
    pub(crate) fn figure(&self) -> String {
        format!(
            "{:.0}/s, p99 {:.2} ms",
            self.per_second,
            self.p99.as_secs_f64() * 1e3
        )
    }
}

/// Answers that are a status alone: a failure, or what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusals {
    Fail,
    Count,
}

/// Measures all of them in turn, again and again, and returns the median of each: what drifts with the machine drifts for all.
pub(crate) fn in_turn<const N: usize>(effort: Effort, all: [&Asked; N]) -> Result<[Load; N]> {
    let mut loads = [const { Vec::new() }; N];
    for _ in 0..effort.pick(1, 3) {
        for (asked, loads) in all.iter().zip(&mut loads) {
            loads.push(wrk(asked, effort, Refusals::Fail)?);
        }
    }
    Ok(loads.map(|mut loads| {
        loads.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        loads[loads.len() / 2]
    }))
}

/// One run of wrk.
pub(crate) fn wrk(asked: &Asked, effort: Effort, refusals: Refusals) -> Result<Load> {
    #[derive(Deserialize)]
    struct Said {
        requests: f64,
        micros: f64,
        p99: u64,
        small: f64,
        status: u64,
        broken: u64,
    }
    let seconds = effort.pick(1, 4);
    let mut call = Call::new("wrk")
        .arg("--latency")
        .args(["--threads", if asked.connections == 1 { "1" } else { "2" }])
        .args(["--connections", &asked.connections.max(1).to_string()])
        .args([
            "--duration",
            &format!("{seconds}s"),
            "--timeout",
            "10s",
            "--script",
        ])
        .arg(project().join("tests/bench/wrk.lua"))
        .arg(&asked.url)
        .limit(Duration::from_secs(120));
    if let Some((file, media_type)) = &asked.body {
        call = call
            .env("SCEAU_BODY", file)
            .env("SCEAU_MEDIA_TYPE", media_type);
    }
    if let Drawn::Octets(number, before_end) = asked.drawn {
        call = call
            .env("SCEAU_DRAWN", number.to_string())
            .env("SCEAU_BEFORE_END", before_end.to_string())
            .env("SCEAU_COUNT_SMALL", "1");
    }
    if asked.reuse == Reuse::New {
        call = call.env("SCEAU_CLOSE", "1");
    }
    let outcome = call.succeed()?;
    let text = outcome.out();
    let said: Said = text
        .lines()
        .find_map(|line| line.strip_prefix("SCEAU "))
        .and_then(|json| serde_json::from_str(json).ok())
        .with_context(|| format!("wrk said {outcome}"))?;
    let refused = said.small > 0.0 && refusals == Refusals::Fail;
    if said.requests == 0.0 || said.status > 0 || said.broken > 0 || refused {
        bail!("not every request was answered: {outcome}");
    }
    Ok(Load {
        per_second: said.requests / (said.micros / 1e6),
        p99: Duration::from_micros(said.p99),
        refused: said.small / said.requests,
    })
}

/// Requests per second that `openssl ocsp` answers, a connection for each, as it wants.
pub(crate) fn apache_bench(
    url: &str,
    body: &Path,
    media_type: &str,
    number: usize,
) -> Result<Load> {
    let outcome = Call::new("ab")
        .args(["-q", "-l", "-c", "8", "-n", &number.to_string()])
        .args(["-T", media_type, "-p"])
        .arg(body)
        .arg(format!("{}/", url.trim_end_matches('/')))
        .limit(Duration::from_secs(300))
        .succeed()?;
    let text = outcome.out();
    let number_after = |label: &str| -> Option<f64> {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(label))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let failed = number_after("Failed requests:").unwrap_or(0.0)
        + number_after("Non-2xx responses:").unwrap_or(0.0);
    if failed > 0.0 {
        bail!("{failed} requests failed: {outcome}");
    }
    let per_second = number_after("Requests per second:").with_context(|| outcome.to_string())?;
    let p99 = number_after("99%").with_context(|| outcome.to_string())?;
    Ok(Load {
        per_second,
        p99: Duration::from_secs_f64(p99 / 1e3),
        refused: 0.0,
    })
}
