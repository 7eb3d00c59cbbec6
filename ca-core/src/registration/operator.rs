//! Operators: known by a key, trusted with roles, enrolled and removed by decision.

use core::fmt;

use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{PublicKey, VerifyError};
use serde::{Deserialize, Serialize};

use super::{Event, EventAct, Follow, RegistrationError, Roles, decision, is_plain_name};
use crate::issuance::sha256;

/// The document that enrols an operator (`sceau.operator/1`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Enrolment {
    schema: Schema,
    name: String,
    roles: Roles,
    /// SubjectPublicKeyInfo (DER), hexadecimal.
    public_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<OperatorCertificate>,
}

/// The certificate an operator was enrolled with.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OperatorCertificate {
    sha256: String,
    subject: String,
    #[serde(with = "super::time_text")]
    not_after: UnixTime,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Schema {
    #[serde(rename = "sceau.operator/1")]
    V1,
}

/// Whether an operator may decide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Yes.
    Active,
    /// Not until resumed.
    Suspended,
    /// Never again under this name.
    Removed,
}

/// An operator as the events leave it.
#[derive(Clone, Debug)]
pub struct Operator {
    enrolment: Enrolment,
    document: String,
    key: PublicKey,
    standing: Standing,
    enrolled_by: Option<String>,
    enrolled_at: UnixTime,
    since: UnixTime,
    steps: u32,
}

impl Enrolment {
    /// With a public key.
    ///
    /// # Errors
    /// Where the name cannot be one.
    pub fn with_key(name: &str, roles: Roles, key: &PublicKey) -> Result<Self, RegistrationError> {
        if !is_plain_name(name) {
            return Err(RegistrationError::Name(name.to_owned()));
        }
        Ok(Self {
            schema: Schema::V1,
            name: name.to_owned(),
            roles,
            public_key: hex::encode(key.spki_der()),
            certificate: None,
        })
    }

    /// With a certificate: decisions count until it ends.
    ///
    /// # Errors
    /// Where the name cannot be one, or the certificate's key is of no kind that is supported.
    pub fn with_certificate(
        name: &str,
        roles: Roles,
        certificate: &Certificate,
    ) -> Result<Self, RegistrationError> {
        let key = PublicKey::in_use(certificate.spki_der())?;
        Ok(Self {
            certificate: Some(OperatorCertificate {
                sha256: hex::encode(sha256(certificate.der())),
                subject: certificate.display_subject().to_string(),
                not_after: certificate.not_after(),
            }),
            ..Self::with_key(name, roles, &key)?
        })
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> String {
        super::text(self)
    }

    /// The operator's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the operator is trusted with.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// SHA-256 of the key's SubjectPublicKeyInfo (DER), hexadecimal.
    #[must_use]
    pub fn key_sha256(&self) -> String {
        // The document was checked to hold hexadecimal.
        hex::encode(sha256(&hex::decode(&self.public_key).unwrap_or_default()))
    }

    /// SHA-256 of the certificate, hexadecimal, where there is one.
    #[must_use]
    pub fn certificate_sha256(&self) -> Option<&str> {
        self.certificate.as_ref().map(|c| c.sha256.as_str())
    }

    /// The subject of the certificate, where there is one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.certificate.as_ref().map(|c| c.subject.as_str())
    }

    /// When the certificate ends, where there is one.
    #[must_use]
    pub fn not_after(&self) -> Option<UnixTime> {
        self.certificate.as_ref().map(|c| c.not_after)
    }

    /// Whether this enrolment may stand beside the operators there are: the name was never used, and
    /// neither key nor certificate holder is known under another name, because one person with two
    /// names could hold roles that exclude each other. Removed operators count: whoever registered a
    /// request would come back under a new name and approve it.
    ///
    /// # Errors
    /// What is in the way.
    pub fn check_beside(&self, others: &[Operator]) -> Result<(), RegistrationError> {
        for other in others {
            let known = &other.enrolment;
            if known.name == self.name {
                return Err(RegistrationError::NameTaken(self.name.clone()));
            }
            let same_key = known.public_key == self.public_key;
            let same_person = self.subject().is_some() && known.subject() == self.subject();
            if same_key || same_person {
                return Err(RegistrationError::KnownAs {
                    name: known.name.clone(),
                    what: if same_key {
                        "key"
                    } else {
                        "certificate's subject"
                    },
                });
            }
        }
        Ok(())
    }
}

impl Operator {
    /// An operator begins to be.
    ///
    /// # Errors
    /// Where the event is not an enrolment under its own name.
    pub fn begin(event: &Event) -> Result<Self, RegistrationError> {
        let enrolment: Enrolment = serde_json::from_str(&event.document)
            .map_err(|_| RegistrationError::Document("an operator's enrolment"))?;
        let key = hex::decode(&enrolment.public_key)
            .map_err(|_| RegistrationError::Document("an operator's enrolment"))?;
        let key = PublicKey::in_use(&key)?;
        if event.act != EventAct::Register || enrolment.name != event.entity.name {
            return Err(RegistrationError::Step(
                event.act,
                "an operator that is not enrolled",
            ));
        }
        Ok(Self {
            key,
            enrolment,
            document: event.document.clone(),
            standing: Standing::Active,
            enrolled_by: event.operator.clone(),
            enrolled_at: event.at,
            since: event.at,
            steps: 1,
        })
    }

    /// The next step.
    ///
    /// # Errors
    /// Where it cannot follow.
    pub fn apply(&mut self, event: &Event) -> Result<(), RegistrationError> {
        Follow::parse(&event.document, &self.document)?;
        self.standing = match (self.standing, event.act) {
            (Standing::Active, EventAct::Suspend) => Standing::Suspended,
            (Standing::Suspended, EventAct::Resume) => Standing::Active,
            (Standing::Active | Standing::Suspended, EventAct::Remove) => Standing::Removed,
            (standing, act) => return Err(RegistrationError::Step(act, standing.of_operator())),
        };
        self.since = event.at;
        self.steps += 1;
        Ok(())
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.enrolment.name
    }

    /// Whether the operator's decisions count at that time: active, and with a certificate, if there is
    /// one, that has not ended.
    #[must_use]
    pub fn decides_at(&self, at: UnixTime) -> bool {
        let ended = self.enrolment.not_after().is_some_and(|end| end < at);
        self.standing == Standing::Active && !ended
    }

    /// What the operator was enrolled with.
    #[must_use]
    pub fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }

    /// The enrolment's text.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Whether the operator may decide.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Since when.
    #[must_use]
    pub fn since(&self) -> UnixTime {
        self.since
    }

    /// The security-officer who signed the enrolment first; nobody for the first operator.
    #[must_use]
    pub fn enrolled_by(&self) -> Option<&str> {
        self.enrolled_by.as_deref()
    }

    /// When.
    #[must_use]
    pub fn enrolled_at(&self) -> UnixTime {
        self.enrolled_at
    }

    /// How many events there were.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(super) fn verify(&self, statement: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        decision::verify_with(&self.key, statement, signature)
    }
}

impl Standing {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }

    fn of_operator(self) -> &'static str {
        match self {
            Self::Active => "an active operator",
            Self::Suspended => "a suspended operator",
            Self::Removed => "a removed operator",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
