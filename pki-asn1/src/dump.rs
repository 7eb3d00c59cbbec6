//! Any BER or DER as the list of its elements (X.690 clause 8), for people who want to see what is there.
//!
//! Nothing is decoded that could fail: a header says how long an element is, and what is in it is shown as
//! far as it can be. What an OCTET STRING or BIT STRING holds is looked into where all of it is elements.

mod value;

use core::ops::ControlFlow;

pub use value::{tag_name, value};

/// Bounds of a dump.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DumpLimits {
    /// Elements inside each other.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
}

impl Default for DumpLimits {
    fn default() -> Self {
        Self {
            depth: 128,
            elements: 1_000_000,
        }
    }
}

/// Why a dump ended before the input did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("at octet {offset}: {problem}")]
pub struct DumpError {
    /// Where the element begins.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: DumpProblem,
}

/// What is wrong with an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DumpProblem {
    /// Its tag and length are not all there, or larger than any.
    #[error("no tag and length")]
    Header,
    /// It is longer than what it stands in.
    #[error("an element of {length} octets, of which {there} are there")]
    TooLong {
        /// What its header says.
        length: usize,
        /// How many follow.
        there: usize,
    },
    /// Indefinite, and not constructed.
    #[error("a primitive element of indefinite length")]
    IndefinitePrimitive,
    /// Indefinite, and without an end.
    #[error("an element of indefinite length does not end")]
    NoEnd,
    /// More nesting than allowed.
    #[error("more than {0} elements inside each other")]
    TooDeep(usize),
    /// More elements than allowed.
    #[error("more than {0} elements")]
    TooMany(usize),
}

/// What kind of tag it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// ASN.1's own types.
    Universal,
    /// Of an application.
    Application,
    /// Of what it stands in.
    Context,
    /// Of whoever wrote it.
    Private,
}

/// One element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Element<'a> {
    /// Where its tag is in the input.
    pub offset: usize,
    /// How many elements it is inside of.
    pub depth: usize,
    /// Octets of tag and length.
    pub header: usize,
    /// Octets of content; `None` where an end-of-contents ends it.
    pub length: Option<usize>,
    /// What kind of tag it is.
    pub class: Class,
    /// Whether its content is elements.
    pub constructed: bool,
    /// The tag number.
    pub number: u64,
    /// The content of a primitive element.
    pub content: &'a [u8],
    /// Whether it was found in the content of a string, which need not be meant so.
    pub inside_string: bool,
}

/// Shows every element of `input` in order, until `visit` breaks.
///
/// # Errors
/// Where an element is no element, or a limit is reached; what comes before has been shown.
pub fn walk<'a>(
    input: &'a [u8],
    limits: DumpLimits,
    visit: &mut dyn FnMut(&Element<'a>) -> ControlFlow<()>,
) -> Result<(), DumpError> {
    let mut walk = Walk {
        input,
        limits,
        elements: 0,
        looked_at: 0,
    };
    walk.run(visit)
}

/// An element whose end has not come.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    /// Where it ends; `None` until an end-of-contents.
    end: Option<usize>,
    string: bool,
}

struct Walk<'a> {
    input: &'a [u8],
    limits: DumpLimits,
    elements: usize,
    /// Headers read to find out whether strings hold elements.
    looked_at: usize,
}

