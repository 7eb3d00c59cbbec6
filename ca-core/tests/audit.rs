//! Nobody changes, removes or reorders a byte of the journal unnoticed.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use ca_core::engine::{AuditError, CheckpointSchedule};
use ca_core::journal::{
    BreakReason, Checks, ExportEnd, ExportFault, ExportStart, ExportVerifier, Handover, JournalKey,
    JournalReport, JournalRow, Proof, SignedCheckpoint, chain, export_line, read_line,
};
use ca_core::{CaEngine, CaError, RevocationReason, RevocationRequest};
use hsm_pkcs11::{KeySpec, Signer};
use pki_crypto::DigestAlgorithm;
use support::{House, SEAL_SUBJECT, actors, key};

/// A record with a journal key, two checkpoints, and acts before, between and after them.
struct Audited {
    house: House,
    key: Arc<dyn Signer>,
    first: SignedCheckpoint,
    second: SignedCheckpoint,
}

impl Audited {
    fn new() -> Self {
        let house = House::new();
        let key = key(KeySpec::ED25519);
        house
            .engine
            .name_journal_key(
                &*key,
                "keys/journal.pem".into(),
                Handover::Signed,
                &actors(),
            )
            .unwrap();
        let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let first = checkpoint(&house.engine, &*key);
        house
            .engine
            .revoke(&RevocationRequest {
                authority: "companies".into(),
                serial: issued.certificate.serial().to_vec(),
                reason: RevocationReason::KeyCompromise,
                invalidity_date: None,
                requested_at: None,
                actors: actors(),
            })
            .unwrap();
        house
            .engine
            .issue_crl(&house.issuing, Duration::from_secs(3600), &actors())
            .unwrap();
        let second = checkpoint(&house.engine, &*key);
        house.issue("company-seal", SEAL_SUBJECT).unwrap();
        Self {
            house,
            key,
            first,
            second,
        }
    }

    fn export(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.house.engine.export_journal(&mut out).unwrap();
        out
    }

    fn pinned(&self) -> Vec<JournalKey> {
        vec![JournalKey::new(self.key.public_key().clone())]
    }
}

fn checkpoint(engine: &CaEngine, key: &dyn Signer) -> SignedCheckpoint {
    engine.checkpoint(key, &actors()).unwrap().unwrap().signed
}

fn verify(export: &[u8], checks: Checks<'_>) -> Result<JournalReport, ExportFault> {
    let mut verifier = ExportVerifier::new(checks);
    verifier.read(&mut &*export)?;
    verifier.finish()
}

fn named(result: Result<JournalReport, ExportFault>) -> u64 {
    match result {
        Err(ExportFault::Broken(broken)) => broken.seq,
        other => panic!("{other:?}"),
    }
}

