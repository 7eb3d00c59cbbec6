//! As much of MIME as a signed message needs (RFC 5322 section 2.2, RFC 2045, RFC 2046 section 5.1).
//!
//! Bodies are slices of the input, never copies: what is signed is taken octet by octet. Where programs
//! read a message in different ways, the first reading is taken and the difference is kept as an
//! oddity, for whoever has to say what was signed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// Longest header of an entity, in octets.
const HEADER: usize = 1 << 20;
/// Fields of a header.
const FIELDS: usize = 2_000;
/// Parts of a multipart entity.
const PARTS: usize = 1_000;
/// Longest boundary (RFC 2046 section 5.1.1).
const BOUNDARY: usize = 70;

/// What makes readers differ, in words for the report.
pub(crate) type Oddity = &'static str;

/// A header and what follows it.
#[derive(Debug)]
pub(crate) struct Entity<'a> {
    fields: Vec<Field>,
    /// Everything after the empty line.
    pub(crate) body: &'a [u8],
    /// What is odd in the header.
    pub(crate) oddities: Vec<Oddity>,
}

#[derive(Debug)]
struct Field {
    /// In lower case.
    name: String,
    /// Unfolded.
    value: String,
}

/// `type/subtype` and parameters, all in lower case but the values.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct ContentType {
    /// `multipart/signed`
    pub(crate) media: String,
    /// By name.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// Each once, however often a hostile message gives reason for it.
fn note(oddities: &mut Vec<Oddity>, oddity: Oddity) {
    if !oddities.contains(&oddity) {
        oddities.push(oddity);
    }
}

/// One line, without its end, and where the next one begins.
struct Line<'a> {
    text: &'a [u8],
    next: usize,
}

fn line(bytes: &[u8], at: usize) -> Option<Line<'_>> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let end = rest.iter().position(|b| *b == b'\n');
    let text = rest.get(..end.unwrap_or(rest.len()))?;
    Some(Line {
        text: text
            .strip_suffix(b"\r")
            .filter(|_| end.is_some())
            .unwrap_or(text),
        next: at + end.map_or(rest.len(), |end| end + 1),
    })
}

/// Whether a file that begins so is a message: its first line is a header field.
pub(crate) fn is_message(head: &[u8]) -> bool {
    let Some(first) = line(head, 0) else {
        return false;
    };
    field_name(first.text).is_some()
}

/// The name before the colon, where there is one.
fn field_name(text: &[u8]) -> Option<&str> {
    let colon = text.iter().position(|b| *b == b':')?;
    let name = core::str::from_utf8(text.get(..colon)?).ok()?;
    let trimmed = name.trim_end_matches([' ', '\t']);
    (!trimmed.is_empty() && trimmed.bytes().all(|b| (33..=126).contains(&b))).then_some(name)
}

