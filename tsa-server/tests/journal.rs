//! The token journal: what survives a crash at any octet, and what is found when it was changed.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use der::Encode as _;
use pki_asn1::UnixTime;
use proptest::prelude::*;
use support::{Running, Unit, failure, request};
use tsa_server::clock::{ManualTimeSource, TimeSource};
use tsa_server::journal::segment::{self, Position};
use tsa_server::journal::verify::verify;
use tsa_server::journal::{Durability, Entry, Journal, JournalError, Settings};

fn clock() -> Arc<ManualTimeSource> {
    let time: UnixTime = "2026-11-22T09:00:00Z".parse().unwrap();
    Arc::new(ManualTimeSource::new(time.into()))
}

fn write(settings: &Settings, names: &[&str]) {
    let clock = clock();
    let (journal, _) = Journal::open(settings, Arc::clone(&clock) as _).unwrap();
    for name in names {
        journal.note_entry(Entry::event(
            clock.read().utc,
            name,
            &[("by", "a \"test\"\n")],
        ));
    }
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let list = segment::list(folder).unwrap();
    list.into_iter().map(|(_, path)| path).collect()
}

#[test]
fn every_token_is_in_the_journal_with_its_hash() {
    let unit = Unit::new();
    let running = Running::new(&unit, support::system());
    let query = request().to_der().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let body = running.post(&query).1;
        assert_eq!(failure(&body), None);
        // TimeStampResp: the header, PKIStatusInfo { 0 }, the token.
        let token = &body[4 + 5..];
        tokens.push(pki_crypto::DigestAlgorithm::Sha256.digest(token).to_hex());
    }
    drop(running);
    let folder = unit.path("journal");
    let text = std::fs::read_to_string(&segments(&folder)[0]).unwrap();
    let written: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|record: &serde_json::Value| record["event"] == "token")
        .collect();
    assert_eq!(written.len(), 3);
    for (record, token) in written.iter().zip(&tokens) {
        assert_eq!(record["token"], **token);
        assert_eq!(record["policy"], support::POLICY);
        assert_eq!(record["imprint"], "SHA-256");
        assert_eq!(record["unit"], "unit");
        assert!(record["serial"].as_str().unwrap().len() >= 36);
    }
    let summary = verify(&folder).unwrap();
    assert_eq!((summary.tokens, summary.records), (3, 4));
}

#[test]
fn a_crash_at_any_octet_of_the_last_record_loses_that_record_alone() {
    let folder = tempfile::tempdir().unwrap();
    let whole = Settings::new(folder.path().join("whole"));
    write(&whole, &["one", "two", "three"]);
    let path = segments(&whole.folder)[0].clone();
    let octets = std::fs::read(&path).unwrap();
    let last = octets[..octets.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    for kept in last..=octets.len() {
        // A file system may also leave the length without the octets.
        for zeros in [0, 3] {
            let torn = Settings::new(folder.path().join(format!("torn-{kept}-{zeros}")));
            std::fs::create_dir(&torn.folder).unwrap();
            let mut left = octets[..kept].to_vec();
            left.extend(std::iter::repeat_n(0, zeros));
            std::fs::write(torn.folder.join(path.file_name().unwrap()), &left).unwrap();
            let is_whole = kept == octets.len();
            let (journal, found) = Journal::open(&torn, clock()).unwrap();
            let expected = if is_whole { zeros } else { kept - last + zeros };
            assert_eq!(found.torn, expected as u64, "{kept}");
            drop(journal);
            write(&torn, &["after"]);
            let summary = verify(&torn.folder).unwrap();
            let records = 3 + u64::from(is_whole) + u64::from(expected > 0) + 1;
            assert_eq!((summary.records, summary.torn), (records, 0), "{kept}");
        }
    }
}

#[test]
fn a_segment_that_was_only_begun_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(folder.path().to_owned());
    write(&settings, &["one", "two"]);
    for left in [&b""[..], b"{\"n\":4,\"ti", &[0; 10]] {
        let next = verify(folder.path()).unwrap().records + 1;
        let path = folder.path().join(format!("tokens-{next:020}.jsonl"));
        std::fs::write(path, left).unwrap();
        write(&settings, &["after"]);
        assert_eq!(segments(folder.path()).len(), 1);
        verify(folder.path()).unwrap();
    }
}

