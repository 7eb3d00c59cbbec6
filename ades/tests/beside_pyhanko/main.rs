//! Thousands of signed documents, whole and tampered with, before Sceau and pyHanko: levels, times, revocations, algorithms.
//!
//! Never does Sceau pass what pyHanko does not. Where pyHanko passes what Sceau does not, `differences.rs` says why, by kind of
//! case; a difference without a reason fails the run, and so does a reason without a difference.
//! `SCEAU_DIFFERENTIAL=10` makes ten times as many cases.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../long_term/mod.rs"]
mod long_term;
#[path = "../network/mod.rs"]
mod network;

mod differences;
mod documents;
mod pyhanko;
mod tamper;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use ades::validate::{
    Facts, Indication, Input, Material, SignatureKind, ValidationPolicy, Verdict, gather, verdict,
};
use pki_asn1::UnixTime;

use documents::{Document, World};
use pyhanko::Worker;

/// One question to both.
struct Case {
    document: usize,
    octets: Vec<u8>,
    at: UnixTime,
    /// What was done to it.
    kind: String,
    /// Nothing was.
    whole: bool,
}

/// The judgement of one of them on the one signature of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Judged {
    Passed,
    Not(String),
}

fn ours(world: &World, case: &Case) -> Judged {
    let input = Input::of(long_term::source(case.octets.clone()));
    let material: Material = world.material();
    let Ok(facts) = gather(&input, material, case.at, None) else {
        return Judged::Not("unreadable".into());
    };
    let judged: Verdict = verdict(&facts, &ValidationPolicy::default(), case.at);
    of_signature(&facts, &judged)
}

fn of_signature(facts: &Facts, judged: &Verdict) -> Judged {
    let mut signatures = facts.signatures.iter().zip(&judged.signatures);
    let Some((_, one)) = signatures.find(|(f, _)| f.kind == SignatureKind::Signature) else {
        return Judged::Not("no signature".into());
    };
    match one.indication {
        Indication::TotalPassed => Judged::Passed,
        _ => {
            let code = one.errors.get(1).map_or("", |e| e.code.as_str());
            Judged::Not(
                format!("{} {code}", one.sub_indication.map_or("", |s| s.as_str()))
                    .trim_end()
                    .to_owned(),
            )
        }
    }
}

#[test]
fn pyhanko_refuses_what_we_pass_or_nobody_knows_why_not() {
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return;
    };
    if std::process::Command::new("faketime")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("skipped: faketime not found");
        return;
    }
    let Some(world) = World::new() else {
        return;
    };
    let more: usize = std::env::var("SCEAU_DIFFERENTIAL").map_or(1, |n| n.parse().unwrap());
    let documents = documents::all(&world);
    let mut cases = documents::at_times(&world, &documents);
    for (index, document) in documents.iter().enumerate().filter(|(_, d)| d.tampered) {
        cases.extend(tamper::cases(
            index,
            document,
            world.now + std::time::Duration::from_secs(60),
            6 * more,
        ));
    }
    let total = cases.len();
    let found: Mutex<Vec<(String, Judged, Judged)>> = Mutex::default();
    // Each of pyHanko's processes lives at one time.
    let mut times: BTreeMap<UnixTime, Vec<Case>> = BTreeMap::new();
    for case in cases {
        times.entry(case.at).or_default().push(case);
    }
    for (at, cases) in times {
        let queue = Mutex::new(cases.into_iter());
        std::thread::scope(|scope| {
            for number in 0..2 {
                let (world, queue, found, documents, python) =
                    (&world, &queue, &found, &documents, &python);
                scope.spawn(move || {
                    let mut worker = Worker::start(python, world, number, at);
                    loop {
                        let Some(case) = queue.lock().unwrap().next() else {
                            break;
                        };
                        let document = &documents[case.document];
                        let theirs = worker.judge(&case.octets, document.process);
                        let ours = ours(world, &case);
                        // Whatever anybody says of the rest of the file.
                        assert!(
                            ours != Judged::Passed
                                || tamper::is_what_was_signed(document, &case.octets),
                            "{} passes, and it is not what was signed",
                            name(document, &case)
                        );
                        let name = name(document, &case);
                        found.lock().unwrap().push((name, ours, theirs));
                    }
                });
            }
        });
    }
    report(total, &found.into_inner().unwrap());
}

fn name(document: &Document, case: &Case) -> String {
    if case.whole {
        format!("{} {}", document.name, case.kind)
    } else {
        format!("{} tampered: {}", document.name, case.kind)
    }
}

fn report(total: usize, found: &[(String, Judged, Judged)]) {
    let (mut wrong, mut used, mut kinds) = (
        BTreeSet::new(),
        BTreeSet::new(),
        BTreeMap::<_, usize>::new(),
    );
    let (mut both, mut neither) = (0, 0);
    for (name, ours, theirs) in found {
        match (ours, theirs) {
            (Judged::Passed, Judged::Passed) => both += 1,
            (Judged::Not(_), Judged::Not(_)) => neither += 1,
            (Judged::Passed, Judged::Not(why)) => {
                *kinds.entry(format!("we alone pass: {name}")).or_default() += 1;
                match differences::we_alone(name, why) {
                    Some(reason) => drop(used.insert(reason)),
                    None => drop(wrong.insert(format!("{name}: we pass it, pyHanko says {why}"))),
                }
            }
            (Judged::Not(why), Judged::Passed) => {
                *kinds
                    .entry(format!("pyHanko alone passes: {name}, {why}"))
                    .or_default() += 1;
                match differences::pyhanko_alone(name, why) {
                    Some(reason) => drop(used.insert(reason)),
                    None => drop(wrong.insert(format!("{name}: pyHanko passes it, we say {why}"))),
                }
            }
        }
    }
    eprintln!("{total} cases: {both} pass with both, {neither} with neither");
    for (kind, number) in &kinds {
        eprintln!("{number:>5} {kind}");
    }
    for reason in differences::unused(&used) {
        wrong.insert(format!("no case shows it any more: {reason}"));
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        both > 20 && neither > 100,
        "{both} and {neither} prove nothing"
    );
}
