//! What the rules look at: the input, read once, in slices of its own bytes. A part that cannot be
//! read is absent and stands in `problems`; the rest is still there.

mod algorithm;
mod certificate;
mod crl;
mod extension;
mod general_name;
mod kind;
mod name;
mod ocsp;
mod policy;
mod qc;
mod time;

pub(crate) use self::algorithm::{Algorithm, Key, KeyMaterial, bit_length};
pub(crate) use self::certificate::Certificate;
pub(crate) use self::crl::{CrlEntry, CrlHeader, EntryScope, split};
pub use self::crl::{CrlHead, Revoked};
pub(crate) use self::extension::{
    AuthorityKeyIdentifier, BasicConstraints, DistributionPoint, Extension, KeyUsage, bit,
    name_constraints,
};
pub(crate) use self::general_name::{GeneralName, host, is_fqdn, is_fqdn_or_ip, scheme_specific};
pub(crate) use self::name::{Label, Name, text};
pub(crate) use self::ocsp::{CertStatus, OcspResponse};
pub(crate) use self::policy::{Policy, Qualifier};
pub(crate) use self::qc::{QcStatement, Semantics};
pub(crate) use self::time::{Instant, start_of};

/// A part that could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Problem {
    /// Which part, by its name in the standard.
    pub(crate) part: &'static str,
}
