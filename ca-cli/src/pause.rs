//! Waiting between rounds of work, which SIGTERM and SIGINT end.
//!
//! From [`Pause::new`] on a signal no longer ends the program by itself: a round that it finds begun is
//! finished first.

use core::ops::ControlFlow;
use core::time::Duration;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Only waits: the work is done outside its runtime, because a database's client has one of its own.
pub(crate) struct Pause {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Pause {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        drop(entered);
        Ok(Self {
            runtime,
            terminate,
            interrupt,
        })
    }

    /// Waits this long, or breaks at a signal, also at one that came since the last wait.
    pub(crate) fn wait(&mut self, long: Duration) -> ControlFlow<()> {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.terminate.recv() => ControlFlow::Break(()),
                _ = self.interrupt.recv() => ControlFlow::Break(()),
                () = tokio::time::sleep(long) => ControlFlow::Continue(()),
            }
        })
    }
}
