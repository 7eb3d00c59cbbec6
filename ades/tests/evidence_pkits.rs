//! The collector over NIST PKITS 1.0.1, with all certificates and CRLs of the suite at hand: what it
//! chooses proves the path alone (judged by RFC 5280 validation with revocation required), and
//! nothing of it could be left out.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::evidence::{Collector, Material, Role, Subject, ValidationData};
use pki_asn1::{Certificate, CertificateList, ManualClock, UnixTime};
use pki_path::{CertificatePool, Evidence, Parameters, TrustAnchor, Validator};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([beside])
        .map(|root| root.join("pkits"))
        .find(|dir| dir.join("pkits.json").is_file())
}

fn names(cases: &[Value], key: &str) -> Vec<String> {
    let mut all: Vec<String> = cases
        .iter()
        .flat_map(|case| case[key].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Whether these prove the path of `target` with nobody's help.
fn proves(
    anchor: &TrustAnchor,
    target: &Certificate,
    certificates: &[Certificate],
    crls: &[CertificateList],
    at: UnixTime,
) -> Result<(), String> {
    let anchors = [anchor.clone()];
    let pool: CertificatePool = certificates.iter().cloned().collect();
    let mut evidence = Evidence::new();
    for crl in crls {
        evidence.add_crl(crl.clone());
    }
    Validator::new(&anchors, &pool, &evidence, Parameters::at(at))
        .validate(target)
        .map(drop)
        .map_err(|e| e.to_string())
}

/// What could be left out without anything being missed.
fn superfluous(
    anchor: &TrustAnchor,
    target: &Certificate,
    data: &ValidationData,
    at: UnixTime,
) -> Vec<String> {
    let mut found = Vec::new();
    for (index, one) in data.certificates.iter().enumerate() {
        // Neither is needed to prove the path; both are what people look for in it.
        if one == target || one == anchor.certificate() {
            continue;
        }
        let mut fewer = data.certificates.clone();
        fewer.remove(index);
        if proves(anchor, target, &fewer, &data.crls, at).is_ok() {
            found.push(format!("certificate of {}", one.display_subject()));
        }
    }
    for index in 0..data.crls.len() {
        let mut fewer = data.crls.clone();
        let one = fewer.remove(index);
        if proves(anchor, target, &data.certificates, &fewer, at).is_ok() {
            let number = one.crl_number().map(hex::encode).unwrap_or_default();
            found.push(format!("CRL {number} of {}", one.this_update()));
        }
    }
    found
}

#[test]
fn what_is_chosen_proves_each_path_alone_and_nothing_of_it_is_too_much() {
    let Some(dir) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    let suite: Value = serde_json::from_slice(&fs::read(dir.join("pkits.json")).unwrap()).unwrap();
    let cases = suite["tests"].as_array().unwrap();
    let read = |name: &str| fs::read(dir.join(name)).unwrap();
    let certificate = |name: &str| Certificate::from_der(read(name)).ok();
    let all: CertificatePool = names(cases, "intermediates")
        .iter()
        .filter_map(|name| certificate(name))
        .collect();
    let crls: Vec<CertificateList> = names(cases, "crls")
        .iter()
        .filter_map(|name| CertificateList::from_der(read(name)).ok())
        .collect();
    let (mut collected, mut wrong) = (0, Vec::new());
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let text = |key: &str| case[key].as_str().unwrap();
        let at: UnixTime = text("time").parse().unwrap();
        let Some(target) = certificate(text("target")) else {
            continue;
        };
        let anchor = certificate(text("anchor")).unwrap();
        let anchor = TrustAnchor::from_certificate(anchor).unwrap();
        let mut known = Material {
            anchors: vec![anchor.clone()],
            pool: all.clone(),
            evidence: Evidence::new(),
            ..Material::default()
        };
        for crl in &crls {
            known.evidence.add_crl(crl.clone());
        }
        let subject = Subject {
            certificate: target.clone(),
            at,
            role: Role::Signer,
        };
        let result = Collector::offline()
            .with_clock(Arc::new(ManualClock::new(at)))
            .collect(&[subject], &mut known);
        match result {
            Ok(data) => {
                collected += 1;
                if let Err(why) = proves(&anchor, &target, &data.certificates, &data.crls, at) {
                    wrong.push(format!("{id}: what was chosen proves nothing: {why}"));
                    continue;
                }
                for what in superfluous(&anchor, &target, &data, at) {
                    wrong.push(format!("{id}: too much: {what}"));
                }
            }
            // Where everything together proves the path, something must be chosen.
            Err(e) => {
                let everything: Vec<Certificate> = all.iter().cloned().collect();
                if proves(&anchor, &target, &everything, &crls, at).is_ok() {
                    wrong.push(format!("{id}: refused: {e}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(collected > 120, "only {collected} paths were proven");
}
