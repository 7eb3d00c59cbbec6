//! Files made to exhaust a reader: each must end in time, with an error that names the budget, or
//! with what little the file really holds.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::time::{Duration, Instant};

use pdf_file::{BudgetKind, Budgets, Object, PdfError, PdfFile, Structure};
use support::{Builder, deflate, latest, open, open_under, skeleton};

fn is_budget<T>(result: Result<T, PdfError>, kind: BudgetKind) -> bool {
    matches!(result, Err(PdfError::Budget { what, .. }) if what == kind)
}

fn small(change: impl FnOnce(&mut Budgets)) -> Budgets {
    let mut budgets = Budgets::default();
    change(&mut budgets);
    budgets
}

/// Reads every object; what fails, fails.
fn walk(pdf: &PdfFile) {
    for id in pdf.objects(pdf.latest()).collect::<Vec<_>>() {
        if let Ok(object) = pdf.object(id, pdf.latest())
            && let Some(stream) = object.as_stream()
        {
            let _ = pdf.stream_data(stream, pdf.latest());
        }
        let _ = pdf.location(id, pdf.latest());
    }
    let _ = pdf.pages(pdf.latest()).take(10_000).count();
}

/// Generous: these run unoptimized, beside other tests, on small machines.
fn ends_in_time(work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "took {took:?}");
}

#[test]
fn a_section_that_is_its_own_predecessor_is_not_read_for_ever() {
    let start = skeleton().bytes.len();
    let bytes = skeleton().table(&format!("/Root 1 0 R /Size 4 /Prev {start}"));
    let pdf = open(&bytes).unwrap();
    assert!(matches!(pdf.structure(), Structure::Recovered { why } if why.contains("leads back")));
}

#[test]
fn a_chain_of_very_many_sections_is_cut_off() {
    let mut bytes = skeleton().table("/Root 1 0 R /Size 4");
    for _ in 0..50 {
        let previous = bytes.windows(5).rposition(|w| w == b"\nxref").unwrap() + 1;
        bytes = Builder::after(bytes).table(&format!("/Root 1 0 R /Size 4 /Prev {previous}"));
    }
    assert_eq!(open(&bytes).unwrap().revisions().len(), 51);
    let result = open_under(&bytes, small(|b| b.xref_sections = 50));
    assert!(is_budget(result, BudgetKind::XrefSections));
}

#[test]
fn a_stream_whose_length_is_itself_still_has_data() {
    let bytes = skeleton()
        .object(4, "<< /Length 4 0 R >>\nstream\nhello\nendstream")
        .object(5, "<< /Length 6 0 R >>\nstream\nhello\nendstream")
        .object(6, "6 0 R")
        .table("/Root 1 0 R /Size 7");
    let pdf = open(&bytes).unwrap();
    for number in [4, 5] {
        let object = latest(&pdf, number).unwrap();
        assert_eq!(
            pdf.stream_data(object.as_stream().unwrap(), pdf.latest())
                .unwrap(),
            b"hello"
        );
    }
    assert!(matches!(
        pdf.resolve(&latest(&pdf, 6).unwrap(), pdf.latest()),
        Err(PdfError::ReferenceCycle { .. })
    ));
}

#[test]
fn object_streams_inside_each_other_hold_nothing() {
    let contained = b"4 0 5 5 (a) (b)";
    let bytes = skeleton()
        .stream(6, "/Type /ObjStm /N 2 /First 8", contained)
        .xref_stream(
            9,
            &[(4, 5, 0), (5, 4, 0), (7, 7, 0), (8, 6, 0)],
            "/Root 1 0 R /Size 10",
        );
    let pdf = open(&bytes).unwrap();
    for number in [4, 5, 7, 8] {
        assert_eq!(
            *latest(&pdf, number).unwrap(),
            Object::Null,
            "object {number}"
        );
    }
}

#[test]
fn an_object_stream_whose_length_it_contains_itself_is_read() {
    let bytes = skeleton()
        .object(
            6,
            "<< /Type /ObjStm /N 2 /First 8 /Length 4 0 R >>\nstream\n4 0 5 3 15 (b)  \nendstream",
        )
        .xref_stream(9, &[(4, 6, 0), (5, 6, 1)], "/Root 1 0 R /Size 10");
    let pdf = open(&bytes).unwrap();
    assert_eq!(*latest(&pdf, 5).unwrap(), Object::string("b"));
}

