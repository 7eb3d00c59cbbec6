//! A backup is one moment of the record, goes into either database, and nothing else is restored.

use std::io::Cursor;

use ca_core::store::{BackupError, BackupReport, Conflict, Query, StoreError};

use crate::acts::{Ca, verify};
use crate::record::{NOW, Record};

contract![
    a_backup_is_restored_into_either_database,
    a_backup_taken_while_others_issue_is_one_moment,
    a_backup_that_is_not_whole_or_not_ours_is_refused,
    a_backup_that_was_made_up_is_refused,
    nothing_is_restored_over_anything,
    an_earlier_format_is_restored_and_brought_up_to_date,
];

fn backup(record: &Record) -> (Vec<u8>, BackupReport) {
    let mut bytes = Vec::new();
    let report = record.location.backup(NOW, &mut bytes).unwrap();
    (bytes, report)
}

fn restore(bytes: &[u8], to: &Record) -> Result<BackupReport, BackupError> {
    to.location.restore(&mut Cursor::new(bytes))
}

/// The same kind of database, and the other one where it is there.
fn places(record: &Record) -> Vec<Record> {
    let mut places = vec![Record::sqlite()];
    if record.is_postgres() {
        places.push(Record::postgres().unwrap());
    } else if test_postgres::Programs::find().is_some() {
        places.extend(Record::postgres());
    }
    places
}

fn content(record: &Record) -> Ca {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    ca.issue(b"\x01b");
    ca.revoke(b"\x01a").unwrap();
    ca.intend(b"\x01unfinished").unwrap();
    ca.intend_crl(1).unwrap();
    ca.publish_crl(1).unwrap();
    ca.intend_crl(2).unwrap();
    ca
}

fn a_backup_is_restored_into_either_database(record: &Record) {
    let ca = content(record);
    let (bytes, report) = backup(record);
    assert_eq!(report.records, ca.verify().unwrap());
    for place in places(record) {
        assert_eq!(restore(&bytes, &place).unwrap(), report);
        // The same record gives the same backup, whatever holds it.
        assert_eq!(backup(&place).1.head, report.head);
        let store = place.location.open().unwrap();
        let restored = Ca {
            store,
            authority: ca.authority.clone(),
        };
        assert_eq!(restored.verify().unwrap(), report.records);
        let found = restored.store.certificates(&Query::Interrupted).unwrap();
        assert_eq!(found.len(), 1);
        // What was taken stays taken, and new numbers follow.
        assert!(matches!(
            restored.intend(b"\x01b"),
            Err(StoreError::Conflict(Conflict::Serial))
        ));
        assert!(matches!(
            restored.intend_crl(2),
            Err(StoreError::Conflict(Conflict::CrlNumber { last: 2 }))
        ));
        restored.intend_crl(3).unwrap();
        restored.issue(b"\x01c");
        restored.verify().unwrap();
        // The refusals are in force again.
        for statement in [
            "DELETE FROM certificate",
            "UPDATE authority SET crl_number = 9",
            "DELETE FROM journal WHERE seq = 1",
        ] {
            assert!(place.sql(statement).is_err(), "{statement}");
        }
    }
}

fn a_backup_taken_while_others_issue_is_one_moment(record: &Record) {
    let ca = Ca::new(record);
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let ca = &ca;
            scope.spawn(move || (0..40).for_each(|n| ca.issue(&[1, thread, n])));
        }
        for _ in 0..3 {
            let (bytes, report) = backup(record);
            let place = Record::sqlite();
            restore(&bytes, &place).unwrap();
            let restored = place.location.open_read_only().unwrap();
            assert_eq!(verify(&*restored).unwrap(), report.records);
        }
    });
    assert_eq!(backup(record).1.records, 3 + 320);
}

fn a_backup_that_is_not_whole_or_not_ours_is_refused(record: &Record) {
    let _ca = content(record);
    let (bytes, _) = backup(record);
    let place = Record::sqlite();
    let refused = |bytes: &[u8]| restore(bytes, &place).unwrap_err();
    for length in [0, 3, 14] {
        let error = refused(&bytes[..length]);
        assert!(matches!(error, BackupError::NotABackup), "{error:?}");
    }
    for length in [15, 16, 40, bytes.len() / 2, bytes.len() - 1] {
        let error = refused(&bytes[..length]);
        assert!(matches!(error, BackupError::Truncated), "{error:?}");
        assert!(error.hint().is_some());
    }
    let foreign = refused(b"SQLite format 3\0 and something else, long enough");
    assert!(matches!(foreign, BackupError::NotABackup));
    for at in (15..bytes.len()).step_by(bytes.len() / 61) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        restore(&changed, &place).expect_err("an octet was changed");
    }
    let longer = refused(&[&bytes[..], b"x"].concat());
    assert!(matches!(longer, BackupError::Damaged(_)));
    // Nothing was left behind, and the place can still be used.
    restore(&bytes, &place).unwrap();
}

/// Whoever makes a backup up can make its checksum right too, and not the journal's chain.
fn a_backup_that_was_made_up_is_refused(record: &Record) {
    let ca = content(record);
    record.disarm("revocation", &["revocation_stays", "revocation_is_final"]);
    record.sql("UPDATE revocation SET reason = 4").unwrap();
    ca.verify().unwrap_err();
    let (bytes, _) = backup(record);
    for place in places(record) {
        let error = restore(&bytes, &place).unwrap_err();
        assert!(matches!(error, BackupError::Differs(_)), "{error:?}");
        assert!(matches!(
            place.location.open_read_only(),
            Err(StoreError::Missing(_))
        ));
    }
}

fn nothing_is_restored_over_anything(record: &Record) {
    drop(content(record).store);
    let (bytes, report) = backup(record);
    let error = restore(&bytes, record).unwrap_err();
    assert!(
        matches!(error, BackupError::Store(StoreError::Exists(_))),
        "{error:?}"
    );
    assert_eq!(backup(record).1.records, report.records);
}

fn an_earlier_format_is_restored_and_brought_up_to_date(record: &Record) {
    crate::migration::format_1(record);
    let (bytes, report) = backup(record);
    assert_eq!(report.records, 5);
    for place in places(record) {
        restore(&bytes, &place).unwrap();
        let store = place.location.open().unwrap();
        assert_eq!(verify(&*store).unwrap(), 5);
    }
}
