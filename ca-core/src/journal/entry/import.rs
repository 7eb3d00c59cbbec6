//! The records of what was taken over from another product.
//!
//! Entries are recorded many at a time, each with everything the tables hold of it, so that a million of
//! them are recorded at the speed of the disk and each one is still compared by itself.

use serde::{Deserialize, Serialize};

use crate::issuance::sha256;
use crate::store::{ImportAct, ImportedEntry as Entry};

/// What was taken over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum ImportEntry {
    Adoption {
        authority: String,
        profile: String,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        certificate_sha256: String,
        chain_sha256: Vec<String>,
    },
    Import {
        authority: String,
        entries: Vec<ImportedEntry>,
        /// Whether registration learned the keys and organisations in this act. Records of older
        /// programs tell it in acts of their own.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        indexed: bool,
    },
    ImportCrlNumber {
        authority: String,
        number: u64,
        crl_sha256: String,
        this_update: String,
    },
}

/// One serial number.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedEntry {
    pub(crate) serial: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<ImportedCertificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revocation: Option<ImportedRevocation>,
}

/// A certificate.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedCertificate {
    pub(crate) subject: String,
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    /// Absent where only the serial number is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// A revocation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedRevocation {
    pub(crate) at: String,
    pub(crate) reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invalidity_date: Option<String>,
}

impl ImportEntry {
    /// How many certificates and how many revocations it put into the tables.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let Self::Import { entries, .. } = self else {
            return (0, 0);
        };
        let certificates = entries.iter().filter(|e| e.certificate.is_some()).count();
        let revocations = entries.iter().filter(|e| e.revocation.is_some()).count();
        (certificates as u64, revocations as u64)
    }
}

impl From<&ImportAct> for ImportEntry {
    fn from(act: &ImportAct) -> Self {
        let digest = |der: &Vec<u8>| hex::encode(sha256(der));
        match act {
            ImportAct::Adopt(a) => Self::Adoption {
                authority: a.name.clone(),
                profile: a.profile.clone(),
                key: a.key_location.clone(),
                issuer: a.issuer.as_ref().map(|i| i.name.clone()),
                certificate_sha256: digest(&a.certificate),
                chain_sha256: a.chain.iter().map(digest).collect(),
            },
            ImportAct::Entries(e) => Self::Import {
                authority: e.authority.name.clone(),
                entries: e.entries.iter().map(ImportedEntry::from).collect(),
                indexed: true,
            },
            ImportAct::CrlNumber(c) => Self::ImportCrlNumber {
                authority: c.authority.name.clone(),
                number: c.number,
                crl_sha256: hex::encode(c.sha256),
                this_update: c.this_update.to_string(),
            },
        }
    }
}

impl From<&Entry> for ImportedEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            serial: hex::encode(&entry.serial),
            certificate: entry.certificate.as_ref().map(|c| ImportedCertificate {
                subject: c.subject.clone(),
                not_before: c.not_before.to_string(),
                not_after: c.not_after.to_string(),
                sha256: c.der.as_ref().map(|der| hex::encode(sha256(der))),
            }),
            revocation: entry.revocation.map(|r| ImportedRevocation {
                at: r.at.to_string(),
                reason: r.reason.name().into(),
                invalidity_date: r.invalidity_date.map(|t| t.to_string()),
            }),
        }
    }
}
