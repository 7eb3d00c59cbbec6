//! Work that waits (a token, RSA, a database) off the threads that serve connections, in bounded
//! number.
//!
//! Handing a job over costs two switches of threads, more than an ECDSA signature in memory does. So
//! a job whose [`Pace`] is immediate runs where the request is: at most as many at a time as there are
//! threads, and what waits for them waits in the connections, which are bounded too.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use hsm_pkcs11::Pace;
use tokio::sync::{Notify, oneshot};

/// A bounded door to threads that may wait: so many jobs at a time, so many waiting, none for longer
/// than the patience. Whoever finds it full is told at once, so ten times the load a token can carry
/// neither grows memory nor delays those who already wait.
///
/// Its threads start when they are needed and end with it.
#[derive(Debug)]
pub struct Workers {
    queue: Arc<Queue>,
    patience: Duration,
}

/// Why a job was not run to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRun {
    /// Too many are waiting, or the wait took too long.
    #[error("all workers are busy")]
    Busy,
    /// The job panicked, a defect.
    #[error("the job failed unexpectedly")]
    Failed,
}

#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    /// A job was put in, or the queue was closed.
    filled: Condvar,
    /// Threads at most, which is jobs at a time.
    running: usize,
    /// Jobs at most, running and waiting.
    admitted: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

type Job = Box<dyn FnOnce() + Send>;

/// Who has the job: nobody yet, a thread, or a caller who has given up.
struct Ticket(AtomicU8);

impl Ticket {
    const WAITING: u8 = 0;
    const BEGUN: u8 = 1;
    const ABANDONED: u8 = 2;

    fn take(&self, state: u8) -> bool {
        let taken =
            self.0
                .compare_exchange(Self::WAITING, state, Ordering::AcqRel, Ordering::Acquire);
        taken.is_ok()
    }
}

impl Workers {
    /// `running` jobs at a time and `waiting` more in the queue, each for at most `patience`.
    #[must_use]
    pub fn new(running: usize, waiting: usize, patience: Duration) -> Self {
        let running = running.max(1);
        Self {
            queue: Arc::new(Queue {
                state: Mutex::default(),
                filled: Condvar::new(),
                running,
                admitted: running.saturating_add(waiting),
            }),
            patience,
        }
    }

    /// Runs `job` here and now where its pace allows, else as [`Workers::run`] does.
    ///
    /// # Errors
    /// [`NotRun`].
    pub async fn run_at<T, F>(&self, pace: Pace, job: F) -> Result<T, NotRun>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match pace {
            Pace::Immediate => catch_unwind(AssertUnwindSafe(job)).map_err(|_| NotRun::Failed),
            Pace::Waits => self.run(job).await,
        }
    }

    /// Runs `job` on a thread that may wait.
    ///
    /// # Errors
    /// [`NotRun`]. A job that has begun runs to its end even where nobody waits for it any more.
    pub async fn run<T, F>(&self, job: F) -> Result<T, NotRun>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let ticket = Arc::new(Ticket(AtomicU8::new(Ticket::WAITING)));
        let (reply, mut answer) = oneshot::channel();
        let taken = Arc::clone(&ticket);
        let job = Box::new(move || {
            if taken.take(Ticket::BEGUN) {
                let _ = reply.send(job());
            }
        });
        if self.queue.push(job)? == Turn::Later {
            let early = tokio::time::timeout(self.patience, &mut answer).await;
            match early {
                Ok(answer) => return answer.map_err(|_| NotRun::Failed),
                Err(_) if ticket.take(Ticket::ABANDONED) => return Err(NotRun::Busy),
                // It has begun in the last moment.
                Err(_) => {}
            }
        }
        answer.await.map_err(|_| NotRun::Failed)
    }
}

impl Workers {
    /// Drives a future to its end whose steps may wait, each step on a thread that may. In between it
    /// takes no thread.
    ///
    /// # Errors
    /// [`NotRun`], as soon as a step is not run.
    pub(crate) async fn drive<F>(&self, future: F) -> Result<F::Output, NotRun>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        let woken = Arc::new(Woken(Notify::new()));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = Box::pin(future);
        loop {
            let waker = waker.clone();
            let step = move || {
                let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
                (future, polled)
            };
            match self.run(step).await? {
                (_, Poll::Ready(output)) => return Ok(output),
                (pending, Poll::Pending) => future = pending,
            }
            woken.0.notified().await;
        }
    }
}

/// The next step of a future is due.
struct Woken(Notify);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.filled.notify_all();
    }
}

