//! Certification paths: building them and validating them as RFC 5280 section 6 asks, at a given
//! time, with given revocation evidence.
//!
//! A [`Validator`] is handed everything it may use: trust anchors, a pool of other certificates,
//! CRLs and OCSP responses, and the [`Parameters`]. It knows no network, no clock and no file, and
//! where a piece of evidence came from is not its business. Work that a stranger's certificates can
//! cause is bounded by a [`Budget`].

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod budget;
mod build;
mod constraints;
mod error;
mod parameters;
mod policy;
mod pool;
mod revocation;
mod signature;
mod validate;

pub use crate::budget::{Budget, BudgetKind};
pub use crate::build::{Path, Validator};
pub use crate::error::{PathError, PathErrorKind};
pub use crate::parameters::{
    AnyPolicy, ExplicitPolicy, Parameters, PolicyMapping, PolicyParameters, PolicySet,
    RevocationMode,
};
pub use crate::pool::{CertificatePool, TrustAnchor};
pub use crate::revocation::{
    Distrust, Evidence, EvidenceWindow, Finding, RevocationStatus, RevocationUnknown, RevokedInfo,
    Source,
};
pub use crate::signature::SignatureError;
