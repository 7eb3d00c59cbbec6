//! The operator's own profiles: recorded, journaled, issued under, retired; and what they ask for is
//! what openssl finds in the certificates.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::time::Duration;

use ca_core::profile::Profile;
use ca_core::{
    CaError, Issued, Legislation, ProfileOrigin, ProfileRecordError, QscdEvidence, SubjectKey,
    Validity,
};
use hsm_pkcs11::KeySpec;
use rusqlite::Connection;
use support::{House, PERSON_SUBJECT, SEAL_SUBJECT, actors, judge, key, request, text};

/// Everything a profile can say at once.
const NATIONAL_SEAL: &str = r#"
name = "register-seal"
version = 1
date = "2026-11-01"
title = "Seal of an entity on the national register"
title-fr = "Cachet d'une entité inscrite au registre national"
subject-type = "legal-person"
policy = "9.7"
additional-policies = ["1.3.6.1.4.1.32473.99.1"]
qualified = "eseal"
legislation = ["EU", "MC"]

[validity]
default-days = 365
maximum-days = 730
private-key-days = 300

[key]
curves = ["p256", "p384"]
minimum-rsa-bits = 2048
ends = { p256 = "2028-06-30" }

[subject]
mandatory = ["C", "O", "organizationIdentifier", "CN"]
forbidden = ["title"]
name-registration-authorities = ["https://register.sceau.example.com"]

[subject.constraints.C]
value = "MC"

[subject.constraints.O]
maximum-length = 20

[subject.constraints.organizationIdentifier]
schemes = ["RC:", "NTR"]
countries = ["MC"]

[extensions]
key-usage = ["nonRepudiation"]
extended-key-usage = ["documentSigning", "1.3.6.1.4.1.32473.5"]

[statements]
device = "required"
limit-value = { currency = "EUR", amount = 5, exponent = 4 }
retention-years = 30
identification = "eidas-24-1a-acd"
device-legislation = ["CH"]

[[pds]]
language = "en"
url = "https://sceau.example.com/register-pds-en.pdf"

[registration]
duplicate-key = "same-subject"
"#;

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=RC:MC-00S03813,CN=Acme SAM";

fn attested() -> QscdEvidence {
    QscdEvidence::Attested("token 7 personalised at the desk".into())
}

fn house() -> House {
    let mut house = House::new();
    let profile = Profile::parse(NATIONAL_SEAL).unwrap();
    house.engine.add_profile(&profile, &actors()).unwrap();
    house
}

