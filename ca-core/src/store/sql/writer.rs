//! Group commit: one thread owns the only connection that writes. It takes every change that is
//! waiting, commits them in one transaction, one wait for the disk, and only then answers each. Where
//! the connection to a server is lost while committing, it asks what became of it before it answers.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::{Backend, Database, EachRow, Row, SqlError, Transaction, Value, apply, journal, tile};
use crate::journal::{ChainHash, chain, encode};
use crate::store::{Act, Change, RecordName, StoreError};

/// Changes in one transaction at most, so that the first never waits long for the last.
const MAX_BATCH: usize = 256;

/// How long to ask for what became of a commit whose connection was lost.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Records of the journal that wait for others at most.
const MAX_RECORDS: usize = 32;
/// How many of them go into one statement.
const STATEMENT_SIZES: [usize; 3] = [32, 8, 1];

type Answer = Result<u64, StoreError>;

struct Job {
    change: Change,
    answer: SyncSender<Answer>,
}

#[derive(Debug)]
pub(super) struct Writer {
    /// `None` only while being dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    record: RecordName,
}

impl Writer {
    pub(super) fn start<B: Backend>(backend: Arc<B>) -> Result<Self, StoreError> {
        let record = backend.record().clone();
        let connection = backend.writer()?;
        let (jobs, inbox) = channel();
        let state = State {
            backend,
            connection: Some(connection),
            record: record.clone(),
            stopped: false,
        };
        let thread = std::thread::Builder::new()
            .name("record-writer".into())
            .spawn(move || state.run(&inbox))
            .map_err(|source: io::Error| StoreError::Open {
                record: record.clone(),
                source,
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            record,
        })
    }

    /// Waits until `change` is on the disk.
    pub(super) fn commit(&self, change: Change) -> Answer {
        let stopped = || StoreError::Stopped(self.record.clone());
        let (answer, reply) = sync_channel(1);
        self.jobs
            .as_ref()
            .ok_or_else(stopped)?
            .send(Job { change, answer })
            .map_err(|_| stopped())?;
        reply.recv().map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The last record of the journal.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: ChainHash,
}

struct State<B: Backend> {
    /// Holds what keeps other processes from writing where there may be one only.
    backend: Arc<B>,
    /// `None` after it was lost.
    connection: Option<B::Connection>,
    record: RecordName,
    stopped: bool,
}

/// How a batch is tried.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Care {
    /// As one: where one change is refused, all are undone and tried again with care.
    AllOrNothing,
    /// Each change can be undone by itself.
    OneByOne,
}

/// Why a batch was not committed.
enum Failure {
    /// One change is refused, and with it the batch, for now.
    Refused,
    /// The database failed before it was told to commit: nothing is recorded.
    Before(SqlError),
    /// It failed while committing.
    Committing(SqlError, Done),
}

/// What a batch comes to.
struct Done {
    outcomes: Vec<Answer>,
    head: Head,
}

impl<B: Backend> State<B> {
    fn run(mut self, inbox: &Receiver<Job>) {
        while let Ok(first) = inbox.recv() {
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH {
                match inbox.try_recv() {
                    Ok(job) => batch.push(job),
                    Err(_) => break,
                }
            }
            self.commit(batch);
        }
    }

    /// Commits what can be committed of `batch`, then answers.
    fn commit(&mut self, batch: Vec<Job>) {
        let done = if self.stopped {
            Err(StoreError::Stopped(self.record.clone()))
        } else {
            self.transact(&batch)
        };
        match done {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    // A requester that went away loses only the answer, not the commit.
                    let _ = job.answer.send(outcome);
                }
            }
            Err(error) => {
                // None of them may be relied on. The first gets the cause; the others, which cannot
                // share it, a fresh one of the same kind.
                let kind = same_kind(&error);
                let mut error = Some(error);
                for job in batch {
                    let answer = error.take().unwrap_or_else(|| kind(self.record.clone()));
                    let _ = job.answer.send(Err(answer));
                }
            }
        }
    }

    /// Commits what can be committed. A connection that turns out to be lost before anything was to be
    /// committed is replaced, once.
    fn transact(&mut self, batch: &[Job]) -> Result<Vec<Answer>, StoreError> {
        let mut care = Care::AllOrNothing;
        let mut replaced = false;
        loop {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => {
                    replaced = true;
                    self.backend.writer()?
                }
            };
            let failure = match attempt(&mut connection, batch, care) {
                Ok(done) => {
                    self.connection = Some(connection);
                    return Ok(done.outcomes);
                }
                Err(failure) => failure,
            };
            let fatal = matches!(
                &failure,
                Failure::Before(e) | Failure::Committing(e, _)
                    if matches!(e, SqlError::Failed { fatal: true, .. })
            );
            let undone = connection.is_idle() || connection.rollback().is_ok();
            let lost = connection.is_lost();
            if fatal || !(undone || lost) {
                self.stopped = true;
            }
            if !lost {
                self.connection = Some(connection);
            }
            match failure {
                Failure::Refused if undone => care = Care::OneByOne,
                Failure::Refused if lost && !replaced => {}
                Failure::Refused => return Err(StoreError::Stopped(self.record.clone())),
                Failure::Before(_) if lost && !replaced => {}
                Failure::Committing(_, done) if lost => return self.what_became_of(done),
                Failure::Before(error) | Failure::Committing(error, _) => return Err(error.into()),
            }
        }
    }

    /// The connection was lost after COMMIT was sent. The server may have done it or not, and only its
    /// journal can tell: where the batch's last record is there with its hash, all of the batch is.
    fn what_became_of(&mut self, done: Done) -> Result<Vec<Answer>, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.backend.writer() {
                Ok(mut connection) => {
                    let found = journal::hash(&mut connection, done.head.seq);
                    self.connection = Some(connection);
                    return match found {
                        Ok(Some(hash)) if hash == done.head.hash => Ok(done.outcomes),
                        Ok(_) => Err(StoreError::Lost(self.record.clone())),
                        Err(_) => Err(StoreError::Unknown(self.record.clone())),
                    };
                }
                Err(error) if Instant::now() > deadline => {
                    tracing::error!(error = %error, "what became of the last changes is not known");
                    return Err(StoreError::Unknown(self.record.clone()));
                }
                Err(_) => sleep(PAUSE),
            }
        }
    }
}