impl<'a> Walk<'a> {
    fn run(
        &mut self,
        visit: &mut dyn FnMut(&Element<'a>) -> ControlFlow<()>,
    ) -> Result<(), DumpError> {
        let mut open: Vec<Open> = Vec::new();
        let mut at = 0;
        loop {
            while open.last().is_some_and(|o| o.end == Some(at)) {
                open.pop();
            }
            let end = open
                .iter()
                .rev()
                .find_map(|o| o.end)
                .unwrap_or(self.input.len());
            if at == end {
                return match open.last() {
                    None => Ok(()),
                    Some(unended) => Err(error(unended.start, DumpProblem::NoEnd)),
                };
            }
            let mut element = element(&self.input[..end], at).map_err(|p| error(at, p))?;
            element.depth = open.len();
            element.inside_string = open.iter().any(|o| o.string);
            self.elements += 1;
            if self.elements > self.limits.elements {
                return Err(error(at, DumpProblem::TooMany(self.limits.elements)));
            }
            if visit(&element).is_break() {
                return Ok(());
            }
            let content = at + element.header;
            let stop = element.length.map(|length| content + length);
            if is_end(&element) && open.last().is_some_and(|o| o.end.is_none()) {
                open.pop();
                at = content;
                continue;
            }
            let inner = if element.constructed {
                Some(content)
            } else {
                self.inside(&element).map(|skipped| content + skipped)
            };
            match inner {
                Some(inner) => {
                    if open.len() + 1 > self.limits.depth {
                        return Err(error(at, DumpProblem::TooDeep(self.limits.depth)));
                    }
                    open.push(Open {
                        start: at,
                        end: stop,
                        string: !element.constructed,
                    });
                    at = inner;
                }
                // Of definite length, because it is primitive.
                None => at = stop.unwrap_or(content),
            }
        }
    }

    /// Where the elements begin that the content of a string consists of.
    fn inside(&mut self, element: &Element<'_>) -> Option<usize> {
        const OCTET_STRING: u64 = 4;
        const BIT_STRING: u64 = 3;
        let skipped = match (element.class, element.number) {
            (Class::Universal, OCTET_STRING) => 0,
            (Class::Universal, BIT_STRING) if element.content.first() == Some(&0) => 1,
            _ => return None,
        };
        let content = element.content.get(skipped..)?;
        let budget = self.limits.elements.saturating_sub(self.looked_at);
        let mut read = 0;
        let found = is_elements(content, budget, self.limits.depth, &mut read);
        self.looked_at += read;
        (found == Some(())).then_some(skipped)
    }
}

const fn error(offset: usize, problem: DumpProblem) -> DumpError {
    DumpError { offset, problem }
}

fn is_end(element: &Element<'_>) -> bool {
    element.class == Class::Universal
        && element.number == 0
        && !element.constructed
        && element.length == Some(0)
}

/// The element that begins at `at`; what it says of its length fits the input.
fn element(input: &[u8], at: usize) -> Result<Element<'_>, DumpProblem> {
    let bytes = input.get(at..).unwrap_or_default();
    let (first, mut header) = (*bytes.first().ok_or(DumpProblem::Header)?, 1);
    let mut number = u64::from(first & 0x1f);
    if number == 0x1f {
        number = 0;
        loop {
            let octet = *bytes.get(header).ok_or(DumpProblem::Header)?;
            header += 1;
            if number > u64::MAX >> 7 {
                return Err(DumpProblem::Header);
            }
            number = number << 7 | u64::from(octet & 0x7f);
            if octet & 0x80 == 0 {
                break;
            }
        }
    }
    let constructed = first & 0x20 != 0;
    let octet = *bytes.get(header).ok_or(DumpProblem::Header)?;
    header += 1;
    let length = match octet {
        0x80 => None,
        short @ 0..=0x7f => Some(usize::from(short)),
        0xff => return Err(DumpProblem::Header),
        long => {
            let count = usize::from(long & 0x7f);
            let octets = bytes.get(header..header + count);
            header += count;
            let length = octets.and_then(|octets| {
                octets.iter().try_fold(0usize, |n, b| {
                    n.checked_mul(256)?.checked_add(usize::from(*b))
                })
            });
            Some(length.ok_or(DumpProblem::Header)?)
        }
    };
    let there = bytes.len() - header;
    match length {
        None if !constructed => return Err(DumpProblem::IndefinitePrimitive),
        Some(length) if length > there => return Err(DumpProblem::TooLong { length, there }),
        _ => {}
    }
    Ok(Element {
        offset: at,
        depth: 0,
        header,
        length,
        class: match first >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::Context,
            _ => Class::Private,
        },
        constructed,
        number,
        content: match (constructed, length) {
            (false, Some(length)) => &bytes[header..header + length],
            _ => &[],
        },
        inside_string: false,
    })
}

/// Whether `content` is one element and nothing else, of the kind that structures are made of; counts the
/// headers that takes. Octets that happen to look like an element (a key identifier may) are rarely whole
/// ones of a universal type with elements all the way down.
fn is_elements(content: &[u8], budget: usize, depth: usize, read: &mut usize) -> Option<()> {
    let mut ends: Vec<usize> = vec![content.len()];
    let mut at = 0;
    while let Some(end) = ends.last().copied() {
        if at == end {
            ends.pop();
            continue;
        }
        if ends.len() == 1 && at > 0 {
            return None;
        }
        *read += 1;
        let element = element(&content[..end], at).ok()?;
        if *read > budget || ends.len() > depth || !is_plausible(&element, ends.len() == 1) {
            return None;
        }
        let inner = at + element.header;
        let stop = inner + element.length?;
        at = if element.constructed {
            ends.push(stop);
            inner
        } else {
            stop
        };
    }
    (*read > 0).then_some(())
}

