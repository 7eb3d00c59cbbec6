//! Archives that programs unpack in different ways. What Sceau passes is what zipfile, unzip and a reader from the front
//! unpack (`judges/zips.py`); everything else is refused.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;

use ades::validate::Indication;
use common::openssl::Openssl;
use pki_crypto::DigestAlgorithm;

const NAME: &str = "deed.txt";
const CONTENT: &[u8] = b"Pay 500 euros to the seller.\n";
const FORGED: &[u8] = b"Pay 900 euros to the seller.\n";
const SIMPLE: &[u8] = b"application/vnd.etsi.asic-s+zip";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// One half of what a ZIP archive says of a file, in its directory or before the file itself.
#[derive(Clone)]
struct Header {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    extra: Vec<u8>,
}

/// A file, or something that lies between files.
#[derive(Clone)]
struct Entry {
    /// What lies before it and belongs to no file.
    before: Vec<u8>,
    local: Header,
    data: Vec<u8>,
    /// What follows its data: a data descriptor.
    after: Vec<u8>,
    /// `None`: the directory does not know it.
    central: Option<Header>,
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn entry(name: &str, content: &[u8], method: u16) -> Entry {
    let data = match method {
        DEFLATED => {
            let mut out = flate2::write::DeflateEncoder::new(Vec::new(), Default::default());
            out.write_all(content).unwrap();
            out.finish().unwrap()
        }
        _ => content.to_vec(),
    };
    let header = Header {
        name: name.into(),
        flags: 0,
        method,
        crc: crc(content),
        packed: data.len() as u32,
        size: content.len() as u32,
        extra: Vec::new(),
    };
    Entry {
        before: Vec::new(),
        local: header.clone(),
        data,
        after: Vec::new(),
        central: Some(header),
    }
}

impl Header {
    /// What both kinds have in common.
    fn fields(&self) -> Vec<u8> {
        let mut out = 20u16.to_le_bytes().to_vec();
        for value in [self.flags, self.method, 0, 0x21] {
            out.extend(value.to_le_bytes());
        }
        for value in [self.crc, self.packed, self.size] {
            out.extend(value.to_le_bytes());
        }
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend((self.extra.len() as u16).to_le_bytes());
        out
    }
}

/// The archive, its directory and what ends it, which may be changed.
fn zip_with(
    entries: &[Entry],
    end: impl Fn(&mut Vec<u8>, u16, usize, usize),
    comment: &[u8],
) -> Vec<u8> {
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0);
    for one in entries {
        out.extend(&one.before);
        let offset = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(one.local.fields());
        out.extend(&one.local.name);
        out.extend(&one.local.extra);
        out.extend(&one.data);
        out.extend(&one.after);
        let Some(central) = &one.central else {
            continue;
        };
        count += 1;
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(central.fields());
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(&central.name);
        directory.extend(&central.extra);
    }
    let start = out.len();
    out.extend(&directory);
    end(&mut out, count, directory.len(), start);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    out
}

fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_with(entries, |_, _, _, _| {}, b"")
}

fn extra(kind: u16, data: &[u8]) -> Vec<u8> {
    let header = [kind.to_le_bytes(), (data.len() as u16).to_le_bytes()];
    [&header.concat()[..], data].concat()
}

/// Info-ZIP's Unicode path: the name that counts, with the checksum of the other one.
fn unicode_path(real: &str, shown: &str) -> Vec<u8> {
    let data = [
        &[1][..],
        &crc(real.as_bytes()).to_le_bytes(),
        shown.as_bytes(),
    ];
    extra(0x7075, &data.concat())
}

/// ZIP64's sizes, which are then not in the header.
fn wide(header: &mut Header) {
    let sizes = [u64::from(header.size), u64::from(header.packed)];
    header.extra = extra(1, &sizes.map(u64::to_le_bytes).concat());
    (header.size, header.packed) = (u32::MAX, u32::MAX);
}

