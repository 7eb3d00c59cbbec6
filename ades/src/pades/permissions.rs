//! What earlier signatures permit (ISO 32000-2, 12.8.2.2 DocMDP and 12.8.2.4 FieldMDP), and the owner
//! of an encrypted document (7.6.4.2). What the field itself demands is in [`super::seed`].

use std::sync::Arc;

use pdf_file::{AuthenticatedAs, Dict, Object, PdfError, PdfFile};

use super::form::Form;
use super::{Certification, PadesError};

/// `/P` of a DocMDP that permits no change.
const NOTHING: i64 = Certification::NoChanges.level();

/// Whether a signature may be put into field `target`, and may certify where that is asked.
pub(super) fn check(
    pdf: &PdfFile,
    form: &Form,
    target: &str,
    certification: Option<Certification>,
) -> Result<(), PadesError> {
    check_encryption(pdf)?;
    for (field, signature) in form.signed() {
        forbids_everything(pdf, signature, &field.name)?;
        if certification.is_some() {
            return Err(PadesError::CertifyNotFirst {
                signed: field.name.clone(),
            });
        }
        for params in transforms(pdf, signature, "FieldMDP")? {
            locks(pdf, &params, &field.name, target)?;
        }
        let lock = pdf.get(&field.dict, "Lock", pdf.latest())?;
        locks(pdf, &lock, &field.name, target)?;
        // The lock's own /P stands for a DocMDP of this signature (table 236).
        if level(pdf, &lock)? == Some(NOTHING) {
            return Err(PadesError::ChangesForbidden {
                by: field.name.clone(),
            });
        }
    }
    // A certification whose field was taken out of the form binds as well. Usage rights (/UR3) beside
    // it grant something to one reader; they forbid nothing to others.
    const CERTIFIED: &str = "/Perms /DocMDP";
    let perms = pdf.get(&form.catalog, "Perms", pdf.latest())?;
    if let Some(perms) = perms.as_dict() {
        let signature = pdf.get(perms, "DocMDP", pdf.latest())?;
        if let Some(signature) = signature.as_dict() {
            forbids_everything(pdf, signature, CERTIFIED)?;
            if certification.is_some() {
                return Err(PadesError::CertifyNotFirst {
                    signed: CERTIFIED.to_owned(),
                });
            }
            for params in transforms(pdf, signature, "FieldMDP")? {
                locks(pdf, &params, CERTIFIED, target)?;
            }
        }
    }
    Ok(())
}

/// Who opens a document with the user's password may sign it where its owner permits filling in
/// forms, "including signature fields" (ISO 32000-2, table 22: bit 6, and bit 9 from revision 3 on).
pub(super) fn check_encryption(pdf: &PdfFile) -> Result<(), PadesError> {
    const ANNOTATE_AND_FILL_IN: i32 = 1 << 5;
    const FILL_IN: i32 = 1 << 8;
    let Some(encryption) = pdf.encryption() else {
        return Ok(());
    };
    let sufficient = match encryption.revision {
        ..=2 => ANNOTATE_AND_FILL_IN,
        _ => ANNOTATE_AND_FILL_IN | FILL_IN,
    };
    match encryption.authenticated_as {
        AuthenticatedAs::User if encryption.permissions & sufficient == 0 => {
            Err(PadesError::NotPermitted)
        }
        _ => Ok(()),
    }
}

/// The field of a signature that certifies the document, or whose lock says what may be changed, at
/// whatever level.
pub(super) fn certified_by(pdf: &PdfFile, form: &Form) -> Result<Option<String>, PdfError> {
    for (field, signature) in form.signed() {
        let mut locks = transforms(pdf, signature, "FieldMDP")?;
        locks.push(pdf.get(&field.dict, "Lock", pdf.latest())?);
        let mut certifies = !transforms(pdf, signature, "DocMDP")?.is_empty();
        for lock in locks {
            certifies |= level(pdf, &lock)?.is_some();
        }
        if certifies {
            return Ok(Some(field.name.clone()));
        }
    }
    let perms = pdf.get(&form.catalog, "Perms", pdf.latest())?;
    let certified = match perms.as_dict() {
        Some(perms) => pdf.get(perms, "DocMDP", pdf.latest())?.as_dict().is_some(),
        None => false,
    };
    Ok(certified.then(|| "/Perms /DocMDP".to_owned()))
}

/// DocMDP with P = 1, or a lock with it.
fn forbids_everything(pdf: &PdfFile, signature: &Dict, by: &str) -> Result<(), PadesError> {
    for method in ["DocMDP", "FieldMDP"] {
        for params in transforms(pdf, signature, method)? {
            if level(pdf, &params)? == Some(NOTHING) {
                return Err(PadesError::ChangesForbidden { by: by.to_owned() });
            }
        }
    }
    Ok(())
}

/// `/P` of transform parameters or of a lock.
fn level(pdf: &PdfFile, params: &Object) -> Result<Option<i64>, PdfError> {
    let Some(params) = params.as_dict() else {
        return Ok(None);
    };
    let p = pdf.get(params, "P", pdf.latest())?.as_number();
    // Written as a real number by some.
    Ok(p.map(|p| p as i64))
}

/// The transform parameters of this method in a signature's `/Reference`.
fn transforms(pdf: &PdfFile, signature: &Dict, method: &str) -> Result<Vec<Arc<Object>>, PdfError> {
    let at = pdf.latest();
    let references = pdf.get(signature, "Reference", at)?;
    let mut out = Vec::new();
    for reference in references.as_array().unwrap_or_default() {
        let reference = pdf.resolve(reference, at)?;
        let Some(reference) = reference.as_dict() else {
            continue;
        };
        let named = pdf.get(reference, "TransformMethod", at)?;
        if named.as_name().is_some_and(|name| *name == method) {
            out.push(pdf.get(reference, "TransformParams", at)?);
        }
    }
    Ok(out)
}

/// Refuses where `params` (a FieldMDP's, or a `/Lock`) cover the field `target`. A name stands for
/// the fields below it as well; what cannot be read locks every field, as it does for validation.
fn locks(pdf: &PdfFile, params: &Object, by: &str, target: &str) -> Result<(), PadesError> {
    let at = pdf.latest();
    let Some(params) = params.as_dict() else {
        return Ok(());
    };
    let action = pdf.get(params, "Action", at)?;
    let fields = pdf.get(params, "Fields", at)?;
    let mut named = false;
    let mut readable = fields.as_array().is_some();
    for field in fields.as_array().unwrap_or_default() {
        let field = pdf.resolve(field, at)?;
        readable &= field.as_string().is_some();
        named |= field.as_string().is_some_and(|name| {
            let name = name.to_text();
            target == name
                || target
                    .strip_prefix(&name)
                    .is_some_and(|rest| rest.starts_with('.'))
        });
    }
    let locked = match action.as_name().map(|a| a.as_bytes()) {
        Some(b"Include") if readable => named,
        Some(b"Exclude") if readable => !named,
        _ => true,
    };
    if locked {
        return Err(PadesError::FieldLocked {
            by: by.to_owned(),
            field: target.to_owned(),
        });
    }
    Ok(())
}
