//! The thread that writes the journal, and how others hand records to it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_service::with_causes;
use tokio::sync::oneshot;

use super::record::{Entry, FORMAT, Record};
use super::segment::{Medium, Position};
use super::{Durability, Settings};
use crate::clock::TimeSource;
use crate::instant::UtcInstant;

/// How often a journal that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Records that wait for the disk at one time, some 500 octets each. A disk that hangs says nothing, and
/// those who gave up waiting leave their records behind.
const MAX_WAITING: usize = 65_536;

/// Octets of records that the disk may lack between two intervals, so that they can be written anew.
const MAX_LACKING: usize = 16 << 20;
/// Serial numbers in one line of the log.
const NAMED_AT_ONCE: usize = 100;

/// A record is not in the journal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the token journal cannot be written: {0}")]
pub struct NotWritten(String);

/// A journal that is being written.
pub struct Journal {
    shared: Arc<Shared>,
    source: Arc<dyn TimeSource>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    /// Records on the disk (or, between two intervals, with the operating system).
    written: AtomicU64,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    failure: Option<NotWritten>,
    closed: bool,
    /// Whether the writer waits to be woken, which costs a call of the system.
    asleep: bool,
}

struct Waiting {
    entry: Entry,
    since: Instant,
    written: Option<oneshot::Sender<Result<(), NotWritten>>>,
}