/// The end of a directory in ZIP64.
fn wide_end(out: &mut Vec<u8>, count: u16, size: usize, start: usize) {
    let at = out.len() as u64;
    out.extend(b"PK\x06\x06");
    out.extend(44u64.to_le_bytes());
    out.extend([45, 0, 45, 0]);
    out.extend([0; 8]);
    for value in [
        u64::from(count),
        u64::from(count),
        size as u64,
        start as u64,
    ] {
        out.extend(value.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(at.to_le_bytes());
    out.extend([1, 0, 0, 0]);
}

/// Whatever a trick does to a container that is good.
struct Container {
    mimetype: Entry,
    file: Entry,
    signature: Entry,
}

impl Container {
    fn all(&self) -> Vec<Entry> {
        vec![
            self.mimetype.clone(),
            self.file.clone(),
            self.signature.clone(),
        ]
    }

    fn with(&self, change: impl Fn(&mut Entry)) -> Vec<u8> {
        let mut all = self.all();
        change(&mut all[1]);
        zip(&all)
    }

    fn central(&self, change: impl Fn(&mut Header)) -> Vec<u8> {
        self.with(|file| change(file.central.as_mut().unwrap()))
    }

    /// With another file at this place.
    fn beside(&self, place: usize, other: Entry) -> Vec<u8> {
        let mut all = self.all();
        all.insert(place, other);
        zip(&all)
    }
}

fn hidden(content: &[u8]) -> Entry {
    Entry {
        central: None,
        ..entry(NAME, content, STORED)
    }
}

fn tricks(good: &Container) -> Vec<(&'static str, Vec<u8>)> {
    let deflated = |file: &mut Entry| *file = entry(NAME, CONTENT, DEFLATED);
    let descriptor = |file: &mut Entry, signed: bool| {
        let central = file.central.as_mut().unwrap();
        central.flags |= 8;
        let (crc, packed, size) = (central.crc, central.packed, central.size);
        file.local = Header {
            crc: 0,
            packed: 0,
            size: 0,
            ..central.clone()
        };
        if signed {
            file.after.extend(b"PK\x07\x08");
        }
        for value in [crc, packed, size] {
            file.after.extend(value.to_le_bytes());
        }
    };
    let other = entry(NAME, FORGED, STORED);
    let folded = |name: &str| good.beside(2, entry(name, FORGED, STORED));
    let mut wide_directory = good.all();
    wide_directory[1] = other.clone();
    let of_forged = zip(&wide_directory);
    vec![
        ("packed", good.with(deflated)),
        ("packed, with a data descriptor", {
            good.with(|file| {
                deflated(file);
                descriptor(file, true);
            })
        }),
        ("packed, with a bare data descriptor", {
            good.with(|file| {
                deflated(file);
                descriptor(file, false);
            })
        }),
        (
            "stored, with a data descriptor",
            good.with(|f| descriptor(f, true)),
        ),
        ("a data descriptor that says something else", {
            good.with(|file| {
                deflated(file);
                descriptor(file, true);
                file.after[4] ^= 1;
            })
        }),
        ("sizes in ZIP64", {
            good.with(|file| {
                wide(&mut file.local);
                wide(file.central.as_mut().unwrap());
            })
        }),
        ("sizes in ZIP64 in the directory alone", good.central(wide)),
        (
            "sizes in ZIP64 before the file alone",
            good.with(|f| wide(&mut f.local)),
        ),
        (
            "the end in ZIP64 as well",
            zip_with(&good.all(), wide_end, b""),
        ),
        ("an end in ZIP64 with another directory", {
            // The whole of another archive first; its directory is that of ZIP64.
            zip_with(
                &good.all(),
                |out, count, size, _| {
                    let mut directory = Vec::new();
                    let mut at = out.len();
                    for one in [&good.mimetype, &other, &good.signature] {
                        let offset = at as u32;
                        let header = one.central.as_ref().unwrap();
                        let mut local = b"PK\x03\x04".to_vec();
                        local.extend(header.fields());
                        local.extend(&header.name);
                        local.extend(&one.data);
                        at += local.len();
                        out.extend(local);
                        directory.extend(b"PK\x01\x02\x14\x00");
                        directory.extend(header.fields());
                        directory.extend([0; 10]);
                        directory.extend(offset.to_le_bytes());
                        directory.extend(&header.name);
                    }
                    let start = out.len();
                    assert_eq!(directory.len(), size);
                    out.extend(directory);
                    wide_end(out, count, size, start);
                },
                b"",
            )
        }),
        ("another name in an extra field of the directory", {
            good.central(|h| h.extra = unicode_path(NAME, "other.txt"))
        }),
        ("another name in an extra field before the file", {
            good.with(|f| f.local.extra = unicode_path(NAME, "other.txt"))
        }),
        (
            "a file that the directory does not know, first",
            good.beside(0, hidden(FORGED)),
        ),
        (
            "a file that the directory does not know, before",
            good.beside(1, hidden(FORGED)),
        ),
        (
            "a file that the directory does not know, after",
            good.beside(2, hidden(FORGED)),
        ),
        (
            "a file that the directory does not know, last",
            good.beside(3, hidden(FORGED)),
        ),
        (
            "octets between two files",
            good.with(|f| f.before = b"between".to_vec()),
        ),
        ("two files of one name", good.beside(2, other.clone())),
        (
            "two files of one name, the other first",
            good.beside(1, other.clone()),
        ),
        ("a name in capitals", folded("DEED.TXT")),
        ("a name with a dot at its end", folded("deed.txt.")),
        ("a name with a space at its end", folded("deed.txt ")),
        ("a name in the folder above", folded("../deed.txt")),
        ("a name below itself", folded("x/../deed.txt")),
        ("a name from the root", folded("/deed.txt")),
        ("a name of Windows", folded("C:\\deed.txt")),
        ("a name with a zero octet", folded("deed.txt\0.pdf")),
        (
            "another name before the file",
            good.with(|f| f.local.name = b"DEED.txt".to_vec()),
        ),
        ("another method before the file", {
            good.with(|file| {
                deflated(file);
                file.local.method = STORED;
            })
        }),
        (
            "another size before the file",
            good.with(|f| f.local.size -= 1),
        ),
        (
            "another packed size before the file",
            good.with(|f| f.local.packed -= 1),
        ),
        (
            "another checksum before the file",
            good.with(|f| f.local.crc ^= 1),
        ),
        (
            "encrypted by the directory's word",
            good.central(|h| h.flags |= 1),
        ),
        (
            "encrypted by its own word",
            good.with(|f| f.local.flags |= 1),
        ),
        ("encrypted by both words", {
            good.with(|file| {
                file.local.flags |= 1;
                file.central.as_mut().unwrap().flags |= 1;
            })
        }),
        ("a method that nobody knows", {
            good.with(|file| {
                file.local.method = 97;
                file.central.as_mut().unwrap().method = 97;
            })
        }),
        ("a shorter size than is packed", {
            good.with(|file| {
                *file = entry(NAME, &[CONTENT, FORGED].concat(), DEFLATED);
                for header in [Some(&mut file.local), file.central.as_mut()]
                    .into_iter()
                    .flatten()
                {
                    header.size = CONTENT.len() as u32;
                    header.crc = crc(CONTENT);
                }
            })
        }),
        ("octets after the packed ones", {
            good.with(|file| {
                deflated(file);
                file.data.extend(b"more");
                for header in [Some(&mut file.local), file.central.as_mut()]
                    .into_iter()
                    .flatten()
                {
                    header.packed += 4;
                }
            })
        }),
        (
            "something before it",
            [&b"before"[..], &zip(&good.all())].concat(),
        ),
        (
            "something after it",
            [&zip(&good.all())[..], b"after"].concat(),
        ),
        (
            "another archive before it",
            [&of_forged[..], &zip(&good.all())].concat(),
        ),
        (
            "another archive after it",
            [&zip(&good.all())[..], &of_forged].concat(),
        ),
        ("another archive in its comment", {
            zip_with(&good.all(), |_, _, _, _| {}, &of_forged)
        }),
        (
            "a comment",
            zip_with(&good.all(), |_, _, _, _| {}, b"a comment"),
        ),
    ]
}

/// What Sceau unpacks, by name.
fn ours(bytes: &[u8]) -> BTreeMap<String, String> {
    let source = pdf_file::MemorySource::new(bytes.to_vec());
    let container = ades::asic::Container::open(std::sync::Arc::new(source)).unwrap();
    let digest = |member| {
        let content = container.read(member, 1 << 20).unwrap();
        DigestAlgorithm::Sha256.digest(&content).to_hex()
    };
    (container.members().iter())
        .map(|member| (member.name.clone(), digest(member)))
        .collect()
}

#[test]
fn what_passes_is_not_what_other_programs_unpack() {
    let openssl = Openssl::new();
    openssl.write("content", CONTENT);
    openssl.run("cms -sign -binary -in content -signer ee.pem -inkey ee.key -outform DER -out cms");
    let good = Container {
        mimetype: entry("mimetype", SIMPLE, STORED),
        file: entry(NAME, CONTENT, STORED),
        signature: entry("META-INF/signature.p7s", &openssl.read("cms"), STORED),
    };
    let all = [vec![("as it is", zip(&good.all()))], tricks(&good)].concat();
    let mut files = Vec::new();
    for (number, (_, bytes)) in all.iter().enumerate() {
        let name = format!("{number}.asics");
        openssl.write(&name, bytes);
        files.push(openssl.path(&name).to_str().unwrap().to_owned());
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/zips.py");
    let arguments: Vec<&str> = [script]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    if common::tool("unzip", &["-v"]).is_none() {
        return;
    }
    let Some(answers) = common::python(&arguments) else {
        return;
    };
    let mut passed = Vec::new();
    for ((what, bytes), answer) in all.iter().zip(answers.lines()) {
        let judged = openssl.judge(bytes, None);
        let pass = matches!(&judged, Ok((_, v)) if v.indication == Some(Indication::TotalPassed));
        eprintln!(
            "{what}: {}",
            judged.map_or_else(|e| e.to_string(), |(_, v)| format!("{:?}", v.indication))
        );
        if !pass {
            continue;
        }
        passed.push(*what);
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        for reader in ["zipfile_reads", "unzip_reads", "stream_reads"] {
            // What a reader refuses it shows to nobody; a reader that is broken refuses everything.
            if answer[reader].is_null() && *what != "as it is" {
                continue;
            }
            let theirs: BTreeMap<String, String> =
                serde_json::from_value(answer[reader].clone()).unwrap();
            assert_eq!(ours(bytes), theirs, "{what}: {reader}");
        }
    }
    let harmless = [
        "as it is",
        "packed",
        "packed, with a data descriptor",
        "packed, with a bare data descriptor",
        "stored, with a data descriptor",
        "sizes in ZIP64",
        "sizes in ZIP64 in the directory alone",
        "sizes in ZIP64 before the file alone",
        "the end in ZIP64 as well",
        "a comment",
    ];
    assert_eq!(passed, harmless);
}

#[test]
fn a_container_with_a_pdf_that_is_not_packed_is_taken_for_that_pdf() {
    let openssl = Openssl::new();
    let pdf = common::pdf::pdf(&[
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [] /Count 0>>",
    ]);
    openssl.write("content", &pdf);
    openssl.run("cms -sign -binary -in content -signer ee.pem -inkey ee.key -outform DER -out cms");
    let bytes = zip(&[
        entry("mimetype", SIMPLE, STORED),
        entry("deed.pdf", &pdf, STORED),
        entry("META-INF/signature.p7s", &openssl.read("cms"), STORED),
    ]);
    assert!(bytes[..200].windows(5).any(|w| w == b"%PDF-"));
    let (facts, verdict) = openssl.judge(&bytes, None).unwrap();
    assert_eq!(facts.format, ades::validate::FileFormat::Asic);
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
}
