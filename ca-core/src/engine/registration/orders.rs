//! What operators decide beside the steps of registration: each act as an order, and the mandate that
//! their decisions on it make.

use pki_asn1::Certificate;
use pki_asn1::name::DisplayName;
use x509_cert::name::Name;

use super::fulfil::key_sha256;
use crate::engine::hierarchy::{CrossOrder, GenerationName, LinkOrder, Renewal, TerminationOrder};
use crate::engine::{Actors, CaEngine, NewAuthority, Validity};
use crate::error::CaError;
use crate::issuance::sha256;
use crate::names::SubjectDn;
use crate::registration::{
    CaOrder, Order, OrderDocument, RegistrationError, Role, quorum, written,
};
use crate::request::CertificationRequest;
use crate::revocation::{RevocationRequest, SuspensionRequest};
use crate::store::{CaCertificateKind, IssuesBesideSuccessor, Mandate};

/// An OCSP signer or time-stamping unit to certify.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Who certifies it.
    pub authority: &'a str,
    /// The profile's name.
    pub profile: &'a str,
    /// Its subject.
    pub subject: &'a SubjectDn,
    /// Its request, where the key is elsewhere.
    pub request: Option<&'a CertificationRequest>,
    /// How long.
    pub validity: Validity,
}

impl RevocationRequest {
    /// What a revocation-officer decides.
    #[must_use]
    pub fn order(&self) -> Order {
        Order::CertificateRevoke {
            authority: self.authority.clone(),
            serial: hex::encode(&self.serial),
            reason: self.reason.name().to_owned(),
            invalidity_date: written(self.invalidity_date),
            requested_at: written(self.requested_at),
        }
    }
}

impl SuspensionRequest {
    /// What a revocation-officer decides to suspend.
    #[must_use]
    pub fn order_to_suspend(&self) -> Order {
        Order::CertificateSuspend {
            authority: self.authority.clone(),
            serial: hex::encode(&self.serial),
            requested_at: written(self.requested_at),
        }
    }

    /// What a revocation-officer decides to resume.
    #[must_use]
    pub fn order_to_resume(&self) -> Order {
        Order::CertificateResume {
            authority: self.authority.clone(),
            serial: hex::encode(&self.serial),
            requested_at: written(self.requested_at),
        }
    }
}

impl TerminationOrder {
    /// What security-officers decide.
    #[must_use]
    pub fn order(&self) -> Order {
        Order::CaTerminate {
            authority: self.authority.clone(),
            reason: self.reason.clone(),
            certificates: self.certificates.name().to_owned(),
        }
    }
}

impl CaEngine {
    /// The order as it is decided here: with how many must sign it.
    #[must_use]
    pub fn order(&self, order: Order) -> OrderDocument {
        let decisions = match order.task().role() {
            Role::RevocationOfficer => self.registration.revocation_decisions,
            _ => match order {
                Order::ServiceCertify { .. } => self.registration.service_decisions,
                _ => self.registration.ca_decisions,
            },
        };
        OrderDocument::new(order, decisions)
    }

    /// Refuses what `actors` did not decide, before anything is done for it: a key that is generated
    /// in vain, for example. The record itself refuses it again.
    ///
    /// # Errors
    /// Where operators are enrolled and too few of them, or others, decided the order.
    pub fn check_decided(&self, order: &OrderDocument, actors: &Actors) -> Result<(), CaError> {
        let operators = self.operators()?;
        let decisions: Vec<_> = actors.decisions().iter().collect();
        if operators.is_empty() {
            return match decisions.is_empty() {
                true => Ok(()),
                false => Err(RegistrationError::NobodyEnrolled.into()),
            };
        }
        let matter = order.matter();
        let now = self.now();
        let needed =
            quorum::for_order(order.decisions(), matter.task.role(), now, operators.iter());
        let record = self.record_identity()?;
        let find = |name: &str| operators.iter().find(|o| o.name() == name);
        quorum::check(&matter, &decisions, (needed, &record, now), find)?;
        Ok(())
    }

