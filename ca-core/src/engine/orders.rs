//! What the engine is asked for and what it gives back.

use pki_asn1::Certificate;
use pki_crypto::PublicKey;

use crate::names::SubjectDn;
use crate::registration::SignedDecision;
use crate::request::CertificationRequest;
use crate::revocation::Timeliness;
use crate::settings::Legislation;
use crate::status::CrlView;

/// Who asked, decided, operated: recorded in the journal with every act. The names are what people
/// said; a decision is what an operator signed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Actors {
    /// People, by what they are called.
    pub(crate) names: Vec<String>,
    decisions: Vec<SignedDecision>,
    /// The script of the key ceremony they are in.
    ceremony: Option<String>,
}

impl Actors {
    /// People by name, and no operator's decision.
    #[must_use]
    pub fn named(names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// The same people, with an operator's decision after those that are there.
    #[must_use]
    pub fn decided(mut self, decision: SignedDecision) -> Self {
        self.decisions.push(decision);
        self
    }

    /// The first operator's decision, where there is one.
    #[must_use]
    pub fn decision(&self) -> Option<&SignedDecision> {
        self.decisions.first()
    }

    /// All operators' decisions.
    #[must_use]
    pub fn decisions(&self) -> &[SignedDecision] {
        &self.decisions
    }

    /// The same people, without their decisions: for what follows from an act by itself.
    #[must_use]
    pub fn undecided(&self) -> Self {
        Self::named(self.names.clone())
    }

    /// The same people, in the ceremony with this script (SHA-256, hexadecimal).
    #[must_use]
    pub fn in_ceremony(mut self, script_sha256: &str) -> Self {
        self.ceremony = Some(script_sha256.to_owned());
        self
    }

    /// The same, and one more.
    #[must_use]
    pub fn also(mut self, name: &str) -> Self {
        self.names.push(name.to_owned());
        self
    }

    /// What they are called.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn ceremony(&self) -> Option<&str> {
        self.ceremony.as_deref()
    }
}

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
    /// Certificates revoked, and not suspended.
    pub revoked: u64,
    /// Interrupted issuances closed as revoked.
    pub abandoned: u64,
    /// CRLs published.
    pub crls: u64,
    /// Journal records.
    pub journal_records: u64,
    /// Certificates suspended now.
    pub suspended: u64,
    /// How timely revocations, suspensions and resumptions were decided and published.
    pub timeliness: Timeliness,
}
