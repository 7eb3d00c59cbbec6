//! Trusted lists (TS 119 612).

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod xml;
pub mod xmldsig;
