//! Many at once, in one process and in several.

use ca_core::crl::CrlScope;
use std::collections::BTreeSet;
use std::sync::Mutex;

use ca_core::store::{Conflict, Query, StoreError};

use crate::acts::Ca;
use crate::record::Record;

contract![
    of_many_that_want_one_serial_one_gets_it,
    numbers_of_crls_are_taken_once_each,
];

fn of_many_that_want_one_serial_one_gets_it(record: &Record) {
    let ca = Ca::new(record);
    race(&[&ca]);
    assert_eq!(ca.store.certificates(&Query::All).unwrap().len(), 11);
    ca.verify().unwrap();
}

/// Eight threads for each way to the record fight for ten serial numbers.
fn race(ways: &[&Ca]) {
    let won = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for ca in ways {
            for _ in 0..8 {
                scope.spawn(|| {
                    for n in 0..10 {
                        match ca.intend(&[1, n]) {
                            Ok(_) => won.lock().unwrap().push(n),
                            Err(StoreError::Conflict(Conflict::Serial)) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                });
            }
        }
    });
    let mut won = won.into_inner().unwrap();
    won.sort_unstable();
    assert_eq!(won, (0..10).collect::<Vec<_>>());
}

fn numbers_of_crls_are_taken_once_each(record: &Record) {
    let ca = Ca::new(record);
    numbers(&[&ca]);
    ca.verify().unwrap();
}

/// Four threads for each way to the record take five numbers each.
fn numbers(ways: &[&Ca]) {
    let taken = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for ca in ways {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let number = loop {
                            let next = ca.store.last_crl_number(1, CrlScope::All).unwrap() + 1;
                            match ca.intend_crl(next) {
                                Ok(_) => break next,
                                Err(StoreError::Conflict(Conflict::CrlNumber { .. })) => {}
                                Err(error) => panic!("{error:?}"),
                            }
                        };
                        assert!(taken.lock().unwrap().insert(number), "{number} twice");
                        ca.publish_crl(number).unwrap();
                    }
                });
            }
        }
    });
    let taken = taken.into_inner().unwrap();
    let expected = 20 * ways.len() as u64;
    assert_eq!(taken, (1..=expected).collect());
    assert_eq!(
        ways[0].store.last_crl_number(1, CrlScope::All).unwrap(),
        expected
    );
}

/// What several machines do: each has a store of its own on one database.
#[test]
fn two_ways_to_one_database_keep_one_journal() {
    let Some(record) = Record::postgres() else {
        return;
    };
    let one = Ca::new(&record);
    let other = Ca {
        store: record.location.open().unwrap(),
        authority: one.authority.clone(),
    };
    race(&[&one, &other]);
    numbers(&[&one, &other]);
    let issue = |ca: &Ca, from: u8| (0..50).for_each(|n| ca.issue(&[1, from, n]));
    std::thread::scope(|scope| {
        scope.spawn(|| issue(&one, 1));
        scope.spawn(|| issue(&other, 2));
    });
    // 3 for the authority, 10 begun, 40 CRLs of two records each, 100 issued of two each.
    assert_eq!(one.verify().unwrap(), 3 + 10 + 80 + 200);
    assert_eq!(other.verify().unwrap(), 293);
}
