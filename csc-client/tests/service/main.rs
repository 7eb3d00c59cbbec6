//! Services that misbehave, and the messages of version 2. The signatures are real; what makes them is
//! a service of this folder. Version 1 is tried on a service that somebody else wrote
//! (`signer-cli/tests/csc.rs`).
#![allow(clippy::unwrap_used)]

mod fake;
mod faults;
mod messages;
mod network;
mod secrets;
mod threads;
