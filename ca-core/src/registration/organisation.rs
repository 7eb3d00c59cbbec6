//! Organisations: whom certificates name as organizationIdentifier, who speaks for them, and what
//! happens when they are struck off their register.

use serde::{Deserialize, Serialize};

use super::{Event, EventAct, Follow, Person, PersonRole, RegistrationError, is_plain_text};
use crate::profile::check_legal_identifier;

/// The document that registers one (`sceau.organisation/1`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OrganisationDocument {
    schema: String,
    /// The identifier in certificates (EN 319 412-1 clause 5.1.4), such as `NTRMC-00S03813`.
    pub identifier: String,
    /// The registered name.
    pub name: String,
    /// Legal representatives and certification agents.
    pub people: Vec<Person>,
}

/// The document that strikes one off.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StrikeOff {
    /// SHA-256 of the document that registered it, hexadecimal.
    pub about: String,
    /// What happens to its certificates.
    pub certificates: Striking,
    /// Why.
    pub reason: String,
}

/// What happens to the certificates of an organisation that is struck off.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Striking {
    /// Revoked (cessationOfOperation). Final.
    Revoke,
    /// Suspended (certificateHold), until it is reinstated or its certificates are revoked.
    Suspend,
}

/// Whether certificates may be issued for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OrganisationState {
    /// Yes.
    Registered,
    /// No; its certificates are suspended or revoked.
    StruckOff(Striking),
}

/// An organisation as the events leave it.
#[derive(Clone, Debug)]
pub struct Organisation {
    document: OrganisationDocument,
    text: String,
    state: OrganisationState,
    reason: Option<String>,
    steps: u32,
}

impl OrganisationDocument {
    const SCHEMA: &'static str = "sceau.organisation/1";

    /// Checks and makes one. `national_schemes` are the registration authorities of identifiers
    /// with a scheme of their own.
    ///
    /// # Errors
    /// Where the identifier is none, or nobody speaks for it.
    pub fn new(
        identifier: &str,
        name: &str,
        people: Vec<Person>,
        national_schemes: &[String],
    ) -> Result<Self, RegistrationError> {
        check_legal_identifier(identifier, national_schemes)?;
        for (what, value) in [
            ("the organisation's identifier", identifier),
            ("the organisation's name", name),
        ] {
            if !is_plain_text(value) {
                let value = value.to_owned();
                return Err(RegistrationError::Text { what, value });
            }
        }
        people.iter().try_for_each(Person::check)?;
        if !people
            .iter()
            .any(|p| p.role == PersonRole::LegalRepresentative)
        {
            return Err(RegistrationError::PersonMissing {
                role: PersonRole::LegalRepresentative,
                clause: "EN 319 411-1 clause 6.2.2",
            });
        }
        if let Some(p) = people.iter().find(|p| !p.role.speaks_for_organisation()) {
            return Err(RegistrationError::PersonOutOfPlace {
                role: p.role,
                certificate: "an organisation",
            });
        }
        Ok(Self {
            schema: Self::SCHEMA.to_owned(),
            identifier: identifier.to_owned(),
            name: name.to_owned(),
            people,
        })
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> String {
        super::text(self)
    }
}

impl StrikeOff {
    /// What happens to the certificates, by the text of the document.
    ///
    /// # Errors
    /// Where the text is another document.
    pub fn striking(document: &str) -> Result<Striking, RegistrationError> {
        let read: Result<Self, _> = serde_json::from_str(document);
        read.map(|strike| strike.certificates)
            .map_err(|_| RegistrationError::Document("a striking off"))
    }

    /// Strikes off the organisation registered by the document `about`.
    ///
    /// # Errors
    /// Where the reason is not a line of text.
    pub fn text(
        about: &str,
        certificates: Striking,
        reason: &str,
    ) -> Result<String, RegistrationError> {
        if !is_plain_text(reason) {
            return Err(RegistrationError::Text {
                what: "the reason",
                value: reason.to_owned(),
            });
        }
        Ok(super::text(&Self {
            about: super::digest(about),
            certificates,
            reason: reason.to_owned(),
        }))
    }
}

impl Organisation {
    /// An organisation begins to be known.
    ///
    /// # Errors
    /// Where the event is not the registration of one.
    pub fn begin(event: &Event) -> Result<Self, RegistrationError> {
        let bad = || RegistrationError::Document("an organisation");
        let document: OrganisationDocument =
            serde_json::from_str(&event.document).map_err(|_| bad())?;
        let fits = document.schema == OrganisationDocument::SCHEMA
            && document.identifier == event.entity.name;
        if event.act != EventAct::Register || !fits {
            return Err(bad());
        }
        Ok(Self {
            document,
            text: event.document.clone(),
            state: OrganisationState::Registered,
            reason: None,
            steps: 1,
        })
    }

