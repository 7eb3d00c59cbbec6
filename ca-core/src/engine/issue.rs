//! Issuing: from an order to a certificate that may be handed out.

use std::sync::{Arc, PoisonError};

use hsm_pkcs11::Signer;
use pki_asn1::{UnixTime, oid};
use pki_crypto::PublicKey;

use super::{
    Actors, CaEngine, Fulfilment, IssueRequest, Issued, NewAuthority, QscdEvidence, Service,
    SubjectKey, Validity,
};
use crate::authority::{Authority, AuthorityKey, CaKey};
use crate::crl::Rank;
use crate::engine::hierarchy::GenerationName;
use crate::engine::registration::fulfil::key_sha256;
use crate::error::CaError;
use crate::hierarchy::{CaTerms, HierarchyError};
use crate::issuance::{Draft, DraftInputs, Issuer, Published, RecordInputs, Recorded};
use crate::names::{SubjectDn, attribute_label};
use crate::profile::{Profile, Qualification, SubjectType, weakness};
use crate::registration::Order;
use crate::settings::Legislation;
use crate::store::{
    Abandonment, Act, AuthorityRef, CertifiedAuthority, Conflict, IntentRegistration, KeyOrigin,
    NewAuthorityRow, Query, StoreError,
};
use x509_cert::name::Name;

/// One certificate to be, after the order was understood.
pub(super) struct Plan<'a> {
    pub(super) issuer: Issuer<'a>,
    pub(super) key: &'a CaKey,
    pub(super) profile: &'a Profile,
    pub(super) subject: PlanSubject<'a>,
    pub(super) subject_key: &'a PublicKey,
    pub(super) qualification: Qualification,
    pub(super) qscd_evidence: Option<String>,
    pub(super) validity: PlanValidity,
    pub(super) actors: &'a Actors,
    pub(super) new_authority: Option<NewAuthorityRow>,
    /// A CA that is certified again, or by another.
    pub(super) certifies: Option<CertifiedAuthority>,
    /// What a certificate for another CA's key lets through; the profile's extensions where `None`.
    pub(super) terms: Option<&'a CaTerms>,
    /// What operators decide, where the certificate is one of the provider's own.
    pub(super) order: Option<Order>,
    pub(super) fulfilment: &'a Fulfilment,
}

