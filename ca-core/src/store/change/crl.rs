//! Publishing CRLs.

use std::sync::Arc;

use pki_asn1::UnixTime;

use super::AuthorityRef;
use crate::crl::{Body, CrlName};

/// A CRL to be signed.
#[derive(Clone, Debug)]
pub struct CrlIntent {
    /// Who signs.
    pub authority: AuthorityRef,
    /// Which of its CRLs.
    pub name: CrlName,
    /// Its number: one more than the last of its scope, or, for a delta, that of the complete CRL
    /// issued at the same time (RFC 5280 section 5.2.3).
    pub number: u64,
    /// Of a delta: the number of the complete CRL it starts from.
    pub base: Option<u64>,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_sha256: [u8; 32],
    /// How many entries.
    pub entries: u64,
    /// When it is issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
}

/// Why a CRL is issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Occasion {
    /// It was time, or somebody ordered it.
    Scheduled,
    /// A certificate's status has changed.
    StatusChange,
}

/// A CRL that was signed.
#[derive(Clone, Debug)]
pub struct CrlPublication {
    /// What was recorded.
    pub intent: CrlIntent,
    /// How many changes of status of the authority it has seen.
    pub position: u64,
    /// Why it was issued.
    pub occasion: Occasion,
    /// The CRL (DER).
    pub body: Arc<Body>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}
