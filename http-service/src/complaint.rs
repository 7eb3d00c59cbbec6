//! A complaint for the log, at most once a second: under attack each request would log it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(1);

/// When something was last complained about, and how often it was not.
#[derive(Debug, Default)]
pub struct Complaint {
    last: Mutex<Option<Instant>>,
    held_back: AtomicU64,
}

impl Complaint {
    /// Whether to log it now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.duration_since(last) >= PAUSE);
        if due {
            *last = Some(now);
        } else {
            self.held_back.fetch_add(1, Ordering::Relaxed);
        }
        due
    }

    /// How often it was not logged since it was last asked.
    #[must_use]
    pub fn held_back(&self) -> u64 {
        self.held_back.swap(0, Ordering::Relaxed)
    }
}
