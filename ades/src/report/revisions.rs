//! What each revision of a PDF changed, in words: `sceau verify --diff`.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use serde::Serialize;

use super::text::printable;
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
pub(super) fn revisions(facts: &Facts) -> Vec<RevisionReport> {
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
                        message: change.message.to_string(),
                    })
                    .collect(),
            })
            .collect()
    })
}

/// The revisions for people.
pub(super) fn render(out: &mut String, revisions: &[RevisionReport]) {
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "\nWhat changed after each signature");
    let mut before: Vec<&str> = Vec::new();
    for revision in revisions {
        let signed = match revision.signatures.as_slice() {
            [] => String::new(),
            ids => format!(", signed by {}", ids.join(", ")),
        };
        let _ = writeln!(
            out,
            "  Revision {} (to byte {}){signed}",
            revision.number, revision.end
        );
        match before.as_slice() {
            [] => {}
            [one] => {
                let _ = writeln!(out, "    after {one}:");
            }
            [first, .., last] => {
                let _ = writeln!(out, "    after {first} to {last}:");
            }
        }
        if !before.is_empty() && revision.changes.is_empty() {
            let _ = writeln!(out, "      nothing that is shown or filled in");
        }
        for change in &revision.changes {
            let verdict = match change.code {
                Some(code) => format!(" [{code}]"),
                None => String::new(),
            };
            let _ = writeln!(out, "      {}{verdict}", printable(&change.message));
        }
        before.extend(revision.signatures.iter().map(String::as_str));
    }
    if revisions.is_empty() {
        let _ = writeln!(out, "  only a signed PDF has revisions");
    }
}