/// `openssl x509 -text` and, where asked, another option's output.
fn decoded(house: &House, issued: &Issued, args: &[&str]) -> Option<String> {
    let pem = house.certificate("decoded.pem", &issued.certificate);
    let mut all = vec!["x509", "-noout", "-in", text(&pem)];
    all.extend(args);
    let output = judge("openssl", &all)?;
    assert!(output.status.success());
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn what_a_national_profile_asks_for_is_what_openssl_finds() {
    let house = house();
    for law in ["MC", "EU"] {
        let mut order = request("register-seal", SUBJECT, attested());
        order.legislation = Some(law.parse().unwrap());
        let issued = house.engine.issue(&house.issuing, &order).unwrap();
        let Some(text) = decoded(&house, &issued, &["-text"]) else {
            return;
        };
        for expected in [
            "organizationIdentifier = RC:MC-00S03813",
            "Policy: 1.3.6.1.4.1.32473.1.9.7",
            "Policy: 1.3.6.1.4.1.32473.99.1",
            "Policy: 0.4.0.194112.1.3",
            "X509v3 Private Key Usage Period",
            "1.3.6.1.4.1.32473.5",
        ] {
            assert!(text.contains(expected), "{expected} is not in:\n{text}");
        }
        // The statements one by one: openssl prints the DER of the extension.
        let pem = house.certificate("statements.pem", &issued.certificate);
        let dump = judge("openssl", &["asn1parse", "-in", support::text(&pem)]).unwrap();
        let dump = String::from_utf8_lossy(&dump.stdout).into_owned();
        let statements = dump
            .lines()
            .skip_while(|line| !line.contains("qcStatements"))
            .nth(1)
            .and_then(|line| line.rsplit(':').next())
            .unwrap()
            .to_owned();
        let statements = hex::decode(statements).unwrap();
        // openssl shows a GeneralName in a tag of its own by its length only.
        let authority = b"https://register.sceau.example.com";
        assert!(statements.windows(authority.len()).any(|w| w == authority));
        let file = house.folder.path().join("statements.der");
        std::fs::write(&file, statements).unwrap();
        let file = support::text(&file);
        let parsed = judge("openssl", &["asn1parse", "-inform", "DER", "-in", file]).unwrap();
        let parsed = String::from_utf8_lossy(&parsed.stdout).into_owned();
        let mut expected = vec![
            // QcCompliance, QcSSCD, QcType eseal, QcPDS of the profile and not the installation's.
            "0.4.0.1862.1.1",
            "0.4.0.1862.1.4",
            "0.4.0.1862.1.6.2",
            "https://sceau.example.com/register-pds-en.pdf",
            // QcLimitValue: 5 * 10^4 EUR.
            "0.4.0.1862.1.2",
            ":EUR",
            // QcRetentionPeriod: 30 (0x1E) years.
            "0.4.0.1862.1.3",
            ":1E",
            // QcQSCDlegislation.
            "0.4.0.1862.1.9",
            ":CH",
        ];
        let (only, never) = match law {
            // QcIdentMethod names articles of the EU's law.
            "EU" => ("0.4.0.1862.1.8.3", "0.4.0.1862.1.7"),
            _ => ("0.4.0.1862.1.7", "0.4.0.1862.1.8"),
        };
        expected.push(only);
        for expected in expected {
            assert!(
                parsed.contains(expected),
                "{law}: {expected} is not in:\n{parsed}"
            );
        }
        assert!(!parsed.contains(never), "{law}: {never} is in:\n{parsed}");
        assert!(!parsed.contains("pds-fr.pdf"), "{parsed}");
    }
}

#[test]
fn what_a_national_profile_forbids_is_refused_before_anything_is_recorded() {
    let house = house();
    let records = house.engine.statistics().unwrap().journal_records;
    let order = |subject: &str, qscd| request("register-seal", subject, qscd);
    let refused = |order: &ca_core::IssueRequest, expected: &str| {
        let error = house.engine.issue(&house.issuing, order).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().is_some(), "{error}");
    };
    for (subject, expected) in [
        (
            SUBJECT.replace("C=MC", "C=FR"),
            "fixes subject attribute C to \"MC\"",
        ),
        (
            SUBJECT.replace("O=Acme SAM", "O=Acme Société Anonyme Monégasque"),
            "more than 20 characters",
        ),
        (
            SUBJECT.replace("RC:MC-", "VATFR-"),
            "organizationIdentifier of RC:, NTR only, not \"VAT\"",
        ),
        (
            SUBJECT.replace("RC:MC-", "NTRFR-"),
            "organizationIdentifier of MC only, not \"FR\"",
        ),
        (
            format!("{SUBJECT},title=Dr"),
            "does not allow subject attribute title",
        ),
    ] {
        refused(&order(&subject, attested()), expected);
    }
    refused(
        &order(SUBJECT, QscdEvidence::None),
        "keys in secure devices only",
    );
    let mut under_none = order(SUBJECT, attested());
    under_none.legislation = Some(Legislation::None);
    refused(&under_none, "issued under EU, MC, and not under none");
    let mut long = order(SUBJECT, attested());
    long.validity = Validity::Days(730);
    refused(&long, "valid after 2028-06-30");
    // The same key for a shorter time, and another algorithm for the same time.
    long.validity = Validity::Days(580);
    house.engine.issue(&house.issuing, &long).unwrap();
    long.validity = Validity::Days(730);
    long.key = SubjectKey::Held(key(KeySpec::P384).public_key().clone());
    house.engine.issue(&house.issuing, &long).unwrap();
    let after = house.engine.statistics().unwrap().journal_records;
    assert_eq!(after, records + 4, "what was refused left a record");
}

#[test]
fn rsa_2048_gets_its_last_certificate_in_2026() {
    let house = house();
    let key = pki_asn1::pem::blocks(RSA_2048.as_bytes()).unwrap();
    let key = pki_crypto::PublicKey::from_spki_der(&key[0].der).unwrap();
    let mut order = request("register-seal", SUBJECT, attested());
    order.key = SubjectKey::Held(key);
    let issued = house.engine.issue(&house.issuing, &order).unwrap();
    if let Some(text) = decoded(&house, &issued, &["-text"]) {
        assert!(text.contains("Public-Key: (2048 bit)"), "{text}");
    }
    house.clock.set(support::time("2027-01-01T00:00:00Z"));
    let error = house.engine.issue(&house.issuing, &order).unwrap_err();
    assert!(matches!(error, CaError::AlgorithmEnd(_)), "{error}");
    assert!(
        error.to_string().contains("TS 119 312 V2.1.1 clause 8.4"),
        "{error}"
    );
}

