//! The record: what was issued, revoked and published, and the journal of how.

use std::path::PathBuf;

use pki_asn1::{Certificate, UnixTime};

use crate::revocation::Revocation;

/// How far a certificate's issuance came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateState {
    /// Recorded; its signature is being made.
    Intended,
    /// Signed, verified, recorded, released.
    Issued,
    /// Interrupted after INTENT: closed as revoked, never released.
    Abandoned,
}

/// A certificate as it stands in the record.
#[derive(Clone, Debug)]
pub struct CertificateEntry {
    /// The issuing authority's name.
    pub authority: String,
    /// Serial number (content octets).
    pub serial: Vec<u8>,
    /// How far issuance came.
    pub state: CertificateState,
    /// The profile's name.
    pub profile: String,
    /// The subject for people.
    pub subject: String,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
    /// The certificate; `None` unless issued.
    pub certificate: Option<Certificate>,
    /// Its revocation, if any.
    pub revocation: Option<Revocation>,
}

/// Why the record could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no record there.
    #[error("there is no record at {}", .0.display())]
    Missing(PathBuf),
    /// There already is one.
    #[error("there already is a record at {}", .0.display())]
    Exists(PathBuf),
    /// The file is something else.
    #[error("{} is not a record of this program", .0.display())]
    NotARecord(PathBuf),
    /// Another process issues from it.
    #[error("the record {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The database is locked.
    #[error("the record {} is locked", .0.display())]
    Locked(PathBuf),
    /// It cannot be written.
    #[error("the record {} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// The disk is full.
    #[error("no space is left for the record {}", .0.display())]
    DiskFull(PathBuf),
}

impl CertificateEntry {
    /// The serial number in lower-case hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex::encode(&self.serial)
    }
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        None
    }
}
