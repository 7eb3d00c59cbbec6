//! The suite of `hierarchy/` with the record in PostgreSQL.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "hierarchy/chain.rs"]
mod chain;
#[path = "hierarchy/cross.rs"]
mod cross;
#[path = "hierarchy/end.rs"]
mod end;
#[path = "hierarchy/generations.rs"]
mod generations;
mod support;