#[test]
fn references_in_a_ring_end() {
    let ring: Vec<u8> = (4..100)
        .fold(skeleton(), |b, n| {
            b.object(n, format!("{} 0 R", if n == 99 { 50 } else { n + 1 }))
        })
        .table("/Root 1 0 R /Size 100");
    let pdf = open(&ring).unwrap();
    let result = pdf.resolve(&latest(&pdf, 4).unwrap(), pdf.latest());
    assert!(is_budget(result, BudgetKind::ReferenceHops));
}

#[test]
fn bombs_stop_at_the_stream_budget() {
    let zeros = deflate(&vec![0; 8 << 20]);
    let twice = deflate(&zeros);
    let runs: Vec<u8> = [129, 0].repeat(1 << 16);
    let bytes = skeleton()
        .stream(4, "/Filter /FlateDecode", &zeros)
        .stream(5, "/Filter [/FlateDecode /FlateDecode]", &twice)
        .stream(
            6,
            "/Filter [/RunLengthDecode /RunLengthDecode /RunLengthDecode]",
            &runs,
        )
        .stream(7, "/Filter /ASCII85Decode", &b"z".repeat(1 << 20))
        .stream(
            8,
            "/Filter [/FlateDecode/FlateDecode/FlateDecode/FlateDecode/FlateDecode]",
            b"",
        )
        .table("/Root 1 0 R /Size 9");
    let pdf = open_under(
        &bytes,
        small(|b| (b.stream_bytes, b.filters) = (1 << 20, 4)),
    )
    .unwrap();
    for number in 4..=7 {
        let object = latest(&pdf, number).unwrap();
        let data = pdf.stream_data(object.as_stream().unwrap(), pdf.latest());
        assert!(is_budget(data, BudgetKind::StreamBytes), "object {number}");
    }
    let object = latest(&pdf, 8).unwrap();
    assert!(is_budget(
        pdf.stream_data(object.as_stream().unwrap(), pdf.latest()),
        BudgetKind::Filters
    ));
}

#[test]
fn many_object_streams_share_one_budget() {
    let mut contained = b"50 0 (x)".to_vec();
    contained.resize(1 << 20, b' ');
    let data = deflate(&contained);
    let builder = (10..40).fold(skeleton(), |b, n| {
        b.stream(n, "/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode", &data)
    });
    let compressed: Vec<_> = (10..40).map(|n| (n + 100, n, 0)).collect();
    let bytes = builder.xref_stream(99, &compressed, "/Root 1 0 R /Size 200");
    let pdf = open_under(&bytes, small(|b| b.structure_bytes = 10 << 20)).unwrap();
    let failed = (110..140)
        .filter(|&n| is_budget(latest(&pdf, n), BudgetKind::StructureBytes))
        .count();
    assert!((20..30).contains(&failed), "{failed}");
}

#[test]
fn object_streams_that_decode_to_nothing_cost_nothing() {
    // RunLength ends at its first byte; the rest of the data is read for nothing.
    let mut data = vec![b'x'; 1 << 20];
    data[0] = 128;
    let builder = (10..40).fold(skeleton(), |b, n| {
        b.stream(
            n,
            "/Type /ObjStm /N 1 /First 5 /Filter /RunLengthDecode",
            &data,
        )
    });
    let compressed: Vec<_> = (10..40).map(|n| (n + 100, n, 0)).collect();
    let bytes = builder.xref_stream(99, &compressed, "/Root 1 0 R /Size 200");
    let pdf = open_under(&bytes, small(|b| b.structure_bytes = 10 << 20)).unwrap();
    let failed = (110..140)
        .filter(|&n| is_budget(latest(&pdf, n), BudgetKind::StructureBytes))
        .count();
    assert!((20..30).contains(&failed), "{failed}");
}

#[test]
fn a_wrong_index_into_an_object_stream_is_searched_for_every_time() {
    const COUNT: u32 = 200_000;
    let mut header = String::new();
    for n in 0..COUNT {
        header += &format!("{} 0 ", 100 + n);
    }
    let entries = format!(
        "/Type /ObjStm /N {COUNT} /First {} /Filter /FlateDecode",
        header.len()
    );
    let builder = skeleton().stream(10, &entries, &deflate((header + "(x)").as_bytes()));
    // Each place is another object's.
    let compressed: Vec<_> = (0..COUNT).map(|n| (100 + n, 10, 65_535)).collect();
    let bytes = builder.xref_stream(99, &compressed, "/Root 1 0 R /Size 300000");
    ends_in_time(|| {
        let pdf = open(&bytes).unwrap();
        for n in 0..COUNT {
            assert!(latest(&pdf, 100 + n).unwrap().as_string().is_some());
        }
    });
}

