//! Blocking work (HSM, database) off the threads that serve connections, in bounded number.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// A bounded door to the blocking threads: so many jobs at a time, so many waiting, none for longer
/// than the patience. Whoever finds it full is told at once, so ten times the load a token can carry
/// neither grows memory nor delays those who already wait.
#[derive(Debug)]
pub struct Workers {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
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

impl Workers {
    /// `running` jobs at a time and `waiting` more in the queue, each for at most `patience`.
    #[must_use]
    pub fn new(running: usize, waiting: usize, patience: Duration) -> Self {
        let running = running.max(1);
        let all = running.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        Self {
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(all)),
            patience,
        }
    }

    /// Runs `job` on a blocking thread.
    ///
    /// # Errors
    /// [`NotRun`]. A job that has begun runs to its end even where nobody waits for it any more.
    pub async fn run<T, F>(&self, job: F) -> Result<T, NotRun>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| NotRun::Busy)?;
        let running = match Arc::clone(&self.running).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => {
                tokio::time::timeout(self.patience, Arc::clone(&self.running).acquire_owned())
                    .await
                    .map_err(|_| NotRun::Busy)?
                    .map_err(|_| NotRun::Failed)?
            }
        };
        tokio::task::spawn_blocking(move || {
            // The slots belong to the job: a caller that gives up frees none of them.
            let _slots = (running, admitted);
            job()
        })
        .await
        .map_err(|_| NotRun::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_instead_of_growing() {
        let workers = Arc::new(Workers::new(1, 1, Duration::from_secs(60)));
        let (release, wait) = mpsc::channel::<()>();
        let first = Arc::clone(&workers);
        let first = tokio::spawn(async move { first.run(move || wait.recv().is_ok()).await });
        while workers.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = Arc::clone(&workers);
        let second = tokio::spawn(async move { second.run(|| 2).await });
        while workers.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(workers.run(|| 3).await, Err(NotRun::Busy));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!(workers.run(|| 4).await, Ok(4));
    }
}
