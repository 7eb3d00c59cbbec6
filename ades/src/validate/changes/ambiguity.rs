//! Documents that readers show differently: keys that stand twice, objects that two cross-reference
//! entries place differently, and objects outside of what the file says it consists of.

use std::ops::Range;

use pdf_file::{Ambiguity, ObjId, Object, PdfFile, RevisionId};

use crate::validate::facts::{Finding, PdfAttack};

/// Pages looked at; the rest is where the pages are alike.
const PAGES: usize = 2_000;

/// What of the signed document, up to revision `signed`, can be read in more than one way. `skeleton`
/// is what [`skeleton`] found in it.
pub(in crate::validate) fn ambiguities(
    pdf: &PdfFile,
    signed: usize,
    skeleton: &[Finding],
) -> Vec<Finding> {
    let mut out = Vec::new();
    for one in pdf.ambiguities() {
        match one {
            Ambiguity::TwoEntries { number, revision } if revision.0 <= signed => {
                out.push(Finding::new(
                    PdfAttack::AmbiguousXref,
                    format!(
                        "the cross-reference data of revision {} places object {number} twice",
                        revision.0 + 1
                    ),
                ));
            }
            Ambiguity::TwoBeginnings => out.push(Finding::new(
                PdfAttack::AmbiguousXref,
                "offsets lead to two different structures, counted from the header and from the first byte",
            )),
            _ => {}
        }
    }
    let header = pdf.header_offset();
    if header > 0 && objects_in(pdf, 0..header) == Bytes::Objects {
        out.push(Finding::new(
            PdfAttack::ObjectsBeforeHeader,
            "there are objects before the header, which only some readers see",
        ));
    }
    out.extend(skeleton.iter().cloned());
    out.truncate(8);
    out
}

/// The same of one later revision.
pub(super) fn in_revision(pdf: &PdfFile, at: RevisionId) -> impl Iterator<Item = Finding> + '_ {
    pdf.ambiguities().iter().filter_map(move |one| match one {
        Ambiguity::TwoEntries { number, revision } if *revision == at => Some(Finding::new(
            PdfAttack::AmbiguousXref,
            format!(
                "the cross-reference data of revision {} places object {number} twice",
                at.0 + 1
            ),
        )),
        _ => None,
    })
}

/// Keys with two values in what holds the document together.
pub(in crate::validate) fn skeleton(pdf: &PdfFile, at: RevisionId) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut look = |what: &dyn Fn() -> String, object: &Object| {
        if out.len() < PAGES && has_conflicts(object) {
            out.push(Finding::new(
                PdfAttack::DuplicateKeys,
                format!(
                    "a key of {} stands there twice, with different values",
                    what()
                ),
            ));
        }
    };
    let trailer = pdf.trailer(at);
    look(&|| "the trailer".into(), &Object::Dict(trailer.clone()));
    if let Ok(catalog) = pdf.get(trailer, "Root", at) {
        look(&|| "the catalog".into(), &catalog);
        for (key, what) in [("Pages", "the page tree"), ("AcroForm", "the form")] {
            let value = catalog.as_dict().map(|c| pdf.get(c, key, at));
            if let Some(Ok(value)) = value {
                look(&|| what.into(), &value);
            }
        }
    }
    for page in pdf.pages(at).take(PAGES).map_while(Result::ok) {
        look(&|| format!("page {}", page.index + 1), &page.dict);
        if let Some(Ok(resources)) = page.resources.map(|r| pdf.resolve(&r, at)) {
            look(
                &|| format!("the resources of page {}", page.index + 1),
                &resources,
            );
        }
    }
    out
}

/// A key of an object that stands twice, with different values.
pub(super) fn conflict(id: ObjId, object: &Object) -> Result<(), Finding> {
    if has_conflicts(object) {
        return Err(Finding::new(
            PdfAttack::DuplicateKeys,
            format!("a key of object {id} stands there twice, with different values"),
        ));
    }
    Ok(())
}

/// Values are as deep as the reader allows, no deeper.
fn has_conflicts(object: &Object) -> bool {
    match object {
        Object::Array(list) => list.iter().any(has_conflicts),
        Object::Dict(dict) => {
            dict.has_conflicting_keys() || dict.iter().any(|(_, value)| has_conflicts(value))
        }
        Object::Stream(stream) => {
            stream.dict.has_conflicting_keys()
                || stream.dict.iter().any(|(_, value)| has_conflicts(value))
        }
        _ => false,
    }
}

/// What bytes outside of the structure hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bytes {
    Blank,
    Other,
    Objects,
}

pub(super) fn objects_in(pdf: &PdfFile, range: Range<u64>) -> Bytes {
    const STEP: u64 = 64 << 10;
    let mut found = Bytes::Blank;
    let mut at = range.start;
    let mut tail: Vec<u8> = Vec::new();
    while at < range.end {
        let n = (range.end - at).min(STEP);
        let mut buffer = tail.clone();
        let kept = buffer.len();
        buffer.resize(kept + n as usize, 0);
        if pdf.source().read_exact_at(at, &mut buffer[kept..]).is_err() {
            return Bytes::Other;
        }
        if buffer
            .windows(4)
            .any(|w| w.starts_with(b" obj") || w.starts_with(b"\nobj") || w.starts_with(b"\robj"))
        {
            return Bytes::Objects;
        }
        if buffer.iter().any(|b| !b" \r\n\t\0\x0c".contains(b)) {
            found = Bytes::Other;
        }
        tail = buffer[buffer.len().saturating_sub(3)..].to_vec();
        at += n;
    }
    found
}
