//! The certification authority engine: every operation that changes the record.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hsm_pkcs11::Signer;
use pki_asn1::{Certificate, Clock, UnixTime};
use pki_crypto::PublicKey;

use crate::authority::{Authority, AuthorityKey};
use crate::error::CaError;
use crate::names::SubjectDn;
use crate::request::CertificationRequest;
use crate::revocation::{Revocation, RevocationRequest};
use crate::settings::{Legislation, Settings};
use crate::status::CrlView;
use crate::store::CertificateEntry;

/// Who asked, decided, operated: recorded in the journal with every act.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Actors(pub Vec<String>);

/// Whether the subject's key is in a qualified signature or seal creation device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum QscdEvidence {
    /// It is not, or nobody vouches for it: no QcSSCD.
    #[default]
    None,
    /// Somebody vouches for it; the statement is recorded in the journal.
    Attested(String),
}

/// How long a certificate shall be valid.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Validity {
    /// The profile's default, shortened where the CA ends earlier.
    #[default]
    ProfileDefault,
    /// This many days; refused where the profile or the CA allows fewer.
    Days(u32),
}

/// Whose key is certified.
#[derive(Clone, Debug)]
pub enum SubjectKey {
    /// The key of a PKCS#10 request, possession proven.
    Request(CertificationRequest),
    /// A key the operator generated or holds (its own OCSP signer, or a card at the desk).
    Held(PublicKey),
}

/// An order to issue an end-entity certificate.
#[derive(Clone, Debug)]
pub struct IssueRequest {
    /// The profile's name.
    pub profile: String,
    /// The subject, as the operator's registration established it.
    pub subject: SubjectDn,
    /// Whose key.
    pub key: SubjectKey,
    /// Whether the key is in a qualified device.
    pub qscd: QscdEvidence,
    /// Under which law it is qualified; `None` for the installation's setting.
    pub legislation: Option<Legislation>,
    /// How long.
    pub validity: Validity,
    /// Who.
    pub actors: Actors,
}

/// An order to create a certification authority.
#[derive(Clone, Debug)]
pub struct NewAuthority {
    /// Its name in commands and URLs: small letters, digits, hyphens.
    pub name: String,
    /// `root-ca` or `issuing-ca`.
    pub profile: String,
    /// Its subject.
    pub subject: SubjectDn,
    /// Where its key is (a PKCS#11 URI or a path; never a secret), as the operator wrote it.
    pub key_location: String,
    /// How long.
    pub validity: Validity,
    /// Who.
    pub actors: Actors,
}

/// A certificate that was issued, recorded and may be handed out.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// Its issuers, from the issuing CA up to and including the root (empty for a root itself).
    pub chain: Vec<Certificate>,
    /// The journal's sequence number of the RESULT record.
    pub journal_seq: u64,
    /// What the operator should know, such as a subject that differs from the request's.
    pub warnings: Vec<String>,
}

/// A CRL that was issued, recorded and may be published.
#[derive(Clone, Debug)]
pub struct IssuedCrl {
    /// The CRL itself.
    pub crl: CrlView,
    /// Its number of entries.
    pub entries: u64,
}

/// Which certificates to list; the default lists all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListFilter {
    /// Only those of this authority.
    pub authority: Option<String>,
    /// Only revoked ones.
    pub revoked: bool,
}

/// Counts and times over the whole record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Statistics {
    /// Certification authorities.
    pub authorities: u64,
    /// Certificates issued, CA certificates included.
    pub issued: u64,
    /// Certificates revoked.
    pub revoked: u64,
    /// Interrupted issuances closed as revoked.
    pub abandoned: u64,
    /// CRLs published.
    pub crls: u64,
    /// Journal records.
    pub journal_records: u64,
    /// The longest time from a revocation request to its decision, which is when OCSP shows it, in
    /// seconds (EN 319 411-1: at most 24 hours).
    pub slowest_revocation_seconds: Option<u64>,
}

/// What verifying the journal found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalReport {
    /// Records checked.
    pub records: u64,
    /// The hash of the last record, hexadecimal: write it down elsewhere.
    pub head: String,
}

/// The engine. Shared between threads; concurrent issuances are committed together.
#[derive(Debug)]
pub struct CaEngine {}

