//! Requests: registered by one, approved by others, issued once.

use pki_asn1::{UnixTime, oid};

use super::{Proposal, Requests, signed_by};
use crate::authority::AuthorityKey;
use crate::engine::issue::compare_subjects;
use crate::engine::{
    Actors, CaEngine, Fulfilment, IssueRequest, Issued, QscdEvidence, SubjectKey, Validity,
};
use crate::error::CaError;
use crate::names::SubjectDn;
use crate::profile::{Profile, weakness};
use crate::registration::{
    Certificate, Entity, EventAct, Evidence, Follow, Person, RegistrationError, Request,
    RequestDocument, RequestStatus, RevocationCode,
};
use crate::settings::Legislation;
use crate::store::{CertificateEntry, IntentRequest, KeyOrigin};

/// An order to register a request.
#[derive(Clone, Debug)]
pub struct RequestOrder {
    /// Who shall issue.
    pub authority: String,
    /// The profile's name.
    pub profile: String,
    /// The subject, as registration established it.
    pub subject: SubjectDn,
    /// Whose key.
    pub key: SubjectKey,
    /// Whether the key is in a qualified device.
    pub qscd: QscdEvidence,
    /// Under which law it is qualified; `None` for the installation's setting.
    pub legislation: Option<Legislation>,
    /// How long.
    pub validity: Validity,
    /// Who is what.
    pub people: Vec<Person>,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// The certificate it follows.
    pub renews: Option<Certificate>,
    /// When it is registered: now, or the time in a statement that was signed elsewhere.
    pub at: UnixTime,
}

/// A request that may be registered.
#[derive(Clone, Debug)]
pub struct PreparedRequest {
    /// What the registrar decides on.
    pub proposal: Proposal,
    /// What the registrar should know, such as a subject that differs from the applicant's.
    pub warnings: Vec<String>,
}