fn attempt(db: &mut dyn Database, batch: &[Job], care: Care) -> Result<Done, Failure> {
    let (outcomes, head) = match effects(db, batch, care) {
        Ok(Some(effects)) => effects,
        Ok(None) => return Err(Failure::Refused),
        Err(error) => return Err(Failure::Before(error)),
    };
    let done = Done { outcomes, head };
    match db.commit() {
        Ok(()) => Ok(done),
        Err(error) => Err(Failure::Committing(error, done)),
    }
}

/// Begins a transaction and does all of the batch but the commit; `None` where one change is refused
/// and stands for all.
fn effects(
    db: &mut dyn Database,
    batch: &[Job],
    care: Care,
) -> Result<Option<(Vec<Answer>, Head)>, SqlError> {
    db.begin(Transaction::Write)?;
    let mut head = journal::head(db)?;
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut status_changes = false;
    let mut records = Records::default();
    for job in batch {
        if care == Care::OneByOne {
            db.savepoint()?;
        }
        let done = change(db, &mut records, head, &job.change).and_then(|next| {
            // What may be undone by itself is written by itself.
            if care == Care::OneByOne {
                records.write(db)?;
                db.settle()?;
            }
            Ok(next)
        });
        match done {
            Ok(next) => {
                head = next;
                status_changes |= apply::changes_status(&job.change.act);
                outcomes.push(Ok(head.seq));
            }
            Err(SqlError::Unique(_) | SqlError::Refused(_)) if care == Care::AllOrNothing => {
                return Ok(None);
            }
            Err(SqlError::Unique(error) | SqlError::Refused(error)) => {
                records.0.clear();
                db.rollback_to_savepoint()?;
                outcomes.push(Err(error));
            }
            Err(failed @ SqlError::Failed { .. }) => return Err(failed),
        }
        if care == Care::OneByOne {
            db.release_savepoint()?;
        }
    }
    match finish(db, &mut records, status_changes) {
        Ok(()) => Ok(Some((outcomes, head))),
        Err(SqlError::Unique(_) | SqlError::Refused(_)) if care == Care::AllOrNothing => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is left to do before the commit; with it comes what became of all that was not waited for.
fn finish(
    db: &mut dyn Database,
    records: &mut Records,
    status_changes: bool,
) -> Result<(), SqlError> {
    records.write(db)?;
    if status_changes {
        let raise = "UPDATE status_version SET version = version + 1";
        db.later(raise, &[], Box::new(EachRow(|_: &dyn Row| Ok(()))))?;
        db.announce();
    }
    db.settle()
}

/// One change: its effect on the tables and its record in the journal.
fn change(
    db: &mut dyn Database,
    records: &mut Records,
    head: Head,
    change: &Change,
) -> Result<Head, SqlError> {
    // The acts of issuing do not look into the journal; others find it as it is.
    if !matches!(change.act, Act::Intend(_) | Act::Complete(_)) || records.0.len() >= MAX_RECORDS {
        records.write(db)?;
    }
    let seq = head.seq + 1;
    apply::apply(db, change)?;
    let record = encode(change).map_err(|e| db.damaged(e.to_string()))?;
    let hash = chain(seq, &head.hash, &record);
    records.0.push((seq, head.hash, record, hash));
    Ok(Head { seq, hash })
}

/// Records of the journal that are written together.
#[derive(Default)]
struct Records(Vec<(u64, ChainHash, Vec<u8>, ChainHash)>);

impl Records {
    fn write(&mut self, db: &mut dyn Database) -> Result<(), SqlError> {
        let mut rest = self.0.as_slice();
        while !rest.is_empty() {
            // A few sizes, so that there are few statements to prepare.
            let rows = STATEMENT_SIZES.into_iter().find(|rows| *rows <= rest.len());
            let (now, then) = rest.split_at(rows.unwrap_or(1));
            rest = then;
            let places: Vec<String> = (0..now.len())
                .map(|n| n * 4)
                .map(|n| format!("(?{}, ?{}, ?{}, ?{})", n + 1, n + 2, n + 3, n + 4))
                .collect();
            let sql = format!(
                "INSERT INTO journal (seq, prev, record, hash) VALUES {}",
                places.join(", ")
            );
            let values: Vec<Value<'_>> = now
                .iter()
                .flat_map(|(seq, prev, record, hash)| {
                    [(*seq).into(), prev.into(), record.into(), hash.into()]
                })
                .collect();
            db.later(&sql, &values, Box::new(EachRow(|_: &dyn Row| Ok(()))))?;
        }
        for (seq, ..) in self.0.drain(..) {
            tile::append(db, seq)?;
        }
        Ok(())
    }
}

fn same_kind(error: &StoreError) -> fn(RecordName) -> StoreError {
    match error {
        StoreError::Locked(_) => StoreError::Locked,
        StoreError::ReadOnly(_) => StoreError::ReadOnly,
        StoreError::DiskFull(_) => StoreError::DiskFull,
        StoreError::Unknown(_) => StoreError::Unknown,
        StoreError::Lost(_) | StoreError::Unreachable { .. } => StoreError::Lost,
        _ => StoreError::Stopped,
    }
}