/// Whose name the certificate has.
pub(super) enum PlanSubject<'a> {
    /// What registration established; the profile encodes it.
    Dn(&'a SubjectDn),
    /// A CA's name, octet for octet as it is in its certificate.
    Name(&'a Name),
}

/// How long the certificate is valid.
pub(super) enum PlanValidity {
    /// As ordered, within the profile and the CA.
    Ordered(Validity),
    /// As long as a CA certificate that is there already, and not longer than its issuer's.
    Until(UnixTime),
}

impl CaEngine {
    /// Creates an authority whose key is `signer`: a root where `issuer` is `None`.
    ///
    /// # Errors
    /// Where name, profile, subject, key or validity is refused, the issuer cannot issue, or the
    /// record cannot be written. Nothing is signed that the record does not hold.
    pub fn create_authority(
        &self,
        order: &NewAuthority,
        signer: Arc<dyn Signer>,
        issuer: Option<&AuthorityKey>,
    ) -> Result<Issued, CaError> {
        self.check_new_authority(order, issuer)?;
        let profile = self.profile(&order.profile)?;
        self.refuse_authority_key(signer.public_key())?;
        let own_key = CaKey::new(signer);
        let published = self.run(Plan {
            issuer: issuer.map_or(Issuer::Itself, |k| Issuer::Authority(k.authority())),
            key: issuer.map_or(&own_key, AuthorityKey::key),
            profile,
            subject: PlanSubject::Dn(&order.subject),
            subject_key: own_key.public_key(),
            qualification: Qualification::decide(profile, &Legislation::None, false),
            qscd_evidence: None,
            validity: PlanValidity::Ordered(order.validity),
            actors: &order.actors,
            new_authority: Some(NewAuthorityRow {
                name: order.name.clone(),
                key_location: order.key_location.clone(),
                is_root: issuer.is_none(),
                crl_partitions: self.settings.crl().partitions_of_new(match issuer {
                    None => Rank::Root,
                    Some(_) => Rank::Issuing,
                }),
                predecessor: None,
            }),
            certifies: None,
            terms: None,
            order: Some(self.order_to_create(order, issuer.map(|k| k.authority().name.as_str()))?),
            fulfilment: &Fulfilment::default(),
        })?;
        let chain = issuer.map_or_else(Vec::new, |k| k.chain().to_vec());
        Ok(issued(published, chain, Vec::new()))
    }

    /// Whatever can be refused before the new authority has a key, so that none is generated in
    /// vain. [`Self::create_authority`] checks it again.
    ///
    /// # Errors
    /// Where name, profile or subject is refused.
    pub fn check_new_authority(
        &self,
        order: &NewAuthority,
        issuer: Option<&AuthorityKey>,
    ) -> Result<(), CaError> {
        self.check_new_authority_as(order, issuer, GenerationName::Own)
    }

    /// As [`Self::check_new_authority`]; generations may share a name.
    pub(super) fn check_new_authority_as(
        &self,
        order: &NewAuthority,
        issuer: Option<&AuthorityKey>,
        naming: GenerationName,
    ) -> Result<(), CaError> {
        check_name(&order.name)?;
        let profile = self.profile(&order.profile)?;
        let fits = match profile.subject_type() {
            SubjectType::RootCa => issuer.is_none(),
            SubjectType::IssuingCa => issuer.is_some(),
            _ => false,
        };
        if !fits {
            return Err(CaError::ProfileKind {
                profile: order.profile.clone(),
                is_for: match profile.subject_type() {
                    SubjectType::RootCa => "a root, which has no issuer",
                    SubjectType::IssuingCa => "an issuing CA, which needs an issuer",
                    _ => "end entities",
                },
            });
        }
        let all = self.authorities()?;
        if all.iter().any(|a| a.name == order.name) {
            return Err(CaError::DuplicateAuthority(order.name.clone()));
        }
        if naming == GenerationName::Shared {
            return Ok(());
        }
        // Two CAs with one name are one CA to whoever reads a certificate's issuer.
        let name = profile.subject_name(&order.subject)?;
        match all.into_iter().find(|a| *a.certificate.subject() == name) {
            Some(other) => Err(HierarchyError::SameName { other: other.name }.into()),
            None => Ok(()),
        }
    }

    /// Issues an end-entity certificate.
    ///
    /// # Errors
    /// Where the order is refused (each reason its own variant), the key does not sign, or the record
    /// cannot be written. Nothing is signed that the record does not hold.
    pub fn issue(&self, key: &AuthorityKey, order: &IssueRequest) -> Result<Issued, CaError> {
        self.issue_fulfilling(key, order, &Fulfilment::default())
    }

    /// Issues an end-entity certificate that follows another, or whose subscriber is handed a
    /// revocation code, or that was requested.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_fulfilling(
        &self,
        key: &AuthorityKey,
        order: &IssueRequest,
        fulfilment: &Fulfilment,
    ) -> Result<Issued, CaError> {
        let profile = self.profile(&order.profile)?;
        if fulfilment.request.is_none() {
            self.check_request_needed(profile)?;
        }
        let authority = key.authority();
        if profile.subject_type().is_ca() {
            return Err(CaError::ProfileKind {
                profile: order.profile.clone(),
                is_for: "certification authorities",
            });
        }
        let for_person = profile.subject_type().is_person();
        let root = authority.certificate.is_self_issued();
        if root && for_person {
            return Err(CaError::NotItsTask {
                authority: authority.name.clone(),
                authority_profile: authority.profile.clone(),
                profile: order.profile.clone(),
            });
        }
        self.check_issues(authority, profile)?;
        let (subject_key, mut warnings) = match &order.key {
            SubjectKey::Held(key) => (key, Vec::new()),
            SubjectKey::Request(request) => (
                request.public_key(),
                compare_subjects(request.subject(), &order.subject)?,
            ),
        };
        self.refuse_authority_key(subject_key)?;
        // A service's key from elsewhere is known by nobody's word here but the request's.
        let foreign = Fulfilment {
            origin: KeyOrigin::Request,
            ..Fulfilment::default()
        };
        let fulfilment = match order.key {
            SubjectKey::Request(_) if !profile.subject_type().is_subscriber() => &foreign,
            _ => fulfilment,
        };
        let legislation = order
            .legislation
            .as_ref()
            .unwrap_or_else(|| self.settings.legislation());
        let qscd_evidence = match &order.qscd {
            QscdEvidence::None => None,
            QscdEvidence::Attested(statement) => Some(statement.clone()),
        };
        let qualification =
            profile.qualify(&self.settings, legislation, qscd_evidence.is_some())?;
        let published = self.run(Plan {
            issuer: Issuer::Authority(authority),
            key: key.key(),
            profile,
            subject: PlanSubject::Dn(&order.subject),
            subject_key,
            qualification,
            qscd_evidence,
            validity: PlanValidity::Ordered(order.validity),
            actors: &order.actors,
            new_authority: None,
            certifies: None,
            terms: None,
            order: self.order_of_service(&Service {
                authority: &authority.name,
                profile: &order.profile,
                subject: &order.subject,
                request: match &order.key {
                    SubjectKey::Request(request) => Some(request),
                    SubjectKey::Held(_) => None,
                },
                validity: order.validity,
            })?,
            fulfilment,
        })?;
        warnings.extend(self.duplicate_subject_warning(profile, &published.certificate)?);
        Ok(issued(published, key.chain().to_vec(), warnings))
    }

    /// An authority's key signs certificates and CRLs; certified for anything else, it could sign
    /// that too, and what it signs could be taken for something else.
    pub(super) fn refuse_authority_key(&self, key: &PublicKey) -> Result<(), CaError> {
        let cached = || {
            let keys = self.authority_keys.read();
            keys.unwrap_or_else(PoisonError::into_inner)
        };
        let mut keys = cached();
        if keys.len() as u64 != self.store.authority_count()? {
            drop(keys);
            let all = self.store.authorities()?.into_iter();
            let all = all.map(|a| (a.name, a.certificate.public_key_bits().to_vec()));
            let all = all.collect();
            let known = self.authority_keys.write();
            *known.unwrap_or_else(PoisonError::into_inner) = all;
            keys = cached();
        }
        // The key itself: the same one in another SubjectPublicKeyInfo is the same one.
        match keys.iter().find(|(_, used)| used == key.bits()) {
            Some((name, _)) => Err(CaError::KeyInUse(name.clone())),
            None => Ok(()),
        }
    }

    /// The cycle, from the checked order to the released certificate.
    pub(super) fn run(&self, plan: Plan<'_>) -> Result<Published, CaError> {
        let (recorded, key, actors) = self.record(plan)?;
        let (reference, serial) = recorded.reference();
        let signed = recorded
            .sign(key)
            .map_err(|source| CaError::Signing {
                authority: reference.name.clone(),
                source,
            })
            .and_then(|signed| {
                signed.verify().map_err(|reason| CaError::Verification {
                    authority: reference.name.clone(),
                    reason,
                })
            });
        let published = signed.and_then(|verified| {
            let published = verified.publish(&*self.store, self.now(), &actors.names);
            published.map_err(CaError::from)
        });
        match published {
            Ok(published) => Ok(published),
            Err(error) => {
                // The INTENT stays, closed as revoked. Where even that cannot be written, the next
                // start does it. Where RESULT could not be seen to be recorded and is, this is refused.
                let closed = self.commit(
                    actors,
                    Act::Abandon(Abandonment {
                        authority: reference,
                        serial,
                        reason: error.to_string(),
                    }),
                );
                if let Err(e) = closed {
                    tracing::error!(error = %e, "an unfinished issuance is not closed yet");
                }
                Err(error)
            }
        }
    }

    /// The cycle up to the INTENT on the disk.
    fn record<'a>(&self, plan: Plan<'a>) -> Result<(Recorded, &'a CaKey, &'a Actors), CaError> {
        let now = self.now();
        if let Issuer::Authority(authority) = plan.issuer {
            self.check_usable(authority, now)?;
            // Of the others `check_issues` has just made sure of it.
            if plan.profile.subject_type().is_ca() {
                self.check_not_terminated(authority)?;
            }
        }
        if let Some(reason) = weakness(plan.profile, plan.subject_key) {
            return Err(CaError::Key {
                profile: plan.profile.name().to_owned(),
                kind: plan.subject_key.kind(),
                reason,
            });
        }
        let subject = match plan.subject {
            PlanSubject::Dn(dn) => plan.profile.subject_name(dn)?,
            PlanSubject::Name(name) => name.clone(),
        };
        let not_after = validity_end(&plan, now)?;
        plan.profile
            .check_algorithm_end(plan.subject_key, now, not_after)?;
        let draft = Draft::prepare(DraftInputs {
            issuer: plan.issuer,
            key: plan.key,
            profile: plan.profile,
            settings: &self.settings,
            qualification: &plan.qualification,
            subject: &subject,
            subject_key: plan.subject_key,
            not_before: now,
            not_after,
            terms: plan.terms,
        })?;
        let linted = draft.lint()?;
        let authority = match (plan.issuer, &plan.new_authority) {
            (Issuer::Authority(authority), _) => authority.reference(),
            (Issuer::Itself, new) => AuthorityRef {
                id: 0,
                name: new.as_ref().map(|n| n.name.clone()).unwrap_or_default(),
            },
        };
        // A root that renews itself is in the record already.
        let authority = match (plan.issuer, &plan.certifies) {
            (Issuer::Itself, Some(certified)) => certified.authority.clone().unwrap_or(authority),
            _ => authority,
        };
        let registration = match plan.subject {
            PlanSubject::Dn(dn) => plan.fulfilment.intent(plan.profile, dn, plan.subject_key),
            // A CA's own, or another provider's.
            PlanSubject::Name(_) => {
                IntentRegistration::of_provider(key_sha256(plan.subject_key.bits()))
            }
        };
        let mandate = plan
            .order
            .and_then(|order| self.mandate(order, plan.actors));
        let new_name = plan.new_authority.as_ref().map(|n| n.name.clone());
        let recorded = linted
            .record(
                &*self.store,
                RecordInputs {
                    at: now,
                    actors: &plan.actors.names,
                    authority,
                    profile: plan.profile,
                    qscd_evidence: plan.qscd_evidence,
                    new_authority: plan.new_authority,
                    certifies: plan.certifies,
                    order: plan.fulfilment.batch_order,
                    issuer_key: plan.key.public_key(),
                    issuer_algorithm: plan.key.algorithm(),
                    registration,
                    mandate,
                    revocation_code: plan.fulfilment.revocation_code.as_ref(),
                },
            )
            .map_err(|e| match (e, new_name) {
                (StoreError::Conflict(Conflict::AuthorityName), Some(name)) => {
                    CaError::DuplicateAuthority(name)
                }
                (e, _) => e.into(),
            })?;
        Ok((recorded, plan.key, plan.actors))
    }

    /// Whether the authority may sign now.
    pub(super) fn check_usable(&self, authority: &Authority, now: UnixTime) -> Result<(), CaError> {
        let certificate = &authority.certificate;
        let name = || authority.name.clone();
        if now > certificate.not_after() {
            return Err(CaError::AuthorityExpired {
                authority: name(),
                not_after: certificate.not_after(),
            });
        }
        if now < certificate.not_before() {
            return Err(CaError::AuthorityNotYetValid {
                authority: name(),
                not_before: certificate.not_before(),
                now,
            });
        }
        let own = self
            .store
            .certificates(&Query::Serial(certificate.serial().to_vec()))?;
        let revocation = own
            .iter()
            .find(|entry| entry.certificate.as_ref() == Some(certificate))
            .and_then(|entry| entry.revocation);
        match revocation {
            Some(revocation) => Err(CaError::AuthorityRevoked {
                authority: name(),
                at: revocation.at,
            }),
            None => Ok(()),
        }
    }
}

