//! What each revision of a PDF changed, in words: `sceau verify --diff`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::language::Language;
use crate::validate::Facts;

/// A revision, and what it changed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionReport {
    /// From 1, as in `sceau inspect`.
    pub number: usize,
    /// Its last byte is the one before.
    pub end: u64,
    /// The signatures and document time-stamps that end with it.
    pub signatures: Vec<String>,
    /// What it changed after the signatures of earlier revisions; empty before the first signature.
    pub changes: Vec<ChangeReport>,
}

/// One change.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeReport {
    /// `lta-updates`, `form-filling`, `annotations` or `other`
    pub kind: &'static str,
    /// The code of what it looks like; null where a rule clears it.
    pub code: Option<&'static str>,
    /// What was done, in words.
    pub message: String,
}

/// Every revision of a signed PDF; empty for other files, and for a PDF without a signature.
pub(super) fn revisions(facts: &Facts, language: Language) -> Vec<RevisionReport> {
    let mut signed: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for one in &facts.signatures {
        if let Some(pdf) = &one.pdf {
            signed.entry(pdf.revision).or_default().push(one.id.clone());
        }
    }
    let history = facts.signatures.iter().find_map(|one| one.pdf.as_ref());
    history.map_or_else(Vec::new, |pdf| {
        pdf.history
            .iter()
            .map(|revision| RevisionReport {
                number: revision.number + 1,
                end: revision.end,
                signatures: signed.remove(&revision.number).unwrap_or_default(),
                changes: revision
                    .changes
                    .iter()
                    .map(|change| ChangeReport {
                        kind: change.level.as_str(),
                        code: change.attack.map(|a| a.code()),
                        message: language.say(&change.message),
                    })
                    .collect(),
            })
            .collect()
    })
}
