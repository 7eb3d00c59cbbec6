//! Issuing: INTENT, RESULT, and the end of what was interrupted.

use pki_asn1::UnixTime;

use super::{AuthorityRef, CaCertificateKind};

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
    /// The CA that this certificate is for, where it is not its first one.
    pub certifies: Option<CertifiedAuthority>,
    /// The key, the request and what else registration wants to know.
    pub registration: Box<super::IntentRegistration>,
    /// The order of a batch it is for, which is carried out once.
    pub order: Option<[u8; 32]>,
}

/// A CA that is certified again, or by another.
#[derive(Clone, Debug)]
pub struct CertifiedAuthority {
    /// Which; `None` where it is another provider's.
    pub authority: Option<AuthorityRef>,
    /// What for.
    pub kind: CaCertificateKind,
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
    /// Into how many partitions its CRLs divide its certificates; 0 for none. Never changed later:
    /// certificates name their partition.
    pub crl_partitions: u32,
    /// The generation before it.
    pub predecessor: Option<AuthorityRef>,
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
