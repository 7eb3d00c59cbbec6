//! One octet changed, put in or taken out, in every part of a document.

use core::ops::Range;

use ades::cms::parse::SignedData;
use pki_asn1::UnixTime;

use crate::Case;
use crate::documents::Document;

/// `each` changes in every part.
pub(crate) fn cases(index: usize, document: &Document, at: UnixTime, each: usize) -> Vec<Case> {
    let octets = &document.octets;
    let mut cases = Vec::new();
    let mut random = Random(0x5ceau64.wrapping_mul(index as u64 + 1));
    for (part, range) in parts(octets).into_iter().filter(|(_, r)| !r.is_empty()) {
        for n in 0..each {
            let at_octet = range.start + random.below(range.len());
            let mut changed = octets.clone();
            let how = match n % 3 {
                // Hexadecimal stays hexadecimal, a digit a digit: what a reader would stumble over proves little.
                0 => {
                    let old = changed[at_octet];
                    changed[at_octet] = match old {
                        b'0'..=b'8' | b'a'..=b'e' | b'A'..=b'E' => old + 1,
                        b'9' => b'0',
                        other => other ^ 1,
                    };
                    "changed"
                }
                1 => {
                    changed[at_octet] ^= 1 << random.below(8);
                    "flipped"
                }
                _ if n % 2 == 0 => {
                    changed.insert(at_octet, octets[at_octet]);
                    "doubled"
                }
                _ => {
                    changed.remove(at_octet);
                    "removed"
                }
            };
            // The same digit in another case is the same.
            if changed != *octets {
                cases.push(case(index, changed, at, format!("{part} {how}")));
            }
        }
    }
    for (tail, what) in [
        (&b"\n"[..], "a line end"),
        (b"%", "a comment"),
        (b"x y", "words"),
        (b"9 0 obj\n<<>>\nendobj\n", "an object"),
    ] {
        cases.push(case(
            index,
            [octets, tail].concat(),
            at,
            format!("{what} appended"),
        ));
    }
    for _ in 0..each {
        let end = random.below(octets.len());
        cases.push(case(index, octets[..end].to_vec(), at, "cut off".into()));
    }
    cases
}

fn case(document: usize, octets: Vec<u8>, at: UnixTime, kind: String) -> Case {
    Case {
        document,
        octets,
        at,
        kind,
        whole: false,
    }
}

/// The parts of a signed document by name.
fn parts(octets: &[u8]) -> Vec<(&'static str, Range<usize>)> {
    let find = |text: &[u8], from: usize| {
        octets[from..]
            .windows(text.len())
            .position(|w| w == text)
            .map(|at| from + at)
    };
    let contents = find(b"/Contents <", 0).unwrap() + 11;
    let end = find(b">", contents).unwrap();
    // The zeros that fill what was reserved.
    let value = octets[contents..end]
        .iter()
        .rposition(|b| *b != b'0')
        .unwrap()
        + contents
        + 1;
    let byte_range = find(b"/ByteRange", 0).unwrap();
    let quarter = (value - contents) / 4;
    let mut parts = vec![
        ("header", 0..9),
        (
            "objects before the signature",
            9..byte_range.min(contents) - 40,
        ),
        ("ByteRange", byte_range..find(b"]", byte_range).unwrap() + 1),
        ("first quarter of the CMS", contents..contents + quarter),
        (
            "second quarter of the CMS",
            contents + quarter..contents + 2 * quarter,
        ),
        (
            "third quarter of the CMS",
            contents + 2 * quarter..contents + 3 * quarter,
        ),
        ("last quarter of the CMS", contents + 3 * quarter..value),
        ("filling of /Contents", value..end),
        ("brackets of /Contents", contents - 11..contents),
    ];
    let xref = find(b"xref\n", end).unwrap_or(end + 1);
    let eof = find(b"%%EOF", xref).unwrap_or(octets.len() - 5);
    parts.push(("rest of the revision", end + 1..xref.max(end + 2)));
    parts.push(("cross-references and trailer", xref..eof));
    if octets.len() > eof + 20 {
        parts.push(("later revisions", eof + 6..octets.len()));
    }
    parts
}

/// Whether every octet that the first signature covers, its signed attributes and its value are those of the
/// document.
pub(crate) fn is_what_was_signed(document: &Document, octets: &[u8]) -> bool {
    let original = &document.octets;
    let gap = gap(original);
    let signed_end = original[gap.end..]
        .windows(6)
        .position(|w| w == b"%%EOF\n")
        .map_or(original.len(), |at| gap.end + at + 5);
    let same = |range: Range<usize>| octets.get(range.clone()) == Some(&original[range]);
    let essence = |bytes: &[u8]| {
        // White space between digits is nothing, and an odd last digit has a zero after it (ISO 32000-2, 7.3.4.3).
        let between = |b: &u8| !matches!(b, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ');
        let mut digits: Vec<u8> = bytes
            .get(gap.clone())?
            .iter()
            .copied()
            .filter(between)
            .collect();
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        let data = SignedData::parse(&hex::decode(digits).ok()?).ok()?;
        let [one] = &data.signers[..] else {
            return None;
        };
        Some((one.signed_attributes_der.clone(), one.signature.clone()))
    };
    same(0..gap.start)
        && same(gap.end..signed_end)
        && essence(original).is_some_and(|was| essence(octets) == Some(was))
}

/// The digits of /Contents.
fn gap(octets: &[u8]) -> Range<usize> {
    let find = |text: &[u8], from: usize| {
        let found = octets[from..].windows(text.len()).position(|w| w == text);
        from + found.unwrap()
    };
    let start = find(b"/Contents <", 0) + 11;
    start..find(b">", start)
}

/// xorshift: the same cases in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
