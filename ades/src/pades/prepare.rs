//! A PAdES signature in two steps, for a key that is elsewhere.
//!
//! [`prepare_pdf`] does all that [`super::sign_pdf`] does before the key signs, and keeps it in a
//! [`PreparedPdf`]: the whole incremental update and what is to be signed. Nothing is decided anew
//! when it is completed, so the two steps may be days and machines apart. The digest under the
//! signature covers document and update alike: a change to either is found.

use core::slice;
use std::io::Write;

use pdf_file::{PdfFile, Source};
use pki_asn1::oid;
use serde::{Deserialize, Serialize};

use super::growing::copy;
use super::layout::Layout;
use super::plan::Plan;
use super::seed::{Offer, TimeStamped};
use super::{PadesError, PadesOptions, PadesSignature, finish, signed_attributes};
use crate::cms::build::CmsIdentity;
use crate::cms::prepare::ToBeSigned;
use crate::encoding::base64_bytes;
use crate::tsp::TimeStamper;

/// Room for the time-stamp token of an authority not yet heard of.
pub const ROOM_FOR_TIME_STAMP: usize = 8192;

/// A PDF that lacks nothing but the signature value. Holds no secret; can be kept as JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreparedPdf {
    /// The full name of the signature field.
    pub field: String,
    /// Octets of the input.
    pub input_length: u64,
    /// The incremental update, with `/ByteRange` filled in and `/Contents` empty.
    #[serde(with = "base64_bytes")]
    update: Vec<u8>,
    /// Where `/Contents` stands in it, from `<` to `>` inclusive.
    contents: (usize, usize),
    /// [`ToBeSigned::message`]
    #[serde(with = "base64_bytes")]
    signed_attributes: Vec<u8>,
}

/// Prepares the signature that [`super::sign_pdf`] would make. `time_stamp`: room for a
/// signature-time-stamp of so many octets ([`TimeStamper::expected_len`], [`ROOM_FOR_TIME_STAMP`]);
/// `None`: level B-B.
///
/// # Errors
/// See [`PadesError`]: whatever the document forbids.
pub fn prepare_pdf(
    pdf: &PdfFile,
    identity: &CmsIdentity,
    options: &PadesOptions,
    time_stamp: Option<usize>,
) -> Result<PreparedPdf, PadesError> {
    let offer = Offer {
        signer: identity,
        time_stamp: match time_stamp {
            Some(_) => TimeStamped::Yes,
            None => TimeStamped::No,
        },
    };
    let plan = Plan::new(pdf, options, &offer)?;
    let attributes = signed_attributes(identity, options)?;
    let room = identity.max_detached_len(oid::CT_DATA, &attributes, time_stamp.unwrap_or(0));
    let layout = Layout::new(plan.lay_out(room)?)?;
    let mut hasher = identity.digest_algorithm().hasher();
    copy(
        pdf.source().as_ref(),
        &mut std::io::sink(),
        slice::from_mut(&mut hasher),
    )?;
    let digest = layout.digest(hasher);
    let to_be_signed = identity.prepare(oid::CT_DATA, &digest, &attributes)?;
    Ok(PreparedPdf {
        field: plan.field,
        input_length: layout.start(),
        contents: (layout.contents().start, layout.contents().end),
        signed_attributes: to_be_signed.message().to_vec(),
        update: layout.bytes().to_vec(),
    })
}

impl PreparedPdf {
    /// What the key of `identity` is to sign.
    ///
    /// # Errors
    /// Where it was prepared for another certificate, or is damaged.
    pub fn to_be_signed<'s>(
        &self,
        identity: &'s CmsIdentity,
    ) -> Result<ToBeSigned<'s>, PadesError> {
        Ok(identity.restore(&self.signed_attributes)?.0)
    }

    /// Writes the signed document: `input`, which has to be the document that was prepared, and the
    /// update with the signature in it. Level B-T with a time-stamper, else B-B.
    ///
    /// The signature value is verified with the certificate's key before anything is written; `out`
    /// may have received bytes when another error is returned, and the caller discards them.
    ///
    /// # Errors
    /// [`PadesError::Changed`] where the document is another one; [`PadesError::PreparedRoom`] where
    /// the time-stamp needs more room than was reserved; as [`super::sign_pdf`] else.
    pub fn complete(
        &self,
        input: &dyn Source,
        out: &mut dyn Write,
        identity: &CmsIdentity,
        signature: &[u8],
        time_stamper: Option<&dyn TimeStamper>,
    ) -> Result<PadesSignature, PadesError> {
        let (to_be_signed, expected) = identity.restore(&self.signed_attributes)?;
        let signed = to_be_signed.complete(signature)?;
        let (from, to) = self.contents;
        let mut layout = Layout::from_parts(self.input_length, self.update.clone(), from..to)
            .ok_or(PadesError::Prepared("its space for the signature is gone"))?;
        if input.len() != self.input_length {
            return Err(PadesError::Changed("its length differs"));
        }
        let mut hasher = identity.digest_algorithm().hasher();
        copy(input, out, slice::from_mut(&mut hasher))?;
        let digest = layout.digest(hasher);
        if digest != expected {
            return Err(PadesError::Changed("its digest differs"));
        }
        let (cms, time_stamp) = finish(signed, time_stamper)?;
        let room = layout.room();
        layout
            .fill(&cms)
            .map_err(|needed| PadesError::PreparedRoom { needed, room })?;
        out.write_all(layout.bytes()).map_err(PadesError::Write)?;
        Ok(PadesSignature {
            field: self.field.clone(),
            digest,
            time_stamp,
            len: layout.end(),
        })
    }
}
