//! Connections for questions, opened when all are in use and kept for the next question. Readers never
//! wait for the writer, nor it for them.
//!
//! A connection that turns out to be lost costs nobody an error: the question is asked once more on a
//! new one, and the others that were kept from that time are not trusted any more.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Backend, Database, Identity, Origin, SqlError, Successor, Transaction};
use crate::store::{RecordName, StoreError};

/// Connections at most.
const MAX_CONNECTIONS: usize = 32;
/// How long a question waits for one of them.
const QUEUE: Duration = Duration::from_secs(5);
/// After a server could not be reached, how long everybody is told so without another attempt. It
/// doubles from the first to the last.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The connections.
pub(super) struct Readers<B: Backend> {
    backend: Arc<B>,
    pool: Mutex<Pool<B::Connection>>,
    /// One was given back.
    returned: Condvar,
}

/// All connections are to one database.
struct Pool<C> {
    /// Those nobody uses now.
    idle: Vec<C>,
    identity: Identity,
    /// Which record the last look found.
    origin: Option<Origin>,
    /// How many other records have taken the name.
    successors: u64,
    /// Raised when what was idle is not trusted any more.
    generation: u64,
    /// Those in use.
    used: usize,
    unreachable: Option<Unreachable>,
}

/// The server could not be reached.
#[derive(Clone, Copy)]
struct Unreachable {
    until: Instant,
    pause: Duration,
}

/// A connection in use.
struct Taken<'r, B: Backend> {
    readers: &'r Readers<B>,
    connection: Option<B::Connection>,
    identity: Identity,
    generation: u64,
    /// Whether it was used before.
    kept: bool,
}

impl<B: Backend> Readers<B> {
    /// Checks that the record can be read.
    pub(super) fn open(backend: Arc<B>) -> Result<Self, StoreError> {
        // Before connecting: a record that is replaced in between is noticed by the next look.
        let identity = backend.identity()?;
        let idle = vec![backend.reader()?];
        Ok(Self {
            backend,
            pool: Mutex::new(Pool {
                idle,
                identity,
                origin: None,
                successors: 0,
                generation: 0,
                used: 0,
                unreachable: None,
            }),
            returned: Condvar::new(),
        })
    }

    pub(super) fn backend(&self) -> &B {
        &self.backend
    }

    pub(super) fn record(&self) -> RecordName {
        self.backend.record().clone()
    }

    /// Leaves connections to a record that another has replaced, as a restored backup does: they would
    /// answer from the old one for ever. So it does with those to a server that was left for another.
    pub(super) fn follow(&self) -> Result<Identity, StoreError> {
        let identity = self.backend.identity()?;
        let mut pool = self.pool();
        if pool.identity != identity {
            pool.idle.clear();
            pool.identity = identity;
            if B::SUCCESSOR == Successor::Record {
                pool.successors += 1;
            }
        }
        Ok(identity)
    }

    /// Takes in which record a look found; whether it is another one than before. Connections from then
    /// may have statements that were prepared for its tables.
    pub(super) fn found(&self, origin: Origin) -> bool {
        let mut pool = self.pool();
        let another = pool.origin.replace(origin).is_some_and(|o| o != origin);
        if another {
            pool.successors += 1;
            pool.generation += 1;
            pool.idle.clear();
        }
        another
    }

    /// How many other records have taken the place of this one, as far as it was followed.
    pub(super) fn successors(&self) -> u64 {
        self.pool().successors
    }

    /// Asks, and where the connection turns out to be lost, asks once more on another. So `ask` does
    /// nothing but ask.
    pub(super) fn read<T>(
        &self,
        ask: impl Fn(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        self.ask(ask, |_| Ok(())).map(|(answer, ())| answer)
    }

    /// Everything that `ask` asks is answered as of one moment.
    pub(super) fn snapshot<T>(
        &self,
        ask: impl FnOnce(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        // Whether the connection still holds is seen at the beginning; what has begun is not repeated,
        // because others have seen part of it.
        let begin = |db: &mut dyn Database| {
            db.begin(Transaction::Snapshot)?;
            db.settle()
        };
        let (_, answer) = self.ask(begin, |db| {
            let answer = ask(db);
            // A connection that cannot even end it is not used again.
            let _ = db.rollback();
            answer
        })?;
        Ok(answer)
    }

    /// Does `first` on a connection that holds, and `then` on the same.
    fn ask<F, T>(
        &self,
        first: impl Fn(&mut dyn Database) -> Result<F, SqlError>,
        then: impl FnOnce(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<(F, T), StoreError> {
        let mut again = false;
        loop {
            let mut taken = self.take(again)?;
            let Some(connection) = taken.connection.as_mut() else {
                return Err(StoreError::Busy(self.record()));
            };
            match first(connection) {
                Ok(begun) => return Ok((begun, then(connection)?)),
                Err(SqlError::Failed { .. }) if !again && connection.is_lost() => {
                    again = true;
                    if taken.kept {
                        self.distrust(taken.generation);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A connection that nobody uses, or a new one.
    fn take(&self, again: bool) -> Result<Taken<'_, B>, StoreError> {
        let deadline = Instant::now() + QUEUE;
        let mut pool = self.pool();
        while pool.used >= MAX_CONNECTIONS {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy(self.record()));
            }
            let waited = self.returned.wait_timeout(pool, left);
            pool = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        pool.used += 1;
        let mut taken = Taken {
            readers: self,
            connection: None,
            identity: pool.identity,
            generation: pool.generation,
            kept: true,
        };
        while taken.connection.is_none() {
            let Some(mut connection) = pool.idle.pop() else {
                break;
            };
            // A server that went away in an orderly way has said so to all of them.
            taken.connection = (!connection.is_lost()).then_some(connection);
        }
        if taken.connection.is_none() {
            let unreachable = pool.unreachable;
            drop(pool);
            taken.kept = false;
            taken.connection = Some(self.connect(unreachable, again)?);
        }
        Ok(taken)
    }

    fn connect(
        &self,
        unreachable: Option<Unreachable>,
        again: bool,
    ) -> Result<B::Connection, StoreError> {
        let now = Instant::now();
        if let Some(unreachable) = unreachable.filter(|u| now < u.until && !again) {
            let what = format!(
                "tried a moment ago, and again in {:?}",
                unreachable.until - now
            );
            return Err(StoreError::Unreachable {
                record: self.record(),
                source: what.into(),
            });
        }
        let connection = self.backend.reader();
        self.pool().unreachable = match &connection {
            Err(StoreError::Unreachable { .. }) => {
                let (first, last) = BACKOFF;
                let pause = unreachable.map_or(first, |u| (u.pause * 2).min(last));
                Some(Unreachable {
                    until: Instant::now() + pause,
                    pause,
                })
            }
            _ => None,
        };
        connection
    }

    /// Whatever was kept beside a connection that is lost was made to the same server.
    fn distrust(&self, generation: u64) {
        let mut pool = self.pool();
        if pool.generation == generation {
            pool.generation += 1;
            pool.idle.clear();
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool<B::Connection>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Backend> Drop for Taken<'_, B> {
    fn drop(&mut self) {
        let mut connection = self.connection.take();
        // Asked before anybody is kept waiting.
        let idle = connection.take_if(|connection| connection.is_idle());
        let mut pool = self.readers.pool();
        pool.used -= 1;
        if pool.identity == self.identity && pool.generation == self.generation {
            pool.idle.extend(idle);
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}

impl<B: Backend> core::fmt::Debug for Readers<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Readers").field(&self.backend).finish()
    }
}
