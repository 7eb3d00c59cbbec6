//! The chain of revisions: what each one changed, where it ends, and where its objects lie.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::path::Path;
use std::process::Command;

use pdf_file::{
    Dict, Location, ObjId, Object, PdfFile, ReservedKey, RevisionId, Structure, Update, XrefKind,
};
use support::{Builder, latest, open, skeleton};

fn id(number: u32) -> ObjId {
    ObjId::new(number, 0)
}

fn xref_offset(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    text.rsplit("startxref\n")
        .next()
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

fn changed(pdf: &PdfFile, revision: usize) -> Vec<u32> {
    pdf.changed_objects(RevisionId(revision))
        .map(|id| id.number)
        .collect()
}

/// Three saves: a file, a change of object 4 with a new object 5, and object 5 freed.
fn three_saves() -> Vec<u8> {
    let first = skeleton().object(4, "(one)").table("/Root 1 0 R /Size 5");
    let previous = xref_offset(&first);
    let second = Builder::after(first)
        .object(4, "(two)")
        .object(5, "(new)")
        .table(&format!("/Root 1 0 R /Size 6 /Prev {previous}"));
    let previous = xref_offset(&second);
    let mut third = second;
    let start = third.len();
    third.extend(b"xref\n0 1\n0000000005 65535 f \n5 1\n0000000000 00001 f \n");
    third.extend(
        format!("trailer\n<< /Root 1 0 R /Size 6 /Prev {previous} >>\nstartxref\n{start}\n%%EOF\n")
            .bytes(),
    );
    third
}

#[test]
fn every_revision_sees_its_own_objects_and_none_later() {
    let bytes = three_saves();
    let pdf = open(&bytes).unwrap();
    assert_eq!(pdf.structure(), Structure::Clean);
    let text = |number, at| {
        pdf.object(id(number), RevisionId(at))
            .unwrap()
            .as_string()
            .map(|s| s.to_text())
    };
    let four: Vec<_> = (0..3).map(|at| text(4, at)).collect();
    assert_eq!(
        four,
        [
            Some("one".to_owned()),
            Some("two".to_owned()),
            Some("two".to_owned())
        ]
    );
    let five: Vec<_> = (0..3).map(|at| text(5, at)).collect();
    assert_eq!(five, [None, Some("new".to_owned()), None]);
    assert_eq!(
        [changed(&pdf, 0), changed(&pdf, 1), changed(&pdf, 2)],
        [vec![1, 2, 3, 4], vec![4, 5], vec![5]]
    );
    assert_eq!(
        pdf.location(id(5), RevisionId(2)),
        Some(Location::Free {
            revision: RevisionId(2)
        })
    );
    assert_eq!(pdf.location(id(5), RevisionId(0)), None);
    // Another generation is another object.
    assert!(
        pdf.object(ObjId::new(4, 1), pdf.latest())
            .unwrap()
            .is_null()
    );
}

#[test]
fn a_revision_ends_after_its_own_end_of_file_marker() {
    let bytes = three_saves();
    let pdf = open(&bytes).unwrap();
    let marks: Vec<u64> = bytes
        .windows(5)
        .enumerate()
        .filter(|(_, w)| *w == b"%%EOF")
        .map(|(at, _)| at as u64 + 5)
        .collect();
    let eofs: Vec<u64> = pdf.revisions().iter().map(|r| r.eof).collect();
    let ends: Vec<u64> = pdf.revisions().iter().map(|r| r.end).collect();
    assert_eq!(eofs, marks);
    assert_eq!(ends, marks.iter().map(|m| m + 1).collect::<Vec<_>>());
    assert!(
        pdf.revisions()
            .iter()
            .all(|r| r.closed && r.xref_kind == XrefKind::Table)
    );
    // What a revision wrote lies inside it.
    let Some(Location::InFile { span, revision }) = pdf.location(id(4), pdf.latest()) else {
        panic!()
    };
    assert_eq!(revision, RevisionId(1));
    assert!(ends[0] <= span.start && span.end < ends[1]);
    assert_eq!(
        &bytes[span.start as usize..span.end as usize],
        b"4 0 obj\n(two)\nendobj"
    );
}

#[test]
fn bytes_after_the_last_revision_are_told() {
    let bytes = three_saves();
    assert!(open(&bytes).unwrap().bytes_after_latest().is_empty());
    let end = bytes.len() as u64;
    let longer = [&bytes[..], b"9 0 obj (hidden) endobj"].concat();
    assert_eq!(open(&longer).unwrap().bytes_after_latest(), end..end + 23);
}

#[test]
fn a_marker_inside_a_stream_does_not_end_a_revision() {
    let first = skeleton()
        .stream(4, "", b"startxref\n7\n%%EOF\n")
        .table("/Root 1 0 R /Size 5");
    let len = first.len() as u64;
    let previous = xref_offset(&first);
    let second = Builder::after(first)
        .stream(5, "", b"startxref\n9\n%%EOF\n")
        .table(&format!("/Root 1 0 R /Size 6 /Prev {previous}"));
    let pdf = open(&second).unwrap();
    let ends: Vec<u64> = pdf.revisions().iter().map(|r| r.end).collect();
    assert_eq!(ends, [len, second.len() as u64]);
}

#[test]
fn entries_repeated_unchanged_are_no_change() {
    let first = skeleton().object(4, "(one)").table("/Root 1 0 R /Size 5");
    let previous = xref_offset(&first);
    let at = first.windows(8).position(|w| w == b"2 0 obj\n").unwrap();
    let second = Builder::after(first)
        .entry(2, at)
        .object(4, "(two)")
        .table(&format!("/Root 1 0 R /Size 5 /Prev {previous}"));
    assert_eq!(changed(&open(&second).unwrap(), 1), [4]);
}

#[test]
fn replacing_an_object_stream_changes_what_it_contains() {
    let first = skeleton()
        .stream(6, "/Type /ObjStm /N 2 /First 8", b"4 0 5 4 (a) (b)")
        .xref_stream(7, &[(4, 6, 0), (5, 6, 1)], "/Root 1 0 R /Size 8");
    let previous = xref_offset(&first);
    let second = Builder::after(first)
        .stream(6, "/Type /ObjStm /N 2 /First 8", b"4 0 5 4 (A) (b)")
        .xref_stream(8, &[], &format!("/Root 1 0 R /Size 9 /Prev {previous}"));
    let pdf = open(&second).unwrap();
    assert_eq!(pdf.structure(), Structure::Clean);
    assert_eq!(
        *pdf.object(id(4), RevisionId(0)).unwrap(),
        Object::string("a")
    );
    assert_eq!(
        *pdf.object(id(4), RevisionId(1)).unwrap(),
        Object::string("A")
    );
    assert_eq!(changed(&pdf, 1), [4, 5, 6, 8]);
    assert!(
        matches!(pdf.location(id(5), RevisionId(0)), Some(Location::InStream { stream, index: 1, .. }) if stream == id(6))
    );
    assert!(pdf.spanned(id(4), RevisionId(0)).is_err());
}

#[test]
fn a_hybrid_file_is_one_revision_with_its_hidden_objects() {
    let builder = skeleton().stream(6, "/Type /ObjStm /N 1 /First 4", b"4 0 (hidden)");
    let hidden = builder.bytes.len();
    let mut row = vec![2u8];
    row.extend(6u32.to_be_bytes());
    row.extend([0, 0]);
    let bytes = builder
        .stream(7, "/Type /XRef /W [1 4 2] /Index [4 1] /Size 8", &row)
        .table(&format!("/Root 1 0 R /Size 8 /XRefStm {hidden}"));
    let pdf = open(&bytes).unwrap();
    assert_eq!(pdf.revisions().len(), 1);
    assert_eq!(pdf.revisions()[0].xref_kind, XrefKind::Hybrid);
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("hidden"));
    // The update is a table again, and what was hidden stays reachable.
    let mut update = Update::new(&pdf).unwrap();
    let added = update.add(Object::string("added"));
    assert_eq!(added, id(8));
    let whole = [&bytes, update.finish().unwrap().bytes()].concat();
    let pdf = open(&whole).unwrap();
    assert_eq!(pdf.revisions()[1].xref_kind, XrefKind::Table);
    assert_eq!(*latest(&pdf, 4).unwrap(), Object::string("hidden"));
    assert_eq!(*latest(&pdf, 8).unwrap(), Object::string("added"));
}

