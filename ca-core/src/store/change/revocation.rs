//! Revoking.

use pki_asn1::UnixTime;

use super::AuthorityRef;
use crate::revocation::RevocationReason;

/// A revocation.
#[derive(Clone, Debug)]
pub struct RevocationAct {
    /// Who issued it.
    pub authority: AuthorityRef,
    /// Which.
    pub serial: Vec<u8>,
    /// Why.
    pub reason: RevocationReason,
    /// Since when the key is bad.
    pub invalidity_date: Option<UnixTime>,
    /// When it was asked for.
    pub requested_at: UnixTime,
}