fn is_plausible(element: &Element<'_>, outermost: bool) -> bool {
    const SEQUENCE_AND_SET: [u64; 2] = [16, 17];
    let content = element.content;
    match (element.class, element.number) {
        (Class::Universal, n) if SEQUENCE_AND_SET.contains(&n) => element.constructed,
        (Class::Universal, _) if element.constructed => false,
        (Class::Universal, 1) => content.len() == 1,
        (Class::Universal, 2 | 10) => !content.is_empty(),
        (Class::Universal, 3) => content.first().is_some_and(|unused| *unused < 8),
        (Class::Universal, 4) => true,
        (Class::Universal, 5) => content.is_empty(),
        (Class::Universal, 6) => content.last().is_some_and(|last| last & 0x80 == 0),
        (Class::Universal, 12) => core::str::from_utf8(content).is_ok(),
        (Class::Universal, 18 | 19 | 22..=26) => content.is_ascii(),
        (Class::Universal, 20 | 28 | 30) => !outermost,
        (Class::Context, _) => !outermost,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(input: &[u8]) -> (Vec<(usize, usize)>, Option<DumpProblem>) {
        let mut seen = Vec::new();
        let ended = walk(input, DumpLimits::default(), &mut |e| {
            seen.push((e.offset, e.depth));
            ControlFlow::Continue(())
        });
        (seen, ended.err().map(|e| e.problem))
    }

    #[test]
    fn an_indefinite_length_ends_at_the_wrong_place() {
        let input = b"\x30\x80\x04\x02ab\x24\x80\x04\x01a\0\0\0\0\x05\0";
        let expected = [(0, 0), (2, 1), (6, 1), (8, 2), (11, 2), (13, 1), (15, 0)];
        assert_eq!(offsets(input), (expected.to_vec(), None));
        assert_eq!(offsets(&input[..13]).1, Some(DumpProblem::NoEnd));
        assert_eq!(
            offsets(b"\x04\x80a\0\0").1,
            Some(DumpProblem::IndefinitePrimitive)
        );
    }

    #[test]
    fn what_a_string_holds_is_missed_or_invented() {
        let nested = b"\x04\x05\x30\x03\x02\x01\x05";
        assert_eq!(offsets(nested).0, [(0, 0), (2, 1), (4, 2)]);
        let bits = b"\x03\x04\x00\x02\x01\x05";
        assert_eq!(offsets(bits).0, [(0, 0), (3, 1)]);
        for plain in [
            &b"\x04\x04\x30\x03\x02\x01"[..],
            b"\x04\x03\x02\x01\x05\x05\0",
            b"\x03\x04\x07\x02\x01\x80",
        ] {
            let first = offsets(plain)
                .0
                .iter()
                .filter(|(_, depth)| *depth > 0)
                .count();
            assert_eq!(first, usize::from(plain[1] == 3), "{plain:?}");
        }
    }

    #[test]
    fn hostile_input_is_walked_without_end() {
        assert_eq!(
            offsets(&[0x30, 0x80].repeat(100_000)).1,
            Some(DumpProblem::TooDeep(128))
        );
        assert_eq!(
            offsets(&[5, 0].repeat(1_000_001)).1,
            Some(DumpProblem::TooMany(1_000_000))
        );
        let mut nested = vec![5, 0];
        for _ in 0..60_000 {
            let mut outer = vec![4, 0x84];
            outer.extend(u32::try_from(nested.len()).unwrap().to_be_bytes());
            // In reverse: the headers are put in front at the end.
            nested.splice(0..0, outer);
            if nested.len() > 2_000 {
                break;
            }
        }
        let _ = offsets(&nested);
        for bad in [
            &b"\x30"[..],
            b"\x1f\xff",
            b"\x30\xff",
            b"\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01",
            b"\x1f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
        ] {
            assert_eq!(offsets(bad).1, Some(DumpProblem::Header), "{bad:?}");
        }
    }
}
