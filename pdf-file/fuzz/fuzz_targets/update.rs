//! Whatever opens and takes an update opens again, with what was added in it.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pdf_file::{Budgets, MemorySource, Object, OpenOptions, PdfFile, Update};

fuzz_target!(|data: &[u8]| {
    let mut budgets = Budgets::default();
    budgets.stream_bytes = 1 << 20;
    budgets.structure_bytes = 4 << 20;
    budgets.scan_bytes = 16 << 20;
    let options = OpenOptions::new().with_budgets(budgets);
    let Ok(pdf) = PdfFile::open(Arc::new(MemorySource::new(data)), options.clone()) else { return };
    let Ok(mut update) = Update::new(&pdf) else { return };
    let added = update.add(Object::string("added"));
    let Ok(appended) = update.finish() else { return };
    let whole = [data, appended.bytes()].concat();
    let again = PdfFile::open(Arc::new(MemorySource::new(whole)), options).expect("the update opens");
    assert_eq!(*again.object(added, again.latest()).expect("the object reads"), Object::string("added"));
});
