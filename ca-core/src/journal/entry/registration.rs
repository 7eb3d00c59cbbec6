//! What registration writes into the journal. Documents and statements stand as texts, byte for byte
//! as they were digested and signed: `jq -rj .document | sha256sum` gives the digest in the statement.

use serde::{Deserialize, Serialize};

use crate::registration::{Certificate, SignedDecision};
use crate::store::{
    CodeRefusal, IndexedCertificate, IntentRegistration, IntentRequest, KeyOrigin, RegistrationAct,
    RequestNeed, Step,
};

/// A record of registration.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum RegistrationEntry {
    Registration(StepEntry),
    CertificatesIndexed { certificates: Vec<IndexedEntry> },
    RevocationCodeRefused { serial: String },
}

/// A step in the life of an operator, a request, an organisation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepEntry {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) ordinal: u32,
    pub(crate) act: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator: Option<String>,
    pub(crate) document: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<DecisionEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) further: Vec<DecisionEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) certificates: Vec<Certificate>,
}

/// An operator's decision.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct DecisionEntry {
    pub(crate) statement: String,
    /// Hexadecimal.
    pub(crate) signature: String,
}

/// A certificate's key and organisation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IndexedEntry {
    pub(crate) authority: String,
    pub(crate) serial: String,
    pub(crate) key_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
}

/// The part of INTENT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntentRegistrationEntry {
    pub(crate) key_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renews: Option<Certificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_code_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<IntentRequestEntry>,
    /// Whether the key came in a PKCS#10 request, of a certificate that nobody had to request.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(crate) foreign_key: bool,
}

/// The request that a certificate fulfils, and who approved it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntentRequestEntry {
    pub(crate) sha256: String,
    pub(crate) approvals: Vec<String>,
    pub(crate) step: StepEntry,
}

impl From<&RegistrationAct> for RegistrationEntry {
    fn from(act: &RegistrationAct) -> Self {
        match act {
            RegistrationAct::Step(step) => Self::Registration(step.into()),
            RegistrationAct::Index(certificates) => Self::CertificatesIndexed {
                certificates: certificates.iter().map(Into::into).collect(),
            },
            RegistrationAct::RefuseCode(CodeRefusal { serial }) => Self::RevocationCodeRefused {
                serial: hex::encode(serial),
            },
        }
    }
}

impl From<&Step> for StepEntry {
    fn from(step: &Step) -> Self {
        let event = &step.event;
        Self {
            kind: event.entity.kind.name().to_owned(),
            name: event.entity.name.clone(),
            ordinal: event.ordinal,
            act: event.act.name().to_owned(),
            operator: event.operator.clone(),
            document: event.document.clone(),
            decision: step.decision.as_ref().map(Into::into),
            further: step.further.iter().map(Into::into).collect(),
            certificates: step.certificates.clone(),
        }
    }
}

impl From<&SignedDecision> for DecisionEntry {
    fn from(decision: &SignedDecision) -> Self {
        Self {
            statement: decision.statement().to_owned(),
            signature: hex::encode(decision.signature()),
        }
    }
}

impl From<&IndexedCertificate> for IndexedEntry {
    fn from(indexed: &IndexedCertificate) -> Self {
        Self {
            authority: indexed.certificate.authority.clone(),
            serial: indexed.certificate.serial.clone(),
            key_sha256: hex::encode(indexed.key_sha256),
            organisation: indexed.organisation.clone(),
        }
    }
}

impl From<&IntentRegistration> for IntentRegistrationEntry {
    fn from(registration: &IntentRegistration) -> Self {
        Self {
            key_sha256: hex::encode(registration.key_sha256),
            organisation: registration.organisation.clone(),
            renews: registration.renews.clone(),
            revocation_code_sha256: registration.revocation_code.map(hex::encode),
            request: registration.request.as_deref().map(Into::into),
            foreign_key: registration.need == RequestNeed::Never
                && registration.origin == KeyOrigin::Request,
        }
    }
}

impl From<&IntentRequest> for IntentRequestEntry {
    fn from(request: &IntentRequest) -> Self {
        Self {
            sha256: request.sha256.clone(),
            approvals: request.approvals.clone(),
            step: (&request.step).into(),
        }
    }
}
