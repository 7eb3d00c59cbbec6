//! A record made by the first version goes on, with everything in it. It is made here as that version
//! made it: with the first step alone, and rows as they were written then.

use ca_core::crl::{CrlName, CrlScope};
use ca_core::status::Status;
use ca_core::store::{Query, StoreError};
use ca_core::{CertificateState, RevocationReason, journal};
use pki_asn1::UnixTime;

use crate::acts::{Ca, any_certificate, sha256, verify};
use crate::record::{NOW, Record};

contract![
    a_record_of_the_first_version_is_migrated_with_its_content,
    revocations_and_crls_of_the_first_version_are_migrated,
    what_was_suspended_with_its_organisation_is_known_after_a_migration,
    both_databases_have_the_same_tables,
];

/// The steps after the first, up to the one before decisions.
macro_rules! steps_before_decisions {
    ($database:literal) => {
        [
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0002_instance.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0003_audit.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0004_registration.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0005_profiles.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0006_hierarchy.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0007_import.sql"
            )),
            include_str!(concat!(
                "../../src/store/",
                $database,
                "/migrations/0008_revocation.sql"
            )),
        ]
    };
}

const SQLITE: &str = include_str!("../../src/store/sqlite/migrations/0001_record.sql");
const POSTGRES: &str = include_str!("../../src/store/postgres/migrations/0001_record.sql");

