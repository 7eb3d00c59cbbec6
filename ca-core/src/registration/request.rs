//! A request for a certificate: registered, approved by as many others as its profile asks for,
//! issued once. It binds the exact subject, key and profile; whoever wants another one registers
//! another request.

use core::fmt;

use pki_asn1::UnixTime;
use pki_crypto::PublicKey;
use serde::{Deserialize, Serialize};

use super::person::check_people;
use super::{Event, EventAct, Evidence, Follow, Person, RegistrationError};
use crate::issuance::sha256;
use crate::profile::SubjectType;

/// The document that begins a request (`sceau.request/1`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RequestDocument {
    /// `sceau.request/1`.
    pub schema: String,
    /// Who shall issue.
    pub authority: String,
    /// The profile's name.
    pub profile: String,
    /// SHA-256 of the profile's text, hexadecimal.
    pub profile_sha256: String,
    /// SHA-256 of the settings that go into the certificate, hexadecimal. Older requests have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_sha256: Option<String>,
    /// How many others must approve, 0 to 9.
    pub approvals: u8,
    /// The exact subject, as [`crate::SubjectDn`] writes it.
    pub subject: String,
    /// The key: SubjectPublicKeyInfo (DER), hexadecimal. Possession was proven when it was registered.
    pub public_key: String,
    /// How many days, where not the profile's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Under which law. Older requests say none where it is the installation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legislation: Option<String>,
    /// Who vouches that the key is in a qualified device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qscd: Option<String>,
    /// The organisation's identifier, where it is an organisation's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Who is what.
    pub people: Vec<Person>,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// The certificate this one follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renews: Option<Certificate>,
    /// When it was registered.
    #[serde(with = "super::time_text")]
    pub registered_at: UnixTime,
    /// When it lapses if it was not issued.
    #[serde(with = "super::time_text")]
    pub expires: UnixTime,
}

/// A certificate by its issuer and serial number.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Certificate {
    /// The issuing authority's name.
    pub authority: String,
    /// The serial number, hexadecimal.
    pub serial: String,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestStatus {
    /// Others must approve.
    Pending,
    /// It may be issued.
    Approved,
    /// Somebody said no. Final.
    Rejected,
    /// It was taken back. Final.
    Withdrawn,
    /// Nobody issued it in time. Final.
    Lapsed,
    /// Its certificate is intended or issued. Final, unless that certificate was never released.
    Issued,
}

/// A request as the events leave it.
#[derive(Clone, Debug)]
pub struct Request {
    number: u64,
    document: RequestDocument,
    text: String,
    registrar: Option<String>,
    approvals: Vec<String>,
    ending: Option<RequestStatus>,
    reason: Option<String>,
    steps: u32,
}

impl RequestDocument {
    /// The schema's name.
    pub const SCHEMA: &'static str = "sceau.request/1";

    /// Checks what does not depend on anything outside: the people, the evidence, the form.
    /// `evidence_days`: how old evidence may be.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn check(
        &self,
        subject_type: SubjectType,
        evidence_days: u32,
    ) -> Result<(), RegistrationError> {
        if subject_type == SubjectType::LegalPerson && self.organisation.is_none() {
            return Err(RegistrationError::NoOrganisation);
        }
        check_people(&self.people, subject_type, self.organisation.is_some())?;
        if self.evidence.is_empty() {
            return Err(RegistrationError::NoEvidence);
        }
        if self.people.len() > MAX_LIST || self.evidence.len() > MAX_LIST {
            return Err(RegistrationError::TooMany(MAX_LIST));
        }
        self.evidence
            .iter()
            .try_for_each(|e| e.check(self.registered_at, evidence_days))?;
        if self.approvals > 9 || self.expires <= self.registered_at {
            return Err(RegistrationError::Document("a request"));
        }
        self.key().map(drop)
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> String {
        super::text(self)
    }

    /// The key.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn key(&self) -> Result<PublicKey, RegistrationError> {
        let spki = hex::decode(&self.public_key)
            .map_err(|_| RegistrationError::Document("the key of a request"))?;
        Ok(PublicKey::in_use(&spki)?)
    }

    /// SHA-256 of the key's SubjectPublicKeyInfo (DER), hexadecimal.
    #[must_use]
    pub fn key_sha256(&self) -> String {
        hex::encode(sha256(&hex::decode(&self.public_key).unwrap_or_default()))
    }
}

/// Nobody names more people or shows more papers for one certificate.
const MAX_LIST: usize = 50;

