//! The few octets that hostile files are made of: DER, PDF, deflate, ZIP.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

pub(crate) const SIGNED_DATA: &[u8] = &[6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2];
pub(crate) const DATA: &[u8] = &[6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 1];
pub(crate) const SHA256: &[u8] = &[0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub(crate) const ECDSA: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// Tag, length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n if n < 0x80 => out.push(n as u8),
        n => {
            let octets = n.to_be_bytes();
            let octets = &octets[octets.iter().position(|b| *b != 0).unwrap_or(7)..];
            out.push(0x80 | octets.len() as u8);
            out.extend(octets);
        }
    }
    out.extend(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// The content inside `depth` elements with `tag`.
pub(crate) fn nested(tag: u8, depth: usize, content: &[u8]) -> Vec<u8> {
    // From the inside out, written backwards.
    let mut out: Vec<u8> = content.iter().rev().copied().collect();
    for _ in 0..depth {
        let mut header = vec![tag];
        let whole = tlv(tag, &[]);
        header.truncate(whole.len() - 1);
        let length = out.len();
        let mut octets: Vec<u8> = length.to_be_bytes().to_vec();
        octets.drain(..octets.iter().position(|b| *b != 0).unwrap_or(7));
        if length >= 0x80 {
            header.push(0x80 | octets.len() as u8);
        }
        header.extend(octets);
        out.extend(header.iter().rev());
    }
    out.reverse();
    out
}

/// A name of one attribute.
pub(crate) fn name(common: &[u8]) -> Vec<u8> {
    let value = tlv(12, common);
    sequence(&[&tlv(0x31, &sequence(&[&[6, 3, 0x55, 4, 3], &value]))])
}

/// `SignedData` of these parts, the last three as they are inside their tags.
pub(crate) fn signed_data(certificates: &[u8], crls: &[u8], signers: &[u8]) -> Vec<u8> {
    let mut parts = vec![vec![2, 1, 1], tlv(0x31, SHA256), sequence(&[DATA])];
    for (tag, part) in [(0xa0, certificates), (0xa1, crls)] {
        if !part.is_empty() {
            parts.push(tlv(tag, part));
        }
    }
    parts.push(tlv(0x31, signers));
    let body = tlv(0x30, &parts.concat());
    sequence(&[SIGNED_DATA, &tlv(0xa0, &body)])
}

/// A signer by issuer and serial number; attributes as they are inside their tags.
pub(crate) fn signer(issuer: &[u8], serial: u8, signed: &[u8], unsigned: &[u8]) -> Vec<u8> {
    let sid = sequence(&[issuer, &[2, 1, serial]]);
    let mut parts = vec![vec![2, 1, 1], sid, SHA256.to_vec()];
    if !signed.is_empty() {
        parts.push(tlv(0xa0, signed));
    }
    parts.extend([ECDSA.to_vec(), tlv(4, &[7; 70])]);
    if !unsigned.is_empty() {
        parts.push(tlv(0xa1, unsigned));
    }
    tlv(0x30, &parts.concat())
}

pub(crate) fn attribute(oid: &[u8], values: &[u8]) -> Vec<u8> {
    sequence(&[oid, &tlv(0x31, values)])
}

/// A certificate on P-256 with a signature that fits nothing.
pub(crate) fn certificate(
    issuer: &[u8],
    subject: &[u8],
    serial: u32,
    extensions: &[u8],
) -> Vec<u8> {
    let validity = sequence(&[&tlv(23, b"200101000000Z"), &tlv(23, b"400101000000Z")]);
    let curve: &[u8] = &[
        0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
        1, 7,
    ];
    let point = hex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    );
    let key = sequence(&[curve, &tlv(3, &[&[0][..], &point].concat())]);
    let extensions = if extensions.is_empty() {
        Vec::new()
    } else {
        tlv(0xa3, &tlv(0x30, extensions))
    };
    let serial = [&[0x01][..], &serial.to_be_bytes()].concat();
    let body = sequence(&[
        &[0xa0, 3, 2, 1, 2],
        &tlv(2, &serial),
        ECDSA,
        issuer,
        &validity,
        subject,
        &key,
        &extensions,
    ]);
    let value = sequence(&[&tlv(2, &[5; 30]), &tlv(2, &[6; 30])]);
    sequence(&[&body, ECDSA, &tlv(3, &[&[0][..], &value].concat())])
}

/// An extension with its critical bit.
pub(crate) fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[oid, &[1, 1, 0xff], &tlv(4, value)])
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

/// A PDF of these objects, from number 1 on, the first being the catalog.
pub(crate) fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (i, body) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend(body);
        out.extend(b"\nendobj\n");
    }
    let at = out.len();
    let size = objects.len() + 1;
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{table}").bytes());
    out.extend(format!("trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

/// Catalog and a page, and a form whose /Fields is this; further objects from number 5 on.
pub(crate) fn form(fields: &str, objects: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut all: Vec<Vec<u8>> = [
        "<</Type /Catalog /Pages 2 0 R /AcroForm 4 0 R>>".to_owned(),
        "<</Type /Pages /Kids [3 0 R] /Count 1>>".to_owned(),
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_owned(),
        format!("<</SigFlags 3 /Fields {fields}>>"),
    ]
    .map(String::into_bytes)
    .to_vec();
    all.extend(objects);
    pdf(&all)
}

pub(crate) fn stream(dictionary: &str, octets: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dictionary} /Length {}>>\nstream\n", octets.len()).into_bytes();
    out.extend(octets);
    out.extend(b"\nendstream");
    out
}

/// `count` times `piece`, compressed as zlib has it.
pub(crate) fn deflated(piece: &[u8], count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..count {
        encoder.write_all(piece).unwrap();
    }
    encoder.finish().unwrap()
}

/// A file of a ZIP archive: name, compressed octets, what it says of its size.
pub(crate) struct Member {
    name: String,
    packed: Vec<u8>,
    size: u32,
    crc: u32,
}

impl Member {
    pub(crate) fn new(name: &str, octets: &[u8]) -> Self {
        Self::repeated(name, octets, 1)
    }

    pub(crate) fn repeated(name: &str, piece: &[u8], count: usize) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let mut crc = flate2::Crc::new();
        for _ in 0..count {
            encoder.write_all(piece).unwrap();
            crc.update(piece);
        }
        Self {
            name: name.into(),
            packed: encoder.finish().unwrap(),
            size: (piece.len() * count) as u32,
            crc: crc.sum(),
        }
    }

    fn head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend([20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x28]);
        out.extend(self.crc.to_le_bytes());
        out.extend((self.packed.len() as u32).to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out
    }
}

/// A ZIP archive; `named` times each member in its directory, all at one place.
pub(crate) fn zip(members: &[Member], named: usize) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let mut count = 0_usize;
    for member in members {
        let at = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(member.head());
        out.extend(member.name.bytes());
        out.extend(&member.packed);
        for _ in 0..named {
            count += 1;
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(member.head());
            directory.extend([0; 10]);
            directory.extend(at.to_le_bytes());
            directory.extend(member.name.bytes());
        }
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([(count.min(0xffff) as u16).to_le_bytes(); 2].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}
