//! Whole programs against each other and against judges that nobody here wrote.
//!
//! A test that compares our output only with our own parser proves nothing. This crate therefore knows how to run the real
//! programs ([`environment`], [`program`], [`hierarchy`], [`service`]) on either key backend ([`backend`]), how to ask
//! independent tools about what came out ([`judges`]), where third-party documents lie ([`corpus`]), and which of them are known
//! exceptions and why ([`exceptions`]). The suites themselves are in `suites/`; `cargo xtask demo` uses the same parts.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod backend;
pub mod corpus;
pub mod environment;
pub mod exceptions;
pub mod hierarchy;
pub mod http;
pub mod judges;
pub mod program;
pub mod report;
pub mod service;
pub mod tls;
pub mod transcript;
pub mod trusted_list;

pub use backend::Backend;
pub use hierarchy::Hierarchy;
pub use program::{Call, Outcome};
pub use report::VerifyReport;
