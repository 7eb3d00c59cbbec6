//! One contract for every database that keeps the record. Each test is a function over a [`Record`],
//! listed in its file with `contract!`, and runs on SQLite and on PostgreSQL.
//!
//! A new area of the record gets a file here: its questions, its conflicts, what its constraints
//! refuse to whoever has the database in hand, and that the audit finds what they let through.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

/// Makes tests of functions: one for each database.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&crate::record::Record::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(record) = crate::record::Record::postgres() {
                    super::$test(&record);
                }
            })+
        }
    };
}

mod acts;
mod audit;
mod backup;
mod checkpoint;
mod concurrency;
mod lease;
mod locations;
mod migration;
mod record;
mod refusals;
mod store;
#[path = "../support/mod.rs"]
mod support;
