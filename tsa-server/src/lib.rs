//! `sceau-tsa`: trusted time-stamps (RFC 3161, RFC 5816, EN 319 422) over HTTP.
//!
//! A [`Unit`] is a time-stamping unit: one key and its certificate, checked once; [`Units`] are
//! several. [`Tsa`] reads a query from its original bytes ([`query`]), takes a time from the
//! [`clock`], makes the token ([`token`]), and releases it when the [`journal`] has it.
//! [`HttpService`] puts it behind HTTP, [`config`] builds it from a file, [`reload`] follows the
//! files of its units. This crate knows nothing of PDF.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod background;
pub mod clock;
pub mod config;
mod http;
pub mod instant;
pub mod journal;
pub mod metrics;
pub mod offer;
pub mod query;
pub mod reload;
mod service;
pub mod token;
mod unit;
mod units;

pub use crate::config::{Config, ConfigError};
pub use crate::http::HttpService;
pub use crate::service::{Capacity, Tsa, Unanswered};
pub use crate::unit::{Unit, UnitError};
pub use crate::units::{Endpoint, Units};
