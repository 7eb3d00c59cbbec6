//! Trusted lists: who may issue qualified certificates and time-stamps, by the word of a state (ETSI
//! TS 119 612 V2.3.1 and V2.4.1), and what that makes of a certificate (TS 119 615).
//!
//! The crate knows XML, its signatures and lists. It knows no network: what lies behind a URL is asked of a
//! [`load::Source`].
//!
//! | module | holds |
//! | --- | --- |
//! | [`xml`] | XML from strangers within limits, and its canonical forms |
//! | [`xmldsig`] | who signed this very element |
//! | [`list`] | what a list says |
//! | [`load`] | from a list of lists to the national lists |
//! | [`qualify`] | whether a certificate or a time-stamp is qualified |
//!
//! One list, whose signer is known:
//!
//! ```no_run
//! use pki_asn1::{Certificate, Clock as _, SystemClock};
//! use trust_lists::load::{Expired, Loader};
//! use trust_lists::qualify;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let operator = Certificate::from_der(std::fs::read("operator.der")?)?;
//! let loader = Loader { source: None, now: SystemClock.now(), expired: Expired::Refuse };
//! let lists = loader.load("list.xml", &std::fs::read("list.xml")?, &[operator])?;
//!
//! // Whom to trust, and when.
//! for anchor in qualify::anchors(&lists) {
//!     println!("{} {:?}", anchor.certificate.display_subject(), anchor.periods);
//! }
//!
//! // What a signature is that was made on 1 May 2026 with the first of these certificates.
//! let chain = [
//!     Certificate::from_der(std::fs::read("signer.der")?)?,
//!     Certificate::from_der(std::fs::read("ca.der")?)?,
//! ];
//! let found = qualify::certificate(&lists, &chain, "2026-05-01T00:00:00Z".parse()?);
//! println!("{}: {}", found.level, found.reasons.join("; "));
//! # Ok(())
//! # }
//! ```
//!
//! A list of lists is loaded in the same way, with a source for the lists that it points at. Each of them is
//! checked with the signers that its pointer names; [`load::TrustedLists::problems`] tells of those that
//! could not be had.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod list;
pub mod load;
pub mod qualify;
pub mod xml;
pub mod xmldsig;
