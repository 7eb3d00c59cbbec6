//! One step in the life of an operator, a request or an organisation.

use core::fmt;
use core::str::FromStr;

use pki_asn1::UnixTime;
use serde::{Deserialize, Serialize};

use super::{RegistrationError, Task, digest, is_plain_text};

/// What kind of thing has a life in the registration.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Kind {
    Operator,
    Request,
    Organisation,
}

/// Which thing: its kind and its name among those of its kind.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Entity {
    /// The kind.
    pub kind: Kind,
    /// The name: an operator's, a request's number or an organisation's identifier.
    pub name: String,
}

/// What is done. `Register` begins every life.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum EventAct {
    Register,
    Suspend,
    Resume,
    Remove,
    Approve,
    Reject,
    Withdraw,
    Issue,
    StrikeOff,
    Reinstate,
}

/// One step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Of which thing.
    pub entity: Entity,
    /// Its place in that life, from 0.
    pub ordinal: u32,
    /// What was done.
    pub act: EventAct,
    /// The operator who signed it; `None` where nobody needed to.
    pub operator: Option<String>,
    /// When, by the CA's clock.
    pub at: UnixTime,
    /// What exactly (JSON). Its SHA-256 is in the operator's statement.
    pub document: String,
}

/// The document of a step that adds nothing but a reason: it repeats what it is about.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Follow {
    /// SHA-256 of the document that began this life: the exact subject, key and profile of a request.
    pub about: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Kind {
    const TABLE: [(Self, &'static str); 3] = [
        (Self::Operator, "operator"),
        (Self::Request, "request"),
        (Self::Organisation, "organisation"),
    ];

    /// Its name in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::TABLE, self)
    }
}

impl EventAct {
    const TABLE: [(Self, &'static str); 10] = [
        (Self::Register, "register"),
        (Self::Suspend, "suspend"),
        (Self::Resume, "resume"),
        (Self::Remove, "remove"),
        (Self::Approve, "approve"),
        (Self::Reject, "reject"),
        (Self::Withdraw, "withdraw"),
        (Self::Issue, "issue"),
        (Self::StrikeOff, "strike-off"),
        (Self::Reinstate, "reinstate"),
    ];

    /// Its name in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::TABLE, self)
    }

    /// What an operator signs for it; `None` where the kind has no such step.
    #[must_use]
    pub fn task(self, kind: Kind) -> Option<Task> {
        Some(match (kind, self) {
            (Kind::Operator, Self::Register) => Task::OperatorEnrol,
            (Kind::Operator, Self::Suspend) => Task::OperatorSuspend,
            (Kind::Operator, Self::Resume) => Task::OperatorResume,
            (Kind::Operator, Self::Remove) => Task::OperatorRemove,
            (Kind::Request, Self::Register) => Task::RequestRegister,
            (Kind::Request, Self::Approve) => Task::RequestApprove,
            (Kind::Request, Self::Reject) => Task::RequestReject,
            (Kind::Request, Self::Withdraw) => Task::RequestWithdraw,
            (Kind::Request, Self::Issue) => Task::RequestIssue,
            (Kind::Organisation, Self::Register) => Task::OrganisationRegister,
            (Kind::Organisation, Self::StrikeOff) => Task::OrganisationStrikeOff,
            (Kind::Organisation, Self::Reinstate) => Task::OrganisationReinstate,
            _ => return None,
        })
    }
}

fn name_in<T: PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    table
        .iter()
        .find(|(v, _)| *v == value)
        .map_or("", |(_, name)| name)
}

fn value_in<T: Copy>(table: &[(T, &'static str)], name: &str) -> Option<T> {
    table.iter().find(|(_, n)| *n == name).map(|(v, _)| *v)
}

/// As the record has it.
impl FromStr for Kind {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        value_in(&Self::TABLE, s).ok_or(())
    }
}

/// As the record has it.
impl FromStr for EventAct {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        value_in(&Self::TABLE, s).ok_or(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for EventAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

impl Entity {
    /// An operator.
    #[must_use]
    pub fn operator(name: &str) -> Self {
        Self::new(Kind::Operator, name)
    }

    /// A request.
    #[must_use]
    pub fn request(number: u64) -> Self {
        Self::new(Kind::Request, &number.to_string())
    }

    /// An organisation.
    #[must_use]
    pub fn organisation(identifier: &str) -> Self {
        Self::new(Kind::Organisation, identifier)
    }

    fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
        }
    }
}

impl Follow {
    /// A step after the document `about`, with a reason.
    ///
    /// # Errors
    /// Where the reason is not a line of text.
    pub fn text(about: &str, reason: Option<&str>) -> Result<String, RegistrationError> {
        if let Some(reason) = reason.filter(|r| !is_plain_text(r)) {
            return Err(RegistrationError::Text {
                what: "the reason",
                value: reason.to_owned(),
            });
        }
        Ok(super::text(&Self {
            about: digest(about),
            reason: reason.map(str::to_owned),
        }))
    }

    /// Reads one and checks that it is about `document`.
    pub(super) fn parse(text: &str, document: &str) -> Result<Self, RegistrationError> {
        let follow: Self =
            serde_json::from_str(text).map_err(|_| RegistrationError::Document("a decision"))?;
        if follow.about == digest(document) {
            Ok(follow)
        } else {
            Err(RegistrationError::AboutAnother)
        }
    }
}