#[test]
fn a_cross_reference_stream_cannot_claim_more_rows_than_it_has() {
    for (w, index) in [
        ("[0 0 0]", "[0 4000000000]"),
        ("[1 4 2]", "[0 4000000000]"),
        ("[1 4 2]", "[4294967290 100]"),
    ] {
        let builder = skeleton();
        let start = builder.bytes.len();
        let dict = format!("/Type /XRef /W {w} /Index {index} /Root 1 0 R /Size 4294967295");
        let mut bytes = builder.stream(9, &dict, &[1; 70]).bytes;
        bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        ends_in_time(|| {
            if let Ok(pdf) = open(&bytes) {
                walk(&pdf);
            }
        });
    }
}

#[test]
fn entries_have_a_budget_in_tables_and_in_streams() {
    let entry = "0000000001 00000 n \n";
    let mut table = skeleton().bytes;
    let start = table.len();
    table.extend(format!("xref\n0 4000000000\n{}", entry.repeat(5000)).bytes());
    table.extend(format!("trailer\n<< /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    assert!(is_budget(
        open_under(&table, small(|b| b.objects = 1000)),
        BudgetKind::Objects
    ));

    let rows = deflate(&[1, 0].repeat(1 << 20));
    let builder = skeleton();
    let start = builder.bytes.len();
    let mut stream = builder
        .stream(
            9,
            "/Type /XRef /W [1 1 0] /Size 1048576 /Filter /FlateDecode",
            &rows,
        )
        .bytes;
    stream.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    assert!(is_budget(
        open_under(&stream, small(|b| b.objects = 1000)),
        BudgetKind::Objects
    ));
}

#[test]
fn nesting_has_a_limit_that_the_stack_can_bear() {
    let deep = |levels: usize| {
        let body = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let dicts = format!("{}1{}", "<</A".repeat(levels), ">>".repeat(levels));
        skeleton()
            .object(4, body)
            .object(5, dicts)
            .table("/Root 1 0 R /Size 6")
    };
    let pdf = open_under(&deep(510), small(|b| b.nesting_depth = 10_000)).unwrap();
    for number in [4, 5] {
        let object = latest(&pdf, number).unwrap();
        assert_eq!(*object, (*object).clone());
        pdf.spanned(pdf_file::ObjId::new(number, 0), pdf.latest())
            .unwrap();
    }
    let pdf = open(&deep(1_000_000)).unwrap();
    for number in [4, 5] {
        assert!(is_budget(latest(&pdf, number), BudgetKind::NestingDepth));
    }
}

#[test]
fn values_in_one_object_have_a_budget() {
    let bytes = skeleton()
        .object(4, format!("[{}]", "0 ".repeat(100_000)))
        .table("/Root 1 0 R /Size 5");
    assert_eq!(
        latest(&open(&bytes).unwrap(), 4)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        100_000
    );
    let pdf = open_under(&bytes, small(|b| b.object_values = 1000)).unwrap();
    assert!(is_budget(latest(&pdf, 4), BudgetKind::ObjectValues));
    let pdf = open_under(&bytes, small(|b| b.object_bytes = 10_000)).unwrap();
    assert!(is_budget(latest(&pdf, 4), BudgetKind::ObjectBytes));
}

#[test]
fn a_dictionary_of_very_many_keys_costs_linear_time() {
    let keys: String = (0..200_000)
        .map(|n| format!("/K{} 0", n % 150_000))
        .collect();
    let bytes = skeleton()
        .object(4, format!("<< {keys} >>"))
        .table("/Root 1 0 R /Size 5");
    ends_in_time(|| {
        let pdf = open(&bytes).unwrap();
        let object = latest(&pdf, 4).unwrap();
        let dict = object.as_dict().unwrap();
        assert_eq!(dict.len(), 150_000);
        assert!(dict.has_duplicate_keys());
    });
}

#[test]
fn objects_that_overlap_share_one_budget() {
    let body = "x".repeat(3000);
    let mut builder = skeleton();
    for number in 4..2000 {
        let offset = builder.bytes.len();
        builder.bytes.extend(format!("{number} 0 obj(").bytes());
        builder = builder.entry(number, offset);
    }
    builder.bytes.extend(body.bytes());
    let bytes = builder.table("/Root 1 0 R /Size 2000");
    ends_in_time(|| {
        let pdf = open_under(&bytes, small(|b| b.long_object_bytes = 1 << 20)).unwrap();
        assert!((4..2000).any(|n| is_budget(latest(&pdf, n), BudgetKind::LongObjectBytes)));
    });
}

