//! The table of all rules. A rule is a file; its folder is the document that it comes from.

pub(crate) mod certificate;
pub(crate) mod crl;
pub(crate) mod ocsp;
mod prelude;
