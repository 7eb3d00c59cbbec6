//! Deciding and signing: which authority, which status, from the cache or with the key.
//!
//! How a revocation takes effect: a thread asks the record for its version every 100 ms. An answer in
//! the cache remembers the version it was found to agree with, and is served only while that is the
//! current one; after a change its status is read again, and only where it differs is it signed
//! again. So a cached "good" is never served once the version that revoked it has been seen, and a
//! busy CA that issues all the time does not empty the cache.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use ca_core::status::AuthorityView;
use http_service::{NotRun, Workers};
use hyper::body::Bytes;
use pki_asn1::ocsp::OcspResponseStatus;
use pki_asn1::{Certificate, Clock, UnixTime};

use crate::answer::{self, Answer, Single, Window};
use crate::authority::Issuer;
use crate::cache::{Cache, Key, Signed};
use crate::delegate::Delegate;
use crate::publication::{Publications, Published};
use crate::request::{CertIdRef, Query};
use crate::source::{SourceError, StatusSource};

/// How often the record is asked for its version.
const POLL: Duration = Duration::from_millis(100);

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What becomes of a nonce.
    pub nonce: NoncePolicy,
    /// What is said of a certificate that was never issued.
    pub not_issued: NotIssuedPolicy,
    /// Whether answers carry archiveCutoff.
    pub archive_cutoff: ArchiveCutoffPolicy,
    /// From thisUpdate to nextUpdate. After half of it a new answer is signed.
    pub validity: Duration,
    /// How long the record may be unreadable before every answer is `tryLater`.
    pub record_age: Duration,
    /// Answers kept.
    pub cache_entries: usize,
    /// Signatures and look-ups at one time.
    pub workers: usize,
    /// Requests that may wait for one of them.
    pub queue: usize,
}

/// What becomes of a nonce (RFC 9654).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoncePolicy {
    /// It is echoed, so the answer is signed for this request alone.
    #[default]
    Live,
    /// It is left out, so the answer may come from the cache (RFC 9919 section 3.1.1).
    Cached,
}

/// What is said of a certificate that was never issued (RFC 6960 section 2.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotIssuedPolicy {
    /// `unknown`.
    #[default]
    Unknown,
    /// `revoked` since 1970 with the reason certificateHold and the extended-revoke extension.
    ExtendedRevoked,
}

/// Whether answers carry archiveCutoff (RFC 6960 section 4.4.4, EN 319 411-2 CSS-6.3.10-08).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveCutoffPolicy {
    /// The notBefore of the CA: status is kept for everything it ever issued.
    #[default]
    CaNotBefore,
    /// Left out.
    Omit,
}

impl Default for Policy {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            nonce: NoncePolicy::default(),
            not_issued: NotIssuedPolicy::default(),
            archive_cutoff: ArchiveCutoffPolicy::default(),
            validity: Duration::from_secs(3600),
            record_age: Duration::from_secs(60),
            cache_entries: 100_000,
            workers: cores.max(4),
            queue: 1024,
        }
    }
}

/// Why a responder cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The record cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A delegate is given for an authority that is not in the record.
    #[error("the record has no certification authority named {name:?}")]
    UnknownAuthority {
        /// The name as configured.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The thread that follows the record cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownAuthority { known, .. } if known.is_empty() => Some(
                "the record has no authority with a certificate yet: sceau-ca ca create".into(),
            ),
            Self::UnknownAuthority { known, .. } => Some(format!("it knows {}", known.join(", "))),
            _ => None,
        }
    }
}

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
    source: Arc<dyn StatusSource>,
    clock: Arc<dyn Clock>,
    policy: Policy,
    state: RwLock<Arc<State>>,
    /// Serialises changes of `state`.
    changing: Mutex<()>,
    cache: Cache,
    publications: Publications,
    workers: Workers,
    /// The version of the record last seen.
    version: AtomicU64,
    /// When it was seen (seconds), for [`Policy::record_age`].
    seen_at: AtomicI64,
    /// When a failure was last logged (seconds).
    complained_at: AtomicI64,
}

