#![no_main]
//! A batch of orders: records, heading, rows.

use ca_core::batch::{BatchRow, Columns, CsvReader, Defaults};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut reader = CsvReader::new(input);
    let Ok(Some(Ok(heading))) = reader.next_record() else {
        return;
    };
    let Ok(columns) = Columns::parse(&heading) else {
        return;
    };
    while let Ok(Some(record)) = reader.next_record() {
        let Ok(record) = record else { continue };
        if let Ok(row) = BatchRow::parse(&record, &columns, &Defaults::default()) {
            let stem = row.id.file_stem();
            assert!(!stem.contains('/') && !stem.starts_with('.'));
            let _ = row.digest("", None);
        }
    }
});