#[test]
fn a_short_term_certificate_lives_twelve_hours_and_names_no_status() {
    let house = House::new();
    let issued = house.issue("short-term-signature", PERSON_SUBJECT).unwrap();
    let c = &issued.certificate;
    assert_eq!(c.not_after().since(c.not_before()), 12 * 3_600 - 1);
    let profile = house.engine.profile("short-term-signature").unwrap();
    assert!(!profile.is_revocable());
    let Some(text) = decoded(&house, &issued, &["-text"]) else {
        return;
    };
    for (expected, there) in [
        ("0.4.0.194121.2.1", true),
        ("No Revocation Available", true),
        ("CA Issuers - URI:", true),
        ("OCSP - URI:", false),
        ("CRL Distribution Points", false),
    ] {
        // Its name since OpenSSL 3.4, its number before.
        let found = text.contains(expected)
            || (expected.starts_with("No Rev") && text.contains("2.5.29.56"));
        assert_eq!(found, there, "{expected}:\n{text}");
    }
}

#[test]
fn a_recorded_profile_survives_and_its_version_only_rises() {
    let mut house = house();
    let version = |n: u32| {
        let text = NATIONAL_SEAL.replace("version = 1", &format!("version = {n}"));
        Profile::parse(&text).unwrap()
    };
    let error = house
        .engine
        .add_profile(&version(1), &actors())
        .unwrap_err();
    assert!(
        error.to_string().contains("has version 1 already"),
        "{error}"
    );
    house.engine.add_profile(&version(3), &actors()).unwrap();
    let error = house
        .engine
        .add_profile(&version(2), &actors())
        .unwrap_err();
    assert!(
        error.to_string().contains("has version 3 already"),
        "{error}"
    );
    let built_in = house.engine.profile("company-seal").unwrap().clone();
    let error = house.engine.add_profile(&built_in, &actors()).unwrap_err();
    assert!(
        matches!(
            &error,
            CaError::ProfileRecord(ProfileRecordError::BuiltIn(_))
        ),
        "{error}"
    );
    assert_eq!(
        house.engine.profile_origin("register-seal"),
        ProfileOrigin::Recorded
    );
    assert_eq!(
        house.engine.profile_origin("company-seal"),
        ProfileOrigin::BuiltIn
    );

    // Another process sees the last version, once.
    let reader = reopened(&house);
    let own: Vec<_> = reader
        .profiles()
        .iter()
        .filter(|p| p.name() == "register-seal")
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].version(), 3);

    house
        .engine
        .retire_profile("register-seal", &actors())
        .unwrap();
    let error = house
        .engine
        .retire_profile("register-seal", &actors())
        .unwrap_err();
    assert!(error.to_string().contains("retired already"), "{error}");
    assert!(
        house
            .engine
            .retire_profile("company-seal", &actors())
            .is_err()
    );
    assert!(
        house
            .engine
            .retire_profile("unheard-of", &actors())
            .is_err()
    );
    let order = request("register-seal", SUBJECT, attested());
    let error = house.engine.issue(&house.issuing, &order).unwrap_err();
    assert!(matches!(error, CaError::UnknownProfile(_)), "{error}");
    // What was issued under it can still be explained.
    assert!(house.engine.profile_ever("register-seal").is_some());
    house.engine.add_profile(&version(4), &actors()).unwrap();
    house.engine.issue(&house.issuing, &order).unwrap();
    house.engine.verify_journal().unwrap();

    let mut journal = Vec::new();
    house.engine.export_journal(&mut journal).unwrap();
    let journal = String::from_utf8(journal).unwrap();
    assert_eq!(journal.matches("profile-added").count(), 3);
    assert_eq!(journal.matches("profile-retired").count(), 1);
    assert!(journal.contains(&version(4).digest().to_hex()));
}

fn reopened(house: &House) -> ca_core::CaEngine {
    let settings = support::settings("MC");
    ca_core::CaEngine::open_read_only(&house.record(), settings, house.clock.clone()).unwrap()
}

#[test]
fn a_profile_changed_behind_the_journal_is_found_and_never_issued_under() {
    for (sql, opens) in [
        (
            "UPDATE profile SET source = replace(source, '730', '731')",
            false,
        ),
        ("UPDATE profile SET source = 'a', sha256 = x'00'", false),
        ("UPDATE profile SET added_at = added_at + 1", true),
        ("UPDATE profile SET retired_at = added_at", true),
        ("DELETE FROM profile", true),
        (
            "INSERT INTO profile SELECT 'mallory', 1, source, sha256, added_at, NULL FROM profile",
            true,
        ),
    ] {
        let house = house();
        house.engine.verify_journal().unwrap();
        let record = house.record();
        let db = Connection::open(&record).unwrap();
        if !sql.starts_with("INSERT") && !sql.contains("retired_at =") {
            assert!(db.execute_batch(sql).is_err(), "{sql} is not refused");
        }
        db.execute_batch("DROP TRIGGER profile_stays; DROP TRIGGER profile_is_final")
            .unwrap();
        db.execute_batch(sql).unwrap();
        assert!(house.engine.verify_journal().is_err(), "{sql} is not found");
        let settings = support::settings("MC");
        let reader = ca_core::CaEngine::open_read_only(&record, settings, house.clock.clone());
        assert_eq!(reader.is_ok(), opens, "{sql}");
    }
}

