//! `cargo xtask test`: everything that must hold, in one command.
//!
//! Programs are built first, because the suites in `tests/` run them as processes. Then the tests (cargo-nextest where it is
//! installed), the doc tests, and the lints. A failed step does not keep the next ones from running; the summary counts what
//! passed, what failed, and what was skipped and why.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sceau_tests::program::find;
use test_postgres::{Programs, Server};

use crate::cargo::cargo;
use crate::setup::{self, Install};
use crate::{Options, terminal};

pub(crate) fn run(mut options: Options) -> Result<ExitCode> {
    let rest = options.rest();
    let install = if options.flag("--no-install") {
        Install::Forbidden
    } else {
        Install::Allowed
    };
    let lints = !options.flag("--no-lints");
    options.done()?;

    let mut variables = setup::judges(install)?;
    // One database server for all tests, each with a database of its own.
    let programs = Programs::find().context("PostgreSQL was installed, but is not found")?;
    let postgres = Server::start(&programs).context("PostgreSQL does not start")?;
    variables.push((test_postgres::SHARED, postgres.socket().into()));
    let mut summary = Summary::default();
    let built = summary.step("build", || {
        Ok(succeeds(cargo().args(["build", "--workspace", "--bins"])))
    })?;
    if built {
        let mut counts = Counts::default();
        summary.step("tests", || tests(&rest, &variables, &mut counts))?;
        if rest.is_empty() {
            summary.step("experimental features", || {
                experimental(&variables, &mut counts)
            })?;
            summary.step("doc tests", || doc_tests(&variables, &mut counts))?;
        }
        summary.counts = counts;
    }
    if lints && rest.is_empty() {
        summary.step("rustfmt", || {
            Ok(succeeds(cargo().args(["fmt", "--all", "--check"])))
        })?;
        summary.step("clippy", || {
            Ok(succeeds(cargo().args([
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--features",
                "sceau-tests/bench",
                "--",
                "-D",
                "warnings",
            ])))
        })?;
        summary.step("rustdoc", || {
            Ok(succeeds(
                cargo()
                    .args(["doc", "--quiet", "--workspace", "--no-deps"])
                    .env("RUSTDOCFLAGS", "-D warnings"),
            ))
        })?;
    }
    Ok(summary.print())
}

#[derive(Default)]
struct Summary {
    steps: Vec<(&'static str, bool, Duration)>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    /// `#[ignore]`d, or filtered out by the runner.
    ignored: usize,
    /// Reason, and how many tests gave it.
    skipped: BTreeMap<String, usize>,
}

impl Summary {
    fn step(&mut self, name: &'static str, action: impl FnOnce() -> Result<bool>) -> Result<bool> {
        println!("\n{}", terminal::bold(&format!("== {name}")));
        let started = Instant::now();
        let passed = action().with_context(|| format!("in step `{name}`"))?;
        self.steps.push((name, passed, started.elapsed()));
        Ok(passed)
    }

