//! Evidence: what proves, without anybody's help, that the certificates behind a signature were
//! valid when they were used (EN 319 102-1 clause 5.2.5 and 5.5, EN 319 142-1 clause 5.4, EN 319
//! 122-1 clause 5.5).
//!
//! A [`Collector`] looks into what a document brings, then at the network, and chooses the least that
//! proves every path. Validation asks the network through the same engine.

mod ahead;
mod cache;
mod collector;
mod error;
mod fetch;
mod listed;
mod material;
mod question;
mod select;
mod session;
mod spent;

use pki_asn1::ocsp::{BasicResponse, OcspResponse};
use pki_asn1::{Certificate, CertificateList, UnixTime};

pub use cache::{CacheLimits, Cached};
pub use collector::Collector;
pub use error::{Anchors, EvidenceError, Named};
pub use fetch::{Fetch, HttpFetch};
pub use listed::{FetchLists, Listed};
pub use material::{FetchNote, Material};
pub use question::Freshness;
pub(crate) use question::{Demand, Need};
pub(crate) use session::{Ends, Session};
pub(crate) use spent::Brought;
pub use spent::Spent;

/// What a long-term signature carries: complete, minimal, each item once, in its original bytes.
#[derive(Clone, Debug, Default)]
pub struct ValidationData {
    /// Path by path, leaf first and with its trust anchor; then whoever else signed evidence.
    pub certificates: Vec<Certificate>,
    /// OCSP responses; [`Self::ocsp_responses`] has them as responders send them.
    pub ocsp: Vec<BasicResponse>,
    /// CRLs.
    pub crls: Vec<CertificateList>,
}

impl ValidationData {
    /// The OCSP responses as `OCSPResponse` in DER: what a DSS and revocation values hold.
    ///
    /// # Errors
    /// Where a response is too long for DER.
    pub fn ocsp_responses(&self) -> der::Result<Vec<Vec<u8>>> {
        use der::Encode;
        self.ocsp
            .iter()
            .map(|basic| OcspResponse::successful(basic.der())?.to_der())
            .collect()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.ocsp.is_empty() && self.crls.is_empty()
    }

    /// Adds what is in `other` and not yet here.
    pub fn extend(&mut self, other: Self) {
        for one in other.certificates {
            if !self.certificates.contains(&one) {
                self.certificates.push(one);
            }
        }
        for one in other.ocsp {
            if !self.ocsp.iter().any(|known| known.der() == one.der()) {
                self.ocsp.push(one);
            }
        }
        for one in other.crls {
            if !self.crls.iter().any(|known| known.der() == one.der()) {
                self.crls.push(one);
            }
        }
    }
}

/// What a certificate does in a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// It signed the document.
    Signer,
    /// It signed a time-stamp token.
    TimeStampingUnit,
}

/// One certificate whose path must be provable.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The certificate.
    pub certificate: Certificate,
    /// The earliest time for which something proves that the certificate had been used: for a
    /// signer, its earliest time-stamp; for a time-stamping unit, the time of a later time-stamp
    /// over its token; where there is nothing of the kind, now. Certificates must be valid, and not
    /// yet revoked, at this time.
    pub at: UnixTime,
    /// What it does.
    pub role: Role,
}
