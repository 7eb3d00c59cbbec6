//! The annex of a certification policy says what is issued: each built-in profile's annex beside a
//! certificate issued under it, decoded by openssl; and the words themselves, fixed.
//!
//! `SCEAU_BLESS=1 cargo test -p ca-core --test annex` rewrites the fixed annexes; read the
//! difference.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ca_core::CaEngine;
use ca_core::profile::{Language, Profile, annex, built_in};
use pki_asn1::ManualClock;
use support::{judge, settings, text, time};

#[test]
fn the_words_of_the_annex_are_fixed_in_both_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let profiles = built_in().unwrap();
    for name in ["company-seal", "short-term-signature"] {
        let profile = profiles.iter().find(|p| p.name() == name).unwrap();
        for language in [Language::English, Language::French] {
            let rendered = annex(profile, Some(&settings("MC")), language);
            let path = folder.join(format!("annex-{name}.{language}.md"));
            if std::env::var_os("SCEAU_BLESS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &rendered).unwrap();
            }
            let fixed = std::fs::read_to_string(&path).unwrap();
            assert_eq!(rendered, fixed, "{}", path.display());
        }
    }
}

/// The cells of the table under the heading that begins with `heading`, without its own heading.
fn rows(annex: &str, heading: &str) -> Vec<Vec<String>> {
    annex
        .lines()
        .skip_while(|line| !line.starts_with(heading))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect()
}

/// Extensions that openssl shows, by the label of our table or by number, with "critical".
fn extensions(decoded: &str) -> BTreeMap<String, bool> {
    let names = [
        ("X509v3 Authority Key Identifier", "authorityKeyIdentifier"),
        ("X509v3 Subject Key Identifier", "subjectKeyIdentifier"),
        ("X509v3 Basic Constraints", "basicConstraints"),
        ("X509v3 Key Usage", "keyUsage"),
        ("X509v3 Extended Key Usage", "extKeyUsage"),
        ("X509v3 Private Key Usage Period", "privateKeyUsagePeriod"),
        ("X509v3 Certificate Policies", "certificatePolicies"),
        ("X509v3 CRL Distribution Points", "cRLDistributionPoints"),
        ("Authority Information Access", "authorityInfoAccess"),
        ("qcStatements", "qcStatements"),
        ("OCSP No Check", "ocspNoCheck"),
        ("X509v3 No Revocation Available", "noRevAvail"),
        ("2.5.29.56", "noRevAvail"),
        ("0.4.0.194121.2.1", "valassured-ST-certs"),
    ];
    decoded
        .lines()
        .skip_while(|line| line.trim() != "X509v3 extensions:")
        .skip(1)
        // Names stand twelve deep, values deeper, the signature less.
        .take_while(|line| line.starts_with("            ") || line.trim().is_empty())
        .filter(|line| line.starts_with("            ") && !line[12..].starts_with(' '))
        .map(|line| {
            let (name, criticality) = line.trim().split_once(':').unwrap();
            let known = names.iter().find(|(openssl, _)| *openssl == name.trim());
            let label = known.map_or(name.trim(), |(_, label)| *label);
            (label.to_owned(), criticality.trim() == "critical")
        })
        .collect()
}