impl CaEngine {
    /// Checks an order for a request: everything that issuing would refuse for this subject, key and
    /// profile, the people and the evidence, and the organisation.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn prepare_request(&self, order: &RequestOrder) -> Result<PreparedRequest, CaError> {
        self.authority(&order.authority)?;
        let profile = self.profile(&order.profile)?;
        if profile.subject_type().is_ca() {
            return Err(CaError::ProfileKind {
                profile: order.profile.clone(),
                is_for: "certification authorities",
            });
        }
        profile.subject_name(&order.subject)?;
        let (key, warnings) = match &order.key {
            SubjectKey::Held(key) => (key, Vec::new()),
            SubjectKey::Request(request) => (
                request.public_key(),
                compare_subjects(request.subject(), &order.subject)?,
            ),
        };
        if let Some(reason) = weakness(profile, key) {
            return Err(CaError::Key {
                profile: order.profile.clone(),
                kind: key.kind(),
                reason,
            });
        }
        self.refuse_authority_key(key)?;
        let in_force = self.store.has_operators()?;
        let organisation = order.subject.get(&oid::AT_ORGANIZATION_IDENTIFIER);
        let document = RequestDocument {
            schema: RequestDocument::SCHEMA.to_owned(),
            authority: order.authority.clone(),
            profile: order.profile.clone(),
            profile_sha256: profile.digest().to_hex(),
            settings_sha256: Some(self.settings.digest_in_certificates()),
            // Before any operator is enrolled there is nobody who could approve.
            approvals: if in_force {
                profile.registration().approvals
            } else {
                0
            },
            subject: order.subject.to_string(),
            public_key: hex::encode(key.spki_der()),
            days: match order.validity {
                Validity::ProfileDefault => None,
                Validity::Days(days) => Some(days),
            },
            // Written down, so that another setting between approval and issuing changes nothing.
            legislation: Some(
                order
                    .legislation
                    .as_ref()
                    .unwrap_or_else(|| self.settings.legislation())
                    .to_string(),
            ),
            qscd: match &order.qscd {
                QscdEvidence::None => None,
                QscdEvidence::Attested(statement) => Some(statement.clone()),
            },
            organisation: organisation.map(str::to_owned),
            people: order.people.clone(),
            evidence: order.evidence.clone(),
            renews: order.renews.clone(),
            registered_at: order.at,
            expires: order.at.plus_days(self.registration.request_days),
        };
        document.check(profile.subject_type(), self.registration.evidence_days)?;
        if let Some(identifier) = organisation {
            self.check_organisation(identifier, &order.subject, &order.people, in_force)?;
        }
        Ok(PreparedRequest {
            proposal: Proposal {
                entity: self.next_request()?,
                ordinal: 0,
                act: EventAct::Register,
                document: document.text(),
            },
            warnings,
        })
    }

    /// The organisation is registered under this name and represented by these people; before any
    /// operator is enrolled, it need not be registered at all.
    fn check_organisation(
        &self,
        identifier: &str,
        subject: &SubjectDn,
        people: &[Person],
        in_force: bool,
    ) -> Result<(), CaError> {
        let Some(organisation) = self.store.organisation(identifier)? else {
            if in_force {
                let identifier = identifier.to_owned();
                return Err(RegistrationError::UnknownOrganisation(identifier).into());
            }
            return Ok(());
        };
        organisation.check_people(people)?;
        let registered = &organisation.document().name;
        match subject.get(&oid::AT_ORGANIZATION) {
            Some(written) if written != registered => Err(RegistrationError::OrganisationName {
                identifier: identifier.to_owned(),
                subject: written.to_owned(),
                registered: registered.clone(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    pub(super) fn next_request(&self) -> Result<Entity, CaError> {
        Ok(Entity::request(self.store.last_request()? + 1))
    }

    /// To approve, reject or withdraw a request.
    ///
    /// # Errors
    /// Where there is no such request, its profile was changed since, or the record cannot be read.
    pub fn decide_request(
        &self,
        number: u64,
        act: EventAct,
        reason: Option<&str>,
    ) -> Result<Proposal, CaError> {
        let request = self.request(number)?;
        if act == EventAct::Approve {
            self.profile_of(&request)?;
        }
        Ok(Proposal {
            entity: Entity::request(number),
            ordinal: request.steps(),
            act,
            document: Follow::text(request.text(), reason)?,
        })
    }

    /// The profile as it was when the request was registered.
    fn profile_of(&self, request: &Request) -> Result<&Profile, CaError> {
        let document = request.document();
        let profile = self.profile(&document.profile)?;
        if profile.digest().to_hex() != document.profile_sha256 {
            return Err(RegistrationError::ProfileChanged(document.profile.clone()).into());
        }
        let settings = document.settings_sha256.as_ref();
        if settings.is_some_and(|s| *s != self.settings.digest_in_certificates()) {
            return Err(RegistrationError::SettingsChanged.into());
        }
        Ok(profile)
    }

    /// The request of this number.
    ///
    /// # Errors
    /// Where there is none, or the record cannot be read.
    pub fn request(&self, number: u64) -> Result<Request, CaError> {
        let found = self.store.request(number)?;
        Ok(found.ok_or(RegistrationError::UnknownRequest(number))?)
    }

    /// Shows every request to `visit`, in order, page by page.
    ///
    /// # Errors
    /// Where the record cannot be read, or `visit` stops.
    pub fn requests<E: From<CaError>>(
        &self,
        mut visit: impl FnMut(Request) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = 0;
        loop {
            let page = self.store.requests(after).map_err(CaError::from)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.number();
            page.into_iter().try_for_each(&mut visit)?;
        }
    }

    /// The certificate that this request became.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn certificate_of_request(&self, number: u64) -> Result<Option<CertificateEntry>, CaError> {
        Ok(self.store.certificate_of(number)?)
    }

    /// To have a request issued.
    ///
    /// # Errors
    /// Where there is no such request, too few approved, or the record cannot be read.
    pub fn issue_proposal(&self, number: u64) -> Result<Proposal, CaError> {
        let request = self.request(number)?;
        self.profile_of(&request)?;
        match request.status(self.now()) {
            RequestStatus::Pending => {
                return Err(RegistrationError::Quorum {
                    have: request.approvals().len(),
                    need: request.document().approvals,
                }
                .into());
            }
            RequestStatus::Approved | RequestStatus::Issued => {}
            status => {
                return Err(RegistrationError::Step(EventAct::Issue, status.of_request()).into());
            }
        }
        if self.store.certificate_of(number)?.is_some() {
            return Err(RegistrationError::IssuedBefore.into());
        }
        Ok(Proposal {
            entity: Entity::request(number),
            ordinal: request.steps(),
            act: EventAct::Issue,
            document: Follow::text(request.text(), None)?,
        })
    }

    /// Issues the certificate that was requested: this subject, this key, this profile, and nothing
    /// else. INTENT names the request and who approved it.
    ///
    /// # Errors
    /// Where the request does not allow it, or as [`Self::issue`].
    pub fn issue_request(
        &self,
        key: &AuthorityKey,
        number: u64,
        revocation_code: Option<RevocationCode>,
        actors: &Actors,
    ) -> Result<Issued, CaError> {
        let request = self.request(number)?;
        let document = request.document();
        if key.authority().name != document.authority {
            return Err(RegistrationError::OtherAuthority {
                number,
                authority: document.authority.clone(),
            }
            .into());
        }
        let proposal = self.issue_proposal(number)?;
        let unreadable = || RegistrationError::Document("a request");
        let order = IssueRequest {
            profile: document.profile.clone(),
            subject: document.subject.parse()?,
            key: SubjectKey::Held(document.key()?),
            qscd: document
                .qscd
                .clone()
                .map_or(QscdEvidence::None, QscdEvidence::Attested),
            legislation: document
                .legislation
                .as_ref()
                .map(|law| law.parse().map_err(|_| unreadable()))
                .transpose()?,
            validity: document
                .days
                .map_or(Validity::ProfileDefault, Validity::Days),
            actors: actors.clone(),
        };
        // Where only the settings ask for requests, before anybody is enrolled, nobody has signed.
        let unsigned = request.registrar().is_none() && signed_by(actors).is_none();
        if unsigned && self.registration.requests == Requests::Required {
            return Err(RegistrationError::RegisteredUnsigned.into());
        }
        let fulfilment = Fulfilment {
            revocation_code,
            renews: document.renews.clone(),
            request: Some(Box::new(IntentRequest {
                step: proposal.step(self.now(), actors, Vec::new()),
                sha256: request.sha256(),
                approvals: request.approvals().to_vec(),
            })),
            batch_order: None,
            origin: KeyOrigin::Held,
        };
        self.issue_fulfilling(key, &order, &fulfilment)
    }
}
