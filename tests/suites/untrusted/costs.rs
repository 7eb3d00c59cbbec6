//! What hostile files cost: an answer, within the memory of a small machine and before anybody gives up.
//!
//! The peak of memory is asserted as it is; time only against hanging, because the machine may be busy. What it really takes
//! stands in `docs/PERFORMANCE.md`.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, sceau_program};
use sceau_tests::program::Call;

use super::paths::{self, Case};

/// In KiB, as GNU time tells it; a program that is not optimized has some more code to load.
const MEMORY: u64 = 256 << 10;
const HANGING: Duration = Duration::from_secs(20);

/// How a file is put before the program.
#[derive(Clone, Copy)]
enum Before {
    Verify,
    Inspect,
    Asn1,
    List,
}

fn call(how: Before, file: &Path, anchor: &Path) -> Result<Call> {
    let sceau = sceau_program("sceau")?;
    let verify = |file: &Path| {
        sceau
            .clone()
            .arg("verify")
            .arg(file)
            .args(["--offline", "--report", "json"])
    };
    Ok(match how {
        Before::Verify => verify(file).arg("--trust").arg(anchor),
        Before::Inspect => sceau.arg("inspect").arg(file),
        Before::Asn1 => sceau.args(["inspect", "--asn1"]).arg(file),
        Before::List => verify(anchor)
            .arg("--trusted-list")
            .arg(file)
            .arg("--trusted-list-signer")
            .arg(anchor),
    })
}

fn cheap(cases: Vec<Case>, ways: &[Before]) -> Result<()> {
    if !available(&[
        Need::Tool("time"),
        Need::Tool("timeout"),
        Need::Tool("openssl"),
    ]) {
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    let anchor = scratch.path().join("anchor.pem");
    Call::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=The same",
            "-keyout",
            "/dev/null",
            "-out",
        ])
        .arg(&anchor)
        .succeed()?;
    let only = std::env::var("SCEAU_HOSTILE").unwrap_or_default();
    let cases = Mutex::new(cases.into_iter().filter(|(what, ..)| what.contains(&only)));
    let dear = Mutex::new(Vec::new());
    let (cases, dear, scratch, anchor) = (&cases, &dear, &scratch, &anchor);
    let work = |worker: usize| -> Result<()> {
        let (file, peak) = (
            scratch.path().join(format!("{worker}.bin")),
            scratch.path().join(format!("{worker}.peak")),
        );
        loop {
            let Some((what, octets, trusted)) = cases.lock().unwrap().next() else {
                return Ok(());
            };
            fs::write(&file, octets)?;
            let own = scratch.path().join(format!("{worker}.pem"));
            let anchor = match trusted {
                Some(pem) => fs::write(&own, pem).map(|()| &own)?,
                None => anchor,
            };
            for how in ways {
                let line =
                    judge(&call(*how, &file, anchor)?, &peak).with_context(|| what.to_owned())?;
                if let Some(line) = line {
                    dear.lock().unwrap().push(format!("{what}: {line}"));
                }
            }
        }
    };
    std::thread::scope(|scope| -> Result<()> {
        let other = scope.spawn(|| work(1));
        work(0)?;
        other.join().unwrap()
    })?;
    let dear = dear.lock().unwrap();
    ensure!(dear.is_empty(), "{}", dear.join("\n"));
    Ok(())
}

/// What is wrong with how the program takes it.
fn judge(call: &Call, peak: &Path) -> Result<Option<String>> {
    let command = call.command();
    let mut timed = Call::new("time")
        .args(["-f", "%M", "-o"])
        .arg(peak)
        // GNU time would leave a program behind that hangs.
        .args(["timeout", &HANGING.as_secs().to_string()])
        .arg(command.get_program())
        .args(command.get_args())
        .limit(2 * HANGING);
    for (name, value) in command.get_envs() {
        timed = timed.env(name, value.unwrap_or_default());
    }
    let outcome = timed.run()?;
    let said = fs::read_to_string(peak).unwrap_or_default();
    // GNU time puts a line in front where the exit status is not 0.
    let memory: u64 = said
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok())
        .unwrap_or(0);
    let told = format!(
        "{} MiB, {:.2?}, exit {:?}: {}",
        memory >> 10,
        outcome.elapsed,
        outcome.code,
        call.command_line()
    );
    if std::env::var_os("SCEAU_HOSTILE").is_some() {
        say(&told);
    }
    let error = outcome.err();
    let panicked = outcome.crashed()
        || outcome.code == Some(124)
        || outcome.code == Some(70)
        || error.contains("panicked");
    if panicked
        || !(1..=MEMORY).contains(&memory)
        || outcome.code == Some(0) && command_is_verify(call)
    {
        return Ok(Some(format!(
            "{told}\n{}",
            error.lines().take(5).collect::<Vec<_>>().join("\n")
        )));
    }
    Ok(None)
}

fn command_is_verify(call: &Call) -> bool {
    call.command_line().contains(" verify ")
}

#[allow(clippy::print_stderr)] // Asked for by name.
fn say(line: &str) {
    eprintln!("{line}");
}

fn trusting_nobody(cases: Vec<(&'static str, Vec<u8>)>) -> Vec<Case> {
    let case = |(what, octets)| (what, octets, None);
    cases.into_iter().map(case).collect()
}

#[test]
fn certificates_that_lead_nowhere_take_the_machine() -> Result<()> {
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    cheap(paths::all(scratch.path())?, &[Before::Verify])
}

#[test]
fn a_hostile_pdf_takes_the_machine() -> Result<()> {
    cheap(
        trusting_nobody(super::documents::all()),
        &[Before::Verify, Before::Inspect, Before::Asn1],
    )
}

#[test]
fn a_hostile_signature_takes_the_machine() -> Result<()> {
    cheap(
        trusting_nobody(super::cms::all()),
        &[Before::Verify, Before::Inspect, Before::Asn1],
    )
}

#[test]
fn a_hostile_container_takes_the_machine() -> Result<()> {
    cheap(
        trusting_nobody(super::envelopes::containers()),
        &[Before::Verify, Before::Inspect, Before::Asn1],
    )
}

#[test]
fn a_hostile_trusted_list_takes_the_machine() -> Result<()> {
    cheap(trusting_nobody(super::envelopes::lists()), &[Before::List])
}
