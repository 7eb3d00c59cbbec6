//! A connection to a SQLite file, for the statements in `store/sql`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, ToSql, params_from_iter};

use super::connect::{is_io_failure, translate};
use crate::store::sql::{Database, Judge, Origin, Row, SqlError, Standing, Transaction, Value};
use crate::store::{RecordName, StoreError};

/// An open connection.
pub(crate) struct Connection {
    pub(super) inner: rusqlite::Connection,
    /// While a backup is put back: the triggers that were lifted.
    pub(super) triggers: Vec<String>,
    record: RecordName,
    /// The number of this process, as all its connections know it.
    instance: Arc<AtomicI64>,
}

impl Connection {
    pub(super) fn new(inner: rusqlite::Connection, path: &Path, instance: Arc<AtomicI64>) -> Self {
        Self {
            inner,
            triggers: Vec::new(),
            record: path.into(),
            instance,
        }
    }

    fn run(&self, sql: &str) -> Result<(), SqlError> {
        let done = self
            .inner
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(|e| failed(&self.record, e))
    }
}

impl Database for Connection {
    fn record(&self) -> &RecordName {
        &self.record
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, SqlError> {
        let done = self
            .inner
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params_from_iter(values)));
        match done {
            Ok(rows) => Ok(rows as u64),
            Err(e) => Err(failed(&self.record, e)),
        }
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&dyn Row) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let record = &self.record;
        let mut statement = self
            .inner
            .prepare_cached(sql)
            .map_err(|e| failed(record, e))?;
        let mut rows = statement
            .query(params_from_iter(values))
            .map_err(|e| failed(record, e))?;
        while let Some(row) = rows.next().map_err(|e| failed(record, e))? {
            visit(&SqliteRow { row, record })?;
        }
        Ok(())
    }

    fn later(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        judge: Box<dyn Judge>,
    ) -> Result<(), SqlError> {
        // There is no way to go.
        let mut statement = self
            .inner
            .prepare_cached(sql)
            .map_err(|e| failed(&self.record, e))?;
        if statement.column_count() == 0 {
            let done = statement.execute(params_from_iter(values));
            let rows = done.map_err(|e| judge.failed(failed(&self.record, e)))?;
            return judge.end(rows as u64);
        }
        drop(statement);
        let mut found = 0;
        self.query(sql, values, &mut |row| {
            found += 1;
            judge.row(row)
        })?;
        judge.end(found)
    }

    fn settle(&mut self) -> Result<(), SqlError> {
        Ok(())
    }

    fn begin(&mut self, kind: Transaction) -> Result<(), SqlError> {
        self.run(match kind {
            Transaction::Write => "BEGIN IMMEDIATE",
            Transaction::Snapshot => "BEGIN",
        })
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        self.run("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        self.run("ROLLBACK")
    }

    fn savepoint(&mut self) -> Result<(), SqlError> {
        self.run("SAVEPOINT one")
    }

    fn rollback_to_savepoint(&mut self) -> Result<(), SqlError> {
        self.run("ROLLBACK TO one")
    }

    fn release_savepoint(&mut self) -> Result<(), SqlError> {
        self.run("RELEASE one")
    }

    fn is_idle(&mut self) -> bool {
        self.inner.is_autocommit()
    }

    fn is_lost(&mut self) -> bool {
        false
    }

    fn standing(&mut self) -> Result<(Standing, Origin), SqlError> {
        // The file tells.
        Ok((Standing::Original { position: 0 }, Origin::default()))
    }

    fn wait_for_news(&mut self, limit: Duration) -> Result<(), SqlError> {
        sleep(limit);
        Ok(())
    }

    fn instance(&self) -> i64 {
        self.instance.load(Ordering::Relaxed)
    }

    fn is_alive(&mut self, instance: i64) -> Result<bool, SqlError> {
        // There is no process that writes but this one. Where this one only reads, it cannot know.
        let own = self.instance();
        Ok(own == 0 || instance == own)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Integer(n) => ValueRef::Integer(n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    record: &'a RecordName,
}

impl SqliteRow<'_> {
    fn column(&self, at: usize) -> Result<ValueRef<'_>, SqlError> {
        self.row.get_ref(at).map_err(|e| failed(self.record, e))
    }
}

impl Row for SqliteRow<'_> {
    fn integer(&self, at: usize) -> Result<Option<i64>, SqlError> {
        match self.column(at)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(n) => Ok(Some(n)),
            _ => Err(self.unexpected(at)),
        }
    }

    fn text(&self, at: usize) -> Result<Option<&str>, SqlError> {
        match self.column(at)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => match core::str::from_utf8(text) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.unexpected(at)),
            },
            _ => Err(self.unexpected(at)),
        }
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, SqlError> {
        match self.column(at)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(Some(bytes)),
            _ => Err(self.unexpected(at)),
        }
    }

    fn unexpected(&self, at: usize) -> SqlError {
        let column = self.row.as_ref().column_name(at).unwrap_or("a column");
        StoreError::Damaged {
            record: self.record.clone(),
            what: format!("{column} holds something that this program never writes"),
        }
        .into()
    }
}

fn failed(record: &RecordName, error: rusqlite::Error) -> SqlError {
    let unique = error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation);
    let fatal = is_io_failure(&error);
    let error = translate(record, error);
    if unique {
        SqlError::Unique(error)
    } else {
        SqlError::Failed { error, fatal }
    }
}
