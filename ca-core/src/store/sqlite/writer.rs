//! Group commit: one thread owns the only connection that writes. It takes every change that is
//! waiting, commits them in one transaction, one fsync, and only then answers each.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::apply::{self, Failure};
use super::connect::{is_io_failure, translate};
use crate::journal::{self, ChainHash, GENESIS};
use crate::store::{Change, StoreError};

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
    path: Arc<PathBuf>,
}

impl Writer {
    pub(super) fn start(connection: Connection, path: Arc<PathBuf>) -> Result<Self, StoreError> {
        let head = read_head(&connection).map_err(|e| translate(&path, e))?;
        let (jobs, inbox) = channel();
        let state = State {
            connection,
            head,
            path: path.clone(),
            stopped: false,
        };
        let thread = std::thread::Builder::new()
            .name("record-writer".into())
            .spawn(move || state.run(&inbox))
            .map_err(|source| StoreError::Open {
                path: path.to_path_buf(),
                source,
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            path,
        })
    }

    /// Waits until `change` is on the disk.
    pub(super) fn commit(&self, change: Change) -> Answer {
        let stopped = || StoreError::Stopped(self.path.to_path_buf());
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

#[derive(Clone, Copy)]
struct Head {
    seq: u64,
    hash: ChainHash,
}

struct State {
    connection: Connection,
    head: Head,
    path: Arc<PathBuf>,
    stopped: bool,
}

impl State {
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
        let before = self.head;
        let mut outcomes = Vec::with_capacity(batch.len());
        let done = if self.stopped {
            Err(StoreError::Stopped(self.path.to_path_buf()))
        } else {
            self.transact(&batch, &mut outcomes)
                .map_err(|e| self.failed(e, before))
        };
        match done {
            Ok(()) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    // A requester that went away loses only the answer, not the commit.
                    let _ = job.answer.send(outcome);
                }
            }
            Err(error) => {
                // Not one of them is on the disk. The first gets the cause; the others, which
                // cannot share it, a fresh one of the same kind.
                let kind = same_kind(&error, &self.path);
                let mut error = Some(error);
                for job in batch {
                    let answer = error.take().unwrap_or_else(&kind);
                    let _ = job.answer.send(Err(answer));
                }
            }
        }
    }

    fn transact(
        &mut self,
        batch: &[Job],
        outcomes: &mut Vec<Answer>,
    ) -> Result<(), rusqlite::Error> {
        let run = |c: &Connection, sql| c.prepare_cached(sql)?.execute([]).map(drop);
        run(&self.connection, "BEGIN IMMEDIATE")?;
        let mut status_changes = false;
        for job in batch {
            run(&self.connection, "SAVEPOINT one")?;
            match self.apply(&job.change) {
                Ok(head) => {
                    self.head = head;
                    status_changes |= apply::changes_status(&job.change.act);
                    outcomes.push(Ok(head.seq));
                }
                Err(Failure::Refused(error)) => {
                    run(&self.connection, "ROLLBACK TO one")?;
                    outcomes.push(Err(error));
                }
                Err(Failure::Database(error)) => return Err(error),
            }
            run(&self.connection, "RELEASE one")?;
        }
        if status_changes {
            run(
                &self.connection,
                "UPDATE status_version SET version = version + 1",
            )?;
        }
        run(&self.connection, "COMMIT")
    }

    fn apply(&self, change: &Change) -> Result<Head, Failure> {
        let seq = self.head.seq + 1;
        apply::effect(&self.connection, change.at, &change.act)?;
        let record = journal::encode(change).map_err(|e| {
            Failure::Refused(StoreError::Damaged {
                path: self.path.to_path_buf(),
                what: e.to_string(),
            })
        })?;
        let hash = journal::chain(seq, &self.head.hash, &record);
        self.connection
            .prepare_cached("INSERT INTO journal (seq, prev, record, hash) VALUES (?, ?, ?, ?)")?
            .execute((apply::integer(seq), &self.head.hash, &record, &hash))?;
        Ok(Head { seq, hash })
    }

    /// Undoes everything and decides whether this process may go on writing.
    fn failed(&mut self, error: rusqlite::Error, before: Head) -> StoreError {
        self.head = before;
        let rolled_back =
            self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok();
        if is_io_failure(&error) || !rolled_back {
            self.stopped = true;
        }
        translate(&self.path, error)
    }
}

fn read_head(connection: &Connection) -> Result<Head, rusqlite::Error> {
    use rusqlite::OptionalExtension as _;
    let last = connection
        .query_row(
            "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1",
            [],
            |row| {
                Ok(Head {
                    seq: super::read::unsigned(row, 0)?,
                    hash: row.get(1)?,
                })
            },
        )
        .optional()?;
    Ok(last.unwrap_or(Head {
        seq: 0,
        hash: GENESIS,
    }))
}

fn same_kind(error: &StoreError, path: &Path) -> impl Fn() -> StoreError + use<> {
    let make: fn(PathBuf) -> StoreError = match error {
        StoreError::Locked(_) => StoreError::Locked,
        StoreError::ReadOnly(_) => StoreError::ReadOnly,
        StoreError::DiskFull(_) => StoreError::DiskFull,
        _ => StoreError::Stopped,
    };
    let path = path.to_owned();
    move || make(path.clone())
}
