//! Files far longer than memory: offsets of more than ten digits, and no read that grows with the
//! file.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pdf_file::{ObjId, Object, OpenOptions, PdfFile, Source, Update, XrefKind};
use support::skeleton;

/// A head, a gap of spaces, and a tail.
struct Sparse {
    head: Vec<u8>,
    gap: u64,
    tail: Vec<u8>,
    read: AtomicU64,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.gap + self.tail.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let tail = self.head.len() as u64 + self.gap;
        self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        buf.fill(b' ');
        let end = offset + buf.len() as u64;
        for (part, start) in [(&self.head, 0), (&self.tail, tail)] {
            let from = offset.max(start);
            let to = end.min(start + part.len() as u64);
            if from < to {
                buf[(from - offset) as usize..(to - offset) as usize]
                    .copy_from_slice(&part[(from - start) as usize..(to - start) as usize]);
            }
        }
        if end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

fn open(source: &Arc<Sparse>) -> PdfFile {
    PdfFile::open(Arc::clone(source) as Arc<dyn Source>, OpenOptions::new()).unwrap()
}

fn updated(gap: u64) -> (XrefKind, Vec<u8>) {
    let head = skeleton().table("/Root 1 0 R /Size 4");
    let start = head.windows(5).rposition(|w| w == b"\nxref").unwrap() + 1;
    let tail = format!("\nstartxref\n{start}\n%%EOF\n").into_bytes();
    let source = Arc::new(Sparse {
        head: head.clone(),
        gap,
        tail: tail.clone(),
        read: AtomicU64::new(0),
    });
    let pdf = open(&source);
    let mut update = Update::new(&pdf).unwrap();
    let added = update.add(Object::string("added"));
    let appended = update.finish().unwrap();
    let opened = source.read.load(Ordering::Relaxed);
    assert!(opened < 4 << 20, "{opened} bytes read");

    let tail = [&tail, appended.bytes()].concat();
    let source = Arc::new(Sparse {
        head,
        gap,
        tail,
        read: AtomicU64::new(0),
    });
    let pdf = open(&source);
    assert_eq!(
        *pdf.object(added, pdf.latest()).unwrap(),
        Object::string("added")
    );
    assert!(
        pdf.object(ObjId::new(1, 0), pdf.latest())
            .unwrap()
            .as_dict()
            .unwrap()
            .is("Type", "Catalog")
    );
    assert_eq!(pdf.revisions().len(), 2);
    (pdf.revisions()[1].xref_kind, appended.bytes().to_vec())
}

#[test]
fn offsets_beyond_four_gigabytes_keep_their_table() {
    let (kind, bytes) = updated(5 << 30);
    assert_eq!(kind, XrefKind::Table);
    assert!(
        String::from_utf8_lossy(&bytes).contains("\n5368709"),
        "a ten-digit offset"
    );
}

#[test]
fn offsets_beyond_ten_digits_get_a_stream() {
    assert_eq!(updated(20 << 30).0, XrefKind::Stream);
}

/// Peak resident memory of this process in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn a_damaged_file_is_taken_into_memory_to_be_searched() {
    let head = skeleton().bytes;
    let source = Arc::new(Sparse {
        head,
        gap: 48 << 20,
        tail: b"4 0 obj (four) endobj trailer << /Root 1 0 R >>".to_vec(),
        read: AtomicU64::new(0),
    });
    let before = peak();
    let pdf = open(&source);
    let four = pdf.object(ObjId::new(4, 0), pdf.latest()).unwrap();
    assert_eq!(*four, Object::string("four"));
    let grown = peak() - before;
    assert!(grown < 16 << 10, "{grown} KiB");
}