/// When a job is begun.
#[derive(Eq, PartialEq)]
enum Turn {
    /// A thread is free.
    Now,
    /// Others are before it.
    Later,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, job: Job) -> Result<Turn, NotRun> {
        let mut state = self.lock();
        let busy = state.threads - state.idle;
        if busy + state.waiting.len() >= self.admitted {
            return Err(NotRun::Busy);
        }
        if state.waiting.len() >= state.idle && state.threads < self.running {
            match self.start() {
                Ok(()) => {
                    state.threads += 1;
                    state.idle += 1;
                }
                Err(error) => {
                    tracing::error!(%error, "no thread for a worker");
                    if state.threads == 0 {
                        return Err(NotRun::Busy);
                    }
                }
            }
        }
        let turn = if state.waiting.len() < state.idle {
            Turn::Now
        } else {
            Turn::Later
        };
        state.waiting.push_back(job);
        let asleep = state.idle > 0;
        drop(state);
        if asleep {
            self.filled.notify_one();
        }
        Ok(turn)
    }

    /// A thread that counts as idle when it begins.
    fn start(self: &Arc<Self>) -> std::io::Result<()> {
        let queue = Arc::clone(self);
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || queue.work())
            .map(drop)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                state.idle -= 1;
                drop(state);
                // The caller learns of a panic by the reply that never comes; the hook has logged it.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
                state.idle += 1;
            } else if state.closed {
                return;
            } else {
                let woken = self.filled.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("waiting", &self.waiting.len())
            .field("threads", &self.threads)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Barrier, mpsc};

    /// Workers with one thread, which waits until something is sent or the sender is gone.
    async fn blocked(waiting: usize, patience: Duration) -> (Arc<Workers>, mpsc::Sender<()>) {
        let workers = Arc::new(Workers::new(1, waiting, patience));
        let (release, wait) = mpsc::channel::<()>();
        let first = Arc::clone(&workers);
        let (begun, has_begun) = oneshot::channel();
        tokio::spawn(async move {
            first
                .run(move || {
                    let _ = begun.send(());
                    let _ = wait.recv();
                })
                .await
        });
        has_begun.await.unwrap();
        (workers, release)
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_instead_of_growing() {
        let (workers, release) = blocked(1, Duration::from_secs(60)).await;
        let second = Arc::clone(&workers);
        let second = tokio::spawn(async move { second.run(|| 2).await });
        while workers.queue.lock().waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(workers.run(|| 3).await, Err(NotRun::Busy));
        drop(release);
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!(workers.run(|| 4).await, Ok(4));
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_and_the_job_is_not_run_behind_his_back() {
        let (workers, release) = blocked(8, Duration::from_millis(50)).await;
        let (ran, has_run) = mpsc::channel();
        let late = workers.run(move || ran.send(())).await;
        assert_eq!(late.unwrap_err(), NotRun::Busy);
        drop(release);
        assert_eq!(workers.run(|| 1).await, Ok(1));
        // The job was before that one in the queue, and was dropped unrun.
        assert_eq!(has_run.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[tokio::test]
    async fn slow_jobs_run_side_by_side_up_to_the_number_of_threads() {
        let workers = Arc::new(Workers::new(8, 100, Duration::from_secs(60)));
        // A job ends only when seven others run beside it.
        let together = Arc::new(Barrier::new(8));
        let running = Arc::new(AtomicUsize::new(0));
        let jobs: Vec<_> = (0..32)
            .map(|_| {
                let workers = Arc::clone(&workers);
                let (together, running) = (Arc::clone(&together), Arc::clone(&running));
                let job = move || {
                    let beside = running.fetch_add(1, Ordering::SeqCst) + 1;
                    together.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                    beside
                };
                tokio::spawn(async move { workers.run(job).await })
            })
            .collect();
        for job in jobs {
            let ended = tokio::time::timeout(Duration::from_secs(60), job).await;
            let beside = ended.expect("eight do not run at a time").unwrap().unwrap();
            assert!(beside <= 8, "{beside}");
        }
        assert!(workers.queue.lock().threads <= 8);
    }

    #[tokio::test]
    async fn a_job_that_panics_costs_neither_its_thread_nor_the_caller() {
        let workers = Workers::new(1, 0, Duration::from_secs(60));
        for pace in [Pace::Waits, Pace::Immediate] {
            let failed = workers.run_at(pace, || panic!("on purpose")).await;
            assert_eq!(failed, Err::<(), _>(NotRun::Failed));
            // The thread may not be back yet; the queue has no room to wait in.
            while workers.run(|| 1).await == Err(NotRun::Busy) {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(workers.queue.lock().threads, 1);
    }
}
