//! The steps from an empty file to the record's present format. A step is never changed once records
//! were made with it: what comes later is a step of its own.

/// Step `n` (from 1) leads from format `n - 1` to format `n`.
const STEPS: [&str; 2] = [
    include_str!("migrations/0001_record.sql"),
    include_str!("migrations/0004_revocation.sql"),
];

/// The format this program writes.
pub(super) const FORMAT: i64 = STEPS.len() as i64;

/// The statements that lead from `format` to the present one.
pub(super) fn after(format: i64) -> String {
    let done = usize::try_from(format).unwrap_or(0).min(STEPS.len());
    STEPS[done..].concat()
}
