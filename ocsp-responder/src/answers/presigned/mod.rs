//! Answers signed ahead of being asked for (RFC 9919 section 3.2.4), spread over time.
//!
//! A thread walks the certificates of the record and signs about each that has not expired, at most so
//! many in a second; and again after half of the time that an answer holds. What is not there, or not
//! any more, is signed on demand.
//!
//! How a pre-signed "good" is never served after a revocation: a table is used only while it has seen
//! every change of status up to the version of the record that the responder has seen. Where a status
//! changed, the signature is forgotten in the same step, and one that is being made is not taken in. The
//! status is read again for each signature.

mod index;
mod table;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ca_core::status::Status;
use http_service::with_causes;
use pki_asn1::UnixTime;

use self::table::{Ahead, Due, Made, Table};
use super::cache::{Keep, Signed};
use crate::keys::delegate::Delegate;
use crate::policy::{AnswerPolicy, PreSigning};
use crate::protocol::request::{CertIdRef, Parameters};
use crate::protocol::response::{Answer, Window};
use crate::record::source::SourceError;
use crate::record::state::{Entry, State};
use crate::responder::Responder;

/// How often the signer wakes.
pub(crate) const ROUND: Duration = Duration::from_millis(200);
/// Rows of the record that are read at once, and pages in one round.
const PAGE: u64 = 2_000;
const PAGES: usize = 10;
/// Changes of status that are read at once.
const CHANGES: u64 = 1_000;
/// Certificates that are signed about before anything else is looked at.
const BATCH: usize = 256;

/// How far the signing ahead is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Certificates that are signed about ahead.
    pub certificates: usize,
    /// Those that there is an answer for.
    pub signed: usize,
    /// Those whose answer is of a responder certificate that another one has succeeded.
    pub former: usize,
}

/// The tables, by authority.
#[derive(Debug, Default)]
pub(crate) struct PreSigned {
    tables: RwLock<BTreeMap<String, Arc<RwLock<Table>>>>,
    /// The version of the record whose changes of status are in every table.
    followed: AtomicU64,
    walk: Mutex<Walk>,
}

/// Where the walk over the record is.
#[derive(Debug, Default)]
struct Walk {
    /// The number of the certificate read last.
    after: u64,
    /// The version of the record when its end was reached.
    ended_at: Option<u64>,
    /// When it begins anew, for certificates whose issuance took long.
    again_at: Option<UnixTime>,
    /// Whether the end of the first batch was logged.
    complete: bool,
}

impl PreSigned {
    fn table(&self, authority: &str) -> Option<Arc<RwLock<Table>>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(authority).cloned()
    }

    /// Forgets everything, as when another record takes the place of this one.
    pub(crate) fn clear(&self) {
        self.followed.store(u64::MAX, Ordering::Release);
        // One lock at a time: the walk asks for tables while it has its own.
        let tables =
            std::mem::take(&mut *self.tables.write().unwrap_or_else(PoisonError::into_inner));
        *self.walk.lock().unwrap_or_else(PoisonError::into_inner) = Walk::default();
        drop(tables);
    }

    /// How far it is, over all authorities.
    pub(crate) fn progress(&self) -> Progress {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().fold(Progress::default(), |sum, table| {
            let table = table.read().unwrap_or_else(PoisonError::into_inner);
            let more = table.progress();
            Progress {
                certificates: sum.certificates + more.certificates,
                signed: sum.signed + more.signed,
                former: sum.former + more.former,
            }
        })
    }
}

impl Responder {
    /// How far the signing ahead is; `None` where everything is signed on demand.
    #[must_use]
    pub fn presigned_progress(&self) -> Option<Progress> {
        match self.policy.answers {
            AnswerPolicy::OnDemand => None,
            AnswerPolicy::PreSigned(_) => Some(self.presigned.progress()),
        }
    }

