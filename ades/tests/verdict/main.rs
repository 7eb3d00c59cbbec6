//! The verdict of EN 319 102-1 on real signatures as time goes by: what expired, was revoked or became
//! weak, and every code of an error or a warning.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    dead_code
)]

mod codes;
mod constraints;
mod differential;
mod flips;
mod forms;
mod kinds;
mod letter;
mod reachable;
mod renewals;
mod steady;
mod travel;
mod warned;
mod words;
mod world;
