//! Ctrl-C: the documents in hand are finished, no further one is begun. The second one ends the
//! program at once, which leaves nothing half-written either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cli_support::Failure;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Set by SIGINT and SIGTERM.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn on_signals() -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The first of the two looks at what the second set the time before.
            flag::register_conditional_default(signal, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Self(stop))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
