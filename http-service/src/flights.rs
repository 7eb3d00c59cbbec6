//! One job for all who wait for the same result.
//!
//! A thousand clients that ask about one certificate at the moment its answer has aged need one
//! signature, not a thousand: the first to ask flies, the others wait for the landing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use hsm_pkcs11::Pace;
use tokio::sync::watch;

use crate::workers::{NotRun, Workers};

type Board<K, V> = Mutex<HashMap<K, watch::Receiver<Option<V>>>>;

/// Jobs under way, by what they are about.
#[derive(Debug)]
pub struct Flights<K, V>(Arc<Board<K, V>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Runs `job`, or waits for the one under way for an equal `key`. The key holds everything the
    /// result depends on. A job of an immediate pace is over before anybody could wait for it, and
    /// keeps its result for others itself.
    ///
    /// # Errors
    /// [`NotRun`], for all who wait alike.
    pub async fn run<F>(&self, workers: &Workers, pace: Pace, key: K, job: F) -> Result<V, NotRun>
    where
        F: FnOnce() -> V + Send + 'static,
    {
        if pace == Pace::Immediate {
            return workers.run_at(pace, job).await;
        }
        match self.board(key) {
            Seat::Passenger(mut landing) => match landing.wait_for(Option::is_some).await {
                Ok(value) => value.clone().ok_or(NotRun::Failed),
                // It never started, or crashed.
                Err(_) => Err(NotRun::Busy),
            },
            Seat::Pilot(flight) => {
                workers
                    .run(move || {
                        let value = job();
                        flight.landing.send_replace(Some(value.clone()));
                        value
                    })
                    .await
            }
        }
    }

    fn board(&self, key: K) -> Seat<K, V> {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(landing) = board.get(&key) {
            return Seat::Passenger(landing.clone());
        }
        let (landing, seen) = watch::channel(None);
        board.insert(key.clone(), seen);
        Seat::Pilot(Flight {
            board: Arc::clone(&self.0),
            key,
            landing,
        })
    }
}

enum Seat<K: Eq + Hash, V> {
    Pilot(Flight<K, V>),
    Passenger(watch::Receiver<Option<V>>),
}

/// A job under way; off the board when it ends, however it ends.
struct Flight<K: Eq + Hash, V> {
    board: Arc<Board<K, V>>,
    key: K,
    landing: watch::Sender<Option<V>>,
}

impl<K: Eq + Hash, V> Drop for Flight<K, V> {
    fn drop(&mut self) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn equal_jobs_run_once_and_a_lost_one_leaves_nobody_waiting() {
        let workers = Arc::new(Workers::new(4, 100, Duration::from_secs(5)));
        let flights = Arc::new(Flights::<u8, usize>::default());
        let runs = Arc::new(AtomicUsize::new(0));
        let ask = |key: u8| {
            let (workers, flights, runs) = (workers.clone(), flights.clone(), runs.clone());
            tokio::spawn(async move {
                let job = move || {
                    std::thread::sleep(Duration::from_millis(100));
                    let run = runs.fetch_add(1, Ordering::SeqCst);
                    assert!(key != 9, "crash");
                    run
                };
                flights.run(&workers, Pace::Waits, key, job).await
            })
        };
        let equal: Vec<_> = (0..20).map(|_| ask(1)).collect();
        for asked in equal {
            assert_eq!(asked.await.unwrap(), Ok(0));
        }
        assert_eq!(ask(1).await.unwrap(), Ok(1));
        let lost: Vec<_> = (0..3).map(|_| ask(9)).collect();
        for asked in lost {
            asked.await.unwrap().unwrap_err();
        }
        assert!(flights.0.lock().unwrap().is_empty());
    }
}
