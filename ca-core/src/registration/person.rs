//! The people around a certificate, by the names the field has for them, and who of them a request
//! must name.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{RegistrationError, is_plain_text};
use crate::profile::SubjectType;

/// What somebody is to a certificate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonRole {
    /// Who asks for it (demandeur).
    Applicant,
    /// The natural person whose signature certificate it is (porteur).
    Holder,
    /// Who answers for a seal certificate and its key (responsable de certificat).
    SealResponsible,
    /// Whom the organisation charged with its certificates (mandataire de certification).
    CertificationAgent,
    /// Who represents the organisation by law (représentant légal).
    LegalRepresentative,
}

/// One of them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Person {
    /// What they are.
    pub role: PersonRole,
    /// Their name, as the evidence has it.
    pub name: String,
    /// Their identifier (EN 319 412-1 clause 5.1.3), where the evidence has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// How to reach them: an address, a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl PersonRole {
    const TABLE: [(Self, &'static str); 5] = [
        (Self::Applicant, "applicant"),
        (Self::Holder, "holder"),
        (Self::SealResponsible, "seal-responsible"),
        (Self::CertificationAgent, "certification-agent"),
        (Self::LegalRepresentative, "legal-representative"),
    ];

    /// Its name in commands and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(r, _)| *r == self)
            .map_or("", |(_, name)| name)
    }

    /// Whether the role exists only beside an organisation.
    #[must_use]
    pub fn speaks_for_organisation(self) -> bool {
        matches!(self, Self::CertificationAgent | Self::LegalRepresentative)
    }
}

impl fmt::Display for PersonRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PersonRole {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let found = Self::TABLE.iter().find(|(_, name)| *name == s);
        found.map(|(role, _)| *role).ok_or_else(|| {
            let names = Self::TABLE.map(|(_, name)| name);
            format!("unknown role {s:?}; one of {}", names.join(", "))
        })
    }
}

impl Person {
    pub(super) fn check(&self) -> Result<(), RegistrationError> {
        let texts = [
            ("a person's name", Some(&self.name)),
            ("a person's identifier", self.identifier.as_ref()),
            ("a person's contact", self.contact.as_ref()),
        ];
        for (what, text) in texts {
            if let Some(value) = text.filter(|t| !is_plain_text(t)) {
                let value = value.clone();
                return Err(RegistrationError::Text { what, value });
            }
        }
        Ok(())
    }

    /// Whether both are the same person, as far as they are described: name, and identifier where
    /// both have one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let contradict = match (&self.identifier, &other.identifier) {
            (Some(a), Some(b)) => a != b,
            _ => false,
        };
        self.name == other.name && !contradict
    }
}

/// Whether the request names everybody that a certificate of this kind needs: always an applicant;
/// for a person's signature its holder; for a seal who answers for it; and for an organisation's
/// certificate, a seal or a person's within it, somebody who may speak for the organisation
/// (EN 319 411-1 clause 6.2.2: evidence of the organisation and of the authority of who acts for it).
pub(super) fn check_people(
    people: &[Person],
    subject_type: SubjectType,
    has_organisation: bool,
) -> Result<(), RegistrationError> {
    people.iter().try_for_each(Person::check)?;
    let has = |role| people.iter().any(|p| p.role == role);
    let need = |role, clause| {
        if has(role) {
            Ok(())
        } else {
            Err(RegistrationError::PersonMissing { role, clause })
        }
    };
    need(PersonRole::Applicant, "EN 319 411-1 clause 6.2.2")?;
    if subject_type.is_natural() {
        need(PersonRole::Holder, "EN 319 411-1 clause 6.2.2")?;
        refuse(people, PersonRole::SealResponsible, "a person's signature")?;
    } else {
        need(PersonRole::SealResponsible, "EN 319 411-1 clause 6.2.2")?;
        refuse(people, PersonRole::Holder, "a seal")?;
    }
    let spoken_for = people.iter().any(|p| p.role.speaks_for_organisation());
    match (has_organisation, spoken_for) {
        (true, false) => Err(RegistrationError::NobodySpeaks),
        (false, true) => Err(RegistrationError::NoOrganisation),
        _ => Ok(()),
    }
}

fn refuse(
    people: &[Person],
    role: PersonRole,
    certificate: &'static str,
) -> Result<(), RegistrationError> {
    match people.iter().any(|p| p.role == role) {
        true => Err(RegistrationError::PersonOutOfPlace { role, certificate }),
        false => Ok(()),
    }
}
