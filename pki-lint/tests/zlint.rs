//! The linter against the 371 verdicts of zlint's own tests. `zlint.toml` says which of our rules see
//! what each of its lints sees, `zlint-exceptions.toml` where and why the verdict differs; a
//! difference that is not listed fails, and so does a listed one that is gone.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pki_lint::{Context, lint_certificate, rules};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expectation {
    lint: String,
    file: String,
    expected: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    lint: String,
    file: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The corpus under `$SCEAU_CORPORA`, then beside the project; read in place.
fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("SCEAU_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let found = [named, Some(beside)]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("zlint"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: corpus not found: zlint (set SCEAU_CORPORA)");
    }
    found
}

fn certificate(path: &Path) -> Vec<u8> {
    let text = std::fs::read(path).unwrap();
    let blocks = pki_asn1::pem::der_or_pem(&text, &["CERTIFICATE"]).unwrap();
    blocks.into_iter().next().unwrap()
}

#[test]
fn every_rule_that_zlint_is_mapped_to_exists() {
    let mapped: BTreeMap<String, Vec<String>> = read("zlint.toml");
    let known: BTreeSet<_> = rules().map(|(_, rule)| rule.id).collect();
    for (lint, ours) in mapped {
        assert!(!ours.is_empty(), "{lint}");
        for rule in ours {
            assert!(known.contains(rule.as_str()), "{lint}: no rule {rule}");
        }
    }
}

#[test]
fn all_verdicts_of_zlint_are_ours_or_an_exception_with_its_reason() {
    let Some(corpus) = corpus() else {
        return;
    };
    let expectations = std::fs::read_to_string(corpus.join("expectations.json")).unwrap();
    let expectations: Vec<Expectation> = serde_json::from_str(&expectations).unwrap();
    let mapped: BTreeMap<String, Vec<String>> = read("zlint.toml");
    let exceptions: Exceptions = read("zlint-exceptions.toml");
    let mut excused: BTreeMap<(String, String), String> = BTreeMap::new();
    for e in exceptions.exception {
        assert!(!e.reason.trim().is_empty(), "{} {}", e.lint, e.file);
        excused.insert((e.lint, e.file), e.reason);
    }
    let mut differences = Vec::new();
    for e in &expectations {
        let Some(ours) = mapped.get(&e.lint) else {
            differences.push(format!("{}: is mapped to nothing", e.lint));
            continue;
        };
        let der = certificate(&corpus.join("testdata").join(&e.file));
        let found = lint_certificate(&der, &Context::default());
        let reported: Vec<_> = found
            .iter()
            .filter(|finding| ours.iter().any(|rule| rule == finding.rule))
            .collect();
        let wanted = matches!(e.expected.as_str(), "Error" | "Warn" | "Notice");
        let agrees = wanted != reported.is_empty();
        let excuse = excused.remove(&(e.lint.clone(), e.file.clone()));
        if agrees && excuse.is_some() {
            differences.push(format!(
                "{} {}: listed as an exception, and agrees",
                e.lint, e.file
            ));
        }
        if !agrees && excuse.is_none() {
            differences.push(format!(
                "{} {}: zlint says {}, we say {reported:?}",
                e.lint, e.file, e.expected
            ));
        }
    }
    for ((lint, file), _) in excused {
        differences.push(format!(
            "{lint} {file}: listed as an exception, and not in the corpus"
        ));
    }
    eprintln!("zlint: {} verdicts", expectations.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
