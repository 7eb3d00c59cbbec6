//! The tables and procedures of TS 119 615 clauses 4.3 to 4.7, each row with its clause; the lists are signed by
//! xmlsec1, and the cells are those of the standard.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod contradictions;
mod devices;
mod directive;
mod names;
mod regulation;
mod time_stamps;
mod world;