/// The authorities and who answers for them; replaced as a whole.
pub(crate) struct State {
    epoch: u64,
    pub(crate) entries: Vec<Entry>,
    delegates: HashMap<String, Arc<Delegate>>,
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) certificate: Certificate,
    pub(crate) published: Arc<Published>,
    issuer: Issuer,
    delegate: Option<Arc<Delegate>>,
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
        let version = source.version()?;
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
            version: AtomicU64::new(version),
            seen_at: AtomicI64::new(clock.now().as_secs()),
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
                        Some(responder) => responder.look(),
                        None => return,
                    }
                    std::thread::park_timeout(POLL);
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Watch(Some(thread), end))
    }

    /// Looks at the record once: its version and, where that changed, its authorities.
    pub fn look(&self) {
        let version = match self.source.version() {
            Ok(version) => version,
            Err(error) => return self.complain("the record cannot be read", &error),
        };
        let changed = self.version.swap(version, Ordering::AcqRel) != version;
        self.seen_at
            .store(self.clock.now().as_secs(), Ordering::Relaxed);
        if !changed {
            return;
        }
        match self.source.authorities() {
            Ok(authorities) => {
                let state = self.state();
                let same = state.entries.len() == authorities.len()
                    && state
                        .entries
                        .iter()
                        .zip(&authorities)
                        .all(|(e, a)| e.name == a.name && e.certificate == a.certificate);
                if !same {
                    let delegates = state.delegates.clone();
                    drop(state);
                    self.replace(authorities, delegates);
                }
            }
            Err(error) => self.complain("the record cannot be read", &error),
        }
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
        self.replace(authorities, delegates);
        Ok(())
    }

    /// The authorities of the record.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn authorities(&self) -> Result<Vec<AuthorityView>, StartError> {
        Ok(self.source.authorities()?)
    }

    /// Whether the record has been read lately.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        !self.is_stale(self.clock.now())
    }

    /// Answers one request, given as the DER it came in.
    pub async fn answer(self: &Arc<Self>, request: Bytes) -> Reply {
        match self.answer_at_once(&request) {
            Ok(reply) => reply,
            Err(NeedsWork) => {
                let this = Arc::clone(self);
                match self
                    .workers
                    .run(move || this.answer_blocking(&request))
                    .await
                {
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

    /// What can be said without the record and without a key.
    fn answer_at_once(&self, request: &[u8]) -> Result<Reply, NeedsWork> {
        let Ok(query) = Query::parse(request) else {
            return Ok(Reply::Error(OcspResponseStatus::MalformedRequest));
        };
        let now = self.clock.now();
        if self.is_stale(now) {
            return Ok(Reply::Error(OcspResponseStatus::TryLater));
        }
        if !query.others.is_empty() || self.nonce(&query).is_some() {
            return Err(NeedsWork);
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let Some((at, _)) = state.answerable(&query.first) else {
            return Ok(Reply::Error(OcspResponseStatus::Unauthorized));
        };
        let signed = Key::new(at, &query.first)
            .and_then(|key| self.cache.get(&key))
            .ok_or(NeedsWork)?;
        let current = signed.epoch == state.epoch
            && signed.version.load(Ordering::Relaxed) == self.version.load(Ordering::Acquire)
            && now < signed.refresh_at
            && now >= signed.window.this_update;
        if current {
            Ok(Reply::Shared(signed))
        } else {
            Err(NeedsWork)
        }
    }

    /// Reads the record and signs. Blocks.
    fn answer_blocking(&self, request: &[u8]) -> Reply {
        let Ok(query) = Query::parse(request) else {
            return Reply::Error(OcspResponseStatus::MalformedRequest);
        };
        let state = self.state();
        let Some((at, entry, delegate)) = state
            .answerable(&query.first)
            .and_then(|(at, e)| Some((at, e, e.delegate.as_ref()?)))
        else {
            return Reply::Error(OcspResponseStatus::Unauthorized);
        };
        // One response has one signer, who speaks for one CA key.
        if !query.others.iter().all(|c| entry.issuer.is_named_by(c)) {
            return Reply::Error(OcspResponseStatus::Unauthorized);
        }
        let nonce = self.nonce(&query);
        let done = if query.others.is_empty() && nonce.is_none() {
            self.shared(&state, at, entry, delegate, &query.first)
        } else {
            self.once(entry, delegate, &query, nonce)
        };
        done.unwrap_or(Reply::Error(OcspResponseStatus::TryLater))
    }

    /// An answer for the cache: the one that is there where it still holds, else a new one.
    fn shared(
        &self,
        state: &State,
        at: usize,
        entry: &Entry,
        delegate: &Delegate,
        cert_id: &CertIdRef<'_>,
    ) -> Option<Reply> {
        // Read before the status: a change in between makes the answer outdated, not wrong.
        let version = self.version.load(Ordering::Acquire);
        let status = match self.status(entry, cert_id)? {
            Answer::Issued(status) => status,
            answer => return self.not_issued(entry, delegate, cert_id, answer),
        };
        let now = self.clock.now();
        let key = Key::new(at, cert_id);
        let kept = key
            .and_then(|key| self.cache.get(&key))
            .filter(|kept| kept.epoch == state.epoch && kept.status == status)
            .filter(|kept| now < kept.window.next_update && now >= kept.window.this_update);
        if let Some(kept) = &kept
            && now < kept.refresh_at
        {
            kept.version.store(version, Ordering::Relaxed);
            return Some(Reply::Shared(Arc::clone(kept)));
        }
        let made = self.window(delegate, now).and_then(|window| {
            let single = self.single(entry, cert_id, Answer::Issued(status));
            let body = self.sign(entry, delegate, window, &[single], None)?;
            let lifetime = window.next_update.since(window.this_update);
            let refresh_at = UnixTime::from_secs(now.as_secs() + lifetime / 2);
            let signed = Signed::new(body, window, refresh_at, status, state.epoch, version);
            Some(Arc::new(signed))
        });
        match (made, kept, key) {
            (Some(made), _, key) => {
                if let Some(key) = key {
                    self.cache.insert(key, Arc::clone(&made));
                }
                Some(Reply::Shared(made))
            }
            // The key is out of reach; what was signed before still holds.
            (None, Some(kept), _) => Some(Reply::Shared(kept)),
            (None, None, _) => None,
        }
    }

    fn not_issued(
        &self,
        entry: &Entry,
        delegate: &Delegate,
        cert_id: &CertIdRef<'_>,
        answer: Answer,
    ) -> Option<Reply> {
        let window = self.window(delegate, self.clock.now())?;
        let single = self.single(entry, cert_id, answer);
        let body = self.sign(entry, delegate, window, &[single], None)?;
        Some(Reply::Once(body.into()))
    }

    fn once(
        &self,
        entry: &Entry,
        delegate: &Delegate,
        query: &Query<'_>,
        nonce: Option<&[u8]>,
    ) -> Option<Reply> {
        let singles = query
            .cert_ids()
            .map(|cert_id| Some(self.single(entry, cert_id, self.status(entry, cert_id)?)))
            .collect::<Option<Vec<_>>>()?;
        let window = self.window(delegate, self.clock.now())?;
        let body = self.sign(entry, delegate, window, &singles, nonce)?;
        Some(Reply::Once(body.into()))
    }

    fn status(&self, entry: &Entry, cert_id: &CertIdRef<'_>) -> Option<Answer> {
        match self.source.status(&entry.name, cert_id.serial) {
            Ok(Some(status)) => Some(Answer::Issued(status)),
            Ok(None) => {
                // Worth a look: nobody should ask about a certificate that does not exist.
                tracing::info!(
                    authority = entry.name,
                    serial = hex::encode(cert_id.serial),
                    "asked about a certificate that was never issued"
                );
                Some(match self.policy.not_issued {
                    NotIssuedPolicy::Unknown => Answer::Unknown,
                    NotIssuedPolicy::ExtendedRevoked => Answer::ExtendedRevoked,
                })
            }
            Err(error) => {
                self.complain("the record cannot be read", &error);
                None
            }
        }
    }

    fn single<'a>(&self, entry: &Entry, cert_id: &CertIdRef<'a>, answer: Answer) -> Single<'a> {
        let issued = matches!(answer, Answer::Issued(_));
        let cutoff = self.policy.archive_cutoff == ArchiveCutoffPolicy::CaNotBefore && issued;
        Single {
            cert_id: cert_id.der,
            answer,
            archive_cutoff: cutoff.then(|| entry.certificate.not_before()),
        }
    }

    /// From now on, and never beyond the delegate's own certificate.
    fn window(&self, delegate: &Delegate, now: UnixTime) -> Option<Window> {
        let certificate = delegate.certificate();
        if !certificate.is_valid_at(now) {
            self.complain(
                "a responder certificate is not valid now: renew it and send SIGHUP",
                &certificate.display_subject(),
            );
            return None;
        }
        Some(Window {
            this_update: now,
            next_update: (now + self.policy.validity).min(certificate.not_after()),
        })
    }

    fn sign(
        &self,
        entry: &Entry,
        delegate: &Delegate,
        window: Window,
        singles: &[Single<'_>],
        nonce: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let data = answer::response_data(delegate.key_hash(), window, singles, nonce);
        delegate
            .sign(&data)
            .map_err(|error| {
                let message = format!("the responder key of {} did not sign", entry.name);
                self.complain(&message, &error);
            })
            .ok()
    }

    fn nonce<'a>(&self, query: &Query<'a>) -> Option<&'a [u8]> {
        match self.policy.nonce {
            NoncePolicy::Live => query.nonce,
            NoncePolicy::Cached => None,
        }
    }

    fn is_stale(&self, now: UnixTime) -> bool {
        let seen = self.seen_at.load(Ordering::Relaxed);
        let age = now.as_secs() - seen;
        age > i64::try_from(self.policy.record_age.as_secs()).unwrap_or(i64::MAX)
    }

    /// Logs a failure, at most once a second: under load each request would log it.
    fn complain(&self, message: &str, error: &dyn std::fmt::Display) {
        let now = self.clock.now().as_secs();
        if self.complained_at.swap(now, Ordering::Relaxed) != now {
            tracing::error!(%error, "{message}");
        }
    }

    fn replace(&self, authorities: Vec<AuthorityView>, delegates: HashMap<String, Arc<Delegate>>) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let state = State::new(self.state().epoch + 1, authorities, delegates);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        // Answers under way may still be put in; their epoch keeps them from being served.
        self.cache.clear();
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// The CRL of an authority, as published last.
    pub(crate) async fn crl(self: &Arc<Self>, name: &str) -> Result<Option<Arc<Published>>, Busy> {
        if !self.state().entries.iter().any(|e| e.name == name) {
            return Ok(None);
        }
        let version = self.version.load(Ordering::Acquire);
        if let Some(kept) = self.publications.get(name, version) {
            return Ok(Some(kept));
        }
        let this = Arc::clone(self);
        let name = name.to_owned();
        self.workers
            .run(move || match this.source.crl(&name) {
                Ok(crl) => Ok(crl.map(|crl| this.publications.put(&name, version, crl))),
                Err(error) => {
                    this.complain("the record cannot be read", &error);
                    Err(Busy)
                }
            })
            .await
            .unwrap_or(Err(Busy))
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The answer needs the record or a key.
struct NeedsWork;

/// The record cannot be read now, or too many wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Busy;

impl State {
    fn new(
        epoch: u64,
        authorities: Vec<AuthorityView>,
        delegates: HashMap<String, Arc<Delegate>>,
    ) -> Self {
        let entries = authorities
            .into_iter()
            .map(|authority| Entry {
                issuer: Issuer::new(&authority.certificate),
                published: Arc::new(Published::certificate(&authority.certificate)),
                delegate: delegates.get(&authority.name).cloned(),
                name: authority.name,
                certificate: authority.certificate,
            })
            .collect();
        Self {
            epoch,
            entries,
            delegates,
        }
    }

    /// The authority that a CertID names, where somebody answers for it.
    fn answerable(&self, cert_id: &CertIdRef<'_>) -> Option<(usize, &Entry)> {
        self.entries
            .iter()
            .enumerate()
            .find(|(_, e)| e.delegate.is_some() && e.issuer.is_named_by(cert_id))
    }
}

fn check_known(
    authorities: &[AuthorityView],
    delegates: &HashMap<String, Arc<Delegate>>,
) -> Result<(), StartError> {
    let known = || authorities.iter().map(|a| a.name.clone()).collect();
    match delegates
        .keys()
        .find(|name| !authorities.iter().any(|a| a.name == **name))
    {
        Some(name) => Err(StartError::UnknownAuthority {
            name: name.clone(),
            known: known(),
        }),
        None => Ok(()),
    }
}