impl Issued {
    /// The authority's certificate and those above it, as PEM-ready DER, the issuing CA first.
    #[must_use]
    pub fn chain_der(&self) -> Vec<&[u8]> {
        self.chain.iter().map(|c| c.der()).collect()
    }
}

pub(super) fn issued(
    published: Published,
    chain: Vec<pki_asn1::Certificate>,
    warnings: Vec<String>,
) -> Issued {
    Issued {
        certificate: published.certificate,
        chain,
        journal_seq: published.seq,
        warnings,
    }
}

/// Names become path segments of URLs and file names.
pub(super) fn check_name(name: &str) -> Result<(), CaError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') {
        Ok(())
    } else {
        Err(CaError::AuthorityName(name.to_owned()))
    }
}

/// The last second of validity (RFC 5280 counts both ends in).
fn validity_end(plan: &Plan<'_>, now: UnixTime) -> Result<UnixTime, CaError> {
    let bounds = &plan.profile.config().validity;
    let last_second = |days: u32| {
        let end = match bounds.hours {
            Some(hours) => UnixTime::from_secs(now.as_secs() + i64::from(hours) * 3_600),
            None => now.plus_days(days),
        };
        UnixTime::from_secs(end.as_secs() - 1)
    };
    let ceiling = match plan.issuer {
        Issuer::Authority(a) => Some((&a.name, a.certificate.not_after())),
        Issuer::Itself => None,
    };
    let ordered = match plan.validity {
        PlanValidity::Ordered(ordered) => ordered,
        PlanValidity::Until(end) => {
            return Ok(ceiling.map_or(end, |(_, ceiling)| end.min(ceiling)));
        }
    };
    match ordered {
        Validity::ProfileDefault => {
            let end = last_second(bounds.default_days);
            Ok(ceiling.map_or(end, |(_, ceiling)| end.min(ceiling)))
        }
        Validity::Days(days) if days == 0 || days > bounds.maximum_days => {
            Err(CaError::ValidityTooLong {
                profile: plan.profile.name().to_owned(),
                days,
                maximum: bounds.maximum_days,
            })
        }
        Validity::Days(days) => match ceiling {
            Some((authority, not_after)) if last_second(days) > not_after => {
                Err(CaError::OutlivesAuthority {
                    authority: authority.clone(),
                    days,
                    not_after,
                })
            }
            _ => Ok(last_second(days)),
        },
    }
}

/// The operator's subject is issued. A request that identifies somebody else is refused; other
/// differences are told.
pub(super) fn compare_subjects(
    requested: &[(oid::ObjectIdentifier, String)],
    issued: &SubjectDn,
) -> Result<Vec<String>, CaError> {
    let mut warnings = Vec::new();
    for (attribute, wanted) in requested {
        let label = oid::label(attribute).unwrap_or("an unknown attribute");
        match issued.get(attribute) {
            Some(given) if given == wanted => {}
            // An identifier says who it is: a company's request does not become a person's
            // certificate, nor one person's request another's.
            given
                if *attribute == oid::AT_ORGANIZATION_IDENTIFIER
                    || *attribute == oid::AT_SERIAL_NUMBER =>
            {
                return Err(CaError::RequestMismatch {
                    attribute: attribute_label(attribute),
                    requested: wanted.clone(),
                    issued: given.unwrap_or("(none)").to_owned(),
                });
            }
            Some(given) => warnings.push(format!(
                "the request has {label} {wanted:?}; the certificate has {given:?}"
            )),
            None => warnings.push(format!(
                "the request has {label} {wanted:?}; the certificate has no such attribute"
            )),
        }
    }
    Ok(warnings)
}
