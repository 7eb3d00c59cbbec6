//! A thread that does something again and again until its owner drops it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long dropping waits for a step that is under way.
const FAREWELL: Duration = Duration::from_secs(5);

/// Such a thread. Dropping it ends it, unless a step takes longer than five seconds: one that used a
/// token must be gone before the process runs what the token's module does at its end.
#[derive(Debug)]
pub struct Background {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stop: bool,
    /// No step will begin any more.
    left: bool,
}

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
        let shared: Arc<Shared> = Arc::default();
        let leaving = Leaving(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while !leaving.0.stopped_within(pause) {
                    step();
                }
            })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped_within(&self, pause: Duration) -> bool {
        self.waited(pause, |state| state.stop)
    }

    /// Waits until `done`, and tells whether it came to that.
    fn waited(&self, time: Duration, done: impl Fn(&State) -> bool) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), time, |state| !done(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        done(&state)
    }
}

/// Held by the thread, and dropped by a panic in a step, too.
struct Leaving(Arc<Shared>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.lock().left = true;
        self.0.changed.notify_all();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        if self.shared.waited(FAREWELL, |state| state.left)
            && let Some(thread) = self.thread.take()
        {
            // One that panicked has ended, too.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    #[test]
    fn what_a_step_used_is_let_go_when_the_owner_is_gone() {
        let used = Arc::new(());
        let (begun, begins) = channel();
        let kept = Arc::clone(&used);
        let background = Background::start("b", Duration::from_millis(1), move || {
            let _ = begun.send(());
            std::thread::sleep(Duration::from_millis(50));
            let _ = &kept;
        });
        begins.recv().unwrap();
        drop(background.unwrap());
        assert_eq!(Arc::strong_count(&used), 1);
    }

    #[test]
    fn a_pause_is_not_waited_for_and_a_panic_is_no_end_of_waiting() {
        let started = Instant::now();
        drop(Background::start("b", Duration::from_secs(3600), || {}).unwrap());
        let (begun, begins) = channel::<()>();
        let panics = Background::start("b", Duration::from_millis(1), move || {
            drop(begun.clone());
            std::panic::resume_unwind(Box::new("a step that panics"));
        });
        let panics = panics.unwrap();
        // The sender goes with the closure.
        assert!(begins.recv().is_err());
        drop(panics);
        assert!(started.elapsed() < FAREWELL);
    }
}
