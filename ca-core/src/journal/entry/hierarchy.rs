//! The journal's records of the life of authorities.

use serde::{Deserialize, Serialize};

use crate::store::HierarchyAct;

/// What was done.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum HierarchyEntry {
    RequestIntent {
        authority: String,
        profile: String,
        subject: String,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        predecessor: Option<String>,
        info_sha256: String,
        spki_sha256: String,
    },
    RequestResult {
        info_sha256: String,
        request_sha256: String,
    },
    Adopted {
        authority: String,
        profile: String,
        key: String,
        /// Its own name where it issued itself.
        issuer: String,
        renewal: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        predecessor: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        info_sha256: Option<String>,
        serial: String,
        subject: String,
        not_after: String,
        certificate_sha256: String,
        /// Whether registration learned the key in this act, and not in one of its own.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        indexed: bool,
    },
    CrlImport {
        authority: String,
        previous: u64,
        number: u64,
        this_update: String,
        next_update: String,
        crl_sha256: String,
        revoked: Vec<ImportedRevocationEntry>,
    },
    AuthorityIssuing {
        authority: String,
        issuing: String,
    },
    Termination {
        authority: String,
        reason: String,
        certificates: String,
    },
    AuthorityStatement {
        authority: String,
        about: String,
        statement: String,
    },
    Ceremony {
        script_sha256: String,
        event: serde_json::Value,
    },
}

/// An entry of an imported CRL.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedRevocationEntry {
    pub(crate) serial: String,
    pub(crate) at: String,
    pub(crate) reason: String,
}

impl From<&HierarchyAct> for HierarchyEntry {
    fn from(act: &HierarchyAct) -> Self {
        match act {
            HierarchyAct::IntendRequest(r) => Self::RequestIntent {
                authority: r.name.clone(),
                profile: r.profile.clone(),
                subject: r.subject.clone(),
                key: r.key_location.clone(),
                predecessor: r.predecessor.clone(),
                info_sha256: hex::encode(r.info_sha256),
                spki_sha256: hex::encode(r.spki_sha256),
            },
            HierarchyAct::CompleteRequest {
                info_sha256,
                sha256,
                ..
            } => Self::RequestResult {
                info_sha256: hex::encode(info_sha256),
                request_sha256: hex::encode(sha256),
            },
            HierarchyAct::Adopt(a) => Self::Adopted {
                authority: a.name.clone(),
                profile: a.profile.clone(),
                key: a.key_location.clone(),
                issuer: a.issuer.as_ref().map_or(&a.name, |i| &i.name).clone(),
                renewal: a.renews.is_some(),
                predecessor: a.predecessor.as_ref().map(|p| p.name.clone()),
                info_sha256: a.request.map(hex::encode),
                serial: hex::encode(&a.serial),
                subject: a.subject.clone(),
                not_after: a.not_after.to_string(),
                certificate_sha256: hex::encode(a.fingerprint),
                indexed: true,
            },
            HierarchyAct::ImportCrl(c) => Self::CrlImport {
                authority: c.authority.name.clone(),
                previous: c.previous,
                number: c.number,
                this_update: c.this_update.to_string(),
                next_update: c.next_update.to_string(),
                crl_sha256: hex::encode(c.sha256),
                revoked: c
                    .revoked
                    .iter()
                    .map(|r| ImportedRevocationEntry {
                        serial: hex::encode(&r.serial),
                        at: r.at.to_string(),
                        reason: r.reason.name().into(),
                    })
                    .collect(),
            },
            HierarchyAct::SetIssuing { authority, beside } => Self::AuthorityIssuing {
                authority: authority.name.clone(),
                issuing: beside.name().into(),
            },
            HierarchyAct::Terminate(t) => Self::Termination {
                authority: t.authority.name.clone(),
                reason: t.reason.clone(),
                certificates: t.certificates.name().into(),
            },
            HierarchyAct::State {
                authority,
                about,
                statement,
            } => Self::AuthorityStatement {
                authority: authority.name.clone(),
                about: about.clone(),
                statement: statement.clone(),
            },
            HierarchyAct::Ceremony {
                script_sha256,
                event,
            } => Self::Ceremony {
                script_sha256: script_sha256.clone(),
                // What was written by serde is read by it.
                event: serde_json::from_str(event).unwrap_or_default(),
            },
        }
    }
}
