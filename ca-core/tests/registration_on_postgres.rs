//! The suite of `registration/` with the record in PostgreSQL.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "registration/again.rs"]
mod again;
#[path = "registration/approval.rs"]
mod approval;
#[path = "registration/codes.rs"]
mod codes;
#[path = "registration/office.rs"]
mod office;
#[path = "registration/operators.rs"]
mod operators;
#[path = "registration/organisations.rs"]
mod organisations;
mod support;