    /// Takes in the changes of status since the last time. To be called before `version`, that of the
    /// record now, counts as seen.
    pub(crate) fn follow_changes(&self, version: u64) -> Result<(), SourceError> {
        if self.presigned.followed.load(Ordering::Acquire) == version {
            return Ok(());
        }
        let tables: Vec<_> = {
            let tables = &self.presigned.tables;
            let tables = tables.read().unwrap_or_else(PoisonError::into_inner);
            tables.iter().map(|(n, t)| (n.clone(), t.clone())).collect()
        };
        // No later one, even where the changes are of a later one: a table that is begun meanwhile has not
        // followed it.
        let mut followed = version;
        for (authority, table) in tables {
            loop {
                let after = table
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .position;
                let changes = self.source.status_changes(&authority, after, CHANGES)?;
                let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
                for serial in &changes.serials {
                    table.changed(serial);
                }
                table.position = changes.position;
                if (changes.serials.len() as u64) < CHANGES {
                    followed = followed.min(changes.version);
                    break;
                }
            }
        }
        self.presigned.followed.store(followed, Ordering::Release);
        Ok(())
    }

    /// The answer made ahead, where there is one that agrees with this version of the record.
    pub(crate) fn made_ahead(
        &self,
        state: &State,
        (entry, delegate): (&Entry, &Arc<Delegate>),
        cert_id: &CertIdRef<'_>,
        version: u64,
        now: UnixTime,
    ) -> Option<Arc<Signed>> {
        if self.policy.answers == AnswerPolicy::OnDemand
            || self.presigned.followed.load(Ordering::Acquire) != version
        {
            return None;
        }
        self.ahead(state, (entry, delegate), cert_id, version, now)
    }

    /// The answer made ahead, whether it agrees with the record or not.
    pub(crate) fn ahead(
        &self,
        state: &State,
        (entry, delegate): (&Entry, &Arc<Delegate>),
        cert_id: &CertIdRef<'_>,
        version: u64,
        now: UnixTime,
    ) -> Option<Arc<Signed>> {
        let digest = cert_id.algorithm?;
        if self.policy.answers == AnswerPolicy::OnDemand
            || cert_id.parameters != Parameters::Null
            || !Arc::ptr_eq(entry.delegates.first()?, delegate)
        {
            return None;
        }
        let ahead = {
            let table = self.presigned.table(&entry.name)?;
            let table = table.read().unwrap_or_else(PoisonError::into_inner);
            if !table.signer().answers_for(&entry.certificate) {
                return None;
            }
            table.get(cert_id.serial, digest, now)?
        };
        // What was signed is about the CertID as it is usually written, octet for octet.
        if entry.issuer.cert_id(digest, cert_id.serial)? != cert_id.der {
            return None;
        }
        let Ahead {
            signer,
            status,
            signature,
            ..
        } = &ahead;
        let window = self.window_of(ahead.produced_at, ahead.next_update);
        let single = self.single(entry, cert_id.der, Answer::Issued(*status));
        let data = self.response_data(signer, window, &[single], None);
        let body = signer.response(&data, signature);
        let mut signed = Signed::new(body, window, *status, state.epoch, version);
        if signer.certificate() != delegate.certificate() {
            signed.keep = Keep::No;
        }
        Some(Arc::new(signed))
    }

    /// One round of signing ahead, which [`Responder::watch`] runs again and again.
    pub fn sign_ahead_once(&self) {
        if let AnswerPolicy::PreSigned(policy) = &self.policy.answers {
            self.sign_ahead(policy, &|| false);
        }
    }

