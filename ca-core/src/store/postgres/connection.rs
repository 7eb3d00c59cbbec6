//! A connection to PostgreSQL, for the statements in `store/sql`.

use std::collections::HashMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio_postgres::Statement;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::client::{Client, Message, Parameter, Reply};
use super::error::sql_error;
use crate::store::sql::{Database, Judge, Origin, Row, SqlError, Standing, Transaction, Value};
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
/// Statements that wait at most: what they hold is in memory, here and at the server.
const MAX_PENDING: usize = 4_096;
/// How often, and how far apart, an instance is asked for before it counts as alive.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// How current what this server shows is. The bounds are times before which everything that was
/// committed can be seen here: by the commit that was replayed last; and, where the role may see it and
/// all that came was replayed, by what the primary said last. An idle primary commits nothing, so the
/// first alone would grow old.
const STANDING: &str = "SELECT pg_is_in_recovery()::int4, \
     ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
            ELSE pg_current_wal_insert_lsn() END) - '0/0')::bigint, \
     (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint, \
     (SELECT (extract(epoch FROM clock_timestamp() - last_msg_send_time) * 1000)::bigint \
      FROM pg_stat_wal_receiver \
      WHERE status = 'streaming' AND latest_end_lsn <= pg_last_wal_replay_lsn()), \
     (SELECT system_identifier FROM pg_control_system()), \
     (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), \
     to_regclass('status_version')::oid::bigint";

/// A bound that lies further in the future says that the clocks of the servers differ, and nothing else.
const SKEW: i64 = 5_000;

/// Who follows the record is told when something that responders may say has changed.
const NOTIFY_AND_COMMIT: &str = "NOTIFY sceau_status; COMMIT";
const LISTEN: &str = "LISTEN sceau_status";
/// A copy that follows has no notifications; once it has become the primary it has.
const LISTEN_AGAIN: Duration = Duration::from_secs(10);

/// An open connection.
pub(crate) struct Connection {
    client: Client,
    record: RecordName,
    statements: HashMap<String, Statement>,
    /// What is to be sent with the next statement whose answer is needed.
    pending: Vec<Pending>,
    open: bool,
    /// Whether the transaction is news to those who follow the record.
    news: bool,
    listening: Listening,
    /// The lease of this session; 0 for readers.
    instance: i64,
}

enum Pending {
    Script(&'static str),
    Statement {
        statement: Statement,
        values: Vec<Owned>,
        judge: Box<dyn Judge>,
    },
}

/// A parameter that waits.
enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

enum Listening {
    Yes,
    /// Not on this server, when it was asked last.
    No(Option<Instant>),
}

impl Connection {
    pub(super) fn new(client: Client, record: RecordName, instance: i64) -> Self {
        Self {
            client,
            record,
            statements: HashMap::new(),
            pending: Vec::new(),
            open: false,
            news: false,
            listening: Listening::No(None),
            instance,
        }
    }

    /// Sends what is pending and, behind it, one more statement; the answer to that one.
    fn send(
        &mut self,
        last: Option<(&Statement, &[Value<'_>])>,
    ) -> Result<Vec<tokio_postgres::Row>, SqlError> {
        let pending = core::mem::take(&mut self.pending);
        let values: Vec<Vec<Value<'_>>> = pending
            .iter()
            .map(|pending| match pending {
                Pending::Script(_) => Vec::new(),
                Pending::Statement { values, .. } => values.iter().map(Owned::value).collect(),
            })
            .collect();
        let mut messages: Vec<Message<'_>> = pending
            .iter()
            .zip(&values)
            .map(|(pending, values)| match pending {
                Pending::Script(sql) => Message::Script(sql),
                Pending::Statement { statement, .. } if statement.columns().is_empty() => {
                    Message::Change(statement, bound(values))
                }
                Pending::Statement { statement, .. } => Message::Question(statement, bound(values)),
            })
            .collect();
        if let Some((statement, values)) = last {
            messages.push(Message::Question(statement, bound(values)));
        }
        let replies = self.client.together(&messages);
        let record = &self.record;
        let mut replies = replies.map_err(|e| sql_error(record, e))?.into_iter();
        for (pending, reply) in pending.iter().zip(&mut replies) {
            let reply = reply.map_err(|e| sql_error(record, e));
            let Pending::Statement { judge, .. } = pending else {
                reply?;
                continue;
            };
            match reply {
                Ok(Reply::Rows(rows)) => {
                    for row in &rows {
                        judge.row(&PostgresRow { row, record })?;
                    }
                    judge.end(rows.len() as u64)?;
                }
                Ok(Reply::Changed(rows)) => judge.end(rows)?,
                Ok(Reply::Done) => {}
                Err(error) => return Err(judge.failed(error)),
            }
        }
        match replies.next() {
            Some(Ok(Reply::Rows(rows))) => Ok(rows),
            Some(Err(error)) => Err(sql_error(record, error)),
            _ => Ok(Vec::new()),
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
        let done = self.client.script(sql);
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
        self.settle()?;
        let messages = [Message::Change(&statement, bound(values))];
        let replies = self.client.together(&messages);
        let record = &self.record;
        match replies.map_err(|e| sql_error(record, e))?.pop() {
            Some(Ok(Reply::Changed(rows))) => Ok(rows),
            Some(Err(error)) => Err(sql_error(record, error)),
            _ => Ok(0),
        }
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&dyn Row) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let statement = self.statement(sql)?;
        let rows = self.send(Some((&statement, values)))?;
        let record = &self.record;
        rows.iter()
            .try_for_each(|row| visit(&PostgresRow { row, record }))
    }

    fn later(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        judge: Box<dyn Judge>,
    ) -> Result<(), SqlError> {
        let statement = self.statement(sql)?;
        self.pending.push(Pending::Statement {
            statement,
            values: values.iter().map(Owned::from).collect(),
            judge,
        });
        if self.pending.len() >= MAX_PENDING {
            self.settle()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), SqlError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.send(None).map(drop)
    }

    fn begin(&mut self, kind: Transaction) -> Result<(), SqlError> {
        self.open = true;
        self.news = false;
        self.pending.clear();
        self.pending.push(Pending::Script(match kind {
            Transaction::Write => BEGIN_WRITE,
            Transaction::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }));
        Ok(())
    }

    fn announce(&mut self) {
        self.news = true;
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        self.settle()?;
        self.run(if self.news {
            NOTIFY_AND_COMMIT
        } else {
            "COMMIT"
        })?;
        self.open = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        self.pending.clear();
        self.run("ROLLBACK")?;
        self.open = false;
        Ok(())
    }

    fn savepoint(&mut self) -> Result<(), SqlError> {
        self.settle()?;
        self.run("SAVEPOINT one")
    }

    fn rollback_to_savepoint(&mut self) -> Result<(), SqlError> {
        self.pending.clear();
        self.run("ROLLBACK TO one")
    }

    fn release_savepoint(&mut self) -> Result<(), SqlError> {
        self.settle()?;
        self.run("RELEASE one")
    }

    fn is_idle(&mut self) -> bool {
        !self.open && !self.is_lost()
    }

    fn is_lost(&mut self) -> bool {
        self.client.is_lost()
    }

    fn standing(&mut self) -> Result<(Standing, Origin), SqlError> {
        let found = {
            let db: &mut dyn Database = self;
            db.one(STANDING, &[], |row| {
                let position = row.get::<i64>(1)?;
                let origin = Origin {
                    system: row.get(4)?,
                    database: row.get(5)?,
                    table: row.get(6)?,
                };
                if !row.get::<bool>(0)? {
                    return Ok((Standing::Original { position }, origin));
                }
                let bounds = [row.get::<Option<i64>>(2)?, row.get(3)?];
                let age = bounds
                    .into_iter()
                    .flatten()
                    .filter(|age| *age >= -SKEW)
                    .min();
                let age = age.map(|age| Duration::from_millis(age.max(0).unsigned_abs()));
                Ok((Standing::Copy { position, age }, origin))
            })?
        };
        let db: &mut dyn Database = self;
        found.ok_or_else(|| db.damaged("no answer to how current the server is".into()))
    }

    fn wait_for_news(&mut self, limit: Duration) -> Result<(), SqlError> {
        let ask = match self.listening {
            Listening::Yes => false,
            Listening::No(at) => at.is_none_or(|at| at.elapsed() > LISTEN_AGAIN),
        };
        if ask {
            let original = matches!(self.standing()?.0, Standing::Original { .. });
            if original {
                self.run(LISTEN)?;
                self.listening = Listening::Yes;
                // What changed before is not told any more.
                return Ok(());
            }
            self.listening = Listening::No(Some(Instant::now()));
        }
        self.client.wait_for_news(limit);
        Ok(())
    }
}

/// `?1` is `$1` here. The statements are ours, and no `?` stands elsewhere in them.
fn placeholders(sql: &str) -> String {
    sql.replace('?', "$")
}

fn bound<'a>(values: &'a [Value<'_>]) -> Vec<Parameter<'a>> {
    values.iter().map(|value| value as _).collect()
}

impl Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(n) => Value::Integer(*n),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match *value {
            Value::Null => Self::Null,
            Value::Integer(n) => Self::Integer(n),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
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
    row: &'a tokio_postgres::Row,
    record: &'a RecordName,
}

impl Row for PostgresRow<'_> {
    fn integer(&self, at: usize) -> Result<Option<i64>, SqlError> {
        let found = match self.row.columns().get(at).map(|c| c.type_()) {
            Some(&Type::INT4) => self.row.try_get(at).map(|n: Option<i32>| n.map(i64::from)),
            // What a condition comes to, which is a number in the other database.
            Some(&Type::BOOL) => self.row.try_get(at).map(|b: Option<bool>| b.map(i64::from)),
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