/// Lines with their newlines.
fn lines(export: &[u8]) -> Vec<Vec<u8>> {
    export
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

fn rows(export: &[u8]) -> Vec<JournalRow> {
    let lines = lines(export);
    lines[1..lines.len() - 1]
        .iter()
        .map(|line| {
            let mut row = JournalRow {
                seq: 0,
                prev: Vec::new(),
                record: Vec::new(),
                hash: Vec::new(),
            };
            read_line(line.strip_suffix(b"\n").unwrap(), &mut row).unwrap();
            assert_eq!(export_line(&row), *line);
            row
        })
        .collect()
}

/// What somebody can do who has everything but the journal key: an export whose chain and root are
/// right.
fn forged(records: Vec<Vec<u8>>) -> Vec<u8> {
    fn mth(leaves: &[Vec<u8>]) -> [u8; 32] {
        let hash = |prefix: u8, parts: &[&[u8]]| {
            let bytes = [&[prefix][..], &parts.concat()].concat();
            DigestAlgorithm::Sha256
                .digest(&bytes)
                .as_bytes()
                .try_into()
                .unwrap()
        };
        match leaves.len() {
            1 => hash(0, &[&leaves[0]]),
            n => {
                let half = n.next_power_of_two() / 2;
                hash(1, &[&mth(&leaves[..half]), &mth(&leaves[half..])])
            }
        }
    }
    let start = ExportStart {
        tree: Default::default(),
        prev: [0; 32],
    };
    let mut out = start.line();
    let mut prev = [0; 32];
    for (n, record) in records.iter().enumerate() {
        let seq = n as u64 + 1;
        let hash = chain(seq, &prev, record);
        out.extend(export_line(&JournalRow {
            seq,
            prev: prev.to_vec(),
            record: record.clone(),
            hash: hash.to_vec(),
        }));
        prev = hash;
    }
    let end = ExportEnd {
        to: records.len() as u64,
        head: prev,
        root: mth(&records),
    };
    out.extend(end.line());
    out
}

#[test]
fn an_export_verifies_offline_with_nothing_but_the_journal_key() {
    let audited = Audited::new();
    let export = audited.export();
    let report = verify(
        &export,
        Checks {
            keys: audited.pinned(),
            checkpoints: vec![("kept.txt".into(), audited.first.clone())],
            time_stamps: None,
        },
    )
    .unwrap();
    let second = audited.second.checkpoint();
    let covered = report.covered.as_ref().unwrap();
    assert_eq!((covered.size, covered.at), (second.size, second.at));
    assert_eq!(report.checkpoints, 3);
    assert_eq!(report.unvouched, 0);
    // The record itself gives the same.
    let own = audited.house.engine.verify_journal().unwrap();
    assert_eq!(
        (own.records, own.head, own.root),
        (report.records, report.head, report.root)
    );
    // Whoever forges everything cannot forge the signatures; the forger of this test does it right.
    let records = rows(&export).into_iter().map(|r| r.record).collect();
    assert_eq!(forged(records), export);
}

#[test]
fn every_changed_byte_of_an_export_is_found_and_the_right_record_named() {
    let audited = Audited::new();
    let export = audited.export();
    let lines = lines(&export);
    let mut at = 0;
    for (number, line) in lines.iter().enumerate() {
        for _ in 0..line.len() {
            // The last bit; the bit between small and capital letters.
            for bit in [0x01, 0x20] {
                let mut changed = export.clone();
                changed[at] ^= bit;
                let result = verify(&changed, Checks::default());
                let is_record = (1..lines.len() - 1).contains(&number);
                if is_record {
                    assert_eq!(named(result), number as u64, "byte {at}");
                } else {
                    assert!(result.is_err(), "byte {at}");
                }
            }
            at += 1;
        }
    }
    assert_eq!(at, export.len());
}

#[test]
fn every_removed_doubled_and_moved_record_is_found_and_named() {
    let audited = Audited::new();
    let export = audited.export();
    let all = lines(&export);
    let records = all.len() - 2;
    for n in 1..=records {
        let mut removed = all.clone();
        removed.remove(n);
        assert_eq!(
            named(verify(&removed.concat(), Checks::default())),
            n as u64
        );
        let mut doubled = all.clone();
        doubled.insert(n, all[n].clone());
        assert_eq!(
            named(verify(&doubled.concat(), Checks::default())),
            n as u64 + 1
        );
        for m in n + 1..=records {
            let mut swapped = all.clone();
            swapped.swap(n, m);
            assert_eq!(
                named(verify(&swapped.concat(), Checks::default())),
                n as u64
            );
        }
        // Cut off after n records, with and without a last line of one's own.
        let cut = all[..=n].concat();
        assert_eq!(named(verify(&cut, Checks::default())), n as u64 + 1);
    }
    // Cut off in the middle of every line.
    for end in 1..export.len() {
        assert!(verify(&export[..end], Checks::default()).is_err(), "{end}");
    }
    let mut longer = export.clone();
    longer.extend(b"\n");
    assert!(verify(&longer, Checks::default()).is_err());
}

#[test]
fn a_journal_rewritten_with_all_its_hashes_is_found_by_the_signed_checkpoints() {
    let audited = Audited::new();
    let export = audited.export();
    let records: Vec<Vec<u8>> = rows(&export).into_iter().map(|r| r.record).collect();
    let (first, second) = (
        audited.first.checkpoint().size as usize,
        audited.second.checkpoint().size as usize,
    );
    let pinned = || Checks {
        keys: audited.pinned(),
        ..Checks::default()
    };
    for n in 0..records.len() {
        let mut changed = records.clone();
        // A member that says nothing: the checks of the records themselves see nothing.
        let last = changed[n].len() - 1;
        changed[n].insert(last, b' ');
        let result = verify(&forged(changed), pinned());
        if n < second {
            // Named is the first record that no good checkpoint covers.
            let expected = if n < first { 1 } else { first + 1 };
            assert_eq!(named(result), expected as u64, "record {}", n + 1);
        } else {
            // Nothing signed covers it: the report says how far the signature goes.
            assert_eq!(result.unwrap().covered.unwrap().size, second as u64);
        }
    }
    // Without its checkpoints, the journal has nothing that the key signed.
    let unsigned: Vec<_> = records[..first].to_vec();
    let result = verify(&forged(unsigned.clone()), pinned());
    assert!(
        matches!(&result, Err(ExportFault::Broken(b)) if b.reason == BreakReason::NothingSigned),
        "{result:?}"
    );
    // Cut off at the end, everything recomputed: a checkpoint kept elsewhere shows it.
    for kept in [&audited.first, &audited.second] {
        let size = kept.checkpoint().size;
        let short = records[..size as usize - 1].to_vec();
        let result = verify(
            &forged(short),
            Checks {
                keys: audited.pinned(),
                checkpoints: vec![("kept.txt".into(), kept.clone())],
                time_stamps: None,
            },
        );
        assert_eq!(named(result), size);
    }
    // Another key signs for a forged one.
    let thief = key(KeySpec::P256);
    let result = verify(
        &export,
        Checks {
            keys: vec![JournalKey::new(thief.public_key().clone())],
            ..Checks::default()
        },
    );
    assert!(result.is_err());
}

#[test]
fn exports_in_parts_are_one_and_parts_from_the_middle_are_anchored_by_checkpoints() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    let size = engine.journal_size().unwrap();
    let part = |range: std::ops::RangeInclusive<u64>| {
        let mut out = Vec::new();
        engine.export_range(range, &mut out).unwrap();
        out
    };
    for cut in 1..=size {
        let (one, two) = (part(1..=cut), part(cut + 1..=size));
        let mut verifier = ExportVerifier::new(Checks {
            keys: audited.pinned(),
            ..Checks::default()
        });
        verifier.read(&mut &*one).unwrap();
        verifier.read(&mut &*two).unwrap();
        assert_eq!(verifier.finish().unwrap().records, size);
        let mut verifier = ExportVerifier::new(Checks::default());
        verifier.read(&mut &*one).unwrap();
        let again = verifier.read(&mut &*part(cut..=size));
        assert!(
            matches!(again, Err(ExportFault::Broken(b)) if b.reason == BreakReason::NotContinued)
        );
        // The second part alone: its beginning is believed only as the checkpoint in it proves it.
        let second = audited.second.checkpoint().size;
        if cut < second {
            let report = verify(
                &two,
                Checks {
                    keys: audited.pinned(),
                    ..Checks::default()
                },
            )
            .unwrap();
            assert_eq!(report.first, cut + 1);
            assert_eq!(report.covered.unwrap().size, second);
            let mut first_line =
                ExportStart::parse(two.split(|b| *b == b'\n').next().unwrap()).unwrap();
            let rest = &two[first_line.line().len()..];
            let mut peaks = first_line.tree.peaks().to_vec();
            peaks[0][0] ^= 1;
            first_line.tree = ca_core::journal::Frontier::from_peaks(cut, peaks).unwrap();
            let forged = [&first_line.line(), rest].concat();
            let result = verify(
                &forged,
                Checks {
                    keys: audited.pinned(),
                    ..Checks::default()
                },
            );
            assert_eq!(named(result), cut + 1);
        }
    }
    let mut out = Vec::new();
    let range = engine.export_range(3..=size + 1, &mut out).unwrap_err();
    assert!(
        matches!(range, CaError::Audit(AuditError::Range { .. })),
        "{range}"
    );
}

