//! `sceau-ocsp`: certificate status (RFC 6960, RFC 9654, RFC 9919), CRLs and CA certificates over
//! HTTP, from a read-only view of the record.
//!
//! [`Responder`] decides and signs; [`HttpService`] puts it behind HTTP; [`config`] builds it from a
//! file. A request is parsed from its original bytes ([`request`]), its CertID matched against the
//! authorities ([`authority`]) and answered from a bounded cache of signed answers ([`cache`]) that
//! follows the version of the record. This crate does not know how certificates are issued.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answer;
pub mod authority;
pub mod cache;
pub mod config;
mod decide;
pub mod delegate;
mod http;
pub mod path;
mod policy;
mod publication;
pub mod request;
mod responder;
pub mod source;
mod state;

pub use crate::config::{Config, ConfigError};
pub use crate::delegate::{Delegate, DelegateError};
pub use crate::http::HttpService;
pub use crate::policy::{ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, Policy};
pub use crate::responder::{Reply, Responder, Watch};
pub use crate::source::{MemorySource, SourceError, StatusSource};
pub use crate::state::StartError;