#[allow(unused_variables, clippy::unimplemented, missing_docs)]
impl CaEngine {
    /// Creates an empty record at `path` and opens it.
    ///
    /// # Errors
    /// Where something is there already, or cannot be written.
    pub fn create(path: &Path, settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, CaError> {
        unimplemented!()
    }

    /// Opens the record for issuing: takes it for this process alone, and closes as revoked every
    /// issuance that an earlier process left unfinished ([`Self::recovered`]).
    ///
    /// # Errors
    /// Where the record is missing, in use, or cannot be written.
    pub fn open(path: &Path, settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, CaError> {
        unimplemented!()
    }

    /// Opens the record for reading beside another process; every change is refused.
    ///
    /// # Errors
    /// Where the record is missing or cannot be read.
    pub fn open_read_only(
        path: &Path,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        unimplemented!()
    }

    /// The issuances closed as revoked when the record was opened.
    pub fn recovered(&self) -> &[CertificateEntry] {
        unimplemented!()
    }

    /// All authorities in order of creation.
    pub fn authorities(&self) -> Result<Vec<Authority>, CaError> {
        unimplemented!()
    }

    /// The authority of this name.
    pub fn authority(&self, name: &str) -> Result<Authority, CaError> {
        unimplemented!()
    }

    /// The certificates from `name`'s own up to and including its root.
    pub fn chain(&self, name: &str) -> Result<Vec<Certificate>, CaError> {
        unimplemented!()
    }

    /// Joins an authority and its key.
    pub fn unlock(&self, name: &str, signer: Arc<dyn Signer>) -> Result<AuthorityKey, CaError> {
        unimplemented!()
    }

    /// Creates an authority whose key is `signer`: a root where `issuer` is `None`.
    pub fn create_authority(
        &self,
        order: &NewAuthority,
        signer: Arc<dyn Signer>,
        issuer: Option<&AuthorityKey>,
    ) -> Result<Issued, CaError> {
        unimplemented!()
    }

    /// Issues an end-entity certificate.
    pub fn issue(&self, key: &AuthorityKey, order: &IssueRequest) -> Result<Issued, CaError> {
        unimplemented!()
    }

    /// Revokes; committed when this returns.
    pub fn revoke(&self, order: &RevocationRequest) -> Result<Revocation, CaError> {
        unimplemented!()
    }

    /// Issues a full CRL with the next number, valid for `validity`.
    pub fn issue_crl(
        &self,
        key: &AuthorityKey,
        validity: Duration,
        actors: &Actors,
    ) -> Result<IssuedCrl, CaError> {
        unimplemented!()
    }

    /// The authority's latest CRL.
    pub fn latest_crl(&self, authority: &str) -> Result<Option<CrlView>, CaError> {
        unimplemented!()
    }

    /// The certificates with this serial (content octets), of whichever authority.
    pub fn find_serial(&self, serial: &[u8]) -> Result<Vec<CertificateEntry>, CaError> {
        unimplemented!()
    }

    /// The certificate with this SHA-256 fingerprint.
    pub fn find_fingerprint(&self, sha256: &[u8]) -> Result<Option<CertificateEntry>, CaError> {
        unimplemented!()
    }

    /// Certificates in order of issuance.
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<CertificateEntry>, CaError> {
        unimplemented!()
    }

    /// Names and titles of the profiles, in order.
    pub fn profiles(&self) -> Vec<(String, String)> {
        unimplemented!()
    }

    /// The profile's text (TOML).
    pub fn profile_source(&self, name: &str) -> Result<String, CaError> {
        unimplemented!()
    }

    /// Counts and times.
    pub fn statistics(&self) -> Result<Statistics, CaError> {
        unimplemented!()
    }

    /// Checks the journal's chain from the first record to the last.
    ///
    /// # Errors
    /// [`CaError::JournalBroken`] names the first record that does not fit.
    pub fn verify_journal(&self) -> Result<JournalReport, CaError> {
        unimplemented!()
    }

    /// Writes the journal as JSON lines and returns how many.
    pub fn export_journal(&self, out: &mut dyn Write) -> Result<u64, CaError> {
        unimplemented!()
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        unimplemented!()
    }

    /// The current time by the engine's clock.
    pub fn now(&self) -> UnixTime {
        unimplemented!()
    }
}
