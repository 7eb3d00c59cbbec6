//! The authority: units, clock and journal behind one call.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use http_service::{Complaint, Health, NotRun, Workers, with_causes};
use pki_asn1::tsp::PkiFailureInfo;

use crate::clock::{Guard, Handing};
use crate::journal::{Entry, Journal};
use crate::metrics::Metrics;
use crate::offer::{Form, OfferedPolicy, Ordering};
use crate::query::{Query, Rejection};
use crate::token::{self, Serial, Statement, TokenError};
use crate::units::{Endpoint, Units};

/// How many may sign and wait.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// Signatures at one time.
    pub workers: usize,
    /// Requests that may wait for one of them.
    pub queue: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            workers: cores.max(4),
            queue: 1024,
        }
    }
}

/// How long a request may wait for a worker.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a token may wait for a genTime of its own, where ordering is claimed.
pub(crate) const AHEAD: Duration = Duration::from_secs(1);

/// For how long after a failed signature the authority says that it is not ready. Then a balancer
/// may try it again, for only a signature shows that the key is back.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// A time-stamping authority.
pub struct Tsa {
    units: RwLock<Arc<Units>>,
    policies: Vec<Arc<OfferedPolicy>>,
    form: Form,
    guard: Arc<Guard>,
    journal: Arc<Journal>,
    workers: Workers,
    metrics: Metrics,
    /// When the key last did not sign; `None` after it did.
    failed: Mutex<Option<Instant>>,
    complaint: Complaint,
}

/// There is no answer in the protocol; an HTTP matter.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unanswered {
    /// Too many requests wait for the key, or for a genTime of their own.
    #[error("too many requests are waiting")]
    Busy,
    /// The path names no unit.
    #[error("there is no time-stamping unit of this name")]
    NoUnit,
}

/// Why a query gets no token.
enum NoToken {
    Rejected(Rejection),
    Unanswered(Unanswered),
}

impl From<Rejection> for NoToken {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// A token that was signed and not yet released.
struct Signed {
    token: Vec<u8>,
    entry: Entry,
    /// When it may be released at the earliest.
    not_before: Option<Instant>,
}

impl Tsa {
    /// An authority that stamps with these units under these policies. `guard` hands out times as
    /// the form asks for.
    #[must_use]
    pub fn new(
        units: Units,
        policies: Vec<Arc<OfferedPolicy>>,
        form: Form,
        guard: Arc<Guard>,
        journal: Arc<Journal>,
        capacity: Capacity,
    ) -> Self {
        Self {
            units: RwLock::new(Arc::new(units)),
            policies,
            form,
            guard,
            journal,
            workers: Workers::new(capacity.workers, capacity.queue, PATIENCE),
            metrics: Metrics::default(),
            failed: Mutex::new(None),
            complaint: Complaint::default(),
        }
    }

    /// How the guard of an authority of this form hands out times.
    #[must_use]
    pub fn handing(form: Form) -> Handing {
        match form.ordering {
            Ordering::NotClaimed => Handing::Shared,
            Ordering::Claimed => Handing::Distinct {
                digits: form.digits,
                ahead: AHEAD,
            },
        }
    }

