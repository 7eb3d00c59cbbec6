//! Revoking, suspending, resuming.

use pki_asn1::{Certificate, UnixTime};

use super::CaEngine;
use crate::authority::Authority;
use crate::error::CaError;
use crate::registration::Order;
use crate::revocation::{
    Revocation, RevocationError, RevocationRequest, SuspensionRequest, check_reason,
    check_suspendable, is_short_term,
};
use crate::store::{
    Act, CertificateEntry, Conflict, Mandate, Query, RevocationAct, StoreError, SuspensionAct,
};

impl CaEngine {
    /// Revokes. Committed when this returns: responders see it from then on. What was suspended is
    /// revoked from its suspension on (X.509: the date it was placed on hold).
    ///
    /// # Errors
    /// [`CaError::UnknownSerial`], [`CaError::AlreadyRevoked`], [`CaError::Revocation`],
    /// [`CaError::Future`], or where the record cannot be written.
    pub fn revoke(&self, order: &RevocationRequest) -> Result<Revocation, CaError> {
        self.revoke_mandated(order, self.mandate(order.order(), &order.actors))
    }

    /// As [`Self::revoke`], with whatever stands behind it: operators, or the certificate's own code.
    pub(super) fn revoke_mandated(
        &self,
        order: &RevocationRequest,
        mandate: Option<Mandate>,
    ) -> Result<Revocation, CaError> {
        let now = self.now();
        let authority = self.authority(&order.authority)?;
        let requested_at = order.requested_at.unwrap_or(now);
        check_past("the time of the request", Some(requested_at), now)?;
        check_past("the invalidity date", order.invalidity_date, now)?;
        let (entry, certificate) = self.issued(&authority, &order.serial)?;
        check_reason(&certificate, order.reason)?;
        refuse_short_term(&certificate)?;
        let since = match entry.revocation {
            Some(hold) if hold.is_suspension() => hold.at,
            _ => now,
        };
        let act = Act::Revoke(RevocationAct {
            authority: authority.reference(),
            serial: order.serial.clone(),
            reason: order.reason,
            invalidity_date: order.invalidity_date,
            requested_at,
        });
        self.commit_mandated(now, &order.actors, act, mandate)
            .map_err(|e| explain(e, &authority, &order.serial))?;
        Ok(Revocation {
            at: since,
            reason: order.reason,
            invalidity_date: order.invalidity_date,
            requested_at,
            decided_at: now,
        })
    }

    /// Suspends (certificateHold, RFC 5280 section 5.3.1): as [`Self::revoke`], but it may end.
    ///
    /// # Errors
    /// [`CaError::UnknownSerial`], [`CaError::AlreadyRevoked`], [`CaError::Revocation`],
    /// [`CaError::Future`], or where the record cannot be written.
    pub fn suspend(&self, order: &SuspensionRequest) -> Result<(), CaError> {
        self.change_hold(order, Act::Suspend, order.order_to_suspend())
    }

    /// Ends a suspension: the certificate is good, as if it had never been suspended. It leaves the
    /// CRL, and deltas say removeFromCRL.
    ///
    /// # Errors
    /// As [`Self::suspend`].
    pub fn resume(&self, order: &SuspensionRequest) -> Result<(), CaError> {
        self.change_hold(order, Act::Resume, order.order_to_resume())
    }

    fn change_hold(
        &self,
        order: &SuspensionRequest,
        act: fn(SuspensionAct) -> Act,
        decided: Order,
    ) -> Result<(), CaError> {
        let now = self.now();
        let authority = self.authority(&order.authority)?;
        // What becomes of its certificates was decided with its end.
        let life = self.store.life(authority.id)?;
        super::hierarchy::not_terminated(&authority, &life)?;
        let requested_at = order.requested_at.unwrap_or(now);
        check_past("the time of the request", Some(requested_at), now)?;
        let (entry, certificate) = self.issued(&authority, &order.serial)?;
        check_suspendable(&certificate)?;
        refuse_short_term(&certificate)?;
        if entry.not_after < now {
            return Err(RevocationError::Expired {
                serial: entry.serial_hex(),
                not_after: entry.not_after,
            }
            .into());
        }
        let act = act(SuspensionAct {
            authority: authority.reference(),
            serial: order.serial.clone(),
            requested_at,
        });
        let mandate = self.mandate(decided, &order.actors);
        self.commit_mandated(now, &order.actors, act, mandate)
            .map_err(|e| explain(e, &authority, &order.serial))?;
        Ok(())
    }

    /// The certificate that the authority issued under this serial number.
    fn issued(
        &self,
        authority: &Authority,
        serial: &[u8],
    ) -> Result<(CertificateEntry, Certificate), CaError> {
        self.store
            .certificates(&Query::Serial(serial.to_vec()))?
            .into_iter()
            .filter(|entry| entry.authority == authority.name)
            .find_map(|mut entry| {
                let certificate = entry.certificate.take()?;
                Some((entry, certificate))
            })
            .ok_or_else(|| CaError::UnknownSerial {
                authority: authority.name.clone(),
                serial: hex::encode(serial),
            })
    }
}

fn check_past(what: &'static str, at: Option<UnixTime>, now: UnixTime) -> Result<(), CaError> {
    match at.filter(|at| *at > now) {
        Some(at) => Err(CaError::Future { what, at, now }),
        None => Ok(()),
    }
}

fn refuse_short_term(certificate: &Certificate) -> Result<(), RevocationError> {
    if is_short_term(certificate) {
        return Err(RevocationError::ShortTerm {
            serial: certificate.serial_hex(),
        });
    }
    Ok(())
}

/// What the record refuses, in the words of the order.
fn explain(error: StoreError, authority: &Authority, serial: &[u8]) -> CaError {
    let authority = || authority.name.clone();
    let serial = || hex::encode(serial);
    match error {
        StoreError::Conflict(Conflict::UnknownSerial) => CaError::UnknownSerial {
            authority: authority(),
            serial: serial(),
        },
        StoreError::Conflict(Conflict::AlreadyRevoked { at }) => CaError::AlreadyRevoked {
            authority: authority(),
            serial: serial(),
            at,
        },
        StoreError::Conflict(Conflict::AlreadySuspended { at }) => {
            RevocationError::AlreadySuspended {
                authority: authority(),
                serial: serial(),
                at,
            }
            .into()
        }
        StoreError::Conflict(Conflict::AfterLastCrl) => RevocationError::Final {
            authority: authority(),
            serial: serial(),
        }
        .into(),
        StoreError::Conflict(Conflict::NotSuspended) => RevocationError::NotSuspended {
            authority: authority(),
            serial: serial(),
        }
        .into(),
        e => e.into(),
    }
}
