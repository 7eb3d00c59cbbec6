//! NIST PKITS before certval: verdict and user-constrained policy set. Where it decides otherwise than we do,
//! `pkits-certval.json` says why; a case that stands there and agrees fails the test.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::judge::{Judge, Question};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([
            root.join("../../shared/data"),
            root.join("../../../shared/data"),
        ])
        .map(|root| root.join("pkits"))
        .find(|dir| dir.join("pkits.json").is_file());
    if found.is_none() {
        eprintln!("skipped: corpus not found");
    }
    found
}

fn question(case: &Value, dir: &Path) -> Question {
    let read = |name: &Value| fs::read(dir.join(name.as_str().unwrap())).unwrap();
    let all = |name: &str| case[name].as_array().unwrap().iter().map(read).collect();
    let flag = |name: &str| case[name].as_bool().unwrap();
    let policies = case["initial_policy_set"].as_array().unwrap().iter();
    Question {
        target: read(&case["target"]),
        anchor: read(&case["anchor"]),
        pool: all("intermediates"),
        crls: all("crls"),
        at: case["time"].as_str().unwrap().parse().unwrap(),
        policies: policies
            .map(|p| p.as_str().unwrap().parse().unwrap())
            .collect(),
        explicit_policy: flag("initial_explicit_policy"),
        inhibit_mapping: flag("initial_policy_mapping_inhibit"),
        inhibit_any: flag("initial_inhibit_any_policy"),
        revocation: true,
    }
}

#[test]
fn certval_decides_otherwise_and_nobody_knows_why() {
    let (Some(dir), Some(mut judge)) = (corpus(), Judge::certval()) else {
        return;
    };
    let suite: Value = serde_json::from_slice(&fs::read(dir.join("pkits.json")).unwrap()).unwrap();
    let reasons: BTreeMap<String, String> =
        serde_json::from_str(include_str!("pkits-certval.json")).unwrap();
    let mut wrong = Vec::new();
    for case in suite["tests"].as_array().unwrap() {
        let question = question(case, &dir);
        let (ours, theirs) = (question.ours(), judge.ask(&question));
        let agree = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (ours, theirs) => ours.is_ok() == theirs.is_ok(),
        };
        let id = case["id"].as_str().unwrap();
        match reasons.get(id) {
            None if !agree => wrong.push(format!("{id}: we say {ours:?}, certval {theirs:?}")),
            Some(_) if agree => wrong.push(format!("{id}: agrees, so it needs no reason")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
