//! Following a record: how current what is read is, and waiting for it to change.
//!
//! A copy that follows the primary answers even where the primary is gone, so what it shows is dated.
//! What was known of one server is held against the next: a position in the log means the same on all
//! servers that follow one primary.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::readers::Readers;
use super::{Backend, Database, Identity, Standing};
use crate::store::{RecordName, StoreError};

/// What whoever follows the record knows of it.
pub(super) struct Following<C> {
    /// The version last observed.
    version: AtomicU64,
    current: Mutex<Option<Current>>,
    /// The connection that hears of changes, and of which database.
    listener: Mutex<Option<(C, Identity)>>,
}

/// Everything that was committed before this moment is on every server that has come so far.
#[derive(Clone, Copy)]
struct Current {
    moment: Instant,
    position: i64,
}

impl<C> Default for Following<C> {
    fn default() -> Self {
        Self {
            version: AtomicU64::new(0),
            current: Mutex::new(None),
            listener: Mutex::new(None),
        }
    }
}

impl<C> Following<C> {
    /// Takes an observation in; how old what is read now may be, `None` where nothing is known.
    pub(super) fn seen(
        &self,
        asked_at: Instant,
        standing: Standing,
        version: u64,
    ) -> Option<Duration> {
        self.version.store(version, Ordering::Release);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = match standing {
            Standing::Original { position } => Some((asked_at, position)),
            Standing::Copy { position, age } => age
                .and_then(|age| asked_at.checked_sub(age))
                .map(|moment| (moment, position)),
        };
        let shown = shown.map(|(moment, position)| Current { moment, position });
        let (Standing::Original { position } | Standing::Copy { position, .. }) = standing;
        // A server that is behind the one before shows less than that one did.
        let known = current.filter(|known| known.position <= position);
        let best = [shown, known]
            .into_iter()
            .flatten()
            .max_by_key(|current| current.moment);
        if best.is_some() {
            *current = best;
        }
        Some(asked_at.saturating_duration_since(best?.moment))
    }

    /// Forgets how far the record had come whose place another one took.
    pub(super) fn begin_anew(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Refuses what a server says that is behind the one that was observed: its answer would be taken
    /// for one of the version that was observed.
    pub(super) fn check(&self, record: &RecordName, version: u64) -> Result<(), StoreError> {
        if version < self.version.load(Ordering::Acquire) {
            return Err(StoreError::Behind(record.clone()));
        }
        Ok(())
    }

    /// Waits until the record may have changed.
    pub(super) fn wait<B: Backend<Connection = C>>(&self, readers: &Readers<B>, limit: Duration)
    where
        C: Database,
    {
        let started = Instant::now();
        if self.listen(readers, limit).is_none() {
            sleep(limit.saturating_sub(started.elapsed()));
        }
    }

    /// `None` where nothing can be heard.
    fn listen<B: Backend<Connection = C>>(
        &self,
        readers: &Readers<B>,
        limit: Duration,
    ) -> Option<()>
    where
        C: Database,
    {
        let identity = readers.follow().ok()?;
        // Nobody waits for it: who follows a record does so in one thread.
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = listener
            .take()
            .filter(|(_, heard)| *heard == identity)
            .map(|(connection, _)| connection);
        let mut connection = match kept {
            Some(connection) => connection,
            None => readers.backend().reader().ok()?,
        };
        connection.wait_for_news(limit).ok()?;
        if connection.is_lost() {
            return None;
        }
        *listener = Some((connection, identity));
        Some(())
    }
}
