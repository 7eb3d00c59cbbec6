//! Exports: every changed, removed, doubled, moved and cut off byte is found.

use ca_core::CaError;
use ca_core::engine::AuditError;
use ca_core::journal::{BreakReason, Checks, ExportFault, ExportStart, ExportVerifier, JournalKey};
use hsm_pkcs11::{KeySpec, Signer};

use crate::audited::{Audited, forged, lines, named, rows, verify};
use crate::support::key;

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
