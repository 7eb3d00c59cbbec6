//! Beginning a session: what the server must promise, the record's format, and the writer's lease.

use super::client::{Client, Failure};
use super::error::translate;
use super::location::PostgresLocation;
use crate::store::sql::migrations::{self, FORMAT};
use crate::store::{RecordName, StoreError};

/// The first version whose behaviour the tests cover.
const OLDEST_SERVER: i32 = 150_000;

/// For every session. A lock that is not given within five seconds is somebody's mistake; a
/// transaction whose client is gone must end, because others wait for it.
const SETTINGS: &str = "SET client_min_messages = warning; SET lock_timeout = '5s'; \
                        SET idle_in_transaction_session_timeout = '30s'";

/// For sessions that write: the server must notice soon that we are gone, so that what we began can
/// be closed.
const WRITER_SETTINGS: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                               SET tcp_keepalives_count = 3";

/// Says which database is ours, and in which format.
pub(super) const MARK: &str = "CREATE TABLE record_format (
    only_row    BIGINT PRIMARY KEY CHECK (only_row = 1),
    application TEXT NOT NULL,
    format      BIGINT NOT NULL
)";

const APPLICATION: &str = "sceau";

/// A session that writes, or wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    /// Its number in the record.
    pub(super) instance: i64,
    /// The server process that served it.
    process: i32,
}

/// A session that cannot write, with the server of this number or, where that does not answer, the next
/// one; which one it is.
pub(super) fn reader(
    location: &PostgresLocation,
    server: usize,
) -> Result<(Client, usize), StoreError> {
    let record = location.name();
    let failed = |e| translate(record, e);
    let (mut client, server) = connect(location, server)?;
    // The server stops what nobody waits for any more.
    let limit = location.patience().map_or(0, |limit| limit.as_millis());
    client
        .script(&format!(
            "SET default_transaction_read_only = on; SET statement_timeout = {limit}"
        ))
        .map_err(failed)?;
    migrations::check(record, format(&mut client, record)?)?;
    Ok((client, server))
}

/// A session with the primary for what need not be on the disk when it is answered.
pub(super) fn pulse(location: &PostgresLocation) -> Result<Client, StoreError> {
    let (mut client, _) = connect(location, 0)?;
    client
        .script("SET synchronous_commit = off")
        .map_err(|e| translate(location.name(), e))?;
    Ok(client)
}

/// A session that cannot write, for a record of whatever format.
pub(super) fn any_format(location: &PostgresLocation) -> Result<Client, StoreError> {
    let (mut client, _) = connect(&location.without_limit(), 0)?;
    format(&mut client, location.name())?;
    Ok(client)
}

/// A session with a database in which nothing is.
pub(super) fn empty(location: &PostgresLocation) -> Result<Client, StoreError> {
    let (mut client, _) = connect(&location.without_limit(), 0)?;
    promises(&mut client, location.name())?;
    refuse_other(&mut client, location.name())?;
    Ok(client)
}

/// A session that may write, with a lease of its own. `last` is this process's session before: it is
/// made sure that it is over, so that what it was about to do is either done or never will be.
pub(super) fn writer(
    location: &PostgresLocation,
    last: Option<&Session>,
) -> Result<(Client, Session), StoreError> {
    let record = location.name();
    let failed = |e| translate(record, e);
    let (mut client, _) = connect(location, 0)?;
    client.script(WRITER_SETTINGS).map_err(failed)?;
    promises(&mut client, record)?;
    migrations::check(record, format(&mut client, record)?)?;
    if let Some(last) = last {
        over(&mut client, last).map_err(failed)?;
    }
    let process = format!("process {}", std::process::id());
    let row = client
        .query_one(
            "INSERT INTO instance (process) \
             VALUES ($1 || coalesce(' at ' || inet_client_addr()::text, '')) RETURNING id, pg_backend_pid()",
            &[&process],
        )
        .map_err(failed)?;
    let session = Session {
        instance: row.get(0),
        process: row.get(1),
    };
    client
        .query(
            "SELECT pg_advisory_lock('instance'::regclass::oid::int4, $1::bigint::int4)",
            &[&session.instance],
        )
        .map_err(failed)?;
    Ok((client, session))
}

/// Ends a session that may still linger on the server, and waits until it is gone with its locks.
fn over(client: &mut Client, last: &Session) -> Result<(), Failure> {
    // Only the process that holds that lease: another session may have its number now.
    client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks \
         WHERE pid = $1 AND locktype = 'advisory' AND classid = 'instance'::regclass \
         AND objid = $2::bigint::int4::oid AND objsubid = 2 AND granted",
        &[&last.process, &last.instance],
    )?;
    let lease = "('instance'::regclass::oid::int4, $1::bigint::int4)";
    client.query(
        &format!("SELECT pg_advisory_lock{lease}"),
        &[&last.instance],
    )?;
    client.query(
        &format!("SELECT pg_advisory_unlock{lease}"),
        &[&last.instance],
    )?;
    Ok(())
}