#[test]
fn proofs_convince_with_checkpoint_and_key_alone_and_no_altered_proof_does() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    let keys = audited.pinned();
    let size = audited.second.checkpoint().size;
    let all: Vec<u64> = (1..=size).collect();
    let proof = engine.prove_records(&all, &audited.second).unwrap();
    let text = proof.to_json();
    let read = Proof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    read.check(&keys).unwrap();
    read.is_for(audited.second.checkpoint()).unwrap();
    assert!(read.is_for(audited.first.checkpoint()).is_err());
    assert!(read.check(&[]).is_err());
    assert!(engine.prove_records(&[size + 1], &audited.second).is_err());

    let consistency = engine
        .prove_consistency(&audited.first, &audited.second)
        .unwrap();
    let read = Proof::parse(consistency.to_json().as_bytes()).unwrap();
    read.check(&keys).unwrap();
    assert!(
        engine
            .prove_consistency(&audited.second, &audited.first)
            .is_err()
    );
    for (n, proof) in [
        engine.prove_records(&[3], &audited.first).unwrap(),
        consistency,
    ]
    .into_iter()
    .enumerate()
    {
        let text = proof.to_json().into_bytes();
        for at in 0..text.len() {
            for bit in [0x01, 0x02, 0x20, 0x80] {
                let mut changed = text.clone();
                changed[at] ^= bit;
                let Ok(read) = Proof::parse(&changed) else {
                    continue;
                };
                // White space between members, and capital digits, say the same.
                assert!(
                    read == proof || read.check(&keys).is_err(),
                    "proof {n}, byte {at}"
                );
            }
        }
    }
}

