//! Whoever has the database in hand can take the refusals away; the audit tells what was done then.

use crate::acts::Ca;
use crate::record::Record;

contract![
    a_changed_record_of_the_journal_is_named,
    tables_that_differ_from_the_journal_are_found,
];

fn a_changed_record_of_the_journal_is_named(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    let triggers = [
        "journal_is_append_only_update",
        "journal_is_append_only_delete",
    ];
    record.disarm("journal", &triggers);
    let other = record.bytes(b"{}");
    record
        .sql(&format!(
            "UPDATE journal SET record = {other} WHERE seq = 4"
        ))
        .unwrap();
    assert!(ca.verify().unwrap_err().contains("record 4"));
    record.sql("DELETE FROM journal WHERE seq = 3").unwrap();
    assert!(ca.verify().unwrap_err().contains("record 3"));
}

fn tables_that_differ_from_the_journal_are_found(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    ca.revoke(b"\x01a").unwrap();
    ca.verify().unwrap();
    record.disarm(
        "certificate",
        &["certificate_stays", "certificate_is_final"],
    );
    record.disarm("revocation", &["revocation_stays", "revocation_is_final"]);
    let serial = record.bytes(b"\x01a");
    for (done, undone) in [
        (
            format!("UPDATE certificate SET subject = 'CN=Eve' WHERE serial = {serial}"),
            format!("UPDATE certificate SET subject = 'CN=Zoé' WHERE serial = {serial}"),
        ),
        (
            "UPDATE revocation SET reason = 4".into(),
            "UPDATE revocation SET reason = 1".into(),
        ),
        (
            format!(
                "INSERT INTO revocation (authority, serial, revoked_at, reason, requested_at) \
                 VALUES (1, {}, 5, 1, 5)",
                record.bytes(b"\x01z")
            ),
            "DELETE FROM revocation WHERE revoked_at = 5".into(),
        ),
    ] {
        record.sql(&done).unwrap();
        ca.verify().expect_err(&done);
        record.sql(&undone).unwrap();
        ca.verify().unwrap();
    }
    record.sql("DELETE FROM revocation").unwrap();
    ca.verify().unwrap_err();
}
