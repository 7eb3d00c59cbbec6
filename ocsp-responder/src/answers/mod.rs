//! One request: which authority, which status, from the cache or with the key.

pub mod cache;
pub mod presigned;
pub(crate) mod statuses;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use ca_core::status::Status;
use http_service::with_causes;
use pki_asn1::UnixTime;
use pki_asn1::ocsp::OcspResponseStatus;

use crate::answers::cache::{Key, Signed};
use crate::answers::statuses::ReadAt;
use crate::keys::delegate::Delegate;
use crate::keys::requestors::NotARequestor;
use crate::policy::{ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, RequestSignaturePolicy};
use crate::protocol::request::{CertIdRef, Query};
use crate::protocol::response::{self, Answer, Single, Window};
use crate::record::state::{Entry, State};
use crate::responder::{Reply, Responder};

/// What everybody asks who gets the same answer: the CertID, the state of the responder and the
/// version of the record. Whoever asks after a revocation was seen never joins those from before.
pub(crate) type Flight = (Key, u64, u64);

/// The answer needs the record or a key; with the flight where others may want the same.
pub(crate) struct NeedsWork(pub(crate) Option<Flight>);

impl Responder {
    /// What can be said without the record and without a key.
    pub(crate) fn answer_at_once(&self, request: &[u8]) -> Result<Reply, NeedsWork> {
        let Ok(query) = Query::parse(request) else {
            return Ok(Reply::Error(OcspResponseStatus::MalformedRequest));
        };
        let now = self.clock.now();
        if self.is_stale(now) {
            return Ok(Reply::Error(OcspResponseStatus::TryLater));
        }
        match (&self.policy.request_signature, query.signature) {
            (RequestSignaturePolicy::Ignore, _)
            | (RequestSignaturePolicy::AcceptVerified(_), None) => {}
            (RequestSignaturePolicy::Require(_), None) => {
                return Ok(Reply::Error(OcspResponseStatus::SigRequired));
            }
            // To verify it is work for a thread that may take its time.
            (_, Some(_)) => return Err(NeedsWork(None)),
        }
        if !query.others.is_empty() || self.nonce(&query).is_some() {
            return Err(NeedsWork(None));
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let asked = state.answerable(&query.first).and_then(|(at, entry)| {
            let (signer, delegate) = entry.signer(query.preferred, now)?;
            Some((at, entry, signer, delegate))
        });
        let Some((at, entry, signer, delegate)) = asked else {
            return Ok(Reply::Error(OcspResponseStatus::Unauthorized));
        };
        let Some(key) = Key::new(at, signer, &query.first) else {
            return Err(NeedsWork(None));
        };
        let version = self.version.load(Ordering::Acquire);
        if let Some(signed) = self.current(&state, &key, version, now) {
            return Ok(Reply::Shared(signed));
        }
        match self.made_ahead(&state, (entry, delegate), &query.first, version, now) {
            Some(signed) => {
                self.cache.insert(key, Arc::clone(&signed));
                Ok(Reply::Shared(signed))
            }
            None => Err(NeedsWork(Some((key, state.epoch, version)))),
        }
    }

    /// The answer kept for `key` where it agrees with this version of the record and is not to be
    /// replaced yet.
    fn current(
        &self,
        state: &State,
        key: &Key,
        version: u64,
        now: UnixTime,
    ) -> Option<Arc<Signed>> {
        self.cache.get(key).filter(|signed| {
            signed.epoch == state.epoch
                && signed.version.load(Ordering::Relaxed) == version
                && now < signed.refresh_at
                && now >= signed.window.produced_at
        })
    }

    /// Reads the record and signs. Blocks.
    pub(crate) fn answer_blocking(&self, request: &[u8]) -> Reply {
        let Ok(query) = Query::parse(request) else {
            return Reply::Error(OcspResponseStatus::MalformedRequest);
        };
        let now = self.clock.now();
        if let Some(refused) = self.check_signature(&query, now) {
            return Reply::Error(refused);
        }
        let state = self.state();
        let asked = state.answerable(&query.first).and_then(|(at, entry)| {
            let (signer, delegate) = entry.signer(query.preferred, now)?;
            let key = Key::new(at, signer, &query.first);
            Some((at, entry, delegate, key))
        });
        let Some((at, entry, delegate, key)) = asked else {
            return Reply::Error(OcspResponseStatus::Unauthorized);
        };
        // One response has one signer, who speaks for one CA key.
        if !query.others.iter().all(|c| entry.issuer.is_named_by(c)) {
            return Reply::Error(OcspResponseStatus::Unauthorized);
        }
        let nonce = self.nonce(&query);
        let done = if query.others.is_empty() && nonce.is_none() {
            self.shared(&state, key, entry, delegate, &query.first)
        } else {
            self.answers_now(&state, (at, entry), &query)
                .and_then(|answers| self.once(entry, delegate, &query, &answers, nonce))
        };
        done.unwrap_or(Reply::Error(OcspResponseStatus::TryLater))
    }

    /// What a request is refused with because of its signature.
    fn check_signature(&self, query: &Query<'_>, now: UnixTime) -> Option<OcspResponseStatus> {
        let requestors = match &self.policy.request_signature {
            RequestSignaturePolicy::Ignore => return None,
            RequestSignaturePolicy::AcceptVerified(requestors)
            | RequestSignaturePolicy::Require(requestors) => requestors,
        };
        let Some(signed) = &query.signature else {
            return match self.policy.request_signature {
                RequestSignaturePolicy::Require(_) => Some(OcspResponseStatus::SigRequired),
                _ => None,
            };
        };
        match requestors.check(signed, now) {
            Ok(()) => None,
            Err(NotARequestor::Malformed) => Some(OcspResponseStatus::MalformedRequest),
            Err(error) => {
                tracing::debug!(%error, "a signed request is refused");
                Some(OcspResponseStatus::Unauthorized)
            }
        }
    }

    /// An answer for the cache: the one that is there where it still holds, else a new one.
    fn shared(
        &self,
        state: &State,
        key: Option<Key>,
        entry: &Entry,
        delegate: &Arc<Delegate>,
        cert_id: &CertIdRef<'_>,
    ) -> Option<Reply> {
        // Read before the status: a change in between makes the answer outdated, not wrong.
        let version = self.version.load(Ordering::Acquire);
        if let Some(signed) = key
            .as_ref()
            .and_then(|key| self.current(state, key, version, self.clock.now()))
        {
            return Some(Reply::Shared(signed));
        }
        let status = match self.status(entry, cert_id)? {
            Answer::Issued(status) => status,
            answer => return self.not_issued(entry, delegate, cert_id, answer),
        };
        let now = self.clock.now();
        let kept = key
            .and_then(|key| self.cache.get(&key))
            .filter(|kept| kept.epoch == state.epoch && kept.status == status)
            .or_else(|| {
                self.ahead(state, (entry, delegate), cert_id, version, now)
                    .filter(|ahead| ahead.status == status)
            })
            .filter(|kept| now < kept.window.next_update && now >= kept.window.produced_at);
        if let Some(kept) = &kept
            && now < kept.refresh_at
        {
            kept.version.store(version, Ordering::Relaxed);
            if let Some(key) = key {
                self.cache.insert(key, Arc::clone(kept));
            }
            return Some(Reply::Shared(Arc::clone(kept)));
        }
        let made = self.window(delegate, now).and_then(|window| {
            let single = self.single(entry, cert_id.der, Answer::Issued(status));
            let body = self.sign(entry, delegate, window, &[single], None)?;
            let signed = Signed::new(body, window, status, state.epoch, version);
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
        let single = self.single(entry, cert_id.der, answer);
        let body = self.sign(entry, delegate, window, &[single], None)?;
        self.counts.told(answer);
        Some(Reply::Once(body.into()))
    }

    /// What is to be said of each certificate, as of the version of the record seen last or a later one.
    fn answers_now(
        &self,
        state: &State,
        (at, entry): (usize, &Entry),
        query: &Query<'_>,
    ) -> Option<Vec<Answer>> {
        let read_at = ReadAt {
            epoch: state.epoch,
            version: self.version.load(Ordering::Acquire),
        };
        let mut read = Vec::new();
        let answers = query
            .cert_ids()
            .map(|cert_id| {
                if let Some(status) = self.statuses.get(at, cert_id.serial, read_at) {
                    return Some(Answer::Issued(status));
                }
                let answer = self.status(entry, cert_id)?;
                read.push((cert_id.serial, answer));
                Some(answer)
            })
            .collect();
        // What was read may be newer than what was seen. Nobody who is told of it may then be served an
        // older answer, so the version it is of counts as seen at once, not at the next look; and others
        // are told of it only after that.
        if !read.is_empty()
            && let Ok(version) = self.source.version()
        {
            self.version.fetch_max(version, Ordering::AcqRel);
            for (serial, answer) in read {
                if let Answer::Issued(status) = answer {
                    self.statuses.insert(at, serial, read_at, status);
                }
            }
        }
        answers
    }

    fn once(
        &self,
        entry: &Entry,
        delegate: &Delegate,
        query: &Query<'_>,
        answers: &[Answer],
        nonce: Option<&[u8]>,
    ) -> Option<Reply> {
        let singles: Vec<_> = query
            .cert_ids()
            .zip(answers)
            .map(|(cert_id, answer)| self.single(entry, cert_id.der, *answer))
            .collect();
        let window = self.window(delegate, self.clock.now())?;
        let body = self.sign(entry, delegate, window, &singles, nonce)?;
        for single in &singles {
            self.counts.told(single.answer);
        }
        Some(Reply::Once(body.into()))
    }

    fn status(&self, entry: &Entry, cert_id: &CertIdRef<'_>) -> Option<Answer> {
        Some(match self.status_now(entry, cert_id.serial)? {
            Answer::Issued(status) => Answer::Issued(as_told(status)),
            not_issued => not_issued,
        })
    }

    /// What the record says now of a serial number (content octets); `None` where it cannot be read.
    pub(crate) fn status_now(&self, entry: &Entry, serial: &[u8]) -> Option<Answer> {
        match self.source.status(&entry.name, serial) {
            Ok(Some(status)) => Some(Answer::Issued(status)),
            Ok(None) => {
                // Worth a look: nobody should ask about a certificate that does not exist.
                tracing::info!(
                    authority = entry.name,
                    serial = hex::encode(serial),
                    "asked about a certificate that was never issued"
                );
                Some(match self.policy.not_issued {
                    NotIssuedPolicy::Unknown => Answer::Unknown,
                    NotIssuedPolicy::ExtendedRevoked => Answer::ExtendedRevoked,
                })
            }
            Err(error) => {
                self.complain("no look at the record", &with_causes(&error));
                None
            }
        }
    }

    fn single<'a>(&self, entry: &Entry, cert_id: &'a [u8], answer: Answer) -> Single<'a> {
        let issued = matches!(answer, Answer::Issued(_));
        let cutoff = self.policy.archive_cutoff == ArchiveCutoffPolicy::CaNotBefore && issued;
        Single {
            cert_id,
            answer,
            archive_cutoff: cutoff.then_some(entry.since),
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
            produced_at: now,
            this_update: now - self.policy.backdate,
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
        let data = self.response_data(delegate, window, singles, nonce);
        let begun = Instant::now();
        let signed = delegate.sign(&data);
        self.counts
            .signed(&entry.name, begun.elapsed(), signed.is_ok());
        signed
            .map_err(|error| {
                let message = format!("the responder key of {} did not sign", entry.name);
                self.complain(&message, &with_causes(&error));
            })
            .ok()
    }

    fn response_data(
        &self,
        delegate: &Delegate,
        window: Window,
        singles: &[Single<'_>],
        nonce: Option<&[u8]>,
    ) -> Vec<u8> {
        let responder = delegate.responder_id(self.policy.responder_id);
        response::response_data(responder, window, singles, nonce)
    }

    fn nonce<'a>(&self, query: &Query<'a>) -> Option<&'a [u8]> {
        match self.policy.nonce {
            NoncePolicy::Live => query.nonce,
            NoncePolicy::Cached => None,
        }
    }
}

/// What OCSP tells of a status: not since when the key is believed bad.
fn as_told(status: Status) -> Status {
    match status {
        Status::Good => Status::Good,
        Status::Revoked { at, reason, .. } => Status::Revoked {
            at,
            reason,
            invalidity_date: None,
        },
    }
}
