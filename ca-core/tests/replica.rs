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

#[test]
fn connections_that_died_with_their_server_cost_nobody_an_error() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut server = test_postgres::Server::start(&programs).unwrap();
    let database = server.database();
    let house = House::on(&location(&database.url));
    let serial = house
        .issue("company-seal", SEAL_SUBJECT)
        .unwrap()
        .certificate
        .serial()
        .to_vec();
    let status = StatusReader::open(location(&database.url)).unwrap();
    let ask = || status.status("companies", &serial).unwrap();
    // As many as ask at once.
    let many = || {
        let gate = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    gate.wait();
                    for _ in 0..20 {
                        assert_eq!(ask(), Some(Status::Good));
                    }
                });
            }
        });
    };
    many();
    server.kill();
    server.restart().unwrap();
    many();
}

#[test]
fn a_server_that_says_nothing_keeps_nobody_waiting_for_ever() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let server = test_postgres::Server::start(&programs).unwrap();
    let database = server.database();
    let house = House::on(&location(&database.url));
    let impatient = |url: &str| {
        let location = PostgresLocation::parse(url, &PostgresAccess::default()).unwrap();
        RecordLocation::from(location.answering_within(Duration::from_millis(500)))
    };
    let store = impatient(&database.url).open_read_only().unwrap();
    store.authorities().unwrap();
    server.freeze();
    for _ in 0..3 {
        let since = Instant::now();
        let error = store.authorities().unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        // The connection there was, and a new one, which a frozen server accepts as well.
        assert!(since.elapsed() < Duration::from_secs(10), "{since:?}");
    }
    server.thaw();
    until("it answers again", || store.authorities().is_ok());
    until("it issues again", || {
        house.issue("company-seal", SEAL_SUBJECT).is_ok()
    });
}

/// A copy that may not be asked how it follows is as old as the last commit it shows; one that was seen
/// to be current stays so for as long as it must, and then says its age.
#[test]
fn the_age_of_a_copy_is_told_by_commits_by_the_stream_and_by_the_pulse() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut primary = test_postgres::Server::start(&programs).unwrap();
    let database = primary.database();
    let house = House::on(&location(&database.url));
    let standby = primary.standby().unwrap();
    let copy = standby.existing(&database.name);
    database
        .sql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        .unwrap();
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    let reader = || {
        let place = location(&copy.url.replace("user=sceau", "user=reader"));
        // The role itself has to arrive on the copy.
        until("the role is there", || StatusReader::open(&place).is_ok());
        StatusReader::open(&place).unwrap()
    };
    let original = StatusReader::open(location(&database.url)).unwrap();
    assert_eq!(original.observe().unwrap().age, Some(Duration::ZERO));

    let status = reader();
    let age = |of: &StatusReader| of.observe().unwrap().age;
    let second = Duration::from_secs(1);
    until("the copy follows", || age(&status).is_some());
    // Nothing is committed: its age is that of the last commit.
    until("it grows old", || age(&status) > Some(second * 4));
    {
        let _pulse = location(&database.url).pulse().unwrap();
        until("the pulse is there", || age(&status) < Some(second * 3));
        let since = Instant::now();
        while since.elapsed() < second * 6 {
            assert!(age(&status) < Some(second * 5));
        }
    }
    // Whoever may see the stream sees that the primary lives and has nothing to say.
    copy.sql("ALTER SYSTEM SET wal_receiver_timeout = '2s'")
        .unwrap();
    copy.sql("SELECT pg_reload_conf()").unwrap();
    let trusted = StatusReader::open(location(&copy.url)).unwrap();
    until("the stream is heard", || age(&trusted) < Some(second * 2));
    let since = Instant::now();
    while since.elapsed() < second * 6 {
        assert!(age(&trusted) < Some(second * 5));
    }
    // One that was opened meanwhile knows no more than that one.
    until("it grows old again", || age(&reader()) > Some(second * 4));
    assert!(age(&status) > Some(second * 4));
    // A commit that arrives and is not shown does not count.
    copy.sql("SELECT pg_wal_replay_pause()").unwrap();
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    assert!(age(&status) > Some(second * 4));
    copy.sql("SELECT pg_wal_replay_resume()").unwrap();
    until("it is current", || age(&status) < Some(second));
    primary.kill();
    until("it has lost its primary", || {
        age(&status) > Some(second * 3)
    });
}
