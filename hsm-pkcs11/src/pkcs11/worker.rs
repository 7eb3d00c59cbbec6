//! Session workers: one thread for each session, a bounded queue in front, a reply to each caller.
//!
//! A session that is lost is reopened by its worker, which tries the signature once more. What a
//! session does goes through [`Link`], so that tests can break it at any call.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::call::{heals, was_not_asked};
use super::mechanism::Mech;
use super::queue::{Full, Queue};
use crate::open::Recovery;
use crate::token_error::TokenError;

/// Jobs that may wait for each session.
const QUEUE_PER_SESSION: usize = 64;
/// How often, for one signature, a new session may be given up together with the old ones.
const TAKEN_FOR_OLD: usize = 3;
/// How long dropping the pool waits for workers that still sign.
const FAREWELL: Duration = Duration::from_secs(5);

/// Opens sessions with one key.
pub(super) trait Connect: Send + Sync + 'static {
    type Link: Link;

    /// Opens a session, logs in if that is needed, finds the key.
    fn connect(&self) -> Result<Self::Link, TokenError>;
}

/// An open session and its handle of the key.
pub(super) trait Link: Send + 'static {
    fn sign(&mut self, input: &Input) -> Result<Vec<u8>, TokenError>;
}

/// What a session signs.
pub(super) struct Input {
    pub(super) mech: Mech,
    pub(super) data: Vec<u8>,
    /// The PIN for this signature, where it was asked for.
    pub(super) pin: Option<SecretString>,
}

/// The workers of one key.
pub(super) struct Pool {
    queue: Arc<Queue<Job>>,
    /// The key, for messages.
    key: String,
    timeout: Duration,
    threads: Vec<JoinHandle<()>>,
}

struct Job {
    input: Input,
    deadline: Instant,
    reply: SyncSender<Result<Vec<u8>, TokenError>>,
}

impl Pool {
    /// Opens the sessions and starts their threads. Where the token has fewer sessions free than
    /// asked for, it goes on with those; one is needed.
    pub(super) fn start<C: Connect>(
        connect: C,
        sessions: usize,
        recovery: Recovery,
        key: &str,
        timeout: Duration,
    ) -> Result<Self, TokenError> {
        let sessions = sessions.max(1);
        let connect = Arc::new(connect);
        let mut pool = Self {
            queue: Arc::new(Queue::new(sessions.saturating_mul(QUEUE_PER_SESSION))),
            key: key.to_owned(),
            timeout,
            threads: Vec::new(),
        };
        let mut links = Vec::new();
        for opened in 0..sessions {
            match connect.connect() {
                Ok(link) => links.push(link),
                Err(error @ TokenError::TooManySessions { .. }) if opened > 0 => {
                    tracing::warn!(key, %error, "going on with {opened} of {sessions} sessions");
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let (ready, started) = sync_channel(links.len());
        for (number, link) in links.into_iter().enumerate() {
            let queue = Arc::clone(&pool.queue);
            let ready = ready.clone();
            let mut worker = Worker {
                connect: Arc::clone(&connect),
                link: Some(link),
                recovery,
                key: key.to_owned(),
            };
            let thread = thread::Builder::new()
                .name(format!("pkcs11-{number}"))
                .spawn(move || {
                    let _counted = queue.consumer();
                    let _ = ready.send(());
                    drop(ready);
                    worker.run(&queue);
                })
                .map_err(|e| TokenError::NoThread {
                    key: key.to_owned(),
                    reason: e.to_string(),
                })?;
            pool.threads.push(thread);
        }
        drop(ready);
        // Every worker is counted in before the first job arrives.
        while started.recv().is_ok() {}
        Ok(pool)
    }

    /// Signs in whichever session is free first.
    pub(super) fn sign(&self, input: Input) -> Result<Vec<u8>, TokenError> {
        let late = || TokenError::Timeout {
            key: self.key.clone(),
            after: self.timeout,
        };
        let stopped = || TokenError::Stopped {
            key: self.key.clone(),
        };
        let deadline = Instant::now() + self.timeout;
        let (reply, answer) = sync_channel(1);
        let job = Job {
            input,
            deadline,
            reply,
        };
        self.queue.push(job, deadline).map_err(|full| match full {
            Full::Late => late(),
            Full::Closed => stopped(),
        })?;
        match answer.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(late()),
            Err(RecvTimeoutError::Disconnected) => Err(stopped()),
        }
    }
}

/// Sessions are closed and threads have ended before the pool is gone, unless the token hangs. A
/// thread that is still on its way out when the process ends would run what the module does at a
/// thread's end beside what it does at the process's: with SoftHSM, OpenSSL frees the same twice.
impl Drop for Pool {
    fn drop(&mut self) {
        if !self.queue.close(Instant::now() + FAREWELL) {
            return;
        }
        for thread in self.threads.drain(..) {
            // One that panicked has ended, too.
            let _ = thread.join();
        }
    }
}

struct Worker<C: Connect> {
    connect: Arc<C>,
    link: Option<C::Link>,
    recovery: Recovery,
    key: String,
}

impl<C: Connect> Worker<C> {
    fn run(&mut self, queue: &Queue<Job>) {
        while let Some(job) = queue.pop() {
            // Its caller has given up.
            if Instant::now() >= job.deadline {
                continue;
            }
            let result = self.sign(&job.input);
            let _ = job.reply.send(result);
        }
        self.link = None;
    }

    fn sign(&mut self, input: &Input) -> Result<Vec<u8>, TokenError> {
        let fresh = self.link.is_none();
        let first = self.attempt(input);
        match first {
            Err(error) if self.recovery == Recovery::Reopen && heals(&error) => {
                // The old session goes before the new one comes.
                self.link = None;
                if fresh {
                    return Err(error);
                }
                tracing::warn!(key = %self.key, %error, "reopening the session");
                let mut again = self.reconnect().and_then(|()| self.attempt(input));
                // A sibling that found its own session dead took the new one for one of the old.
                for _ in 0..TAKEN_FOR_OLD {
                    if !again.as_ref().is_err_and(was_not_asked) {
                        break;
                    }
                    self.link = None;
                    again = self.reconnect().and_then(|()| self.attempt(input));
                }
                if again.as_ref().is_err_and(heals) {
                    self.link = None;
                }
                again
            }
            // A login for one signature that failed leaves the operation begun; only a new session is
            // without it.
            Err(error @ (TokenError::WrongPin { .. } | TokenError::PinLocked { .. }))
                if self.recovery == Recovery::Reopen =>
            {
                self.link = None;
                Err(error)
            }
            result => result,
        }
    }

    /// A new session. Where all sessions died at once, a sibling that still holds a number of old may
    /// close the new one that was given it, so one that is lost on the way is opened once more.
    fn reconnect(&mut self) -> Result<(), TokenError> {
        let link = match self.connect.connect() {
            Err(TokenError::SessionLost { .. }) => self.connect.connect()?,
            link => link?,
        };
        self.link = Some(link);
        Ok(())
    }

    fn attempt(&mut self, input: &Input) -> Result<Vec<u8>, TokenError> {
        let link = match &mut self.link {
            Some(link) => link,
            none => none.insert(self.connect.connect()?),
        };
        link.sign(input)
    }
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
