//! The responder: what it knows of the record, and who waits for what.
//!
//! How a revocation takes effect: a thread asks the record for its version every 100 ms, and at once
//! where a database says that it changed. An answer in
//! the cache remembers the version it was found to agree with, and is served only while that is the
//! current one; after a change its status is read again, and only where it differs is it signed
//! again. So a cached "good" is never served once the version that revoked it has been seen, and a
//! busy CA that issues all the time does not empty the cache.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use ca_core::status::AuthorityView;
use http_service::{Flights, Health, NotRun, Workers, with_causes};
use hyper::body::Bytes;
use pki_asn1::ocsp::OcspResponseStatus;
use pki_asn1::{Clock, UnixTime};

use crate::answers::cache::{Cache, Signed};
use crate::answers::presigned::{self, PreSigned};
use crate::answers::statuses::Statuses;
use crate::answers::{Flight, NeedsWork};
use crate::keys::Delegates;
use crate::metrics::Counts;
use crate::policy::{AnswerPolicy, Policy};
use crate::protocol::request::Query;
use crate::publication::Publications;
use crate::record::source::{Observation, StatusSource};
use crate::record::state::{StartError, State, check_known};

/// How often the record is asked for its version where it does not say itself that it changed.
const POLL: Duration = Duration::from_millis(100);
/// How long it is left alone in any case.
const REST: Duration = Duration::from_millis(10);
/// How often what there is to publish may be read.
const STOCK_POLL: Duration = Duration::from_secs(1);

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer that others may get as well.
    Shared(Arc<Signed>),
    /// An answer to this request alone: with a nonce, to several CertIDs, or about a certificate that
    /// may be issued the next moment. Not to be cached.
    Once(Bytes),
    /// An unsigned error response.
    Error(OcspResponseStatus),
}

/// The responder: everything but HTTP.
pub struct Responder {
    pub(crate) source: Arc<dyn StatusSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) state: RwLock<Arc<State>>,
    /// Serialises changes of `state`.
    changing: Mutex<()>,
    pub(crate) cache: Cache,
    pub(crate) presigned: PreSigned,
    pub(crate) statuses: Statuses,
    pub(crate) publications: Publications,
    pub(crate) counts: Counts,
    pub(crate) workers: Workers,
    /// Answers being signed, each once for all who wait for it.
    answers: Flights<Flight, Reply>,
    /// How many other records had taken the place of the first one when it was last looked at.
    successors: AtomicU64,
    /// The version of the record last seen.
    pub(crate) version: AtomicU64,
    /// The version its authorities were read at.
    authorities_version: AtomicU64,
    /// What was committed by then has been seen (seconds), for [`Policy::record_age`].
    seen_at: AtomicI64,
    /// When a failure was last logged (seconds).
    complained_at: AtomicI64,
    /// The hour in which the ends of the responder certificates were last looked at.
    expiry_hour: AtomicI64,
}

/// Follows the record, and signs ahead, until it is dropped.
#[derive(Debug)]
pub struct Watch {
    threads: Vec<std::thread::JoinHandle<()>>,
    ended: Arc<AtomicBool>,
}

