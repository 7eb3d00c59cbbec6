//! Time-stamp queries (RFC 3161 section 2.4.1): read, and refused with the failure the RFC names.

use std::sync::Arc;

use der::{Decode, Encode};
use pki_asn1::tsp::{PkiFailureInfo, TimeStampReq};
use pki_crypto::DigestAlgorithm;

use crate::offer::OfferedPolicy;

/// Octets of a nonce; clients use 8 to 16.
pub const MAX_NONCE: usize = 64;

/// A query that can be answered.
#[derive(Clone, Debug)]
pub struct Query {
    /// The policy asked for, or the first one offered.
    pub policy: Arc<OfferedPolicy>,
    /// What the data was hashed with.
    pub digest: DigestAlgorithm,
    /// The `MessageImprint` (DER) as asked, parameters of the algorithm included: the token must
    /// carry the same.
    pub imprint: Vec<u8>,
    /// The nonce (DER INTEGER) as asked.
    pub nonce: Option<Vec<u8>>,
    /// Whether the certificate of the unit is wanted in the token.
    pub certificate: CertReq,
}

/// certReq (RFC 3161 section 2.4.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertReq {
    /// The token carries the certificate of the unit.
    Wanted,
    /// It must not.
    NotWanted,
}

/// Why a query is rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason} ({})", failure.name())]
pub struct Rejection {
    /// The failure bit of the answer.
    pub failure: PkiFailureInfo,
    /// The text of the answer.
    pub reason: &'static str,
}

impl Rejection {
    /// A rejection with this bit and text.
    #[must_use]
    pub fn new(failure: PkiFailureInfo, reason: &'static str) -> Self {
        Self { failure, reason }
    }
}

impl Query {
    /// Reads one DER `TimeStampReq` and holds it against what is offered; the first policy is that
    /// of queries that name none.
    ///
    /// # Errors
    /// [`Rejection`] with the failure RFC 3161 section 2.4.2 names for it.
    pub fn parse(der: &[u8], offered: &[Arc<OfferedPolicy>]) -> Result<Self, Rejection> {
        use PkiFailureInfo::{
            BadAlg, BadDataFormat, BadRequest, UnacceptedExtension, UnacceptedPolicy,
        };
        let malformed = |_| Rejection::new(BadDataFormat, "the query is no DER TimeStampReq");
        let req = TimeStampReq::from_der(der).map_err(malformed)?;
        if req.version != 1 {
            return Err(Rejection::new(BadRequest, "the version is not v1"));
        }
        let policy = match &req.req_policy {
            Some(wanted) => offered.iter().find(|o| o.policy.oid == *wanted),
            None => offered.first(),
        };
        let policy = policy.ok_or(Rejection::new(
            UnacceptedPolicy,
            "the policy is not offered here",
        ))?;
        let algorithm = &req.message_imprint.hash_algorithm;
        let digest = DigestAlgorithm::from_oid(&algorithm.oid)
            .filter(|d| policy.policy.digests.contains(d))
            .ok_or(Rejection::new(
                BadAlg,
                "the digest algorithm is not accepted",
            ))?;
        if algorithm.parameters.as_ref().is_some_and(|p| !p.is_null()) {
            return Err(Rejection::new(
                BadAlg,
                "the digest algorithm has parameters",
            ));
        }
        if req.message_imprint.hashed_message.as_bytes().len() != digest.output_len() {
            return Err(Rejection::new(
                BadDataFormat,
                "the length of the imprint is not that of its algorithm",
            ));
        }
        // None is known, and RFC 3161 section 2.4.1 has the critical bit make no difference.
        if req.extensions.is_some() {
            return Err(Rejection::new(
                UnacceptedExtension,
                "no request extension is accepted",
            ));
        }
        let nonce = match &req.nonce {
            Some(nonce) if nonce.as_bytes().len() > MAX_NONCE => {
                return Err(Rejection::new(BadRequest, "the nonce is too long"));
            }
            Some(nonce) => Some(nonce.to_der().map_err(malformed)?),
            None => None,
        };
        Ok(Self {
            policy: Arc::clone(policy),
            digest,
            imprint: req.message_imprint.to_der().map_err(malformed)?,
            nonce,
            certificate: if req.cert_req {
                CertReq::Wanted
            } else {
                CertReq::NotWanted
            },
        })
    }
}
