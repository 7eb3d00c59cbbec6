//! The record in a PostgreSQL database (15 or later): several processes on several machines may issue
//! from it, and responders may read it from a copy that follows.
//!
//! Each process that writes has a session of its own with a number that is never given again, and
//! holds that number's lock as long as the session lives (its lease). What it began carries the
//! number; when the lock can be had, the process is gone, and what it left unfinished was interrupted.
//! A process that lost its session comes back as another one, and cannot finish what the first began.

mod catalogue;
mod client;
mod connection;
mod error;
mod location;
mod pulse;
mod session;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub use self::location::{LocationError, PostgresAccess, PostgresLocation};
pub use self::pulse::Pulse;

use self::connection::Connection;
use self::session::Session;
use super::sql::{Backend, Identity, SqlStore, Successor};
use super::{RecordName, StoreError};

/// A PostgreSQL database.
#[derive(Debug)]
pub(crate) struct Postgres {
    location: PostgresLocation,
    /// The last session that wrote, to make sure that it is over before another one begins.
    last: Mutex<Option<Session>>,
    /// Which of the servers is read from. All questions go to one, until it does not answer: copies
    /// are not equally current.
    server: AtomicUsize,
}

/// The record in a PostgreSQL database.
pub(crate) type PostgresStore = SqlStore<Postgres>;

impl PostgresStore {
    /// Makes the tables in a database that has none.
    pub(crate) fn create_empty(location: &PostgresLocation) -> Result<(), StoreError> {
        session::create(location)
    }

    /// Opens an existing record beside other processes.
    pub(crate) fn open(location: &PostgresLocation) -> Result<Self, StoreError> {
        Self::writing(Postgres::new(&location.primary()))
    }

    /// Opens an existing record, or a copy that follows it, for reading.
    pub(crate) fn open_read_only(location: &PostgresLocation) -> Result<Self, StoreError> {
        Self::reading(Postgres::new(location))
    }

    /// Brings it to the present format; its format before.
    pub(crate) fn migrate(location: &PostgresLocation) -> Result<i64, StoreError> {
        session::migrate(location)
    }
}

/// A connection that reads a record of whatever format, for a backup.
pub(crate) fn any_format(location: &PostgresLocation) -> Result<Connection, StoreError> {
    let client = session::any_format(location)?;
    Ok(Connection::new(client, location.name().clone(), 0))
}

/// A connection to a database in which nothing is, to fill it.
pub(crate) fn empty(location: &PostgresLocation) -> Result<Connection, StoreError> {
    let client = session::empty(&location.primary())?;
    Ok(Connection::new(client, location.name().clone(), 0))
}

impl Postgres {
    pub(crate) fn new(location: &PostgresLocation) -> Self {
        Self {
            location: location.clone(),
            last: Mutex::new(None),
            server: AtomicUsize::new(0),
        }
    }
}

impl Backend for Postgres {
    type Connection = Connection;
    const SUCCESSOR: Successor = Successor::Server;

    fn record(&self) -> &RecordName {
        self.location.name()
    }

    fn writer(&self) -> Result<Connection, StoreError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, session) = session::writer(&self.location, last.as_ref())?;
        let instance = session.instance;
        *last = Some(session);
        Ok(Connection::new(client, self.record().clone(), instance))
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let before = self.server.load(Ordering::Relaxed);
        let (client, server) = session::reader(&self.location, before)?;
        if server != before {
            self.server.store(server, Ordering::Relaxed);
            tracing::warn!(record = %self.record(), server, "another of the servers is read from");
        }
        Ok(Connection::new(client, self.record().clone(), 0))
    }

    fn identity(&self) -> Result<Identity, StoreError> {
        // A database that is replaced takes its connections with it; a server that is left does not.
        Ok((0, self.server.load(Ordering::Relaxed) as u64))
    }
}