impl Watch {
    /// Calls `step` for as long as the responder is there, and waits after each call for as long as
    /// it says.
    fn start(
        &mut self,
        responder: &Arc<Responder>,
        name: &str,
        step: impl Fn(&Responder) -> Duration + Send + 'static,
    ) -> Result<(), StartError> {
        let ended = Arc::clone(&self.ended);
        let responder: Weak<Responder> = Arc::downgrade(responder);
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    let wait = match responder.upgrade() {
                        Some(responder) => step(&responder),
                        None => return,
                    };
                    std::thread::park_timeout(wait);
                }
            })
            .map_err(StartError::Thread)?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Responder {
    /// A responder that answers for the authorities named in `delegates`. Authorities of the record
    /// without a delegate have their CRL and certificate served; OCSP about them is `unauthorized`.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(
        source: Arc<dyn StatusSource>,
        clock: Arc<dyn Clock>,
        policy: Policy,
        delegates: impl Into<Delegates>,
    ) -> Result<Self, StartError> {
        let delegates = delegates.into();
        let asked_at = clock.now();
        let Observation {
            successors,
            version,
            age,
        } = source.observe()?;
        let authorities = source.authorities()?;
        check_known(&authorities, &delegates)?;
        for authority in &authorities {
            if delegates.of(&authority.name).is_empty() {
                tracing::warn!(
                    authority = authority.name,
                    "no responder is configured for this authority: OCSP requests about its certificates are refused as unauthorized"
                );
            }
        }
        let responder = Self {
            cache: Cache::new(policy.cache_entries),
            workers: Workers::new(policy.workers, policy.queue, Duration::from_secs(5)),
            state: RwLock::new(Arc::new(State::new(1, authorities, delegates))),
            changing: Mutex::new(()),
            presigned: PreSigned::default(),
            statuses: Statuses::new(policy.cache_entries),
            publications: Publications::default(),
            counts: Counts::default(),
            answers: Flights::default(),
            successors: AtomicU64::new(successors),
            version: AtomicU64::new(version),
            authorities_version: AtomicU64::new(version),
            seen_at: AtomicI64::new(seen_at(asked_at, age).unwrap_or(i64::MIN)),
            complained_at: AtomicI64::new(0),
            expiry_hour: AtomicI64::new(0),
            source,
            clock,
            policy,
        };
        responder.take_stock();
        Ok(responder)
    }

    /// Starts the threads that follow the record: one that looks for changes, and a slower one for what
    /// is published; and the one that signs ahead.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn watch(self: &Arc<Self>) -> Result<Watch, StartError> {
        let mut watch = Watch {
            threads: Vec::new(),
            ended: Arc::default(),
        };
        watch.start(self, "record", |responder| {
            responder.look();
            // A CA that issues all the time says so all the time.
            std::thread::park_timeout(REST);
            responder.source.wait_for_change(POLL - REST);
            Duration::ZERO
        })?;
        watch.start(self, "stock", |responder| {
            let begun = Instant::now();
            responder.take_stock();
            // A tenth of a core at most, however many partitions there are.
            STOCK_POLL.max(begun.elapsed() * 10)
        })?;
        if let AnswerPolicy::PreSigned(policy) = self.policy.answers.clone() {
            let ended = Arc::clone(&watch.ended);
            watch.start(self, "ahead", move |responder| {
                let begun = Instant::now();
                responder.sign_ahead(&policy, &|| ended.load(Ordering::Relaxed));
                presigned::ROUND.saturating_sub(begun.elapsed())
            })?;
        }
        Ok(watch)
    }

    /// Looks at the record once: its version and, where that changed, its authorities.
    pub fn look(&self) {
        let before = self.version.load(Ordering::Acquire);
        // After a clock was set back, what was read does not count as new until that hour has come again.
        let asked_at = self.clock.now();
        self.seen_at
            .fetch_min(asked_at.as_secs(), Ordering::Relaxed);
        let Observation {
            successors,
            version,
            age,
        } = match self.source.observe() {
            Ok(seen) => seen,
            Err(error) => return self.complain("no look at the record", &with_causes(&error)),
        };
        // Another record took the place of this one. Of a database only the version tells: it grows, and
        // a smaller one is that of a backup.
        let another =
            self.successors.swap(successors, Ordering::Relaxed) != successors || version < before;
        if another {
            // First of all, so that whatever fails next, nothing of the old record is served any more.
            self.begin_anew();
        }
        if let Err(error) = self.follow_changes(version) {
            return self.complain("no look at the record", &with_causes(&error));
        }
        if another {
            self.version.store(version, Ordering::Release);
        } else {
            // A request that read the record meanwhile may have seen a later one.
            self.version.fetch_max(version, Ordering::AcqRel);
        }
        let now = self.clock.now();
        let hour = now.as_secs() / 3600;
        if self.expiry_hour.swap(hour, Ordering::Relaxed) != hour {
            self.state().delegates.warn_before_expiry(now);
        }
        match seen_at(asked_at, age) {
            Some(at) => self.seen_at.store(at, Ordering::Relaxed),
            None if self.is_stale(now) => self.complain(
                "the copy of the record does not show how old it is",
                &"let the role read pg_stat_wal_receiver (GRANT pg_read_all_stats), or keep \
                  sceau-ca crl --watch running",
            ),
            None => {}
        }
        // A version that could not be followed by its authorities is looked at again.
        if self.authorities_version.load(Ordering::Relaxed) == version {
            return;
        }
        let authorities = match self.source.authorities() {
            Ok(authorities) => authorities,
            Err(error) => return self.complain("no look at the record", &with_causes(&error)),
        };
        // From here to the end nobody else changes the state, or their change would be lost.
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.state();
        let same = state.entries.len() == authorities.len()
            && state
                .entries
                .iter()
                .zip(&authorities)
                .all(|(e, a)| e.name == a.name && e.certificate == a.certificate);
        if !same {
            self.replace(&changing, authorities, state.delegates.clone());
        }
        self.authorities_version.store(version, Ordering::Relaxed);
    }

    /// Forgets what the record said whose place another one took, and has the authorities read again.
    fn begin_anew(&self) {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.state();
        let authorities = state.entries.iter().map(|entry| AuthorityView {
            name: entry.name.clone(),
            since: entry.since,
            certificate: entry.certificate.clone(),
        });
        self.replace(&changing, authorities.collect(), state.delegates.clone());
        // After the epoch, by which a table is recognised that was begun before and put in later.
        self.presigned.clear();
        self.authorities_version.store(u64::MAX, Ordering::Relaxed);
    }

    /// Replaces who answers for whom, at once and without a failed request.
    ///
    /// # Errors
    /// Where the record cannot be read or does not know an authority; nothing is changed then.
    pub fn set_delegates(&self, delegates: impl Into<Delegates>) -> Result<(), StartError> {
        let delegates = delegates.into();
        let authorities = self.source.authorities()?;
        check_known(&authorities, &delegates)?;
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace(&changing, authorities, delegates);
        Ok(())
    }

    /// Who answers for which authority now.
    #[must_use]
    pub fn delegates(&self) -> Delegates {
        self.state().delegates.clone()
    }

    /// The authorities of the record.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn authorities(&self) -> Result<Vec<AuthorityView>, StartError> {
        Ok(self.source.authorities()?)
    }

    /// Whether the authority was in the record when it was last looked at.
    #[must_use]
    pub fn knows(&self, authority: &str) -> bool {
        self.state().entries.iter().any(|e| e.name == authority)
    }

    /// Why a relying party would not be served as it should be now, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        let now = self.clock.now();
        if self.is_stale(now) {
            return Some("the record has not been readable lately");
        }
        let state = self.state();
        if state
            .delegates
            .iter()
            .any(|(_, d)| !d.certificate().is_valid_at(now))
        {
            return Some("a responder certificate is not valid now");
        }
        let speaking: usize = state.entries.iter().map(|e| e.delegates.len()).sum();
        if state.delegates.iter().count() > speaking {
            return Some("a CA has another key than its responder certificate is from");
        }
        None
    }

    /// Answers one request, given as the DER it came in.
    pub async fn answer(self: &Arc<Self>, request: Bytes) -> Reply {
        match self.answer_at_once(&request) {
            Ok(reply) => {
                self.counts.at_hand(&reply);
                reply
            }
            Err(NeedsWork(flight)) => {
                let reply = Box::pin(self.answer_with_work(request, flight)).await;
                self.counts.worked(&reply);
                reply
            }
        }
    }

    async fn answer_with_work(self: &Arc<Self>, request: Bytes, flight: Option<Flight>) -> Reply {
        let this = Arc::clone(self);
        let job = move || this.answer_blocking(&request);
        let pace = self.source.pace().max(self.state().pace);
        let done = match flight {
            Some(flight) => self.answers.run(&self.workers, pace, flight, job).await,
            None => self.workers.run_at(pace, job).await,
        };
        match done {
            Ok(reply) => reply,
            Err(NotRun::Busy) => Reply::Error(OcspResponseStatus::TryLater),
            Err(_) => Reply::Error(OcspResponseStatus::InternalError),
        }
    }

    /// Whether these bytes are a request about a certificate of an authority we answer for.
    pub(crate) fn is_responsible_for(&self, request: &[u8]) -> bool {
        Query::parse(request).is_ok_and(|query| self.state().answerable(&query.first).is_some())
    }

    pub(crate) fn is_stale(&self, now: UnixTime) -> bool {
        let seen = self.seen_at.load(Ordering::Relaxed);
        let age = now.as_secs().saturating_sub(seen);
        age > i64::try_from(self.policy.record_age.as_secs()).unwrap_or(i64::MAX)
    }

    /// When the record was last read.
    pub(crate) fn record_seen(&self) -> UnixTime {
        UnixTime::from_secs(self.seen_at.load(Ordering::Relaxed))
    }

    /// Logs a failure, at most once a second: under load each request would log it.
    pub(crate) fn complain(&self, message: &str, error: &dyn std::fmt::Display) {
        let now = self.clock.now().as_secs();
        if self.complained_at.swap(now, Ordering::Relaxed) != now {
            tracing::error!(%error, "{message}");
        }
    }

    /// The caller holds `changing` from reading the state on.
    fn replace(
        &self,
        _changing: &MutexGuard<'_, ()>,
        authorities: Vec<AuthorityView>,
        delegates: Delegates,
    ) {
        let state = State::new(self.state().epoch + 1, authorities, delegates);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        // Answers under way may still be put in; their epoch keeps them from being served.
        self.cache.clear();
        self.publications.distrust();
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }
}

