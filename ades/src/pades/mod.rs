//! PAdES baseline signatures in PDF documents (EN 319 142-1 clause 6): B-B and, with a time-stamp,
//! B-T.
//!
//! The output is the input's bytes and one incremental update, so earlier signatures keep covering
//! what they covered. The input is read once, as a stream; what it may grow by is decided and laid
//! out before the first byte is written.

mod doc_time_stamp;
mod dss;
mod error;
mod extensions;
mod form;
mod growing;
mod permissions;
mod plan;

use std::io::Write;

use pdf_file::{Appended, PdfFile};
use pki_asn1::{UnixTime, oid};
use pki_crypto::{Digest, DigestAlgorithm, Hasher};

pub use doc_time_stamp::{DocumentTimeStamp, SUB_FILTER as TIME_STAMP_SUB_FILTER};
pub use dss::{Added, Vri};
pub use error::PadesError;

use crate::cms::attribute::Attribute;
use crate::cms::build::CmsSigner;
use crate::tsp::{TimeStamper, Token};
use growing::Growing;
use permissions::{Offer, TimeStamped};
use plan::{BYTE_RANGE, CONTENTS, Plan};

/// The `/SubFilter` of PAdES (EN 319 142-1 clause 6.3).
pub const SUB_FILTER: &str = "ETSI.CAdES.detached";

/// How often a signature is made anew because it outgrew its space.
const MAX_TRIES: usize = 3;

/// What a certified document may still undergo without its certification breaking (DocMDP,
/// ISO 32000-2, 12.8.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Certification {
    /// Nothing (P = 1).
    NoChanges,
    /// Filling in forms and signing (P = 2).
    FormFilling,
    /// These, and annotating (P = 3).
    Annotations,
}

impl Certification {
    /// The value of `/P`.
    #[must_use]
    pub const fn level(self) -> i64 {
        match self {
            Self::NoChanges => 1,
            Self::FormFilling => 2,
            Self::Annotations => 3,
        }
    }
}

/// What a PAdES signature says besides the signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PadesOptions {
    /// `/M`, the claimed signing time. PAdES has no signing-time attribute.
    pub signing_time: UnixTime,
    /// The signature field: an empty one of this name is used, else one is made. `None`: a new
    /// one, `Signature1` or the next free number.
    pub field: Option<String>,
    /// `/Name`; the certificate names the signer better.
    pub name: Option<String>,
    /// `/Reason`
    pub reason: Option<String>,
    /// `/Location`
    pub location: Option<String>,
    /// `/ContactInfo`
    pub contact: Option<String>,
    /// Certifies the document; possible for its first signature only.
    pub certify: Option<Certification>,
}

impl PadesOptions {
    /// An invisible approval signature made at this time.
    #[must_use]
    pub fn new(signing_time: UnixTime) -> Self {
        Self {
            signing_time,
            field: None,
            name: None,
            reason: None,
            location: None,
            contact: None,
            certify: None,
        }
    }
}

/// What was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PadesSignature {
    /// The full name of the signature field.
    pub field: String,
    /// The digest over the byte range.
    pub digest: Digest,
    /// The signature-time-stamp, at level B-T.
    pub time_stamp: Option<Token>,
    /// Octets of the signed document.
    pub len: u64,
}

/// Signs `pdf` and writes the signed document: the input's bytes and one incremental update.
/// Level B-T with a time-stamper, else B-B.
///
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// See [`PadesError`]. Whatever the document itself forbids is found before a byte is written.
pub fn sign_pdf(
    pdf: &PdfFile,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &PadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<PadesSignature, PadesError> {
    let plan = plan(pdf, signer, options, time_stamper)?;
    let mut document = Growing::copy(pdf.source(), out, &[signer.digest_algorithm()])?;
    sign_copied(&mut document, plan, signer, time_stamper)
}

/// Decides where the signature goes; nothing is written.
fn plan<'p>(
    pdf: &'p PdfFile,
    signer: &CmsSigner,
    options: &'p PadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<Plan<'p>, PadesError> {
    let offer = Offer {
        signer,
        time_stamp: match time_stamper {
            Some(_) => TimeStamped::Yes,
            None => TimeStamped::No,
        },
    };
    Plan::new(pdf, options, &offer)
}

/// Adds the revision with the signature to a copy of what was planned for.
fn sign_copied(
    document: &mut Growing<'_>,
    plan: Plan<'_>,
    signer: &CmsSigner,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<PadesSignature, PadesError> {
    let attributes = [signer.algorithm_protection()];
    let unsigned = time_stamper.map_or(0, TimeStamper::expected_len);
    let mut room = signer.max_detached_len(oid::CT_DATA, &attributes, unsigned);
    for _ in 0..MAX_TRIES {
        let mut appended = plan.lay_out(room)?;
        let digest = digest(&mut appended, document.hasher(signer.digest_algorithm())?)?;
        let mut signed = signer.sign(oid::CT_DATA, &digest, &attributes)?;
        let time_stamp = time_stamper
            .map(|t| t.time_stamp(&DigestAlgorithm::Sha256.digest(signed.signature())))
            .transpose()?;
        if let Some(token) = &time_stamp {
            signed.add_unsigned(Attribute::signature_time_stamp(token.der()));
        }
        let cms = signed.detached();
        if cms.len() > room {
            // The authority's answer was longer than expected; its next one may be a little longer.
            room = cms.len() + 256;
            continue;
        }
        appended.fill(CONTENTS, &cms)?;
        document.append(appended.bytes())?;
        return Ok(PadesSignature {
            field: plan.field,
            digest,
            time_stamp,
            len: document.len(),
        });
    }
    Err(PadesError::Room { tries: MAX_TRIES })
}

/// Fills in `/ByteRange` and hashes what it covers; `before` has seen the input.
fn digest(appended: &mut Appended, mut before: Hasher) -> Result<Digest, PadesError> {
    let lost = PadesError::Structure("the space for the signature was not laid out");
    let contents = appended.reserved(CONTENTS).ok_or(lost)?;
    let range = format!(
        "[0 {} {} {}]",
        contents.start,
        contents.end,
        appended.end() - contents.end
    );
    appended.fill(BYTE_RANGE, range.as_bytes())?;
    // The update is in memory, so offsets in it fit.
    let start = (contents.start - appended.start()) as usize;
    let end = (contents.end - appended.start()) as usize;
    before.update(&appended.bytes()[..start]);
    before.update(&appended.bytes()[end..]);
    Ok(before.finish())
}
