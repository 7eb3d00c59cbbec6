//! What the database itself refuses, whoever asks.

use crate::acts::Ca;
use crate::record::Record;

contract![
    what_was_recorded_cannot_be_changed_or_deleted,
    no_serial_and_no_number_comes_twice,
];

fn what_was_recorded_cannot_be_changed_or_deleted(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    ca.revoke(b"\x01a").unwrap();
    ca.intend_crl(1).unwrap();
    ca.publish_crl(1).unwrap();
    let der = record.bytes(b"x");
    for statement in [
        format!("UPDATE journal SET record = {der} WHERE seq = 3"),
        "DELETE FROM journal WHERE seq = 3".into(),
        "DELETE FROM certificate".into(),
        format!("UPDATE certificate SET der = {der}"),
        "UPDATE certificate SET state = 0".into(),
        "DELETE FROM authority".into(),
        "INSERT INTO crl_number VALUES (1, 0, 7, 0, 0)".into(),
        "INSERT INTO crl_number VALUES (1, 0, 0, 0, 0)".into(),
        "DELETE FROM crl_number".into(),
        "UPDATE crl_number SET number = 7".into(),
        "DELETE FROM crl_chunk".into(),
        "DELETE FROM crl".into(),
        "UPDATE crl SET next_update = 0".into(),
        "UPDATE authority SET status_changes = 0".into(),
        "UPDATE authority SET crl_partitions = 3".into(),
        "DELETE FROM status_change".into(),
        "UPDATE status_change SET reason = 6".into(),
        "DELETE FROM revocation".into(),
        "UPDATE revocation SET reason = 6".into(),
        "DELETE FROM instance".into(),
    ] {
        assert!(record.sql(&statement).is_err(), "{statement}");
    }
    if record.is_postgres() {
        for table in [
            "journal",
            "certificate",
            "authority",
            "revocation",
            "status_change",
            "crl_number",
            "crl",
            "crl_chunk",
            "instance",
        ] {
            let statement = format!("TRUNCATE {table} CASCADE");
            assert!(record.sql(&statement).is_err(), "{statement}");
        }
    }
    ca.verify().unwrap();
}

fn no_serial_and_no_number_comes_twice(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    ca.revoke(b"\x01a").unwrap();
    ca.intend_crl(1).unwrap();
    ca.publish_crl(1).unwrap();
    for copy in [
        "INSERT INTO journal SELECT * FROM journal WHERE seq = 1",
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, not_after, \
         tbs_sha256) SELECT authority, serial, 0, profile, subject, 0, 0, tbs_sha256 FROM certificate",
        "INSERT INTO authority (name, state, profile, key_location) \
         SELECT name, 0, profile, key_location FROM authority",
        "INSERT INTO revocation SELECT * FROM revocation",
        "INSERT INTO crl SELECT * FROM crl",
        "INSERT INTO crl_chunk SELECT * FROM crl_chunk",
        "INSERT INTO crl_number SELECT * FROM crl_number",
        "INSERT INTO status_change SELECT * FROM status_change",
        "INSERT INTO status_version VALUES (2, 1)",
    ] {
        assert!(record.sql(copy).is_err(), "{copy}");
    }
    ca.verify().unwrap();
}
