//! Generations of a CA: a new certificate for the same key, a new key beside the old one, and the
//! certificates between them (RFC 9810 section 4.4) and for other CAs.

use std::sync::Arc;

use hsm_pkcs11::Signer;
use pki_crypto::PublicKey;

use crate::authority::{Authority, AuthorityKey, CaKey};
use crate::engine::issue::{Plan, PlanSubject, PlanValidity, issued};
use crate::engine::{Actors, CaEngine, Fulfilment, Issued, NewAuthority, Validity};
use crate::error::CaError;
use crate::hierarchy::{CaTerms, ForeignCa, HierarchyError};
use crate::issuance::Issuer;
use crate::profile::{Profile, Qualification};
use crate::registration::Order;
use crate::settings::Legislation;
use crate::store::{CaCertificateKind, CertifiedAuthority, NewAuthorityRow};

/// The profile of certificates for keys that have a certificate elsewhere.
pub(in crate::engine) const CROSS_PROFILE: &str = "cross-ca";

/// An order to give an authority a new certificate for the same name and key.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Which authority.
    pub authority: String,
    /// How long.
    pub validity: Validity,
    /// Who.
    pub actors: Actors,
}

/// Whether generations share a distinguished name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GenerationName {
    /// Each has its own: every path, CRL and OCSP answer is told apart by name.
    Own,
    /// They share one: their CRLs then name their distribution points, critically.
    Shared,
}

/// An order to certify another generation's key.
#[derive(Clone, Debug)]
pub struct LinkOrder {
    /// The authority whose key is certified.
    pub certified: String,
    /// Who.
    pub actors: Actors,
}

/// An order to certify another provider's CA.
#[derive(Clone, Debug)]
pub struct CrossOrder {
    /// Whom.
    pub foreign: ForeignCa,
    /// What the certificate lets through.
    pub terms: CaTerms,
    /// How long.
    pub validity: Validity,
    /// Who.
    pub actors: Actors,
}

impl CaEngine {
    /// Issues a new certificate for an authority's present name and key; the old one stays valid until it
    /// ends. `by` is the authority's own key for a root, else its issuer's.
    ///
    /// # Errors
    /// Where `by` is not its issuer, the authority was terminated, the validity is refused, or the record
    /// cannot be written.
    pub fn renew_authority(&self, order: &Renewal, by: &AuthorityKey) -> Result<Issued, CaError> {
        let authority = self.authority(&order.authority)?;
        // One that was taken over without those above it is renewed where its issuer is.
        let elsewhere = authority.issuer.is_none() && !authority.certificate.is_self_issued();
        let issuer = authority.issuer.as_ref().unwrap_or(&authority.name);
        if elsewhere || by.authority().name != *issuer {
            return Err(HierarchyError::NotItsIssuer {
                authority: authority.name.clone(),
                by: by.authority().name.clone(),
                issuer: if elsewhere {
                    authority.certificate.display_issuer().to_string()
                } else {
                    issuer.clone()
                },
            }
            .into());
        }
        self.check_not_terminated(&authority)?;
        let own = authority.issuer.is_none();
        let profile = self.profile(&authority.profile)?;
        let subject_key = public_key(&authority)?;
        let published = self.run(Plan {
            issuer: if own {
                Issuer::Itself
            } else {
                Issuer::Authority(by.authority())
            },
            key: by.key(),
            profile,
            subject: PlanSubject::Name(authority.certificate.subject()),
            subject_key: &subject_key,
            qualification: unqualified(profile),
            qscd_evidence: None,
            validity: PlanValidity::Ordered(order.validity),
            actors: &order.actors,
            new_authority: None,
            certifies: Some(CertifiedAuthority {
                authority: Some(authority.reference()),
                kind: CaCertificateKind::Renewal,
            }),
            terms: None,
            order: Some(self.order_to_renew(order)?),
            fulfilment: &Fulfilment::default(),
        })?;
        let chain = if own { Vec::new() } else { by.chain().to_vec() };
        Ok(issued(published, chain, Vec::new()))
    }

