//! `sceau`: sign a document, and learn whether one is signed, by whom and when.
//!
//! The program reads its command line and configuration, calls `ades`, and prints. All logic is in
//! the libraries.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cli;
mod evidence_files;
mod extend;
mod inspect;
mod inspect_asn1;
mod inspect_record;
mod key_name;
mod list_editions;
mod many;
mod network;
mod settings;
mod sign;
mod trusted_lists;
mod verify;
mod verify_input;
mod verify_many;
mod verify_path;
mod verify_policy;
mod verify_report;
mod verify_revision;

pub use crate::cli::{command, main};
