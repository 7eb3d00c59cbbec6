//! Certificate revocation lists (RFC 5280 section 5): complete, delta and partitioned, version 2,
//! streamed from the record.
//!
//! The same discipline as for certificates: `CrlDraft -> RecordedCrl -> signed, verified, published`.
//! The record is walked once; its entries are spooled, so that neither a list of entries nor the CRL
//! is ever held, and a token is given only the digest.

mod body;
mod check;
mod config;
mod draft;
mod entry;
mod error;
mod frame;
mod freshness;
mod name;
mod policy;
mod recorded;
mod stream;

pub use self::body::Body;
pub(crate) use self::body::{CHUNK, Spool};
pub use self::config::{
    AfterRevocation, CrlConfig, CrlIssuers, DeltaConfig, ExpiredEntries, FreshestCrl,
    PartitionConfig,
};
pub(crate) use self::draft::{Contents, CrlDraft, CrlInputs};
pub use self::entry::{EntryFields, EntryReason};
pub use self::error::CrlError;
pub(crate) use self::frame::freshest_crl;
pub use self::freshness::{CrlStanding, Freshness, Latest};
pub(crate) use self::freshness::{Facts, judge};
pub use self::name::{CrlKind, CrlName, CrlScope};
pub use self::policy::{CrlPolicy, MAX_PARTITIONS, Rank, Schedule};
pub(crate) use self::recorded::{CrlFailure, RecordedCrl};
pub use self::stream::CrlStream;
