//! Issuing CRLs: one at a time, what is due, what a change of status asks for, and the last ones.

use std::time::Duration;

use pki_asn1::UnixTime;

use super::{Actors, CaEngine, IssuedCrl};
use crate::authority::{Authority, AuthorityKey};
use crate::crl::{
    Contents, CrlDraft, CrlError, CrlFailure, CrlInputs, CrlKind, CrlName, CrlScope, CrlStanding,
    CrlStream, ExpiredEntries, Facts, Latest, judge,
};
use crate::error::CaError;
use crate::status::CrlView;
use crate::store::{Conflict, CrlSnapshot, LeaveOut, Occasion, PublishedCrl, Store, StoreError};

/// What a CRL shall be like, beyond the settings.
#[derive(Clone, Copy, Debug)]
struct Terms {
    validity: Validity,
    occasion: Occasion,
}

#[derive(Clone, Copy, Debug)]
enum Validity {
    /// As the settings say.
    Schedule,
    /// So long.
    For(Duration),
    /// For ever: the last CRL.
    Last,
}

impl CaEngine {
    /// Issues a complete CRL of all certificates with the next number, valid for `validity` (and not
    /// beyond its CA), and returns it whole.
    ///
    /// # Errors
    /// Where the CA cannot sign, or the record cannot be written.
    pub fn issue_crl(
        &self,
        key: &AuthorityKey,
        validity: Duration,
        actors: &Actors,
    ) -> Result<IssuedCrl, CaError> {
        let terms = Terms {
            validity: Validity::For(validity),
            occasion: Occasion::Scheduled,
        };
        let kinds = [CrlKind::Complete];
        let issued = self.issue_scope(key, CrlScope::All, &kinds, terms, actors)?;
        let entries = issued.iter().filter_map(|crl| crl.entries).sum();
        let name = &key.authority().name;
        let crl = self.store.crl(name, CrlName::WHOLE)?;
        let crl = crl.ok_or_else(|| CaError::UnknownAuthority(name.clone()))?;
        Ok(IssuedCrl { crl, entries })
    }

    /// Issues CRLs of these kinds for one scope, now; a complete CRL and a delta share their number
    /// (RFC 5280 section 5.2.3). `validity` replaces what the settings say.
    ///
    /// # Errors
    /// [`CaError::Crl`], or where the CA cannot sign, or the record cannot be written.
    pub fn publish_crls(
        &self,
        key: &AuthorityKey,
        scope: CrlScope,
        kinds: &[CrlKind],
        validity: Option<Duration>,
        actors: &Actors,
    ) -> Result<Vec<PublishedCrl>, CaError> {
        let terms = Terms {
            validity: validity.map_or(Validity::Schedule, Validity::For),
            occasion: Occasion::Scheduled,
        };
        self.issue_scope(key, scope, kinds, terms, actors)
    }

    /// Issues what the settings want after a change of this certificate's status: the delta of its
    /// scope, or its complete CRL. What that costs does not depend on how much else is revoked where
    /// there are deltas, and only on the partition where there are partitions.
    ///
    /// # Errors
    /// As [`Self::publish_crls`].
    pub fn publish_change(
        &self,
        key: &AuthorityKey,
        serial: &[u8],
        actors: &Actors,
    ) -> Result<Vec<PublishedCrl>, CaError> {
        let authority = key.authority();
        let scope = CrlScope::of(serial, authority.crl_partitions);
        let mut kinds = self.settings.crl().after_revocation(authority.rank());
        if kinds == [CrlKind::Delta] && self.latest(authority, CrlName::complete(scope))?.is_none()
        {
            kinds = vec![CrlKind::Complete];
        }
        let terms = Terms {
            validity: Validity::Schedule,
            occasion: Occasion::StatusChange,
        };
        self.issue_scope(key, scope, &kinds, terms, actors)
    }

    /// Issues what is due of this authority now, and nothing else.
    ///
    /// # Errors
    /// As [`Self::publish_crls`].
    pub fn publish_due(
        &self,
        key: &AuthorityKey,
        actors: &Actors,
    ) -> Result<Vec<PublishedCrl>, CaError> {
        let mut issued = Vec::new();
        let authority = key.authority();
        for scope in CrlScope::each(authority.crl_partitions) {
            let now = self.now();
            let standings = self.scope_standings(authority, scope)?;
            let mut kinds: Vec<_> = standings
                .iter()
                .filter(|standing| standing.is_due(now))
                .map(|standing| standing.name.kind)
                .collect();
            // A delta issued together with the complete CRL serves those who hold the one before.
            let deltas = standings.iter().any(|s| s.name.kind == CrlKind::Delta);
            if kinds == [CrlKind::Complete] && deltas {
                kinds.push(CrlKind::Delta);
            }
            let terms = Terms {
                validity: Validity::Schedule,
                occasion: Occasion::Scheduled,
            };
            issued.extend(self.issue_scope(key, scope, &kinds, terms, actors)?);
        }
        Ok(issued)
    }

