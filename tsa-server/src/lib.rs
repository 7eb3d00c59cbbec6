//! `sceau-tsa`: trusted time-stamps (RFC 3161, RFC 5816, EN 319 422) over HTTP.
//!
//! [`Unit`] is a time-stamping unit: one key and its certificate, checked once. [`Tsa`] reads a query
//! from its original bytes ([`query`]), decides, and makes the token ([`token`]). [`HttpService`]
//! puts it behind HTTP, [`config`] builds it from a file. This crate knows nothing of PDF.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
mod http;
pub mod query;
mod service;
pub mod token;
mod unit;

pub use crate::config::{Config, ConfigError};
pub use crate::http::HttpService;
pub use crate::service::{Busy, Policy, Tsa};
pub use crate::unit::{Unit, UnitError};
