//! Format checking (EN 319 102-1 clause 5.2.2), and for a PDF what the signature covers and what
//! became of the document since: changes that are not permitted are a FORMAT_FAILURE, since the
//! digest is that of the signed revision and still right.

use super::failure::Failure;
use super::indication::SubIndication;
use crate::validate::facts::{
    Check, Coverage, DocMdp, Modifications, PdfFacts, SignatureFacts, SignatureKind,
};

/// Clause 5.2.2: format checking.
pub(super) fn format(one: &SignatureFacts) -> Result<(), Failure> {
    match one.format_problems.first() {
        Some(problem) => Err(Failure::failed(SubIndication::FormatFailure, problem)),
        None => Ok(()),
    }
}

/// Whether the files of a container are those of the manifest that was signed.
pub(super) fn files(one: &SignatureFacts) -> Result<(), Failure> {
    for file in one.cms.iter().flat_map(|c| &c.files) {
        match &file.check {
            Check::Ok => {}
            Check::Failed(why) => {
                return Err(Failure::failed(
                    SubIndication::HashFailure,
                    format!("{:?} is not as it was signed: {why}", file.name),
                )
                .hint("ask for the container as it was signed"));
            }
            Check::NotPossible(why) => {
                return Err(Failure::indeterminate(
                    SubIndication::SignedDataNotFound,
                    format!("{:?} cannot be checked: {why}", file.name),
                ));
            }
        }
    }
    Ok(())
}

/// Whether the signature covers what the file shows. Asked after the cryptography, because a file
/// that was damaged fails for its digest and not for what the damage did to its structure.
pub(super) fn coverage(one: &SignatureFacts) -> Result<(), Failure> {
    match &one.pdf {
        Some(pdf) if matches!(pdf.coverage, Coverage::Partial | Coverage::Unclear) => {
            let why = pdf
                .coverage_problems
                .first()
                .map_or("the signature does not cover its revision", String::as_str);
            Err(Failure::failed(
                SubIndication::FormatFailure,
                format!("what the signature covers is not what is shown: {why}"),
            )
            .hint("ask the signer for the document as it was signed"))
        }
        _ => Ok(()),
    }
}

/// What later revisions did, and what a certification or a lock permits.
pub(super) fn changes(one: &SignatureFacts) -> Result<(), Failure> {
    let Some(pdf) = &one.pdf else {
        return Ok(());
    };
    let what = if pdf.changes.level > permitted(pdf) {
        let what = match (pdf.changes.denied.first(), pdf.changes.level) {
            (Some(first), _) => first,
            (None, Modifications::Annotations) => "annotations were added",
            (None, _) => {
                "form fields or signatures were filled in, which its certification or lock forbids"
            }
        };
        format!("the document was changed after it was signed: {what}")
    } else if let Some(field) = locked(pdf) {
        format!(
            "the form field {field:?}, which the signature locks, was changed or added after it"
        )
    } else if let Some(field) = shown(pdf) {
        format!(
            "a signature that is seen on a page was added after it in the new field {field:?}, which no certification permits"
        )
    } else {
        return Ok(());
    };
    Err(Failure::failed(SubIndication::FormatFailure, what)
        .hint("only the revision that was signed is protected; ask the signer for it"))
}

/// The changes that the signature permits.
fn permitted(pdf: &PdfFacts) -> Modifications {
    match pdf.doc_mdp {
        Some(DocMdp::NoChanges) => Modifications::LtaUpdates,
        Some(DocMdp::FormFilling) | None => Modifications::FormFilling,
        Some(DocMdp::Annotations) => Modifications::Annotations,
    }
}

/// A field that was changed or added although the signature locks it.
fn locked(pdf: &PdfFacts) -> Option<&String> {
    let fields = &mut pdf.changes.fields.iter();
    fields.find(|field| pdf.field_locks.iter().any(|lock| lock.locks(field)))
}

/// A new, visible signature field after a certification. It is a picture of anything laid over a page
/// that the certification is to keep as it is.
fn shown(pdf: &PdfFacts) -> Option<&String> {
    pdf.doc_mdp.and_then(|_| pdf.changes.visible.first())
}

pub(super) fn intact(one: &SignatureFacts) -> bool {
    let range = one
        .pdf
        .as_ref()
        .is_none_or(|pdf| matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision));
    let imprint = one.kind == SignatureKind::Signature
        || one.timestamps.first().is_some_and(|t| t.imprint.is_ok());
    let crypto = one
        .signer
        .as_ref()
        .is_some_and(|s| s.digest.is_ok() && s.signature.is_ok());
    one.format_problems.is_empty() && range && imprint && crypto && files(one).is_ok()
}

pub(super) fn doc_mdp_ok(one: &SignatureFacts) -> Option<bool> {
    let pdf = one.pdf.as_ref()?;
    pdf.doc_mdp?;
    Some(pdf.changes.level <= permitted(pdf) && shown(pdf).is_none())
}
