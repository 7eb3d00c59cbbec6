//! A linter for certificates, CRLs and OCSP responses (RFC 5280, RFC 6960, EN 319 412-1 to -5,
//! EN 319 411-1 and -2, EN 319 422, TS 119 312).
//!
//! It looks at original bytes, shares no code with the encoder, and takes whatever it is given: what
//! it cannot read is a finding. It knows no keys, files, records or clocks. One rule is one file
//! below `rules`, with its clause; [`rules`] lists them all.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod context;
mod der;
mod finding;
mod lint;
mod rule;
mod rules;
mod syntax;
mod view;
mod x690;

pub use crate::context::{
    AcceptedKeys, Context, CrlContext, CrlScope, Curve, Device, Expectation, ExpiredEntries, Kind,
    Legislation, OcspContext, QualifiedUse, SignatureValue, StatusSource, SubjectKeyId,
    SubjectName,
};
pub use crate::finding::{Finding, Severity, UnknownSeverity, worst};
pub use crate::lint::{
    CrlStream, claimed_legislation, detect, kind_of, lint_certificate, lint_crl,
    lint_ocsp_response, rules,
};
pub use crate::rule::{Artifact, RuleInfo};
pub use crate::syntax::iso::is_iso_country;
pub use crate::view::{CrlHead, Revoked};
