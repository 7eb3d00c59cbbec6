//! What a driver of a database provides.

use core::fmt::Debug;
use core::time::Duration;

use super::{Row, Value};
use crate::store::{Conflict, RecordName, StoreError};

/// A database that can be connected to.
pub(crate) trait Backend: Debug + Send + Sync + 'static {
    /// A connection.
    type Connection: Database + Send + 'static;

    /// What it means that [`Backend::identity`] is another than before.
    const SUCCESSOR: Successor;

    /// What messages call it.
    fn record(&self) -> &RecordName;

    /// A connection that may write and whose commits wait for the disk, with a number of its own. What
    /// the last one was about to do is either done or never will be.
    fn writer(&self) -> Result<Self::Connection, StoreError>;

    /// A connection that cannot write.
    fn reader(&self) -> Result<Self::Connection, StoreError>;

    /// Which database has the name now.
    fn identity(&self) -> Result<Identity, StoreError>;
}

/// What tells a database from another that took its name, as when a backup is restored.
pub(crate) type Identity = (u64, u64);

/// What has another [`Identity`] under the same name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Successor {
    /// Another record, such as a restored backup: what was learnt from the one before says nothing.
    Record,
    /// Another server that shows the same record.
    Server,
}

/// How a transaction is begun.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transaction {
    /// One writer at a time, from the beginning.
    Write,
    /// Everything is read as of one moment.
    Snapshot,
}

/// How current what a connection shows is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// It shows everything that was committed.
    Original {
        /// How far that is: whoever has come as far as this shows all of it.
        position: i64,
    },
    /// It shows what was copied.
    Copy {
        /// How far it has come.
        position: i64,
        /// Everything that was committed longer ago than this is there; `None` where nothing says so.
        age: Option<Duration>,
    },
}

/// Which record a connection shows, as the database itself tells records apart: a record that takes the
/// place of another one has another, and the copies that follow it have the same.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Origin {
    /// Of the installation, which all that follow it share.
    pub(crate) system: i64,
    /// Of the database in it.
    pub(crate) database: i64,
    /// Of the table that has the version: a record that is filled into the same database has another.
    pub(crate) table: i64,
}

/// What is made of the answer to a statement that was not waited for.
pub(crate) trait Judge: Send {
    /// One row of the answer.
    fn row(&self, _row: &dyn Row) -> Result<(), SqlError> {
        Ok(())
    }

    /// The end: how many rows were changed, or found.
    fn end(&self, _rows: u64) -> Result<(), SqlError> {
        Ok(())
    }

    /// What an error means.
    fn failed(&self, error: SqlError) -> SqlError {
        error
    }
}

/// Exactly one row is changed, or else this conflict.
pub(crate) struct OneRow(pub(crate) Conflict);

impl Judge for OneRow {
    fn end(&self, rows: u64) -> Result<(), SqlError> {
        match rows {
            1 => Ok(()),
            _ => Err(self.0.clone().into()),
        }
    }

    fn failed(&self, error: SqlError) -> SqlError {
        error.unique(self.0.clone())
    }
}

/// Each row of the answer is looked at.
pub(crate) struct EachRow<F>(pub(crate) F);

impl<F: Fn(&dyn Row) -> Result<(), SqlError> + Send> Judge for EachRow<F> {
    fn row(&self, row: &dyn Row) -> Result<(), SqlError> {
        (self.0)(row)
    }
}

/// A connection.
pub(crate) trait Database {
    /// What messages call the record.
    fn record(&self) -> &RecordName;

    /// Runs a statement and returns how many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, SqlError>;

    /// Runs a query and shows each row to `visit`.
    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&dyn Row) -> Result<(), SqlError>,
    ) -> Result<(), SqlError>;

    /// Runs a statement whose answer nobody waits for, in its turn: before any later one, and at the
    /// latest in [`Self::settle`]. Where there is a way to go, many go it together. What `judge` makes
    /// of the answer is the outcome of whichever call sent it.
    fn later(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        judge: Box<dyn Judge>,
    ) -> Result<(), SqlError>;

    /// Waits for all that was not waited for.
    fn settle(&mut self) -> Result<(), SqlError>;

    fn begin(&mut self, kind: Transaction) -> Result<(), SqlError>;

    /// The transaction changes what responders may say.
    fn announce(&mut self) {}

    /// Makes the transaction durable. When this returns, a power cut no longer matters.
    fn commit(&mut self) -> Result<(), SqlError>;

    /// Undoes the transaction, or all since the savepoint `to`.
    fn rollback(&mut self) -> Result<(), SqlError>;

    /// Begins a part of the transaction that can be undone by itself.
    fn savepoint(&mut self) -> Result<(), SqlError>;

    /// Undoes what was done since the savepoint.
    fn rollback_to_savepoint(&mut self) -> Result<(), SqlError>;

    /// Ends the part.
    fn release_savepoint(&mut self) -> Result<(), SqlError>;

    /// Whether it can be used for something else now: connected, and in no transaction.
    fn is_idle(&mut self) -> bool;

    /// Whether the other side is gone. What a transaction did is undone then, unless its commit was on
    /// the way.
    fn is_lost(&mut self) -> bool;

    /// How current what it shows is, and of which record.
    fn standing(&mut self) -> Result<(Standing, Origin), SqlError>;

    /// Waits for a transaction that was announced, but not longer than `limit`. May return earlier.
    fn wait_for_news(&mut self, limit: Duration) -> Result<(), SqlError>;

    /// The number of the process that writes over this connection; 0 for readers.
    fn instance(&self) -> i64;

    /// Whether the process with this number can still finish what it began.
    fn is_alive(&mut self, instance: i64) -> Result<bool, SqlError>;
}

impl<'d> dyn Database + 'd {
    /// The first row of the answer.
    pub(crate) fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, SqlError>,
    ) -> Result<Option<T>, SqlError> {
        let mut found = None;
        self.query(sql, values, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows of the answer.
    pub(crate) fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        let mut found = Vec::new();
        self.query(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The only number of an answer that always has one row, such as a count.
    pub(crate) fn number(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, SqlError> {
        let found = self.one(sql, values, |row| row.get::<u64>(0))?;
        found.ok_or_else(|| self.damaged(format!("no answer to {sql:?}")))
    }

    /// The error of content that this program never writes.
    pub(crate) fn damaged(&self, what: String) -> SqlError {
        StoreError::Damaged {
            record: self.record().clone(),
            what,
        }
        .into()
    }
}

/// Why a statement had no effect.
#[derive(Debug)]
pub(crate) enum SqlError {
    /// A uniqueness constraint forbids it.
    Unique(StoreError),
    /// This change alone is refused, or this question alone cannot be answered; others go on.
    Refused(StoreError),
    /// The database failed; nothing of the transaction is committed.
    Failed {
        /// How.
        error: StoreError,
        /// Whether the disk itself failed, after which nothing that this process wrote can be relied
        /// on.
        fatal: bool,
    },
}

impl SqlError {
    /// A broken uniqueness constraint means `conflict`.
    pub(crate) fn unique(self, conflict: Conflict) -> Self {
        match self {
            Self::Unique(_) => conflict.into(),
            other => other,
        }
    }
}

impl From<StoreError> for SqlError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Conflict> for SqlError {
    fn from(conflict: Conflict) -> Self {
        Self::Refused(conflict.into())
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Unique(error) | SqlError::Refused(error) | SqlError::Failed { error, .. } => {
                error
            }
        }
    }
}
