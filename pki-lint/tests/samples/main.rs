//! Every rule sees the defect it is named after, and nothing is found in what is right.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, dead_code)]

mod build;
mod defects;
mod lists;
mod pkilint;

use std::collections::BTreeSet;

use build::Sample;
use pki_lint::{Artifact, Context, Finding, lint_certificate, rules};

fn found(sample: &Sample) -> Vec<Finding> {
    lint_certificate(
        &sample.der(),
        &Context {
            expectation: sample.expectation.as_ref(),
            issuer: sample.issuer_der.as_deref(),
            ..Context::default()
        },
    )
}

#[test]
fn nothing_is_found_in_a_certificate_that_is_right() {
    type Right = fn() -> Sample;
    let right: [(&str, Right); 9] = [
        ("seal", Sample::seal),
        ("person", Sample::person),
        ("short-term", Sample::short),
        ("time-stamping unit", Sample::tsu),
        ("OCSP signer", Sample::ocsp),
        ("issuing CA", Sample::issuing),
        ("root CA", Sample::root),
        ("end entity", Sample::plain),
        ("seal of a profile", Sample::expected),
    ];
    for (name, sample) in right {
        assert_eq!(found(&sample()), [], "{name}");
    }
}

#[test]
fn every_rule_on_certificates_sees_its_defect() {
    let mut without: BTreeSet<_> = rules()
        .filter(|(artifact, _)| *artifact == Artifact::Certificate)
        .map(|(_, rule)| rule.id)
        .collect();
    let mut wrong = Vec::new();
    for (rule, right, defect) in defects::all() {
        let mut sample = right();
        defect(&mut sample);
        let found = found(&sample);
        if found.iter().any(|finding| finding.rule == rule) {
            without.remove(rule);
        } else {
            let names: Vec<_> = found.iter().map(|finding| finding.rule).collect();
            wrong.push(format!("{rule} is not seen; found were {names:?}"));
        }
        for finding in found {
            assert!(finding.message.ends_with(&format!("({})", finding.clause)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    without.remove("x690.certificate-unreadable");
    assert!(without.is_empty(), "without a sample: {without:?}");
    let nothing = lint_certificate(b"", &Context::default());
    assert_eq!(nothing[0].rule, "x690.certificate-unreadable");
}

#[test]
fn every_rule_on_crls_and_ocsp_responses_sees_its_defect() {
    assert!(lists::Crl::right().found().is_empty());
    assert!(lists::Ocsp::right().found().is_empty());
    let mut without: BTreeSet<_> = rules()
        .filter(|(artifact, _)| *artifact != Artifact::Certificate)
        .map(|(_, rule)| rule.id)
        .collect();
    let mut wrong = Vec::new();
    let mut judge = |rule: &'static str, found: Vec<&'static str>| {
        if found.contains(&rule) {
            without.remove(rule);
        } else {
            wrong.push(format!("{rule} is not seen; found were {found:?}"));
        }
    };
    for (rule, defect) in lists::crls() {
        let mut crl = lists::Crl::right();
        defect(&mut crl);
        judge(rule, crl.found());
    }
    for (rule, defect) in lists::responses() {
        let mut response = lists::Ocsp::right();
        defect(&mut response);
        judge(rule, response.found());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    without.remove("x690.crl-unreadable");
    without.remove("x690.ocsp-response-unreadable");
    assert!(without.is_empty(), "without a sample: {without:?}");
}
