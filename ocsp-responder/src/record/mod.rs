//! What the responder knows of the record: its authorities and where status is read.

pub mod issuer;
pub mod source;
pub(crate) mod state;
