//! The life of a hierarchy: key ceremonies, requests and certificates carried between an offline root
//! and the machines that are online, generations of a CA, the services' certificates, and its end
//! (EN 319 411-1 clauses 6.4.9 and 6.5.1, RFC 9810 section 4.4).

pub mod archive;
pub mod ceremony;
mod error;
mod foreign;
mod request;
mod termination;
mod terms;

pub use self::error::HierarchyError;
pub use self::foreign::ForeignCa;
pub(crate) use self::request::{RecordedRequest, RequestDraft, RequestFailure};
pub use self::termination::TerminationMinutes;
pub use self::terms::{CaTerms, PolicySet};
