//! NIST PKITS 1.0.1: verdict and user-constrained policy set of every case, once with the case's own
//! certificates and once with all certificates and CRLs of the suite as the pool. Cases that we do
//! not decide as the suite does stand in `pkits-exceptions.json` with a reason; one that stands there
//! and passes fails the test as well.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, CertificateList};
use pki_path::{
    AnyPolicy, CertificatePool, Evidence, ExplicitPolicy, Parameters, PolicyMapping, TrustAnchor,
    Validator,
};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let nested = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([below, nested])
        .map(|root| root.join("pkits"))
        .find(|dir| dir.join("pkits.json").is_file())
}

fn certificate(dir: &Path, name: &str) -> Result<Certificate, String> {
    Certificate::from_der(fs::read(dir.join(name)).unwrap()).map_err(|e| {
        eprintln!("{name} is not read: {e}");
        format!("{name}: {e}")
    })
}

fn add_crl(evidence: &mut Evidence, dir: &Path, name: &str) {
    match CertificateList::from_der(fs::read(dir.join(name)).unwrap()) {
        Ok(crl) => {
            evidence.add_crl(crl);
        }
        Err(e) => eprintln!("{name} is not read: {e}"),
    }
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

fn parameters(case: &Value) -> Parameters {
    let flag = |name: &str| case[name].as_bool().unwrap();
    let mut parameters = Parameters::at(case["time"].as_str().unwrap().parse().unwrap());
    parameters.policy.initial_policy_set = strings(&case["initial_policy_set"])
        .iter()
        .map(|s| s.parse::<ObjectIdentifier>().unwrap())
        .collect();
    if flag("initial_explicit_policy") {
        parameters.policy.explicit_policy = ExplicitPolicy::Required;
    }
    if flag("initial_policy_mapping_inhibit") {
        parameters.policy.policy_mapping = PolicyMapping::Inhibited;
    }
    if flag("initial_inhibit_any_policy") {
        parameters.policy.any_policy = AnyPolicy::Inhibited;
    }
    parameters
}

/// `None` where the case is decided as the suite asks; otherwise what differs.
fn judge(
    case: &Value,
    target: &Result<Certificate, String>,
    anchors: &[TrustAnchor],
    pool: &CertificatePool,
    evidence: &Evidence,
) -> Option<String> {
    let result = match target {
        Ok(target) => Validator::new(anchors, pool, evidence, parameters(case))
            .validate(target)
            .map_err(|e| e.to_string()),
        Err(unreadable) => Err(unreadable.clone()),
    };
    match (case["expect"].as_str().unwrap(), result) {
        ("invalid", Err(_)) => None,
        ("invalid", Ok(_)) => Some("accepted, must be refused".into()),
        ("valid", Err(e)) => Some(format!("refused, must be accepted: {e}")),
        ("valid", Ok(path)) => {
            let expected: BTreeSet<String> = strings(&case["expect_user_constrained_policy_set"])
                .into_iter()
                .collect();
            let got: BTreeSet<String> = path.policies().iter().map(ToString::to_string).collect();
            (expected != got).then(|| format!("policy set {got:?}, must be {expected:?}"))
        }
        (other, _) => panic!("unknown expectation {other}"),
    }
}

fn check(run: &str, failures: &BTreeMap<String, String>) {
    let exceptions: Value = serde_json::from_str(include_str!("pkits-exceptions.json")).unwrap();
    let exceptions = exceptions.as_object().unwrap();
    let mut wrong = Vec::new();
    for (id, what) in failures {
        if !exceptions.contains_key(id) {
            wrong.push(format!("{id}: {what}"));
        }
    }
    for (id, reason) in exceptions {
        assert!(
            reason.as_str().is_some_and(|r| !r.is_empty()),
            "{id} has no reason"
        );
        if !failures.contains_key(id) {
            wrong.push(format!("{id}: passes, so it is no exception any more"));
        }
    }
    assert!(wrong.is_empty(), "{run}:\n{}", wrong.join("\n"));
}

#[test]
fn each_case_with_its_own_certificates() {
    let Some(dir) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    let suite: Value = serde_json::from_slice(&fs::read(dir.join("pkits.json")).unwrap()).unwrap();
    let mut failures = BTreeMap::new();
    let cases = suite["tests"].as_array().unwrap();
    assert_eq!(cases.len(), 249);
    for case in cases {
        let anchor = TrustAnchor::from_certificate(
            certificate(&dir, case["anchor"].as_str().unwrap()).unwrap(),
        )
        .unwrap();
        let pool: CertificatePool = strings(&case["intermediates"])
            .iter()
            .rev()
            .filter_map(|name| certificate(&dir, name).ok())
            .collect();
        let mut evidence = Evidence::new();
        for name in strings(&case["crls"]) {
            add_crl(&mut evidence, &dir, &name);
        }
        let target = certificate(&dir, case["target"].as_str().unwrap());
        if let Some(what) = judge(case, &target, &[anchor], &pool, &evidence) {
            failures.insert(case["id"].as_str().unwrap().to_owned(), what);
        }
    }
    check("own certificates", &failures);
}

#[test]
fn each_case_with_everything_in_the_pool() {
    everything_in_the_pool(0);
}

/// Which candidate comes first must not decide.
#[test]
fn each_case_with_everything_in_the_pool_in_other_orders() {
    for order in 1..=5 {
        everything_in_the_pool(order);
    }
}

/// Shuffled, the same in every run; order 0 is that of the names.
fn shuffle(names: &mut [String], order: u64) {
    let mut random = order.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for last in (1..names.len()).rev().filter(|_| order > 0) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        names.swap(last, (random % (last as u64 + 1)) as usize);
    }
}

fn everything_in_the_pool(order: u64) {
    let Some(dir) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    let suite: Value = serde_json::from_slice(&fs::read(dir.join("pkits.json")).unwrap()).unwrap();
    let files = |sub: &str| {
        let mut names: Vec<_> = fs::read_dir(dir.join(sub))
            .unwrap()
            .map(|e| format!("{sub}/{}", e.unwrap().file_name().into_string().unwrap()))
            .collect();
        names.sort();
        shuffle(&mut names, order);
        names
    };
    let pool: CertificatePool = files("certs")
        .iter()
        .filter_map(|name| certificate(&dir, name).ok())
        .collect();
    let mut evidence = Evidence::new();
    for name in files("crls") {
        add_crl(&mut evidence, &dir, &name);
    }
    let mut failures = BTreeMap::new();
    for case in suite["tests"].as_array().unwrap() {
        let anchor = TrustAnchor::from_certificate(
            certificate(&dir, case["anchor"].as_str().unwrap()).unwrap(),
        )
        .unwrap();
        let target = certificate(&dir, case["target"].as_str().unwrap());
        if let Some(what) = judge(case, &target, &[anchor], &pool, &evidence) {
            failures.insert(case["id"].as_str().unwrap().to_owned(), what);
        }
    }
    check(&format!("everything in the pool, order {order}"), &failures);
}
