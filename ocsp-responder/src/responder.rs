//! The responder: what it knows of the record, and who waits for what.
//!
//! How a revocation takes effect: a thread asks the record for its version every 100 ms, and at once
//! where a database says that it changed. An answer in
//! the cache remembers the version it was found to agree with, and is served only while that is the
//! current one; after a change its status is read again, and only where it differs is it signed
//! again. So a cached "good" is never served once the version that revoked it has been seen, and a
//! busy CA that issues all the time does not empty the cache.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use ca_core::status::AuthorityView;
use http_service::{Flights, Health, NotRun, Workers, with_causes};
use hyper::body::Bytes;
use pki_asn1::ocsp::OcspResponseStatus;
use pki_asn1::{Clock, UnixTime};

use crate::answers::cache::{Cache, Signed};
use crate::answers::{Flight, NeedsWork};
use crate::keys::delegate::Delegate;
use crate::policy::Policy;
use crate::protocol::request::Query;
use crate::publication::{Publications, Published};
use crate::record::source::{CrlName, Observation, SourceError, StatusSource};
use crate::record::state::{StartError, State, check_known};

/// How often the record is asked for its version where it does not say itself that it changed.
const POLL: Duration = Duration::from_millis(100);
/// How long it is left alone in any case.
const REST: Duration = Duration::from_millis(10);

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

/// A CRL as published last, if there is one.
type LatestCrl = Result<Option<Arc<Published>>, Busy>;

/// The responder: everything but HTTP.
pub struct Responder {
    pub(crate) source: Arc<dyn StatusSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) state: RwLock<Arc<State>>,
    /// Serialises changes of `state`.
    changing: Mutex<()>,
    pub(crate) cache: Cache,
    publications: Publications,
    workers: Workers,
    /// Answers being signed and CRLs being read, each once for all who wait for it.
    answers: Flights<Flight, Reply>,
    crls: Flights<(String, u64), LatestCrl>,
    /// The version of the record last seen.
    pub(crate) version: AtomicU64,
    /// The version its authorities were read at.
    authorities_version: AtomicU64,
    /// What was committed by then has been seen (seconds), for [`Policy::record_age`].
    seen_at: AtomicI64,
    /// When a failure was last logged (seconds).
    complained_at: AtomicI64,
}

/// Follows the record until it is dropped.
#[derive(Debug)]
pub struct Watch(
    Option<std::thread::JoinHandle<()>>,
    Arc<std::sync::atomic::AtomicBool>,
);

