//! Revoking, and the CRLs that say so.

use std::time::Duration;

use super::{Actors, CaEngine, IssuedCrl};
use crate::authority::AuthorityKey;
use crate::crl::{CrlDraft, CrlFailure, CrlInputs};
use crate::error::CaError;
use crate::revocation::{Revocation, RevocationReason, RevocationRequest};
use crate::store::{Act, Conflict, Query, RevocationAct, StoreError};

impl CaEngine {
    /// Revokes. Committed when this returns: responders see it from then on.
    ///
    /// # Errors
    /// [`CaError::UnknownSerial`], [`CaError::AlreadyRevoked`], [`CaError::Reason`],
    /// [`CaError::Future`], or where the record cannot be written.
    pub fn revoke(&self, order: &RevocationRequest) -> Result<Revocation, CaError> {
        self.revoke_undecided(order)
    }

    /// As [`Self::revoke`], for whom nobody needs to decide: who has the certificate's own code.
    pub(super) fn revoke_undecided(
        &self,
        order: &RevocationRequest,
    ) -> Result<Revocation, CaError> {
        let now = self.now();
        let authority = self.authority(&order.authority)?;
        let requested_at = order.requested_at.unwrap_or(now);
        let times = [
            ("the time of the request", Some(requested_at)),
            ("the invalidity date", order.invalidity_date),
        ];
        for (what, at) in times {
            if let Some(at) = at.filter(|at| *at > now) {
                return Err(CaError::Future { what, at, now });
            }
        }
        self.check_reason(order)?;
        let act = Act::Revoke(RevocationAct {
            authority: authority.reference(),
            serial: order.serial.clone(),
            reason: order.reason,
            invalidity_date: order.invalidity_date,
            requested_at,
        });
        let committed = self.store.commit(crate::store::Change {
            at: now,
            actors: order.actors.0.clone(),
            act,
        });
        let serial = || hex::encode(&order.serial);
        match committed {
            Ok(_) => Ok(Revocation {
                at: now,
                reason: order.reason,
                invalidity_date: order.invalidity_date,
                requested_at,
            }),
            Err(StoreError::Conflict(Conflict::UnknownSerial)) => Err(CaError::UnknownSerial {
                authority: order.authority.clone(),
                serial: serial(),
            }),
            Err(StoreError::Conflict(Conflict::AlreadyRevoked { at })) => {
                Err(CaError::AlreadyRevoked {
                    authority: order.authority.clone(),
                    serial: serial(),
                    at,
                })
            }
            Err(e) => Err(e.into()),
        }
    }

    /// Reasons that say something about another kind of certificate (RFC 5280 section 5.3.1).
    fn check_reason(&self, order: &RevocationRequest) -> Result<(), CaError> {
        let refuse = |why| {
            Err(CaError::Reason {
                reason: order.reason,
                why,
            })
        };
        match order.reason {
            RevocationReason::CertificateHold => {
                refuse("it suspends, and revocation here is final")
            }
            RevocationReason::AaCompromise => refuse("it is for attribute authorities"),
            RevocationReason::CaCompromise => {
                let found = self
                    .store
                    .certificates(&Query::Serial(order.serial.clone()))?;
                let is_ca = found
                    .iter()
                    .filter(|entry| entry.authority == order.authority)
                    .any(|entry| entry.certificate.as_ref().is_some_and(|c| c.is_ca()));
                if is_ca || found.is_empty() {
                    Ok(())
                } else {
                    refuse("it is for the certificates of CAs")
                }
            }
            _ => Ok(()),
        }
    }

    /// Issues a full CRL with the next number, valid for `validity` (and not beyond its CA).
    ///
    /// # Errors
    /// Where the CA cannot sign, or the record cannot be written.
    pub fn issue_crl(
        &self,
        key: &AuthorityKey,
        validity: Duration,
        actors: &Actors,
    ) -> Result<IssuedCrl, CaError> {
        self.close_interrupted()?;
        let now = self.now();
        let authority = key.authority();
        self.check_makes_crls(authority)?;
        let not_after = authority.certificate.not_after();
        if now > not_after {
            return Err(CaError::AuthorityExpired {
                authority: authority.name.clone(),
                not_after,
            });
        }
        let next_update = (now + validity).min(not_after);
        if next_update <= now {
            return Err(CaError::CrlValidity { not_after });
        }
        self.issue_crl_until(key, next_update, actors)
    }

    /// Issues a full CRL with the next number and this nextUpdate.
    pub(super) fn issue_crl_until(
        &self,
        key: &AuthorityKey,
        next_update: pki_asn1::UnixTime,
        actors: &Actors,
    ) -> Result<IssuedCrl, CaError> {
        let now = self.now();
        let authority = key.authority();
        let recorded = loop {
            let number = self.store.last_crl_number(authority.id)? + 1;
            let draft = CrlDraft::prepare(
                &*self.store,
                &CrlInputs {
                    authority,
                    key: key.key(),
                    number,
                    this_update: now,
                    next_update,
                },
            )?;
            match draft.record(&*self.store, now, &actors.0) {
                Ok(recorded) => break recorded,
                // Somebody else took the number meanwhile; each loser means one winner, so this ends.
                Err(StoreError::Conflict(Conflict::CrlNumber { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        };
        let name = || authority.name.clone();
        let (crl, entries) = recorded
            .publish(key.key(), &*self.store, self.now(), &actors.0)
            .map_err(|failure| match failure {
                CrlFailure::Sign(source) => CaError::Signing {
                    authority: name(),
                    source,
                },
                CrlFailure::Verify(reason) => CaError::Verification {
                    authority: name(),
                    reason,
                },
                CrlFailure::Store(e) => e.into(),
            })?;
        Ok(IssuedCrl { crl, entries })
    }
}
