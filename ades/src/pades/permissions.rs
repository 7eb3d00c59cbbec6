//! What earlier signatures permit (ISO 32000-2, 12.8.2.2 DocMDP and 12.8.2.4 FieldMDP) and the owner
//! of an encrypted document (7.6.4.2), and what an empty field demands of its signature (12.7.5.5:
//! `/Lock`, `/SV`).

use std::sync::Arc;

use pdf_file::{AuthenticatedAs, Dict, Object, PdfError, PdfFile};
use pki_asn1::Certificate;

use super::form::{Field, Form};
use super::{Certification, PadesError, PadesOptions, SUB_FILTER};
use crate::cms::build::CmsIdentity;

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
            locks(pdf, &params, field, target)?;
        }
        let lock = pdf.get(&field.dict, "Lock", pdf.latest())?;
        if let Some(dict) = lock.as_dict() {
            locks(pdf, &lock, field, target)?;
            // The lock's own /P stands for a DocMDP of this signature (table 236).
            if pdf.get(dict, "P", pdf.latest())?.as_integer() == Some(NOTHING) {
                return Err(PadesError::ChangesForbidden {
                    by: field.name.clone(),
                });
            }
        }
    }
    // A certification whose field was taken out of the form binds as well.
    let certified = pdf.get(&form.catalog, "Perms", pdf.latest())?;
    if let Some(perms) = certified.as_dict() {
        let signature = pdf.get(perms, "DocMDP", pdf.latest())?;
        if let Some(signature) = signature.as_dict() {
            forbids_everything(pdf, signature, "/Perms /DocMDP")?;
        }
    }
    Ok(())
}

/// Who opens a document with the user's password may sign it where its owner permits filling in
/// forms, "including signature fields" (ISO 32000-2, table 22: bit 6, and bit 9 from revision 3 on).
fn check_encryption(pdf: &PdfFile) -> Result<(), PadesError> {
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

/// The `/Reference` entries that make the field's own `/Lock` binding.
pub(super) fn lock_references(
    pdf: &PdfFile,
    form: &Form,
    field: &Field,
) -> Result<Vec<Object>, PadesError> {
    let at = pdf.latest();
    let lock = pdf.get(&field.dict, "Lock", at)?;
    let Some(lock) = lock.as_dict() else {
        return Ok(Vec::new());
    };
    let mut params = Dict::new()
        .with("Type", Object::name("TransformParams"))
        .with("V", Object::name("1.2"));
    for key in ["Action", "Fields", "P"] {
        if let Some(value) = lock.get(key) {
            params.set(key, (*pdf.resolve(value, at)?).clone());
        }
    }
    let reference = Dict::new()
        .with("Type", Object::name("SigRef"))
        .with("TransformMethod", Object::name("FieldMDP"))
        .with("TransformParams", params)
        .with("Data", form.catalog_id);
    Ok(vec![reference.into()])
}

/// What is about to be made, as far as seed values ask.
pub(super) struct Offer<'a> {
    pub(super) signer: &'a CmsIdentity,
    pub(super) time_stamp: TimeStamped,
}

/// Whether the signature will carry a time-stamp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TimeStamped {
    Yes,
    No,
}

/// Whether the field's seed values accept what is about to be made. A constraint binds where its
/// bit in `/Ff` is set (table 237).
pub(super) fn check_seed_values(
    pdf: &PdfFile,
    field: &Field,
    options: &PadesOptions,
    offer: &Offer<'_>,
) -> Result<(), PadesError> {
    const FILTER: i64 = 1;
    const SUB_FILTERS: i64 = 1 << 1;
    const REASONS: i64 = 1 << 3;
    const ADD_REV_INFO: i64 = 1 << 5;
    const DIGEST_METHOD: i64 = 1 << 6;
    let at = pdf.latest();
    let seed = pdf.get(&field.dict, "SV", at)?;
    let Some(seed) = seed.as_dict() else {
        return Ok(());
    };
    let required = pdf.get(seed, "Ff", at)?.as_integer().unwrap_or(0);
    let refuse = |demand: String| {
        Err(PadesError::SeedValue {
            field: field.name.clone(),
            demand,
        })
    };
    let filter = pdf.get(seed, "Filter", at)?;
    if let Some(filter) = filter.as_name()
        && required & FILTER != 0
        && *filter != "Adobe.PPKLite"
    {
        return refuse(format!("the signature handler {}", filter.to_text()));
    }
    let list = |key: &str| -> Result<Vec<String>, PdfError> {
        let values = pdf.get(seed, key, at)?;
        let mut out = Vec::new();
        for value in values.as_array().unwrap_or_default() {
            match &*pdf.resolve(value, at)? {
                Object::Name(name) => out.push(name.to_text()),
                Object::String(text) => out.push(text.to_text()),
                _ => {}
            }
        }
        Ok(out)
    };
    let formats = list("SubFilter")?;
    if required & SUB_FILTERS != 0 && !formats.iter().any(|f| f == SUB_FILTER) {
        return refuse(format!("one of the formats {}", formats.join(", ")));
    }
    let digest = offer.signer.digest_algorithm().name();
    let digests = list("DigestMethod")?;
    if required & DIGEST_METHOD != 0
        && !digests.is_empty()
        && !digests
            .iter()
            .any(|d| d.replace('-', "") == digest.replace('-', ""))
    {
        return refuse(format!("one of the digests {}", digests.join(", ")));
    }
    let reasons = list("Reasons")?;
    if required & REASONS != 0 {
        let none_allowed = reasons.is_empty() || reasons == ["."];
        match &options.reason {
            Some(_) if none_allowed => return refuse("that no reason is given".into()),
            Some(reason) if !reasons.contains(reason) => {
                return refuse(format!("one of the reasons {}", reasons.join(", ")));
            }
            None if !none_allowed => {
                return refuse(format!("one of the reasons {}", reasons.join(", ")));
            }
            _ => {}
        }
    }
    if required & ADD_REV_INFO != 0 && pdf.get(seed, "AddRevInfo", at)?.as_bool() == Some(true) {
        return refuse("revocation information in the signature".into());
    }
    let time_stamp = pdf.get(seed, "TimeStamp", at)?;
    if let Some(time_stamp) = time_stamp.as_dict()
        && pdf.get(time_stamp, "Ff", at)?.as_integer() == Some(1)
        && offer.time_stamp == TimeStamped::No
    {
        return refuse("a time-stamp (level b-t)".into());
    }
    if let Some(demand) = certificate_demand(pdf, seed, offer.signer)? {
        return refuse(demand.into());
    }
    let mdp = pdf.get(seed, "MDP", at)?;
    if let Some(p) = mdp.as_dict().and_then(|d| d.integer("P")) {
        let ours = options.certify.map_or(0, Certification::level);
        if p != ours {
            return refuse(match p {
                0 => "that it does not certify the document".into(),
                p => format!("that it certifies the document at level {p}"),
            });
        }
    }
    Ok(())
}

