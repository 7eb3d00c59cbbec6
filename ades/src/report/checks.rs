//! The building blocks that ran, as a tree (EN 319 102-1; the clause of each is in the report).

use serde::Serialize;

use crate::validate::Step;

/// One building block and those within it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// As the standard calls it.
    pub block: &'static str,
    /// Its clause in EN 319 102-1, or the standard and clause where it is another one.
    pub clause: &'static str,
    /// What it looked at, where it runs for more than one thing.
    pub about: Option<String>,
    /// `passed`, `failed`, `indeterminate` or `not-applicable`
    pub outcome: &'static str,
    /// Why it did not pass.
    pub sub_indication: Option<&'static str>,
    /// What was found.
    pub message: Option<String>,
    /// Those that it called.
    pub checks: Vec<CheckReport>,
}

impl CheckReport {
    pub(super) fn all(steps: &[Step]) -> Vec<Self> {
        steps.iter().map(Self::new).collect()
    }

    fn new(step: &Step) -> Self {
        Self {
            block: step.block.name(),
            clause: step.block.clause(),
            about: step.about.as_ref().map(ToString::to_string),
            outcome: step.outcome.as_str(),
            sub_indication: step.sub_indication.map(|s| s.as_str()),
            message: step.message.as_ref().map(ToString::to_string),
            checks: Self::all(&step.children),
        }
    }
}
