//! The steps from an empty database to the record's present format, in both dialects. A step is never
//! changed once records were made with it: what comes later is a step of its own, at the end.

use crate::store::{RecordName, StoreError};

/// What leads from one format to the next; each is one transaction.
pub(crate) struct Step {
    /// For SQLite.
    pub(crate) sqlite: &'static str,
    /// For PostgreSQL.
    pub(crate) postgres: &'static str,
}

macro_rules! step {
    ($name:literal) => {
        Step {
            sqlite: include_str!(concat!("../sqlite/migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../postgres/migrations/", $name, ".sql")),
        }
    };
}

/// Step `n` (from 1) leads from format `n - 1` to format `n`.
const STEPS: &[Step] = &[
    step!("0001_record"),
    step!("0002_instance"),
    step!("0003_audit"),
    step!("0004_registration"),
    step!("0005_profiles"),
    step!("0006_hierarchy"),
    step!("0007_import"),
    step!("0008_revocation"),
    step!("0009_decisions"),
];

/// The format this program reads and writes.
pub(crate) const FORMAT: i64 = STEPS.len() as i64;

/// The steps that lead from `format` to the present one, each with the format it leads to.
pub(crate) fn after(format: i64) -> impl Iterator<Item = (i64, &'static Step)> {
    (1..).zip(STEPS).filter(move |(to, _)| *to > format)
}

/// Whether this program reads what it found.
pub(crate) fn check(record: &RecordName, found: i64) -> Result<(), StoreError> {
    let (record, supported) = (record.clone(), FORMAT);
    match found.cmp(&FORMAT) {
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Less => Err(StoreError::Older {
            record,
            found,
            supported,
        }),
        core::cmp::Ordering::Greater => Err(StoreError::Version {
            record,
            found,
            supported,
        }),
    }
}
