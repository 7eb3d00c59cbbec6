//! The life of authorities: requests carried away, certificates carried back, CRLs of an authority whose
//! key is elsewhere, who issues, the end of one, and the events of key ceremonies.

use pki_asn1::UnixTime;

use super::AuthorityRef;
use crate::revocation::RevocationReason;

/// What is done to an authority, or in a ceremony.
#[derive(Clone, Debug)]
pub enum HierarchyAct {
    /// A PKCS#10 request will be signed with a CA's key.
    IntendRequest(RequestIntent),
    /// It was signed and verified.
    CompleteRequest {
        /// SHA-256 of the CertificationRequestInfo of the intent.
        info_sha256: [u8; 32],
        /// The request (DER).
        der: Vec<u8>,
        /// Its SHA-256.
        sha256: [u8; 32],
    },
    /// A CA certificate that was issued elsewhere comes in.
    Adopt(Box<Adoption>),
    /// A CRL of an authority whose key is elsewhere comes in.
    ImportCrl(Box<CrlImport>),
    /// Whether an authority that has a successor issues end-entity certificates beside it.
    SetIssuing {
        /// Which.
        authority: AuthorityRef,
        /// What was decided.
        beside: IssuesBesideSuccessor,
    },
    /// An authority ends.
    Terminate(Box<Termination>),
    /// Something about an authority that only people can know, such as that its key was destroyed.
    State {
        /// Which.
        authority: AuthorityRef,
        /// About what: `key-destroyed`, `key-retained`, `archived`.
        about: String,
        /// What was said.
        statement: String,
    },
    /// Something happened in a key ceremony.
    Ceremony {
        /// SHA-256 of the script, hexadecimal.
        script_sha256: String,
        /// The event (JSON).
        event: String,
    },
}

/// A request for a CA certificate.
#[derive(Clone, Debug)]
pub struct RequestIntent {
    /// The name the authority has, or will have.
    pub name: String,
    /// The profile it asks for.
    pub profile: String,
    /// The subject for people.
    pub subject: String,
    /// Where the key is.
    pub key_location: String,
    /// The generation before it.
    pub predecessor: Option<String>,
    /// SHA-256 of the to-be-signed CertificationRequestInfo.
    pub info_sha256: [u8; 32],
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
}

/// A CA certificate that was issued elsewhere.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The authority's name.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// Where its key is; empty where it is elsewhere.
    pub key_location: String,
    /// The authority of this record that issued it; `None` where it issued itself.
    pub issuer: Option<AuthorityRef>,
    /// The authority it renews; `None` where it makes a new one.
    pub renews: Option<AuthorityRef>,
    /// The generation before a new one.
    pub predecessor: Option<AuthorityRef>,
    /// SHA-256 of the CertificationRequestInfo it answers.
    pub request: Option<[u8; 32]>,
    /// Serial number (content octets).
    pub serial: Vec<u8>,
    /// The subject for people.
    pub subject: String,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_sha256: [u8; 32],
    /// The certificate (DER).
    pub certificate: Vec<u8>,
    /// Its SHA-256.
    pub fingerprint: [u8; 32],
}

/// A CRL that was signed elsewhere.
#[derive(Clone, Debug)]
pub struct CrlImport {
    /// Whose.
    pub authority: AuthorityRef,
    /// The number before it, by this record.
    pub previous: u64,
    /// Its number.
    pub number: u64,
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
    /// The CRL (DER).
    pub der: Vec<u8>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// What it says of certificates that this record knows, and that were good until now.
    pub revoked: Vec<ImportedRevocation>,
}

/// An entry of such a CRL.
#[derive(Clone, Debug)]
pub struct ImportedRevocation {
    /// Serial number (content octets).
    pub serial: Vec<u8>,
    /// When it was revoked.
    pub at: UnixTime,
    /// Why.
    pub reason: RevocationReason,
}

/// Whether an authority that has a successor issues end-entity certificates.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IssuesBesideSuccessor {
    /// The successor alone.
    #[default]
    No,
    /// Both.
    Yes,
}

/// The end of an authority.
#[derive(Clone, Debug)]
pub struct Termination {
    /// Which.
    pub authority: AuthorityRef,
    /// Why, in words.
    pub reason: String,
    /// What becomes of its certificates.
    pub certificates: CertificatesAtEnd,
}

/// What becomes of the certificates of an authority that ends (EN 319 411-1 clause 6.4.9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificatesAtEnd {
    /// They are revoked.
    Revoked,
    /// They stay as they are until they end.
    Left,
}

/// The certificates an authority has beside its first one, and those it issues for other CAs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CaCertificateKind {
    /// A new certificate for the same name and key.
    Renewal,
    /// The old key certified by the new one (RFC 9810 section 4.4: OldWithNew).
    OldWithNew,
    /// The new key certified by the old one (NewWithOld).
    NewWithOld,
    /// Another CA's key.
    Cross,
}

impl CaCertificateKind {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Renewal => "renewal",
            Self::OldWithNew => "old-with-new",
            Self::NewWithOld => "new-with-old",
            Self::Cross => "cross",
        }
    }

    /// Its number in the tables.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Renewal => 1,
            Self::OldWithNew => 2,
            Self::NewWithOld => 3,
            Self::Cross => 4,
        }
    }

    pub(crate) const fn from_code(code: i64) -> Option<Self> {
        match code {
            1 => Some(Self::Renewal),
            2 => Some(Self::OldWithNew),
            3 => Some(Self::NewWithOld),
            4 => Some(Self::Cross),
            _ => None,
        }
    }
}

impl IssuesBesideSuccessor {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "successor-only",
            Self::Yes => "beside-successor",
        }
    }
}

impl CertificatesAtEnd {
    /// Its number in the tables.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Revoked => 1,
            Self::Left => 2,
        }
    }

    pub(crate) const fn from_code(code: i64) -> Option<Self> {
        match code {
            1 => Some(Self::Revoked),
            2 => Some(Self::Left),
            _ => None,
        }
    }

    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Left => "left",
        }
    }
}
