//! A record in a database whose place another one takes, which a reader must notice whatever its version.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use ca_core::status::StatusReader;
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use support::House;

fn location(url: &str) -> RecordLocation {
    let location = PostgresLocation::parse(url, &PostgresAccess::default());
    location.unwrap().into()
}

/// A record whose version is far ahead.
fn ahead(database: &test_postgres::Database) {
    drop(House::on(&location(&database.url)));
    database
        .sql("UPDATE status_version SET version = version + 100000")
        .unwrap();
}

#[test]
fn a_record_that_takes_anothers_place_with_a_greater_version_is_not_taken_for_it() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let server = test_postgres::Server::start(&programs).unwrap();
    let database = server.database();
    drop(House::on(&location(&database.url)));
    let reader = StatusReader::open(location(&database.url)).unwrap();
    let first = reader.observe().unwrap();
    assert_eq!(first.successors, 0);
    assert_eq!(reader.observe().unwrap(), first);

    // Filled anew within the same database, as a restored dump is.
    database
        .sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .unwrap();
    ahead(&database);
    let second = reader.observe().unwrap();
    assert_eq!(second.successors, 1);
    assert!(second.version > first.version);
    assert_eq!(reader.observe().unwrap().successors, 1);
    assert_eq!(reader.authorities().unwrap().len(), 2);

    // Another database under the name of this one.
    let other = server.database();
    ahead(&other);
    ahead_once_more(&other);
    let maintenance = server.existing("postgres");
    for statement in [
        format!("DROP DATABASE {} WITH (FORCE)", database.name),
        format!("ALTER DATABASE {} RENAME TO {}", other.name, database.name),
    ] {
        maintenance.sql(&statement).unwrap();
    }
    let third = reader.observe().unwrap();
    assert_eq!(third.successors, 2);
    assert!(third.version > second.version);
}

fn ahead_once_more(database: &test_postgres::Database) {
    database
        .sql("UPDATE status_version SET version = version + 100000")
        .unwrap();
}
