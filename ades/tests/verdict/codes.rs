//! The codes that programs go by: the pages have each of them, and no other; and what is said would change an error.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ades::cades::extend_cms;
use ades::cms::attribute::Attribute;
use ades::cms::parse::SignedData;
use ades::evidence::Collector;
use ades::extend::{ExtendError, ExtendOptions, RefusalCode, Services, Target};
use ades::validate::{
    Code, Ends, Message, SubIndication, ValidationPolicy, gather_record, verdict,
};
use pki_asn1::{ManualClock, oid};

use super::forms::source;
use super::kinds::record;
use super::reachable::World;
use super::world::{CONTENT, day, judge, material, sign};

fn page(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// What the first column of the tables under a heading has in code spans; of all, without one.
fn listed(page: &str, heading: Option<&str>) -> Vec<String> {
    let from = match heading {
        Some(heading) => page.split(&format!("\n## {heading}\n")).nth(1).unwrap(),
        None => page,
    };
    let part = match heading {
        Some(_) => from.split("\n## ").next().unwrap(),
        None => from,
    };
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let spans = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    spans.map(str::to_owned).collect()
}

#[test]
fn a_code_is_not_on_the_page() {
    let verify = page("sceau-verify.md");
    let mut said = listed(&page("codes.md"), None);
    said.extend(listed(&verify, Some("Indications")));
    said.extend(listed(&verify, Some("Attacks by their names")));
    let given = Code::all().map(Code::as_str);
    let own = RefusalCode::OWN.map(RefusalCode::as_str);
    let given: Vec<&str> = given.chain(own).collect();
    let unique: BTreeSet<&str> = given.iter().copied().collect();
    assert_eq!(unique.len(), given.len(), "a code has two meanings");
    let once: BTreeSet<&str> = said.iter().map(String::as_str).collect();
    assert_eq!(once.len(), said.len(), "a code is explained twice");
    assert_eq!(once, unique);
}

#[test]
fn what_cannot_be_raised_is_refused_by_another_code() {
    let world = World::new();
    let digest = world.signer.digest_algorithm().digest(CONTENT);
    let with = |attribute| {
        let mut signed = world.signer.sign(oid::CT_DATA, &digest, &[]).unwrap();
        signed.add_unsigned(attribute);
        signed.attached(CONTENT)
    };
    let bare = sign(&world.signer, 10, None);
    let archived = record(&[world.unit.token(10, CONTENT)]);
    let archived = with(Attribute::new(oid::ATTR_ER_INTERNAL, &archived));
    let earlier = world.unit.token(10, CONTENT);
    let earlier = with(Attribute::new(oid::ATTR_ARCHIVE_TIMESTAMP_V2, &earlier));
    let cases = [
        (bare, Vec::new(), RefusalCode::EvidenceMissing),
        (archived, world.crls(20), RefusalCode::EvidenceRecord),
        (earlier, world.crls(20), RefusalCode::ArchiveForm),
    ];
    assert_eq!(cases.each_ref().map(|case| case.2), RefusalCode::OWN);
    for (file, crls, code) in cases {
        let known = material(&[&world.root], &crls);
        let clock = Arc::new(ManualClock::new(day(20)));
        let policy = ValidationPolicy::default();
        let services = Services {
            collector: &Collector::offline().with_clock(clock.clone()),
            time_stamper: Some(world.unit.on(20)),
            policy: &policy,
            clock: &*clock,
        };
        let options = ExtendOptions::new(Target::BLta);
        let mut out = Vec::new();
        let done = extend_cms(&source(&file), None, &mut out, known, &services, &options);
        let Err(ExtendError::Refused(refused)) = done else {
            panic!("{code:?}: raised, or refused without a code")
        };
        assert_eq!(refused[0].1.code, code);
        assert!(refused[0].1.hint.is_some(), "{code:?}");
        assert!(out.is_empty());
    }
}

/// With digest algorithms that nobody knows instead of SHA-256.
fn of_another_digest(octets: &[u8]) -> Vec<u8> {
    const SHA256: [u8; 9] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let mut out = octets.to_vec();
    while let Some(at) = out.windows(9).position(|part| part == SHA256) {
        out[at + 8] = 0x63;
    }
    out
}

#[test]
fn what_is_not_computed_would_change_with_a_time_stamp_or_its_content() {
    let world = World::new();
    let policy = ValidationPolicy::default();
    let sub = SubIndication::CryptoConstraintsFailureNoPoe;
    let told = |what: &str, errors: &[Message]| {
        let [error, ..] = errors else {
            panic!("{what}: no error")
        };
        assert_eq!(error.code, sub.into(), "{what}: {errors:#?}");
        let remedy = error.remedy().unwrap().to_string();
        assert!(remedy.contains("another algorithm"), "{what}: {remedy}");
    };
    let signature = of_another_digest(&sign(&world.signer, 10, None));
    let (_, judged) = judge(&signature, 20, world.today(20), &policy);
    told("a signature", &judged.signatures[0].errors);

    let token = world.unit.token(10, CONTENT);
    let info = SignedData::parse(&token).unwrap().content.unwrap();
    let info = of_another_digest(&info);
    let unit = &world.unit.signer;
    let digest = unit.digest_algorithm().digest(&info);
    let token = unit.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
    let token = token.attached(&info);
    let (_, judged) = judge(&token, 20, world.today(20), &policy);
    told("a time-stamp", &judged.signatures[0].errors);

    let objects = vec![("content".to_owned(), source(CONTENT))];
    let record = record(&[token]);
    let facts = gather_record(&source(&record), objects, world.today(20), day(20), None).unwrap();
    let judged = verdict(&facts, &policy, day(20));
    told("a record", &judged.evidence_records[0].errors);
}

#[test]
fn what_the_policy_never_accepts_would_change_with_a_proof() {
    let world = World::new();
    let mut policy = ValidationPolicy::default();
    let keys = &mut policy.algorithms.keys;
    keys.insert("EC P-256".into(), Ends::Refused);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let (_, judged) = judge(&stamped, 20, world.today(20), &policy);
    let error = &judged.signatures[0].errors[0];
    assert_eq!(error.code, SubIndication::CryptoConstraintsFailure.into());
    let remedy = error.remedy().unwrap().to_string();
    assert!(remedy.contains("only another policy"), "{remedy}");
    // Not that it ended in 1970.
    let why = error.message.to_string();
    assert!(why.ends_with("is not accepted by the policy"), "{why}");
}
