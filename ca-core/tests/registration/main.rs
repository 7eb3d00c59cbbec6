//! Registration with a real record: who may do what, what the journal says of it, and openssl on the
//! signatures of decisions.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod again;
mod approval;
mod codes;
mod office;
mod operators;
mod orders;
mod organisations;
#[path = "../support/mod.rs"]
mod support;
mod tampering;
