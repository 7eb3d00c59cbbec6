//! `sceau.decision/1`: the statement that an operator signs, and its check.
//!
//! The statement is one JSON object as RFC 8785 writes it: members in the order of their names, no
//! spaces, strings only, all of them ASCII. Its bytes are signed with the operator's key, and its
//! bytes are kept; nobody writes them a second time. It names the record, the act, the object and
//! the digest of the object's document, so it says nothing about anything else, and the record
//! takes each statement once.

use core::fmt;

use hsm_pkcs11::KeySpec;
use pki_asn1::UnixTime;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm, VerifyError};
use serde::{Deserialize, Serialize};

use super::{Event, Kind, Operator, Role, Standing, digest, is_plain_name, time_text};
use crate::issuance::sha256;

/// A decision is committed within a day of its signing: long enough for a card at another desk, and
/// short enough that nobody meets a decision of last year.
const VALID_SECONDS: i64 = 86_400;
/// A statement has some 400 octets.
const MAX_STATEMENT: usize = 4_096;
const SCHEMA: &str = "sceau.decision/1";

/// What is decided: the act, what it is done to, and the digest of the document that says how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Matter {
    /// Which act.
    pub task: Task,
    /// What it is done to, such as `request/17`.
    pub object: String,
    /// SHA-256 of the document, in lower-case hexadecimal.
    pub digest: String,
}

/// An act that needs an operator's signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Task {
    OperatorEnrol,
    OperatorSuspend,
    OperatorResume,
    OperatorRemove,
    RequestRegister,
    RequestApprove,
    RequestReject,
    RequestWithdraw,
    RequestIssue,
    OrganisationRegister,
    OrganisationStrikeOff,
    OrganisationReinstate,
    ProfileAdd,
    ProfileRetire,
    CertificateRevoke,
    CertificateSuspend,
    CertificateResume,
    CaCertify,
    CaAdopt,
    CaIssuing,
    CaTerminate,
    ServiceCertify,
    CeremonyHold,
}

/// The statement, as it is signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    // In the order of their names (RFC 8785 section 3.2.3).
    act: String,
    #[serde(with = "time_text")]
    at: UnixTime,
    digest: String,
    key: String,
    object: String,
    operator: String,
    record: String,
    schema: String,
}

/// A statement's bytes and the signature over them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedDecision {
    statement: String,
    signature: Vec<u8>,
}

/// Why a decision does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// Not a statement in its one form.
    #[error("this is not a statement of the form sceau.decision/1")]
    NotAStatement,
    /// It is about something else.
    #[error("the statement's {member} is {found:?}; this act needs {needed:?}")]
    About {
        /// Which member.
        member: &'static str,
        /// What it says.
        found: String,
        /// What it should say.
        needed: String,
    },
    /// The operator's key did not sign it.
    #[error("the signature is not one of operator {0:?} over this statement")]
    Signature(String),
    /// The operator has no such role.
    #[error("{act} needs the role {role}, and operator {operator:?} is {roles}")]
    Role {
        /// Which act.
        act: &'static str,
        /// Which role.
        role: Role,
        /// Who.
        operator: String,
        /// What the operator is.
        roles: String,
    },
    /// The operator may decide nothing at present.
    #[error("operator {operator:?} is {standing}")]
    Standing {
        /// Who.
        operator: String,
        /// What the operator is.
        standing: Standing,
    },
    /// The operator's certificate is not valid.
    #[error("the certificate of operator {operator:?} ended on {not_after}")]
    CertificateEnded {
        /// Who.
        operator: String,
        /// When.
        not_after: UnixTime,
    },
    /// Signed too long ago, or later than now.
    #[error("the statement was signed at {at}, and a decision counts for a day; it is {now}")]
    Time {
        /// When it was signed.
        at: UnixTime,
        /// The time by the CA's clock.
        now: UnixTime,
    },
}