impl Drop for Watch {
    fn drop(&mut self) {
        self.1.store(true, Ordering::Relaxed);
        if let Some(thread) = self.0.take() {
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
        delegates: HashMap<String, Arc<Delegate>>,
    ) -> Result<Self, StartError> {
        let Observation { version, age } = source.observe()?;
        let authorities = source.authorities()?;
        check_known(&authorities, &delegates)?;
        for authority in &authorities {
            if !delegates.contains_key(&authority.name) {
                tracing::warn!(
                    authority = authority.name,
                    "no responder is configured for this authority: OCSP requests about its certificates are refused as unauthorized"
                );
            }
        }
        Ok(Self {
            cache: Cache::new(policy.cache_entries),
            workers: Workers::new(policy.workers, policy.queue, Duration::from_secs(5)),
            state: RwLock::new(Arc::new(State::new(1, authorities, delegates))),
            changing: Mutex::new(()),
            publications: Publications::default(),
            answers: Flights::default(),
            crls: Flights::default(),
            version: AtomicU64::new(version),
            authorities_version: AtomicU64::new(version),
            seen_at: AtomicI64::new(seen_at(clock.now(), age).unwrap_or(i64::MIN)),
            complained_at: AtomicI64::new(0),
            source,
            clock,
            policy,
        })
    }

    /// Starts the thread that follows the record.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn watch(self: &Arc<Self>) -> Result<Watch, StartError> {
        let end = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let responder: Weak<Self> = Arc::downgrade(self);
        let thread = std::thread::Builder::new()
            .name("record".into())
            .spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    match responder.upgrade() {
                        Some(responder) => {
                            responder.look();
                            // A CA that issues all the time says so all the time.
                            std::thread::park_timeout(REST);
                            responder.source.wait_for_change(POLL - REST);
                        }
                        None => return,
                    }
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Watch(Some(thread), end))
    }

    /// Looks at the record once: its version and, where that changed, its authorities.
    pub fn look(&self) {
        let Observation { version, age } = match self.source.observe() {
            Ok(seen) => seen,
            Err(error) => return self.complain("no look at the record", &with_causes(&error)),
        };
        let before = self.version.swap(version, Ordering::AcqRel);
        let now = self.clock.now();
        match seen_at(now, age) {
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
        // Versions only grow; a smaller one is that of an older record, restored from a backup.
        if !same || version < before {
            self.replace(&changing, authorities, state.delegates.clone());
        }
        self.authorities_version.store(version, Ordering::Relaxed);
    }

    /// Replaces who answers for whom, at once and without a failed request.
    ///
    /// # Errors
    /// Where the record cannot be read or does not know an authority; nothing is changed then.
    pub fn set_delegates(
        &self,
        delegates: HashMap<String, Arc<Delegate>>,
    ) -> Result<(), StartError> {
        let authorities = self.source.authorities()?;
        check_known(&authorities, &delegates)?;
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace(&changing, authorities, delegates);
        Ok(())
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
        let valid = |d: &Arc<Delegate>| d.certificate().is_valid_at(now);
        if !state.delegates.values().all(valid) {
            return Some("a responder certificate is not valid now");
        }
        if state.delegates.len()
            > state
                .entries
                .iter()
                .filter(|e| e.delegate.is_some())
                .count()
        {
            return Some("a CA has another key than its responder certificate is from");
        }
        None
    }

    /// Answers one request, given as the DER it came in.
    pub async fn answer(self: &Arc<Self>, request: Bytes) -> Reply {
        match self.answer_at_once(&request) {
            Ok(reply) => reply,
            Err(NeedsWork(flight)) => {
                let this = Arc::clone(self);
                let job = move || this.answer_blocking(&request);
                let done = match flight {
                    Some(flight) => self.answers.run(&self.workers, flight, job).await,
                    None => self.workers.run(job).await,
                };
                match done {
                    Ok(reply) => reply,
                    Err(NotRun::Busy) => Reply::Error(OcspResponseStatus::TryLater),
                    Err(_) => Reply::Error(OcspResponseStatus::InternalError),
                }
            }
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
        delegates: HashMap<String, Arc<Delegate>>,
    ) {
        let state = State::new(self.state().epoch + 1, authorities, delegates);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        // Answers under way may still be put in; their epoch keeps them from being served.
        self.cache.clear();
        self.publications.clear();
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// The CRL with this file name, as published last.
    pub(crate) async fn crl(self: &Arc<Self>, file_name: &str) -> LatestCrl {
        let Some((authority, name)) = CrlName::parse(file_name) else {
            return Ok(None);
        };
        if !self.state().entries.iter().any(|e| e.name == authority) {
            return Ok(None);
        }
        let version = self.version.load(Ordering::Acquire);
        if let Some(kept) = self.publications.get(file_name, version) {
            return Ok(Some(kept));
        }
        let (this, flight) = (Arc::clone(self), (file_name.to_owned(), version));
        let authority = authority.to_owned();
        self.crls
            .run(&self.workers, flight, move || {
                this.read_crl(&authority, name, version)
            })
            .await
            .unwrap_or(Err(Busy))
    }

    /// A CRL is read only where its number says that it is another one: it may be large, and the
    /// record changes with every certificate issued.
    fn read_crl(&self, authority: &str, name: CrlName, version: u64) -> LatestCrl {
        let unreadable = |error: SourceError| {
            self.complain("no look at the record", &with_causes(&error));
            Busy
        };
        let file_name = name.file_name(authority);
        let number = self
            .source
            .crl_number(authority, name)
            .map_err(unreadable)?;
        let kept = number.and_then(|n| self.publications.confirm(&file_name, n, version));
        if let Some(kept) = kept {
            return Ok(Some(kept));
        }
        let crl = self.source.crl(authority, name).map_err(unreadable)?;
        Ok(crl.map(|crl| self.publications.put(&file_name, version, crl)))
    }
}

impl Health for Responder {
    fn ready(&self) -> Result<(), String> {
        self.trouble().map_or(Ok(()), |trouble| Err(trouble.into()))
    }
}

/// By when everything that was committed then could be seen (seconds), where that is known.
fn seen_at(now: UnixTime, age: Option<Duration>) -> Option<i64> {
    let age = i64::try_from(age?.as_secs()).unwrap_or(i64::MAX);
    Some(now.as_secs().saturating_sub(age))
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