/// Makes the tables in a database that has none.
pub(super) fn create(location: &PostgresLocation) -> Result<(), StoreError> {
    let record = location.name();
    let failed = |e| translate(record, e);
    let (mut client, _) = connect(&location.without_limit(), 0)?;
    promises(&mut client, record)?;
    // What fails from here on is undone by the end of the session.
    client.script("BEGIN").map_err(failed)?;
    refuse_other(&mut client, record)?;
    client.script(MARK).map_err(failed)?;
    for (_, step) in migrations::after(0) {
        client.script(step.postgres).map_err(failed)?;
    }
    client.script(&mark_statement(FORMAT)).map_err(failed)?;
    client.script("COMMIT").map_err(failed)
}

/// A record is made where nothing is.
fn refuse_other(db: &mut Client, record: &RecordName) -> Result<(), StoreError> {
    let failed = |e| translate(record, e);
    // One at a time; the number is "sceau" on the keys of a telephone.
    db.script("SELECT pg_advisory_xact_lock(72328)")
        .map_err(failed)?;
    let row = db
        .query_one(
            "SELECT to_regclass('record_format') IS NOT NULL, \
             (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
            &[],
        )
        .map_err(failed)?;
    match (row.get(0), row.get::<_, i64>(1)) {
        (true, _) => Err(StoreError::Exists(record.clone())),
        (false, 0) => Ok(()),
        (false, _) => Err(StoreError::NotARecord(record.clone())),
    }
}

/// Says in which format the record is.
pub(super) fn mark_statement(format: i64) -> String {
    format!(
        "INSERT INTO record_format VALUES (1, '{APPLICATION}', {format}) \
         ON CONFLICT (only_row) DO UPDATE SET format = excluded.format"
    )
}

/// Brings a record to the present format, each step in a transaction; its format before.
pub(super) fn migrate(location: &PostgresLocation) -> Result<i64, StoreError> {
    let record = location.name();
    let failed = |e| translate(record, e);
    let (mut client, _) = connect(&location.without_limit(), 0)?;
    promises(&mut client, record)?;
    let before = format(&mut client, record)?;
    if before > FORMAT {
        migrations::check(record, before)?;
    }
    loop {
        // Processes that are issuing wait here, and one that migrates too.
        client
            .script("BEGIN; LOCK TABLE record_format, journal IN ACCESS EXCLUSIVE MODE")
            .map_err(failed)?;
        let now = format(&mut client, record)?;
        let Some((to, step)) = migrations::after(now).next() else {
            return Ok(before);
        };
        client.script(step.postgres).map_err(failed)?;
        client.script(&mark_statement(to)).map_err(failed)?;
        client.script("COMMIT").map_err(failed)?;
    }
}

fn connect(location: &PostgresLocation, server: usize) -> Result<(Client, usize), StoreError> {
    let failed = |e| translate(location.name(), e);
    let (mut client, server) = location.connect(server).map_err(failed)?;
    client.script(SETTINGS).map_err(failed)?;
    Ok((client, server))
}

/// The record's format.
fn format(db: &mut Client, record: &RecordName) -> Result<i64, StoreError> {
    let failed = |e| translate(record, e);
    let not_a_record = || StoreError::NotARecord(record.clone());
    let there = db.query_one("SELECT to_regclass('record_format') IS NOT NULL", &[]);
    if !there.map_err(failed)?.get::<_, bool>(0) {
        let anything =
            "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace";
        let tables: i64 = db.query_one(anything, &[]).map_err(failed)?.get(0);
        return Err(if tables == 0 {
            StoreError::Missing(record.clone())
        } else {
            not_a_record()
        });
    }
    let rows = db
        .query("SELECT application, format FROM record_format", &[])
        .map_err(failed)?;
    let row = rows.first().ok_or_else(not_a_record)?;
    let unreadable = |e: tokio_postgres::Error| failed(e.into());
    if row.try_get::<_, &str>(0).map_err(unreadable)? != APPLICATION {
        return Err(not_a_record());
    }
    row.try_get(1).map_err(unreadable)
}

/// What a server must promise before anything is signed because of what it says.
fn promises(client: &mut Client, record: &RecordName) -> Result<(), StoreError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('server_version'), \
             pg_is_in_recovery(), current_setting('fsync'), current_setting('full_page_writes'), \
             current_setting('synchronous_commit')",
            &[],
        )
        .map_err(|e| translate(record, e))?;
    if row.get::<_, i32>(0) < OLDEST_SERVER {
        return Err(StoreError::ServerVersion {
            record: record.clone(),
            found: row.get(1),
        });
    }
    if row.get(2) {
        // A copy that follows.
        return Err(StoreError::ReadOnly(record.clone()));
    }
    let settings = [
        ("fsync", 3),
        ("full_page_writes", 4),
        ("synchronous_commit", 5),
    ];
    for (setting, at) in settings {
        if row.get::<_, &str>(at) == "off" {
            return Err(StoreError::NotDurable {
                record: record.clone(),
                setting,
            });
        }
    }
    Ok(())
}
