//! What a certification authority does: profiles, linting, issuance, revocation, CRLs, the journal
//! and the record they are kept in.
//!
//! [`CaEngine`] is the way in for a program that issues; [`status::StatusReader`] for one that only
//! answers for what was issued. CA keys are handed in as [`hsm_pkcs11::Signer`]s and used in two
//! places only: on a recorded certificate and on a recorded CRL (`authority`). This crate knows no
//! HTTP and no terminal.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stderr))]

mod authority;
pub mod batch;
mod certificate;
pub mod crl;
pub mod engine;
pub mod error;
pub mod hierarchy;
pub mod import;
mod issuance;
pub mod journal;
pub mod names;
pub mod profile;
pub mod registration;
pub mod request;
pub mod revocation;
pub mod settings;
pub mod status;
pub mod store;

pub use pki_lint::{Finding, Severity};

pub use crate::authority::{Authority, AuthorityKey};
pub use crate::engine::{
    Actors, AuthorityImport, CaEngine, CaRequestOrder, CrossOrder, ExpiryFilter, Fulfilment,
    GenerationName, ImportMode, ImportSummary, Imported, ImportedAuthority, ImportedLine,
    IssueRequest, Issued, IssuedCrl, LinkOrder, ListFilter, NewAdoption, NewAuthority, Once,
    PreparedRequest, ProfileOrigin, ProfileRecordError, Proposal, QscdEvidence,
    RegistrationSettings, Renewal, RenewalOrder, RequestOrder, Requests, Service, Sources,
    Statistics, SubjectKey, TerminationOrder, Validity,
};
pub use crate::error::{CaError, SettingsError};
pub use crate::journal::JournalReport;
pub use crate::names::SubjectDn;
pub use crate::request::CertificationRequest;
pub use crate::revocation::{RevocationReason, RevocationRequest, SuspensionRequest};
pub use crate::settings::{Legislation, Settings, SettingsConfig};
pub use crate::store::{CertificateEntry, CertificateState, Difference, RecordName, StoreError};
