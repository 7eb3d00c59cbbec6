//! What an appearance stream draws (ISO 32000-2, 12.5.5, 8.2): its text, and whether it has pictures
//! or covers what is under it. Fonts are not read: text in codes that no ASCII reader understands
//! counts as unknown.

use std::cell::Cell;

use pdf_file::{Dict, Object, PdfFile, RevisionId};

/// What is drawn, of all appearances together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Drawn {
    /// Strings in the order they are shown.
    pub(super) text: String,
    /// All text is in codes that read as themselves, and everything could be read.
    pub(super) plain: bool,
    /// Images, shadings, or forms that cannot be looked into.
    pub(super) pictures: bool,
    /// Areas are filled, and nothing makes them transparent.
    pub(super) opaque: bool,
    /// The octets of it all.
    content: Vec<u8>,
}

/// Streams of one appearance dictionary.
const STREAMS: usize = 32;
/// Forms inside forms.
const FORMS: u8 = 4;
/// Octets of one stream that are read.
const CONTENT: u64 = 2 << 20;
/// Octets of content that are read in a whole file.
pub(super) const WHOLE: u64 = 64 << 20;

/// What an appearance dictionary (/AP) draws in its normal appearances.
/// `left` is how much may still be read in the whole file.
pub(super) fn appearances(
    pdf: &PdfFile,
    appearance: Option<&Object>,
    at: RevisionId,
    left: &Cell<u64>,
) -> Drawn {
    let mut reading = Reading {
        pdf,
        at,
        left,
        streams: STREAMS,
        drawn: Drawn {
            text: String::new(),
            plain: true,
            pictures: false,
            opaque: false,
            content: Vec::new(),
        },
    };
    if let Some(appearance) = appearance
        && let Ok(appearance) = pdf.resolve(appearance, at)
        && let Some(appearance) = appearance.as_dict()
        && let Ok(normal) = pdf.get(appearance, "N", at)
    {
        match &*normal {
            Object::Dict(states) => {
                for (_, state) in states.iter() {
                    if let Ok(state) = pdf.resolve(state, at) {
                        reading.form(&state, FORMS);
                    }
                }
            }
            other => reading.form(other, FORMS),
        }
    }
    reading.drawn
}

struct Reading<'a> {
    pdf: &'a PdfFile,
    at: RevisionId,
    left: &'a Cell<u64>,
    streams: usize,
    drawn: Drawn,
}

impl Reading<'_> {
    fn form(&mut self, form: &Object, depth: u8) {
        let Object::Stream(stream) = form else {
            return;
        };
        let limit = CONTENT.min(self.left.get());
        let content = self.pdf.stream_data_within(stream, self.at, limit);
        let cost = content.as_ref().map_or(limit, |c| c.len() as u64);
        self.left.set(self.left.get().saturating_sub(cost + 1024));
        let (Ok(content), true) = (content, depth > 0 && self.streams > 0) else {
            self.drawn.plain = false;
            self.drawn.pictures = true;
            return;
        };
        self.streams -= 1;
        self.drawn.content.extend(&content);
        let operators = operators(&content);
        for shown in &operators.text {
            self.drawn.plain &= shown.iter().all(|b| (0x20..0x7f).contains(b));
            self.drawn.text.extend(shown.iter().map(|b| char::from(*b)));
        }
        let resources = self.resources(&stream.dict, "ExtGState");
        self.drawn.opaque |= operators.fills && !self.is_transparent(&resources, &operators);
        self.drawn.pictures |= operators.pictures;
        let forms = self.resources(&stream.dict, "XObject");
        for name in &operators.forms {
            let inner = forms.get(name).map(|o| self.pdf.resolve(o, self.at));
            match inner {
                Some(Ok(inner))
                    if inner
                        .as_stream()
                        .is_some_and(|s| s.dict.is("Subtype", "Form")) =>
                {
                    self.form(&inner, depth - 1);
                }
                _ => self.drawn.pictures = true,
            }
        }
    }

    fn resources(&self, form: &Dict, kind: &str) -> Dict {
        let resources = self.pdf.get(form, "Resources", self.at).ok();
        resources
            .and_then(|r| {
                let inner = self.pdf.get(r.as_dict()?, kind, self.at).ok()?;
                inner.as_dict().cloned()
            })
            .unwrap_or_default()
    }

    /// Whether a graphics state that is used lets what is under it through.
    fn is_transparent(&self, states: &Dict, operators: &Operators) -> bool {
        operators.states.iter().any(|name| {
            let Some(Ok(state)) = states.get(name).map(|o| self.pdf.resolve(o, self.at)) else {
                return false;
            };
            state.as_dict().is_some_and(|s| {
                s.is("BM", "Multiply")
                    || s.get("ca")
                        .and_then(Object::as_number)
                        .is_some_and(|alpha| alpha <= 0.6)
            })
        })
    }
}