#[test]
fn streams_without_end_share_the_scan_budget() {
    let builder = (4..200).fold(skeleton(), |b, n| b.object(n, "<< /Length 99 >> stream\nx"));
    let bytes = builder.table("/Root 1 0 R /Size 200");
    let bytes: Vec<u8> = [&bytes[..], b"%", &vec![b' '; 100_000]].concat();
    let bytes = bytes
        .iter()
        .copied()
        .chain(*b"\nstartxref\n")
        .chain(last_startxref(&bytes))
        .chain(*b"\n%%EOF\n")
        .collect::<Vec<u8>>();
    let pdf = open_under(&bytes, small(|b| b.scan_bytes = 1 << 20)).unwrap();
    ends_in_time(|| walk(&pdf));
}

fn last_startxref(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.split("startxref\n")
        .last()
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .as_bytes()
        .to_vec()
}

#[test]
fn page_trees_that_repeat_or_contain_themselves_end() {
    let ring = Builder::new()
        .object(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .object(2, "<< /Type /Pages /Kids [3 0 R 2 0 R] >>")
        .object(3, "<< /Type /Page >>")
        .table("/Root 1 0 R /Size 4");
    let pdf = open(&ring).unwrap();
    let pages: Vec<_> = pdf.pages(pdf.latest()).collect();
    assert!(
        matches!(pages.as_slice(), [Ok(_), Err(PdfError::PageTree { .. })]),
        "{pages:?}"
    );

    // Every level doubles the pages.
    let doubling = (2..60)
        .fold(
            Builder::new().object(1, "<< /Type /Catalog /Pages 2 0 R >>"),
            |b, n| {
                b.object(
                    n,
                    format!("<< /Type /Pages /Kids [{} 0 R {} 0 R] >>", n + 1, n + 1),
                )
            },
        )
        .object(60, "<< /Type /Pages /Kids [] >>")
        .table("/Root 1 0 R /Size 61");
    let pdf = open_under(&doubling, small(|b| b.page_nodes = 10_000)).unwrap();
    let last = pdf.pages(pdf.latest()).last().unwrap();
    assert!(is_budget(last, BudgetKind::PageNodes));
}

#[test]
fn objects_that_a_scan_finds_take_memory_without_limit() {
    let few = || small(|b| b.objects = 1000);
    let bytes = [&b"%PDF-1.7\n"[..], &b"1 0 obj ".repeat(2000)].concat();
    assert!(is_budget(open_under(&bytes, few()), BudgetKind::Objects));
    // And those that the object streams say they contain.
    let index: String = (10..1500).map(|n| format!("{n} 0 ")).collect();
    let bytes = skeleton()
        .stream(
            4,
            &format!("/Type /ObjStm /N 1490 /First {}", index.len()),
            index.as_bytes(),
        )
        .bytes;
    assert!(is_budget(open_under(&bytes, few()), BudgetKind::Objects));
    let trailers = [&skeleton().bytes[..], &b"trailer ".repeat(50_000)].concat();
    assert!(open(&trailers).is_ok());
}

#[test]
fn recovery_is_linear_in_whatever_the_file_repeats() {
    let patterns: [&[u8]; 8] = [
        b"1 0 obj ",
        b"1 0 obj ( ",
        b"1 0 obj [ << ",
        b">> stream\n",
        b"trailer << ( ",
        b"1 0 obj<</Type/ObjStm/N 9/First 9>>stream\nendstream ",
        b"startxref 0 %%EOF ",
        b"0000000000",
    ];
    for pattern in patterns {
        let bytes: Vec<u8> = b"%PDF-1.7\n"
            .iter()
            .chain(pattern)
            .copied()
            .chain(pattern.repeat((1 << 20) / pattern.len()))
            .collect();
        ends_in_time(|| {
            if let Ok(pdf) = open(&bytes) {
                walk(&pdf);
            }
        });
    }
}

#[test]
fn what_is_no_pdf_is_called_so() {
    assert!(matches!(open(b""), Err(PdfError::Empty)));
    for bytes in [&b"hello"[..], &[0; 5000], b"%%EOF", b"startxref\n0\n%%EOF"] {
        let error = open(bytes).unwrap_err();
        assert!(matches!(error, PdfError::NotPdf { .. }), "{error}");
        assert!(error.hint().is_some());
    }
    assert!(matches!(
        open(b"%PDF-1.7\nnothing else"),
        Err(PdfError::Unrecoverable { .. })
    ));
}
