//! The end of an authority (EN 319 411-1 clause 6.4.9, EN 319 401 clause 7.12): it issues nothing any
//! more, its certificates are revoked or left, a last CRL is made, and what became of its key is said.

use crate::crl::{CrlName, CrlScope};
use crate::engine::{Actors, CaEngine};
use crate::error::CaError;
use crate::hierarchy::HierarchyError;
use crate::revocation::{RevocationReason, RevocationRequest, is_short_term};
use crate::status::CrlView;
use crate::store::{
    Act, CertificateEntry, CertificateState, CertificatesAtEnd, HierarchyAct, Termination,
};
use pki_asn1::UnixTime;

/// Rows that a walk over an authority's certificates asks for at once.
const PAGE: u32 = 1_000;

/// An order to end an authority.
#[derive(Clone, Debug)]
pub struct TerminationOrder {
    /// Which.
    pub authority: String,
    /// Its name again.
    pub confirmed: String,
    /// Why, in words.
    pub reason: String,
    /// What becomes of its certificates.
    pub certificates: CertificatesAtEnd,
    /// Who.
    pub actors: Actors,
}

impl CaEngine {
    /// Ends the authority: from now on it signs no certificate. Repeated after an interruption, it goes
    /// on where it was. Returns how many certificates were revoked.
    ///
    /// # Errors
    /// [`HierarchyError::NotConfirmed`], [`HierarchyError::StillIssuer`], or where the record cannot be
    /// written.
    pub fn terminate(&self, order: &TerminationOrder) -> Result<u64, CaError> {
        let authority = self.check_termination(order)?;
        if self.store.life(authority.id)?.terminated_at.is_none() {
            let act = HierarchyAct::Terminate(Box::new(Termination {
                authority: authority.reference(),
                reason: order.reason.clone(),
                certificates: order.certificates,
            }));
            self.commit_ordered(order.order(), &order.actors, Act::Hierarchy(act))?;
        }
        match order.certificates {
            CertificatesAtEnd::Left => Ok(0),
            CertificatesAtEnd::Revoked => self.revoke_all(order),
        }
    }

    /// Whatever can be refused before anything is done.
    ///
    /// # Errors
    /// As [`Self::terminate`].
    pub fn check_termination(
        &self,
        order: &TerminationOrder,
    ) -> Result<crate::authority::Authority, CaError> {
        let authority = self.authority(&order.authority)?;
        if order.confirmed != order.authority {
            return Err(HierarchyError::NotConfirmed {
                authority: order.authority.clone(),
                confirmed: order.confirmed.clone(),
            }
            .into());
        }
        let decided = self.store.life(authority.id)?.certificates;
        if let Some(decided) = decided.filter(|decided| *decided != order.certificates) {
            return Err(HierarchyError::CertificatesDecided {
                authority: authority.name,
                decided,
            }
            .into());
        }
        if !authority.has_key_here() {
            return Err(HierarchyError::KeyElsewhere(authority.name).into());
        }
        let now = self.now();
        for below in self.authorities()? {
            let lives = below.certificate.not_after() >= now
                && self.store.life(below.id)?.terminated_at.is_none();
            if below.issuer.as_ref() == Some(&authority.name) && lives {
                return Err(HierarchyError::StillIssuer {
                    authority: authority.name,
                    below: below.name,
                }
                .into());
            }
        }
        Ok(authority)
    }