#[test]
fn a_certificates_records_are_proven_by_its_serial() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    let size = audited.second.checkpoint().size;
    let revoked = engine
        .list(&ca_core::ListFilter {
            authority: None,
            revoked: true,
        })
        .unwrap();
    let found = engine.records_about(&revoked[0].serial, size).unwrap();
    let Proof::Inclusion { records, .. } = engine.prove_records(&found, &audited.second).unwrap()
    else {
        panic!("not an inclusion proof");
    };
    let kinds: Vec<String> = records
        .iter()
        .map(|r| {
            let value: serde_json::Value = serde_json::from_str(&r.record).unwrap();
            value["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["intent", "result", "revocation"]);
    let unknown = engine.records_about(&[1, 2, 3], size).unwrap_err();
    assert!(matches!(
        unknown,
        CaError::Audit(AuditError::NoRecord { .. })
    ));
}

#[test]
fn a_checkpoint_is_made_of_news_only_and_by_the_right_key_only() {
    let house = House::new();
    let engine = &house.engine;
    let (first, second, third) = (
        key(KeySpec::P256),
        key(KeySpec::P384),
        key(KeySpec::ED25519),
    );
    let none = engine.checkpoint(&*first, &actors()).unwrap_err();
    assert!(matches!(none, CaError::Audit(AuditError::NoKey)));
    let name = |key: &Arc<dyn Signer>, handover| {
        engine.name_journal_key(&**key, "keys/journal.pem".into(), handover, &actors())
    };
    assert!(matches!(
        name(&first, Handover::PredecessorLost),
        Err(CaError::Audit(AuditError::NoPredecessor))
    ));
    name(&first, Handover::Signed).unwrap();
    assert!(matches!(
        name(&first, Handover::Signed),
        Err(CaError::Audit(AuditError::KeyUsed))
    ));
    checkpoint(engine, &*first);
    assert!(engine.checkpoint(&*first, &actors()).unwrap().is_none());
    assert!(!engine.has_news().unwrap());
    let schedule = CheckpointSchedule {
        every: Duration::from_secs(3600),
        records: 2,
    };
    house.clock.advance(Duration::from_secs(4000));
    assert!(!engine.checkpoint_is_due(&schedule).unwrap());

    // The old key hands over: it signs once more, and from then on the new one does.
    name(&second, Handover::Signed).unwrap();
    assert!(engine.checkpoint_is_due(&schedule).unwrap());
    let wrong = engine.checkpoint(&*second, &actors()).unwrap_err();
    assert!(matches!(wrong, CaError::Audit(AuditError::WrongKey { .. })));
    checkpoint(engine, &*first);
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    assert!(engine.checkpoint(&*first, &actors()).is_err());
    checkpoint(engine, &*second);
    // Who knows the first key alone believes the second, by what the first one signed.
    let mut export = Vec::new();
    engine.export_journal(&mut export).unwrap();
    let report = verify(
        &export,
        Checks {
            keys: vec![JournalKey::new(first.public_key().clone())],
            ..Checks::default()
        },
    )
    .unwrap();
    let fingerprint = JournalKey::new(second.public_key().clone()).fingerprint();
    assert_eq!(report.covered.unwrap().key, fingerprint);
    assert_eq!(report.unvouched, 0);

    // A lost key vouches for nobody: people have to be told the next one.
    name(&third, Handover::PredecessorLost).unwrap();
    checkpoint(engine, &*third);
    let mut export = Vec::new();
    engine.export_journal(&mut export).unwrap();
    let with = |key: &Arc<dyn Signer>| {
        let checks = Checks {
            keys: vec![JournalKey::new(key.public_key().clone())],
            ..Checks::default()
        };
        verify(&export, checks).unwrap()
    };
    let report = with(&first);
    assert_eq!(report.covered.unwrap().key, fingerprint);
    assert_eq!(report.unvouched, 1);
    assert_eq!(
        with(&third).covered.unwrap().size,
        engine
            .latest_checkpoint()
            .unwrap()
            .unwrap()
            .signed
            .checkpoint()
            .size
    );
    engine.verify_journal().unwrap();
}

#[test]
fn tampering_inside_the_database_is_found_in_the_journal_and_in_each_audit_table() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    // Enough records for a tile.
    while engine.journal_size().unwrap() < 270 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    checkpoint(engine, &*audited.key);
    engine.verify_journal().unwrap();
    let db = rusqlite::Connection::open(audited.house.record()).unwrap();
    let triggers: Vec<String> = db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        db.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let backup = audited.house.folder.path().join("backup.sqlite");
    db.execute("VACUUM INTO ?", [backup.to_str().unwrap()])
        .unwrap();
    let seq_of = |size: u64| -> i64 {
        db.query_row(
            "SELECT seq FROM checkpoint WHERE size = ?",
            [size as i64],
            |r| r.get(0),
        )
        .unwrap()
    };
    let first = audited.first.checkpoint().size;
    let first_seq = seq_of(first);
    // Statement, and the record that is to be named; 0 for none.
    let cases: Vec<(String, i64)> = vec![
        ("UPDATE journal SET record = replace(record, 'operator', 'operat0r') WHERE seq = 3".into(), 3),
        ("UPDATE journal SET record = CAST(record || ' ' AS BLOB) WHERE seq = 200".into(), 200),
        ("UPDATE journal SET prev = zeroblob(32) WHERE seq = 9".into(), 9),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 9".into(), 9),
        ("DELETE FROM journal WHERE seq = 5".into(), 5),
        ("DELETE FROM journal WHERE seq = 1".into(), 1),
        ("UPDATE journal SET seq = -5 WHERE seq = 5".into(), 1),
        ("UPDATE journal SET seq = CASE seq WHEN 6 THEN 100007 WHEN 7 THEN 6 ELSE seq END; UPDATE journal SET seq = 7 WHERE seq = 100007".into(), 6),
        ("INSERT INTO journal SELECT seq + 1000, prev, record, hash FROM journal WHERE seq = 4".into(), -1),
        ("UPDATE journal_tile SET hashes = zeroblob(8192)".into(), 256),
        ("UPDATE journal_tile SET root = zeroblob(32)".into(), 256),
        ("DELETE FROM journal_tile".into(), 256),
        ("INSERT INTO journal_tile SELECT level, number + 1, root, hashes FROM journal_tile".into(), 0),
        ("UPDATE journal_key SET location = 'keys/other.pem'".into(), 6),
        ("UPDATE journal_key SET origin = 'elsewhere'".into(), 6),
        ("UPDATE journal_key SET spki = x'00'".into(), 6),
        ("UPDATE journal_key SET handover = 1".into(), 6),
        ("DELETE FROM journal_key".into(), 6),
        ("INSERT INTO journal_key VALUES (7, 'a', x'01', 'b', 0)".into(), 0),
        (format!("UPDATE checkpoint SET note = replace(note, 'time 2026', 'time 2027') WHERE size = {first}"), first_seq),
        (format!("UPDATE checkpoint SET seq = 1 WHERE size = {first}"), first_seq),
        (format!("DELETE FROM checkpoint WHERE size = {first}"), first_seq),
        ("INSERT INTO checkpoint SELECT size + 1, seq + 1, note FROM checkpoint LIMIT 1".into(), 0),
        (format!("INSERT INTO checkpoint_time_stamp VALUES (7, {first}, 0, x'00')"), 0),
    ];
    for (statement, expected) in cases {
        db.execute_batch("BEGIN").unwrap();
        db.execute_batch(&statement).unwrap();
        db.execute_batch("COMMIT").unwrap();
        let error = engine.verify_journal().unwrap_err();
        let found = match &error {
            CaError::JournalBroken(broken) => broken.seq as i64,
            CaError::RecordDiffers(difference) => difference.seq.map_or(0, |s| s as i64),
            other => panic!("{statement}: {other}"),
        };
        if expected >= 0 {
            assert_eq!(found, expected, "{statement}: {error}");
        }
        restore(&audited, &db);
    }
}

/// Puts the four tables back as they were before the first statement.
fn restore(audited: &Audited, db: &rusqlite::Connection) {
    let backup = audited.house.folder.path().join("backup.sqlite");
    assert!(backup.exists(), "{}", backup.display());
    db.execute("ATTACH ? AS old", [backup.to_str().unwrap()])
        .unwrap();
    for table in [
        "journal",
        "journal_tile",
        "journal_key",
        "checkpoint",
        "checkpoint_time_stamp",
    ] {
        db.execute_batch(&format!(
            "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old.{table}"
        ))
        .unwrap();
    }
    db.execute_batch("DETACH old").unwrap();
    audited.house.engine.verify_journal().unwrap();
}

#[test]
fn a_record_begun_without_tiles_gets_them_and_proves_as_before() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    while engine.journal_size().unwrap() < 300 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    let before = checkpoint(engine, &*audited.key);
    let proof = engine.prove_records(&[1, 255, 256, 257], &before).unwrap();
    let db = rusqlite::Connection::open(audited.house.record()).unwrap();
    db.execute_batch("DROP TRIGGER journal_tile_is_append_only_delete; DELETE FROM journal_tile")
        .unwrap();
    assert_eq!(
        engine.prove_records(&[1, 255, 256, 257], &before).unwrap(),
        proof
    );
    while engine.journal_size().unwrap() < 512 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    let tiles: i64 = db
        .query_row("SELECT count(*) FROM journal_tile", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tiles, 2);
    assert_eq!(
        engine.prove_records(&[1, 255, 256, 257], &before).unwrap(),
        proof
    );
    engine.verify_journal().unwrap();
}