    /// Creates the generation after `predecessor`: an authority with a key of its own.
    ///
    /// # Errors
    /// As [`Self::create_authority`], and where `predecessor` has a successor, was terminated, or is of
    /// another kind.
    pub fn create_generation(
        &self,
        order: &NewAuthority,
        predecessor: &str,
        naming: GenerationName,
        signer: Arc<dyn Signer>,
        issuer: Option<&AuthorityKey>,
    ) -> Result<Issued, CaError> {
        self.check_generation(order, predecessor, naming, issuer)?;
        let predecessor = self.authority(predecessor)?;
        let profile = self.profile(&order.profile)?;
        self.refuse_authority_key(signer.public_key())?;
        let own_key = CaKey::new(signer);
        let published = self.run(Plan {
            issuer: issuer.map_or(Issuer::Itself, |k| Issuer::Authority(k.authority())),
            key: issuer.map_or(&own_key, AuthorityKey::key),
            profile,
            subject: match naming {
                GenerationName::Own => PlanSubject::Dn(&order.subject),
                GenerationName::Shared => PlanSubject::Name(predecessor.certificate.subject()),
            },
            subject_key: own_key.public_key(),
            qualification: unqualified(profile),
            qscd_evidence: None,
            validity: PlanValidity::Ordered(order.validity),
            actors: &order.actors,
            new_authority: Some(NewAuthorityRow {
                name: order.name.clone(),
                key_location: order.key_location.clone(),
                is_root: issuer.is_none(),
                crl_partitions: self.settings.crl().partitions_of_new(predecessor.rank()),
                predecessor: Some(predecessor.reference()),
            }),
            certifies: None,
            terms: None,
            order: Some(self.order_to_follow(
                order,
                &predecessor.name,
                naming,
                issuer.map(|k| k.authority().name.as_str()),
            )?),
            fulfilment: &Fulfilment::default(),
        })?;
        let chain = issuer.map_or_else(Vec::new, |k| k.chain().to_vec());
        Ok(issued(published, chain, Vec::new()))
    }

    /// Whatever can be refused before the new generation has a key.
    ///
    /// # Errors
    /// As [`Self::create_generation`].
    pub fn check_generation(
        &self,
        order: &NewAuthority,
        predecessor: &str,
        naming: GenerationName,
        issuer: Option<&AuthorityKey>,
    ) -> Result<(), CaError> {
        let old = self.authority(predecessor)?;
        self.check_not_terminated(&old)?;
        if old.issuer.is_none() != issuer.is_none() {
            return Err(HierarchyError::OtherKind {
                new: order.name.clone(),
                old: old.name,
            }
            .into());
        }
        if let Some(successor) = self.store.life(old.id)?.successor {
            return Err(HierarchyError::HasSuccessor {
                old: old.name,
                successor,
            }
            .into());
        }
        self.check_new_authority_as(order, issuer, naming)
    }

    /// Certifies another generation's key: OldWithNew where `by` is the newer one, NewWithOld where it is
    /// the older one. Valid from now until the certified CA's certificate or `by`'s ends.
    ///
    /// # Errors
    /// Where `certified` is `by` itself, one of the two was terminated, or the record cannot be written.
    pub fn issue_link(&self, order: &LinkOrder, by: &AuthorityKey) -> Result<Issued, CaError> {
        let certified = self.authority(&order.certified)?;
        let issuer = by.authority();
        let same_key =
            certified.certificate.public_key_bits() == issuer.certificate.public_key_bits();
        if certified.id == issuer.id || same_key {
            return Err(HierarchyError::ItsOwnKey(certified.name).into());
        }
        self.check_not_terminated(&certified)?;
        let kind = self.link_kind(&issuer.name, &certified.name)?;
        let foreign = ForeignCa::from_certificate(&certified.certificate)?;
        let terms = CaTerms {
            path_length: foreign.path_length,
            subject_key_id: foreign.key_id.clone(),
            ..CaTerms::default()
        };
        let certifies = CertifiedAuthority {
            authority: Some(certified.reference()),
            kind,
        };
        let end = PlanValidity::Until(certified.certificate.not_after());
        let decided = self.order_to_link(order, &issuer.name)?;
        let actors = (decided, &order.actors);
        self.certify(&foreign, &terms, (end, certifies), by, actors)
    }

