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
        for (byte, at) in buf.iter_mut().zip(offset..) {
            *byte = match at {
                at if at < self.head.len() as u64 => self.head[at as usize],
                at if at < tail => b' ',
                at => *self
                    .tail
                    .get((at - tail) as usize)
                    .ok_or(io::ErrorKind::UnexpectedEof)?,
            };
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
