//! PAdES baseline signatures in PDF documents (EN 319 142-1 clause 6): B-B and, with a time-stamp,
//! B-T.
//!
//! The output is the input's bytes and one incremental update, so earlier signatures keep covering
//! what they covered. The input is read once, as a stream; what it may grow by is decided and laid
//! out before the first byte is written.

mod appearance;
mod doc_time_stamp;
mod dss;
mod error;
mod extend;
mod extensions;
mod form;
mod growing;
mod layout;
mod long_term;
mod permissions;
mod plan;
mod prepare;
mod seed;
mod seed_certificate;

use std::io::Write;

use pdf_file::PdfFile;
use pki_asn1::{UnixTime, oid};
use pki_crypto::Digest;

pub use appearance::{
    Appearance, AppearanceError, Area, Canvas, Corner, Draw, DrawError, InvalidPlace, PageNumber,
    Place, appearance_canvas,
};
pub use doc_time_stamp::{DocumentTimeStamp, SUB_FILTER as TIME_STAMP_SUB_FILTER};
pub use dss::{Added, Vri};
pub use error::PadesError;
pub use extend::{ExtendedPdf, extend_pdf};
pub use long_term::{LongTermPdf, sign_pdf_long_term};
pub use prepare::{PreparedPdf, ROOM_FOR_TIME_STAMP, prepare_pdf};

use crate::cades::attributes::SignedProperties;
use crate::cms::attribute::Attribute;
use crate::cms::build::{BuildError, CmsIdentity, CmsSigner, SignedCms};
use crate::tsp::{TimeStamper, Token};
use growing::Growing;
use layout::Layout;
use plan::Plan;
use seed::{Offer, TimeStamped};

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
    /// `/Legal /Attestation`: why the document may contain what could show differently at another
    /// time or place (ISO 32000-2, 12.8.7). Only a certification has one.
    pub legal_attestation: Option<String>,
    /// Where the signature is seen, and as what; an invisible one without.
    pub appearance: Option<Appearance>,
    /// The signature policy and the commitments. What else a CAdES signature can say has its own entry in
    /// a PDF, or none (EN 319 142-1 clause 6.3), and is left out.
    pub properties: SignedProperties,
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
            legal_attestation: None,
            appearance: None,
            properties: SignedProperties::default(),
        }
    }

    /// The field asked for, or a new one's name.
    fn field_name(&self, form: &form::Form) -> String {
        let free = || form.free_name("Signature");
        self.field.clone().unwrap_or_else(free)
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
    let draft = Draft::new(pdf, signer, options, time_stamper)?;
    let mut document = Growing::copy(pdf.source(), out, &[signer.digest_algorithm()])?;
    draft.sign(&mut document, signer, time_stamper)
}

/// The signed attributes beside those that every signature has. /Reason and a commitment say the same
/// thing, and must not both be there (EN 319 142-1 clause 6.3, table 1).
fn signed_attributes(
    identity: &CmsIdentity,
    options: &PadesOptions,
) -> Result<Vec<Attribute>, PadesError> {
    if options.reason.is_some() && !options.properties.commitments.is_empty() {
        return Err(PadesError::ReasonAndCommitment);
    }
    let said = SignedProperties {
        policy: options.properties.policy.clone(),
        commitments: options.properties.commitments.clone(),
        ..SignedProperties::default()
    };
    let mut all = vec![identity.algorithm_protection()];
    all.extend(said.attributes().map_err(BuildError::Der)?);
    Ok(all)
}

/// A signature that has its place and its space.
struct Draft<'p> {
    plan: Plan<'p>,
    room: usize,
    layout: Layout,
    attributes: Vec<Attribute>,
}

impl<'p> Draft<'p> {
    /// Finds whatever the document forbids; nothing is written.
    fn new(
        pdf: &'p PdfFile,
        signer: &CmsSigner,
        options: &'p PadesOptions,
        time_stamper: Option<&dyn TimeStamper>,
    ) -> Result<Self, PadesError> {
        let offer = Offer {
            signer,
            time_stamp: match time_stamper {
                Some(_) => TimeStamped::Yes,
                None => TimeStamped::No,
            },
        };
        let plan = Plan::new(pdf, options, &offer)?;
        let attributes = signed_attributes(signer, options)?;
        let unsigned = time_stamper.map_or(0, TimeStamper::expected_len);
        let room = signer.max_detached_len(oid::CT_DATA, &attributes, unsigned);
        Ok(Self {
            layout: Layout::new(plan.lay_out(room)?)?,
            plan,
            room,
            attributes,
        })
    }

    /// Adds the revision with the signature to a copy of the document.
    fn sign(
        self,
        document: &mut Growing<'_>,
        signer: &CmsSigner,
        time_stamper: Option<&dyn TimeStamper>,
    ) -> Result<PadesSignature, PadesError> {
        let Self {
            plan,
            mut room,
            mut layout,
            attributes,
        } = self;
        for _ in 0..MAX_TRIES {
            let digest = layout.digest(document.hasher(signer.digest_algorithm())?);
            let signed = signer
                .prepare(oid::CT_DATA, &digest, &attributes)?
                .sign(signer.key())?;
            let (cms, time_stamp) = finish(signed, time_stamper)?;
            if let Err(needed) = layout.fill(&cms) {
                // The authority's answer was longer than expected; its next one may be a little
                // longer.
                room = room.max(needed) + 256;
                layout = Layout::new(plan.lay_out(room)?)?;
                continue;
            }
            document.append(layout.bytes())?;
            return Ok(PadesSignature {
                field: plan.field,
                digest,
                time_stamp,
                len: document.len(),
            });
        }
        Err(PadesError::Room { tries: MAX_TRIES })
    }
}

/// The whole signature, with its time-stamp where one is wanted.
fn finish(
    mut signed: SignedCms<'_>,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<(Vec<u8>, Option<Token>), PadesError> {
    let time_stamp = time_stamper
        .map(|t| t.time_stamp(&t.digest_algorithm().digest(signed.signature())))
        .transpose()?;
    if let Some(token) = &time_stamp {
        signed.add_unsigned(Attribute::signature_time_stamp(token.der()));
    }
    Ok((signed.detached(), time_stamp))
}
