//! What is committed can be asked for, and what is refused leaves no trace.

use ca_core::crl::{CrlName, CrlScope, EntryReason};
use ca_core::status::Status;
use ca_core::store::{Conflict, PublishedCrl, Query, StoreError};
use ca_core::{CertificateState, RevocationReason};

use crate::acts::Ca;
use crate::record::{NOW, Record};

contract![
    an_issuance_goes_through_its_states_and_is_found,
    what_contradicts_the_record_is_refused_and_leaves_no_trace,
    a_refused_change_does_not_take_others_with_it,
    the_version_rises_with_what_responders_see_and_with_nothing_else,
    numbers_of_crls_have_no_way_back,
    a_walk_over_many_revocations_sees_each_once_in_order,
    a_walk_sees_one_moment,
    each_changed_certificate_is_in_a_delta_once_with_its_present_status,
    only_what_is_on_hold_is_resumed_and_what_is_final_stays,
    a_delta_shares_a_number_only_with_the_complete_crl_of_its_time,
    a_long_crl_comes_back_in_pieces,
    the_latest_crl_of_every_line_is_found_and_none_before_it,
    a_reopened_record_goes_on_where_it_ended,
];

fn refused(result: Result<u64, StoreError>) -> Conflict {
    match result {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

fn an_issuance_goes_through_its_states_and_is_found(record: &Record) {
    let ca = Ca::new(record);
    let find = || {
        let query = Query::Serial(b"\x01a".to_vec());
        ca.store.certificates(&query).unwrap().remove(0)
    };
    assert_eq!(ca.authority.name, "root");
    let seq = ca.intend(b"\x01a").unwrap();
    assert_eq!(find().state, CertificateState::Intended);
    assert_eq!(ca.store.status("root", b"\x01a").unwrap(), None);
    ca.complete(b"\x01a", seq).unwrap();
    let found = find();
    assert_eq!(found.state, CertificateState::Issued);
    assert_eq!((&*found.authority, &*found.subject), ("root", "CN=Zoé"));
    assert_eq!(
        (found.not_before, found.not_after),
        (NOW, NOW.plus_days(365))
    );
    assert!(found.certificate.is_some() && found.revocation.is_none());
    ca.revoke(b"\x01a").unwrap();
    let revocation = find().revocation.unwrap();
    assert_eq!(revocation.reason, RevocationReason::KeyCompromise);
    assert_eq!(revocation.invalidity_date, Some(NOW));
    ca.intend(b"\x01b").unwrap();
    ca.abandon(b"\x01b").unwrap();
    let statistics = ca.store.statistics(NOW).unwrap();
    assert_eq!(
        (statistics.issued, statistics.revoked, statistics.abandoned),
        (2, 1, 1)
    );
    assert_eq!(ca.store.certificates(&Query::All).unwrap().len(), 3);
    assert_eq!(ca.verify().unwrap(), 8);
}

fn what_contradicts_the_record_is_refused_and_leaves_no_trace(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    ca.revoke(b"\x01a").unwrap();
    let before = ca.verify().unwrap();
    assert_eq!(refused(ca.intend(b"\x01a")), Conflict::Serial);
    assert_eq!(refused(ca.complete(b"\x01a", 4)), Conflict::NotIntended);
    assert_eq!(refused(ca.abandon(b"\x01a")), Conflict::NotIntended);
    assert_eq!(refused(ca.complete(b"\x01x", 4)), Conflict::NotIntended);
    assert_eq!(refused(ca.revoke(b"\x01x")), Conflict::UnknownSerial);
    assert!(matches!(
        refused(ca.revoke(b"\x01a")),
        Conflict::AlreadyRevoked { at } if at == NOW
    ));
    let last = |number| refused(ca.intend_crl(number));
    assert_eq!(last(0), Conflict::CrlNumber { last: 0 });
    assert_eq!(last(2), Conflict::CrlNumber { last: 0 });
    let mut root = crate::acts::intent(&ca.root(), b"\x01n");
    root.new_authority = Some(ca_core::store::NewAuthorityRow {
        name: "root".into(),
        key_location: "keys/other.pem".into(),
        is_root: false,
        crl_partitions: 0,
        predecessor: None,
    });
    let again = ca.commit(ca_core::store::Act::Intend(root));
    assert_eq!(refused(again), Conflict::AuthorityName);
    assert_eq!(ca.verify().unwrap(), before);
}

fn a_refused_change_does_not_take_others_with_it(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01taken");
    std::thread::scope(|scope| {
        for n in 0..16_u8 {
            let ca = &ca;
            // Committed together as it happens: every other one is refused.
            scope.spawn(move || match n % 2 {
                0 => drop(ca.intend(&[1, n]).unwrap()),
                _ => assert_eq!(refused(ca.intend(b"\x01taken")), Conflict::Serial),
            });
        }
    });
    assert_eq!(ca.store.certificates(&Query::All).unwrap().len(), 10);
    assert_eq!(ca.verify().unwrap(), 13);
}

fn the_version_rises_with_what_responders_see_and_with_nothing_else(record: &Record) {
    let ca = Ca::new(record);
    let version = || ca.store.observe().unwrap().version;
    let start = version();
    let seq = ca.intend(b"\x01a").unwrap();
    ca.intend_crl(1).unwrap();
    assert_eq!(version(), start);
    ca.complete(b"\x01a", seq).unwrap();
    let issued = version();
    ca.revoke(b"\x01a").unwrap();
    let revoked = version();
    ca.publish_crl(1).unwrap();
    assert!(start < issued && issued < revoked && revoked < version());
    let at_end = version();
    ca.intend(b"\x01a").unwrap_err();
    assert_eq!(version(), at_end);
}

fn numbers_of_crls_have_no_way_back(record: &Record) {
    let ca = Ca::new(record);
    let id = ca.root().id;
    assert_eq!(ca.store.last_crl_number(id, CrlScope::All).unwrap(), 0);
    assert!(ca.store.latest_crl(id, CrlName::WHOLE).unwrap().is_none());
    ca.intend_crl(1).unwrap();
    assert_eq!(refused(ca.intend_crl(1)), Conflict::CrlNumber { last: 1 });
    assert!(ca.store.latest_crl(id, CrlName::WHOLE).unwrap().is_none());
    ca.publish_crl(1).unwrap();
    ca.intend_crl(2).unwrap();
    ca.intend_crl(3).unwrap();
    ca.publish_crl(3).unwrap();
    let latest = ca.store.latest_crl(id, CrlName::WHOLE).unwrap().unwrap();
    assert_eq!((latest.number, latest.size), (3, 5));
    let whole = ca.store.crl("root", CrlName::WHOLE).unwrap().unwrap();
    assert_eq!((whole.number, &*whole.der), (3, &b"CRL 3"[..]));
    let same = ca.store.published_crl("root", CrlName::WHOLE).unwrap();
    assert_eq!(same, Some(latest));
    assert_eq!(ca.store.last_crl_number(id, CrlScope::All).unwrap(), 3);
    ca.publish_crl(3).unwrap_err();
    assert_eq!(ca.verify().unwrap(), 8);
}

fn many_revocations(record: &Record, count: u32) -> Ca {
    let ca = Ca::new(record);
    let serial = if record.is_postgres() {
        "decode(lpad(to_hex(n + 16777216), 8, '0'), 'hex')"
    } else {
        "unhex(printf('%08x', n + 16777216))"
    };
    let fill = format!(
        "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) \
         INSERT INTO revocation (authority, serial, revoked_at, reason, requested_at) \
         SELECT 1, {serial}, 5, 1, 5 FROM c"
    );
    record.sql(&fill).unwrap();
    ca
}

fn a_walk_over_many_revocations_sees_each_once_in_order(record: &Record) {
    // More than two pages.
    let ca = many_revocations(record, 4_321);
    let mut serials: Vec<Vec<u8>> = Vec::new();
    ca.store
        .crl_source(1, &mut |snapshot| {
            snapshot.revoked(CrlScope::All, None, &mut |serial, _| {
                serials.push(serial.to_vec());
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(serials.len(), 4_321);
    assert!(serials.is_sorted_by(|a, b| a < b));
}

fn a_walk_sees_one_moment(record: &Record) {
    let ca = many_revocations(record, 5);
    ca.issue(b"\x01a");
    ca.store
        .crl_source(1, &mut |snapshot| {
            let mut count = |expected| {
                let mut seen = 0;
                let counted = snapshot.revoked(CrlScope::All, None, &mut |_, _| {
                    seen += 1;
                    Ok(())
                });
                assert_eq!(seen, expected);
                counted
            };
            count(5)?;
            ca.revoke(b"\x01a").unwrap();
            count(5)?;
            assert_eq!(snapshot.position()?, 0);
            Ok(())
        })
        .unwrap();
    let mut stopped = 0;
    let end = ca.store.crl_source(1, &mut |snapshot| {
        snapshot.revoked(CrlScope::All, None, &mut |_, _| {
            stopped += 1;
            Err(StoreError::Interrupted)
        })
    });
    assert!(matches!(end, Err(StoreError::Interrupted)));
    assert_eq!(stopped, 1);
    assert_eq!(ca.store.observe().unwrap().version, 4);
}

/// What a delta says: the serials whose status changed after a position, removed ones with a minus.
fn changed(ca: &Ca, after: u64) -> String {
    let mut said = String::new();
    ca.store
        .crl_source(1, &mut |snapshot| {
            snapshot.changed(CrlScope::All, after, &mut |serial, fields| {
                said += match fields.reason {
                    EntryReason::Removed => " -",
                    EntryReason::Revoked(RevocationReason::CertificateHold) => " ?",
                    EntryReason::Revoked(_) => " +",
                };
                said += core::str::from_utf8(&serial[1..]).unwrap();
                Ok(())
            })
        })
        .unwrap();
    said
}

fn each_changed_certificate_is_in_a_delta_once_with_its_present_status(record: &Record) {
    let ca = Ca::new(record);
    for serial in [b"\x01a", b"\x01b", b"\x01c", b"\x01d"] {
        ca.issue(serial);
    }
    ca.suspend(b"\x01a").unwrap();
    ca.suspend(b"\x01b").unwrap();
    ca.suspend(b"\x01c").unwrap();
    ca.resume(b"\x01b").unwrap();
    ca.revoke(b"\x01c").unwrap();
    ca.revoke(b"\x01d").unwrap();
    assert_eq!(changed(&ca, 0), " ?a -b +c +d");
    assert_eq!(changed(&ca, 4), " +c +d");
    assert_eq!(changed(&ca, 6), "");
    let mut listed = Vec::new();
    ca.store
        .crl_source(1, &mut |snapshot| {
            assert_eq!(snapshot.position()?, 6);
            snapshot.revoked(CrlScope::All, None, &mut |serial, _| {
                listed.push(serial[1]);
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(listed, b"acd");
    ca.verify().unwrap();
}

fn only_what_is_on_hold_is_resumed_and_what_is_final_stays(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    assert_eq!(refused(ca.resume(b"\x01a")), Conflict::NotSuspended);
    ca.suspend(b"\x01a").unwrap();
    assert_eq!(
        refused(ca.suspend(b"\x01a")),
        Conflict::AlreadySuspended { at: NOW }
    );
    ca.resume(b"\x01a").unwrap();
    assert_eq!(
        ca.store.status("root", b"\x01a").unwrap(),
        Some(Status::Good)
    );
    ca.suspend(b"\x01a").unwrap();
    ca.revoke(b"\x01a").unwrap();
    for again in [
        ca.resume(b"\x01a"),
        ca.suspend(b"\x01a"),
        ca.revoke(b"\x01a"),
    ] {
        assert_eq!(refused(again), Conflict::AlreadyRevoked { at: NOW });
    }
    assert_eq!(refused(ca.suspend(b"\x01x")), Conflict::UnknownSerial);
    ca.verify().unwrap();
}

fn a_delta_shares_a_number_only_with_the_complete_crl_of_its_time(record: &Record) {
    let ca = Ca::new(record);
    let delta = CrlName::delta(CrlScope::All);
    let taken = |last| Conflict::CrlNumber { last };
    ca.intend_crl(1).unwrap();
    ca.publish_crl(1).unwrap();
    ca.intend_crl_of(delta, 1).unwrap();
    assert_eq!(refused(ca.intend_crl_of(delta, 1)), taken(1));
    assert_eq!(refused(ca.intend_crl(1)), taken(1));
    ca.intend_crl_of(delta, 2).unwrap();
    assert_eq!(refused(ca.intend_crl(2)), taken(2));
    assert_eq!(refused(ca.intend_crl_of(delta, 2)), taken(2));
    ca.intend_crl(3).unwrap();
    // Partitions have numbers of their own.
    let partition = CrlName::complete(CrlScope::Partition(2));
    assert_eq!(refused(ca.intend_crl_of(partition, 4)), taken(0));
    ca.intend_crl_of(partition, 1).unwrap();
    ca.verify().unwrap();
}

fn a_long_crl_comes_back_in_pieces(record: &Record) {
    let ca = Ca::new(record);
    ca.intend_crl(1).unwrap();
    let der: Vec<u8> = (0..600_001_u32).map(|n| (n % 251) as u8).collect();
    ca.publish_crl_of(CrlName::WHOLE, 1, der.clone()).unwrap();
    let found = ca.store.published_crl("root", CrlName::WHOLE).unwrap();
    let id = found.unwrap().id;
    let chunks: Vec<Vec<u8>> = (0..)
        .map_while(|n| ca.store.crl_chunk(id, n).unwrap())
        .collect();
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks.concat(), der);
    let whole = ca.store.crl("root", CrlName::WHOLE).unwrap().unwrap();
    assert_eq!(whole.der, der);
    ca.verify().unwrap();
}

fn the_latest_crl_of_every_line_is_found_and_none_before_it(record: &Record) {
    let ca = Ca::new(record);
    let lines = || -> Vec<(String, CrlName, u64)> {
        let found = ca.store.latest_crls().unwrap();
        let line = |(ca, crl): (String, PublishedCrl)| (ca, crl.name, crl.number);
        found.into_iter().map(line).collect()
    };
    assert_eq!(lines(), []);
    let delta = CrlName::delta(CrlScope::All);
    for number in 1..=3 {
        ca.intend_crl(number).unwrap();
        ca.publish_crl(number).unwrap();
    }
    ca.intend_crl_of(delta, 3).unwrap();
    ca.publish_crl_of(delta, 3, b"delta".to_vec()).unwrap();
    let root = || "root".to_owned();
    assert_eq!(lines(), [(root(), CrlName::WHOLE, 3), (root(), delta, 3)]);
    let first = ca.store.first_certificates().unwrap();
    assert_eq!(first, [(root(), ca.authority.certificate.clone())]);
}

fn a_reopened_record_goes_on_where_it_ended(record: &Record) {
    let ca = Ca::new(record);
    ca.issue(b"\x01a");
    drop(ca.store);
    let store = record.location.open().unwrap();
    let ca = Ca {
        store,
        authority: ca.authority,
    };
    ca.issue(b"\x01b");
    assert_eq!(ca.verify().unwrap(), 7);
    let reading = record.location.open_read_only().unwrap();
    assert_eq!(reading.statistics(NOW).unwrap().issued, 3);
    let writing = reading.commit(ca_core::store::Change {
        at: NOW,
        actors: Vec::new(),
        act: ca_core::store::Act::Create { id: [1; 32] },
        mandate: None,
    });
    assert!(matches!(writing, Err(StoreError::ReadOnly(_))));
}