fn qpdf(arguments: &[&str], files: &[&Path]) -> Option<bool> {
    let output = Command::new("qpdf").args(arguments).args(files).output();
    if output.is_err() {
        eprintln!("skipped: qpdf not found");
    }
    output.ok().map(|output| output.status.success())
}

#[test]
fn a_linearized_file_is_one_revision_and_takes_updates() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, out) = (
        folder.path().join("plain.pdf"),
        folder.path().join("linear.pdf"),
    );
    std::fs::write(&plain, skeleton().table("/Root 1 0 R /Size 4")).unwrap();
    for mode in ["--object-streams=disable", "--object-streams=generate"] {
        let Some(done) = qpdf(&["--linearize", mode], &[&plain, &out]) else {
            return;
        };
        assert!(done);
        let mut bytes = std::fs::read(&out).unwrap();
        for updates in 0..3 {
            let pdf = open(&bytes).unwrap();
            assert_eq!(pdf.structure(), Structure::Clean);
            assert_eq!(pdf.revisions().len(), 1 + updates, "{mode}");
            assert_eq!(pdf.revisions()[0].sections.len(), 2);
            let ends: Vec<u64> = pdf.revisions().iter().map(|r| r.end).collect();
            assert!(
                ends.is_sorted() && ends.last() == Some(&(bytes.len() as u64)),
                "{mode} {ends:?}"
            );
            assert!(pdf.revisions().iter().all(|r| r.closed));
            let mut update = Update::new(&pdf).unwrap();
            update.add(Dict::new());
            bytes.extend(update.finish().unwrap().bytes());
            std::fs::write(&out, &bytes).unwrap();
            assert_eq!(qpdf(&["--check"], &[&out]), Some(true), "{mode}");
        }
    }
}