impl Request {
    /// A request begins to be.
    ///
    /// # Errors
    /// Where the event is not the registration of one.
    pub fn begin(event: &Event) -> Result<Self, RegistrationError> {
        let bad = || RegistrationError::Document("a request");
        let document: RequestDocument = serde_json::from_str(&event.document).map_err(|_| bad())?;
        let number = event.entity.name.parse().map_err(|_| bad())?;
        if event.act != EventAct::Register {
            return Err(RegistrationError::Step(
                event.act,
                "a request that is not registered",
            ));
        }
        let unsigned_quorum = event.operator.is_none() && document.approvals > 0;
        if document.schema != RequestDocument::SCHEMA || unsigned_quorum {
            return Err(bad());
        }
        Ok(Self {
            number,
            document,
            text: event.document.clone(),
            registrar: event.operator.clone(),
            approvals: Vec::new(),
            ending: None,
            reason: None,
            steps: 1,
        })
    }

    /// The next step.
    ///
    /// # Errors
    /// Where it cannot follow: the request ended or lapsed, the operator registered it or approved it
    /// before, too few approved.
    pub fn apply(&mut self, event: &Event) -> Result<(), RegistrationError> {
        let follow = Follow::parse(&event.document, &self.text)?;
        if event.operator.is_some() != self.registrar.is_some() {
            return Err(RegistrationError::RegisteredUnsigned);
        }
        let status = self.status(event.at);
        match (status, event.act) {
            (RequestStatus::Pending | RequestStatus::Approved, EventAct::Approve) => {
                let operator = event.operator.as_ref();
                let operator = operator.ok_or(RegistrationError::RegisteredUnsigned)?;
                if self.registrar.as_ref() == Some(operator) {
                    return Err(RegistrationError::OwnRequest(operator.clone()));
                }
                if self.approvals.contains(operator) {
                    return Err(RegistrationError::ApprovedBefore(operator.clone()));
                }
                if status == RequestStatus::Approved {
                    return Err(RegistrationError::Step(event.act, status.of_request()));
                }
                self.approvals.push(operator.clone());
            }
            (RequestStatus::Pending | RequestStatus::Approved, EventAct::Reject) => {
                if self.registrar == event.operator {
                    let operator = event.operator.clone().unwrap_or_default();
                    return Err(RegistrationError::OwnRequest(operator));
                }
                self.ending = Some(RequestStatus::Rejected);
            }
            (RequestStatus::Pending | RequestStatus::Approved, EventAct::Withdraw) => {
                self.ending = Some(RequestStatus::Withdrawn);
            }
            // Issued once more only where the certificate of the last time was never released; the
            // record knows that, and refuses otherwise.
            (RequestStatus::Approved | RequestStatus::Issued, EventAct::Issue)
                if event.at <= self.document.expires =>
            {
                self.ending = Some(RequestStatus::Issued);
            }
            (RequestStatus::Pending, EventAct::Issue) => {
                return Err(RegistrationError::Quorum {
                    have: self.approvals.len(),
                    need: self.document.approvals,
                });
            }
            (status, act) => return Err(RegistrationError::Step(act, status.of_request())),
        }
        self.reason = follow.reason;
        self.steps += 1;
        Ok(())
    }

    /// How far it is at this time.
    #[must_use]
    pub fn status(&self, at: UnixTime) -> RequestStatus {
        if let Some(ending) = self.ending {
            return ending;
        }
        if at > self.document.expires {
            RequestStatus::Lapsed
        } else if self.approvals.len() >= usize::from(self.document.approvals) {
            RequestStatus::Approved
        } else {
            RequestStatus::Pending
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What was asked for.
    #[must_use]
    pub fn document(&self) -> &RequestDocument {
        &self.document
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the document's text, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        super::digest(&self.text)
    }

    /// Who registered it; `None` where nobody needed to sign.
    #[must_use]
    pub fn registrar(&self) -> Option<&str> {
        self.registrar.as_deref()
    }

    /// Who approved it, in order.
    #[must_use]
    pub fn approvals(&self) -> &[String] {
        &self.approvals
    }

    /// The reason of the last step, where one was given.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// How many events there were.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }
}

impl RequestStatus {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::Issued => "issued",
        }
    }

    pub(crate) fn of_request(self) -> &'static str {
        match self {
            Self::Pending => "a pending request",
            Self::Approved => "an approved request",
            Self::Rejected => "a rejected request",
            Self::Withdrawn => "a withdrawn request",
            Self::Lapsed => "a lapsed request",
            Self::Issued => "an issued request",
        }
    }
}

impl fmt::Display for RequestStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
