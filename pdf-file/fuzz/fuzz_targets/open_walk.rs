//! Opens whatever comes and reads all of it. Run with
//! `cargo +nightly fuzz run open_walk fuzz/corpus fuzz/seeds`.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pdf_file::{Budgets, MemorySource, OpenOptions, PdfFile};

fuzz_target!(|data: &[u8]| {
    let mut budgets = Budgets::default();
    budgets.stream_bytes = 1 << 20;
    budgets.structure_bytes = 4 << 20;
    budgets.long_object_bytes = 16 << 20;
    budgets.scan_bytes = 16 << 20;
    budgets.page_nodes = 1000;
    let options = OpenOptions::new().with_budgets(budgets);
    let Ok(pdf) = PdfFile::open(Arc::new(MemorySource::new(data)), options) else { return };
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
            assert!(spanned.whole.start <= spanned.spans.span.start && spanned.whole.end <= pdf.len());
        }
    }
    let _ = pdf.pages(pdf.latest()).count();
});
