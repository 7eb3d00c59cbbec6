//! Generations, cross- and link certificates and an offline root, judged by openssl, pkilint and path
//! validation.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod chain;
mod cross;
mod end;
mod generations;
mod offline;
#[path = "../support/mod.rs"]
mod support;
