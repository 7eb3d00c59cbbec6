//! Files that break the rules in ways whose meaning is clear, and files that must be scanned.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use pdf_file::{Dict, Object, PdfError, PdfFile, Structure, Update, XrefKind};
use support::{Builder, latest, open, skeleton};

fn is_sound(pdf: &PdfFile) {
    assert_eq!(pdf.structure(), Structure::Clean);
    assert_eq!(pdf.pages(pdf.latest()).map(Result::unwrap).count(), 1);
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes
        .windows(from.len())
        .rposition(|w| w == from.as_bytes())
        .unwrap();
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

#[test]
fn entries_of_other_lengths_are_read() {
    for ending in ["\n", " \n", "\r\n", " \r\n", "\r", "  \r\n"] {
        let mut bytes = skeleton().bytes;
        let start = bytes.len();
        let places: Vec<usize> = (1..=3)
            .map(|n| {
                bytes
                    .windows(8)
                    .position(|w| w == format!("{n} 0 obj\n").as_bytes())
                    .unwrap()
            })
            .collect();
        let mut table = format!("xref\n0 4{ending}0000000000 65535 f{ending}");
        for place in places {
            table += &format!("{place:010} 00000 n{ending}");
        }
        bytes.extend(
            format!("{table}trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n{start}\n%%EOF").bytes(),
        );
        is_sound(&open(&bytes).unwrap());
    }
}

#[test]
fn a_table_that_counts_from_one_is_understood() {
    let mut bytes = skeleton().bytes;
    let start = bytes.len();
    let place = |n: u32| {
        bytes
            .windows(8)
            .position(|w| w == format!("{n} 0 obj\n").as_bytes())
            .unwrap()
    };
    let rows: String = (1..=3)
        .map(|n| format!("{:010} 00000 n \n", place(n)))
        .collect();
    let table = format!("xref\n1 4\n0000000000 65535 f \n{rows}trailer\n<</Root 1 0 R/Size 4>>\n");
    bytes.extend(format!("{table}startxref\n{start}\n%%EOF").bytes());
    is_sound(&open(&bytes).unwrap());
}

#[test]
fn a_startxref_a_few_bytes_off_is_understood() {
    let bytes = skeleton().table("/Root 1 0 R /Size 4");
    let start = bytes.windows(5).rposition(|w| w == b"\nxref").unwrap() + 1;
    for off in [-20i64, -1, 1, 3] {
        let wrong = (start as i64 + off).to_string();
        is_sound(
            &open(&replaced(
                &bytes,
                &format!("startxref\n{start}"),
                &format!("startxref\n{wrong}"),
            ))
            .unwrap(),
        );
    }
}

#[test]
fn a_file_without_its_last_marker_is_understood() {
    let bytes = skeleton().table("/Root 1 0 R /Size 4");
    is_sound(&open(&replaced(&bytes, "\n%%EOF\n", "\n")).unwrap());
    is_sound(&open(&replaced(&bytes, "\n%%EOF\n", "")).unwrap());
    is_sound(&open(&[&bytes[..], &b"\0".repeat(900)].concat()).unwrap());
}

#[test]
fn an_update_of_a_file_without_last_line_end_begins_on_a_line_of_its_own() {
    let bytes = replaced(&skeleton().table("/Root 1 0 R /Size 4"), "%%EOF\n", "%%EOF");
    let pdf = open(&bytes).unwrap();
    let mut update = Update::new(&pdf).unwrap();
    update.add(Dict::new());
    let appended = update.finish().unwrap();
    assert!(appended.bytes().starts_with(b"\n4 0 obj"));
    assert!(appended.bytes().ends_with(b"\n%%EOF\n"));
    is_sound(&open(&[&bytes, appended.bytes()].concat()).unwrap());
}

#[test]
fn a_wrong_stream_length_yields_to_endstream() {
    for (length, data) in [
        ("3", "hello"),
        ("99999", "hello"),
        ("-1", "hello"),
        ("(x)", "hello"),
        ("9 0 R", "hello"),
    ] {
        for ending in ["\nendstream\nendobj", "\r\nendstream endobj", "\nendobj"] {
            let bytes = skeleton()
                .object(
                    4,
                    format!("<< /Length {length} >>\nstream\r\n{data}{ending}\n%"),
                )
                .table("/Root 1 0 R /Size 5");
            let pdf = open(&bytes).unwrap();
            let object = latest(&pdf, 4).unwrap();
            let found = pdf
                .stream_data(object.as_stream().unwrap(), pdf.latest())
                .unwrap();
            assert_eq!(
                found.escape_ascii().to_string(),
                data,
                "{length} {ending:?}"
            );
        }
    }
}

#[test]
fn objects_without_endobj_and_with_odd_spacing_are_read() {
    let mut builder = skeleton();
    for (number, text) in [
        (4, "4 0 obj(a)"),
        (5, "5\r0\tobj<</A/B>>"),
        (6, "6 0 obj 12endobj"),
        (7, "7 0 obj endobj"),
    ] {
        let offset = builder.bytes.len();
        builder = builder.entry(number, offset);
        builder.bytes.extend(text.bytes());
        builder.bytes.push(b'\n');
    }
    let pdf = open(&builder.table("/Root 1 0 R /Size 8")).unwrap();
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("a"));
    assert!(latest(&pdf, 5).unwrap().as_dict().unwrap().is("A", "B"));
    assert_eq!(*latest(&pdf, 6).unwrap(), Object::Integer(12));
    assert!(latest(&pdf, 7).unwrap().is_null());
    assert_eq!(pdf.structure(), Structure::Clean);
}

