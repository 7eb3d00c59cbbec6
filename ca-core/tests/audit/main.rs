//! Nobody changes, removes or reorders a byte of the journal unnoticed.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod audited;
mod checkpoints;
mod export;
mod proofs;
#[path = "../support/mod.rs"]
mod support;
mod tables;
