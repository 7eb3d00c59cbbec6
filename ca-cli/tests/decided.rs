//! What two security-officers decide about authorities, on the command line: each command is refused without
//! them, and with one of them, before anything is made; and the journal keeps what both signed.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

const OFFICE: &str = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001";
const ANNA: &str = "--operator anna --operator-key anna.key";
const SVEN: &str = "--operator sven --operator-key sven.key";

/// An installation with two security-officers, if openssl is there to make their keys.
fn officers(folder: &Path) -> bool {
    if !support::has("openssl", &["version"]) {
        return false;
    }
    support::authority(folder);
    support::operators(folder);
    let enrol = |name: &str| {
        format!("-C ca operator enrol {name} --public-key {name}.pub --role security-officer")
    };
    support::done(folder, &enrol("anna"), &[]);
    support::done(folder, &format!("{} {ANNA}", enrol("sven")), &[]);
    true
}

/// Every file of the installation but the record's own and its export.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                left.push(path);
            } else if !name.contains("record.sqlite") && !name.ends_with("journal.jsonl") {
                found.insert(name);
            }
        }
    }
    found
}

/// The journal, one record each.
fn journal(folder: &Path) -> Vec<Value> {
    let _ = fs::remove_file(folder.join("journal.jsonl"));
    support::done(folder, "-C ca audit export --out journal.jsonl", &[]);
    let text = fs::read_to_string(folder.join("journal.jsonl")).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap());
    lines.filter(|l: &Value| l["record"].is_object()).collect()
}

/// Refused without a decision, with half of it and with one person's twice, with nothing made or written;
/// then done, with the order in the journal.
fn two_decide(folder: &Path, act: &str, words: &str, more: &[&str]) {
    let (before, records) = (files(folder), journal(folder).len());
    let run = |given: &str| {
        let all: Vec<&str> = more
            .iter()
            .copied()
            .chain(given.split_whitespace())
            .collect();
        let output = support::sceau_ca(folder, words, &all);
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), errors)
    };
    for (given, expected) in [
        (
            "",
            "needs the signed decision of an operator who is security-officer",
        ),
        (ANNA, "needs the signed decisions of 2 different operators"),
        (&format!("{ANNA} {ANNA}"), "operator \"anna\" signed twice"),
    ] {
        let (code, errors) = run(given);
        assert_eq!(code, Some(1), "{words}: {errors}");
        assert!(errors.contains(expected), "{words}: {errors}");
        assert!(errors.contains("  hint: "), "{errors}");
        assert_eq!(files(folder), before, "{words}: something was made");
        assert_eq!(journal(folder).len(), records, "{words}");
    }
    let (code, errors) = run(&format!("{ANNA} {SVEN}"));
    assert_eq!(code, Some(0), "{words}: {errors}");
    let journal = journal(folder);
    let mandates: Vec<String> = journal[records..]
        .iter()
        .map(|line| line["record"]["mandate"].to_string())
        .filter(|mandate| mandate.contains(act))
        .collect();
    assert!(!mandates.is_empty(), "{words}: {:#?}", &journal[records..]);
    for name in ["anna", "sven"] {
        let signed = format!("\\\"operator\\\":\\\"{name}\\\"");
        assert!(
            mandates.iter().any(|m| m.contains(&signed)),
            "{words}: {mandates:?}"
        );
    }
    support::done(folder, "-C ca audit verify", &[]);
}

#[test]
fn a_new_generation_and_its_links_are_decided_by_two() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    if !officers(folder) {
        return;
    }
    let rollover =
        "-C ca ca rollover companies --new-name companies-g2 --key ca/keys/g2.pem --out g2.pem";
    two_decide(folder, "ca-certify", rollover, &[]);
    for (of, by) in [("companies", "companies-g2"), ("companies-g2", "companies")] {
        let link = format!("-C ca ca link {of} --by {by} --out {of}-link.pem");
        two_decide(folder, "ca-certify", &link, &[]);
    }
    let verify = "verify -partial_chain -CAfile g2.pem companies-link.pem";
    support::openssl(folder, verify, &[]);
}

#[test]
fn what_is_certified_for_others_is_decided_by_two() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    if !officers(folder) {
        return;
    }
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout partner.key";
    let partner = format!(
        "req -x509 {key} -out partner.pem -days 900 -addext keyUsage=critical,keyCertSign,cRLSign -subj"
    );
    support::openssl(folder, &partner, &["/C=FR/O=Partner/CN=Partner CA"]);
    let cross = "-C ca ca cross --by root --certificate partner.pem --days 365 --out cross.pem \
                 --policy 1.3.6.1.4.1.32473.1.9";
    two_decide(folder, "ca-certify", cross, &[]);
    let verify = "verify -CAfile root-ca.pem cross.pem";
    support::openssl(folder, verify, &[]);

    let request = "req -new -key partner.key -out below.csr -subj";
    support::openssl(
        folder,
        request,
        &["/C=MC/O=Example Trust/organizationIdentifier=NTRMC-00S00001/CN=Below CA"],
    );
    let sign =
        "-C ca ca sign-request below.csr --issuer root --name below --out below.pem --subject";
    two_decide(
        folder,
        "ca-certify",
        sign,
        &[&format!("{OFFICE},CN=Below CA")],
    );
    support::openssl(folder, "verify -CAfile root-ca.pem below.pem", &[]);
}

#[test]
fn whom_to_take_in_is_decided_by_two() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    if !officers(folder) {
        return;
    }
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout old.key";
    let old = format!(
        "req -x509 {key} -out old.pem -days 900 -addext keyUsage=critical,keyCertSign,cRLSign -subj"
    );
    support::openssl(folder, &old, &["/C=MC/O=Old Trust/CN=Old CA"]);
    let adopt = "-C ca ca adopt old --cert old.pem --key old.key";
    two_decide(folder, "ca-adopt", adopt, &[]);
    support::done(folder, "-C ca crl --ca old --out old.crl", &[]);
    let verify = "crl -inform DER -in old.crl -noout -CAfile old.pem";
    support::openssl(folder, verify, &[]);
}
