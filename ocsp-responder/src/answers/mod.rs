//! One request: which authority, which status, from the cache or with the key.

pub mod cache;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use http_service::with_causes;
use pki_asn1::UnixTime;
use pki_asn1::ocsp::OcspResponseStatus;

use crate::answers::cache::{Key, Signed};
use crate::keys::delegate::Delegate;
use crate::policy::{ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy};
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
        if !query.others.is_empty() || self.nonce(&query).is_some() {
            return Err(NeedsWork(None));
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let Some((at, _)) = state.answerable(&query.first) else {
            return Ok(Reply::Error(OcspResponseStatus::Unauthorized));
        };
        let Some(key) = Key::new(at, &query.first) else {
            return Err(NeedsWork(None));
        };
        let version = self.version.load(Ordering::Acquire);
        let flight = NeedsWork(Some((key, state.epoch, version)));
        let Some(signed) = self.cache.get(&key) else {
            return Err(flight);
        };
        let current = signed.epoch == state.epoch
            && signed.version.load(Ordering::Relaxed) == version
            && now < signed.refresh_at
            && now >= signed.window.this_update;
        if current {
            Ok(Reply::Shared(signed))
        } else {
            Err(flight)
        }
    }

    /// Reads the record and signs. Blocks.
    pub(crate) fn answer_blocking(&self, request: &[u8]) -> Reply {
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
            // This answer shows the record as it is now. Nobody who has seen it may then be served an
            // older one from the cache, so its version counts as seen at once, not at the next look.
            if let Ok(version) = self.source.version() {
                self.version.fetch_max(version, Ordering::AcqRel);
            }
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
                self.complain("no look at the record", &with_causes(&error));
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
        let data = response::response_data(delegate.key_hash(), window, singles, nonce);
        delegate
            .sign(&data)
            .map_err(|error| {
                let message = format!("the responder key of {} did not sign", entry.name);
                self.complain(&message, &with_causes(&error));
            })
            .ok()
    }

    fn nonce<'a>(&self, query: &Query<'a>) -> Option<&'a [u8]> {
        match self.policy.nonce {
            NoncePolicy::Live => query.nonce,
            NoncePolicy::Cached => None,
        }
    }
}
