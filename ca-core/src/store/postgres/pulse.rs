//! The pulse of a record: an empty transaction every two seconds. A copy that follows dates what it shows
//! by the transaction it replayed last, and on a primary where nobody issues there would be none for
//! hours: a copy that lost its primary could not be told from one that has nothing to follow.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::client::Client;
use super::location::PostgresLocation;
use super::session;
use crate::store::StoreError;

/// From one to the next.
const INTERVAL: Duration = Duration::from_secs(2);

/// It writes to the log, and only there: no table, no row to clean up. It has a commit, as copies look for
/// that; nobody waits until it is on the disk.
const BEAT: &str = "SELECT pg_logical_emit_message(true, 'sceau', '')";

/// Goes on until it is dropped.
#[derive(Debug)]
pub struct Pulse {
    /// `None` only while being dropped.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    pub(in crate::store) fn start(location: &PostgresLocation) -> Result<Self, StoreError> {
        let location = location.primary();
        let record = location.name().clone();
        let (end, ended) = channel();
        let thread = std::thread::Builder::new()
            .name("record-pulse".into())
            .spawn(move || {
                let mut session = None;
                loop {
                    session = beat(&location, session.take());
                    match ended.recv_timeout(INTERVAL) {
                        Err(RecvTimeoutError::Timeout) => {}
                        Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            })
            .map_err(|source| StoreError::Open { record, source })?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

/// One beat, and the session for the next one where this one came through.
fn beat(location: &PostgresLocation, session: Option<Client>) -> Option<Client> {
    let kept = session.map_or_else(|| session::pulse(location), Ok);
    let beaten = kept.and_then(|mut client| {
        let done = client.script(BEAT);
        done.map_err(|e| super::error::translate(location.name(), e))?;
        Ok(client)
    });
    match beaten {
        Ok(client) => Some(client),
        Err(error) => {
            // The copies notice by themselves, and whoever issues will be told.
            tracing::debug!(%error, "no pulse");
            None
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
