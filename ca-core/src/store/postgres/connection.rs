//! A connection to PostgreSQL, for the statements in `store/sql`.

use std::collections::HashMap;
use std::thread::sleep;
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use super::error::sql_error;
use crate::store::sql::{Database, Row, SqlError, Transaction, Value};
use crate::store::{RecordName, StoreError};

/// One writer at a time appends to the journal, of whichever process: the lock is let go of by the
/// server when the transaction has ended and its effects can be seen, or when the connection is gone.
/// What is read after it is what the last writer left, because every statement sees what was committed
/// before it began.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
                           SELECT pg_advisory_xact_lock('journal'::regclass::oid::int4, 0)";

const TRY_LOCK: &str =
    "SELECT pg_try_advisory_lock('instance'::regclass::oid::int4, ?1::bigint::int4)::int4";
const UNLOCK: &str =
    "SELECT pg_advisory_unlock('instance'::regclass::oid::int4, ?1::bigint::int4)::int4";
/// How often, and how far apart, an instance is asked for before it counts as alive.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// An open connection.
pub(crate) struct Connection {
    client: Client,
    record: RecordName,
    statements: HashMap<String, Statement>,
    open: bool,
    /// The lease of this session; 0 for readers.
    instance: i64,
}

impl Connection {
    pub(super) fn new(client: Client, record: RecordName, instance: i64) -> Self {
        Self {
            client,
            record,
            statements: HashMap::new(),
            open: false,
            instance,
        }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, SqlError> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let prepared = self
            .client
            .prepare(&placeholders(sql))
            .map_err(|e| sql_error(&self.record, e))?;
        self.statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    pub(super) fn run(&mut self, sql: &str) -> Result<(), SqlError> {
        let done = self.client.batch_execute(sql);
        done.map_err(|e| sql_error(&self.record, e))
    }
}

impl Database for Connection {
    fn record(&self) -> &RecordName {
        &self.record
    }

    fn instance(&self) -> i64 {
        self.instance
    }

    fn is_alive(&mut self, instance: i64) -> Result<bool, SqlError> {
        // 0 is nobody, and what readers have.
        if instance == self.instance {
            return Ok(instance != 0);
        }
        // Whoever gets the lock of an instance knows that its session is gone, and gone for ever,
        // because no number is given twice. A session that ended a moment ago may still hold it.
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                sleep(PAUSE);
            }
            let db: &mut dyn Database = self;
            let free = db.one(TRY_LOCK, &[instance.into()], |row| row.get::<i64>(0))?;
            if free == Some(1) {
                db.one(UNLOCK, &[instance.into()], |row| row.get::<i64>(0))?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, SqlError> {
        let statement = self.statement(sql)?;
        let done = self.client.execute(&statement, &bound(values));
        done.map_err(|e| sql_error(&self.record, e))
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&dyn Row) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let statement = self.statement(sql)?;
        let record = &self.record;
        let mut rows = self
            .client
            .query_raw(&statement, bound(values))
            .map_err(|e| sql_error(record, e))?;
        while let Some(row) = rows.next().map_err(|e| sql_error(record, e))? {
            visit(&PostgresRow { row: &row, record })?;
        }
        Ok(())
    }

    fn begin(&mut self, kind: Transaction) -> Result<(), SqlError> {
        self.open = true;
        self.run(match kind {
            Transaction::Write => BEGIN_WRITE,
            Transaction::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        self.run("COMMIT")?;
        self.open = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        self.run("ROLLBACK")?;
        self.open = false;
        Ok(())
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
        !self.open && !self.is_lost()
    }

    fn is_lost(&mut self) -> bool {
        // Reads what has come without being asked for, such as the server's farewell.
        let heard = self.client.notifications().iter().next();
        heard.is_err() || self.client.is_closed()
    }
}

/// `?1` is `$1` here. The statements are ours, and no `?` stands elsewhere in them.
fn placeholders(sql: &str) -> String {
    sql.replace('?', "$")
}

fn bound<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(n) => match *kind {
                Type::INT4 => i32::try_from(n)?.to_sql_checked(kind, out),
                _ => n.to_sql_checked(kind, out),
            },
            Value::Text(text) => text.to_sql_checked(kind, out),
            Value::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // The value decides, in `to_sql`.
        true
    }

    to_sql_checked!();
}

struct PostgresRow<'a> {
    row: &'a postgres::Row,
    record: &'a RecordName,
}

impl Row for PostgresRow<'_> {
    fn integer(&self, at: usize) -> Result<Option<i64>, SqlError> {
        let found = match self.row.columns().get(at).map(|c| c.type_()) {
            Some(&Type::INT4) => self.row.try_get(at).map(|n: Option<i32>| n.map(i64::from)),
            _ => self.row.try_get(at),
        };
        found.map_err(|_| self.unexpected(at))
    }

    fn text(&self, at: usize) -> Result<Option<&str>, SqlError> {
        self.row.try_get(at).map_err(|_| self.unexpected(at))
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, SqlError> {
        self.row.try_get(at).map_err(|_| self.unexpected(at))
    }

    fn unexpected(&self, at: usize) -> SqlError {
        let column = self.row.columns().get(at).map_or("a column", |c| c.name());
        StoreError::Damaged {
            record: self.record.clone(),
            what: format!("{column} holds something that this program never writes"),
        }
        .into()
    }
}
