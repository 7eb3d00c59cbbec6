//! A bounded queue from many callers to a few workers.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::module::lock;

pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    capacity: usize,
    /// Something was put in, or the queue was closed.
    filled: Condvar,
    /// Something was taken out, or a consumer left.
    emptied: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    consumers: usize,
    closed: bool,
}

/// Why nothing was put in.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Full {
    /// No room until the deadline.
    Late,
    /// The queue is closed, or nobody takes anything out any more.
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::with_capacity(capacity),
                consumers: 0,
                closed: false,
            }),
            capacity,
            filled: Condvar::new(),
            emptied: Condvar::new(),
        }
    }

    /// Puts an item in, waiting for room until `deadline`.
    pub(super) fn push(&self, item: T, deadline: Instant) -> Result<(), Full> {
        let mut state = lock(&self.state);
        loop {
            if state.closed || state.consumers == 0 {
                return Err(Full::Closed);
            }
            if state.items.len() < self.capacity {
                state.items.push_back(item);
                drop(state);
                self.filled.notify_one();
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Full::Late);
            }
            let waited = self.emptied.wait_timeout(state, left);
            state = waited.unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    /// Takes an item out; `None` when the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<T> {
        let mut state = lock(&self.state);
        loop {
            if let Some(item) = state.items.pop_front() {
                drop(state);
                self.emptied.notify_one();
                return Some(item);
            }
            if state.closed {
                return None;
            }
            let waited = self.filled.wait(state);
            state = waited.unwrap_or_else(|e| e.into_inner());
        }
    }

    /// Counts a consumer in; it is counted out when the guard is dropped, even by a panic.
    pub(super) fn consumer(&self) -> Consumer<'_, T> {
        lock(&self.state).consumers += 1;
        Consumer(self)
    }

    /// Closes the queue and waits for the consumers to leave, until `deadline`; tells whether they did.
    pub(super) fn close(&self, deadline: Instant) -> bool {
        let mut state = lock(&self.state);
        state.closed = true;
        self.filled.notify_all();
        self.emptied.notify_all();
        while state.consumers > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.emptied.wait_timeout(state, left);
            state = waited.unwrap_or_else(|e| e.into_inner()).0;
        }
        true
    }
}

pub(super) struct Consumer<'a, T>(&'a Queue<T>);

impl<T> Drop for Consumer<'_, T> {
    fn drop(&mut self) {
        lock(&self.0.state).consumers -= 1;
        self.0.emptied.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_full_queue_does_not_wait_for_ever() {
        let queue = Queue::new(1);
        let soon = || Instant::now() + Duration::from_millis(20);
        assert_eq!(queue.push(0, soon()), Err(Full::Closed));
        let consumer = queue.consumer();
        assert_eq!(queue.push(1, soon()), Ok(()));
        assert_eq!(queue.push(2, soon()), Err(Full::Late));
        assert_eq!(queue.pop(), Some(1));
        assert!(!queue.close(soon()));
        drop(consumer);
        assert!(queue.close(soon()));
        assert_eq!(queue.pop(), None::<i32>);
        assert_eq!(queue.push(3, soon()), Err(Full::Closed));
    }
}
