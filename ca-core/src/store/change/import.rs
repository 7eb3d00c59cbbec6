//! Taking over from another product: an authority with its key, what it issued and revoked, its CRL
//! number.

use pki_asn1::UnixTime;

use super::AuthorityRef;
use crate::import::PastRevocation;

/// What is taken over.
#[derive(Clone, Debug)]
pub enum ImportAct {
    /// An authority.
    Adopt(AdoptedAuthority),
    /// Certificates and revocations, many in one act.
    Entries(ImportedEntries),
    /// The number that the next CRL's is above.
    CrlNumber(ImportedCrlNumber),
}

/// An authority whose certificate another product made.
#[derive(Clone, Debug)]
pub struct AdoptedAuthority {
    /// Its name here.
    pub name: String,
    /// The profile it has here.
    pub profile: String,
    /// Where its key is.
    pub key_location: String,
    /// The authority of this record that issued its certificate, if one did.
    pub issuer: Option<AuthorityRef>,
    /// Its certificate (DER).
    pub certificate: Vec<u8>,
    /// The certificates above it that this record does not hold, its issuer's first (DER).
    pub chain: Vec<Vec<u8>>,
}

/// Certificates and revocations of one authority.
#[derive(Clone, Debug)]
pub struct ImportedEntries {
    /// Whose.
    pub authority: AuthorityRef,
    /// Each serial number once.
    pub entries: Vec<ImportedEntry>,
}

/// What is taken over about one serial number.
#[derive(Clone, Debug)]
pub struct ImportedEntry {
    /// The serial number (content octets).
    pub serial: Vec<u8>,
    /// The certificate; `None` where the record has it already.
    pub certificate: Option<ImportedCertificate>,
    /// Its revocation; `None` where it is not revoked, or the record has that already.
    pub revocation: Option<PastRevocation>,
}

/// A certificate that another product issued.
#[derive(Clone, Debug)]
pub struct ImportedCertificate {
    /// The subject for people; empty where unknown.
    pub subject: String,
    /// Start of validity; the epoch where unknown.
    pub not_before: UnixTime,
    /// End of validity; the end of the year 9999 where unknown.
    pub not_after: UnixTime,
    /// DER; `None` where only the serial number is known.
    pub der: Option<Vec<u8>>,
}

/// The number of a CRL of the other product.
#[derive(Clone, Debug)]
pub struct ImportedCrlNumber {
    /// Whose.
    pub authority: AuthorityRef,
    /// Its cRLNumber.
    pub number: u64,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// When it was issued.
    pub this_update: UnixTime,
}
