//! What registration asks of the record.

use pki_asn1::UnixTime;

use super::{CertificateEntry, StoreError};
use crate::registration::{
    Certificate as RegisteredCertificate, Operator, Organisation, Refusals, Request,
};

/// What registration asks.
pub trait RegistrationStore {
    /// The first record's hash: it tells this record from every other.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn record_identity(&self) -> Result<String, StoreError>;

    /// All operators there ever were, by name.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn operators(&self) -> Result<Vec<Operator>, StoreError>;

    /// Whether any operator was ever enrolled: from then on, steps are signed and people's
    /// certificates need requests.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn has_operators(&self) -> Result<bool, StoreError>;

    /// One request.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn request(&self, number: u64) -> Result<Option<Request>, StoreError>;

    /// Requests in order of their numbers, a page of them after number `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn requests(&self, after: u64) -> Result<Vec<Request>, StoreError>;

    /// The request that this certificate fulfilled (serial: content octets).
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn request_of(&self, authority: &str, serial: &[u8]) -> Result<Option<u64>, StoreError>;

    /// The certificate of a request and whether it was released; those never released do not count.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certificate_of(&self, request: u64) -> Result<Option<CertificateEntry>, StoreError>;

    /// The certificate that followed this one.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn successor_of(
        &self,
        authority: &str,
        serial: &[u8],
    ) -> Result<Option<CertificateEntry>, StoreError>;

    /// One organisation, by its identifier in whatever case, with whatever spaces and hyphens.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn organisation(&self, identifier: &str) -> Result<Option<Organisation>, StoreError>;

    /// Organisations in order of their identifiers, a page of them after `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn organisations(&self, after: &str) -> Result<Vec<Organisation>, StoreError>;

    /// The certificates of an organisation that end after `at`, in order of issuance; a page of them
    /// after the one in the record's place `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certificates_of(
        &self,
        identifier: &str,
        at: UnixTime,
        after: i64,
    ) -> Result<Vec<(i64, CertificateEntry)>, StoreError>;

    /// The certificates that are suspended because the organisation registered under this very name is.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn held_with(&self, organisation: &str) -> Result<Vec<RegisteredCertificate>, StoreError>;

    /// Certificates that are good and end between the two times, in order of their end; a page of
    /// them after that end and place in the record.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn ending(&self, until: UnixTime, after: (UnixTime, i64)) -> Result<Vec<Ending>, StoreError>;

    /// The number of the last request, 0 before the first.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn last_request(&self) -> Result<u64, StoreError>;

    /// A valid certificate of this subject and profile other than the one with this serial number.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn valid_of_subject(
        &self,
        subject: &str,
        profile: &str,
        at: UnixTime,
        except: &[u8],
    ) -> Result<Option<RegisteredCertificate>, StoreError>;

    /// SHA-256 of the subjectPublicKey bits of what the authority certified for this subject (as people
    /// read it) under this profile, the latest first; a hundred at most.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certified_keys(
        &self,
        authority: &str,
        profile: &str,
        subject: &str,
    ) -> Result<Vec<[u8; 32]>, StoreError>;

    /// Certificates whose key is not known to registration, the latest first, each with its place in
    /// the record; a page of them before the place `before`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn unindexed(&self, before: i64) -> Result<Vec<(i64, CertificateEntry)>, StoreError>;

    /// Whether the first certificate's key is known to registration. Every act that records a certificate
    /// makes its key known; those of older programs become known from the last to the first. So then
    /// all are, and `audit verify` finds where it is not so.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn is_indexed(&self) -> Result<bool, StoreError>;

    /// The hashes of revocation codes of released certificates with this serial number, each with
    /// its authority.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn revocation_codes(&self, serial: &[u8]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Wrong revocation codes since the two times: for this serial number, and for all.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn code_refusals(
        &self,
        serial: &[u8],
        since: (UnixTime, UnixTime),
    ) -> Result<Refusals, StoreError>;
}

/// A certificate that will end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Its place in the record, for the next page.
    pub place: i64,
    /// The certificate.
    pub entry: CertificateEntry,
    /// Its organisation.
    pub organisation: Option<String>,
    /// Whether another one follows it already.
    pub renewed: bool,
}
