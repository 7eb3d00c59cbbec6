//! What was found, without judgement: one plain structure that the verdict is a function of.

use std::collections::BTreeSet;

use std::sync::Arc;

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{DigestAlgorithm, KeyKind, SignatureAlgorithm};

use super::carried::Carried;
use crate::asic::Kind;
use crate::cades::attributes::SignedProperties;
use crate::evidence::{FetchNote, Material};

/// Everything known about one file.
#[derive(Debug)]
pub struct Facts {
    /// What kind of file it is.
    pub format: FileFormat,
    /// Its signatures and document time-stamps, in the order they were made.
    pub signatures: Vec<SignatureFacts>,
    /// What paths and revocation are judged with.
    pub material: Material,
    /// What was asked of the network.
    pub fetches: Vec<FetchNote>,
    /// The container around the signatures.
    pub container: Option<ContainerFacts>,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileFormat {
    /// A PDF.
    Pdf,
    /// A CMS SignedData, alone.
    Cms,
    /// An ASiC container.
    Asic,
}

/// What an ASiC container holds.
#[derive(Clone, Debug)]
pub struct ContainerFacts {
    /// Which of the two.
    pub kind: Kind,
    /// Its files, without those of the container itself.
    pub files: Vec<String>,
    /// Those that no signature covers.
    pub unsigned: Vec<String>,
    /// What is not as EN 319 162-1 wants it, and harms nothing.
    pub problems: Vec<String>,
}

/// One file of a container, below a signature or time-stamp.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CoveredFile {
    /// Its name.
    pub name: String,
    /// Whether it is there, with the digest in the manifest.
    pub check: Check,
}

/// Signature or document time-stamp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum SignatureKind {
    Signature,
    DocumentTimestamp,
}

/// The family a signature belongs to, by its form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureFormat {
    /// EN 319 142-1: ETSI.CAdES.detached or ETSI.RFC3161 in a PDF.
    Pades,
    /// EN 319 122-1: CMS with an ESS signing-certificate attribute.
    Cades,
    /// Any other CMS, in a PDF or alone.
    Cms,
}

/// The outcome of one mechanical check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Check {
    /// It holds.
    Ok,
    /// It does not hold, and why.
    Failed(String),
    /// It could not be done, and why.
    NotPossible(String),
}

impl Check {
    /// Whether it holds.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }
}

/// What the ESS signing-certificate attribute says (EN 319 122-1 clause 5.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SigningCertificateAttribute {
    /// There is none.
    Absent,
    /// It names the certificate that signed.
    Matches,
    /// It names another certificate, or cannot be read.
    Mismatch,
}

/// One signer's cryptography: of a signature, or of a time-stamp token.
#[derive(Clone, Debug)]
pub struct SignerFacts {
    /// The content's digest is the signed one (message-digest, or the signature itself).
    pub digest: Check,
    /// The signature value fits the signed bytes and the certificate's key.
    pub signature: Check,
    /// The certificate whose key it was checked with.
    pub certificate: Option<Certificate>,
    /// Who the signer says it is, where no certificate was found.
    pub named: String,
    /// The signing-certificate attribute.
    pub attribute: SigningCertificateAttribute,
    /// The digest algorithm, where supported.
    pub digest_algorithm: Option<DigestAlgorithm>,
    /// The signature algorithm, where supported.
    pub signature_algorithm: Option<SignatureAlgorithm>,
    /// Their names for people, OIDs where not supported.
    pub algorithm_names: (String, String),
    /// The kind of key.
    pub key: Option<KeyKind>,
    /// The signing-time attribute: a claim.
    pub signing_time: Option<UnixTime>,
    /// What keeps the structure from being what its standard asks for.
    pub problems: Vec<String>,
}

/// One time-stamp token.
#[derive(Clone, Debug)]
pub struct TimestampFacts {
    /// genTime
    pub gen_time: UnixTime,
    /// The stamped digest is that of what should be stamped.
    pub imprint: Check,
    /// The imprint's algorithm.
    pub imprint_algorithm: Option<DigestAlgorithm>,
    /// TSA policy.
    pub policy: ObjectIdentifier,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// The TSU's cryptography.
    pub signer: SignerFacts,
}

/// What part of the file a PDF signature covers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// Every byte of the file but /Contents.
    WholeFile,
    /// Every byte of the revision it was made in; later revisions follow.
    WholeRevision,
    /// Less than its revision.
    Partial,
    /// It cannot be told from the structure.
    Unclear,
}

/// The most far-reaching change after the signed revision, least first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Modifications {
    /// Nothing changed.
    None,
    /// Validation data, document time-stamps, metadata.
    LtaUpdates,
    /// Form fields and signatures filled in.
    FormFilling,
    /// Annotations.
    Annotations,
    /// Anything else.
    Other,
}

/// What changed after a signed revision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changes {
    /// The most far-reaching change.
    pub level: Modifications,
    /// The changes that no rule permits, in words.
    pub denied: Vec<String>,
    /// The form fields that were changed, signed or filled in, and the signature fields that were
    /// added, by their full names.
    pub fields: Vec<String>,
    /// Of these, the added ones that are seen on a page.
    pub visible: Vec<String>,
}