#[test]
fn an_object_that_is_elsewhere_is_found_and_the_damage_told() {
    let builder = skeleton().object(4, "(here)");
    let bytes = replaced(
        &builder.table("/Root 1 0 R /Size 5"),
        "4 1\n0000000",
        "4 1\n0000001",
    );
    let pdf = open(&bytes).unwrap();
    assert_eq!(pdf.structure(), Structure::Clean);
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("here"));
    assert!(matches!(pdf.structure(), Structure::Recovered { why } if why.contains("object 4 0")));
}

/// Cross-reference data gone: the update brings a complete one, so that the next reader needs no scan.
#[test]
fn an_update_of_a_scanned_file_repairs_it() {
    let plain = skeleton().object(4, "(four)").table("/Root 1 0 R /Size 5");
    let compressed = Builder::new()
        .stream(6, "/Type /ObjStm /N 3 /First 14", b"1 0 2 34 3 76 << /Type /Catalog /Pages 2 0 R >>  << /Type /Pages /Kids [3 0 R] /Count 1>> << /Type /Page /Parent 2 0 R>>")
        .object(4, "(four)")
        .xref_stream(7, &[(1, 6, 0), (2, 6, 1), (3, 6, 2)], "/Root 1 0 R /Size 8");
    for (bytes, kind) in [(plain, XrefKind::Table), (compressed, XrefKind::Stream)] {
        let end = bytes.windows(9).rposition(|w| w == b"startxref").unwrap();
        for damaged in [
            bytes[..end].to_vec(),
            [&b"junk "[..], &bytes[..end]].concat(),
        ] {
            let pdf = open(&damaged).unwrap();
            assert!(matches!(pdf.structure(), Structure::Recovered { .. }));
            assert_eq!(pdf.revisions().len(), 1);
            assert_eq!(pdf.revisions()[0].end, damaged.len() as u64);
            let mut update = Update::new(&pdf).unwrap();
            let added = update.add(Object::string("added"));
            let whole = [&damaged, update.finish().unwrap().bytes()].concat();
            let pdf = open(&whole).unwrap();
            is_sound(&pdf);
            assert_eq!(pdf.revisions()[0].xref_kind, kind);
            assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("four"));
            assert_eq!(
                *pdf.object(added, pdf.latest()).unwrap(),
                Object::string("added")
            );
        }
    }
}

#[test]
fn of_an_object_saved_twice_the_scan_takes_the_later() {
    let bytes = skeleton().object(4, "(one)").object(4, "(two)").bytes;
    let pdf = open(&bytes).unwrap();
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("two"));
}

#[test]
fn a_file_with_objects_before_its_header_takes_no_update() {
    let objects = skeleton().bytes.split_off(15);
    let bytes = [&objects[..], b"%PDF-1.7\n4 0 obj\n(four)\nendobj\n"].concat();
    let pdf = open(&bytes).unwrap();
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("four"));
    assert!(matches!(
        Update::new(&pdf),
        Err(PdfError::NotAppendable { .. })
    ));
}

#[test]
fn object_number_zero_is_no_object() {
    let bytes = Builder::new()
        .object(0, "<< /Type /Catalog /Pages 2 0 R >>")
        .object(2, "<< /Type /Pages /Kids [3 0 R] >>")
        .object(3, "<< /Type /Page >>")
        .table("/Root 0 0 R /Size 4");
    assert!(matches!(open(&bytes), Err(PdfError::Unrecoverable { .. })));
}