#[test]
fn every_change_of_a_written_record_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(folder.path().to_owned());
    write(&settings, &["one", "two", "three"]);
    let path = segments(folder.path())[0].clone();
    let octets = std::fs::read(&path).unwrap();
    let before_last = octets[..octets.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap();
    for at in 0..octets.len() - 1 {
        let mut changed = octets.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let JournalError::Broken { record, .. } = verify(folder.path()).unwrap_err() else {
            panic!("octet {at}");
        };
        let lines = 1 + octets[..at].iter().filter(|b| **b == b'\n').count() as u64;
        // A changed line feed joins two records.
        assert_eq!(record, lines, "octet {at}");
        // The service does not start on it either, nor cut anything off.
        if at % 50 == 0 || at > before_last {
            assert!(matches!(
                Journal::open(&settings, clock()).unwrap_err(),
                JournalError::Broken { .. }
            ));
            assert_eq!(std::fs::read(&path).unwrap(), changed);
        }
    }
    // A record taken out.
    let text = String::from_utf8(octets).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    std::fs::write(&path, [lines[0], lines[1], lines[3]].concat()).unwrap();
    let error = verify(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with(", line 3"), "{error}");
    assert!(error.hint().unwrap().contains("evidence"));
}

#[test]
fn a_spoilt_line_does_not_have_the_records_behind_it_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(folder.path().to_owned());
    write(&settings, &["one", "two", "three"]);
    let path = segments(folder.path())[0].clone();
    let octets = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = (0..octets.len())
        .filter(|at| octets[*at] == b'\n')
        .collect();
    // Within the second of four records: an octet, and all of it with its line feed.
    for spoilt in [ends[0] + 20..ends[0] + 21, ends[0] + 1..ends[1] + 1] {
        let mut changed = octets.clone();
        changed[spoilt].fill(0);
        std::fs::write(&path, &changed).unwrap();
        for error in [
            verify(folder.path()).map(drop).unwrap_err(),
            Journal::open(&settings, clock()).map(drop).unwrap_err(),
        ] {
            assert!(
                matches!(error, JournalError::Broken { record: 2, .. }),
                "{error}"
            );
        }
        assert_eq!(std::fs::read(&path).unwrap(), changed);
    }
}

#[test]
fn segments_follow_each_other_and_a_missing_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().to_owned());
    settings.segment_octets = 300;
    for _ in 0..4 {
        write(&settings, &["one"]);
    }
    let paths = segments(folder.path());
    assert!(paths.len() >= 3, "{paths:?}");
    let summary = verify(folder.path()).unwrap();
    assert_eq!(summary.segments, paths.len() as u64);
    assert_eq!(summary.records, 4 + summary.segments);
    let second = std::fs::read(&paths[1]).unwrap();
    std::fs::remove_file(&paths[1]).unwrap();
    assert!(matches!(
        verify(folder.path()).unwrap_err(),
        JournalError::Missing { .. }
    ));
    // Another journal's segment under its name.
    let mut other = second.clone();
    let at = other.windows(8).position(|w| w == b"previous").unwrap() + 12;
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    std::fs::write(&paths[1], other).unwrap();
    assert!(matches!(
        verify(folder.path()).unwrap_err(),
        JournalError::Broken { line: 1, .. }
    ));
}

#[test]
fn two_processes_do_not_write_one_journal() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(folder.path().to_owned());
    let first = Journal::open(&settings, clock()).unwrap();
    let error = Journal::open(&settings, clock()).unwrap_err();
    assert!(matches!(error, JournalError::InUse { .. }), "{error}");
    drop(first);
    Journal::open(&settings, clock()).unwrap();
}

#[test]
fn records_between_two_intervals_are_written_before_the_token_is_released() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().to_owned());
    settings.durability = Durability::Interval(Duration::from_secs(3600));
    let (journal, _) = Journal::open(&settings, clock()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let entry = Entry::event(clock().read().utc, "one", &[]);
    runtime.block_on(journal.append(entry)).unwrap();
    // As after kill -9: the system has it although the service did not end.
    assert_eq!(verify(folder.path()).unwrap().records, 2);
}

#[test]
fn the_corpus_of_the_fuzz_target_is_read_as_its_names_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/tsa-journal");
    for (file, records, torn) in [("whole.jsonl", 3, false), ("torn-token.jsonl", 2, true)] {
        let octets = std::fs::read(folder.join(file)).unwrap();
        let mut found = 0;
        let end = segment::read(&octets[..], 1, None, &mut |_| found += 1).unwrap();
        assert_eq!((found, end.torn > 0), (records, torn), "{file}");
    }
    let changed = std::fs::read(folder.join("changed.jsonl")).unwrap();
    assert!(segment::read(&changed[..], 1, None, &mut |_| ()).is_err());
}

proptest! {
    #[test]
    fn no_octets_make_the_reader_panic(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = segment::read(&octets[..], 1, None, &mut |_| ());
        let chain = Some(Position::START.chain);
        let _ = segment::read(&octets[..], 1, chain, &mut |_| ());
    }
}
