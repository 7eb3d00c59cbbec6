//! The server does what the other tests rely on.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use test_postgres::{Server, available, database};

#[test]
fn what_was_committed_survives_a_kill_and_what_is_dropped_is_gone() {
    let Some(programs) = available() else { return };
    let mut server = Server::start(&programs).unwrap();
    let home = PathBuf::from(server.socket());
    let database = server.database();
    assert_eq!(database.sql("SHOW fsync").unwrap(), "on");
    database
        .sql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
        .unwrap();
    server.kill();
    assert!(database.sql("SELECT 1").is_err());
    server.restart().unwrap();
    assert_eq!(database.sql("SELECT n FROM t").unwrap(), "7");
    let standby = server.standby().unwrap();
    let copy = standby.existing(&database.name);
    assert_eq!(copy.sql("SELECT n FROM t").unwrap(), "7");
    assert!(copy.sql("INSERT INTO t VALUES (8)").is_err());
    server.stop();
    assert_eq!(copy.sql("SELECT n FROM t").unwrap(), "7");
    server.restart().unwrap();
    drop(server);
    assert!(!home.exists(), "left behind: {}", home.display());
}

#[test]
fn every_test_has_a_database_of_its_own() {
    let (Some(one), Some(other)) = (database(), database()) else {
        return;
    };
    one.sql("CREATE TABLE t (n int)").unwrap();
    assert!(other.sql("SELECT * FROM t").is_err());
}
