//! What a signature forbids to later revisions: the permissions of a certification (ISO 32000-2,
//! 12.8.2.2), the fields that it locks (12.8.2.4), and the lock of its own field (table 236).
//!
//! Where several say something, all of them bind. What cannot be read forbids the most.

use pdf_file::{Dict, Object, PdfFile, RevisionId};

use crate::validate::facts::{DocMdp, FieldLock};

/// References looked at, in one signature.
const REFERENCES: usize = 16;
/// `/P` of a DocMDP that does not say it (table 257).
const DEFAULT: f64 = 2.0;

/// What a signature forbids.
#[derive(Debug, Default)]
pub(super) struct Restrictions {
    pub(super) doc_mdp: Option<DocMdp>,
    pub(super) locks: Vec<FieldLock>,
}

impl Restrictions {
    /// Those of a signature dictionary and of the field it stands in, as of the revision it covers.
    pub(super) fn read(pdf: &PdfFile, signature: &Dict, field: &Dict, at: RevisionId) -> Self {
        let mut out = Self::default();
        for (method, parameters) in transforms(pdf, signature, at) {
            match method.as_str() {
                "DocMDP" => {
                    let p = number(pdf, &parameters, "P", at);
                    out.permit(p.unwrap_or(DEFAULT));
                }
                "FieldMDP" => out.lock(pdf, &parameters, at),
                _ => {}
            }
        }
        if let Ok(lock) = pdf.get(field, "Lock", at)
            && let Some(lock) = lock.as_dict()
        {
            out.lock(pdf, lock, at);
        }
        out
    }

    /// The fields that a lock names, and its `/P`, which binds like that of a certification.
    fn lock(&mut self, pdf: &PdfFile, lock: &Dict, at: RevisionId) {
        if let Some(p) = number(pdf, lock, "P", at) {
            self.permit(p);
        }
        let lock = field_lock(pdf, lock, at);
        if !self.locks.contains(&lock) {
            self.locks.push(lock);
        }
    }

    fn permit(&mut self, p: f64) {
        let level = match p {
            1.0 => DocMdp::NoChanges,
            3.0 => DocMdp::Annotations,
            _ => DocMdp::FormFilling,
        };
        self.doc_mdp = Some(self.doc_mdp.map_or(level, |other| other.min(level)));
    }
}

/// The method and the parameters of each signature reference (12.8.2.1).
fn transforms(pdf: &PdfFile, signature: &Dict, at: RevisionId) -> Vec<(String, Dict)> {
    let Ok(references) = pdf.get(signature, "Reference", at) else {
        return Vec::new();
    };
    let transform = |one: &Object| {
        let one = pdf.resolve(one, at).ok()?;
        let one = one.as_dict()?;
        let method = pdf.get(one, "TransformMethod", at).ok()?;
        let parameters = pdf.get(one, "TransformParams", at).ok();
        Some((
            method.as_name()?.to_text(),
            parameters
                .and_then(|p| p.as_dict().cloned())
                .unwrap_or_default(),
        ))
    };
    let list = references.as_array().unwrap_or_default();
    list.iter().take(REFERENCES).filter_map(transform).collect()
}

fn number(pdf: &PdfFile, dict: &Dict, key: &str, at: RevisionId) -> Option<f64> {
    pdf.get(dict, key, at).ok()?.as_number()
}

/// What cannot be read locks every field.
fn field_lock(pdf: &PdfFile, lock: &Dict, at: RevisionId) -> FieldLock {
    let names = || -> Option<Vec<String>> {
        let names = pdf.get(lock, "Fields", at).ok()?;
        let names = names.as_array()?.iter().map(|name| {
            let name = pdf.resolve(name, at).ok()?;
            Some(name.as_string()?.to_text())
        });
        names.collect()
    };
    let action = pdf.get(lock, "Action", at).ok();
    let action = action.as_ref().and_then(|a| a.as_name());
    match (action.and_then(|a| a.as_str()), names()) {
        (Some("Include"), Some(names)) => FieldLock::Include(names),
        (Some("Exclude"), Some(names)) => FieldLock::Exclude(names),
        _ => FieldLock::All,
    }
}