    /// Revokes what is good or suspended and has not ended. Short-term certificates are left to end: there
    /// is no status of theirs.
    fn revoke_all(&self, order: &TerminationOrder) -> Result<u64, CaError> {
        let own = self.authority(&order.authority)?.certificate;
        let mut revoked = 0;
        let mut failed = None;
        let now = self.now();
        self.certificates_of(&order.authority, &mut |entry| {
            let good = entry.state == CertificateState::Issued
                && entry.revocation.is_none_or(|r| r.is_suspension())
                && !entry.certificate.as_ref().is_some_and(is_short_term)
                && entry.not_after >= now
                && entry.certificate.as_ref() != Some(&own);
            if !good {
                return true;
            }
            let revocation = self.revoke(&RevocationRequest {
                authority: order.authority.clone(),
                serial: entry.serial.clone(),
                reason: RevocationReason::CessationOfOperation,
                invalidity_date: None,
                requested_at: None,
                // It follows from the end, which was decided.
                actors: order.actors.undecided(),
            });
            match revocation {
                Ok(_) | Err(CaError::AlreadyRevoked { .. }) => {
                    revoked += u64::from(revocation.is_ok());
                    true
                }
                Err(error) => {
                    failed = Some(error);
                    false
                }
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(revoked),
        }
    }

    /// Walks over an authority's certificates in order of issuance, until `visit` says no.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn certificates_of(
        &self,
        authority: &str,
        visit: &mut dyn FnMut(&CertificateEntry) -> bool,
    ) -> Result<(), CaError> {
        let id = self.authority(authority)?.id;
        let mut after = 0;
        loop {
            let page = self.store.certificates_after(id, after, PAGE)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (_, entry) in &page {
                if !visit(entry) {
                    return Ok(());
                }
            }
        }
    }

    /// Walks over an authority's published CRLs by number, until `visit` says no.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn crls_of(
        &self,
        authority: &str,
        visit: &mut dyn FnMut(&CrlView) -> bool,
    ) -> Result<(), CaError> {
        let id = self.authority(authority)?.id;
        let mut after = 0;
        // One at a time: a CRL may be large.
        while let Some(crl) = self.store.crls_after(id, after, 1)?.pop() {
            after = crl.number;
            if !visit(&crl) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Records what only people can know of an authority, such as that its key was destroyed and before
    /// whom.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be written.
    pub fn state(
        &self,
        authority: &str,
        about: &str,
        statement: &str,
        actors: &Actors,
    ) -> Result<u64, CaError> {
        let act = HierarchyAct::State {
            authority: self.authority(authority)?.reference(),
            about: about.to_owned(),
            statement: statement.to_owned(),
        };
        Ok(self.commit(actors, Act::Hierarchy(act))?)
    }

    /// Whether the authority's last CRL is the last there will ever be (nextUpdate 99991231235959Z, EN
    /// 319 411-1 CSS-6.3.9).
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn has_last_crl(&self, authority: &str) -> Result<bool, CaError> {
        let authority = self.authority(authority)?;
        for scope in CrlScope::each(authority.crl_partitions) {
            let crl = self
                .store
                .latest_crl(authority.id, CrlName::complete(scope))?;
            if crl.is_none_or(|crl| crl.next_update != UnixTime::MAX) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Issues the last CRL of an authority that ended: its nextUpdate never comes.
    ///
    /// # Errors
    /// Where the authority was not terminated or has its last CRL, the key does not sign, or the record
    /// cannot be written.
    pub fn issue_last_crl(
        &self,
        key: &crate::authority::AuthorityKey,
        actors: &Actors,
    ) -> Result<crate::engine::IssuedCrl, CaError> {
        let authority = key.authority();
        if self.store.life(authority.id)?.terminated_at.is_none() {
            return Err(HierarchyError::NotTerminated(authority.name.clone()).into());
        }
        self.check_makes_crls(authority)?;
        let issued = self.publish_last_crls(key, actors)?;
        let entries = issued.iter().filter_map(|crl| crl.entries).sum();
        let name = issued.first().map_or(CrlName::WHOLE, |crl| crl.name);
        let crl = self.store.crl(&authority.name, name)?;
        let crl = crl.ok_or_else(|| CaError::UnknownAuthority(authority.name.clone()))?;
        Ok(crate::engine::IssuedCrl { crl, entries })
    }

    /// After its last CRL an authority makes no other.
    pub(in crate::engine) fn check_makes_crls(
        &self,
        authority: &crate::authority::Authority,
    ) -> Result<(), CaError> {
        let life = self.store.life(authority.id)?;
        if life.terminated_at.is_some() && self.has_last_crl(&authority.name)? {
            return super::not_terminated(authority, &life);
        }
        Ok(())
    }
}
