//! `cargo xtask fuzz`: every parser under libFuzzer, for as long as one has.
//!
//! The targets are the crate in `fuzz/`. The workspace is built a second time with LLVM's coverage
//! instrumentation, which the stable compiler has. There is no address sanitizer: the parsers have no unsafe
//! code for it to watch, and a panic is what is looked for.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::environment::project;

use crate::cargo::cargo;
use crate::{Options, terminal};

/// How long each target runs where nothing is said.
const SECONDS: u64 = 120;
/// One input that takes longer is a find: nobody waits ten seconds for a refusal.
const INPUT_SECONDS: u64 = 10;
/// So is one that needs more memory than this.
const MEMORY_MIB: u64 = 2048;

/// What cargo-fuzz sets too: a counter on every edge, and the operands of comparisons.
const INSTRUMENTATION: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

pub(crate) fn run(mut options: Options) -> Result<ExitCode> {
    let only = options.value("--only")?;
    let seconds = match options.value("--seconds")? {
        Some(text) => text
            .parse()
            .with_context(|| format!("--seconds {text} is no number"))?,
        None => SECONDS,
    };
    options.done()?;
    let targets = targets(only.as_deref())?;
    let program = build()?;

    let mut broken = Vec::new();
    for target in &targets {
        match fuzz(&program, target, seconds)? {
            Ended::Quietly(summary) => println!("{target:16} {summary}"),
            Ended::WithFind(said) => {
                println!("{target:16} {}", terminal::red("broken"));
                println!("{said}");
                broken.push(target.as_str());
            }
        }
    }
    if broken.is_empty() {
        println!("Nothing was broken in {} targets.", targets.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "Broken: {}. Mend the parser and add the input to fuzz/corpus/TARGET, where the tests replay it.",
        broken.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

/// The targets are the folders of the corpus; a test of `fuzz/` keeps that so.
fn targets(only: Option<&str>) -> Result<Vec<String>> {
    let corpus = corpus();
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&corpus).with_context(|| format!("cannot read {}", corpus.display()))?
    {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let Some(only) = only else { return Ok(names) };
    if !names.iter().any(|name| name == only) {
        bail!(
            "there is no target `{only}`; there are: {}",
            names.join(", ")
        );
    }
    Ok(vec![only.to_owned()])
}

fn corpus() -> PathBuf {
    project().join("fuzz/corpus")
}

/// Builds the fuzzer with instrumentation, in a folder of its own beside the other builds.
fn build() -> Result<PathBuf> {
    ensure!(
        has_cxx(),
        "libFuzzer needs a C++ compiler: install one (for example `apt-get install g++`) or set CXX"
    );
    let host = host()?;
    let folder = project().join("target/fuzz");
    println!(
        "{}",
        terminal::dim("Building the fuzzer with instrumentation (some minutes the first time) ...")
    );
    let built = cargo()
        .args(["build", "--profile", "fuzz", "--package", "sceau-fuzz"])
        // With a target named, build scripts and macros stay without instrumentation.
        .args(["--features", "libfuzzer", "--target", &host])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", INSTRUMENTATION.join(" "))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .context("cannot start cargo")?;
    ensure!(
        built.success(),
        "the fuzzer does not build; cargo says why above"
    );
    Ok(folder.join(host).join("fuzz/sceau-fuzz"))
}

fn has_cxx() -> bool {
    let program = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let started = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !matches!(started, Err(error) if error.kind() == ErrorKind::NotFound)
}

/// The machine's target triple.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("-vV")
        .output()
        .context("cannot start rustc")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line
        .context("rustc does not say what machine it is for")?
        .to_owned())
}

enum Ended {
    /// Nothing was found; libFuzzer's last words.
    Quietly(String),
    /// Something was; how, and where the input is.
    WithFind(String),
}

fn fuzz(program: &Path, target: &str, seconds: u64) -> Result<Ended> {
    // What was found worth keeping grows here from run to run; what broke lies beside it.
    let work = project().join("target/fuzz/runs").join(target);
    let (found, broken) = (work.join("corpus"), work.join("broken"));
    for folder in [&found, &broken] {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let output = Command::new(program)
        .env("FUZZ_TARGET", target)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-artifact_prefix={}/", broken.display()))
        .args(["-print_final_stats=1", "-use_value_profile=1"])
        .arg(&found)
        .arg(corpus().join(target))
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines.len().saturating_sub(40);
        return Ok(Ended::WithFind(lines[tail..].join("\n")));
    }
    let runs = statistic(&said, "stat::number_of_executed_units:");
    let peak = statistic(&said, "stat::peak_rss_mb:");
    let edges = said
        .lines()
        .rev()
        .find_map(|line| {
            line.split_once("cov: ")?
                .1
                .split(' ')
                .next()
                .map(str::to_owned)
        })
        .unwrap_or_default();
    Ok(Ended::Quietly(format!(
        "{runs:>9} inputs, {edges:>6} edges, {peak:>4} MiB"
    )))
}

fn statistic(said: &str, name: &str) -> String {
    said.lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_default()
        .trim()
        .to_owned()
}
