//! Evidence records, as the report shows them.

use serde::Serialize;

use super::text::printable;
use super::{MessageReport, TimestampReport, message, timestamp};
use crate::validate::{Check, RecordFacts, RecordPlace, RecordVerdict};

/// One evidence record (RFC 4998).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordReport {
    /// Unique in the file.
    pub id: String,
    /// `file`: the record is the file; `container`: a file of the container; `signature`: an unsigned attribute.
    pub place: &'static str,
    /// `TOTAL-PASSED`, `INDETERMINATE` or `TOTAL-FAILED`
    pub indication: &'static str,
    /// EN 319 102-1's sub-indication; null where passed.
    pub sub_indication: Option<&'static str>,
    /// The data existed at this time at the latest; null where the record did not pass.
    pub proven_time: Option<String>,
    /// The data objects.
    pub objects: Vec<ObjectReport>,
    /// How many further hashes the first archive time-stamp holds.
    pub other_objects: usize,
    /// The chains, the oldest first.
    pub chains: Vec<RecordChainReport>,
    /// Why it does not pass; the first is the reason.
    pub errors: Vec<MessageReport>,
    /// What does not change the verdict and should be known.
    pub warnings: Vec<MessageReport>,
}

/// One data object of a record.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReport {
    /// Its name.
    pub name: String,
    /// Whether every chain of the record covers it; null where that could not be checked.
    pub covered: Option<bool>,
}

/// One chain of archive time-stamps.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordChainReport {
    /// The digest algorithm of its hash trees.
    pub digest_algorithm: String,
    /// Its archive time-stamps, the oldest first; those that cannot be read are left out.
    pub timestamps: Vec<TimestampReport>,
}

impl RecordReport {
    pub(super) fn new(facts: &RecordFacts, verdict: &RecordVerdict) -> Self {
        let mut stamps = facts.stamps().zip(&verdict.stamps);
        let chains = facts.chains.iter().map(|chain| RecordChainReport {
            digest_algorithm: chain.algorithm_name.clone(),
            timestamps: (stamps.by_ref().take(chain.stamps.len()))
                .filter_map(|(facts, verdict)| {
                    let (facts, verdict) = (facts.stamp.as_ref().ok()?, verdict.as_ref()?);
                    Some(timestamp("archive-timestamp", facts, verdict))
                })
                .collect(),
        });
        Self {
            id: facts.id.clone(),
            place: match facts.place {
                RecordPlace::Alone => "file",
                RecordPlace::Member(_) => "container",
                RecordPlace::Attribute => "signature",
            },
            indication: verdict.indication.as_str(),
            sub_indication: verdict.sub_indication.map(|s| s.as_str()),
            proven_time: verdict.proven.map(|t| t.to_string()),
            objects: (facts.objects.iter())
                .map(|object| ObjectReport {
                    name: object.name.clone(),
                    covered: match object.check {
                        Check::Ok => Some(true),
                        Check::Failed(_) => Some(false),
                        Check::NotPossible(_) => None,
                    },
                })
                .collect(),
            other_objects: facts.others,
            chains: chains.collect(),
            errors: verdict.errors.iter().map(message).collect(),
            warnings: verdict.warnings.iter().map(message).collect(),
        }
    }
}

/// Writing to a `String` does not fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

pub(super) fn render(out: &mut String, one: &RecordReport) {
    use core::fmt::Write as _;
    let said = match (one.indication, one.sub_indication) {
        ("TOTAL-PASSED", _) => "TOTAL-PASSED, valid".to_owned(),
        ("TOTAL-FAILED", Some(sub)) => format!("TOTAL-FAILED ({sub}), not valid"),
        (other, Some(sub)) => format!("{other} ({sub}), cannot be decided with what is known"),
        (other, None) => other.to_owned(),
    };
    line!(out, "Evidence record {}: {said}", one.id);
    for object in &one.objects {
        let covered = match object.covered {
            Some(true) => "covered",
            Some(false) => "NOT what the record is about",
            None => "could not be checked",
        };
        line!(
            out,
            "  Data:         {}: {covered}",
            printable(&object.name)
        );
    }
    if one.other_objects > 0 {
        let count = one.other_objects;
        line!(
            out,
            "                beside {count} {} of other things",
            if count == 1 { "hash" } else { "hashes" }
        );
    }
    if let Some(time) = &one.proven_time {
        line!(
            out,
            "  Existed at:   {time} at the latest, proven by the record"
        );
    }
    for (index, error) in one.errors.iter().enumerate() {
        let label = if index == 0 { "Why not:" } else { "Found:" };
        line!(out, "  {label:<13} {}", printable(&error.message));
        if let Some(hint) = &error.hint {
            line!(out, "  What would change it: {hint}");
        }
    }
    for (number, chain) in one.chains.iter().enumerate() {
        line!(
            out,
            "  Chain {}:      {}",
            number + 1,
            chain.digest_algorithm
        );
        for stamp in &chain.timestamps {
            super::text::timestamp(out, stamp);
        }
    }
    for warning in &one.warnings {
        line!(out, "  Note:         {}", printable(&warning.message));
    }
}