impl<'a> Entity<'a> {
    /// Reads a header; `None` where there is none within the limits.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields: Vec<Field> = Vec::new();
        let mut oddities = Vec::new();
        let mut at = 0;
        while let Some(one) = line(bytes, at) {
            if one.next > HEADER || fields.len() == FIELDS {
                return None;
            }
            at = one.next;
            if one.text.is_empty() {
                break;
            }
            if one.text.contains(&b'\r') || one.text.contains(&0) {
                note(&mut oddities, CONTROLS);
            }
            if matches!(one.text.first(), Some(b' ' | b'\t')) {
                match fields.last_mut() {
                    Some(last) if !one.text.trim_ascii().is_empty() => {
                        if content_field(&last.name) && has_controls(one.text) {
                            note(&mut oddities, CONTROLS);
                        }
                        last.value.push(' ');
                        last.value
                            .push_str(&String::from_utf8_lossy(one.text.trim_ascii()));
                    }
                    _ => note(
                        &mut oddities,
                        "a header continues in a line of nothing but spaces",
                    ),
                }
                continue;
            }
            let Some(name) = field_name(one.text) else {
                note(&mut oddities, "a header has a line that is no field");
                continue;
            };
            let value = one.text.get(name.len() + 1..).unwrap_or_default();
            let trimmed = name.trim_end();
            if trimmed != name && content_field(trimmed) {
                note(
                    &mut oddities,
                    "a header has a space before a colon, where readers differ",
                );
            }
            if content_field(trimmed) && has_controls(value) {
                note(&mut oddities, CONTROLS);
            }
            fields.push(Field {
                name: trimmed.to_ascii_lowercase(),
                value: String::from_utf8_lossy(value.trim_ascii()).into_owned(),
            });
        }
        let mut entity = Self {
            fields,
            body: bytes.get(at..).unwrap_or_default(),
            oddities,
        };
        for name in [
            "content-type",
            "content-transfer-encoding",
            "content-disposition",
            "mime-version",
        ] {
            if entity.all(name).count() > 1 {
                note(
                    &mut entity.oddities,
                    "a header says twice what its content is, and readers take the first or the last",
                );
            }
        }
        Some(entity)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter();
        let matching = fields.filter(move |f| f.name == name);
        matching.map(|f| f.value.as_str())
    }

    /// Whether a field of this name is there, in lower case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Content-Type, `text/plain` without one; what is odd in it comes along.
    pub(crate) fn content_type(&self) -> (ContentType, Vec<Oddity>) {
        match self.all("content-type").next() {
            Some(value) => ContentType::read(value),
            None => (
                ContentType {
                    media: "text/plain".into(),
                    parameters: BTreeMap::new(),
                },
                Vec::new(),
            ),
        }
    }

    /// Whether it is to be decoded before it is what its type says.
    pub(crate) fn is_encoded(&self) -> bool {
        let encoding = self.all("content-transfer-encoding").next();
        encoding.is_some_and(|encoding| {
            let encoding = encoding.to_ascii_lowercase();
            !matches!(encoding.as_str(), "7bit" | "8bit" | "binary")
        })
    }

    /// The body as its Content-Transfer-Encoding says; `None` where it is not what it says.
    pub(crate) fn decoded(&self) -> Option<Vec<u8>> {
        let encoding = self
            .all("content-transfer-encoding")
            .next()
            .unwrap_or("7bit");
        match encoding.to_ascii_lowercase().as_str() {
            "7bit" | "8bit" | "binary" => Some(self.body.to_vec()),
            "base64" => base64(self.body),
            "quoted-printable" => quoted_printable(self.body),
            _ => None,
        }
    }
}

const CONTROLS: Oddity = "a header has control characters, at which readers end a line or do not";

fn has_controls(text: &[u8]) -> bool {
    text.iter().any(|b| b.is_ascii_control() && *b != b'\t')
}

fn content_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("content-") || name == "mime-version"
}