    /// Issues the authority's last CRLs (EN 319 411-1): one for each scope that its certificates
    /// name, complete, with expired certificates, and with nextUpdate 99991231235959Z. None follows.
    ///
    /// # Errors
    /// As [`Self::publish_crls`]. Scopes that have their last CRL are passed over, so an interrupted
    /// call is repeated.
    pub fn publish_last_crls(
        &self,
        key: &AuthorityKey,
        actors: &Actors,
    ) -> Result<Vec<PublishedCrl>, CaError> {
        let mut issued = Vec::new();
        let authority = key.authority();
        for scope in CrlScope::each(authority.crl_partitions) {
            let latest = self.latest(authority, CrlName::complete(scope))?;
            if latest.is_some_and(|crl| crl.next_update == UnixTime::MAX) {
                continue;
            }
            let terms = Terms {
                validity: Validity::Last,
                occasion: Occasion::Scheduled,
            };
            issued.extend(self.issue_scope(key, scope, &[CrlKind::Complete], terms, actors)?);
        }
        Ok(issued)
    }

    /// The kinds of CRL that the settings want of an authority.
    #[must_use]
    pub fn crl_kinds(&self, authority: &Authority) -> Vec<CrlKind> {
        self.settings.crl().kinds(authority.rank()).collect()
    }

