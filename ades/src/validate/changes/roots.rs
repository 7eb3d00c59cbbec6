//! The objects that a document's catalog and trailer give a role of their own, and the document
//! security store (EN 319 142-1 clause 5.4.2).

use std::collections::BTreeSet;
use std::sync::Arc;

use pdf_file::{ObjId, Object, PdfFile, RevisionId};

/// The objects of a document security store.
const STORE: usize = 100_000;

/// The objects with a rule of their own.
#[derive(Debug, Default)]
pub(super) struct Roots {
    pub(super) catalog: Option<ObjId>,
    pub(super) acro_form: Option<ObjId>,
    pub(super) info: Option<ObjId>,
    pub(super) metadata: Option<ObjId>,
    /// What the document security store consisted of before, and after.
    pub(super) dss: BTreeSet<ObjId>,
    pub(super) new_dss: BTreeSet<ObjId>,
}

impl Roots {
    pub(super) fn find(pdf: &PdfFile, before: RevisionId, after: RevisionId) -> Self {
        let mut roots = Self {
            catalog: pdf.trailer(before).reference("Root"),
            info: pdf.trailer(before).reference("Info"),
            ..Self::default()
        };
        let catalog = |at| pdf.get(pdf.trailer(at), "Root", at).ok();
        if let Some(old) = catalog(before)
            && let Some(old) = old.as_dict()
        {
            roots.acro_form = old.reference("AcroForm");
            roots.metadata = old.reference("Metadata");
            collect(pdf, old.get("DSS"), before, &mut roots.dss);
        }
        if let Some(new) = catalog(after)
            && let Some(new) = new.as_dict()
        {
            collect(pdf, new.get("DSS"), after, &mut roots.new_dss);
        }
        roots
    }
}

/// The indirect objects that a document security store consists of (EN 319 142-1 clause 5.4.2), and
/// no others that it may refer to.
fn collect(pdf: &PdfFile, store: Option<&Object>, at: RevisionId, out: &mut BTreeSet<ObjId>) {
    let mut enter = |object: Option<&Object>| -> Option<Arc<Object>> {
        let object = object?;
        let inner = pdf.resolve(object, at).ok()?;
        if let Object::Reference(id) = object
            && (out.len() >= STORE || !out.insert(*id))
        {
            return None;
        }
        Some(inner)
    };
    let Some(store) = enter(store) else {
        return;
    };
    let Some(store) = store.as_dict() else {
        return;
    };
    let mut lists = Vec::new();
    for key in ["Certs", "OCSPs", "CRLs"] {
        lists.extend(enter(store.get(key)));
    }
    if let Some(related) = enter(store.get("VRI"))
        && let Some(related) = related.as_dict()
    {
        for (_, one) in related.iter() {
            let Some(one) = enter(Some(one)) else {
                continue;
            };
            for key in ["Cert", "OCSP", "CRL", "TS"] {
                lists.extend(enter(one.as_dict().and_then(|d| d.get(key))));
            }
        }
    }
    for list in lists {
        for one in list.as_array().unwrap_or_default() {
            enter(Some(one));
        }
    }
}