impl Health for Responder {
    fn ready(&self) -> Result<(), String> {
        self.trouble().map_or(Ok(()), |trouble| Err(trouble.into()))
    }
}

/// By when everything that was committed then could be seen (seconds), where that is known. The clock
/// counts whole seconds; whoever takes part of one for nothing takes old for new, so the age is rounded
/// up, and counts from before the record was asked: a look may take long.
fn seen_at(asked_at: UnixTime, age: Option<Duration>) -> Option<i64> {
    let age = age?;
    let whole = age
        .as_secs()
        .saturating_add(u64::from(age.subsec_nanos() > 0));
    let age = i64::try_from(whole).unwrap_or(i64::MAX);
    Some(asked_at.as_secs().saturating_sub(age))
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The record cannot be read now, or too many wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Busy;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_part_of_a_second_too_old_never_passes_for_new() {
        let at = UnixTime::from_secs(1_000);
        for (millis, seen) in [(0, 1_000), (1, 999), (1_000, 999), (4_001, 995)] {
            let age = Duration::from_millis(millis);
            assert_eq!(seen_at(at, Some(age)), Some(seen), "{millis}");
        }
        assert_eq!(seen_at(at, None), None);
        assert!(seen_at(at, Some(Duration::MAX)).is_some_and(|seen| seen < 0));
    }
}