/// A root, a revoked certificate, an unfinished one: five records.
pub(crate) fn format_1(record: &Record) {
    if record.is_postgres() {
        record.script(POSTGRES);
        record.script(
            "CREATE TABLE record_format (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), \
             application TEXT NOT NULL, format BIGINT NOT NULL); \
             INSERT INTO record_format VALUES (1, 'sceau', 1)",
        );
    } else {
        record.script(&format!(
            "PRAGMA journal_mode = WAL; {SQLITE} PRAGMA application_id = {}; PRAGMA user_version = 1",
            0x5343_4541
        ));
    }
    let der = any_certificate().der();
    let (fingerprint, tbs) = (sha256(der), [1; 32]);
    let [der, digest, tbs_sha256] = [der, &fingerprint[..], &tbs[..]].map(|b| record.bytes(b));
    let serial = |octets: &[u8]| record.bytes(octets);
    let (first, second) = (serial(b"\x01root"), serial(b"\x01unfinished"));
    record.script(&format!(
        "INSERT INTO authority (id, name, state, profile, key_location, certificate, crl_number) \
         VALUES (1, 'root', 1, 'root-ca', 'keys/root.pem', {der}, 0); \
         INSERT INTO certificate (id, authority, serial, state, profile, subject, not_before, not_after, \
         tbs_sha256, new_authority, fingerprint, der) \
         VALUES (1, 1, {first}, 1, 'root-ca', 'CN=Root', 1795262400, 1826798400, {tbs_sha256}, 1, {digest}, {der}); \
         INSERT INTO certificate (id, authority, serial, state, profile, subject, not_before, not_after, tbs_sha256) \
         VALUES (2, 1, {second}, 0, 'company-seal', 'CN=Zoé', 1795262400, 1826798400, {tbs_sha256}); \
         INSERT INTO revocation (authority, serial, revoked_at, reason, requested_at) \
         VALUES (1, {first}, 1795262400, 4, 1795262400)"
    ));
    let (tbs, fingerprint) = (hex::encode(tbs), hex::encode(fingerprint));
    let (first, second) = (hex::encode(b"\x01root"), hex::encode(b"\x01unfinished"));
    let at = r#"{"at":"2026-11-21T12:00:00Z","actors":[]"#;
    let (hash, end) = ("00".repeat(32), "2027-11-21T12:00:00Z");
    append(
        record,
        &[
            format!(r#"{at},"type":"created","format":"sceau.record/1"}}"#),
            format!(
                r#"{at},"type":"intent","authority":"root","serial":"{first}","tbsSha256":"{tbs}","profile":"root-ca","profileSha256":"{hash}","subject":"CN=Root","notAfter":"{end}","newAuthority":"root","key":"keys/root.pem"}}"#
            ),
            format!(
                r#"{at},"type":"result","authority":"root","serial":"{first}","intent":2,"certificateSha256":"{fingerprint}"}}"#
            ),
            format!(
                r#"{at},"type":"intent","authority":"root","serial":"{second}","tbsSha256":"{tbs}","profile":"company-seal","profileSha256":"{hash}","subject":"CN=Zoé","notAfter":"{end}"}}"#
            ),
            format!(
                r#"{at},"type":"revocation","authority":"root","serial":"{first}","reason":"superseded","requestedAt":"2026-11-21T12:00:00Z"}}"#
            ),
        ],
    );
}

/// Appends records to the journal of format 1.
fn append(record: &Record, texts: &[String]) {
    let mut seq: u64 = record
        .sql("SELECT count(*) FROM journal")
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let mut head = journal::GENESIS;
    if seq > 0 {
        let hash = if record.is_postgres() {
            "encode(hash, 'hex')"
        } else {
            "lower(hex(hash))"
        };
        let last = format!("SELECT {hash} FROM journal ORDER BY seq DESC LIMIT 1");
        let last = record.sql(&last).unwrap();
        hex::decode_to_slice(last.trim(), &mut head).unwrap();
    }
    for text in texts {
        seq += 1;
        let next = journal::chain(seq, &head, text.as_bytes());
        let [prev, row, hash] = [&head[..], text.as_bytes(), &next[..]].map(|b| record.bytes(b));
        record.script(&format!(
            "INSERT INTO journal VALUES ({seq}, {prev}, {row}, {hash})"
        ));
        head = next;
    }
}

/// To what [`format_1`] made: an issuance that was interrupted and closed, two CRLs, the number of a
/// third that was taken when the power went.
fn with_crls(record: &Record) {
    let bytes = |octets: &[u8]| record.bytes(octets);
    let (closed, tbs) = (bytes(b"\x01closed"), bytes(&[1; 32]));
    let (one, two) = (bytes(b"CRL of format 1"), bytes(b"its second CRL"));
    record.script(&format!(
        "INSERT INTO certificate (id, authority, serial, state, profile, subject, not_before, not_after, tbs_sha256) \
         VALUES (3, 1, {closed}, 2, 'company-seal', 'CN=Léo', 1795262400, 1826798400, {tbs}); \
         INSERT INTO revocation (authority, serial, revoked_at, reason, requested_at) \
         VALUES (1, {closed}, 1795262400, 0, 1795262500); \
         UPDATE authority SET crl_number = 1; UPDATE authority SET crl_number = 2; \
         UPDATE authority SET crl_number = 3; \
         INSERT INTO crl VALUES (1, 1, 1795262300, 1795348700, {one}); \
         INSERT INTO crl VALUES (1, 2, 1795262460, 1795348860, {two})"
    ));
    let at = r#"{"at":"2026-11-21T12:00:00Z","actors":[]"#;
    let (closed, hash) = (hex::encode(b"\x01closed"), "00".repeat(32));
    let intent = |number: u64, time: &str| {
        format!(
            r#"{at},"type":"crl-intent","authority":"root","number":{number},"tbsSha256":"{hash}","entries":1,"thisUpdate":"2026-11-21T{time}Z","nextUpdate":"2026-11-22T{time}Z"}}"#
        )
    };
    let result = |number: u64, der: &[u8]| {
        let digest = hex::encode(sha256(der));
        format!(
            r#"{at},"type":"crl-result","authority":"root","number":{number},"crlSha256":"{digest}"}}"#
        )
    };
    append(
        record,
        &[
            intent(1, "11:58:20"),
            result(1, b"CRL of format 1"),
            intent(2, "12:01:00"),
            result(2, b"its second CRL"),
            intent(3, "12:02:00"),
            format!(
                r#"{at},"type":"intent","authority":"root","serial":"{closed}","tbsSha256":"{tbs}","profile":"company-seal","profileSha256":"{hash}","subject":"CN=Léo","notAfter":"2027-11-21T12:00:00Z"}}"#,
                tbs = hex::encode([1; 32]),
            ),
            format!(
                r#"{at},"type":"abandoned","authority":"root","serial":"{closed}","reason":"interrupted"}}"#
            ),
        ],
    );
}

fn revocations_and_crls_of_the_first_version_are_migrated(record: &Record) {
    format_1(record);
    with_crls(record);
    assert_eq!(record.location.migrate().unwrap(), 1);
    let store = record.location.open().unwrap();
    assert_eq!(verify(&*store).unwrap(), 12);

    // What responders say: the same as before.
    let revoked = |reason| Status::Revoked {
        at: NOW,
        reason,
        invalidity_date: None,
    };
    for (serial, status) in [
        (
            &b"\x01root"[..],
            Some(revoked(RevocationReason::Superseded)),
        ),
        (b"\x01closed", Some(revoked(RevocationReason::Unspecified))),
        (b"\x01unfinished", None),
    ] {
        assert_eq!(store.status("root", serial).unwrap(), status);
    }

    // The latest CRL, whole, and the number after the one that was taken.
    let crl = store.crl("root", CrlName::WHOLE).unwrap().unwrap();
    assert_eq!(crl.der, b"its second CRL");
    let published = store
        .published_crl("root", CrlName::WHOLE)
        .unwrap()
        .unwrap();
    assert_eq!((published.number, published.base), (2, None));
    assert_eq!(published.this_update, UnixTime::from_secs(1_795_262_460));
    // It had seen the revocation. That it had seen the closing is not sure, so the next one tells it.
    assert_eq!(published.position, 1);
    assert_eq!(published.entries, None);
    assert_eq!(store.last_crl_number(1, CrlScope::All).unwrap(), 3);
    let mut listed = Vec::new();
    store
        .crl_source(1, &mut |snapshot| {
            assert_eq!(snapshot.position()?, 2);
            snapshot.revoked(CrlScope::All, None, &mut |serial, _| {
                listed.push(serial.to_vec());
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(listed, [b"\x01closed".to_vec(), b"\x01root".to_vec()]);

    // It goes on from there, and takes no number twice.
    let authority = store.authorities().unwrap().remove(0);
    let ca = Ca { store, authority };
    assert!(ca.intend_crl(3).is_err());
    ca.intend_crl(4).unwrap();
    ca.publish_crl(4).unwrap();
    assert!(ca.suspend(b"\x01root").is_err());
    assert_eq!(ca.verify().unwrap(), 14);

    // What was revoked before stays revoked, whoever has the database in hand.
    for statement in [
        "DELETE FROM revocation",
        "UPDATE revocation SET revoked_at = revoked_at + 1",
        "DELETE FROM status_change",
        "DELETE FROM crl_number",
        "DELETE FROM crl",
    ] {
        assert!(record.sql(statement).is_err(), "{statement}");
    }
}

fn a_record_of_the_first_version_is_migrated_with_its_content(record: &Record) {
    format_1(record);
    let older = record.location.open().unwrap_err();
    assert!(
        matches!(older, StoreError::Older { found: 1, .. }),
        "{older:?}"
    );
    assert_eq!(record.location.migrate().unwrap(), 1);
    // Once more does nothing.
    assert!(record.location.migrate().unwrap() > 1);
    let store = record.location.open().unwrap();
    assert_eq!(verify(&*store).unwrap(), 5);
    let authority = store.authorities().unwrap().remove(0);
    let ca = Ca { store, authority };
    let all = ca.store.certificates(&Query::All).unwrap();
    let states: Vec<_> = all.iter().map(|entry| entry.state).collect();
    assert_eq!(
        states,
        [CertificateState::Issued, CertificateState::Intended]
    );
    assert!(all[0].revocation.is_some());
    // Begun by a process that is gone.
    let interrupted = ca.store.certificates(&Query::Interrupted).unwrap();
    assert_eq!(interrupted.len(), 1);
    ca.abandon(b"\x01unfinished").unwrap();
    ca.intend_crl(1).unwrap();
    ca.publish_crl(1).unwrap();
    assert_eq!(ca.verify().unwrap(), 8);
}

/// One that was revoked since its organisation was suspended is still one of those that were suspended
/// with it: the journal says so, and is compared with the table.
fn what_was_suspended_with_its_organisation_is_known_after_a_migration(record: &Record) {
    format_1(record);
    let (steps, version) = if record.is_postgres() {
        (
            steps_before_decisions!("postgres"),
            "UPDATE record_format SET format = 8",
        )
    } else {
        (steps_before_decisions!("sqlite"), "PRAGMA user_version = 8")
    };
    steps.iter().for_each(|step| record.script(step));
    let (serial, digest) = (record.bytes(b"\x01root"), record.bytes(&[1; 32]));
    record.script(&format!(
        "INSERT INTO certificate_registration (authority, serial, key_sha256, subject_sha256, organisation) \
         VALUES (1, {serial}, {digest}, {digest}, 'NTRMC-00S03813'); \
         INSERT INTO registration_event (kind, name, ordinal, act, operator, at, document) VALUES \
         ('organisation', 'NTRMC-00S03813', 0, 'register', 'bert', 1795262300, ''), \
         ('organisation', 'NTRMC-00S03813', 1, 'strike-off', 'rita', 1795262400, ''); \
         INSERT INTO status_change (authority, position, serial, shard, change, effective_at, reason, \
         requested_at, decided_at) VALUES (1, 2, {serial}, 0, 1, 1795262400, 6, 1795262400, 1795262400); \
         {version}"
    ));
    assert_eq!(record.location.migrate().unwrap(), 8);
    let held = record.sql("SELECT organisation FROM organisation_hold");
    assert_eq!(held.as_deref(), Ok("NTRMC-00S03813"));
}

/// Backups go from one to the other, so each has what the other has.
fn both_databases_have_the_same_tables(record: &Record) {
    drop(record.create());
    let other = Record::sqlite();
    drop(other.create());
    assert_eq!(columns(record), columns(&other));
}

fn columns(record: &Record) -> String {
    let ask = if record.is_postgres() {
        "SELECT string_agg(table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '!' ELSE '' END \
         || CASE data_type WHEN 'bigint' THEN 'i' WHEN 'text' THEN 't' WHEN 'bytea' THEN 'b' ELSE data_type END, \
         ' ' ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\") \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'record_format'"
    } else {
        "SELECT group_concat(t || '.' || c || CASE WHEN n OR k THEN '!' ELSE '' END \
         || CASE d WHEN 'INTEGER' THEN 'i' WHEN 'TEXT' THEN 't' WHEN 'BLOB' THEN 'b' ELSE d END, ' ') FROM \
         (SELECT m.name AS t, i.name AS c, i.\"notnull\" AS n, i.pk AS k, i.type AS d \
         FROM sqlite_master m JOIN pragma_table_info(m.name) i WHERE m.type = 'table' ORDER BY 1, 2)"
    };
    record.sql(ask).unwrap()
}
