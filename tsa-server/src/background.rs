//! A thread that does something again and again until its owner drops it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Such a thread. Dropping it does not wait for the step that is under way.
#[derive(Debug)]
pub struct Background(Arc<(Mutex<bool>, Condvar)>);

impl Background {
    /// Calls `step` every `pause`, the first time after one.
    ///
    /// # Errors
    /// Where there is no thread to be had.
    pub fn start(
        name: &str,
        pause: Duration,
        mut step: impl FnMut() + Send + 'static,
    ) -> io::Result<Self> {
        let stop: Arc<(Mutex<bool>, Condvar)> = Arc::default();
        let stopped = Arc::clone(&stop);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while !stopped_within(&stopped, pause) {
                    step();
                }
            })?;
        Ok(Self(stop))
    }
}

fn stopped_within((flag, wake): &(Mutex<bool>, Condvar), pause: Duration) -> bool {
    let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = wake.wait_timeout_while(flag, pause, |stop| !*stop);
    let (stop, _) = waited.unwrap_or_else(PoisonError::into_inner);
    *stop
}

impl Drop for Background {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}
