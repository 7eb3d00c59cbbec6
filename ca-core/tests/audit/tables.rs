//! The tables of the record say what the journal says.

use ca_core::CaError;

use crate::audited::{Audited, checkpoint};
use crate::support::SEAL_SUBJECT;

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

/// Columns in which a change is not found, each with the reason.
const NOT_COMPARED: &[(&str, &str, &str)] = &[
    ("certificate", "id", "joins tables, and stands in no record"),
    (
        "certificate",
        "instance",
        "working data: which process began it",
    ),
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
