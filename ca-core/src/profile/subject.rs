//! Checking a subject against a profile and the naming rules of EN 319 412-2 and 412-3.

use pki_asn1::name::NameBuilder;
use pki_asn1::oid::{self, ObjectIdentifier};
use x509_cert::name::Name;

use super::{
    IdentifierError, Profile, SubjectType, check_legal_identifier, check_natural_identifier,
    identifier::scheme_and_country, is_iso_country,
};
use crate::names::{SubjectDn, attribute_label};

/// Why a subject does not fit a profile.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// A mandatory attribute is missing.
    #[error("profile {profile:?} needs subject attribute {attribute} ({clause})")]
    Missing {
        /// Which profile.
        profile: String,
        /// Which attribute.
        attribute: &'static str,
        /// Who says so.
        clause: &'static str,
    },
    /// An attribute the profile does not list.
    #[error("profile {profile:?} does not allow subject attribute {attribute}")]
    Forbidden {
        /// Which profile.
        profile: String,
        /// Which attribute.
        attribute: &'static str,
    },
    /// An attribute that may occur once.
    #[error("subject attribute {attribute} occurs twice ({clause})")]
    Duplicate {
        /// Which attribute.
        attribute: &'static str,
        /// Who says so.
        clause: &'static str,
    },
    /// Neither a name nor a pseudonym.
    #[error(
        "the subject has neither givenName nor surname nor pseudonym (EN 319 412-2 NAT-4.2.4-1)"
    )]
    NoPersonalName,
    /// A name and a pseudonym.
    #[error("the subject has a pseudonym beside a givenName or surname (EN 319 412-2 NAT-4.2.4-4)")]
    PseudonymWithName,
    /// The name is the number.
    #[error("organizationName and organizationIdentifier are the same (EN 319 412-3 LEG-4.2.1-6)")]
    OrganizationIsIdentifier,
    /// No such country.
    #[error("{0:?} is not an ISO 3166-1 country code (RFC 5280 appendix A)")]
    Country(String),
    /// An identifier that is not of its form.
    #[error("subject attribute {attribute}: {source} (EN 319 412-1 clause {clause})")]
    Identifier {
        /// Which attribute.
        attribute: &'static str,
        /// Which clause of EN 319 412-1.
        clause: &'static str,
        /// What is wrong.
        source: IdentifierError,
    },
    /// The profile fixes another value.
    #[error("profile {profile:?} fixes subject attribute {attribute} to {expected:?}")]
    Fixed {
        /// Which profile.
        profile: String,
        /// Which attribute.
        attribute: &'static str,
        /// What it must say.
        expected: String,
    },
    /// A scheme or country of identifiers that the profile does not take.
    #[error("profile {profile:?} takes {attribute} of {allowed} only, not {found:?}")]
    NotTaken {
        /// Which profile.
        profile: String,
        /// Which attribute.
        attribute: &'static str,
        /// The schemes or countries it takes.
        allowed: String,
        /// What was given.
        found: String,
    },
    /// Longer than the attribute may be.
    #[error("subject attribute {attribute} has more than {limit} characters")]
    TooLong {
        /// Which attribute.
        attribute: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// A character the attribute's string type does not have.
    #[error(
        "subject attribute {attribute} contains a character that a PrintableString cannot hold (RFC 5280 appendix A)"
    )]
    NotPrintable {
        /// Which attribute.
        attribute: &'static str,
    },
}

impl Profile {
    /// Checks `subject` and encodes it.
    ///
    /// # Errors
    /// The first rule that is broken, with its clause.
    pub fn subject_name(&self, subject: &SubjectDn) -> Result<Name, SubjectError> {
        self.check_attributes(subject)?;
        self.check_person(subject)?;
        self.check_constraints(subject)?;
        let mut name = NameBuilder::new();
        for (attribute, value) in subject.attributes() {
            let own = self.constraint(attribute).and_then(|c| c.maximum_length);
            let limit = own.map_or(length_limit(attribute), |n| n as usize);
            let label = attribute_label(attribute);
            if value.chars().count() > limit {
                return Err(SubjectError::TooLong {
                    attribute: label,
                    limit,
                });
            }
            name = name
                .push(*attribute, value)
                .map_err(|_| SubjectError::NotPrintable { attribute: label })?;
        }
        Ok(name.build())
    }

    fn check_attributes(&self, subject: &SubjectDn) -> Result<(), SubjectError> {
        for attribute in &self.mandatory {
            if subject.get(attribute).is_none() {
                return Err(SubjectError::Missing {
                    profile: self.name().to_owned(),
                    attribute: attribute_label(attribute),
                    clause: self.clause_of(attribute),
                });
            }
        }
        let all = subject.attributes();
        for (i, (attribute, _)) in all.iter().enumerate() {
            if !self.mandatory.contains(attribute) && !self.optional.contains(attribute) {
                return Err(SubjectError::Forbidden {
                    profile: self.name().to_owned(),
                    attribute: attribute_label(attribute),
                });
            }
            // Organisational units may be nested; everything else says one thing once.
            let repeatable = *attribute == oid::AT_ORGANIZATIONAL_UNIT;
            if !repeatable && all[..i].iter().any(|(t, _)| t == attribute) {
                return Err(SubjectError::Duplicate {
                    attribute: attribute_label(attribute),
                    clause: "EN 319 412-2 NAT-4.2.4-3, EN 319 412-3 LEG-4.2.1-3",
                });
            }
        }
        Ok(())
    }

