//! Organisations: registered, struck off with all their certificates in one act, reinstated.

use std::collections::BTreeSet;

use super::Proposal;
use crate::engine::CaEngine;
use crate::error::CaError;
use crate::registration::{
    Certificate, Entity, EventAct, Fate, Follow, Kind, Organisation, OrganisationDocument, Person,
    RegistrationError, StrikeOff, Striking,
};
use crate::revocation::{Revocation, RevocationReason, is_short_term};
use crate::store::{CertificateEntry, CertificateState};

impl CaEngine {
    /// To register an organisation.
    ///
    /// # Errors
    /// Where its identifier is none, nobody speaks for it, or it is registered.
    pub fn register_organisation(
        &self,
        identifier: &str,
        name: &str,
        people: Vec<Person>,
        national_schemes: &[String],
    ) -> Result<Proposal, CaError> {
        let document = OrganisationDocument::new(identifier, name, people, national_schemes)?;
        if let Some(known) = self.store.organisation(identifier)? {
            let known = known.document().identifier.clone();
            return Err(RegistrationError::OrganisationExists(known).into());
        }
        Ok(Proposal {
            entity: Entity::organisation(identifier),
            ordinal: 0,
            act: EventAct::Register,
            document: document.text(),
        })
    }

    /// The organisation with this identifier.
    ///
    /// # Errors
    /// Where there is none, or the record cannot be read.
    pub fn organisation(&self, identifier: &str) -> Result<Organisation, CaError> {
        let found = self.store.organisation(identifier)?;
        let unknown = || RegistrationError::UnknownOrganisation(identifier.to_owned());
        Ok(found.ok_or_else(unknown)?)
    }

    /// Shows every organisation to `visit`, by identifier, page by page.
    ///
    /// # Errors
    /// Where the record cannot be read, or `visit` stops.
    pub fn organisations<E: From<CaError>>(
        &self,
        mut visit: impl FnMut(Organisation) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = String::new();
        loop {
            let page = self.store.organisations(&after).map_err(CaError::from)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.document().identifier);
            page.into_iter().try_for_each(&mut visit)?;
        }
    }

    /// To strike an organisation off: all its certificates are suspended or revoked with it, and no new
    /// ones are issued.
    ///
    /// # Errors
    /// Where it is not registered, or the record cannot be read.
    pub fn strike_off(
        &self,
        identifier: &str,
        how: Striking,
        reason: &str,
    ) -> Result<Proposal, CaError> {
        let organisation = self.organisation(identifier)?;
        Ok(Proposal {
            entity: Entity::organisation(&organisation.document().identifier),
            ordinal: organisation.steps(),
            act: EventAct::StrikeOff,
            document: StrikeOff::text(organisation.text(), how, reason)?,
        })
    }

    /// To let a suspended organisation be: the certificates suspended with it are good again.
    ///
    /// # Errors
    /// Where it is not registered, or the record cannot be read.
    pub fn reinstate(&self, identifier: &str, reason: Option<&str>) -> Result<Proposal, CaError> {
        let organisation = self.organisation(identifier)?;
        Ok(Proposal {
            entity: Entity::organisation(&organisation.document().identifier),
            ordinal: organisation.steps(),
            act: EventAct::Reinstate,
            document: Follow::text(organisation.text(), reason)?,
        })
    }

    /// Shows the certificates of an organisation that have not ended to `visit`, page by page.
    ///
    /// # Errors
    /// Where the record cannot be read, or `visit` stops.
    pub fn certificates_of_organisation<E: From<CaError>>(
        &self,
        identifier: &str,
        mut visit: impl FnMut(CertificateEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = i64::MIN;
        loop {
            let page = self
                .store
                .certificates_of(identifier, self.now(), after)
                .map_err(CaError::from)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            page.into_iter().try_for_each(|(_, entry)| visit(entry))?;
        }
    }

    /// The certificates that a proposal takes along.
    pub(super) fn taken_along(&self, proposal: &Proposal) -> Result<Vec<Certificate>, CaError> {
        if proposal.entity.kind != Kind::Organisation {
            return Ok(Vec::new());
        }
        let Some(fate) = Fate::of(proposal.act, &proposal.document)? else {
            return Ok(Vec::new());
        };
        let name = &proposal.entity.name;
        let mut ended = Vec::new();
        for authority in self.authorities()? {
            if self.store.life(authority.id)?.terminated_at.is_some() {
                ended.push(authority.name);
            }
        }
        // The status of an ended authority's certificates is the one in its last CRL.
        let is_final = |authority: &String| ended.contains(authority);
        let with_it: BTreeSet<Certificate> = match fate {
            Fate::Resumed => self.store.held_with(name)?.into_iter().collect(),
            Fate::Revoked | Fate::Suspended => BTreeSet::new(),
        };
        let hold = |r: Revocation| r.reason == RevocationReason::CertificateHold;
        let wanted = |of: &Certificate, revocation: Option<Revocation>| match fate {
            Fate::Revoked => revocation.is_none_or(hold) && !is_final(&of.authority),
            Fate::Suspended => revocation.is_none() && !is_final(&of.authority),
            // What was suspended for a reason of its own stays suspended.
            Fate::Resumed => {
                revocation.is_some_and(hold) && with_it.contains(of) && !is_final(&of.authority)
            }
        };
        let mut taken = Vec::new();
        self.certificates_of_organisation(name, |entry| {
            if entry.state != CertificateState::Issued {
                let identifier = name.clone();
                return Err(CaError::from(RegistrationError::OrganisationBusy(
                    identifier,
                )));
            }
            // There is no status of theirs; they end by themselves.
            if entry.certificate.as_ref().is_some_and(is_short_term) {
                return Ok(());
            }
            let certificate = Certificate {
                serial: entry.serial_hex(),
                authority: entry.authority,
            };
            if wanted(&certificate, entry.revocation) {
                taken.push(certificate);
            }
            Ok(())
        })?;
        Ok(taken)
    }
}