    /// The next step.
    ///
    /// # Errors
    /// Where it cannot follow. Who was struck off with revocation does not come back: it registers
    /// as the new organisation it is.
    pub fn apply(&mut self, event: &Event) -> Result<(), RegistrationError> {
        match (self.state, event.act) {
            (
                OrganisationState::Registered | OrganisationState::StruckOff(Striking::Suspend),
                EventAct::StrikeOff,
            ) => {
                let strike: StrikeOff = serde_json::from_str(&event.document)
                    .map_err(|_| RegistrationError::Document("a striking off"))?;
                if strike.about != super::digest(&self.text) {
                    return Err(RegistrationError::AboutAnother);
                }
                let again = OrganisationState::StruckOff(strike.certificates);
                if self.state == again {
                    return Err(RegistrationError::Step(
                        event.act,
                        self.state.of_organisation(),
                    ));
                }
                self.state = again;
                self.reason = Some(strike.reason);
            }
            (OrganisationState::StruckOff(Striking::Suspend), EventAct::Reinstate) => {
                let follow = Follow::parse(&event.document, &self.text)?;
                self.state = OrganisationState::Registered;
                self.reason = follow.reason;
            }
            (state, act) => return Err(RegistrationError::Step(act, state.of_organisation())),
        }
        self.steps += 1;
        Ok(())
    }

    /// What was registered.
    #[must_use]
    pub fn document(&self) -> &OrganisationDocument {
        &self.document
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether certificates may be issued for it.
    #[must_use]
    pub fn state(&self) -> OrganisationState {
        self.state
    }

    /// The reason of the last step.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Refuses what is not done for an organisation that was struck off.
    ///
    /// # Errors
    /// [`RegistrationError::StruckOff`].
    pub fn check_registered(&self) -> Result<(), RegistrationError> {
        match self.state {
            OrganisationState::Registered => Ok(()),
            OrganisationState::StruckOff(_) => Err(RegistrationError::StruckOff {
                identifier: self.document.identifier.clone(),
                reason: self.reason.clone().unwrap_or_default(),
            }),
        }
    }

    /// How many events there were.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether those of `people` who speak for an organisation are registered with this one, and it
    /// was not struck off.
    ///
    /// # Errors
    /// Who is not, or that it was.
    pub fn check_people(&self, people: &[Person]) -> Result<(), RegistrationError> {
        self.check_registered()?;
        for person in people.iter().filter(|p| p.role.speaks_for_organisation()) {
            let known = &self.document.people;
            if !known.iter().any(|k| k.role == person.role && k.is(person)) {
                return Err(RegistrationError::DoesNotSpeak {
                    name: person.name.clone(),
                    role: person.role,
                    identifier: self.document.identifier.clone(),
                });
            }
        }
        Ok(())
    }
}

impl OrganisationState {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::StruckOff(Striking::Revoke) => "struck off",
            Self::StruckOff(Striking::Suspend) => "suspended",
        }
    }

    fn of_organisation(self) -> &'static str {
        match self {
            Self::Registered => "a registered organisation",
            Self::StruckOff(Striking::Revoke) => "an organisation that was struck off",
            Self::StruckOff(Striking::Suspend) => "a suspended organisation",
        }
    }
}

/// What a step of an organisation does to its certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// They are revoked: cessationOfOperation.
    Revoked,
    /// They are suspended.
    Suspended,
    /// Those that were suspended with it are good again.
    Resumed,
}

impl Fate {
    /// By the act and its document; `None` where the certificates are left alone.
    ///
    /// # Errors
    /// Where the document is not the act's.
    pub fn of(act: EventAct, document: &str) -> Result<Option<Self>, RegistrationError> {
        Ok(match act {
            EventAct::StrikeOff => Some(match StrikeOff::striking(document)? {
                Striking::Revoke => Self::Revoked,
                Striking::Suspend => Self::Suspended,
            }),
            EventAct::Reinstate => Some(Self::Resumed),
            _ => None,
        })
    }
}