impl ContentType {
    /// RFC 2045 section 5.1. Comments, continuations and repeated parameters are odd.
    fn read(value: &str) -> (Self, Vec<Oddity>) {
        let mut oddities = Vec::new();
        let (media, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let media = media.trim().to_ascii_lowercase();
        let tokens = media
            .split_once('/')
            .is_some_and(|(a, b)| is_token(a) && is_token(b));
        if !tokens {
            note(&mut oddities, "a Content-Type is not well formed");
        }
        let mut parameters = BTreeMap::new();
        while !rest.trim().is_empty() {
            let Some((name, after)) = rest.split_once('=') else {
                note(&mut oddities, "a Content-Type is not well formed");
                break;
            };
            let name = name.trim().to_ascii_lowercase();
            if name.contains('*') {
                note(
                    &mut oddities,
                    "a Content-Type has a parameter in pieces, which not all readers put together",
                );
            } else if !is_token(&name) {
                note(&mut oddities, "a Content-Type is not well formed");
            }
            let after = after.trim_start();
            let (value, tail) = match after.strip_prefix('"') {
                Some(quoted) => match unquote(quoted) {
                    Some(read) => read,
                    None => {
                        note(&mut oddities, "a Content-Type is not well formed");
                        break;
                    }
                },
                None => {
                    let end = after.find(';').unwrap_or(after.len());
                    let (value, tail) = after.split_at(end);
                    let value = value.trim_end();
                    if !is_token(value) {
                        note(&mut oddities, "a Content-Type is not well formed");
                    }
                    (value.to_owned(), tail)
                }
            };
            if parameters.contains_key(&name) {
                note(
                    &mut oddities,
                    "a Content-Type has a parameter twice, and readers take the first or the last",
                );
            }
            parameters.entry(name).or_insert(value);
            rest = match tail.trim_start() {
                "" => "",
                tail => tail.strip_prefix(';').unwrap_or_else(|| {
                    note(&mut oddities, "a Content-Type is not well formed");
                    ""
                }),
            };
        }
        (Self { media, parameters }, oddities)
    }

    /// `multipart/...`
    pub(crate) fn is_multipart(&self) -> bool {
        self.media.starts_with("multipart/")
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// A token, or what people write without quotes where they belong (RFC 4134 has such names).
fn is_token(text: &str) -> bool {
    let odd = |b: u8| !(33..=126).contains(&b) || b"()<>@,;:\\\"/[]?=".contains(&b);
    !text.is_empty() && !text.bytes().any(odd)
}

/// The value of a quoted string, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// A multipart body in pieces.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// Before the first boundary.
    pub(crate) preamble: &'a [u8],
    /// Between boundaries, without the line end that belongs to the boundary.
    pub(crate) parts: Vec<&'a [u8]>,
    /// After the last boundary.
    pub(crate) epilogue: &'a [u8],
    pub(crate) oddities: Vec<Oddity>,
}

/// Cuts a body at its boundaries (RFC 2046 section 5.1.1); `None` where the boundary is none, there are too
/// many parts, or the last boundary is missing.
pub(crate) fn split<'a>(body: &'a [u8], boundary: &str) -> Option<Parts<'a>> {
    if boundary.is_empty() || boundary.len() > BOUNDARY || boundary.contains(['\r', '\n']) {
        return None;
    }
    let mut oddities = Vec::new();
    // RFC 2046 section 5.1.1; a space at its end is taken away by some.
    let usual = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c);
    if !boundary.chars().all(usual) || boundary.ends_with(' ') {
        note(
            &mut oddities,
            "a boundary has characters that it must not have, and readers look for another one",
        );
    }
    let dashed = format!("--{boundary}");
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut closed = None;
    let mut at = 0;
    while let Some(one) = line(body, at) {
        let start = at;
        at = one.next;
        // A carriage return alone ends a line for some.
        let hidden = one.text.split(|b| *b == b'\r').skip(1);
        if hidden
            .into_iter()
            .any(|piece| piece.starts_with(dashed.as_bytes()))
        {
            note(
                &mut oddities,
                "a boundary stands after a carriage return alone, which some readers take for a line end",
            );
        }
        let Some(rest) = one.text.strip_prefix(dashed.as_bytes()) else {
            continue;
        };
        // RFC 2046 section 5.1.1: spaces and tabs. Some readers take other controls for a space, too.
        match trim_blanks(rest) {
            _ if closed.is_some() => note(&mut oddities, "a boundary stands after the last one"),
            b"" => {
                if cuts.len() > PARTS {
                    return None;
                }
                cuts.push((start, one.next));
            }
            b"--" => closed = Some((start, one.next)),
            _ => note(
                &mut oddities,
                "a line begins like a boundary and is none, where readers differ",
            ),
        }
    }
    let closed = closed?;
    let (first, _) = *cuts.first()?;
    let ends = cuts.iter().skip(1).map(|(start, _)| *start);
    let parts = cuts.iter().zip(ends.chain([closed.0]));
    Some(Parts {
        preamble: body.get(..first)?,
        parts: parts
            .map(|((_, from), to)| without_line_end(body.get(*from..to).unwrap_or_default()))
            .collect(),
        epilogue: body.get(closed.1..).unwrap_or_default(),
        oddities,
    })
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| !matches!(b, b' ' | b'\t'));
    end.and_then(|end| text.get(..=end)).unwrap_or_default()
}

fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// Base64 in lines, and nothing else (RFC 2045 section 6.8 lets readers pass over other octets, and they
/// differ in that).
fn base64(body: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = (body.iter().copied())
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    if digits.contains(&b'=') {
        STANDARD.decode(digits).ok()
    } else {
        STANDARD_NO_PAD.decode(digits).ok()
    }
}