    /// How each line of the authority's CRLs stands now.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn crl_standings(&self, authority: &str) -> Result<Vec<CrlStanding>, CaError> {
        let authority = self.authority(authority)?;
        let mut standings = Vec::new();
        for scope in CrlScope::each(authority.crl_partitions) {
            standings.extend(self.scope_standings(&authority, scope)?);
        }
        Ok(standings)
    }

    /// The authority's latest CRL of a line, to be read piece by piece.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn crl_stream(&self, authority: &str, name: CrlName) -> Result<Option<CrlStream>, CaError> {
        let authority = self.authority(authority)?;
        let found = self.latest(&authority, name)?;
        Ok(found.map(|crl| CrlStream::new(crl, self.store.clone())))
    }

    /// The authority's latest CRL for people: of its only scope, or of its first partition.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn latest_published(&self, authority: &str) -> Result<Option<PublishedCrl>, CaError> {
        let authority = self.authority(authority)?;
        let mut latest = self.latest(&authority, CrlName::WHOLE)?;
        if latest.is_none() && authority.crl_partitions > 0 {
            latest = self.latest(&authority, CrlName::complete(CrlScope::Partition(1)))?;
        }
        Ok(latest)
    }

    /// The authority's latest complete CRL of all certificates, whole.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn latest_crl(&self, authority: &str) -> Result<Option<CrlView>, CaError> {
        self.authority(authority)?;
        Ok(self.store.crl(authority, CrlName::WHOLE)?)
    }

    fn latest(
        &self,
        authority: &Authority,
        name: CrlName,
    ) -> Result<Option<PublishedCrl>, StoreError> {
        self.store.latest_crl(authority.id, name)
    }

    fn scope_standings(
        &self,
        authority: &Authority,
        scope: CrlScope,
    ) -> Result<Vec<CrlStanding>, CaError> {
        let policy = self.settings.crl();
        let (rank, now) = (authority.rank(), self.now());
        let complete = self.latest(authority, CrlName::complete(scope))?;
        let ended = complete.is_some_and(|crl| crl.next_update == UnixTime::MAX);
        let delta = self.latest(authority, CrlName::delta(scope))?;
        let mut standings = Vec::new();
        for kind in policy.kinds(rank) {
            let Some(schedule) = policy.schedule(rank, kind) else {
                continue;
            };
            let (latest, within) = match kind {
                CrlKind::Complete => (complete, policy.complete_within()),
                // Nothing follows the last complete CRL, and before the first there is no base.
                CrlKind::Delta if ended || complete.is_none() => continue,
                CrlKind::Delta => (delta, Duration::ZERO),
            };
            // A complete CRL tells what its delta would.
            let seen = match kind {
                CrlKind::Complete => complete,
                CrlKind::Delta => complete.max_by_position(delta),
            };
            let seen = seen.map_or(0, |crl| crl.position);
            let waiting = self.store.oldest_change(authority.id, scope, seen)?;
            let (due, freshness) = judge(&Facts {
                now,
                begins: match kind {
                    CrlKind::Complete => authority.certificate.not_before(),
                    CrlKind::Delta => {
                        complete.map_or(now, |crl| crl.this_update) + schedule.renewal
                    }
                },
                latest: latest.map(|crl| Latest {
                    number: crl.number,
                    this_update: crl.this_update,
                    next_update: crl.next_update,
                }),
                schedule,
                late_after: policy.late_after(),
                waiting: waiting.map(|at| (at, within)),
            });
            standings.push(CrlStanding {
                name: CrlName { scope, kind },
                latest: latest.map(|crl| Latest {
                    number: crl.number,
                    this_update: crl.this_update,
                    next_update: crl.next_update,
                }),
                due,
                freshness,
            });
        }
        Ok(standings)
    }

    /// Issues CRLs of one scope from one view of the record.
    fn issue_scope(
        &self,
        key: &AuthorityKey,
        scope: CrlScope,
        kinds: &[CrlKind],
        terms: Terms,
        actors: &Actors,
    ) -> Result<Vec<PublishedCrl>, CaError> {
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let authority = key.authority();
        self.close_interrupted()?;
        self.check_makes_crls(authority)?;
        self.check_crl_order(authority, scope, kinds)?;
        let drafts = loop {
            let now = self.now();
            let number = self.store.last_crl_number(authority.id, scope)? + 1;
            let drafts = self.draft(key, scope, kinds, terms, number, now)?;
            // The first takes the number; the other shares it.
            let mut drafts = drafts.into_iter();
            let Some(first) = drafts.next() else {
                return Ok(Vec::new());
            };
            match first.record(&*self.store, now, &actors.names) {
                Ok(recorded) => break (recorded, drafts, now),
                // Somebody else took the number meanwhile; each loser means one winner, so this ends.
                Err(StoreError::Conflict(Conflict::CrlNumber { .. })) => {}
                Err(StoreError::Conflict(Conflict::AfterLastCrl)) => {
                    return Err(after_last(authority).into());
                }
                Err(e) => return Err(e.into()),
            }
        };
        let (first, rest, recorded_at) = drafts;
        let mut names = vec![self.sign(key, first, actors)?];
        for draft in rest {
            match draft.record(&*self.store, recorded_at, &actors.names) {
                Ok(recorded) => names.push(self.sign(key, recorded, actors)?),
                // Another process went on meanwhile: its CRLs are fresher.
                Err(StoreError::Conflict(Conflict::CrlNumber { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        let mut published = Vec::new();
        for (name, number) in names {
            let latest = self.latest(authority, name)?;
            published.extend(latest.filter(|crl| crl.number >= number));
        }
        Ok(published)
    }

    /// What can be refused without looking at the entries.
    fn check_crl_order(
        &self,
        authority: &Authority,
        scope: CrlScope,
        kinds: &[CrlKind],
    ) -> Result<(), CaError> {
        let now = self.now();
        let not_after = authority.certificate.not_after();
        let name = || authority.name.clone();
        if now > not_after {
            return Err(CaError::AuthorityExpired {
                authority: name(),
                not_after,
            });
        }
        if let CrlScope::Partition(asked) = scope
            && asked > authority.crl_partitions
        {
            return Err(CrlError::Partition {
                authority: name(),
                asked,
                found: authority.crl_partitions,
            }
            .into());
        }
        let policy = self.settings.crl();
        if kinds.contains(&CrlKind::Delta)
            && policy.schedule(authority.rank(), CrlKind::Delta).is_none()
        {
            return Err(CrlError::NoDeltas { authority: name() }.into());
        }
        for kind in [CrlKind::Complete, CrlKind::Delta] {
            let line = CrlName { scope, kind };
            if let Some(latest) = self.latest(authority, line)? {
                if latest.next_update == UnixTime::MAX {
                    return Err(after_last(authority).into());
                }
                // A number that goes up with a time that goes back would hide one of the two.
                if latest.this_update > now {
                    return Err(CrlError::ClockBehind {
                        authority: name(),
                        name: line,
                        this_update: latest.this_update,
                        now,
                    }
                    .into());
                }
            }
        }
        Ok(())
    }

    /// Drafts of one view of the record: they tell the same (RFC 5280 section 5.2.3).
    fn draft(
        &self,
        key: &AuthorityKey,
        scope: CrlScope,
        kinds: &[CrlKind],
        terms: Terms,
        number: u64,
        now: UnixTime,
    ) -> Result<Vec<CrlDraft>, CaError> {
        let authority = key.authority();
        let mut drafts = Vec::new();
        let mut failed = None;
        let walked = self.store.crl_source(authority.id, &mut |snapshot| {
            for kind in kinds {
                let name = CrlName { scope, kind: *kind };
                match self.draft_one(snapshot, key, name, terms, (number, now)) {
                    Ok(draft) => drafts.extend(draft),
                    // Together with a first complete CRL there is no delta.
                    Err(CaError::Crl(CrlError::NoBase { .. })) if !drafts.is_empty() => {}
                    Err(e) => {
                        failed = Some(e);
                        return Err(StoreError::Interrupted);
                    }
                }
            }
            Ok(())
        });
        match (failed, walked) {
            (Some(e), _) => Err(e),
            (None, Err(e)) => Err(e.into()),
            (None, Ok(())) => Ok(drafts),
        }
    }

    fn draft_one(
        &self,
        snapshot: &mut dyn CrlSnapshot,
        key: &AuthorityKey,
        name: CrlName,
        terms: Terms,
        (number, now): (u64, UnixTime),
    ) -> Result<Option<CrlDraft>, CaError> {
        let authority = key.authority();
        let policy = self.settings.crl();
        let not_after = authority.certificate.not_after();
        let schedule = policy.schedule(authority.rank(), name.kind);
        let next_update = match terms.validity {
            Validity::Last => UnixTime::MAX,
            Validity::For(validity) => (now + validity).min(not_after),
            Validity::Schedule => {
                let validity = schedule.map_or(Duration::ZERO, |s| s.validity);
                (now + validity).min(not_after)
            }
        };
        if next_update <= now {
            return Err(CaError::CrlValidity { not_after });
        }
        let keep =
            policy.expired() == ExpiredEntries::Keep || matches!(terms.validity, Validity::Last);
        let contents = match name.kind {
            CrlKind::Complete if keep => Contents::Complete(None),
            CrlKind::Complete => {
                Contents::Complete(snapshot.latest_scheduled(name.scope)?.map(|crl| LeaveOut {
                    expired_before: crl.this_update,
                    listed_up_to: crl.position,
                }))
            }
            CrlKind::Delta => match snapshot.latest(CrlName::complete(name.scope))? {
                Some(base) => Contents::Since {
                    base: base.number,
                    position: base.position,
                },
                None => {
                    return Err(CrlError::NoBase {
                        authority: authority.name.clone(),
                    }
                    .into());
                }
            },
        };
        let url = |name| self.settings.crl_url_of(&authority.name, name);
        let distribution_point = match name.scope {
            // Generations that share a name are told apart by the address alone.
            CrlScope::All if !self.shares_name(authority)? => None,
            scope => Some(url(CrlName::complete(scope))),
        };
        let deltas = policy.schedule(authority.rank(), CrlKind::Delta).is_some()
            && !matches!(terms.validity, Validity::Last);
        let freshest =
            (deltas && name.kind == CrlKind::Complete).then(|| url(CrlName::delta(name.scope)));
        let draft = CrlDraft::prepare(
            snapshot,
            &CrlInputs {
                authority,
                key: key.key(),
                name,
                number,
                this_update: now,
                next_update,
                contents,
                occasion: terms.occasion,
                distribution_point: distribution_point.as_deref(),
                freshest: freshest.as_deref(),
                expired_since: keep.then(|| authority.certificate.not_before()),
            },
        )?;
        Ok(Some(draft))
    }

    fn sign(
        &self,
        key: &AuthorityKey,
        recorded: crate::crl::RecordedCrl,
        actors: &Actors,
    ) -> Result<(CrlName, u64), CaError> {
        let name = || key.authority().name.clone();
        let store: &dyn Store = &*self.store;
        let intent = recorded
            .publish(key.key(), store, self.now(), &actors.names)
            .map_err(|failure| match failure {
                CrlFailure::Sign(source) => CaError::Signing {
                    authority: name(),
                    source,
                },
                CrlFailure::Verify(reason) => CaError::Verification {
                    authority: name(),
                    reason,
                },
                CrlFailure::Spool(e) => CrlError::Spool(e).into(),
                CrlFailure::Store(e) => e.into(),
            })?;
        Ok((intent.name, intent.number))
    }
}

/// Of two published CRLs, the one that has seen more.
trait MaxByPosition {
    fn max_by_position(self, other: Self) -> Self;
}

impl MaxByPosition for Option<PublishedCrl> {
    fn max_by_position(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if b.position > a.position { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

fn after_last(authority: &Authority) -> CrlError {
    CrlError::AfterLast {
        authority: authority.name.clone(),
    }
}