    fn print(self) -> ExitCode {
        println!("\n{}", terminal::bold("== summary"));
        for (name, passed, time) in &self.steps {
            let verdict = if *passed {
                terminal::green("ok    ")
            } else {
                terminal::red("FAILED")
            };
            println!("  {verdict} {name:<10} {:>6.1} s", time.as_secs_f64());
        }
        for (reason, number) in &self.counts.skipped {
            println!("  {} {number} x {reason}", terminal::yellow("skipped"));
        }
        let all = self.steps.iter().all(|(_, passed, _)| *passed);
        let steps_failed = self
            .steps
            .iter()
            .filter(|(name, passed, _)| !passed && !name.contains("tests"))
            .count();
        let skipped: usize = self.counts.skipped.values().sum::<usize>() + self.counts.ignored;
        // A test that said `skipped:` has passed as far as its runner knows; it is counted once, as skipped.
        let passed = self
            .counts
            .passed
            .saturating_sub(self.counts.skipped.values().sum());
        println!(
            "{passed} passed, {} failed, {skipped} skipped",
            self.counts.failed + steps_failed
        );
        if all {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn tests(
    rest: &[String],
    variables: &[(&'static str, OsString)],
    counts: &mut Counts,
) -> Result<bool> {
    if find("cargo-nextest").is_none() {
        return libtest(
            &[
                "--workspace",
                "--bins",
                "--lib",
                "--tests",
                "--no-fail-fast",
            ],
            rest,
            variables,
            counts,
        );
    }
    // In the workspace, wherever cargo's target folder is: nextest's own place.
    let junit = Path::new("target/nextest/xtask/junit.xml");
    let _ = std::fs::remove_file(junit);
    let mut command = cargo();
    command.args([
        "nextest",
        "run",
        "--workspace",
        "--no-tests=pass",
        "--config-file",
        "xtask/nextest.toml",
        "--profile",
        "xtask",
    ]);
    command.args(rest).envs(variables.iter().cloned());
    let passed = succeeds(&mut command);
    let Ok(report) = std::fs::read_to_string(junit) else {
        // Nothing ran: the tests did not build, and cargo has said why.
        counts.failed += usize::from(!passed);
        return Ok(passed);
    };
    let total = attribute(&report, "tests");
    counts.failed += attribute(&report, "failures") + attribute(&report, "errors");
    counts.passed += total.saturating_sub(counts.failed);
    // Both streams of a test may carry the line; one test counts once.
    for case in report.split("<testcase ").skip(1) {
        if let Some(reason) = case.split(['\n', '>', '<']).find_map(skip_reason) {
            *counts.skipped.entry(reason).or_default() += 1;
        }
    }
    Ok(passed)
}

/// What is left out of the programs unless it is asked for.
fn experimental(variables: &[(&'static str, OsString)], counts: &mut Counts) -> Result<bool> {
    let features = "hsm-pkcs11/ml-dsa,ades/ml-dsa";
    // Of the whole workspace, whose other features then stay as they were built.
    let packages = ["--workspace", "--features", features];
    let only = ["--test", "ml_dsa", "--no-fail-fast"];
    libtest(&[&packages[..], &only].concat(), &[], variables, counts)
}

fn doc_tests(variables: &[(&'static str, OsString)], counts: &mut Counts) -> Result<bool> {
    libtest(
        &["--workspace", "--doc", "--no-fail-fast"],
        &[],
        variables,
        counts,
    )
}

/// `cargo test`, whose output is read for counts and `skipped:` lines. Only the captured output of passed tests is held back.
fn libtest(
    arguments: &[&str],
    rest: &[String],
    variables: &[(&'static str, OsString)],
    counts: &mut Counts,
) -> Result<bool> {
    let mut command = cargo();
    command
        .arg("test")
        .args(arguments)
        .args(["--", "--show-output"])
        .args(rest)
        .envs(variables.iter().cloned());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let stdout = child.stdout.take().context("no output")?;
    let mut quiet = false;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        match line.as_str() {
            "successes:" => quiet = true,
            "failures:" => quiet = false,
            _ => {}
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            quiet = false;
            counts.passed += number_before(result, " passed");
            counts.failed += number_before(result, " failed");
            counts.ignored += number_before(result, " ignored");
        }
        if let Some(reason) = skip_reason(&line) {
            *counts.skipped.entry(reason).or_default() += 1;
        }
        if !quiet && !line.is_empty() && !line.starts_with("running 0 tests") {
            println!("{line}");
        }
    }
    Ok(child.wait()?.success())
}

fn skip_reason(line: &str) -> Option<String> {
    Some(line.trim().strip_prefix("skipped: ")?.to_owned())
}

/// The value of the first attribute `name` of a JUnit report: that of the root element, hence the total.
fn attribute(report: &str, name: &str) -> usize {
    let after = report
        .split_once(&format!(" {name}=\""))
        .map(|(_, after)| after);
    after
        .and_then(|after| after.split('"').next())
        .and_then(|value| value.parse().ok())
        .unwrap_or(0)
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text.split_once(word).map(|(before, _)| before);
    before
        .and_then(|before| before.rsplit(' ').next())
        .and_then(|value| value.parse().ok())
        .unwrap_or(0)
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_the_runners_own_words() {
        let line =
            "ok. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(
            (
                number_before(line, " passed"),
                number_before(line, " failed"),
                number_before(line, " ignored")
            ),
            (12, 3, 1)
        );
        assert_eq!(
            attribute(
                "<testsuites name=\"x\" tests=\"7\" failures=\"2\">",
                "failures"
            ),
            2
        );
        assert_eq!(
            skip_reason("skipped: qpdf not found").as_deref(),
            Some("qpdf not found")
        );
    }
}
