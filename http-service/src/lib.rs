//! The HTTP/1.1 shell that `sceau-ocsp` and `sceau-tsa` share.
//!
//! [`program`] is the command line, the signals and the life of such a program, [`settings`] what
//! their configuration files have in common, [`metrics`] and [`health`] what their operators watch. The
//! server itself listens, reads requests within limits, calls one [`Handler`] by static dispatch, and
//! stops gracefully. It knows HTTP (RFC 9110, RFC 9112) and nothing of what is asked. Everything a client
//! can drive is bounded: connections, header and body size, and the time each step may take.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admin;
pub mod clients;
mod complaint;
mod conditional;
mod connection;
mod date;
mod error;
mod flights;
mod handler;
pub mod health;
pub mod metrics;
pub mod program;
mod range;
mod representation;
pub mod respond;
mod server;
pub mod settings;
mod stop;
mod stream;
mod supervisor;
pub mod tls;
mod workers;

pub use bytes::Bytes;
pub use hsm_pkcs11::Pace;
pub use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
pub use hyper::{Method, StatusCode};

pub use crate::complaint::Complaint;
pub use crate::conditional::{Validators, only};
pub use crate::date::{http_date, parse_http_date};
pub use crate::error::{ServeError, with_causes};
pub use crate::flights::Flights;
pub use crate::handler::{Handler, Request, Response};
pub use crate::health::Health;
pub use crate::range::Part;
pub use crate::representation::representation;
pub use crate::server::{Limits, Server};
pub use crate::stop::Stop;
pub use crate::workers::{NotRun, Workers};