    /// Certifies another provider's CA, on terms.
    ///
    /// # Errors
    /// Where the terms make no sense, the key is one of this record's authorities, or the record cannot be
    /// written.
    pub fn issue_cross(&self, order: &CrossOrder, by: &AuthorityKey) -> Result<Issued, CaError> {
        order.terms.check()?;
        self.refuse_authority_key(&order.foreign.key)?;
        if order.foreign.name == *by.authority().certificate.subject() {
            return Err(HierarchyError::SameName {
                other: by.authority().name.clone(),
            }
            .into());
        }
        let terms = CaTerms {
            subject_key_id: order.foreign.key_id.clone(),
            ..order.terms.clone()
        };
        let certifies = CertifiedAuthority {
            authority: None,
            kind: CaCertificateKind::Cross,
        };
        let validity = PlanValidity::Ordered(order.validity);
        let decided = self.order_to_cross(order, &by.authority().name);
        let actors = (decided, &order.actors);
        self.certify(&order.foreign, &terms, (validity, certifies), by, actors)
    }

    fn certify(
        &self,
        foreign: &ForeignCa,
        terms: &CaTerms,
        (validity, certifies): (PlanValidity, CertifiedAuthority),
        by: &AuthorityKey,
        (order, actors): (Order, &Actors),
    ) -> Result<Issued, CaError> {
        let profile = self.profile(CROSS_PROFILE)?;
        let published = self.run(Plan {
            issuer: Issuer::Authority(by.authority()),
            key: by.key(),
            profile,
            subject: PlanSubject::Name(&foreign.name),
            subject_key: &foreign.key,
            qualification: unqualified(profile),
            qscd_evidence: None,
            validity,
            actors,
            new_authority: None,
            certifies: Some(certifies),
            terms: Some(terms),
            order: Some(order),
            fulfilment: &Fulfilment::default(),
        })?;
        Ok(issued(published, by.chain().to_vec(), Vec::new()))
    }

    /// Whether another authority has the same name: their CRLs are then told apart by the address in
    /// them (RFC 5280 section 5.2.5).
    pub(in crate::engine) fn shares_name(&self, authority: &Authority) -> Result<bool, CaError> {
        let name = authority.certificate.subject_der();
        let all = self.authorities()?;
        Ok(all
            .iter()
            .any(|a| a.id != authority.id && a.certificate.subject_der() == name))
    }

    /// What `by`'s certificate for `certified` is.
    pub(in crate::engine) fn link_kind(
        &self,
        by: &str,
        certified: &str,
    ) -> Result<CaCertificateKind, CaError> {
        Ok(if self.follows(by, certified)? {
            CaCertificateKind::OldWithNew
        } else if self.follows(certified, by)? {
            CaCertificateKind::NewWithOld
        } else {
            CaCertificateKind::Cross
        })
    }

    /// Whether `new` is `old`'s successor, at any distance.
    fn follows(&self, new: &str, old: &str) -> Result<bool, CaError> {
        let mut at = new.to_owned();
        // Each step leads to an older authority, so this ends; the bound says so.
        for _ in 0..self.authorities()?.len() {
            match self.life(&at)?.predecessor {
                Some(name) if name == old => return Ok(true),
                Some(name) => at = name,
                None => return Ok(false),
            }
        }
        Ok(false)
    }
}

fn public_key(authority: &Authority) -> Result<PublicKey, CaError> {
    PublicKey::from_spki_der(authority.certificate.spki_der())
        .map_err(|e| HierarchyError::Foreign(format!("its key cannot be used: {e}")).into())
}

fn unqualified(profile: &Profile) -> Qualification {
    Qualification::decide(profile, &Legislation::None, false)
}