/// What the seed value's certificate dictionary (table 238) demands and this signer does not have.
fn certificate_demand(
    pdf: &PdfFile,
    seed: &Dict,
    signer: &CmsIdentity,
) -> Result<Option<&'static str>, PdfError> {
    const SUBJECT: i64 = 1;
    const ISSUER: i64 = 1 << 1;
    /// OID, SubjectDN, KeyUsage.
    const NOT_CHECKED: i64 = 1 << 2 | 1 << 3 | 1 << 5;
    let at = pdf.latest();
    let demands = pdf.get(seed, "Cert", at)?;
    let Some(demands) = demands.as_dict() else {
        return Ok(None);
    };
    let required = pdf.get(demands, "Ff", at)?.as_integer().unwrap_or(0);
    let lists = |key: &str, certificate: &Certificate| -> Result<bool, PdfError> {
        for value in pdf.get(demands, key, at)?.as_array().unwrap_or_default() {
            let value = pdf.resolve(value, at)?;
            if value
                .as_string()
                .is_some_and(|s| s.bytes == certificate.der())
            {
                return Ok(true);
            }
        }
        Ok(false)
    };
    if required & SUBJECT != 0 && !lists("Subject", signer.certificate())? {
        return Ok(Some("one of the certificates it lists"));
    }
    if required & ISSUER != 0 {
        let mut found = false;
        for issuer in signer.chain() {
            found |= lists("Issuer", issuer)?;
        }
        if !found {
            return Ok(Some("a certificate below one of the issuers it lists"));
        }
    }
    Ok((required & NOT_CHECKED != 0)
        .then_some("properties of the certificate that cannot be checked here"))
}

/// DocMDP with P = 1.
fn forbids_everything(pdf: &PdfFile, signature: &Dict, by: &str) -> Result<(), PadesError> {
    for params in transforms(pdf, signature, "DocMDP")? {
        let p = params.as_dict().map(|d| pdf.get(d, "P", pdf.latest()));
        if p.transpose()?.and_then(|p| p.as_integer()) == Some(NOTHING) {
            return Err(PadesError::ChangesForbidden { by: by.to_owned() });
        }
    }
    Ok(())
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
/// the fields below it as well.
fn locks(pdf: &PdfFile, params: &Object, by: &Field, target: &str) -> Result<(), PadesError> {
    let at = pdf.latest();
    let Some(params) = params.as_dict() else {
        return Ok(());
    };
    let action = pdf.get(params, "Action", at)?;
    let fields = pdf.get(params, "Fields", at)?;
    let mut named = false;
    for field in fields.as_array().unwrap_or_default() {
        let field = pdf.resolve(field, at)?;
        named |= field.as_string().is_some_and(|name| {
            let name = name.to_text();
            target == name
                || target
                    .strip_prefix(&name)
                    .is_some_and(|rest| rest.starts_with('.'))
        });
    }
    let locked = match action.as_name().map(|a| a.as_bytes()) {
        Some(b"All") => true,
        Some(b"Include") => named,
        Some(b"Exclude") => !named,
        _ => false,
    };
    if locked {
        return Err(PadesError::FieldLocked {
            by: by.name.clone(),
            field: target.to_owned(),
        });
    }
    Ok(())
}
