//! One bit of what was signed is another one: nothing passes. `SCEAU_DIFFERENTIAL` tries every octet of
//! containers, messages, time-stamped data and evidence records, and not some of them.

use std::sync::Arc;

use ades::asic::{Container, Member};
use ades::validate::{Facts, Indication, Input, ValidationPolicy, gather, gather_record, verdict};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::write;
use pki_crypto::Digest;

use super::differential::sign;
use super::forms::{Form, judged, source};
use super::kinds::record;
use super::world::{CONTENT, Ca, Curve, day, material};

#[test]
fn no_flipped_bit_of_what_a_pdf_signature_covers_passes() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let signer = root.signer("Signer", 0..1000, Curve::P256);
    let unit = root.unit("Unit", 0..1000, Curve::P256);
    let file = sign(&signer, 10, Some(&unit));
    let known = || material(&[&root], &[root.crl(15..22, &[])]);
    let judged = |file: Vec<u8>| {
        let input = Input {
            source: Arc::new(MemorySource::new(file)),
            content: None,
            pdf_options: OpenOptions::new(),
        };
        let facts = gather(&input, known(), day(20), None).ok()?;
        verdict(&facts, &ValidationPolicy::default(), day(20)).indication
    };
    assert_eq!(judged(file.clone()), Some(Indication::TotalPassed));
    // What lies between the angle brackets of /Contents is the signature itself.
    let key = b"/Contents <";
    let place = |what: &[u8]| file.windows(what.len()).position(|w| w == what);
    let open = place(key).or_else(|| place(b"/Contents<")).unwrap();
    let open = open + file[open..].iter().position(|b| *b == b'<').unwrap();
    let close = open + file[open..].iter().position(|b| *b == b'>').unwrap();
    let signed: Vec<usize> = (0..open).chain(close + 1..file.len()).collect();
    assert!(signed.len() > 500);
    for (number, at) in signed.into_iter().enumerate() {
        let mut changed = file.clone();
        changed[at] ^= 1 << (number % 8);
        assert_ne!(
            judged(changed),
            Some(Indication::TotalPassed),
            "octet {at}, bit {}",
            number % 8
        );
    }
}

/// All octets with `SCEAU_DIFFERENTIAL`, or the first of so many and then each that many further.
fn every(step: usize) -> usize {
    match std::env::var_os("SCEAU_DIFFERENTIAL") {
        Some(_) => 1,
        None => step,
    }
}

/// What was signed and with which value: an octet that changes none of it was not needed.
type Essence = Vec<(Arc<[u8]>, Option<Digest>, Option<Digest>)>;

fn essence(facts: &Facts) -> Essence {
    let signed = facts
        .signatures
        .iter()
        .filter_map(|one| one.signer.as_ref());
    signed
        .map(|s| {
            (
                s.signed.value.clone(),
                s.signed.content,
                s.signed.representation,
            )
        })
        .collect()
}

/// The files of a container, as somebody who unpacks it gets them.
fn unpacked(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let container = Container::open(source(file)).unwrap();
    let read = |member: &Member| container.read(member, 1 << 20).unwrap();
    let mut files: Vec<_> = container
        .data()
        .map(|m| (m.name.clone(), read(m)))
        .collect();
    files.sort();
    files
}

