//! What was found, without judgement: one plain structure that the verdict is a function of.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm, KeyKind, SignatureAlgorithm};

use crate::asic::Kind;
use crate::cades::attributes::SignedProperties;
use crate::evidence::{FetchNote, Material};
use crate::text::Text;
use crate::validate::carried::Carried;

mod document;
mod record;

pub use document::{
    Change, Changes, Coverage, DocMdp, FieldLock, Finding, Modifications, PdfAttack, PdfFacts,
    RevisionFacts,
};
pub use record::{CoveredObject, RecordChain, RecordFacts, RecordPlace, RecordStamp};

/// Everything known about one file.
#[derive(Debug)]
pub struct Facts {
    /// What kind of file it is.
    pub format: FileFormat,
    /// Its signatures and document time-stamps, in the order they were made.
    pub signatures: Vec<SignatureFacts>,
    /// Its evidence records.
    pub evidence_records: Vec<RecordFacts>,
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
    /// A message with a signature (RFC 8551).
    Smime,
    /// A time-stamp by itself, or with its data.
    TimeStamp,
    /// An evidence record, alone.
    EvidenceRecord,
}

/// What an ASiC container holds.
#[derive(Clone, Debug)]
pub struct ContainerFacts {
    /// Which of the two.
    pub kind: Kind,
    /// Its files, without those of the container itself.
    pub files: Vec<String>,
    /// Those that no signature covers, and what else nothing in it was said about.
    pub unsigned: Vec<String>,
    /// Of those, the ones that no time-stamp and no evidence record covers either.
    pub uncovered: Vec<String>,
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
    /// What the digest in the manifest was made with; `None` where the signature is over the file itself.
    pub algorithm: Option<DigestAlgorithm>,
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
    /// A PKCS#1 value in a PDF (adbe.x509.rsa_sha1).
    Pkcs1,
    /// A time-stamp token by itself (RFC 3161).
    TimeStamp,
}

/// The outcome of one mechanical check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Check {
    /// It holds.
    Ok,
    /// It does not hold, and why.
    Failed(Text),
    /// It could not be done, and why.
    NotPossible(Text),
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

/// By which digest the signing-certificate attribute names the certificate (RFC 5035).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateDigest {
    /// signing-certificate, which knows SHA-1 alone.
    First,
    /// signing-certificate-v2, with this digest.
    Second(DigestAlgorithm),
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
    /// What that attribute names the certificate by, where it does.
    pub certificate_digest: Option<CertificateDigest>,
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
    pub problems: Vec<Text>,
    /// What tells this signature from every other one.
    pub signed: SignedFacts,
}

/// What was signed and with which value, as a report identifies a signature (TS 119 102-2 clause 4.3.3).
#[derive(Clone, Debug, Default)]
pub struct SignedFacts {
    /// The digest of what the signature value is over (DTBSR): the signed attributes, or the content where
    /// there are none. `None` where the algorithm is not supported or the content is not at hand.
    pub representation: Option<Digest>,
    /// The digest of the content; `None` as above.
    pub content: Option<Digest>,
    /// The signature value.
    pub value: Arc<[u8]>,
}

/// One time-stamp token.
#[derive(Clone, Debug)]
pub struct TimestampFacts {
    /// genTime
    pub gen_time: UnixTime,
    /// How far genTime may be off, where the token says it.
    pub accuracy: Option<Duration>,
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
    /// The token, as it was received.
    pub token: Arc<[u8]>,
}

impl TimestampFacts {
    /// Whether the token fits what it is over.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.imprint.is_ok() && self.signer.digest.is_ok() && self.signer.signature.is_ok()
    }
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
    pub format_problems: Vec<Text>,
    /// The cryptography; `None` where the format is too broken.
    pub signer: Option<SignerFacts>,
    /// For a document time-stamp, the token itself; else the signature-time-stamps.
    pub timestamps: Vec<TimestampFacts>,
    /// Its content-time-stamps: it was made after them.
    pub content_timestamps: Vec<TimestampFacts>,
    /// Time-stamps that could not be read.
    pub unreadable_timestamps: Vec<Text>,
    /// Whether the signature itself carries revocation values.
    pub has_revocation_values: bool,
    /// Whether an archive time-stamp covers the signature with its time-stamps and everything that
    /// validates them (EN 319 122-1 clause 5.5.3).
    pub has_archive_attribute: bool,
    /// What the signer declares in signed attributes.
    pub properties: SignedProperties,
    /// What keeps a declaration from being read.
    pub property_problems: Vec<Text>,
    /// Whether the signature policy that is kept with the signature is the one it was made under;
    /// `None` where none is kept.
    pub policy_store: Option<Check>,
    /// In a PDF.
    pub pdf: Option<PdfFacts>,
    /// In a CMS file or a container.
    pub cms: Option<CmsFacts>,
}

impl SignatureFacts {
    /// One of which nothing else is known yet.
    pub(crate) fn unread(id: String, kind: SignatureKind, format: SignatureFormat) -> Self {
        Self {
            id,
            kind,
            format,
            format_problems: Vec::new(),
            signer: None,
            timestamps: Vec::new(),
            content_timestamps: Vec::new(),
            unreadable_timestamps: Vec::new(),
            has_revocation_values: false,
            has_archive_attribute: false,
            properties: SignedProperties::default(),
            property_problems: Vec::new(),
            policy_store: None,
            pdf: None,
            cms: None,
        }
    }

    /// When the signer claims to have signed.
    #[must_use]
    pub fn claimed_time(&self) -> Option<UnixTime> {
        let signed = self.signer.as_ref().and_then(|s| s.signing_time);
        signed.or(self.pdf.as_ref().and_then(|p| p.claimed_time))
    }
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
    pub files: Arc<[CoveredFile]>,
    /// The name of the file that it stands in, in a container.
    pub member: Option<String>,
    /// What the revocation values of the root `SignedData` speak of; the same for all its signers.
    pub carried: Arc<Carried>,
    /// What the signature-time-stamps bring themselves.
    pub carried_by_time_stamps: Carried,
    /// The revocation values that an archive time-stamp covers.
    pub archived: Archived,
}

/// Of the revocation values of a `SignedData`, those that an archive time-stamp covers which covers the
/// signature-time-stamps as well.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Archived {
    /// There is no such archive time-stamp.
    #[default]
    Nothing,
    /// Those at these places.
    Values(BTreeSet<usize>),
    /// The file as it is.
    Everything,
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

/// Which attribute an archive time-stamp is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArchiveForm {
    /// archive-time-stamp-v2 (TS 101 733): over the signature as a whole.
    Version2,
    /// archive-time-stamp-v3 (EN 319 122-1 clause 5.5.3): over what its hash index names.
    Version3,
}

/// One archive-time-stamp-v3.
#[derive(Clone, Debug)]
pub struct ArchiveFacts {
    /// Of which form it is.
    pub form: ArchiveForm,
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
    /// Which certificates the index covers.
    pub certificate_places: BTreeSet<usize>,
    /// How many revocation values the index covers, and how many there are.
    pub revocation: (usize, usize),
    /// Which revocation values the index covers.
    pub revocation_places: BTreeSet<usize>,
}

impl ArchiveFacts {
    /// Whether token and index fit the signature.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.index.is_ok() && self.stamp.is_sound()
    }
}
