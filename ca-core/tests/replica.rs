//! A responder on a copy that follows the database: it only reads, and outlives every server.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::thread::sleep;
use std::time::{Duration, Instant};

use ca_core::status::{Status, StatusReader};
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation, StoreError};
use ca_core::{RevocationReason, RevocationRequest};
use support::{House, SEAL_SUBJECT, actors};

fn location(url: &str) -> RecordLocation {
    let location = PostgresLocation::parse(url, &PostgresAccess::default());
    location.unwrap().into()
}

/// Asks until the answer is the one that must come.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_reader_of_a_copy_sees_every_change_and_survives_every_restart() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut primary = test_postgres::Server::start(&programs).unwrap();
    let database = primary.database();
    let house = House::on(&location(&database.url));
    let mut standby = primary.standby().unwrap();
    let copy = standby.existing(&database.name);
    let status = StatusReader::open(location(&copy.url)).unwrap();

    let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
    let serial = issued.certificate.serial();
    let good = || matches!(status.status("companies", serial), Ok(Some(Status::Good)));
    until("the certificate is on the copy", good);
    let before = status.version().unwrap();
    house
        .engine
        .revoke(&RevocationRequest {
            authority: "companies".into(),
            serial: serial.to_vec(),
            reason: RevocationReason::Superseded,
            invalidity_date: None,
            requested_at: None,
            actors: actors(),
        })
        .unwrap();
    until("the version rises", || status.version().unwrap() > before);
    let revoked = || {
        matches!(
            status.status("companies", serial),
            Ok(Some(Status::Revoked { .. }))
        )
    };
    assert!(revoked());

    // Nothing is ever written there, by whichever way.
    let error = location(&copy.url).open().unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::ReadOnly(_) | StoreError::Unreachable { .. }
        ),
        "{error:?}"
    );

    // The primary dies: the copy answers. The copy dies: errors, and answers when it is back.
    primary.kill();
    assert!(revoked());
    standby.kill();
    assert!(status.version().is_err());
    standby.restart().unwrap();
    until("the copy answers again", revoked);
    primary.restart().unwrap();
    until("issuing goes on", || {
        house.issue("company-seal", SEAL_SUBJECT).is_ok()
    });
    house.engine.verify_journal().unwrap();
}
