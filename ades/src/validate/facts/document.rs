//! What is known of the PDF around a signature: what the signature covers, what became of the document
//! since, and which of the published ways of forging a signed PDF it looks like (ISO 32000-2, 12.8).

use std::sync::Arc;

use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use crate::text::Text;
use crate::validate::carried::Carried;

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

impl Modifications {
    /// The word of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::LtaUpdates => "lta-updates",
            Self::FormFilling => "form-filling",
            Self::Annotations => "annotations",
            Self::Other => "other",
        }
    }
}

macro_rules! attacks {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $hint:literal;)*) => {
        /// A way in which a signed PDF comes to show something else than what was signed, by the name
        /// that the literature gives it where there is one.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum PdfAttack { $($(#[$doc])* $name),* }

        impl PdfAttack {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code in errors and warnings.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What the relying party can do.
            #[must_use]
            pub fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint),* }
            }
        }
    };
}

attacks! {
    /// An appended revision changes what no rule permits to change.
    IncrementalSaving = "PDF_INCREMENTAL_SAVING", "look at the document as it was signed: --extract-revision; --diff tells what was changed";
    /// What /ByteRange leaves out is more than the signature, or lies elsewhere.
    SignatureWrapping = "PDF_SIGNATURE_WRAPPING", "ask the signer for the document as it was signed";
    /// /Contents or /ByteRange is missing, empty or of another type, so that nothing is verified.
    UniversalForgery = "PDF_UNIVERSAL_FORGERY", "nobody signed this field; ask the signer for the document as it was signed";
    /// What lay over the content when it was signed was taken away.
    ShadowHide = "PDF_SHADOW_HIDE", "look at the document as it was signed: --extract-revision";
    /// What draws the content (font, picture, appearance of a field) was replaced.
    ShadowReplace = "PDF_SHADOW_REPLACE", "look at the document as it was signed: --extract-revision";
    /// A later revision shows what lay hidden in the signed one.
    ShadowHideAndReplace = "PDF_SHADOW_HIDE_AND_REPLACE", "look at the document as it was signed (--extract-revision), and ask who prepared it";
    /// An annotation was laid over the pages (evil annotation attack, where they are certified).
    OverlaidAnnotation = "PDF_OVERLAID_ANNOTATION", "look at the document without it: --extract-revision";
    /// A visible signature field was added to a certified document (sneaky signature attack).
    OverlaidSignature = "PDF_OVERLAID_SIGNATURE", "look at the document without it: --extract-revision; further signatures are made in fields that were there, or invisible";
    /// The content or the geometry of a page was changed, or a page was removed.
    PagesChanged = "PDF_PAGES_CHANGED", "look at the document as it was signed: --extract-revision";
    /// A page was added.
    PagesAdded = "PDF_PAGES_ADDED", "look at the document as it was signed: --extract-revision";
    /// /Contents holds something beside the signature, or is not written so that it can hold nothing else.
    SpoofedContents = "PDF_CONTENTS_SPOOFED", "ask the signer for the document as it was signed";
    /// A key stands twice in a dictionary, with two values.
    DuplicateKeys = "PDF_DUPLICATE_KEYS", "readers differ in which value counts; ask for a document that can be read in one way";
    /// The cross-reference data places an object twice, or beyond the revision.
    AmbiguousXref = "PDF_XREF_AMBIGUOUS", "readers differ in which object they show; ask for a document that can be read in one way";
    /// Objects stand before the header.
    ObjectsBeforeHeader = "PDF_OBJECTS_BEFORE_HEADER", "readers differ in where the file begins; ask for a document that begins with its header";
    /// Objects stand after the last %%EOF, outside of every revision.
    ObjectsAfterEnd = "PDF_OBJECTS_AFTER_END", "readers that repair files would show them; ask for the document as it was signed";
    /// The structure is damaged, so that revisions cannot be told.
    StructureDamaged = "PDF_STRUCTURE_DAMAGED", "ask the signer for the document as it was signed";
    /// A signature was removed from the document, or replaced.
    SignatureRemoved = "PDF_SIGNATURE_REMOVED", "ask who removed it; --extract-revision gives the document with it";
    /// A field that a signature locks was changed.
    LockedFieldChanged = "PDF_LOCKED_FIELD_CHANGED", "look at the document as it was signed: --extract-revision";
    /// The certification, or the lock of the signed field, permits less than was done.
    NotPermitted = "PDF_CHANGE_NOT_PERMITTED", "look at the document as it was signed: --extract-revision; --diff tells what was changed";
}

