//! What can change in the record: each variant is one act of the CA and one journal record.

use pki_asn1::UnixTime;

use crate::revocation::RevocationReason;

/// One act, with its time and the people behind it.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, by the CA's clock.
    pub at: UnixTime,
    /// Who.
    pub actors: Vec<String>,
    /// What.
    pub act: Act,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Act {
    /// The record is begun.
    Create,
    /// A certificate will be signed: INTENT.
    Intend(Intent),
    /// It was signed and verified: RESULT.
    Complete(Completion),
    /// It will never be released, and is revoked in case a signature exists.
    Abandon(Abandonment),
    /// A certificate is revoked.
    Revoke(RevocationAct),
    /// A CRL will be signed; its number is used up.
    IntendCrl(CrlIntent),
    /// It was signed and verified.
    PublishCrl(CrlPublication),
}

/// An authority by its key in the record and its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityRef {
    /// The key in the record; ignored for a root that is being created.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// INTENT.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Who will sign; a root being created names itself.
    pub authority: AuthorityRef,
    /// The serial number (content octets), unique for the authority.
    pub serial: Vec<u8>,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_sha256: [u8; 32],
    /// The profile's name.
    pub profile: String,
    /// SHA-256 of the profile's text.
    pub profile_sha256: [u8; 32],
    /// The subject for people.
    pub subject: String,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
    /// Who vouched that the key is in a qualified device.
    pub qscd_evidence: Option<String>,
    /// The authority this certificate creates.
    pub new_authority: Option<NewAuthorityRow>,
}

/// An authority to be.
#[derive(Clone, Debug)]
pub struct NewAuthorityRow {
    /// Its name.
    pub name: String,
    /// Where its key is.
    pub key_location: String,
    /// Whether it signs itself.
    pub is_root: bool,
}

/// RESULT.
#[derive(Clone, Debug)]
pub struct Completion {
    /// Who signed.
    pub authority: AuthorityRef,
    /// The serial number of the INTENT.
    pub serial: Vec<u8>,
    /// The journal's sequence number of the INTENT.
    pub intent_seq: u64,
    /// The certificate (DER).
    pub certificate: Vec<u8>,
    /// Its SHA-256.
    pub fingerprint: [u8; 32],
}

/// The end of an issuance that did not succeed.
#[derive(Clone, Debug)]
pub struct Abandonment {
    /// Who would have signed.
    pub authority: AuthorityRef,
    /// The serial number of the INTENT.
    pub serial: Vec<u8>,
    /// Why.
    pub reason: String,
}

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