#[derive(Debug, Default)]
struct Operators {
    text: Vec<Vec<u8>>,
    forms: Vec<Vec<u8>>,
    states: Vec<Vec<u8>>,
    pictures: bool,
    fills: bool,
}

/// Reads a content stream as far as it matters here (7.8.2).
fn operators(content: &[u8]) -> Operators {
    let mut out = Operators::default();
    let mut strings: Vec<Vec<u8>> = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    let mut at = 0;
    while let Some(byte) = content.get(at) {
        match byte {
            b'%' => {
                at += content[at..]
                    .iter()
                    .take_while(|b| !matches!(b, b'\r' | b'\n'))
                    .count();
            }
            b'(' => {
                let (string, length) = literal(&content[at..]);
                strings.push(string);
                at += length;
            }
            b'<' if content.get(at + 1) == Some(&b'<') => at += 2,
            b'<' => {
                let digits: Vec<u8> = content[at + 1..]
                    .iter()
                    .copied()
                    .take_while(|b| *b != b'>')
                    .collect();
                at += digits.len() + 2;
                let mut digits: Vec<u8> =
                    digits.into_iter().filter(u8::is_ascii_hexdigit).collect();
                if digits.len() % 2 == 1 {
                    digits.push(b'0');
                }
                strings.push(hex::decode(digits).unwrap_or_default());
            }
            b'/' => {
                name = regular(&content[at + 1..]).to_vec();
                at += 1 + name.len();
            }
            b if is_regular(*b) => {
                let word = regular(&content[at..]);
                at += word.len();
                let number = word
                    .iter()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
                if number {
                    continue;
                }
                match word {
                    b"Tj" | b"TJ" | b"'" | b"\"" => out.text.append(&mut strings),
                    b"Do" => out.forms.push(std::mem::take(&mut name)),
                    b"gs" => out.states.push(std::mem::take(&mut name)),
                    b"sh" => out.pictures = true,
                    // Inline images are binary: nothing after them is read.
                    b"BI" => {
                        out.pictures = true;
                        return out;
                    }
                    b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => out.fills = true,
                    _ => {}
                }
                strings.clear();
            }
            _ => at += 1,
        }
    }
    out
}

/// A literal string (7.3.4.2) without its escapes, and its length as written.
fn literal(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let Some(next) = bytes.get(at) else { break };
                let octal: Vec<u8> = bytes[at..]
                    .iter()
                    .copied()
                    .take(3)
                    .take_while(|b| (b'0'..=b'7').contains(b))
                    .collect();
                if octal.is_empty() {
                    at += 1;
                    match next {
                        b'n' | b'r' | b't' | b'b' | b'f' => out.push(b' '),
                        b'\r' | b'\n' => {}
                        other => out.push(*other),
                    }
                } else {
                    at += octal.len();
                    let value = octal.iter().fold(0_u32, |v, d| v * 8 + u32::from(d - b'0'));
                    out.push((value & 0xff) as u8);
                }
            }
            b'(' => {
                if depth > 0 {
                    out.push(b'(');
                }
                depth += 1;
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                out.push(b')');
            }
            other => out.push(*other),
        }
    }
    (out, at)
}

fn regular(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|b| is_regular(**b)).count();
    &bytes[..length]
}

fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | 0x0c
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_notation_is_read_past() {
        let read = |content: &[u8]| {
            let all = operators(content);
            (all.text.concat(), all.pictures, all.fills)
        };
        assert_eq!(
            read(b"BT /F1 12 Tf (a\\)b\\101) Tj [(c) -20 <64>] TJ ET"),
            (b"a)bAcd".to_vec(), false, false)
        );
        assert_eq!(read(b"% (x) Tj\n0 0 1 1 re f*"), (vec![], false, true));
        assert_eq!(read(b"BI /W 1 ID (x) Tj"), (vec![], true, false));
        assert_eq!(operators(b"/R0 gs /Fm0 Do").forms, [b"Fm0".to_vec()]);
        // Cut off in the middle.
        read(b"(abc");
        read(b"<41");
        read(b"(a\\");
    }
}
