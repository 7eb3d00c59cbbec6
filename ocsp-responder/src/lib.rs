//! `sceau-ocsp`: certificate status (RFC 6960, RFC 9654, RFC 9919), CRLs and CA certificates over
//! HTTP, from a read-only view of the record.
//!
//! [`Responder`] decides and signs; [`HttpService`] puts it behind HTTP; [`config`] builds it from a
//! file. A request is parsed from its original bytes ([`protocol`]), its CertID matched against the
//! authorities ([`record`]) and answered ([`answers`]) from what was signed before or by one of the
//! [`keys`]. Every answer follows the version of the record. This crate does not know how certificates
//! are issued.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answers;
pub mod config;
mod http;
pub mod keys;
pub mod metrics;
mod page;
mod policy;
pub mod protocol;
mod publication;
pub mod record;
mod responder;

pub use crate::answers::cache;
pub use crate::config::{Config, ConfigError};
pub use crate::http::HttpService;
pub use crate::keys::Delegates;
pub use crate::keys::delegate::{Delegate, DelegateError};
pub use crate::keys::files::{FileWatch, Taken};
pub use crate::keys::requestors::Requestors;
pub use crate::policy::{
    AnswerPolicy, ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, Policy, PreSigning,
    RequestSignaturePolicy, ResponderIdForm,
};
pub use crate::protocol::{path, request};
pub use crate::record::source::{MemorySource, SourceError, StatusSource};
pub use crate::record::state::StartError;
pub use crate::responder::{Reply, Responder, Watch};
