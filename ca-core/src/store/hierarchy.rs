//! What the life of a hierarchy asks of a database.

use pki_asn1::{Certificate, UnixTime};

use super::{
    CaCertificateKind, CertificateEntry, CertificatesAtEnd, IssuesBesideSuccessor, StoreError,
};
use crate::hierarchy::ceremony::Recorded;
use crate::status::CrlView;

/// What an authority became, and what it belongs to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Life {
    /// The generation before it.
    pub predecessor: Option<String>,
    /// The generation after it, the newest where there are several.
    pub successor: Option<String>,
    /// Whether it issues end-entity certificates beside its successor.
    pub issues: IssuesBesideSuccessor,
    /// When it ended.
    pub terminated_at: Option<UnixTime>,
    /// Why.
    pub termination: Option<String>,
    /// What was decided about its certificates then; records of older programs do not say.
    pub certificates: Option<CertificatesAtEnd>,
}

/// A certificate of a CA beside its first one.
#[derive(Clone, Debug)]
pub struct CaCertificate {
    /// Whose; `None` where the CA is another provider's.
    pub authority: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// What for.
    pub kind: CaCertificateKind,
    /// The certificate.
    pub certificate: Certificate,
}

/// A request whose certificate is not there yet.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    /// SHA-256 of its CertificationRequestInfo.
    pub info_sha256: [u8; 32],
    /// The profile it asks for.
    pub profile: String,
    /// Where its key is.
    pub key_location: String,
    /// The generation before it.
    pub predecessor: Option<String>,
    /// The request (DER).
    pub der: Vec<u8>,
}

/// What the life of a hierarchy asks.
pub trait HierarchyStore {
    /// What became of an authority.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn life(&self, authority: i64) -> Result<Life, StoreError>;

    /// Renewals, link and cross-certificates, in order of issuance.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn ca_certificates(&self) -> Result<Vec<CaCertificate>, StoreError>;

    /// The last request of this name that has no certificate yet.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn pending_request(&self, name: &str) -> Result<Option<PendingRequest>, StoreError>;

    /// The events of all ceremonies held with this script, in order.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn ceremony(&self, script_sha256: &str) -> Result<Vec<Recorded>, StoreError>;

    /// At most `limit` certificates of the authority recorded after the one with the key `after`, with
    /// their keys, in order.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certificates_after(
        &self,
        authority: i64,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, CertificateEntry)>, StoreError>;

    /// At most `limit` published CRLs of the authority with numbers above `number`, in order.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crls_after(
        &self,
        authority: i64,
        number: u64,
        limit: u32,
    ) -> Result<Vec<CrlView>, StoreError>;
}