#[test]
fn the_annex_says_what_openssl_finds_in_a_certificate() {
    for profile in built_in().unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(time("2026-11-21T12:00:00Z")));
        let settings = settings("MC");
        let issued = CaEngine::rehearse(folder.path(), &profile, settings.clone(), clock).unwrap();
        let der = folder.path().join("specimen.der");
        std::fs::write(&der, issued.certificate.der()).unwrap();
        let options = ["-noout", "-text", "-nameopt", "sep_multiline,sname,utf8"];
        let mut args = vec!["x509", "-inform", "DER", "-in", text(&der)];
        args.extend(options);
        let Some(output) = judge("openssl", &args) else {
            return;
        };
        assert!(output.status.success());
        let decoded = String::from_utf8_lossy(&output.stdout).into_owned();
        let name = profile.name();

        for language in [Language::English, Language::French] {
            let annex = annex(&profile, Some(&settings), language);
            let (always, yes) = match language {
                Language::English => ("always", "yes"),
                Language::French => ("toujours", "oui"),
            };
            // Every extension that is always there is there, critical or not as said; no other is.
            let said: BTreeMap<_, _> = rows(&annex, "## 4.")
                .into_iter()
                .inspect(|row| assert_eq!(row[2], always))
                .map(|row| (row[0].clone(), row[3] == yes))
                .collect();
            assert_eq!(said, extensions(&decoded), "{name}:\n{decoded}");
            let value = |label: &str| {
                let found = rows(&annex, "## 4.")
                    .into_iter()
                    .find(|row| row[0] == label);
                found.map(|row| row[4].clone())
            };
            same_key_usage(&value("keyUsage").unwrap(), &decoded);
            // The own policy stands first, with its practice statement.
            if let Some(policies) = value("certificatePolicies") {
                let own = policies.split('`').find(|part| part.contains('.')).unwrap();
                let shown = decoded.split("Policy: ").nth(1).unwrap();
                let shown = shown.lines().next().unwrap().trim();
                let any = own == "2.5.29.32.0" && shown == "X509v3 Any Policy";
                assert!(any || shown == own, "{name}: {shown} is not {own}");
                assert!(decoded.contains("CPS: https://sceau.example.com/cps"));
            }
            // Every mandatory attribute is in the subject, and nothing that is not listed.
            let attributes = rows(&annex, "## 3.");
            let subject: Vec<String> = decoded
                .lines()
                .skip_while(|line| line.trim() != "Subject:")
                .skip(1)
                .map_while(|line| {
                    line.trim()
                        .split_once('=')
                        .map(|(label, _)| label.to_owned())
                })
                .take_while(|label| !label.contains(' '))
                .map(|label| match label.as_str() {
                    "GN" => "givenName".into(),
                    "SN" => "surname".into(),
                    _ => label,
                })
                .collect();
            for row in &attributes {
                let mandatory = ["mandatory", "obligatoire"].contains(&row[2].as_str());
                assert!(
                    !mandatory || subject.contains(&row[0]),
                    "{name}: {subject:?}"
                );
            }
            for label in &subject {
                let listed = attributes.iter().any(|row| row[0] == *label);
                assert!(listed, "{name}: {label} is not in the annex\n{decoded}");
            }
            assert!(!subject.is_empty(), "{decoded}");
            same_statements(&annex, &profile, &issued);
            same_period(&annex, &issued);
        }
    }
}

fn same_key_usage(said: &str, decoded: &str) {
    let shown = decoded
        .lines()
        .skip_while(|line| !line.contains("X509v3 Key Usage"))
        .nth(1)
        .unwrap();
    let names: Vec<_> = said
        .split(", ")
        .map(|usage| match usage {
            "digitalSignature" => "Digital Signature",
            "nonRepudiation" => "Non Repudiation",
            "keyCertSign" => "Certificate Sign",
            "cRLSign" => "CRL Sign",
            other => other,
        })
        .collect();
    assert_eq!(names.join(", "), shown.trim());
}

/// The specimen is qualified under the law of Monaco, its key in no device.
fn same_statements(annex: &str, profile: &Profile, issued: &ca_core::Issued) {
    let statements = issued.certificate.qc_statements().unwrap_or_default();
    let found: Vec<_> = statements
        .0
        .iter()
        .map(|s| s.statement_id.to_string())
        .collect();
    let said: Vec<_> = rows(annex, "## 5.")
        .into_iter()
        .filter(|row| row[0] != "QcSSCD")
        .map(|row| row[1].clone())
        .collect();
    assert_eq!(
        said.len(),
        found.len(),
        "{}: {said:?} {found:?}",
        profile.name()
    );
    for statement in &said {
        assert!(found.contains(statement), "{}: {statement}", profile.name());
    }
}

/// The first row of section 6 is the lifetime, in days or hours.
fn same_period(annex: &str, issued: &ca_core::Issued) {
    let lifetime = rows(annex, "## 6.")[0][1].clone();
    let (number, unit) = lifetime.split_once(' ').unwrap();
    let seconds = match unit {
        "hours" | "heures" => 3_600,
        _ => 86_400,
    };
    let expected = number.parse::<i64>().unwrap() * seconds - 1;
    let c = &issued.certificate;
    assert_eq!(c.not_after().since(c.not_before()), expected);
}