#[test]
fn a_recorded_profile_is_issued_under_by_name_and_digest() {
    let house = house();
    house.clock.advance(Duration::from_secs(1));
    let order = request("register-seal", SUBJECT, attested());
    house.engine.issue(&house.issuing, &order).unwrap();
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    let mut journal = Vec::new();
    house.engine.export_journal(&mut journal).unwrap();
    let journal = String::from_utf8(journal).unwrap();
    let digest = Profile::parse(NATIONAL_SEAL).unwrap().digest().to_hex();
    // Once where it was added, once in the INTENT.
    assert_eq!(journal.matches(&digest).count(), 2);
}

#[test]
fn a_recorded_profile_that_a_bound_refuses_now_stops_nothing_else() {
    let house = house();
    // As an earlier program with laxer bounds would have recorded it.
    let lax = NATIONAL_SEAL
        .replace("register-seal", "lax-seal")
        .replace("maximum-days = 730", "maximum-days = 9999");
    let digest = pki_crypto::DigestAlgorithm::Sha256.digest(lax.as_bytes());
    let db = Connection::open(house.record()).unwrap();
    db.execute(
        "INSERT INTO profile VALUES ('lax-seal', 1, ?1, ?2, 0, NULL)",
        (&lax, digest.as_bytes()),
    )
    .unwrap();
    let reader = reopened(&house);
    let error = reader.profile("lax-seal").unwrap_err();
    assert!(matches!(error, CaError::Profile(_)), "{error}");
    assert!(
        error.to_string().contains("more than five years"),
        "{error}"
    );
    assert!(reader.profile("register-seal").is_ok());
    assert!(reader.profiles().iter().all(|p| p.name() != "lax-seal"));
    // Nor does it pass for recorded: no act put it there.
    assert!(reader.verify_journal().is_err());
}

/// The page of the format names every key, and the dates are those of the table.
#[test]
fn the_page_of_profiles_leaves_no_key_out() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/profiles.md");
    let page = std::fs::read_to_string(page).unwrap();
    let profile = Profile::parse(NATIONAL_SEAL).unwrap();
    let mut keys = Vec::new();
    keys_of(&serde_json::to_value(profile.config()).unwrap(), &mut keys);
    assert!(keys.len() > 40, "{keys:?}");
    let inline = [
        "C",
        "O",
        "organizationIdentifier",
        "p256",
        "currency",
        "amount",
        "exponent",
    ];
    for key in keys.iter().filter(|key| !inline.contains(&key.as_str())) {
        assert!(
            (page.contains(&format!("`{key}`")) || page.contains(&format!("`[{key}]`"))),
            "{key} is not on the page"
        );
    }
    for profile in ca_core::profile::built_in().unwrap() {
        assert!(
            page.contains(&format!("`{}`", profile.name())),
            "{}",
            profile.name()
        );
    }
    for row in ca_core::profile::algorithm::ALGORITHMS {
        for date in [row.last_issuance, row.last_validity].into_iter().flatten() {
            assert!(page.contains(&format!("| {date} |")), "{date}");
        }
    }
}

fn keys_of(value: &serde_json::Value, keys: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(inner) => {
            for (key, value) in inner {
                keys.push(key.clone());
                keys_of(value, keys);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}

/// No key of this size is made any more; this public half was made by OpenSSL.
const RSA_2048: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArDDOjvT1JktArp3NNB1R
mzfX5+wxmhdwXRcDO4u6haayGxVexLgPV1+Jx4apPyYU9GOjLghSO4bBVD2XwpOo
KbOqZEWZIx0sLD5BJvT/U5BLvSLOkL1TnXoPZFzgr72gZwosLa9t+v+ltYP4z3KO
mlTVfFrtdC7qbqpNI2ZcuuRWBpDraMr0PV0M6GdHGjKPa/bUtt/KNoOWScAo+vfk
bFDjYd5jZaBbMTWLom+Equ3eGwh1oJNXl5yxhFpM4n8yzM3F/ixlVYndykayVoaG
TpNhKfyqplEG+4MPLK9YfnoHV6d8jivny3pGLjqJBeyq07F9/4v7mIRlFa7ScrTX
kwIDAQAB
-----END PUBLIC KEY-----
";