#[test]
fn no_flipped_bit_of_a_container_or_message_makes_it_say_something_else() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let signer = root.signer("Signer", 0..1000, Curve::P256);
    let unit = root.unit("Unit", 0..1000, Curve::P256);
    let known = || material(&[&root], &[root.crl(15..22, &[])]);
    let policy = ValidationPolicy::default();
    for form in [Form::Simple, Form::Extended, Form::Mail] {
        let file = form.shown(&form.sign(&signer, 10, Some(&unit)));
        let (facts, verdict) = judged(&file, None, 20, known(), &policy).unwrap();
        assert_eq!(
            verdict.indication,
            Some(Indication::TotalPassed),
            "{form:?}"
        );
        let wanted = essence(&facts);
        let files = (form != Form::Mail).then(|| unpacked(&file));
        let place = |what: &[u8]| file.windows(what.len()).position(|w| w == what);
        // Each octet of what was signed: in a container packed behind its name.
        let signed = place(b"what is signed")
            .or_else(|| place(b"deed.txt"))
            .unwrap();
        let near = signed.saturating_sub(40)..signed + 80;
        let (mut tried, mut passed) = (0, 0);
        for at in 0..file.len() {
            if at % every(5) != 0 && !near.contains(&at) {
                continue;
            }
            tried += 1;
            let mut changed = file.clone();
            changed[at] ^= 1 << (at % 8);
            let Ok((facts, verdict)) = judged(&changed, None, 20, known(), &policy) else {
                continue;
            };
            if verdict.indication == Some(Indication::TotalPassed) {
                passed += 1;
                assert_eq!(essence(&facts), wanted, "{form:?}: octet {at}");
                if let Some(files) = &files {
                    assert_eq!(unpacked(&changed), *files, "{form:?}: octet {at}");
                }
            }
        }
        assert!(
            tried > 300 && passed < tried,
            "{form:?}: {passed} of {tried}"
        );
    }
}

/// TimeStampedData (RFC 5544) with the content inside.
fn stamped_data(token: &[u8]) -> Vec<u8> {
    let parts = [
        &[2, 1, 1][..],
        &write::tlv(write::OCTET_STRING, &[CONTENT]),
        &write::tlv(write::context(0), &[&write::tlv(write::SEQUENCE, &[token])]),
    ];
    let data = write::tlv(write::SEQUENCE, &parts);
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 0x1f];
    let oid = write::tlv(6, &[&oid]);
    write::tlv(
        write::SEQUENCE,
        &[&oid, &write::tlv(write::context(0), &[&data])],
    )
}

#[test]
fn no_flipped_bit_of_time_stamped_data_or_a_record_makes_it_older_or_about_something_else() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let unit = root.unit("Unit", 0..1000, Curve::P256);
    let known = || material(&[&root], &[root.crl(15..22, &[])]);
    let policy = ValidationPolicy::default();
    let first = unit.token(10, CONTENT);
    let data = stamped_data(&first);
    // Version, tag and imprint of the content, the token with its time.
    let whole = |file: &[u8]| {
        let (facts, verdict) = judged(file, None, 20, known(), &policy).ok()?;
        let passed = verdict.indication == Some(Indication::TotalPassed);
        let time = facts.signatures.first()?.timestamps.first()?.gen_time;
        passed.then(|| (time, essence(&facts)))
    };
    let wanted = whole(&data).unwrap();
    assert_eq!(wanted.0, day(10));
    let at_content = data
        .windows(CONTENT.len())
        .position(|w| w == CONTENT)
        .unwrap();
    for at in (0..data.len()).filter(|at| at % every(5) == 0 || *at < at_content + 60) {
        let mut changed = data.clone();
        changed[at] ^= 1 << (at % 8);
        let Some(found) = whole(&changed) else {
            continue;
        };
        assert_eq!(found, wanted, "octet {at}");
        assert!(
            !(at_content..at_content + CONTENT.len()).contains(&at),
            "octet {at}"
        );
    }

    let record = record(&[first.clone(), unit.token(12, &first)]);
    let proven = |record: &[u8], content: &[u8]| {
        let objects = vec![("content".to_owned(), source(content))];
        let facts = gather_record(&source(record), objects, known(), day(20), None).ok()?;
        verdict(&facts, &policy, day(20))
            .evidence_records
            .first()?
            .proven
    };
    assert_eq!(proven(&record, CONTENT), Some(day(10)));
    for at in (0..CONTENT.len()).chain([0]) {
        let mut other = CONTENT.to_vec();
        other[at] ^= 1 << (at % 8);
        assert_eq!(proven(&record, &other), None, "octet {at} of the data");
    }
    for at in (0..record.len()).step_by(every(5)) {
        let mut changed = record.clone();
        changed[at] ^= 1 << (at % 8);
        let found = proven(&changed, CONTENT);
        assert!(
            found.is_none_or(|time| time == day(10)),
            "octet {at}: {found:?}"
        );
    }
}