    /// What the decisions that `actors` bring make of the order.
    pub(in crate::engine) fn mandate(&self, order: Order, actors: &Actors) -> Option<Mandate> {
        if let Some(script) = actors.ceremony() {
            return Some(Mandate::Ceremony(script.to_owned()));
        }
        if actors.decisions().is_empty() {
            return None;
        }
        Some(Mandate::Decided {
            order: Box::new(self.order(order)),
            decisions: actors.decisions().to_vec(),
        })
    }

    /// To create an authority whose certificate `issuer` signs; itself where there is none.
    ///
    /// # Errors
    /// Where profile or subject is refused.
    pub fn order_to_create(
        &self,
        order: &NewAuthority,
        issuer: Option<&str>,
    ) -> Result<Order, CaError> {
        let name = self.profile(&order.profile)?.subject_name(&order.subject)?;
        Ok(Order::CaCertify(first(order, issuer, &name)))
    }

    /// To create the generation after `predecessor`.
    ///
    /// # Errors
    /// As [`Self::order_to_create`], and where there is no such authority.
    pub fn order_to_follow(
        &self,
        order: &NewAuthority,
        predecessor: &str,
        naming: GenerationName,
        issuer: Option<&str>,
    ) -> Result<Order, CaError> {
        let name = match naming {
            GenerationName::Own => self.profile(&order.profile)?.subject_name(&order.subject)?,
            GenerationName::Shared => self.authority(predecessor)?.certificate.subject().clone(),
        };
        Ok(Order::CaCertify(CaOrder {
            predecessor: Some(predecessor.to_owned()),
            ..first(order, issuer, &name)
        }))
    }

    /// To certify the request of an authority whose key is elsewhere: a renewal where it is here.
    ///
    /// # Errors
    /// As [`Self::order_to_create`].
    pub fn order_to_certify(
        &self,
        order: &NewAuthority,
        request: &CertificationRequest,
        issuer: &str,
    ) -> Result<Order, CaError> {
        if self.authorities()?.iter().any(|a| a.name == order.name) {
            return self.order_to_renew(&Renewal {
                authority: order.name.clone(),
                validity: order.validity,
                actors: Actors::default(),
            });
        }
        let name = self.profile(&order.profile)?.subject_name(&order.subject)?;
        Ok(Order::CaCertify(CaOrder {
            key_sha256: Some(hex::encode(key_sha256(request.public_key().bits()))),
            ..first(order, Some(issuer), &name)
        }))
    }

    /// To renew an authority.
    ///
    /// # Errors
    /// Where there is none of this name.
    pub fn order_to_renew(&self, renewal: &Renewal) -> Result<Order, CaError> {
        let authority = self.authority(&renewal.authority)?;
        let issuer = authority.issuer.as_ref().unwrap_or(&authority.name);
        Ok(Order::CaCertify(CaOrder {
            issuer: issuer.clone(),
            authority: Some(authority.name.clone()),
            profile: authority.profile.clone(),
            days: days(renewal.validity),
            ..again(CaCertificateKind::Renewal, &authority.certificate)
        }))
    }

    /// To certify another generation's key with that of the authority named `by`.
    ///
    /// # Errors
    /// Where there is no such authority.
    pub fn order_to_link(&self, link: &LinkOrder, by: &str) -> Result<Order, CaError> {
        let certified = self.authority(&link.certified)?;
        let kind = self.link_kind(by, &certified.name)?;
        Ok(Order::CaCertify(CaOrder {
            issuer: by.to_owned(),
            authority: Some(certified.name.clone()),
            ..again(kind, &certified.certificate)
        }))
    }

    /// To certify another provider's CA with the key of the authority named `by`.
    #[must_use]
    pub fn order_to_cross(&self, cross: &CrossOrder, by: &str) -> Order {
        let foreign = &cross.foreign;
        Order::CaCertify(CaOrder {
            issuer: by.to_owned(),
            days: days(cross.validity),
            terms: cross.terms.lines(),
            ..of_key(CaCertificateKind::Cross, &foreign.name, foreign.key.bits())
        })
    }

