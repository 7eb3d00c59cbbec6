//! OCSP on the wire (RFC 6960 section 4, RFC 9919 section 3): requests read, responses written.

pub mod path;
pub mod request;
pub mod response;
pub mod signature;
