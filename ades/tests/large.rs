//! A PDF of more than four gigabytes, which no memory holds and no 32-bit offset reaches.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{self, Write};
use std::sync::Arc;

use ades::pades::sign_pdf;
use common::pdf::{World, options, plain};
use pdf_file::{OpenOptions, PdfFile, Source};
use pki_crypto::DigestAlgorithm;

/// A head, a gap of spaces, and a tail.
struct Sparse {
    head: Vec<u8>,
    gap: u64,
    tail: Vec<u8>,
}

impl Sparse {
    fn end_of_gap(&self) -> u64 {
        self.head.len() as u64 + self.gap
    }
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.end_of_gap() + self.tail.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let end = offset + buf.len() as u64;
        if end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buf.fill(b' ');
        for (part, start) in [(&self.head, 0), (&self.tail, self.end_of_gap())] {
            let (from, to) = (offset.max(start), end.min(start + part.len() as u64));
            if from < to {
                let there = &part[(from - start) as usize..(to - start) as usize];
                buf[(from - offset) as usize..(to - offset) as usize].copy_from_slice(there);
            }
        }
        Ok(())
    }
}

/// Keeps what comes after the input; only counts the input.
struct After {
    input: u64,
    seen: u64,
    kept: Vec<u8>,
}

impl Write for After {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let skip = (self.input.saturating_sub(self.seen) as usize).min(bytes.len());
        self.kept.extend_from_slice(&bytes[skip..]);
        self.seen += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn offsets_beyond_four_gigabytes_are_cut_off() {
    let world = World::new();
    let head = plain();
    let start = head.windows(5).rposition(|w| w == b"\nxref").unwrap() + 1;
    let source = Arc::new(Sparse {
        head,
        gap: (4 << 30) + 12_345,
        tail: format!("\nstartxref\n{start}\n%%EOF\n").into_bytes(),
    });
    let pdf = PdfFile::open(Arc::clone(&source) as Arc<dyn Source>, OpenOptions::new()).unwrap();
    let mut out = After {
        input: source.len(),
        seen: 0,
        kept: Vec::new(),
    };
    let made = sign_pdf(&pdf, &mut out, &world.signer, &options(), None).unwrap();
    assert_eq!(made.len, out.seen);

    let text = String::from_utf8_lossy(&out.kept);
    let range = text.split_once("/ByteRange [").unwrap().1;
    let range = range.split_once(']').unwrap().0;
    let range: Vec<u64> = range
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    let [0, before, after, rest] = range[..] else {
        panic!("{range:?}");
    };
    assert!(before > 4 << 30, "{range:?}");
    assert_eq!(after + rest, made.len);
    let contents = (before - source.len()) as usize..(after - source.len()) as usize;
    assert!(out.kept[contents.clone()].starts_with(b"<30"));
    assert!(out.kept[contents.clone()].ends_with(b">"));

    // The digest anew, over what the range says.
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    hasher.update(&source.head);
    let spaces = vec![b' '; 1 << 20];
    let mut left = source.gap;
    while left > 0 {
        let n = left.min(spaces.len() as u64);
        hasher.update(&spaces[..n as usize]);
        left -= n;
    }
    hasher.update(&source.tail);
    hasher.update(&out.kept[..contents.start]);
    hasher.update(&out.kept[contents.end..]);
    assert_eq!(hasher.finish(), made.digest);
}