/// The form fields that a signature locks (FieldMDP, ISO 32000-2, 12.8.2.4).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FieldLock {
    /// Every field.
    All,
    /// These and what is below them.
    Include(Vec<String>),
    /// All but these and what is below them.
    Exclude(Vec<String>),
}

impl FieldLock {
    /// Whether the field with this full name must stay as it is.
    #[must_use]
    pub fn locks(&self, field: &str) -> bool {
        let among = |names: &[String]| {
            names.iter().any(|n| {
                field == n
                    || field
                        .strip_prefix(n.as_str())
                        .is_some_and(|r| r.starts_with('.'))
            })
        };
        match self {
            Self::All => true,
            Self::Include(names) => among(names),
            Self::Exclude(names) => !among(names),
        }
    }
}

/// What a certification signature permits (ISO 32000-2, 12.8.2.2).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum DocMdp {
    /// P = 1
    NoChanges,
    /// P = 2
    FormFilling,
    /// P = 3
    Annotations,
}

/// What the PDF around a signature says.
#[derive(Clone, Debug)]
pub struct PdfFacts {
    /// The field's fully qualified name.
    pub field: String,
    /// /SubFilter
    pub sub_filter: String,
    /// The revision that wrote the signature, from 0.
    pub revision: usize,
    /// What is covered.
    pub coverage: Coverage,
    /// Why coverage is partial or unclear.
    pub coverage_problems: Vec<String>,
    /// What changed after it.
    pub changes: Changes,
    /// The permissions that this signature set, where it certifies the document or a lock of its
    /// field says what may be changed (`/P`); the strictest of them.
    pub doc_mdp: Option<DocMdp>,
    /// The form fields that this signature locks.
    pub field_locks: Vec<FieldLock>,
    /// /M: the signer's claim.
    pub claimed_time: Option<UnixTime>,
    /// Whether a DSS in this or a later revision holds revocation data.
    pub has_dss: bool,
    /// Whether a document time-stamp was made in a revision after the DSS.
    pub has_archive_timestamp: bool,
    /// What the document brings to prove that certificates were not revoked; the same for all.
    pub carried: Arc<Carried>,
}

/// One signature or document time-stamp.
#[derive(Clone, Debug)]
pub struct SignatureFacts {
    /// Unique in the file, stable.
    pub id: String,
    /// What it is.
    pub kind: SignatureKind,
    /// By its form.
    pub format: SignatureFormat,
    /// Why the signature is not what its format asks for, so that it cannot be processed.
    pub format_problems: Vec<String>,
    /// The cryptography; `None` where the format is too broken.
    pub signer: Option<SignerFacts>,
    /// For a document time-stamp, the token itself; else the signature-time-stamps.
    pub timestamps: Vec<TimestampFacts>,
    /// Time-stamps that could not be read.
    pub unreadable_timestamps: Vec<String>,
    /// Whether the signature itself carries revocation values.
    pub has_revocation_values: bool,
    /// Whether an archive time-stamp covers the signature with its time-stamps and everything that
    /// validates them (EN 319 122-1 clause 5.5.3).
    pub has_archive_attribute: bool,
    /// What the signer declares in signed attributes.
    pub properties: SignedProperties,
    /// What keeps a declaration from being read.
    pub property_problems: Vec<String>,
    /// Whether the signature policy that is kept with the signature is the one it was made under;
    /// `None` where none is kept.
    pub policy_store: Option<Check>,
    /// In a PDF.
    pub pdf: Option<PdfFacts>,
    /// In a CMS file or a container.
    pub cms: Option<CmsFacts>,
}

/// What a CMS signature has beside the signature.
#[derive(Clone, Debug, Default)]
pub struct CmsFacts {
    /// Where among the unsigned values each of [`SignatureFacts::timestamps`] stands.
    pub timestamp_positions: Vec<usize>,
    /// Its archive time-stamps, in their order in the signature.
    pub archive: Vec<ArchiveFacts>,
    /// The signature that this one counter-signs.
    pub countersigns: Option<Countersigned>,
    /// The files in a container that it covers.
    pub files: Vec<CoveredFile>,
    /// The name of the file that it stands in, in a container.
    pub member: Option<String>,
}

/// What is counter-signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Countersigned {
    /// Its identifier.
    pub id: String,
    /// Its place among the signatures of the file.
    pub index: usize,
    /// Where among its unsigned values the counter-signature stands.
    pub position: usize,
}

/// One archive-time-stamp-v3.
#[derive(Clone, Debug)]
pub struct ArchiveFacts {
    /// The token. Its imprint is over the signature and the hash index.
    pub stamp: TimestampFacts,
    /// The ats-hash-index-v3 is well formed, of the imprint's algorithm, and names nothing that is not
    /// in the signature (clause 5.5.2).
    pub index: Check,
    /// Where it stands among the unsigned values.
    pub position: usize,
    /// Which unsigned values the index covers.
    pub values: BTreeSet<usize>,
    /// How many certificates the index covers, and how many there are.
    pub certificates: (usize, usize),
    /// How many revocation values the index covers, and how many there are.
    pub revocation: (usize, usize),
}

impl ArchiveFacts {
    /// Whether token and index fit the signature.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.index.is_ok()
            && self.stamp.imprint.is_ok()
            && self.stamp.signer.digest.is_ok()
            && self.stamp.signer.signature.is_ok()
    }
}
