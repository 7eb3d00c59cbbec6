//! ASN.1 types and original-bytes wrappers shared by every Sceau crate.
//!
//! [`cert`], [`crl`] and [`raw`] keep what was received byte for byte, because signatures are
//! verified over original bytes and never over a re-encoding. [`ocsp`], [`tsp`], [`qc`] and
//! [`ess`] are the DER types the ecosystem lacks in the `der` 0.8 generation. [`oid`] is the one
//! OID table. This crate knows no keys, no files and no network.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod ber;
pub mod cert;
pub mod crl;
pub mod dump;
pub mod ess;
pub mod name;
pub mod ocsp;
pub mod oid;
pub mod pem;
pub mod qc;
pub mod raw;
pub mod time;
pub mod tsp;
pub mod write;

pub use crate::cert::{BasicConstraints, Certificate};
pub use crate::crl::CertificateList;
pub use crate::time::{Clock, ManualClock, SystemClock, UnixTime};
