//! Certificates as DER (RFC 5280 section 4.1), written by hand where a builder would change names,
//! dates or key identifiers behind our back.

pub(crate) mod extensions;
pub(crate) mod tbs;

pub(crate) use self::tbs::{TbsCertificate, assemble, serial_number};
