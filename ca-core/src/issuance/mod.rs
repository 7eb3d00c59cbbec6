//! The issuance cycle as types: `Draft -> Linted -> Recorded -> Signed -> Verified -> Published`.
//!
//! Each step consumes the one before and has no other constructor, so a certificate cannot be signed
//! without lint, nor released without a RESULT in the journal. `docs/ISSUANCE-CYCLE.md` says what
//! survives a power cut at each arrow.

mod draft;
mod expectation;
mod linted;
mod published;
mod recorded;
mod signed;
#[cfg(test)]
mod tests;
mod throw_away;
mod verified;

pub(crate) use self::draft::{Draft, DraftInputs, Issuer};
pub(crate) use self::linted::{Linted, RecordInputs, copy32, sha256};
pub(crate) use self::published::Published;
pub(crate) use self::recorded::Recorded;
pub(crate) use self::signed::Signed;
pub(crate) use self::verified::Verified;
