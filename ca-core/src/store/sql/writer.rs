//! Group commit: one thread owns the only connection that writes. It takes every change that is
//! waiting, commits them in one transaction, one wait for the disk, and only then answers each.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use super::{Backend, Database, SqlError, Transaction, apply, journal};
use crate::journal::{ChainHash, chain, encode};
use crate::store::{Change, RecordName, StoreError};

/// Changes in one transaction at most, so that the first never waits long for the last.
const MAX_BATCH: usize = 256;

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
            connection,
            record: record.clone(),
            stopped: false,
            _backend: backend,
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
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: ChainHash,
}

struct State<B: Backend> {
    connection: B::Connection,
    record: RecordName,
    stopped: bool,
    /// Holds what keeps other processes from writing.
    _backend: Arc<B>,
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
            self.transact(&batch).map_err(|e| self.failed(e))
        };
        match done {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    // A requester that went away loses only the answer, not the commit.
                    let _ = job.answer.send(outcome);
                }
            }
            Err(error) => {
                // Not one of them is on the disk. The first gets the cause; the others, which
                // cannot share it, a fresh one of the same kind.
                let kind = same_kind(&error);
                let mut error = Some(error);
                for job in batch {
                    let answer = error.take().unwrap_or_else(|| kind(self.record.clone()));
                    let _ = job.answer.send(Err(answer));
                }
            }
        }
    }

    fn transact(&mut self, batch: &[Job]) -> Result<Vec<Answer>, SqlError> {
        let db: &mut dyn Database = &mut self.connection;
        db.begin(Transaction::Write)?;
        let mut head = journal::head(db)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut status_changes = false;
        for job in batch {
            db.savepoint()?;
            match change(db, head, &job.change) {
                Ok(next) => {
                    head = next;
                    status_changes |= apply::changes_status(&job.change.act);
                    outcomes.push(Ok(head.seq));
                }
                Err(SqlError::Unique(error) | SqlError::Refused(error)) => {
                    db.rollback_to_savepoint()?;
                    outcomes.push(Err(error));
                }
                Err(failed @ SqlError::Failed { .. }) => return Err(failed),
            }
            db.release_savepoint()?;
        }
        if status_changes {
            db.execute("UPDATE status_version SET version = version + 1", &[])?;
        }
        db.commit()?;
        Ok(outcomes)
    }

    /// Undoes everything and decides whether this process may go on writing.
    fn failed(&mut self, error: SqlError) -> StoreError {
        let fatal = matches!(error, SqlError::Failed { fatal: true, .. });
        let undone = self.connection.is_idle() || self.connection.rollback().is_ok();
        if fatal || !undone {
            self.stopped = true;
        }
        error.into()
    }
}

/// One change: its effect on the tables and its record in the journal.
fn change(db: &mut dyn Database, head: Head, change: &Change) -> Result<Head, SqlError> {
    let seq = head.seq + 1;
    apply::effect(db, change.at, &change.act)?;
    let record = encode(change).map_err(|e| db.damaged(e.to_string()))?;
    let hash = chain(seq, &head.hash, &record);
    db.execute(
        "INSERT INTO journal (seq, prev, record, hash) VALUES (?1, ?2, ?3, ?4)",
        &[
            seq.into(),
            (&head.hash).into(),
            (&record).into(),
            (&hash).into(),
        ],
    )?;
    Ok(Head { seq, hash })
}

fn same_kind(error: &StoreError) -> fn(RecordName) -> StoreError {
    match error {
        StoreError::Locked(_) => StoreError::Locked,
        StoreError::ReadOnly(_) => StoreError::ReadOnly,
        StoreError::DiskFull(_) => StoreError::DiskFull,
        _ => StoreError::Stopped,
    }
}
