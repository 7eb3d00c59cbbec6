//! What is not a record of ours is not opened, and nothing is ever overwritten.

use ca_core::store::StoreError;

use crate::record::{NOW, Record, location};

contract![
    there_is_one_record_in_one_place,
    what_is_not_a_record_of_this_program_is_not_opened,
    a_record_of_another_version_is_refused,
];

fn open(record: &Record) -> StoreError {
    record.location.open_read_only().unwrap_err();
    record.location.open().unwrap_err()
}

fn there_is_one_record_in_one_place(record: &Record) {
    assert!(matches!(open(record), StoreError::Missing(_)));
    drop(record.create());
    let again = record.location.create(NOW, Vec::new()).unwrap_err();
    assert!(matches!(again, StoreError::Exists(_)), "{again:?}");
    record.location.open().unwrap();
}

fn what_is_not_a_record_of_this_program_is_not_opened(record: &Record) {
    record.sql("CREATE TABLE something (n INTEGER)").unwrap();
    assert!(matches!(open(record), StoreError::NotARecord(_)));
    let made = record.location.create(NOW, Vec::new()).unwrap_err();
    assert!(
        matches!(made, StoreError::NotARecord(_) | StoreError::Exists(_)),
        "{made:?}"
    );
}

fn a_record_of_another_version_is_refused(record: &Record) {
    drop(record.create());
    let now = record.location.migrate().unwrap();
    let set = |format: i64| {
        let statement = if record.is_postgres() {
            format!("UPDATE record_format SET format = {format}")
        } else {
            format!("PRAGMA user_version = {format}")
        };
        record.sql(&statement).unwrap();
    };
    set(now + 1);
    let newer = open(record);
    assert!(matches!(newer, StoreError::Version { .. }), "{newer:?}");
    assert!(record.location.migrate().is_err());
    set(now - 1);
    let older = open(record);
    assert!(matches!(older, StoreError::Older { .. }), "{older:?}");
    assert!(older.hint().unwrap().contains("sceau-ca migrate"));
}

#[test]
fn a_server_that_is_not_there_is_named_without_secrets() {
    let error = location("postgresql://ca@127.0.0.1:1/sceau?sslmode=disable")
        .open()
        .unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("ca@127.0.0.1:1/sceau"));
    assert!(error.hint().is_some());
}