#[test]
fn bytes_before_the_header_shift_every_offset() {
    let junk = b"HTTP/1.1 200 OK\r\n\r\n";
    let whole = [junk.as_slice(), &three_saves()].concat();
    let pdf = open(&whole).unwrap();
    assert_eq!(
        (pdf.header_offset(), pdf.structure()),
        (junk.len() as u64, Structure::Clean)
    );
    assert_eq!(pdf.revisions().len(), 3);
    let mut update = Update::new(&pdf).unwrap();
    let added = update.add(Object::string("added"));
    let whole = [&whole, update.finish().unwrap().bytes()].concat();
    let pdf = open(&whole).unwrap();
    assert_eq!(pdf.revisions().len(), 4);
    assert_eq!(
        *pdf.object(added, pdf.latest()).unwrap(),
        Object::string("added")
    );
    let Some(Location::InFile { span, .. }) = pdf.location(added, pdf.latest()) else {
        panic!()
    };
    assert!(whole[span.start as usize..].starts_with(b"6 0 obj"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("junk.pdf");
    std::fs::write(&out, &whole).unwrap();
    qpdf(&["--check"], &[&out]).inspect(|clean| assert!(clean));
}

#[test]
fn spans_are_those_of_the_bytes_as_written() {
    let body = "<< /Type /Sig /ByteRange [0 10 20 30] /Contents <00 ff\n0>/Sub << /A [ (x) /B ] >> /A 1 /A 2 >>";
    let bytes = skeleton().object(4, body).table("/Root 1 0 R /Size 5");
    let pdf = open(&bytes).unwrap();
    let found = pdf.spanned(id(4), pdf.latest()).unwrap();
    let text = |span: &std::ops::Range<u64>| {
        std::str::from_utf8(&bytes[span.start as usize..span.end as usize])
            .unwrap()
            .to_owned()
    };
    assert_eq!(text(&found.spans.span), body);
    assert_eq!(
        text(&found.spans.get("Contents").unwrap().span),
        "<00 ff\n0>"
    );
    let range = found.spans.get("ByteRange").unwrap();
    assert_eq!(text(&range.span), "[0 10 20 30]");
    assert_eq!(text(&range.index(2).unwrap().span), "20");
    assert_eq!(
        text(
            &found
                .spans
                .get("Sub")
                .unwrap()
                .get("A")
                .unwrap()
                .index(1)
                .unwrap()
                .span
        ),
        "/B"
    );
    assert_eq!(text(&found.spans.get("A").unwrap().span), "2");
    assert_eq!(found.object.as_dict().unwrap().integer("A"), Some(2));
    assert!(found.object.as_dict().unwrap().has_duplicate_keys());
    assert_eq!(text(&found.whole), format!("4 0 obj\n{body}\nendobj"));
}

#[test]
fn reserved_space_lies_where_it_is_said_to() {
    let bytes = skeleton().table("/Root 1 0 R /Size 4");
    let pdf = open(&bytes).unwrap();
    let mut update = Update::new(&pdf).unwrap();
    let (contents, number) = (ReservedKey(1), ReservedKey(2));
    let range = vec![Object::Integer(0), Object::reserved_text(number, 12)];
    let sig = Dict::new()
        .with("ByteRange", range)
        .with("Contents", Object::reserved_hex(contents, 16));
    let sig = update.add(sig);
    let mut appended = update.finish().unwrap();
    assert_eq!(appended.start(), bytes.len() as u64);
    appended.fill(number, b"12345").unwrap();
    appended.fill(contents, &[0xab, 0xcd]).unwrap();
    assert!(appended.fill(contents, &[0; 17]).is_err());
    assert!(appended.fill(ReservedKey(9), b"").is_err());
    let whole = [&bytes, appended.bytes()].concat();
    let pdf = open(&whole).unwrap();
    let found = pdf.spanned(sig, pdf.latest()).unwrap();
    assert_eq!(
        Some(&found.spans.get("Contents").unwrap().span),
        appended.reserved(contents).as_ref()
    );
    let range = found.object.as_dict().unwrap().array("ByteRange").unwrap();
    assert_eq!(range, [Object::Integer(0), Object::Integer(12345)]);
    let mut value = vec![0xab, 0xcd];
    value.resize(16, 0);
    assert_eq!(
        found
            .object
            .as_dict()
            .unwrap()
            .string("Contents")
            .unwrap()
            .bytes,
        value
    );
}

#[test]
fn a_key_reserved_twice_is_refused() {
    let bytes = skeleton().table("/Root 1 0 R /Size 4");
    let pdf = open(&bytes).unwrap();
    let mut update = Update::new(&pdf).unwrap();
    update.add(vec![
        Object::reserved_text(ReservedKey(1), 3),
        Object::reserved_text(ReservedKey(1), 3),
    ]);
    assert!(update.finish().is_err());
}

#[test]
fn the_first_file_identifier_stays_and_the_second_is_new() {
    let bytes = skeleton().table("/Root 1 0 R /Size 4 /ID [<0102> <0304>]");
    let pdf = open(&bytes).unwrap();
    let mut update = Update::new(&pdf).unwrap();
    update.add(Object::Null);
    let whole = [&bytes, update.finish().unwrap().bytes()].concat();
    let pdf = open(&whole).unwrap();
    let [Object::String(first), Object::String(second)] =
        pdf.trailer(pdf.latest()).array("ID").unwrap()
    else {
        panic!()
    };
    assert_eq!(first.bytes, [1, 2]);
    assert_ne!(second.bytes, [3, 4]);
    assert_eq!(second.bytes.len(), 16);
}
