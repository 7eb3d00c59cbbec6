//! The record in PostgreSQL instead of a file: another value of one setting.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::sync::Arc;

use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use hsm_pkcs11::PinSource;
use ocsp_responder::{Config, ConfigError};
use pki_asn1::{SystemClock, UnixTime};

fn load(folder: &std::path::Path, settings: &str) -> Result<Config, String> {
    let path = folder.join("ocsp.toml");
    fs::write(&path, format!("listen = [\"127.0.0.1:0\"]\n{settings}\n")).unwrap();
    Config::load(&path, None)
        .map_err(|failure| format!("{:?} {:?}", failure.causes(), failure.hint))
}

#[test]
fn a_record_in_a_database_is_opened_and_only_read() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let config = load(folder.path(), &format!("record = {:?}", database.url)).unwrap();
    let open = || config.open(&PinSource::FirstOf(Vec::new()), Arc::new(SystemClock));
    let missing = open().map(drop).unwrap_err();
    assert!(matches!(missing, ConfigError::Record { .. }), "{missing:?}");
    let location = PostgresLocation::parse(&database.url, &PostgresAccess::default());
    let location = RecordLocation::from(location.unwrap());
    let store = location.create(UnixTime::from_secs(1), Vec::new());
    drop(store.unwrap());
    open().map(drop).unwrap();
    // A role that may read and nothing else is enough.
    let reader = "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
                  GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader";
    database.sql(reader).unwrap();
    let url = database.url.replace("user=sceau", "user=reader");
    let config = load(folder.path(), &format!("record = {url:?}")).unwrap();
    config
        .open(&PinSource::FirstOf(Vec::new()), Arc::new(SystemClock))
        .map(drop)
        .unwrap();
}

#[test]
fn what_is_wrong_with_a_database_is_said_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, expected) in [
        (
            "record = \"postgresql://ocsp:hunter2@db/sceau\"",
            "record-password-file",
        ),
        (
            "record = \"postgresql://ocsp@db/sceau\"",
            "record-ca-certificates",
        ),
        (
            "record = \"postgresql://ocsp@db/sceau?sslmode=disable\"\nrecord-password-file = \"nowhere\"",
            "nowhere",
        ),
        (
            "record = \"record.sqlite\"\nrecord-password-file = \"password\"",
            "record in a database",
        ),
    ] {
        let said = load(folder.path(), settings).unwrap_err();
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

/// A certificate for these names or addresses, and its key, in PEM.
fn server_certificate(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn a_server_on_the_network_is_believed_by_its_certificate_and_its_name_alone() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let (certificate, key) = server_certificate("localhost");
    let server = test_postgres::Server::start_with_tls(&programs, &certificate, &key).unwrap();
    let address = server.address().unwrap();
    let database = server.database();
    let location = PostgresLocation::parse(&database.url, &PostgresAccess::default()).unwrap();
    let store = RecordLocation::from(location).create(UnixTime::from_secs(1), Vec::new());
    drop(store.unwrap());

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("right.pem"), &certificate).unwrap();
    fs::write(
        folder.path().join("wrong.pem"),
        server_certificate("localhost").0,
    )
    .unwrap();
    let open = |host: &str, more: &str| {
        let url = format!(
            "postgresql://sceau@{host}/{}?hostaddr={address}",
            database.name
        );
        let config = load(folder.path(), &format!("record = \"{url}{more}"))?;
        let opened = config.open(&PinSource::FirstOf(Vec::new()), Arc::new(SystemClock));
        opened.map(drop).map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text += &format!(": {error}");
                cause = error.source();
            }
            text
        })
    };
    let with = |file: &str| format!("\"\nrecord-ca-certificates = \"{file}\"");
    open("localhost", &with("right.pem")).unwrap();
    let said = open("localhost", &with("wrong.pem")).unwrap_err();
    assert!(said.contains("certificate"), "{said}");
    let said = open("db.sceau.example", &with("right.pem")).unwrap_err();
    assert!(said.contains("not valid for name"), "{said}");
    // Not even where the URL says that a tunnel protects the way: this server wants TLS.
    let said = open("localhost", "&sslmode=disable\"").unwrap_err();
    assert!(said.contains("pg_hba.conf"), "{said}");
    // And a server without TLS is not talked to where TLS was asked for.
    let (key, plain) = (
        with("right.pem"),
        test_postgres::Server::start(&programs).unwrap(),
    );
    let url = format!(
        "postgresql:///{}?host={}&user=sceau&sslmode=require{key}",
        database.name,
        plain.socket()
    );
    let config = load(folder.path(), &format!("record = \"{url}")).unwrap();
    let opened = config.open(&PinSource::FirstOf(Vec::new()), Arc::new(SystemClock));
    assert!(matches!(opened, Err(ConfigError::Record { .. })));
}
