//! Revoking, suspending and resuming.

use pki_asn1::UnixTime;

use super::AuthorityRef;
use crate::revocation::RevocationReason;

/// A revocation. Of a suspended certificate it makes the suspension final, from the suspension on.
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

/// A suspension (certificateHold), or the end of one.
#[derive(Clone, Debug)]
pub struct SuspensionAct {
    /// Who issued it.
    pub authority: AuthorityRef,
    /// Which.
    pub serial: Vec<u8>,
    /// When it was asked for.
    pub requested_at: UnixTime,
}