impl Task {
    const TABLE: [(Self, &'static str, Role); 23] = [
        (Self::OperatorEnrol, "operator-enrol", Role::SecurityOfficer),
        (
            Self::OperatorSuspend,
            "operator-suspend",
            Role::SecurityOfficer,
        ),
        (
            Self::OperatorResume,
            "operator-resume",
            Role::SecurityOfficer,
        ),
        (
            Self::OperatorRemove,
            "operator-remove",
            Role::SecurityOfficer,
        ),
        (Self::RequestRegister, "request-register", Role::Registrar),
        (Self::RequestApprove, "request-approve", Role::Approver),
        (Self::RequestReject, "request-reject", Role::Approver),
        (Self::RequestWithdraw, "request-withdraw", Role::Registrar),
        (Self::RequestIssue, "request-issue", Role::Registrar),
        (
            Self::OrganisationRegister,
            "organisation-register",
            Role::Registrar,
        ),
        (
            Self::OrganisationStrikeOff,
            "organisation-strike-off",
            Role::RevocationOfficer,
        ),
        (
            Self::OrganisationReinstate,
            "organisation-reinstate",
            Role::RevocationOfficer,
        ),
        (Self::ProfileAdd, "profile-add", Role::ProfileAdministrator),
        (
            Self::ProfileRetire,
            "profile-retire",
            Role::ProfileAdministrator,
        ),
        (
            Self::CertificateRevoke,
            "certificate-revoke",
            Role::RevocationOfficer,
        ),
        (
            Self::CertificateSuspend,
            "certificate-suspend",
            Role::RevocationOfficer,
        ),
        (
            Self::CertificateResume,
            "certificate-resume",
            Role::RevocationOfficer,
        ),
        (Self::CaCertify, "ca-certify", Role::SecurityOfficer),
        (Self::CaAdopt, "ca-adopt", Role::SecurityOfficer),
        (Self::CaIssuing, "ca-issuing", Role::SecurityOfficer),
        (Self::CaTerminate, "ca-terminate", Role::SecurityOfficer),
        (
            Self::ServiceCertify,
            "service-certify",
            Role::SecurityOfficer,
        ),
        (Self::CeremonyHold, "ceremony-hold", Role::SecurityOfficer),
    ];

    fn row(self) -> (&'static str, Role) {
        Self::TABLE
            .iter()
            .find(|(task, ..)| *task == self)
            .map_or(("", Role::Auditor), |(_, name, role)| (*name, *role))
    }

    /// Its name in statements.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Who may decide it.
    #[must_use]
    pub fn role(self) -> Role {
        self.row().1
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Matter {
    /// What a step decides. A request has no number before it is registered, and is `request/new`.
    #[must_use]
    pub fn of_event(task: Task, event: &Event) -> Self {
        let name = match task {
            Task::RequestRegister => "new",
            _ => &event.entity.name,
        };
        Self::of_document(task, event.entity.kind, name, &event.document)
    }

    /// What a document says about an entity of the registration.
    #[must_use]
    pub fn of_document(task: Task, kind: Kind, name: &str, document: &str) -> Self {
        Self {
            task,
            object: format!("{kind}/{name}"),
            digest: digest(document),
        }
    }

    /// A profile, or a new version of one, is added: the digest is that of its text.
    #[must_use]
    pub fn of_profile(name: &str, sha256: &[u8; 32]) -> Self {
        Self {
            task: Task::ProfileAdd,
            object: format!("profile/{name}"),
            digest: hex::encode(sha256),
        }
    }

    /// A profile is retired: the digest is that of its name and version.
    #[must_use]
    pub fn of_retired_profile(name: &str, version: u32) -> Self {
        Self {
            task: Task::ProfileRetire,
            object: format!("profile/{name}"),
            digest: digest(&format!("{name} version {version}")),
        }
    }

    /// The statement that this operator would sign now.
    #[must_use]
    pub fn statement(&self, record: &str, operator: &Operator, at: UnixTime) -> String {
        super::text(&Statement {
            act: self.task.name().to_owned(),
            at,
            digest: self.digest.clone(),
            key: operator.enrolment().key_sha256(),
            object: self.object.clone(),
            operator: operator.name().to_owned(),
            record: record.to_owned(),
            schema: SCHEMA.to_owned(),
        })
    }
}

impl Statement {
    /// Reads a statement in its one form. A line end behind it, which editors add, is not part of it
    /// and is refused: the signature is over exactly these bytes.
    ///
    /// # Errors
    /// [`DecisionError::NotAStatement`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DecisionError> {
        if text.len() > MAX_STATEMENT {
            return Err(DecisionError::NotAStatement);
        }
        let statement: Self =
            serde_json::from_str(text).map_err(|_| DecisionError::NotAStatement)?;
        let one_form = super::text(&statement) == text && text.is_ascii();
        let known = statement.schema == SCHEMA && is_plain_name(&statement.operator);
        if one_form && known {
            Ok(statement)
        } else {
            Err(DecisionError::NotAStatement)
        }
    }

    /// Who signs.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> UnixTime {
        self.at
    }

    /// Which act.
    #[must_use]
    pub fn act(&self) -> &str {
        &self.act
    }

    /// What it is done to.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }

    fn check(
        &self,
        matter: &Matter,
        record: &str,
        operator: &Operator,
    ) -> Result<(), DecisionError> {
        let key = operator.enrolment().key_sha256();
        for (member, found, needed) in [
            ("act", &self.act, matter.task.name()),
            ("object", &self.object, matter.object.as_str()),
            ("digest", &self.digest, matter.digest.as_str()),
            ("record", &self.record, record),
            ("operator", &self.operator, operator.name()),
            ("key", &self.key, key.as_str()),
        ] {
            if found != needed {
                return Err(DecisionError::About {
                    member,
                    found: found.clone(),
                    needed: needed.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl SignedDecision {
    /// Joins the two. Nothing is checked yet, except the statement's form.
    ///
    /// # Errors
    /// Where the statement is none.
    pub fn new(statement: String, signature: Vec<u8>) -> Result<Self, DecisionError> {
        Statement::parse(&statement)?;
        Ok(Self {
            statement,
            signature,
        })
    }

    /// The statement's bytes.
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The signature, as X.509 carries it (DER for ECDSA).
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// SHA-256 of the statement: the record takes each once.
    #[must_use]
    pub fn statement_sha256(&self) -> [u8; 32] {
        sha256(self.statement.as_bytes())
    }

    /// Whether `operator` decided this `matter`, by signature, role and standing, in this record and
    /// within the last day before `now`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        &self,
        matter: &Matter,
        record: &str,
        operator: &Operator,
        now: UnixTime,
    ) -> Result<(), DecisionError> {
        let statement = Statement::parse(&self.statement)?;
        statement.check(matter, record, operator)?;
        let name = || operator.name().to_owned();
        operator
            .verify(self.statement.as_bytes(), &self.signature)
            .map_err(|_| DecisionError::Signature(name()))?;
        let roles = operator.enrolment().roles();
        if !roles.contains(matter.task.role()) {
            return Err(DecisionError::Role {
                act: matter.task.name(),
                role: matter.task.role(),
                operator: name(),
                roles: roles.to_string(),
            });
        }
        if operator.standing() != Standing::Active {
            return Err(DecisionError::Standing {
                operator: name(),
                standing: operator.standing(),
            });
        }
        if let Some(not_after) = operator.enrolment().not_after().filter(|end| *end < now) {
            return Err(DecisionError::CertificateEnded {
                operator: name(),
                not_after,
            });
        }
        let at = statement.at;
        if at > now || now.since(at) > VALID_SECONDS {
            return Err(DecisionError::Time { at, now });
        }
        Ok(())
    }
}

/// The algorithm that an operator's key signs statements with: one for each kind of key, so that a
/// statement says nothing about it.
pub(super) fn verify_with(
    key: &PublicKey,
    statement: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    key.verify(algorithm(key), Message::Bytes(statement), signature)
}

fn algorithm(key: &PublicKey) -> SignatureAlgorithm {
    KeySpec::default_algorithm(key.kind())
}

impl DecisionError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotAStatement => {
                "write it with --prepare, and sign exactly its bytes, without a line end added".into()
            }
            Self::About { .. } => {
                "the decision was about something else, or the command was changed since: prepare it \
                 again"
                    .into()
            }
            Self::Signature(_) => {
                "use the key the operator was enrolled with: `sceau-ca operator list` shows its SHA-256"
                    .into()
            }
            Self::Role { role, .. } => {
                format!("have somebody decide who is {role}: see `sceau-ca operator list`")
            }
            Self::Standing { .. } => "have another operator decide".into(),
            Self::CertificateEnded { .. } => {
                "have another operator decide, and this one enrolled under another name, with a new key and \
                 --public-key: a subject is not enrolled twice".into()
            }
            Self::Time { .. } => "prepare and sign the statement again, and check the clocks".into(),
        })
    }
}
