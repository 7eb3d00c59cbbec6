//! What the dearest of the hostile files cost that the tests put before the program (`tests/suites/untrusted`).

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use sceau_tests::Call;
use sceau_tests::environment::sceau_program;

use crate::Effort;
use crate::process::peak_memory;
use crate::table::Table;

// The makers of the files are those of the tests.
#[allow(clippy::unwrap_used)]
#[path = "../suites/untrusted/cms.rs"]
mod cms;
#[allow(clippy::unwrap_used)]
#[path = "../suites/untrusted/documents.rs"]
mod documents;
#[allow(clippy::unwrap_used)]
#[path = "../suites/untrusted/envelopes.rs"]
mod envelopes;
#[allow(clippy::unwrap_used)]
#[path = "../suites/untrusted/make.rs"]
mod make;
#[allow(clippy::unwrap_used)]
#[path = "../suites/untrusted/paths.rs"]
pub(crate) mod paths;

type Case = (&'static str, Vec<u8>, Option<String>);

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let alone = |cases: Vec<(&'static str, Vec<u8>)>| -> Vec<Case> {
        let case = |(what, octets)| (what, octets, None);
        cases.into_iter().map(case).collect()
    };
    let kinds: [(&str, Vec<Case>); 4] = [
        (
            "certificates that lead nowhere",
            paths::all(scratch.path())?,
        ),
        ("hostile signatures", alone(cms::all())),
        ("hostile containers", alone(envelopes::containers())),
        ("hostile PDFs", alone(documents::all())),
    ];
    for (kind, cases) in kinds {
        let number = cases.len();
        let runs = effort.pick(1, 3);
        let costs = dearest(scratch.path(), cases, runs, verify)?;
        row(table, &format!("{number} {kind}"), "sceau verify", &costs);
    }
    let lists = alone(envelopes::lists());
    let work = format!("{} hostile trusted lists", lists.len());
    let costs = dearest(scratch.path(), lists, effort.pick(1, 3), trust)?;
    row(table, &work, "sceau verify", &costs);
    Ok(())
}

struct Costs {
    slowest: (Duration, &'static str),
    largest: (u64, &'static str),
}

fn row(table: &mut Table, work: &str, who: &str, costs: &Costs) {
    let (time, slow) = costs.slowest;
    let (memory, large) = costs.largest;
    let figure = format!(
        "{:.0} ms and {:.0} MB at most",
        time.as_secs_f64() * 1e3,
        memory as f64 / 1024.0
    );
    table.row(work, who, &figure, &format!("{slow}; {large}"));
}

fn verify(file: &Path, anchor: &Path) -> Result<Call> {
    let call = sceau_program("sceau")?.arg("verify").arg(file);
    Ok(call.arg("--trust").arg(anchor).args(["--offline", "-q"]))
}

fn trust(list: &Path, anchor: &Path) -> Result<Call> {
    let call = sceau_program("sceau")?.arg("verify").arg(anchor);
    let call = call.arg("--trusted-list").arg(list);
    Ok(call
        .arg("--trusted-list-signer")
        .arg(anchor)
        .args(["--offline", "-q"]))
}

fn dearest(
    scratch: &Path,
    cases: Vec<Case>,
    runs: usize,
    call: fn(&Path, &Path) -> Result<Call>,
) -> Result<Costs> {
    let (file, anchor) = (scratch.join("hostile"), scratch.join("anchor.pem"));
    let mut costs = Costs {
        slowest: (Duration::ZERO, ""),
        largest: (0, ""),
    };
    for (what, octets, trusted) in cases {
        std::fs::write(&file, octets)?;
        match trusted {
            Some(pem) => std::fs::write(&anchor, pem)?,
            None => drop(
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
                        "/CN=Root",
                        "-keyout",
                        "/dev/null",
                        "-out",
                    ])
                    .arg(&anchor)
                    .succeed()?,
            ),
        }
        let call = call(&file, &anchor)?;
        let mut times = Vec::new();
        for _ in 0..runs {
            times.push(call.run()?.elapsed);
        }
        times.sort();
        costs.slowest = costs.slowest.max((times[times.len() / 2], what));
        // Whatever its verdict is.
        let command = call.command();
        let quietly = Call::new("sh")
            .args(["-c", "\"$@\" > /dev/null 2>&1; true", "sh"])
            .arg(command.get_program())
            .args(command.get_args());
        costs.largest = costs
            .largest
            .max((peak_memory(&quietly, &scratch.join("peak"))?, what));
    }
    Ok(costs)
}