impl Queue {
    /// Whether another record may wait.
    fn check(&self) -> Result<(), NotWritten> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(NotWritten("the disk does not keep up".into()));
        }
        self.failure.clone().map_or(Ok(()), Err)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    pub(super) fn start(
        medium: Box<dyn Medium>,
        settings: &Settings,
        source: Arc<dyn TimeSource>,
        position: Position,
        length: u64,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let writer = Writer {
            shared: Arc::clone(&shared),
            source: Arc::clone(&source),
            medium,
            durability: settings.durability,
            segment_octets: settings.segment_octets,
            position,
            length,
            day: None,
            begun: length > 0,
            damaged: false,
            unsynced: None,
            lacking: Vec::new(),
            lost: false,
        };
        let thread = std::thread::Builder::new()
            .name("token-journal".into())
            .spawn(move || writer.run())?;
        Ok(Self {
            shared,
            source,
            thread: Some(thread),
        })
    }

    /// Writes a record. It is there when the result says so, under the journal's [`Durability`].
    ///
    /// # Errors
    /// [`NotWritten`].
    pub async fn append(&self, entry: Entry) -> Result<(), NotWritten> {
        let (written, outcome) = oneshot::channel();
        self.push(entry, Some(written))?;
        outcome
            .await
            .unwrap_or_else(|_| Err(NotWritten("the writer has ended".into())))
    }

    /// Writes a record of an event, without waiting for it.
    pub fn note(&self, event: &str, fields: &[(&str, &str)]) {
        let time = self.source.read().utc;
        self.note_entry(Entry::event(time, event, fields));
    }

    /// Writes a record without waiting for it.
    pub fn note_entry(&self, entry: Entry) {
        if let Err(error) = self.push(entry, None) {
            tracing::error!(%error, "an event is missing in the token journal");
        }
    }

    /// Whether records can be written, as far as is known.
    ///
    /// # Errors
    /// [`NotWritten`] with the reason of the last failure, which is tried again every second, or where
    /// too many records wait.
    pub fn check(&self) -> Result<(), NotWritten> {
        self.shared.lock().check()
    }

    /// How many records wait, and for how long the oldest has waited.
    #[must_use]
    pub fn lag(&self) -> (usize, Duration) {
        let queue = self.shared.lock();
        let oldest = queue.waiting.first().map(|w| w.since.elapsed());
        (queue.waiting.len(), oldest.unwrap_or_default())
    }

    /// Records written by this process.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    fn push(
        &self,
        entry: Entry,
        written: Option<oneshot::Sender<Result<(), NotWritten>>>,
    ) -> Result<(), NotWritten> {
        let mut queue = self.shared.lock();
        queue.check()?;
        queue.waiting.push(Waiting {
            entry,
            since: Instant::now(),
            written,
        });
        let asleep = std::mem::take(&mut queue.asleep);
        drop(queue);
        if asleep {
            self.shared.wake.notify_one();
        }
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

struct Writer {
    shared: Arc<Shared>,
    source: Arc<dyn TimeSource>,
    medium: Box<dyn Medium>,
    durability: Durability,
    segment_octets: u64,
    /// After the last record that is known to be written.
    position: Position,
    /// Octets of the segment until there.
    length: u64,
    /// The day of the segment's first record that this process knows of.
    day: Option<i64>,
    /// Whether there is a segment to append to.
    begun: bool,
    /// Whether the segment may go on behind `length`.
    damaged: bool,
    /// Since when the disk lacks records, where it need not have them at once.
    unsynced: Option<Instant>,
    /// Those records, the last ones before `length`. Their tokens are released.
    lacking: Vec<u8>,
    /// Whether the disk failed to take them: what the system then holds of them counts for nothing.
    lost: bool,
}

impl Writer {
    fn run(mut self) {
        while let Some(group) = self.next_group() {
            if group.is_empty() {
                self.idle();
                continue;
            }
            let outcome = self.write(&group).map_err(|error| {
                tracing::error!(
                    error = with_causes(&error),
                    "the token journal cannot be written: no time-stamps"
                );
                NotWritten(error.to_string())
            });
            let mut refused = Vec::new();
            match &outcome {
                Ok(()) => {
                    let count = group.len() as u64;
                    self.shared.written.fetch_add(count, Ordering::Relaxed);
                }
                Err(failure) => {
                    let mut queue = self.shared.lock();
                    queue.failure = Some(failure.clone());
                    // They came in before it was known.
                    refused = std::mem::take(&mut queue.waiting);
                }
            }
            for waiting in group.into_iter().chain(refused) {
                if let Some(written) = waiting.written {
                    // Whoever does not wait any more gave up on the token too.
                    let _ = written.send(outcome.clone());
                }
            }
        }
        let last = self.mend().and_then(|()| match self.unsynced {
            Some(_) => self.sync(),
            None => Ok(()),
        });
        if let Err(error) = last {
            tracing::error!(%error, "the token journal was not synchronised at the end");
        }
    }

    /// Everything that waits, or nothing where something else is due; `None` at the end.
    fn next_group(&self) -> Option<Vec<Waiting>> {
        // Whoever is about to bring a record brings it now, and is not made to wake this thread.
        std::thread::yield_now();
        let mut queue = self.shared.lock();
        loop {
            queue.asleep = false;
            if !queue.waiting.is_empty() {
                return Some(std::mem::take(&mut queue.waiting));
            }
            if queue.closed {
                return None;
            }
            let pause = match (&queue.failure, self.durability, self.unsynced) {
                (Some(_), _, _) => Some(RETRY),
                (None, Durability::Interval(interval), Some(since)) => {
                    Some(interval.saturating_sub(since.elapsed()))
                }
                _ => None,
            };
            queue.asleep = true;
            let Some(pause) = pause else {
                let woken = self.shared.wake.wait(queue);
                queue = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let woken = self.shared.wake.wait_timeout(queue, pause);
            let (guard, timeout) = woken.unwrap_or_else(PoisonError::into_inner);
            queue = guard;
            if timeout.timed_out() && queue.waiting.is_empty() && !queue.closed {
                return Some(Vec::new());
            }
        }
    }

    /// Tries again after a failure, or synchronises what the disk lacks.
    fn idle(&mut self) {
        if self.shared.lock().failure.is_some() {
            let entry = Entry::event(self.source.read().utc, "resumed", &[]);
            let again = Waiting {
                entry,
                since: Instant::now(),
                written: None,
            };
            let failure = match self.write(&[again]) {
                Ok(()) => {
                    tracing::warn!("the token journal can be written again");
                    None
                }
                Err(error) => Some(NotWritten(error.to_string())),
            };
            self.shared.lock().failure = failure;
        } else if let Err(error) = self.sync() {
            tracing::error!(%error, "the token journal cannot be synchronised: no time-stamps");
            self.shared.lock().failure = Some(NotWritten(error.to_string()));
        }
    }

    /// Waits until the disk has everything.
    fn sync(&mut self) -> io::Result<()> {
        let synced = self.medium.sync();
        match synced {
            Ok(()) => {
                self.lacking.clear();
                self.unsynced = None;
            }
            Err(_) if !self.lacking.is_empty() && !self.lost => {
                // After that the system may take the pages for written, and the next call succeeds
                // without them.
                (self.lost, self.damaged) = (true, true);
                tell_released(&self.lacking);
            }
            Err(_) => {}
        }
        synced
    }

    /// Cuts off what a failed write left, and writes anew what the disk did not take.
    fn mend(&mut self) -> io::Result<()> {
        if !self.damaged {
            return Ok(());
        }
        if self.lost {
            self.medium.cut(self.length - self.lacking.len() as u64)?;
            self.medium.append(&self.lacking)?;
            self.medium.sync()?;
            tracing::warn!("the released time-stamps that the disk lacked are recorded again");
            self.lacking = Vec::new();
            (self.unsynced, self.lost) = (None, false);
        } else {
            self.medium.cut(self.length)?;
        }
        self.damaged = false;
        Ok(())
    }

    fn write(&mut self, group: &[Waiting]) -> io::Result<()> {
        self.mend()?;
        let now = self.source.read().utc;
        self.rotate(now)?;
        let mut position = self.position;
        let mut octets = Vec::with_capacity(group.len() * 400);
        for waiting in group {
            position.chain = waiting
                .entry
                .write(position.next, &position.chain, &mut octets);
            position.next += 1;
        }
        self.append(&octets, position)
    }

    /// Begins a segment where there is none, where the last one is full, and where a day begins.
    fn rotate(&mut self, now: UtcInstant) -> io::Result<()> {
        let day = now.unix_time().as_secs() / 86_400;
        let full = self.length >= self.segment_octets;
        if self.begun && !full && self.day.is_none_or(|of| of == day) {
            self.day = Some(day);
            return Ok(());
        }
        if self.begun && self.unsynced.is_some() {
            self.sync()?;
        }
        self.medium.begin(self.position.next)?;
        self.begun = true;
        self.length = 0;
        self.day = Some(day);
        let previous = self.position.chain.to_string();
        let fields = [("format", FORMAT), ("previous", previous.as_str())];
        let head = Entry::event(now, "segment", &fields);
        let mut octets = Vec::new();
        let chain = head.write(self.position.next, &self.position.chain, &mut octets);
        let position = Position {
            next: self.position.next + 1,
            chain,
        };
        self.append(&octets, position).inspect_err(|_| {
            // Begun again the next time: a segment has its own record first.
            self.begun = false;
        })
    }

    fn append(&mut self, octets: &[u8], position: Position) -> io::Result<()> {
        // Until it is known to have gone well, whatever is behind `length` is to be cut off.
        self.damaged = true;
        let written = self.medium.append(octets).and_then(|()| {
            if self.is_sync_due(octets.len()) {
                self.sync()
            } else {
                Ok(())
            }
        });
        if let Err(error) = written {
            // At once where it can be, so that a full disk leaves nothing half-written.
            self.damaged = self.medium.cut(self.length).is_err() || self.lost;
            return Err(error);
        }
        if self.unsynced.is_some() {
            self.lacking.extend_from_slice(octets);
        }
        self.damaged = false;
        self.length += octets.len() as u64;
        self.position = position;
        Ok(())
    }

    /// Whether the disk must have everything now, with so many octets more.
    fn is_sync_due(&mut self, more: usize) -> bool {
        match self.durability {
            Durability::EachGroup => true,
            Durability::Interval(interval) => {
                let since = *self.unsynced.get_or_insert_with(Instant::now);
                since.elapsed() >= interval || self.lacking.len() + more > MAX_LACKING
            }
        }
    }
}

/// Tells the log which released tokens the journal may not have after a power cut.
fn tell_released(lines: &[u8]) {
    let serials = serials(lines);
    tracing::error!(
        tokens = serials.len(),
        "the disk did not take the records of released time-stamps; they are written anew as soon as it \
         does; should the machine lose power before that, these serial numbers are missing in the journal"
    );
    for some in serials.chunks(NAMED_AT_ONCE) {
        tracing::error!(
            serials = some.join(" "),
            "released, not known to be on the disk"
        );
    }
}

/// The serial numbers of the tokens in these lines, in hexadecimal.
fn serials(lines: &[u8]) -> Vec<String> {
    lines
        .split(|octet| *octet == b'\n')
        .filter_map(|line| serde_json::from_slice::<Record>(line).ok()?.serial)
        .collect()
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
