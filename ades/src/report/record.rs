//! Evidence records, as the report shows them.

use serde::Serialize;

use super::{Language, MessageReport, TimestampReport, error, message, timestamp};
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
    pub(super) fn new(facts: &RecordFacts, verdict: &RecordVerdict, language: Language) -> Self {
        let mut stamps = facts.stamps().zip(&verdict.stamps);
        let chains = facts.chains.iter().map(|chain| RecordChainReport {
            digest_algorithm: chain.algorithm_name.clone(),
            timestamps: (stamps.by_ref().take(chain.stamps.len()))
                .filter_map(|(facts, verdict)| {
                    let (facts, verdict) = (facts.stamp.as_ref().ok()?, verdict.as_ref()?);
                    Some(timestamp("archive-timestamp", facts, verdict, language))
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
            errors: verdict.errors.iter().map(|m| error(m, language)).collect(),
            warnings: verdict
                .warnings
                .iter()
                .map(|m| message(m, language))
                .collect(),
        }
    }
}