    fn check_person(&self, subject: &SubjectDn) -> Result<(), SubjectError> {
        let get = |attribute| subject.get(&attribute);
        if let Some(country) = get(oid::AT_COUNTRY).filter(|c| !is_iso_country(c)) {
            return Err(SubjectError::Country(country.to_owned()));
        }
        let national = &self.config().subject.name_registration_authorities;
        if let Some(identifier) = get(oid::AT_ORGANIZATION_IDENTIFIER) {
            check_legal_identifier(identifier, national).map_err(|source| {
                SubjectError::Identifier {
                    attribute: "organizationIdentifier",
                    clause: "5.1.4",
                    source,
                }
            })?;
            if get(oid::AT_ORGANIZATION) == Some(identifier) {
                return Err(SubjectError::OrganizationIsIdentifier);
            }
        }
        if !self.subject_type().is_natural() {
            return Ok(());
        }
        if let Some(identifier) = get(oid::AT_SERIAL_NUMBER) {
            check_natural_identifier(identifier, national).map_err(|source| {
                SubjectError::Identifier {
                    attribute: "serialNumber",
                    clause: "5.1.3",
                    source,
                }
            })?;
        }
        let named = get(oid::AT_GIVEN_NAME).or(get(oid::AT_SURNAME)).is_some();
        match (named, get(oid::AT_PSEUDONYM).is_some()) {
            (false, false) => Err(SubjectError::NoPersonalName),
            (true, true) => Err(SubjectError::PseudonymWithName),
            _ => Ok(()),
        }
    }

    /// What this profile asks of single attributes, beyond the standards.
    fn check_constraints(&self, subject: &SubjectDn) -> Result<(), SubjectError> {
        for (attribute, value) in subject.attributes() {
            let Some(constraint) = self.constraint(attribute) else {
                continue;
            };
            let label = attribute_label(attribute);
            if let Some(expected) = constraint.value.as_ref().filter(|e| *e != value) {
                return Err(SubjectError::Fixed {
                    profile: self.name().to_owned(),
                    attribute: label,
                    expected: expected.clone(),
                });
            }
            let (scheme, country) = scheme_and_country(value).unwrap_or_default();
            for (allowed, found) in [
                (&constraint.schemes, scheme),
                (&constraint.countries, country),
            ] {
                if !allowed.is_empty() && !allowed.iter().any(|a| a == found) {
                    return Err(SubjectError::NotTaken {
                        profile: self.name().to_owned(),
                        attribute: label,
                        allowed: allowed.join(", "),
                        found: found.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    pub(super) fn clause_of(&self, attribute: &ObjectIdentifier) -> &'static str {
        match (self.subject_type(), *attribute) {
            (SubjectType::RootCa | SubjectType::IssuingCa, _) => "EN 319 412-2 GEN-4.2.3.1-2",
            (SubjectType::LegalPerson, _) => "EN 319 412-3 LEG-4.2.1-2",
            (t, oid::AT_COUNTRY | oid::AT_COMMON_NAME) if t.is_natural() => {
                "EN 319 412-2 NAT-4.2.4-1"
            }
            (t, oid::AT_SERIAL_NUMBER) if t.is_natural() => "EN 319 412-1 clause 5.1.3",
            (SubjectType::TimeStampingUnit, _) => "EN 319 422 clause 6",
            _ => "this profile",
        }
    }
}

impl SubjectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { attribute, .. } => format!("add {attribute}=... to the subject"),
            Self::Forbidden { attribute, profile } => {
                format!("leave {attribute} out, or see what `profile show {profile}` lists")
            }
            Self::NoPersonalName => "add givenName=... and surname=..., or pseudonym=...".into(),
            Self::Identifier {
                source: IdentifierError::NationalScheme(_),
                ..
            } => "give the scheme's registration authority in name-registration-authorities".into(),
            Self::Country(_) => "use the two capital letters of ISO 3166-1, such as C=MC".into(),
            Self::Duplicate { attribute, .. } => format!("give {attribute} once"),
            Self::PseudonymWithName => {
                "a person is named, or stays behind a pseudonym: leave one of them out".into()
            }
            Self::OrganizationIsIdentifier => {
                "write the registered name in O and the number in organizationIdentifier".into()
            }
            Self::Identifier { attribute, .. } => {
                format!("correct {attribute}: it begins with the register's scheme and country")
            }
            Self::Fixed {
                attribute,
                expected,
                ..
            } => format!("write {attribute}={expected}, or choose another profile"),
            Self::NotTaken { attribute, .. } => {
                format!("give {attribute} from a register the profile takes, or choose another one")
            }
            Self::TooLong { attribute, .. } => {
                format!("shorten {attribute} as the register itself does")
            }
            Self::NotPrintable { attribute } => {
                format!("write {attribute} with letters without accents, digits and '()+,-./:=?")
            }
        })
    }
}

/// RFC 5280 appendix A upper bounds where they bind; names may exceed theirs (EN 319 412-2
/// NAT-4.2.4-18), within reason.
pub(super) fn length_limit(attribute: &ObjectIdentifier) -> usize {
    match *attribute {
        oid::AT_COUNTRY => 2,
        oid::AT_SERIAL_NUMBER | oid::AT_TITLE => 64,
        oid::AT_LOCALITY | oid::AT_STATE => 128,
        oid::AT_POSTAL_CODE => 40,
        _ => 256,
    }
}