/// Columns in which a change is not found, each with the reason.
const NOT_COMPARED: &[(&str, &str, &str)] = &[
    ("certificate", "id", "joins tables, and stands in no record"),
    (
        "certificate",
        "instance",
        "working data: which process began it",
    ),
    ("crl", "this_update", "for show: the CRL itself is compared"),
    ("crl", "next_update", "for show: the CRL itself is compared"),
    (
        "crl",
        "scheduled",
        "for the alarm: the CRL itself is compared",
    ),
    ("crl", "published_at", "for the statistics"),
    ("crl", "entries", "for the statistics"),
    ("crl", "size", "for the statistics"),
    ("crl_number", "this_update", "for the alarm"),
];

#[test]
fn a_change_in_any_column_of_any_table_is_found() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    while engine.journal_size().unwrap() < 257 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    engine.verify_journal().unwrap();
    let db = rusqlite::Connection::open(audited.house.record()).unwrap();
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    for trigger in names("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        db.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    let tables = names(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name NOT IN ('status_version', 'instance')",
    );
    let without_rowid =
        names("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%WITHOUT ROWID%'");
    let mut looked_at = Vec::new();
    let mut unnoticed = Vec::new();
    for table in &tables {
        let some: i64 = db
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .unwrap();
        if some == 0 {
            continue;
        }
        looked_at.push(table.clone());
        let columns = names(&format!("SELECT name FROM pragma_table_info('{table}')"));
        for column in &columns {
            // Another value of the same kind, in the last row that has one.
            let change = format!(
                "UPDATE {table} SET {column} = CASE typeof({column}) \
                 WHEN 'integer' THEN {column} + 1000003 WHEN 'text' THEN {column} || 'x' \
                 ELSE CAST({column} || x'00' AS BLOB) END \
                 WHERE rowid = (SELECT max(rowid) FROM {table} WHERE {column} IS NOT NULL)"
            );
            let change = if without_rowid.contains(table) {
                // All rows alike.
                let all = change.split(" WHERE rowid").next().unwrap();
                format!("{all} WHERE {column} IS NOT NULL")
            } else {
                change
            };
            db.execute_batch("BEGIN").unwrap();
            let changed = db.execute(&change, []).unwrap();
            db.execute_batch(if changed == 0 { "ROLLBACK" } else { "COMMIT" })
                .unwrap();
            if changed == 0 {
                continue;
            }
            if engine.verify_journal().is_ok() {
                unnoticed.push(format!("{table}.{column}"));
            }
            // Undone from a copy of the column's old value: the same change backwards.
            let undo = change
                .replace("+ 1000003", "- 1000003")
                .replace(
                    &format!("{column} || 'x'"),
                    &format!("substr({column}, 1, length({column}) - 1)"),
                )
                .replace(
                    &format!("CAST({column} || x'00' AS BLOB)"),
                    &format!("CAST(substr({column}, 1, length({column}) - 1) AS BLOB)"),
                );
            db.execute(&undo, []).unwrap();
            engine
                .verify_journal()
                .unwrap_or_else(|e| panic!("{table}.{column}: {e}"));
        }
    }
    for table in [
        "authority",
        "certificate",
        "crl",
        "journal",
        "revocation",
        "checkpoint",
    ] {
        assert!(looked_at.iter().any(|t| t == table), "{looked_at:?}");
    }
    unnoticed.retain(|name| {
        !NOT_COMPARED
            .iter()
            .any(|(table, column, _)| *name == format!("{table}.{column}"))
    });
    assert!(
        unnoticed.is_empty(),
        "nobody notices a change in {unnoticed:?}"
    );
}
