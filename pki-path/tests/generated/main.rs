//! Thousands of paths that nobody has thought of, before libcrypto: constraints on names of every form, policies, lengths,
//! usages, dates, pools with many ways, CRLs of every kind.
//!
//! The verdict and the user-constrained-policy-set are compared. Where the two differ `differences.rs` says why; a difference
//! without a reason fails the run, and so does a reason without a difference. `SCEAU_DIFFERENTIAL=10` makes ten times as many
//! cases. The same cases are made in each run, with other keys.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;

mod basics;
mod building;
mod crls;
mod differences;
mod names;
mod policies;
mod world;

use std::collections::BTreeMap;

use common::judge::{Answer, Judge, Question};
use pki_asn1::oid::ANY_POLICY;

use differences::Difference;
use world::{Case, Chance, World};

type Maker = fn(&World, &mut Chance) -> Case;

/// What is made, and how many of it in an ordinary run.
const FAMILIES: [(Maker, usize); 5] = [
    (names::case, 1800),
    (policies::case, 900),
    (basics::case, 400),
    (building::case, 250),
    (crls::case, 450),
];

/// With this one every difference occurs in an ordinary run.
const SEED: u64 = 100_001;

fn cases(world: &World) -> Vec<Case> {
    let times: usize = std::env::var("SCEAU_DIFFERENTIAL").map_or(1, |n| n.parse().unwrap());
    let mut cases = Vec::new();
    for (number, (make, count)) in FAMILIES.iter().enumerate() {
        for seed in 0..count * times {
            let mut chance = Chance::new((number * 10_000_000 + seed) as u64 + SEED);
            cases.push(make(world, &mut chance));
        }
    }
    cases
}

/// Way by way where there are several.
fn way_by_way(judge: &mut Judge, case: &Case) -> Answer {
    if case.ways.is_empty() {
        return judge.ask(&case.question);
    }
    let mut refused = Vec::new();
    for way in &case.ways {
        let question = Question {
            pool: way.clone(),
            ..case.question.clone()
        };
        match judge.ask(&question) {
            Err(why) => refused.push(why),
            valid => return valid,
        }
    }
    Err(refused.join(", "))
}

fn explains(difference: &Difference, case: &Case, ours: &Answer, theirs: &Answer) -> bool {
    let fits = |wanted: &str, answer: &Answer| match answer {
        Ok(_) => wanted.is_empty(),
        Err(why) => !wanted.is_empty() && why.contains(wanted),
    };
    let mut answers = difference.answers.iter();
    difference.family == case.family
        && (difference.tag.is_empty() || case.tags.contains(&difference.tag))
        && answers.any(|(t, o)| fits(t, theirs) && fits(o, ours))
}

/// Whom we are compared with.
struct Peer {
    name: &'static str,
    start: fn() -> Option<Judge>,
    /// Asked about each way by itself.
    ways: bool,
    differences: &'static [Difference],
}

const LIBCRYPTO: Peer = Peer {
    name: "libcrypto",
    start: Judge::openssl,
    ways: true,
    differences: differences::LIBCRYPTO,
};

const CERTVAL: Peer = Peer {
    name: "certval",
    start: Judge::certval,
    ways: false,
    differences: differences::CERTVAL,
};

/// Both answers to each, in the order of the cases.
fn ask_all(cases: &[Case], peer: &Peer) -> Vec<(Answer, Answer)> {
    std::thread::scope(|scope| {
        let halves = cases.chunks(cases.len().div_ceil(2)).map(|half| {
            scope.spawn(move || {
                let mut judge = (peer.start)().unwrap();
                let mut both = |case: &Case| {
                    let theirs = match peer.ways {
                        true => way_by_way(&mut judge, case),
                        false => judge.ask(&case.question),
                    };
                    (case.question.ours(), theirs)
                };
                half.iter().map(&mut both).collect::<Vec<_>>()
            })
        });
        let halves: Vec<_> = halves.collect();
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap())
            .collect()
    })
}

fn agree(ours: &Answer, theirs: &Answer) -> bool {
    match (ours, theirs) {
        // anyPolicy stands for all others, listed or not.
        (Ok(ours), Ok(theirs)) if ours.contains(&ANY_POLICY) => theirs.contains(&ANY_POLICY),
        (Ok(ours), Ok(theirs)) => ours == theirs,
        (ours, theirs) => ours.is_ok() == theirs.is_ok(),
    }
}

#[test]
fn libcrypto_decides_otherwise_and_nobody_knows_why() {
    compare(&LIBCRYPTO);
}

#[test]
fn certval_decides_otherwise_and_nobody_knows_why() {
    compare(&CERTVAL);
}

fn compare(peer: &Peer) {
    if (peer.start)().is_none() {
        return;
    }
    let cases = cases(&World::new());
    let answers = ask_all(&cases, peer);
    let mut valid: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut used = vec![0; peer.differences.len()];
    let mut wrong = Vec::new();
    for (case, (ours, theirs)) in cases.iter().zip(&answers) {
        let count = valid.entry(case.family).or_default();
        count.0 += 1;
        count.1 += usize::from(ours.is_ok());
        if agree(ours, theirs) {
            continue;
        }
        let known = peer
            .differences
            .iter()
            .position(|d| explains(d, case, ours, theirs));
        match known {
            Some(at) => used[at] += 1,
            None => wrong.push(format!(
                "{} {:?}: {}\n    ours: {ours:?}\n    {}: {theirs:?}",
                case.family, case.tags, case.story, peer.name
            )),
        }
    }
    eprintln!("{} cases; made and valid: {valid:?}", cases.len());
    for (difference, used) in peer.differences.iter().zip(&used) {
        eprintln!("{used:>5} x {}", difference.name);
        if *used == 0 {
            wrong.push(format!("{}: no case differs any more", difference.name));
        }
    }
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        shown.join("\n")
    );
    // Cases that are all refused would prove little.
    for (family, (made, valid)) in valid {
        assert!(valid * 6 > made, "{family}: {valid} of {made} are valid");
    }
}