    /// To take in an authority whose certificate was issued elsewhere.
    #[must_use]
    pub fn order_to_adopt(&self, authority: &str, certificate: &Certificate) -> Order {
        Order::CaAdopt {
            authority: authority.to_owned(),
            certificate_sha256: hex::encode(sha256(certificate.der())),
        }
    }

    /// To say whether an authority issues beside its successor.
    #[must_use]
    pub fn order_to_issue_beside(&self, authority: &str, beside: IssuesBesideSuccessor) -> Order {
        Order::CaIssuing {
            authority: authority.to_owned(),
            issuing: beside.name().to_owned(),
        }
    }

    /// To certify an OCSP signer or a time-stamping unit; `None` for certificates of people and
    /// organisations, which are requested.
    ///
    /// # Errors
    /// Where profile or subject is refused.
    pub fn order_of_service(&self, service: &Service<'_>) -> Result<Option<Order>, CaError> {
        let profile = self.profile(service.profile)?;
        if profile.subject_type().is_subscriber() || profile.subject_type().is_ca() {
            return Ok(None);
        }
        let name = profile.subject_name(service.subject)?;
        Ok(Some(Order::ServiceCertify {
            authority: service.authority.to_owned(),
            profile: service.profile.to_owned(),
            subject: DisplayName(&name).to_string(),
            key_sha256: service
                .request
                .map(|csr| hex::encode(key_sha256(csr.public_key().bits()))),
            days: days(service.validity),
        }))
    }

    /// Whether a service's certificate is renewed without anybody's decision: the same authority
    /// certified the same subject under the same profile before, and a key that comes from elsewhere is
    /// still the same one.
    ///
    /// # Errors
    /// Where profile or subject is refused, or the record cannot be read.
    pub fn is_renewal_of_service(&self, service: &Service<'_>) -> Result<bool, CaError> {
        let name = self
            .profile(service.profile)?
            .subject_name(service.subject)?;
        let subject = DisplayName(&name).to_string();
        let mut keys = self
            .store
            .certified_keys(service.authority, service.profile, &subject)?
            .into_iter();
        Ok(match service.request {
            None => keys.next().is_some(),
            Some(request) => keys.any(|key| key == key_sha256(request.public_key().bits())),
        })
    }

    /// To hold a key ceremony.
    #[must_use]
    pub fn order_to_hold(&self, script_sha256: &str) -> Order {
        Order::CeremonyHold {
            script_sha256: script_sha256.to_owned(),
        }
    }
}

/// The first certificate of an authority.
fn first(order: &NewAuthority, issuer: Option<&str>, name: &Name) -> CaOrder {
    CaOrder {
        issuer: issuer.unwrap_or(&order.name).to_owned(),
        authority: Some(order.name.clone()),
        certified_as: CaOrder::FIRST.to_owned(),
        profile: order.profile.clone(),
        subject: DisplayName(name).to_string(),
        key: Some(order.key_location.clone()),
        key_sha256: None,
        predecessor: None,
        days: days(order.validity),
        terms: Vec::new(),
    }
}

/// Another certificate for the key of a CA that has one.
fn again(kind: CaCertificateKind, certificate: &Certificate) -> CaOrder {
    of_key(kind, certificate.subject(), certificate.public_key_bits())
}

fn of_key(kind: CaCertificateKind, name: &Name, public_key_bits: &[u8]) -> CaOrder {
    CaOrder {
        issuer: String::new(),
        authority: None,
        certified_as: kind.name().to_owned(),
        profile: crate::engine::hierarchy::CROSS_PROFILE.to_owned(),
        subject: DisplayName(name).to_string(),
        key: None,
        key_sha256: Some(hex::encode(key_sha256(public_key_bits))),
        predecessor: None,
        days: None,
        terms: Vec::new(),
    }
}

fn days(validity: Validity) -> Option<u32> {
    match validity {
        Validity::ProfileDefault => None,
        Validity::Days(days) => Some(days),
    }
}
