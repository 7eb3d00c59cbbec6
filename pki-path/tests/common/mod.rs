//! Certificates and CRLs with anything in them, and whoever else is asked about a path.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

pub mod issue;
pub mod judge;