    /// The units as they are now.
    #[must_use]
    pub fn units(&self) -> Arc<Units> {
        Arc::clone(&self.units.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stamps with other units from now on. Requests under way end with the unit they began with.
    pub fn replace(&self, units: Units) {
        *self.units.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(units);
    }

    /// What is offered.
    #[must_use]
    pub fn policies(&self) -> &[Arc<OfferedPolicy>] {
        &self.policies
    }

    /// The clock.
    #[must_use]
    pub fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Answers one query, given as the DER it came in, with a `TimeStampResp` (DER): a token or a
    /// rejection. `unit` is the name of the unit that is to stamp, where the client chooses one. The
    /// token is in the journal when this returns.
    ///
    /// # Errors
    /// [`Unanswered`], for which there is no answer in the protocol.
    pub async fn answer(
        self: &Arc<Self>,
        unit: Option<&str>,
        query: &[u8],
    ) -> Result<Vec<u8>, Unanswered> {
        match self.token(unit, query).await {
            Ok(token) => {
                self.metrics.granted();
                Ok(token::granted(&token))
            }
            Err(NoToken::Rejected(rejection)) => {
                self.metrics.rejected(rejection.failure);
                // A constant text and a bit always encode.
                Ok(token::rejected(rejection.failure, rejection.reason).unwrap_or_default())
            }
            Err(NoToken::Unanswered(unanswered)) => {
                if unanswered == Unanswered::Busy {
                    self.metrics.busy();
                }
                Err(unanswered)
            }
        }
    }

    async fn token(self: &Arc<Self>, unit: Option<&str>, query: &[u8]) -> Result<Vec<u8>, NoToken> {
        let units = self.units();
        let Some(endpoint) = units.endpoint(unit) else {
            return Err(NoToken::Unanswered(Unanswered::NoUnit));
        };
        let query = Query::parse(query, &endpoint.policies)?;
        let this = Arc::clone(self);
        let endpoint = Arc::clone(endpoint);
        let pace = endpoint.pace();
        let job = move || this.sign(&endpoint, &query);
        let signed = match self.workers.run_at(pace, job).await {
            Ok(signed) => signed?,
            Err(NotRun::Busy) => return Err(NoToken::Unanswered(Unanswered::Busy)),
            Err(_) => return Err(system_failure("internal error")),
        };
        if let Err(error) = self.journal.append(signed.entry).await {
            self.complain(&error);
            return Err(system_failure("the token was not recorded"));
        }
        if let Some(not_before) = signed.not_before {
            tokio::time::sleep_until(not_before.into()).await;
        }
        Ok(signed.token)
    }

    /// Takes a time, signs. Blocks.
    fn sign(&self, endpoint: &Endpoint, query: &Query) -> Result<Signed, NoToken> {
        if self.journal.check().is_err() {
            return Err(system_failure("the token could not be recorded"));
        }
        let began = Instant::now();
        let slot = self.guard.take().map_err(|fault| {
            tracing::debug!(%fault, "no time-stamp");
            time_not_available("the clock is not trusted now")
        })?;
        let slot = slot.ok_or(NoToken::Unanswered(Unanswered::Busy))?;
        let unit = endpoint
            .select(&query.policy, slot.time.unix_time())
            .map_err(|error| {
                self.complain(&error);
                time_not_available("the time-stamping unit may not sign now")
            })?;
        let signed = Serial::random().and_then(|serial| {
            let statement = Statement {
                serial: &serial,
                time: slot.time,
                form: self.form,
            };
            Ok((token::sign(unit, query, &statement)?, serial))
        });
        let (token, serial) = match signed {
            Ok(signed) => {
                self.note_signing(Ok(began.elapsed()));
                signed
            }
            Err(error) => {
                self.note_signing(Err(&error));
                return Err(system_failure("the key did not sign"));
            }
        };
        // genTime plus accuracy is an upper limit of when the token was made (RFC 3161 section
        // 2.4.2); a token that took longer would lie.
        let accuracy = Duration::from_millis(query.policy.policy.accuracy_ms.into());
        if began.elapsed() > accuracy {
            self.complain(&"signing took longer than the accuracy");
            return Err(time_not_available("signing took longer than the accuracy"));
        }
        let entry = Entry::token(
            slot.time,
            unit.name(),
            &query.policy.policy.oid,
            &serial,
            query.digest,
            &token,
        );
        Ok(Signed {
            token,
            entry,
            not_before: (!slot.wait.is_zero()).then(|| began + slot.wait),
        })
    }

    /// Logs why there is no time-stamp, at most once a second: while the key is gone every query would.
    fn complain(&self, error: &dyn std::fmt::Display) {
        if self.complaint.is_due() {
            let more = self.complaint.held_back();
            tracing::error!(%error, more, "no time-stamp");
        }
    }

    fn note_signing(&self, outcome: Result<Duration, &TokenError>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(took) => {
                if failed.take().is_some() {
                    tracing::warn!("the time-stamping key signs again");
                }
                drop(failed);
                self.metrics.signed(took);
            }
            Err(error) => {
                self.complain(&with_causes(error));
                *failed = Some(Instant::now());
            }
        }
    }
}

fn system_failure(reason: &'static str) -> NoToken {
    Rejection::new(PkiFailureInfo::SystemFailure, reason).into()
}

fn time_not_available(reason: &'static str) -> NoToken {
    Rejection::new(PkiFailureInfo::TimeNotAvailable, reason).into()
}

/// Ready while a query under every policy would get a token now, as far as is known.
impl Health for Tsa {
    fn ready(&self) -> Result<(), String> {
        let now = self.guard.check_now().map_err(|fault| fault.to_string())?;
        self.units()
            .check_time(now.unix_time())
            .map_err(|error| error.to_string())?;
        self.journal.check().map_err(|error| error.to_string())?;
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match failed {
            Some(at) if at.elapsed() < AFTER_FAILURE => Err("the key does not sign".into()),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Tsa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tsa")
            .field("units", &self.units())
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}
