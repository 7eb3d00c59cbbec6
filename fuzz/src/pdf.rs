//! Files that somebody signed.

use std::sync::Arc;

use ades::validate::{
    Coverage, Indication, Input, Material, Modifications, ValidationPolicy, gather, verdict,
};
use pdf_file::{Budgets, MemorySource, Object, OpenOptions, PdfFile, Update};
use pki_asn1::UnixTime;

/// Whatever opens can be read to its end; what takes an update opens again, with what was added in it.
pub(crate) fn walk_and_update(input: &[u8]) {
    let options = OpenOptions::new().with_budgets(small());
    let Ok(pdf) = PdfFile::open(Arc::new(MemorySource::new(input)), options.clone()) else {
        return;
    };
    walk(&pdf);
    let Ok(mut update) = Update::new(&pdf) else {
        return;
    };
    let added = update.add(Object::string("added"));
    let Ok(appended) = update.finish() else {
        return;
    };
    let whole = [input, appended.bytes()].concat();
    let again = PdfFile::open(Arc::new(MemorySource::new(whole)), options).unwrap();
    assert_eq!(
        *again.object(added, again.latest()).unwrap(),
        Object::string("added")
    );
}

fn walk(pdf: &PdfFile) {
    for revision in pdf.revisions() {
        assert!(revision.eof <= revision.end && revision.end <= pdf.len());
        let _ = pdf.changed_objects(revision.id).count();
    }
    for id in pdf.objects(pdf.latest()).collect::<Vec<_>>() {
        if let Ok(object) = pdf.object(id, pdf.latest())
            && let Some(stream) = object.as_stream()
        {
            let _ = pdf.stream_data(stream, pdf.latest());
        }
        if let Ok(spanned) = pdf.spanned(id, pdf.latest()) {
            assert!(spanned.whole.start <= spanned.spans.span.start);
            assert!(spanned.whole.end <= pdf.len());
        }
    }
    let _ = pdf.pages(pdf.latest()).count();
}

fn small() -> Budgets {
    let mut budgets = Budgets::default();
    budgets.stream_bytes = 1 << 20;
    budgets.structure_bytes = 4 << 20;
    budgets.long_object_bytes = 16 << 20;
    budgets.scan_bytes = 16 << 20;
    budgets.page_nodes = 1000;
    budgets
}

/// Any file, PDF or CMS: a verdict or an error, and never TOTAL-PASSED without an anchor.
pub(crate) fn validate(input: &[u8]) {
    let input = Input {
        source: Arc::new(MemorySource::new(input)),
        content: None,
        pdf_options: OpenOptions::new().with_budgets(small()),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    if let Ok(facts) = gather(&input, Material::default(), now, None) {
        let verdict = verdict(&facts, &ValidationPolicy::default(), now);
        assert_ne!(verdict.indication, Some(Indication::TotalPassed));
    }
}

/// A signed document with one page and one field.
const SIGNED: &[u8] = include_bytes!("signed.pdf");

/// Anything appended to a signed document: where the report says that no more than forms were filled in,
/// the pages are those that were signed.
pub(crate) fn revisions(input: &[u8]) {
    let open = |bytes: Vec<u8>| {
        let options = OpenOptions::new().with_budgets(small());
        PdfFile::open(Arc::new(MemorySource::new(bytes)), options)
    };
    let whole = [SIGNED, input].concat();
    let file = Input {
        source: Arc::new(MemorySource::new(whole.clone())),
        content: None,
        pdf_options: OpenOptions::new().with_budgets(small()),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    let Ok(facts) = gather(&file, Material::default(), now, None) else {
        return;
    };
    let verdict = verdict(&facts, &ValidationPolicy::default(), now);
    assert_ne!(verdict.indication, Some(Indication::TotalPassed));
    let harmless = facts
        .signatures
        .iter()
        .filter_map(|s| s.pdf.as_ref())
        .any(|p| {
            p.signed_end == Some(SIGNED.len() as u64)
                && matches!(p.coverage, Coverage::WholeFile | Coverage::WholeRevision)
                && p.changes.level <= Modifications::FormFilling
        });
    if harmless && let (Ok(before), Ok(after)) = (open(SIGNED.to_vec()), open(whole)) {
        assert_eq!(shown(&before), shown(&after));
    }
}

/// Size and content of each page.
fn shown(pdf: &PdfFile) -> Vec<([f64; 4], Vec<u8>)> {
    let at = pdf.latest();
    let content = |dict: &Object| {
        let contents = pdf.get(dict.as_dict()?, "Contents", at).ok()?;
        pdf.stream_data(contents.as_stream()?, at).ok()
    };
    pdf.pages(at)
        .map_while(Result::ok)
        .map(|page| (page.media_box, content(&page.dict).unwrap_or_default()))
        .collect()
}
