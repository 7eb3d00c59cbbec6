//! Format checking (EN 319 102-1 clause 5.2.2), and for a PDF what the signature covers and what
//! became of the document since: changes that are not permitted are a FORMAT_FAILURE, since the
//! digest is that of the signed revision and still right.

use super::code::Warning;
use super::failure::Failure;
use super::indication::{Indication, Message, SubIndication};
use crate::text;
use crate::text::{Quoted, Text};
use crate::validate::facts::{
    Check, Coverage, DocMdp, Finding, Modifications, PdfAttack, PdfFacts, SignatureFacts,
    SignatureKind,
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
                    text!("{} is not as it was signed: {}", Quoted(&file.name), why),
                )
                .hint("ask for the container as it was signed"));
            }
            Check::NotPossible(why) => {
                let why = text!("{} cannot be checked: {}", Quoted(&file.name), why);
                return Err(Failure::not_computed(why));
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
            let why = pdf.coverage_problems.first().map_or_else(
                || text!("the signature does not cover its revision"),
                |p| p.message.clone(),
            );
            Err(Failure::failed(
                SubIndication::FormatFailure,
                text!("what the signature covers is not what is shown: {}", why),
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
    let hint = "only the revision that was signed is protected; ask the signer for it";
    if pdf.changes.level > permitted(pdf) {
        let what: Text = match (pdf.changes.denied.first(), pdf.changes.level) {
            (Some(first), _) => first.message.clone(),
            (None, Modifications::Annotations) => "annotations were added".into(),
            (None, _) => {
                "form fields or signatures were filled in, which its certification or lock forbids"
                    .into()
            }
        };
        return Err(Failure::failed(
            SubIndication::FormatFailure,
            text!("the document was changed after it was signed: {}", what),
        )
        .hint(hint));
    }
    if let Some(field) = locked(pdf) {
        return Err(Failure::failed(
            SubIndication::FormatFailure,
            text!(
                "the form field {}, which the signature locks, was changed or added after it",
                Quoted(field)
            ),
        )
        .hint(hint));
    }
    let sneaky = overlays(pdf).find(|o| o.attack == PdfAttack::OverlaidSignature);
    if let Some(overlay) = sneaky {
        return Err(Failure::failed(
            SubIndication::FormatFailure,
            text!(
                "the certified document was changed: {}; a certification permits to sign in fields that were there",
                overlay.message
            ),
        )
        .hint(hint));
    }
    if let Some(overlay) = overlays(pdf).next() {
        return Err(Failure::indeterminate(
            SubIndication::SigConstraintsFailure,
            text!(
                "the certification permits annotations, and one may pass for content: {}",
                overlay.message
            ),
        )
        .hint("compare with the document as it was signed: --extract-revision"));
    }
    Ok(())
}

/// A document that readers show differently: which of them was signed cannot be decided.
pub(super) fn readings(one: &SignatureFacts) -> Result<(), Failure> {
    match one.pdf.iter().flat_map(|pdf| &pdf.ambiguities).next() {
        None => Ok(()),
        Some(first) => Err(Failure::indeterminate(
            SubIndication::SigConstraintsFailure,
            text!(
                "what was signed can be read in more than one way: {}",
                first.message
            ),
        )
        .hint(first.attack.hint())),
    }
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

/// What was laid over the pages of a certified document.
fn overlays(pdf: &PdfFacts) -> impl Iterator<Item = &Finding> {
    let certified = pdf.doc_mdp.is_some();
    pdf.changes.overlays.iter().filter(move |_| certified)
}

/// Everything that was found in the PDF, by its name. Follows the reason of a verdict that is not
/// TOTAL-PASSED; nothing of it is left where the verdict is.
pub(super) fn named(one: &SignatureFacts, indication: Indication) -> Vec<Message> {
    const NAMED: usize = 20;
    let Some(pdf) = &one.pdf else {
        return Vec::new();
    };
    if indication == Indication::TotalPassed {
        return Vec::new();
    }
    let mut all: Vec<Finding> = Vec::new();
    all.extend(pdf.problems.iter().cloned());
    all.extend(pdf.coverage_problems.iter().cloned());
    all.extend(pdf.changes.denied.iter().cloned());
    let shown = |f: &&Finding| {
        matches!(
            f.attack,
            PdfAttack::PagesChanged | PdfAttack::PagesAdded | PdfAttack::ShadowHideAndReplace
        )
    };
    if pdf.changes.denied.iter().any(|f| shown(&f)) {
        all.push(Finding {
            attack: PdfAttack::IncrementalSaving,
            message: "a revision that was appended after the signature changes what is shown"
                .into(),
        });
    }
    if pdf.changes.level > permitted(pdf) && pdf.changes.denied.is_empty() {
        all.extend(pdf.changes.overlays.iter().cloned());
        all.push(Finding {
            attack: PdfAttack::NotPermitted,
            message: text!(
                "changes of the kind {} were made, which are not permitted after this signature",
                pdf.changes.level.as_str()
            ),
        });
    }
    all.extend(locked(pdf).map(|field| Finding {
        attack: PdfAttack::LockedFieldChanged,
        message: text!(
            "the locked form field {} was changed or added",
            Quoted(field)
        ),
    }));
    all.extend(overlays(pdf).cloned());
    all.extend(pdf.ambiguities.iter().cloned());
    let mut said = std::collections::BTreeSet::new();
    all.into_iter()
        .filter(|finding| said.insert(finding.clone()))
        .take(NAMED)
        .map(|finding| Message {
            code: finding.attack.into(),
            message: finding.message,
            hint: Some(finding.attack.hint().into()),
        })
        .collect()
}

/// Form fields that were filled in, which the verdict permits and a reader of it should know.
pub(super) fn filled(one: &SignatureFacts, indication: Indication) -> Option<Message> {
    let pdf = one.pdf.as_ref()?;
    let level = pdf.changes.level;
    if indication != Indication::TotalPassed || level < Modifications::FormFilling {
        return None;
    }
    Some(Message {
        code: Warning::PdfChangedAfterSignature.into(),
        message: match level {
            Modifications::FormFilling => {
                "form fields or further signatures were filled in after this signature".into()
            }
            _ => "annotations were added after this signature".into(),
        },
        hint: Some(
            "--diff tells what was changed, --extract-revision gives the document as it was signed"
                .into(),
        ),
    })
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
    let sneaky = overlays(pdf).any(|o| o.attack == PdfAttack::OverlaidSignature);
    Some(pdf.changes.level <= permitted(pdf) && !sneaky)
}
