//! Why registration says no.

use pki_asn1::UnixTime;
use pki_crypto::KeyError;

use super::role::RoleConflict;
use super::{CodeError, DecisionError, EventAct, PersonRole};
use crate::profile::IdentifierError;

/// Why registration says no.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// A decision does not count.
    #[error("the decision does not count: {0}")]
    Decision(#[from] DecisionError),
    /// Roles exclude each other.
    #[error(transparent)]
    Roles(#[from] RoleConflict),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An organisation's identifier is not of its form.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// Not a revocation code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A name that cannot be one.
    #[error("{0:?} cannot name an operator")]
    Name(String),
    /// A text that nobody can read.
    #[error("{what} {value:?} is not a line of text of at most 500 octets")]
    Text {
        /// What it is.
        what: &'static str,
        /// What was written.
        value: String,
    },
    /// A document in the record that is none.
    #[error("{0} cannot be read")]
    Document(&'static str),
    /// A step that cannot follow.
    #[error("{0} cannot be done to {1}")]
    Step(EventAct, &'static str),
    /// Somebody was faster.
    #[error("{0} was changed by somebody else at this moment")]
    Meanwhile(String),
    /// A decision about another version.
    #[error("the decision is about another document than the one in the record")]
    AboutAnother,

    /// Operators are enrolled, and nobody signed.
    #[error("{0} needs the signed decision of an operator who is {1}")]
    Unsigned(&'static str, super::Role),
    /// Too few signed.
    #[error(
        "{act} needs the signed decisions of {need} different operators who are {role}, and {have} signed"
    )]
    TooFewDecisions {
        /// What is to be done.
        act: &'static str,
        /// What they must be.
        role: super::Role,
        /// How many signed.
        have: usize,
        /// How many must.
        need: usize,
    },
    /// Two signatures of one operator are one decision.
    #[error("operator {0:?} signed twice, and that is one decision")]
    DecidedTwice(String),
    /// The decision orders something else than what is done.
    #[error("the order that was decided is not for this {0}")]
    OtherOrder(&'static str),
    /// A decision was given where nobody is enrolled to make one.
    #[error("no operator is enrolled, so there is nobody whose decision could count")]
    NobodyEnrolled,
    /// No such operator.
    #[error("there is no operator named {0:?}")]
    UnknownOperator(String),
    /// The name was used before.
    #[error("the operator name {0:?} was used before")]
    NameTaken(String),
    /// One person, two names.
    #[error("this {what} is that of operator {name:?}")]
    KnownAs {
        /// The other name.
        name: String,
        /// What they share.
        what: &'static str,
    },
    /// Nothing that is signed with it counts.
    #[error("the certificate of operator {name:?} ended on {not_after}")]
    EnrolledAfterEnd {
        /// Who.
        name: String,
        /// When.
        not_after: UnixTime,
    },
    /// The first operator enrols the others.
    #[error("the first operator must be a security-officer")]
    FirstOperator,
    /// Nobody could enrol anybody any more.
    #[error("{0:?} is the last security-officer who is active")]
    LastSecurityOfficer(String),
    /// The operator's certificate was revoked.
    #[error("the certificate of operator {0:?} was revoked")]
    OperatorRevoked(String),
    /// A statement was used before.
    #[error("this statement was used before; each decision counts once")]
    Replayed,

    /// No such request.
    #[error("there is no request {0}")]
    UnknownRequest(u64),
    /// A certificate without an approved request.
    #[error("operators are enrolled, so profile {0:?} is issued for approved requests only")]
    RequestNeeded(String),
    /// It was registered before operators were enrolled, or nobody is any more.
    #[error("the request was registered without an operator's decision")]
    RegisteredUnsigned,
    /// The registrar approves.
    #[error("operator {0:?} registered this request, and somebody else must decide on it")]
    OwnRequest(String),
    /// The same operator twice.
    #[error("operator {0:?} approved this request before")]
    ApprovedBefore(String),
    /// Too few approved.
    #[error("{have} of {need} approvals are there")]
    Quorum {
        /// How many are there.
        have: usize,
        /// How many are needed.
        need: u8,
    },
    /// The profile is another one now.
    #[error("profile {0:?} was changed after this request was registered")]
    ProfileChanged(String),
    /// The settings are others now.
    #[error(
        "the settings that go into the certificate were changed after this request was registered"
    )]
    SettingsChanged,
    /// Another authority was asked to issue it.
    #[error("request {number} is for authority {authority:?}")]
    OtherAuthority {
        /// Which request.
        number: u64,
        /// Who shall issue.
        authority: String,
    },
    /// The certificate of its last issuance is there.
    #[error("the certificate of this request is being issued or was issued")]
    IssuedBefore,

    /// Somebody is not named.
    #[error("the {role} is not named ({clause})")]
    PersonMissing {
        /// Who.
        role: PersonRole,
        /// Who says so.
        clause: &'static str,
    },
    /// Somebody who has no place there.
    #[error("a {role} has no place in {certificate}")]
    PersonOutOfPlace {
        /// Who.
        role: PersonRole,
        /// In what.
        certificate: &'static str,
    },
    /// Nobody may act for the organisation.
    #[error(
        "neither a legal-representative nor a certification-agent is named (EN 319 411-1 clause 6.2.2)"
    )]
    NobodySpeaks,
    /// No organisation.
    #[error("the subject names no organisation")]
    NoOrganisation,
    /// Nothing was seen.
    #[error("no evidence is named (EN 319 411-1 clause 6.2.2)")]
    NoEvidence,
    /// Lists without end.
    #[error("more than {0} people or pieces of evidence")]
    TooMany(usize),
    /// Evidence of the future, or too old.
    #[error(
        "the evidence {reference:?}, seen {seen_at}, is of the future or older than {days} days"
    )]
    EvidenceTime {
        /// Which.
        reference: String,
        /// When it was seen.
        seen_at: UnixTime,
        /// How old it may be.
        days: u32,
    },

    /// No such organisation.
    #[error("there is no organisation {0:?}")]
    UnknownOrganisation(String),
    /// It is there.
    #[error("organisation {0:?} is registered")]
    OrganisationExists(String),
    /// It was struck off.
    #[error("organisation {identifier:?} was struck off: {reason}")]
    StruckOff {
        /// Which.
        identifier: String,
        /// Why.
        reason: String,
    },
    /// The name in the subject is another one.
    #[error("the subject's O is {subject:?}, and {identifier:?} is registered as {registered:?}")]
    OrganisationName {
        /// Which.
        identifier: String,
        /// What the subject says.
        subject: String,
        /// What was registered.
        registered: String,
    },
    /// Somebody who does not act for it.
    #[error("{name:?} is not registered as {role} of {identifier:?}")]
    DoesNotSpeak {
        /// Who.
        name: String,
        /// As what.
        role: PersonRole,
        /// Of which organisation.
        identifier: String,
    },
    /// A certificate was issued for it meanwhile.
    #[error("certificates of {0:?} are being issued at this moment")]
    OrganisationBusy(String),

    /// The key was certified before.
    #[error(
        "this key was certified before, as certificate {serial} of {authority:?}, and profile {profile:?} wants a new one"
    )]
    DuplicateKey {
        /// The authority that certified it.
        authority: String,
        /// The serial number.
        serial: String,
        /// The profile.
        profile: String,
    },
    /// The key was revoked for compromise.
    #[error(
        "this key was revoked as compromised, with certificate {serial} of {authority:?}, and is never certified again"
    )]
    CompromisedKey {
        /// The authority that certified it.
        authority: String,
        /// The serial number.
        serial: String,
    },
    /// The subject has one.
    #[error(
        "this subject has a valid certificate of profile {profile:?}: {serial} of {authority:?}"
    )]
    DuplicateSubject {
        /// The profile.
        profile: String,
        /// Who issued it.
        authority: String,
        /// Its serial number.
        serial: String,
    },
    /// A successor needs a new key.
    #[error("profile {0:?} renews with a new key only")]
    SameKey(String),
    /// Nothing to follow.
    #[error(
        "certificate {serial} of {authority:?} was revoked or never released, and is not renewed"
    )]
    NotRenewable {
        /// Who issued it.
        authority: String,
        /// Its serial number.
        serial: String,
    },

    /// Wrong code, wrong certificate, no code: nobody learns which.
    #[error("no certificate with this serial number has this revocation code")]
    WrongCode,
    /// Too many wrong ones.
    #[error("too many wrong revocation codes were tried")]
    TooManyCodes,
}

