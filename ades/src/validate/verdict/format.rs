//! Format checking (EN 319 102-1 clause 5.2.2), and for a PDF what the signature covers and what
//! became of the document since: changes that are not permitted are a FORMAT_FAILURE, since the
//! digest is that of the signed revision and still right.

use super::failure::Failure;
use super::indication::SubIndication;
use crate::validate::facts::{
    Check, Coverage, DocMdp, Modifications, SignatureFacts, SignatureKind,
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
    for file in one.cms.iter().flat_map(|c| c.files.iter()) {
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

/// What later revisions did, and what a certification permits.
pub(super) fn changes(one: &SignatureFacts) -> Result<(), Failure> {
    let Some(pdf) = &one.pdf else {
        return Ok(());
    };
    let allowed = match pdf.doc_mdp {
        Some(DocMdp::NoChanges) => Modifications::LtaUpdates,
        Some(DocMdp::FormFilling) | None => Modifications::FormFilling,
        Some(DocMdp::Annotations) => Modifications::Annotations,
    };
    let locked = pdf
        .field_lock
        .as_ref()
        .and_then(|lock| pdf.changes.fields.iter().find(|f| lock.locks(f)));
    if pdf.changes.level <= allowed {
        return match locked {
            None => Ok(()),
            Some(field) => Err(Failure::failed(
                SubIndication::FormatFailure,
                format!(
                    "the form field {field:?}, which the signature locks, was changed after it"
                ),
            )
            .hint("only the revision that was signed is protected; ask the signer for it")),
        };
    }
    let what = match (pdf.changes.denied.first(), pdf.changes.level) {
        (Some(first), _) => first.clone(),
        (None, Modifications::Annotations) => "annotations were added".into(),
        (None, _) => {
            "form fields or signatures were filled in, which the certification forbids".into()
        }
    };
    Err(Failure::failed(
        SubIndication::FormatFailure,
        format!("the document was changed after it was signed: {what}"),
    )
    .hint("only the revision that was signed is protected; ask the signer for it"))
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
    Some(match pdf.doc_mdp? {
        DocMdp::NoChanges => pdf.changes.level <= Modifications::LtaUpdates,
        DocMdp::FormFilling => pdf.changes.level <= Modifications::FormFilling,
        DocMdp::Annotations => pdf.changes.level <= Modifications::Annotations,
    })
}
