//! What PostgreSQL's errors mean to the operator. No error shows a password: the client library keeps
//! them out, and the server never says them.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::client::Failure;
use crate::store::sql::SqlError;
use crate::store::{RecordName, StoreError};

/// The error of a statement.
pub(super) fn sql_error(record: &RecordName, failure: impl Into<Failure>) -> SqlError {
    let failure = failure.into();
    let code = match &failure {
        Failure::Server(error) => error.code(),
        Failure::Silent(_) | Failure::Runtime(_) => None,
    };
    match code {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => {
            SqlError::Unique(translate(record, failure))
        }
        code => {
            // The server has read from its disk what it did not write there.
            let fatal = code
                .is_some_and(|c| *c == SqlState::DATA_CORRUPTED || *c == SqlState::INDEX_CORRUPTED);
            SqlError::Failed {
                error: translate(record, failure),
                fatal,
            }
        }
    }
}

/// The error of a connection or a statement.
pub(super) fn translate(record: &RecordName, failure: Failure) -> StoreError {
    let record = record.clone();
    let error = match failure {
        Failure::Server(error) => error,
        Failure::Silent(limit) => {
            let what = format!("no answer within {} s", limit.as_secs_f32());
            return StoreError::Unreachable {
                record,
                source: Box::new(io::Error::new(io::ErrorKind::TimedOut, what)),
            };
        }
        Failure::Runtime(source) => return StoreError::Open { record, source },
    };
    let Some(state) = error.code().cloned() else {
        return match io_kind(&error) {
            // Nobody listens there, or not any more.
            Some(_) => StoreError::Unreachable {
                record,
                source: Box::new(error),
            },
            None if error.is_closed() => StoreError::Unreachable {
                record,
                source: Box::new(error),
            },
            // The client library's words for what it could not answer the server: no password, above all.
            None if ["invalid configuration", "authentication error"]
                .iter()
                .any(|words| error.to_string().starts_with(words)) =>
            {
                StoreError::NotAllowed {
                    record,
                    source: Box::new(error),
                }
            }
            None => StoreError::Database {
                record,
                source: Box::new(error),
            },
        };
    };
    match state {
        SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::Locked(record)
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly(record),
        SqlState::DISK_FULL => StoreError::DiskFull(record),
        SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN => StoreError::NotARecord(record),
        SqlState::INVALID_CATALOG_NAME => StoreError::Missing(record),
        SqlState::INVALID_PASSWORD
        | SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        | SqlState::INSUFFICIENT_PRIVILEGE => StoreError::NotAllowed {
            record,
            source: Box::new(error),
        },
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => StoreError::Damaged {
            record,
            what: error.to_string(),
        },
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::CONNECTION_FAILURE
        // A reader's limit at the server, or a query that stood in the way of replaying.
        | SqlState::QUERY_CANCELED
        | SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Unreachable {
            record,
            source: Box::new(error),
        },
        _ => StoreError::Database {
            record,
            source: Box::new(error),
        },
    }
}

fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        source = error.source();
    }
    None
}