/// Something found in a PDF, by its name and in words.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Finding {
    /// What it looks like.
    pub attack: PdfAttack,
    /// One sentence without a full stop.
    pub message: Text,
}

impl Finding {
    /// A finding.
    pub(crate) fn new(attack: PdfAttack, message: impl Into<Text>) -> Self {
        Self {
            attack,
            message: message.into(),
        }
    }
}

/// What changed after a signed revision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changes {
    /// The most far-reaching change.
    pub level: Modifications,
    /// The changes that no rule permits.
    pub denied: Vec<Finding>,
    /// What was laid over the pages: it may pass for content, also where annotations or signatures
    /// are permitted.
    pub overlays: Vec<Finding>,
    /// The form fields that were changed, signed or filled in, and the signature fields that were
    /// added, by their full names.
    pub fields: Vec<String>,
}

impl Changes {
    pub(crate) fn none() -> Self {
        Self {
            level: Modifications::None,
            denied: Vec::new(),
            overlays: Vec::new(),
            fields: Vec::new(),
        }
    }
}

/// One change that a revision made, for `--diff`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// What kind of change it is.
    pub level: Modifications,
    /// Its name, where no rule permits it or it may pass for content.
    pub attack: Option<PdfAttack>,
    /// What was done, in words.
    pub message: Text,
}

/// A revision of the file, and what it changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevisionFacts {
    /// From 0.
    pub number: usize,
    /// The first octet after it.
    pub end: u64,
    /// What it changed; empty for the first revision and those before the first signature.
    pub changes: Vec<Change>,
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
    /// Whether the field with this full name must stay as it is: because it is locked, or because
    /// one that is locked stands below it and inherits from it.
    #[must_use]
    pub fn locks(&self, field: &str) -> bool {
        let below = |one: &str, other: &str| {
            let rest = one.strip_prefix(other);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self {
            Self::All => true,
            Self::Include(names) => names.iter().any(|n| below(field, n) || below(n, field)),
            Self::Exclude(names) => !names.iter().any(|n| below(field, n)),
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
    /// Where what was signed ends: the document as signed is the file up to here. `None` where
    /// coverage is partial or unclear.
    pub signed_end: Option<u64>,
    /// What is covered.
    pub coverage: Coverage,
    /// Why coverage is partial or unclear.
    pub coverage_problems: Vec<Finding>,
    /// What keeps the dictionary from being a signature.
    pub problems: Vec<Finding>,
    /// Why the signed document itself can be read in more than one way.
    pub ambiguities: Vec<Finding>,
    /// What changed after it.
    pub changes: Changes,
    /// Every revision of the file; the same for all signatures.
    pub history: Arc<Vec<RevisionFacts>>,
    /// The permissions that this signature set, where it certifies the document or a lock of its
    /// field says what may be changed (`/P`); the strictest of them.
    pub doc_mdp: Option<DocMdp>,
    /// The form fields that this signature locks.
    pub field_locks: Vec<FieldLock>,
    /// What the document was hashed with where the signature is over its digest and not over itself
    /// (adbe.pkcs7.sha1): as weak as this is the signature.
    pub content_digest: Option<DigestAlgorithm>,
    /// /M: the signer's claim.
    pub claimed_time: Option<UnixTime>,
    /// Whether a DSS in this or a later revision holds revocation data.
    pub has_dss: bool,
    /// Whether a document time-stamp was made in a revision after the DSS.
    pub has_archive_timestamp: bool,
    /// What the document brings to prove that certificates were not revoked; the same for all.
    pub carried: Arc<Carried>,
}