    /// One round of signing ahead; `ended` tells when to stop early.
    pub(crate) fn sign_ahead(&self, policy: &PreSigning, ended: &dyn Fn() -> bool) {
        let state = self.state();
        let walked = self
            .prepare_tables(&state, policy)
            .and_then(|()| self.walk_record(policy));
        if let Err(error) = walked {
            return self.complain("no look at the record", &with_causes(&error));
        }
        let rounds = (1000 / ROUND.as_millis()) as usize;
        let signatures = (policy.rate as usize).div_ceil(rounds);
        let mut left = signatures.div_ceil(policy.digests.len().max(1));
        for entry in state.entries.iter().filter(|e| !e.delegates.is_empty()) {
            let Some(table) = self.presigned.table(&entry.name) else {
                continue;
            };
            while left > 0 && !ended() {
                let limit = left.min(BATCH);
                let (due, signer) = {
                    let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
                    let due = table.take_due(self.clock.now(), limit);
                    (due, Arc::clone(table.signer()))
                };
                if due.is_empty() {
                    break;
                }
                left -= due.len();
                if !self.sign_batch(policy, entry, &signer, &table, &due) {
                    return;
                }
            }
        }
        self.log_progress(policy);
    }

    /// A table for every authority that is answered for, signed by its present delegate.
    fn prepare_tables(&self, state: &State, policy: &PreSigning) -> Result<(), SourceError> {
        for entry in &state.entries {
            let Some(delegate) = entry.delegates.first() else {
                continue;
            };
            if let Some(table) = self.presigned.table(&entry.name)
                && self.succeed(entry, &table, delegate)?
            {
                continue;
            }
            let position = self.source.status_position(&entry.name)?;
            let table = Table::new(Arc::clone(delegate), &policy.digests, position);
            let tables = &self.presigned.tables;
            let mut tables = tables.write().unwrap_or_else(PoisonError::into_inner);
            tables.insert(entry.name.clone(), Arc::new(RwLock::new(table)));
            drop(tables);
            let walk = &self.presigned.walk;
            *walk.lock().unwrap_or_else(PoisonError::into_inner) = Walk::default();
        }
        // The positions may be those of a record that another has replaced meanwhile.
        if self.state().epoch != state.epoch {
            self.presigned.clear();
        }
        Ok(())
    }

    /// Has this delegate sign from now on; `false` where a new table is needed. What a delegate signed
    /// whose certificate has been revoked is not told any more.
    fn succeed(
        &self,
        entry: &Entry,
        table: &RwLock<Table>,
        delegate: &Arc<Delegate>,
    ) -> Result<bool, SourceError> {
        let former = {
            let table = table.read().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(table.signer())
        };
        if Arc::ptr_eq(&former, delegate) && former.answers_for(&entry.certificate) {
            return Ok(true);
        }
        let serial = former.certificate().serial();
        let revoked = matches!(
            self.source.status(&entry.name, serial)?,
            Some(Status::Revoked { .. })
        );
        let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
        let succeeded = former.answers_for(&entry.certificate) && table.succeed(delegate);
        if succeeded && revoked {
            table.disown(serial);
        }
        Ok(succeeded)
    }

    /// Reads on in the record: what was issued since, or all of it.
    fn walk_record(&self, policy: &PreSigning) -> Result<(), SourceError> {
        let now = self.clock.now();
        let version = self.version.load(Ordering::Acquire);
        let mut walk = self
            .presigned
            .walk
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if walk.again_at.is_some_and(|at| now >= at) {
            (walk.after, walk.ended_at) = (0, None);
        }
        if walk.ended_at == Some(version) {
            return Ok(());
        }
        for _ in 0..PAGES {
            let page = self.source.issued(walk.after, PAGE)?;
            for certificate in &page {
                if let Some(table) = self.presigned.table(&certificate.authority) {
                    let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
                    table.add(&certificate.serial, certificate.not_after, now);
                }
            }
            if let Some(last) = page.last() {
                walk.after = last.id;
            }
            if (page.len() as u64) < PAGE {
                walk.ended_at = Some(version);
                if walk.again_at.is_none_or(|at| now >= at) {
                    walk.again_at = Some(now + self.policy.validity / 2);
                    self.warn_where_too_slow(policy);
                }
                break;
            }
        }
        Ok(())
    }