impl RegistrationError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Decision(e) => return e.hint(),
            Self::Code(e) => return e.hint(),
            Self::Roles(_) => "give the roles to different people".into(),
            Self::Key(_) => "use an EC P-256 or P-384, RSA-3072 or larger, or Ed25519 key".into(),
            Self::Identifier(_) => {
                "write scheme, country and number, such as NTRMC-00S03813".into()
            }
            Self::Name(_) => "use small letters, digits, dots and hyphens, at most 63".into(),
            Self::Text { .. } => "write it on one line, without control characters".into(),
            Self::Document(_) => "run `sceau-ca audit verify`".into(),
            Self::Step(..) | Self::IssuedBefore => "`request show`, `operator list` and `organisation show` say how things stand".into(),
            Self::AboutAnother | Self::Meanwhile(_) => "look at it again, and decide again".into(),
            Self::Unsigned(_, role) => format!(
                "sign as {role} with --operator NAME --operator-key KEY, or with --prepare and --decision"
            ),
            Self::TooFewDecisions { role, .. } => format!(
                "have another {role} sign as well: give --operator and --operator-key, or --decision and --signature, once for each"
            ),
            Self::DecidedTwice(_) => "have somebody else sign the second decision".into(),
            Self::OtherOrder(_) => "prepare and sign it again".into(),
            Self::NobodyEnrolled => "leave --operator out, or enrol the first one: sceau-ca operator enrol".into(),
            Self::UnknownOperator(_) => "`sceau-ca operator list` shows those there are".into(),
            Self::NameTaken(_) => "choose another name; names are not given twice, so that the journal stays clear".into(),
            Self::KnownAs { .. } => "one person is one operator, and no key is enrolled twice, not even a removed operator's".into(),
            Self::EnrolledAfterEnd { .. } => "enrol the operator with a certificate that is valid, or with --public-key".into(),
            Self::FirstOperator => "add --role security-officer".into(),
            Self::LastSecurityOfficer(_) => "enrol another security-officer first".into(),
            Self::OperatorRevoked(_) => "have another operator decide, and this one enrolled under another name, with a new key and --public-key".into(),
            Self::Replayed => "prepare and sign a new statement".into(),
            Self::UnknownRequest(_) => "`sceau-ca request list` shows those there are".into(),
            Self::RequestNeeded(_) => "register one: sceau-ca request new".into(),
            Self::RegisteredUnsigned => "have a registrar register it anew; this one lapses".into(),
            Self::OwnRequest(_) | Self::ApprovedBefore(_) | Self::Quorum { .. } => {
                "have another approver decide: sceau-ca request approve".into()
            }
            Self::ProfileChanged(_) => "register a new request: its approvals were for the old profile".into(),
            Self::SettingsChanged => "register a new request, or put base-url, country, policy-arc, cps-uri, pds and legislation back: the approvals were for those".into(),
            Self::OtherAuthority { .. } => "open the key of that authority".into(),
            Self::PersonMissing { role, .. } => format!("add --person '{role}:NAME'"),
            Self::PersonOutOfPlace { .. } => "leave this person out, or use another profile".into(),
            Self::NobodySpeaks => {
                "add --person 'legal-representative:NAME' or --person 'certification-agent:NAME'".into()
            }
            Self::NoOrganisation => {
                "add organizationIdentifier=... to the subject, or leave out who speaks for an organisation"
                    .into()
            }
            Self::NoEvidence => "add --evidence 'identity-document:REFERENCE' or the like".into(),
            Self::TooMany(_) => "name those this certificate depends on".into(),
            Self::EvidenceTime { .. } => "look at new evidence, and name it with --evidence".into(),
            Self::UnknownOrganisation(_) => "register it: sceau-ca organisation new".into(),
            Self::OrganisationExists(_) => "`sceau-ca organisation show` shows it".into(),
            Self::StruckOff { .. } => "nothing is issued or resumed for it; a suspension ends with `sceau-ca organisation reinstate`".into(),
            Self::OrganisationName { .. } => "write O as the register does".into(),
            Self::DoesNotSpeak { .. } => {
                "`sceau-ca organisation show` says who speaks for it; names are compared letter by letter".into()
            }
            Self::OrganisationBusy(_) => "try again".into(),
            Self::DuplicateKey { .. } | Self::CompromisedKey { .. } => {
                "have the applicant generate a new key and make a new request with it".into()
            }
            Self::DuplicateSubject { .. } => {
                "renew it with `sceau-ca renew`, or revoke it first".into()
            }
            Self::SameKey(_) => "give a request with a new key: --csr FILE".into(),
            Self::NotRenewable { .. } => "register a new request: sceau-ca request new".into(),
            Self::WrongCode => "check serial number and code; the registration authority can revoke without it".into(),
            Self::TooManyCodes => {
                "wait, or have the registration authority revoke; a certificate is closed for a day, all of them for an hour"
                    .into()
            }
        })
    }
}
