//! Containers: Python's zipfile and hashlib, xmllint with the XSD of EN 319 162-1, and OpenSSL judge
//! them; and what could deceive somebody who unpacks them is refused.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "../long_term/mod.rs"]
mod long_term;
#[path = "../network/mod.rs"]
mod network;

mod digests;
mod hostile;
mod judges;
mod made;
mod raised;
mod tampered;
mod uncovered;