    /// Signs about some certificates, on several threads; `false` where the key or the record is out of
    /// reach.
    fn sign_batch(
        &self,
        policy: &PreSigning,
        entry: &Entry,
        signer: &Arc<Delegate>,
        table: &RwLock<Table>,
        due: &[Due],
    ) -> bool {
        // The other half of the workers' sessions is for those who ask.
        let threads = (self.policy.workers / 2).max(1);
        let share = due.len().div_ceil(threads).max(1);
        let sign = |due: &[Due]| {
            let mut reached = true;
            for one in due {
                let made = reached.then(|| self.sign_one(policy, entry, signer, one));
                let mut table = table.write().unwrap_or_else(PoisonError::into_inner);
                match made {
                    Some(Some(Some(made))) => table.put(one, &made),
                    Some(Some(None)) => table.take_out(one),
                    Some(None) | None => {
                        reached = false;
                        table.give_back(one);
                    }
                }
            }
            reached
        };
        let sign = &sign;
        std::thread::scope(|scope| {
            let mut shares = due.chunks(share);
            let own = shares.next();
            let others: Vec<_> = shares.map(|s| scope.spawn(move || sign(s))).collect();
            let mut reached = own.is_none_or(sign);
            for other in others {
                reached &= other.join().unwrap_or(false);
            }
            reached
        })
    }

    /// `None` where the key or the record is out of reach, `Some(None)` where it is not a certificate
    /// that was issued.
    fn sign_one(
        &self,
        policy: &PreSigning,
        entry: &Entry,
        signer: &Arc<Delegate>,
        due: &Due,
    ) -> Option<Option<Made>> {
        let serial = due.serial.content();
        let status = match self.source.status(&entry.name, serial) {
            Ok(Some(status)) => super::as_told(status),
            Ok(None) => return Some(None),
            Err(error) => {
                self.complain("no look at the record", &with_causes(&error));
                return None;
            }
        };
        let window = self.window(signer, self.clock.now())?;
        let mut signatures = Vec::with_capacity(policy.digests.len());
        for digest in &policy.digests {
            let cert_id = entry.issuer.cert_id(*digest, serial)?;
            let single = self.single(entry, &cert_id, Answer::Issued(status));
            let data = self.response_data(signer, window, &[single], None);
            let begun = Instant::now();
            let signed = signer.signature(&data);
            let took = begun.elapsed();
            self.counts.signed(&entry.name, took, signed.is_ok());
            match signed {
                Ok(signature) => signatures.push(signature),
                Err(error) => {
                    let message = format!("the responder key of {} did not sign", entry.name);
                    self.complain(&message, &with_causes(&error));
                    return None;
                }
            }
        }
        Some(Some(Made {
            signer: Arc::clone(signer),
            status,
            produced_at: window.produced_at,
            next_update: window.next_update,
            refresh_at: window.refresh_at(),
            signatures,
        }))
    }

    fn window_of(&self, produced_at: UnixTime, next_update: UnixTime) -> Window {
        Window {
            produced_at,
            this_update: produced_at - self.policy.backdate,
            next_update,
        }
    }

    fn warn_where_too_slow(&self, policy: &PreSigning) {
        let signatures = (self.presigned.progress().certificates * policy.digests.len()) as u64;
        let needed = signatures.div_ceil((self.policy.validity.as_secs() / 2).max(1));
        if needed > u64::from(policy.rate) {
            tracing::warn!(
                signatures,
                needed_rate = needed,
                rate = policy.rate,
                "pre-sign-rate is too low: answers run out before they are signed again; raise it, or validity-minutes"
            );
        }
    }

    fn log_progress(&self, policy: &PreSigning) {
        let progress = self.presigned.progress();
        let mut walk = self
            .presigned
            .walk
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let complete = walk.ended_at.is_some() && progress.signed == progress.certificates;
        if complete && !walk.complete {
            walk.complete = true;
            tracing::info!(
                certificates = progress.certificates,
                rate = policy.rate,
                "every certificate has an answer that was signed ahead"
            );
        }
    }
}
