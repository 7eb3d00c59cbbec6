//! Who may finish what was begun: the process that began it, as long as it is there.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ca_core::store::{Conflict, Query, StoreError};

use crate::acts::Ca;
use crate::record::Record;

contract![what_an_earlier_process_left_is_interrupted];

fn interrupted(ca: &Ca) -> Vec<Vec<u8>> {
    let found = ca.store.certificates(&Query::Interrupted).unwrap();
    found.into_iter().map(|entry| entry.serial).collect()
}

/// A server lets go of a session a moment after its process has said goodbye.
fn soon_interrupted(ca: &Ca) -> Vec<Vec<u8>> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while interrupted(ca).is_empty() && Instant::now() < deadline {
        sleep(Duration::from_millis(20));
    }
    interrupted(ca)
}

fn again(record: &Record, ca: &Ca) -> Ca {
    Ca {
        store: record.location.open().unwrap(),
        authority: ca.authority.clone(),
    }
}

fn what_an_earlier_process_left_is_interrupted(record: &Record) {
    let ca = Ca::new(record);
    let seq = ca.intend(b"\x01a").unwrap();
    assert_eq!(interrupted(&ca), Vec::<Vec<u8>>::new());
    drop(ca.store);
    let next = Ca {
        store: record.location.open().unwrap(),
        authority: ca.authority,
    };
    next.intend(b"\x01b").unwrap();
    assert_eq!(soon_interrupted(&next), [b"\x01a"]);
    let late = next.complete(b"\x01a", seq);
    assert!(matches!(
        late,
        Err(StoreError::Conflict(Conflict::NotIntended))
    ));
    next.abandon(b"\x01a").unwrap();
    assert_eq!(interrupted(&next), Vec::<Vec<u8>>::new());
    next.verify().unwrap();
}

#[test]
fn what_a_living_process_began_is_left_alone_by_others() {
    let Some(record) = Record::postgres() else {
        return;
    };
    let one = Ca::new(&record);
    let seq = one.intend(b"\x01a").unwrap();
    let other = again(&record, &one);
    assert!(interrupted(&other).is_empty());
    let late = other.complete(b"\x01a", seq);
    assert!(matches!(
        late,
        Err(StoreError::Conflict(Conflict::NotIntended))
    ));
    one.complete(b"\x01a", seq).unwrap();
    one.intend(b"\x01b").unwrap();
    drop(one);
    assert_eq!(soon_interrupted(&other), [b"\x01b"]);
}

#[test]
fn a_process_that_lost_its_session_cannot_finish_what_it_began() {
    let Some(record) = Record::postgres() else {
        return;
    };
    let one = Ca::new(&record);
    let seq = one.intend(b"\x01a").unwrap();
    let ended = record
        .sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks \
             WHERE locktype = 'advisory' AND classid = 'instance'::regclass \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .unwrap();
    assert_eq!(ended, "1");
    // Whoever comes now finds nobody who could finish it.
    let other = again(&record, &one);
    assert_eq!(interrupted(&other), [b"\x01a"]);
    let late = one.complete(b"\x01a", seq);
    assert!(matches!(
        late,
        Err(StoreError::Conflict(Conflict::NotIntended))
    ));
    other.abandon(b"\x01a").unwrap();
    // It is a new process to the record, and goes on.
    one.issue(b"\x01b");
    assert_eq!(one.verify().unwrap(), 7);
}
