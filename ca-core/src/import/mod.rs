//! Taking over what another certification authority issued and revoked, so that its status continues.
//!
//! The parts here read foreign files (openssl's `index.txt`, certificates in files, folders and bundles,
//! CRLs), check each against the adopted authority's key, and decide per serial number what is recorded
//! and what is contradictory. The engine writes what was decided.

mod bundle;
mod crl;
mod decide;
mod error;
mod issuer;
mod openssl_index;
mod serial;
pub(crate) mod sources;

pub use self::bundle::{BundleError, Bundles};
pub use self::crl::{CrlFacts, ForeignCrl};
pub use self::decide::{Decision, Evidence, Existing, PastRevocation, Remark, decide};
pub use self::error::ImportError;
pub use self::issuer::{ForeignError, ForeignIssuer};
pub use self::openssl_index::{IndexError, IndexLine, IndexStatus};
pub(crate) use self::serial::is_listable;
pub use self::serial::{SerialError, serial_from_hex};
pub use self::sources::Origin;
pub(crate) use self::sources::{Candidate, Loaded, Source, load, read_crl};