/// RFC 2045 section 6.7.
fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(one) = line(body, at) {
        let ended = body.get(one.next - 1) == Some(&b'\n');
        at = one.next;
        let text = one.text.trim_ascii_end();
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut octets = text.iter();
        while let Some(octet) = octets.next() {
            if *octet != b'=' {
                out.push(*octet);
                continue;
            }
            let digits = [*octets.next()?, *octets.next()?];
            let mut octet = [0];
            hex::decode_to_slice(digits, &mut octet).ok()?;
            out.extend(octet);
        }
        if ended && !soft {
            out.extend(b"\r\n");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content_type(value: &str) -> (ContentType, usize) {
        let (read, oddities) = ContentType::read(value);
        (read, oddities.len())
    }

    #[test]
    fn folded_and_quoted_values_are_read_as_one() {
        let entity = Entity::read(
            b"Subject: x\r\nContent-Type: multipart/signed;\r\n\tboundary=\"a;\\\"b\" ;\r\n  micalg=SHA1\r\n\r\nbody",
        )
        .unwrap();
        assert_eq!(entity.body, b"body");
        assert!(entity.oddities.is_empty());
        let (read, oddities) = entity.content_type();
        assert!(oddities.is_empty(), "{oddities:?}");
        assert_eq!(read.media, "multipart/signed");
        assert_eq!(read.parameter("boundary"), Some("a;\"b"));
        assert_eq!(read.parameter("micalg"), Some("SHA1"));
    }

    #[test]
    fn what_readers_read_in_two_ways_is_odd() {
        for (value, oddities) in [
            ("text/plain", 0),
            ("text/plain; name=smime.p7m;", 0),
            ("multipart/signed; boundary=a; boundary=b", 1),
            ("multipart/signed; boundary*0=a; boundary*1=b", 1),
            ("multipart/signed (really); boundary=a", 1),
            ("multipart/signed; boundary=\"a", 1),
            ("multipart/signed; boundary", 1),
            ("multipart/signed; boundary=\"a\"b; x=y", 1),
            ("multipart", 1),
        ] {
            assert_eq!(content_type(value).1, oddities, "{value}");
        }
        for (header, oddities) in [
            ("Content-Type: a/b\nContent-Type: a/b\n\n", 1),
            ("Content-Type : a/b\n\n", 1),
            ("Subject : a\n\n", 0),
            ("no field\nA: b\n\n", 1),
            ("A: b\n \n c\n\n", 1),
            ("A: b\rContent-Type: a/b\n\n", 1),
            ("Content-Type: a/b\x0c\n\n", 1),
            ("Content-Type: a/b;\n\tc=d\x0b\n\n", 1),
            ("Content-Type: a/b;\n\tc=d\n\n", 0),
            ("Subject: a\x0c\n\n", 0),
        ] {
            let entity = Entity::read(header.as_bytes()).unwrap();
            assert_eq!(entity.oddities.len(), oddities, "{header}");
        }
    }

    #[test]
    fn parts_end_where_the_line_end_of_the_boundary_begins() {
        let parts = split(b"pre\r\n--x\r\none\r\n\r\n--x  \ntwo\n--x--\nepi", "x").unwrap();
        assert_eq!(parts.preamble, b"pre\r\n");
        assert_eq!(parts.parts, [&b"one\r\n"[..], b"two"]);
        assert_eq!(parts.epilogue, b"epi");
        assert!(parts.oddities.is_empty());
        for (body, odd) in [
            (&b"--x\n--xy\n--x--\n"[..], 1),
            (b"--x\na\r--x\nb\n--x--\n", 1),
            (b"--x\na\n--x--\n--x\nb\n--x--\n", 1),
            (b"--x\na\n--x\x0c\nb\n--x--\n", 1),
            (b"--x\na\n--x \x0b\nb\n--x--\n", 1),
        ] {
            assert_eq!(split(body, "x").unwrap().oddities.len(), odd, "{body:?}");
        }
        for boundary in ["x ", "x\"", "x*", "\u{e9}"] {
            let body = format!("--{boundary}\na\n--{boundary}--\n");
            let parts = split(body.as_bytes(), boundary);
            assert!(parts.is_none_or(|p| !p.oddities.is_empty()), "{boundary:?}");
        }
        assert!(split(b"--x\na\n", "x").is_none());
        assert!(split(b"--x--\n", "x").is_none());
        assert!(split(b"----\n", "").is_none());
    }

    #[test]
    fn transfer_encodings_are_taken_at_their_word() {
        let body = |encoding: &str, body: &str| {
            let text = format!("Content-Transfer-Encoding: {encoding}\n\n{body}");
            Entity::read(text.as_bytes()).unwrap().decoded()
        };
        assert_eq!(body("BASE64", "aGk\r\n=\r\n").as_deref(), Some(&b"hi"[..]));
        assert_eq!(body("base64", "aGk").as_deref(), Some(&b"hi"[..]));
        assert_eq!(body("base64", "aGk=!"), None);
        assert_eq!(body("base64", "aGk=aGk="), None);
        assert_eq!(
            body("quoted-printable", "a=3Db=\nc \nd").as_deref(),
            Some(&b"a=bc\r\nd"[..])
        );
        assert_eq!(body("quoted-printable", "a=3"), None);
        assert_eq!(body("uuencode", "x"), None);
    }
}
