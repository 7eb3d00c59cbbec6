//! PDFs made by hand: every byte under the test's control.
#![allow(dead_code)] // each test program uses some of it

use std::sync::Arc;

use pdf_file::{Budgets, MemorySource, ObjId, Object, OpenOptions, PdfError, PdfFile};

/// A file in the making.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) bytes: Vec<u8>,
    offsets: Vec<(u32, usize)>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            offsets: Vec::new(),
        }
    }

    /// Goes on where another file ends.
    pub(crate) fn after(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            offsets: Vec::new(),
        }
    }

    /// `number 0 obj`, the body, `endobj`.
    pub(crate) fn object(mut self, number: u32, body: impl AsRef<[u8]>) -> Self {
        self.offsets.push((number, self.bytes.len()));
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
        self.bytes.extend(body.as_ref());
        self.bytes.extend(b"\nendobj\n");
        self
    }

    /// A stream object whose dictionary has these entries besides `/Length`.
    pub(crate) fn stream(self, number: u32, entries: &str, data: &[u8]) -> Self {
        let mut body = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend(data);
        body.extend(b"\nendstream");
        self.object(number, body)
    }

    /// An entry without writing an object.
    pub(crate) fn entry(mut self, number: u32, offset: usize) -> Self {
        self.offsets.push((number, offset));
        self
    }

    /// A table of the objects so far, and a trailer with these entries.
    pub(crate) fn table(mut self, trailer: &str) -> Vec<u8> {
        let start = self.bytes.len();
        self.bytes.extend(b"xref\n");
        for (number, offset) in std::mem::take(&mut self.offsets) {
            self.bytes
                .extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
        }
        self.bytes
            .extend(format!("trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
        self.bytes
    }

    /// A cross-reference stream of the objects so far, of `compressed` (number, stream, index),
    /// and of itself, with these entries in its dictionary.
    pub(crate) fn xref_stream(
        mut self,
        number: u32,
        compressed: &[(u32, u32, u32)],
        entries: &str,
    ) -> Vec<u8> {
        let start = self.bytes.len();
        self.offsets.push((number, start));
        let (mut index, mut rows) = (String::new(), Vec::new());
        let plain = std::mem::take(&mut self.offsets)
            .into_iter()
            .map(|(n, at)| (n, 1u8, at as u32, 0));
        for (number, kind, second, third) in
            plain.chain(compressed.iter().map(|&(n, s, i)| (n, 2, s, i)))
        {
            index += &format!("{number} 1 ");
            rows.push(kind);
            rows.extend(second.to_be_bytes());
            rows.extend(&third.to_be_bytes()[2..]);
        }
        let dict = format!("/Type /XRef /W [1 4 2] /Index [{index}] {entries}");
        let mut out = self.stream(number, &dict, &rows).bytes;
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        out
    }
}

/// Catalog 1, page tree 2, page 3.
pub(crate) fn skeleton() -> Builder {
    Builder::new()
        .object(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        .object(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>")
}

pub(crate) fn open(bytes: &[u8]) -> Result<PdfFile, PdfError> {
    open_under(bytes, Budgets::default())
}

pub(crate) fn open_under(bytes: &[u8], budgets: Budgets) -> Result<PdfFile, PdfError> {
    PdfFile::open(
        Arc::new(MemorySource::new(bytes)),
        OpenOptions::new().with_budgets(budgets),
    )
}

/// The object `number 0` as of the latest revision.
pub(crate) fn latest(pdf: &PdfFile, number: u32) -> Result<Arc<Object>, PdfError> {
    pdf.object(ObjId::new(number, 0), pdf.latest())
}

pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let stream = pdf_file::Stream::deflated(pdf_file::Dict::new(), data);
    match stream.data {
        pdf_file::StreamData::Owned(data) => data.to_vec(),
        pdf_file::StreamData::InFile { .. } => unreachable!(),
    }
}
