//! Certificate revocation lists (RFC 5280 section 5): full, version 2, streamed from the record.
//!
//! The same discipline as for certificates: `CrlDraft -> RecordedCrl -> signed, verified, published`.
//! The list is walked twice, once for its length and once for its bytes, so that no entry is ever
//! held as an object; a token is given only the digest.

mod draft;
mod encode;
mod recorded;

pub(crate) use self::draft::{CrlDraft, CrlInputs};
pub(crate) use self::recorded::{CrlFailure, RecordedCrl};
