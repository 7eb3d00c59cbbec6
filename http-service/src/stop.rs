//! The order to stop, as every connection sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

/// How far stopping has come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Serving.
    Running = 0,
    /// No new connections; requests under way are answered, idle connections closed.
    Draining = 1,
    /// The drain time is over: every connection is dropped.
    Killed = 2,
}

/// A handle to stop a server; clones stop the same one.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    // Connections look at the flag on every poll, which costs a relaxed load; the channel only
    // wakes them, once.
    phase: AtomicU8,
    wake: watch::Sender<()>,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// A handle nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            phase: AtomicU8::new(Phase::Running as u8),
            wake: watch::Sender::new(()),
        }))
    }

    /// Asks the server to stop: requests under way are answered first.
    pub fn stop(&self) {
        self.enter(Phase::Draining);
    }

    /// Whether it has been asked to.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.phase() != Phase::Running
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.0.phase.fetch_max(phase as u8, Ordering::SeqCst);
        self.0.wake.send_modify(|()| {});
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.0.phase.load(Ordering::Relaxed) {
            0 => Phase::Running,
            1 => Phase::Draining,
            _ => Phase::Killed,
        }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.0.wake.subscribe()
    }

    /// Completes once [`Stop::stop`] has been called.
    pub async fn stopped(&self) {
        let mut wake = self.subscribe();
        while self.phase() == Phase::Running {
            // The sender lives as long as `self`.
            if wake.changed().await.is_err() {
                return;
            }
        }
    }
}
