//! What a signer declares, and what a container holds, as the report shows it.

use serde::Serialize;

use crate::cades::attributes::{DocumentSpecification, SignedProperties};
use crate::validate::{ArchiveFacts, ArchiveForm, Check, ContainerFacts, SignatureFacts};
use pki_asn1::oid;

/// A container.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerReport {
    /// `ASiC-S` or `ASiC-E`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its files, without those of the container itself.
    pub files: Vec<String>,
    /// Those that no signature covers.
    pub unsigned_files: Vec<String>,
    /// What is not as EN 319 162-1 wants it.
    pub problems: Vec<String>,
}

/// What the signer declares in signed attributes. A claim, like the signing time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredReport {
    /// The signature policy.
    pub policy: Option<PolicyReport>,
    /// Commitments: the ETSI names, or OIDs.
    pub commitments: Vec<String>,
    /// Where: locality, country, postal address.
    pub location: Vec<String>,
    /// The media type of the content.
    pub mime_type: Option<String>,
    /// The description of the content.
    pub content_description: Option<String>,
    /// The content-identifier in hexadecimal.
    pub content_identifier: Option<String>,
    /// The content-identifier of the message that is referred to.
    pub refers_to: Option<String>,
}

/// A signature policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// Its identifier.
    pub oid: String,
    /// Where it is published.
    pub uri: Option<String>,
    /// The specification that its document follows.
    pub specification: Option<String>,
    /// The digest algorithm.
    pub digest_algorithm: String,
    /// The digest of its document in hexadecimal.
    pub digest: String,
    /// Whether the document that is kept with the signature has this digest; null where none is kept.
    pub stored_document_fits: Option<bool>,
}

impl ContainerReport {
    pub(super) fn new(facts: &ContainerFacts) -> Self {
        Self {
            kind: facts.kind.as_str(),
            files: facts.files.clone(),
            unsigned_files: facts.unsigned.clone(),
            problems: facts.problems.clone(),
        }
    }
}

impl DeclaredReport {
    /// `None` where the signer declares nothing.
    #[must_use]
    pub fn new(facts: &SignatureFacts) -> Option<Self> {
        let said = &facts.properties;
        if *said == SignedProperties::default() {
            return None;
        }
        let policy = said.policy.as_ref().map(|policy| PolicyReport {
            oid: policy.oid.to_string(),
            uri: policy.uri.clone(),
            specification: policy.specification.as_ref().map(|s| match s {
                DocumentSpecification::Oid(oid) => oid.to_string(),
                DocumentSpecification::Uri(uri) => uri.clone(),
            }),
            digest_algorithm: policy.digest.algorithm().to_string(),
            digest: policy.digest.to_hex(),
            stored_document_fits: facts.policy_store.as_ref().map(Check::is_ok),
        });
        let label = |id| oid::label(&id).map_or_else(|| id.to_string(), str::to_owned);
        let location = said.location.as_ref().map_or_else(Vec::new, |place| {
            let name = place.locality.iter().chain(&place.country);
            name.chain(&place.postal_address).cloned().collect()
        });
        Some(Self {
            policy,
            commitments: said
                .commitments
                .iter()
                .map(|c| c.oid())
                .chain(said.other_commitments.iter().copied())
                .map(label)
                .collect(),
            location,
            mime_type: said.mime_type.clone(),
            content_description: said
                .content_hints
                .as_ref()
                .and_then(|h| h.description.clone()),
            content_identifier: said.content_identifier.as_ref().map(hex::encode),
            refers_to: said
                .content_reference
                .as_ref()
                .map(|r| hex::encode(&r.identifier)),
        })
    }
}

/// What an archive time-stamp covers, in words.
pub(super) fn covers(facts: &ArchiveFacts) -> String {
    if facts.form == ArchiveForm::Version2 {
        return format!(
            "the signature as a whole (archive-time-stamp-v2), with {} unsigned attributes",
            facts.values.len()
        );
    }
    let (certificates, all_certificates) = facts.certificates;
    let (revocation, all_revocation) = facts.revocation;
    format!(
        "{certificates} of {all_certificates} certificates, {revocation} of {all_revocation} revocation values, {} unsigned attributes",
        facts.values.len()
    )
}
