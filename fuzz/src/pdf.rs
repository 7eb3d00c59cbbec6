//! Files that somebody signed.

use std::sync::Arc;

use ades::validate::{Indication, Input, Material, ValidationPolicy, gather, verdict};
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
