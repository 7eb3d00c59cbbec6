//! The fuzzers' seeds, so that the fuzz targets' promises are kept on every test run: what opens
//! can be walked, and takes an update.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::path::Path;

use pdf_file::{Object, Structure, Update};
use support::open;

#[test]
fn every_seed_opens_and_takes_an_update() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/pdf");
    let mut recovered = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let pdf = open(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        for id in pdf.objects(pdf.latest()).collect::<Vec<_>>() {
            let object = pdf.object(id, pdf.latest());
            if let Some(stream) = object.as_ref().ok().and_then(|object| object.as_stream()) {
                let data = pdf.stream_data(stream, pdf.latest());
                assert!(data.is_ok() || name == "broken", "{name}: {id}: {data:?}");
            }
        }
        assert_eq!(
            pdf.pages(pdf.latest()).map(Result::unwrap).count(),
            1,
            "{name}"
        );
        if pdf.structure() != Structure::Clean {
            recovered.push(name.clone());
        }
        let mut update = Update::new(&pdf).unwrap();
        let added = update.add(Object::string("added"));
        let whole = [&bytes, update.finish().unwrap().bytes()].concat();
        let again = open(&whole).unwrap();
        assert_eq!(
            *again.object(added, again.latest()).unwrap(),
            Object::string("added"),
            "{name}"
        );
        count += 1;
    }
    recovered.sort();
    assert_eq!(
        (count, recovered),
        (12, vec!["broken".to_owned(), "scanned".to_owned()])
    );
}
