//! The little of BER (X.690 clause 8) that signatures of other products need.

use super::{CmsError, Encoding, Limits};

/// One value: identifier octet, whole encoding, content octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) whole: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The one value that `bytes` consist of.
    pub(crate) fn only(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let mut reader = Reader::new(bytes);
        match (reader.next(), reader.is_empty()) {
            (Some(tlv), true) => Ok(tlv),
            _ => Err(CmsError::Truncated),
        }
    }
}

/// Reads values of definite length one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value if it has this identifier octet.
    pub(crate) fn take(&mut self, tag: u8) -> Option<Tlv<'a>> {
        (*self.0.first()? == tag).then(|| self.next()).flatten()
    }

    /// The next value; `None` at the end and where no complete value follows.
    pub(crate) fn next(&mut self) -> Option<Tlv<'a>> {
        let (tag, head, length) = header(self.0)?;
        let end = head.checked_add(length?)?;
        let whole = self.0.get(..end)?;
        self.0 = self.0.get(end..)?;
        Some(Tlv {
            tag,
            whole,
            value: whole.get(head..)?,
        })
    }
}

/// Identifier octet, length of the header, length of the content (`None`: indefinite). Tags above
/// 30 do not occur in CMS.
pub(crate) fn header(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let tag = *bytes.first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    match *bytes.get(1)? {
        0x80 => Some((tag, 2, None)),
        short @ 0..=0x7f => Some((tag, 2, Some(usize::from(short)))),
        long => {
            let count = usize::from(long & 0x7f);
            let octets = bytes.get(2..2 + count)?;
            let length = octets.iter().try_fold(0usize, |n, b| {
                n.checked_mul(256)?.checked_add(usize::from(*b))
            })?;
            Some((tag, 2 + count, Some(length)))
        }
    }
}

/// A value with definite lengths and strings in one piece.
pub(crate) struct Normal {
    pub(crate) der: Vec<u8>,
    pub(crate) encoding: Encoding,
    /// Octets of the input that the value took.
    pub(crate) consumed: usize,
}

/// Normalizes the first value of `input`.
pub(crate) fn normalize(input: &[u8], limits: &Limits) -> Result<Normal, CmsError> {
    let mut walk = Walk {
        limits,
        values: 0,
        changed: false,
    };
    let mut der = Vec::new();
    let consumed = walk.value(input, 0, &mut der)?;
    Ok(Normal {
        encoding: if walk.changed {
            Encoding::Indefinite
        } else {
            Encoding::Definite
        },
        der,
        consumed,
    })
}

struct Walk<'l> {
    limits: &'l Limits,
    values: usize,
    changed: bool,
}

impl Walk<'_> {
    /// Copies one value to `out`; only what is not in definite form is written anew. Returns how
    /// many octets it took.
    fn value(&mut self, input: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<usize, CmsError> {
        if depth > self.limits.depth {
            return Err(CmsError::Budget {
                what: "nested values",
                limit: self.limits.depth,
            });
        }
        self.values += 1;
        if self.values > self.limits.values {
            return Err(CmsError::Budget {
                what: "values",
                limit: self.limits.values,
            });
        }
        let (tag, head, length) = header(input).ok_or(CmsError::Truncated)?;
        let constructed = tag & 0x20 != 0;
        match length {
            Some(length) => {
                let end = head.checked_add(length).ok_or(CmsError::Truncated)?;
                let whole = input.get(..end).ok_or(CmsError::Truncated)?;
                let before = (out.len(), self.changed);
                if constructed {
                    self.changed = tag == 0x24;
                    let inside =
                        self.children(tag, whole.get(head..).unwrap_or_default(), depth, out);
                    let changed = core::mem::replace(&mut self.changed, before.1);
                    match inside {
                        Ok(()) if changed => {
                            self.changed = true;
                            finish(tag, before.0, out);
                            return Ok(end);
                        }
                        Err(budget @ CmsError::Budget { .. }) => return Err(budget),
                        // Unchanged, or something opaque that merely looks constructed.
                        _ => out.truncate(before.0),
                    }
                }
                out.extend_from_slice(whole);
                Ok(end)
            }
            None if !constructed => Err(CmsError::Malformed(
                "indefinite length of a primitive value",
            )),
            None => {
                self.changed = true;
                let start = out.len();
                let mut at = head;
                loop {
                    let rest = input.get(at..).ok_or(CmsError::Truncated)?;
                    if rest.starts_with(&[0, 0]) {
                        break;
                    }
                    at += self.child(tag, rest, depth, out)?;
                }
                finish(tag, start, out);
                Ok(at + 2)
            }
        }
    }

    fn children(
        &mut self,
        tag: u8,
        value: &[u8],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), CmsError> {
        let mut at = 0;
        while at < value.len() {
            at += self.child(tag, &value[at..], depth, out)?;
        }
        Ok(())
    }

    /// A value inside another; of a string in pieces only the content is kept.
    fn child(
        &mut self,
        parent: u8,
        input: &[u8],
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, CmsError> {
        if parent != 0x24 {
            return self.value(input, depth + 1, out);
        }
        let mut piece = Vec::new();
        let consumed = self.value(input, depth + 1, &mut piece)?;
        let piece = Tlv::only(&piece)?;
        if piece.tag != 0x04 {
            return Err(CmsError::Malformed("pieces of an OCTET STRING"));
        }
        out.extend_from_slice(piece.value);
        Ok(consumed)
    }
}

/// Puts a header before the content that was written from `start` on.
fn finish(tag: u8, start: usize, out: &mut Vec<u8>) {
    let tag = if tag == 0x24 { 0x04 } else { tag };
    let header = pki_asn1::write::header(tag, (out.len() - start) as u64);
    out.splice(start..start, header);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(input: &[u8]) -> Result<Normal, CmsError> {
        normalize(input, &Limits::default())
    }

    #[test]
    fn definite_values_stay_byte_for_byte_even_with_long_lengths() {
        let odd = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05, 0xff];
        let n = normal(&odd).unwrap();
        assert_eq!(n.der, odd[..6]);
        assert_eq!((n.encoding, n.consumed), (Encoding::Definite, 6));
    }

    #[test]
    fn strings_in_pieces_are_joined() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x03, 0x04, 0x01, b'b', 0, 0, 0, 0, 9,
        ];
        let n = normal(&ber).unwrap();
        assert_eq!(n.der, [0x30, 0x04, 0x04, 0x02, b'a', b'b']);
        assert_eq!((n.encoding, n.consumed), (Encoding::Indefinite, 16));
    }

    #[test]
    fn nesting_is_bounded_before_the_stack_is() {
        let deep = [0x30u8, 0x80].repeat(100_000);
        assert!(matches!(normal(&deep), Err(CmsError::Budget { .. })));
        assert!(matches!(normal(&[0x30, 0x80]), Err(CmsError::Truncated)));
        assert!(matches!(normal(&[]), Err(CmsError::Truncated)));
    }
}
