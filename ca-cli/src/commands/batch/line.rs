//! What became of one order.

use ca_core::batch::BatchRow;
use cli_support::Failure;

/// What became of an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    /// A certificate was issued now and written.
    Issued,
    /// It was issued by an earlier run.
    AlreadyIssued,
    /// The order is not acceptable; nothing was issued.
    Refused,
    /// The order is acceptable, and something else went wrong.
    Failed,
    /// The batch had stopped before.
    NotTried,
}

/// A line of the report.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) status: Status,
    /// The certificate's serial number where there is one.
    pub(super) serial: String,
    /// The certificate's file where it is written.
    pub(super) file: String,
    pub(super) reason: String,
    pub(super) hint: Option<String>,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::AlreadyIssued => "already issued",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NotTried => "not tried",
        }
    }
}

impl Line {
    pub(super) fn refused(line: u64, id: &str, reason: String, hint: Option<String>) -> Self {
        Self {
            line,
            id: id.to_owned(),
            status: Status::Refused,
            serial: String::new(),
            file: String::new(),
            reason,
            hint,
        }
    }

    pub(super) fn not_tried(line: u64, row: &BatchRow) -> Self {
        let hint =
            "run the same batch again when the cause is gone: the others are not issued twice";
        Self {
            status: Status::NotTried,
            hint: Some(hint.into()),
            ..Self::refused(line, row.id.as_str(), "the batch had stopped".into(), None)
        }
    }

    pub(super) fn failure(line: u64, row: &BatchRow, status: Status, failure: &Failure) -> Self {
        Self {
            status,
            ..Self::refused(
                line,
                row.id.as_str(),
                failure.causes().join(": "),
                failure.hint.clone(),
            )
        }
    }
}
