//! Registration: who may decide what, what was asked for and by whom, and the signed decisions that
//! lead to a certificate (EN 319 411-1 clauses 6.2, 6.3 and 7.4; EN 319 401 clause 7.2).
//!
//! Operators, requests and organisations are each a sequence of [`Event`]s. An event is committed
//! together with the journal record that says it, and only if [`Operator::apply`],
//! [`Request::apply`] or [`Organisation::apply`] takes it: these three decide, and they know neither
//! database nor clock. Nothing is ever changed, only followed.

mod code;
mod decision;
mod error;
mod event;
mod evidence;
mod operator;
mod order;
mod organisation;
mod person;
pub(crate) mod quorum;
mod request;
mod role;
mod throttle;

#[cfg(test)]
mod tests;

pub use self::code::{CodeError, RevocationCode};
pub use self::decision::{DecisionError, Matter, SignedDecision, Statement, Task};
pub use self::error::RegistrationError;
pub use self::event::{Entity, Event, EventAct, Follow, Kind};
pub use self::evidence::{Evidence, EvidenceKind};
pub use self::operator::{Enrolment, Operator, Standing};
pub(crate) use self::order::written;
pub use self::order::{CaOrder, MAX_DECISIONS, Order, OrderDocument};
pub use self::organisation::{
    Fate, Organisation, OrganisationDocument, OrganisationState, StrikeOff, Striking,
};
pub use self::person::{Person, PersonRole};
pub use self::request::{Certificate, Request, RequestDocument, RequestStatus};
pub use self::role::{Role, Roles};
pub use self::throttle::{Refusals, Throttle};

use serde::Serialize;

use crate::issuance::sha256;

/// Names of operators and the like: they are written in commands, statements and the journal.
fn is_plain_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    (1..=63).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// A text for people: something to read, on one line, and no control characters in it.
fn is_plain_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 500 && !text.chars().any(crate::names::is_control)
}

/// A document's text: JSON without spaces, members in the order of its type. The text is what is
/// digested, kept and compared; nothing is ever written a second time from what was read.
fn text(document: &impl Serialize) -> String {
    // Only maps with keys other than strings, or failing implementations, cannot be written.
    serde_json::to_string(document).unwrap_or_default()
}

/// SHA-256 of a document's text, in lower-case hexadecimal.
fn digest(document: &str) -> String {
    hex::encode(sha256(document.as_bytes()))
}

/// Times in documents: RFC 3339 in UTC, whole seconds.
mod time_text {
    use pki_asn1::UnixTime;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &UnixTime, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<UnixTime, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}
