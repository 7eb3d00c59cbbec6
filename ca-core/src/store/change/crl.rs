//! Publishing CRLs.

use pki_asn1::UnixTime;

use super::AuthorityRef;

/// A CRL to be signed.
#[derive(Clone, Debug)]
pub struct CrlIntent {
    /// Who signs.
    pub authority: AuthorityRef,
    /// Its number: exactly one more than the last.
    pub number: u64,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_sha256: [u8; 32],
    /// How many entries.
    pub entries: u64,
    /// When it is issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
}

/// A CRL that was signed.
#[derive(Clone, Debug)]
pub struct CrlPublication {
    /// Who signed.
    pub authority: AuthorityRef,
    /// Its number.
    pub number: u64,
    /// The CRL (DER).
    pub der: Vec<u8>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
}
