//! References that the clock is held against, and the thread that asks them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::guard::{ClockFault, Confirmation, Guard};
use super::{Reading, TimeSource};
use crate::background::Background;

/// Something that knows the time.
pub trait Reference: std::fmt::Debug + Send + Sync {
    /// How it is called in the configuration and in the log.
    fn name(&self) -> String;

    /// Compares it with the clock now. Blocks for seconds at most.
    ///
    /// # Errors
    /// Why it gave no time.
    fn sample(&self, clock: &dyn TimeSource) -> Result<Sample, ReferenceError>;
}

/// One comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
    /// Reference minus clock, in nanoseconds.
    pub offset: i64,
    /// How far the reference plus the way to it may be wrong, in nanoseconds.
    pub distance: u64,
    /// It announces a leap second.
    pub leap: bool,
}

/// Why a reference gave no time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// Name resolution or the network.
    #[error("no answer")]
    Io(#[from] io::Error),
    /// Not an NTP answer, or one whose times contradict each other.
    #[error("its answer is malformed")]
    Malformed,
    /// Its answer belongs to no question of ours.
    #[error("its answer is not to our question")]
    OtherQuestion,
    /// It is not synchronised itself, or refuses to serve.
    #[error("it has no time to give")]
    Unsynchronised,
}

/// What several references together say, `None` being one that gave no time. More than half of them
/// must be sure that the clock is within `tolerance`, or that it is not.
#[must_use]
pub fn verdict(samples: &[Option<Sample>], tolerance: Duration) -> Confirmation {
    let tolerance = u64::try_from(tolerance.as_nanos()).unwrap_or(u64::MAX);
    let given: Vec<&Sample> = samples.iter().flatten().collect();
    let most = samples.len() / 2 + 1;
    let count = |which: &dyn Fn(&&&Sample) -> bool| given.iter().filter(which).count();
    let right = |s: &&&Sample| s.offset.unsigned_abs().saturating_add(s.distance) <= tolerance;
    let wrong = |s: &&&Sample| s.offset.unsigned_abs().saturating_sub(s.distance) > tolerance;
    let median = |of: &dyn Fn(&&&Sample) -> bool| {
        let mut offsets: Vec<i64> = given.iter().filter(of).map(|s| s.offset).collect();
        offsets.sort_unstable();
        offsets.get(offsets.len() / 2).copied().unwrap_or_default()
    };
    if count(&right) >= most {
        Confirmation::Confirmed {
            offset: median(&right),
            leap: count(&|s| s.leap) >= most,
        }
    } else if count(&wrong) >= most {
        Confirmation::Contradicted {
            offset: median(&wrong),
        }
    } else {
        Confirmation::Silent
    }
}

/// How long all references together may take. One that resolves names may hang for longer, which nobody
/// can cut short; its answer does not count then.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// References that are asked together.
#[derive(Debug)]
pub struct References {
    list: Vec<Arc<Asked>>,
    /// Two who ask at one time do so one after the other.
    asking: Mutex<()>,
}

/// A reference and whether it is still busy with an earlier question.
#[derive(Debug)]
struct Asked {
    reference: Box<dyn Reference>,
    busy: AtomicBool,
}

impl References {
    /// These, in this order.
    #[must_use]
    pub fn new(references: Vec<Box<dyn Reference>>) -> Self {
        let asked = |reference| {
            Arc::new(Asked {
                reference,
                busy: AtomicBool::new(false),
            })
        };
        Self {
            list: references.into_iter().map(asked).collect(),
            asking: Mutex::new(()),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Asks all of them once, at one time, and tells the guard, after [`PATIENCE`] at the latest.
    pub fn check(&self, guard: &Guard) {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let reading: Reading = guard.source().read();
        let mut samples = vec![None; self.list.len()];
        let (answer, answers) = mpsc::channel();
        for (at, asked) in self.list.iter().enumerate() {
            asked.ask(at, Arc::clone(guard.source()), answer.clone());
        }
        drop(answer);
        let end = Instant::now() + PATIENCE;
        // Ends early when nobody is left who could answer.
        while let Ok((at, sample)) =
            answers.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            samples[at] = sample;
        }
        guard.confirm(reading, verdict(&samples, guard.tolerance()));
    }
}

impl Asked {
    /// Asks on a thread of its own: of each reference there is one at most, however long it hangs.
    fn ask(
        self: &Arc<Self>,
        at: usize,
        clock: Arc<dyn TimeSource>,
        answer: mpsc::Sender<(usize, Option<Sample>)>,
    ) {
        if self.busy.swap(true, Ordering::AcqRel) {
            let reference = self.reference.name();
            tracing::warn!(reference, "a reference still owes the last answer");
            return;
        }
        let this = Arc::clone(self);
        let asking = move || {
            let sample = ask(&*this.reference, &*clock);
            this.busy.store(false, Ordering::Release);
            // Nobody waits for what comes too late.
            let _ = answer.send((at, sample));
        };
        let thread = std::thread::Builder::new().name("clock-reference".into());
        if let Err(error) = thread.spawn(asking) {
            self.busy.store(false, Ordering::Release);
            tracing::error!(%error, "no thread to ask a reference");
        }
    }
}

fn ask(reference: &dyn Reference, clock: &dyn TimeSource) -> Option<Sample> {
    match reference.sample(clock) {
        Ok(sample) => {
            tracing::debug!(
                reference = reference.name(),
                offset_ns = sample.offset,
                distance_ns = sample.distance,
                "the clock was compared"
            );
            Some(sample)
        }
        Err(error) => {
            tracing::warn!(
                reference = reference.name(),
                error = http_service::with_causes(&error),
                "a reference gave no time"
            );
            None
        }
    }
}

/// While the guard refuses, the references are asked this often: a refusal should not outlast its
/// cause.
const WHILE_REFUSING: Duration = Duration::from_secs(4);

/// Asks the references once before it returns, which takes [`PATIENCE`] at most, and from then on every `interval`.
///
/// # Errors
/// Where there is no thread to be had.
pub fn monitor(
    references: Arc<References>,
    guard: Arc<Guard>,
    interval: Duration,
) -> io::Result<Background> {
    references.check(&guard);
    let mut asked = Instant::now();
    let pause = interval.min(WHILE_REFUSING);
    Background::start("clock-references", pause, move || {
        let due = match guard.check_now() {
            // Behind the last time-stamp: only time helps.
            Ok(_) | Err(ClockFault::Behind { .. }) => asked.elapsed() >= interval,
            Err(_) => true,
        };
        if due {
            references.check(&guard);
            asked = Instant::now();
        }
    })
}
