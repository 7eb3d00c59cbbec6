//! The little of BER (X.690 clause 8) that files and signatures of other products need: indefinite
//! lengths made definite, strings in pieces made whole. What is in definite form already stays byte for
//! byte.

/// Why a value could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BerError {
    /// The bytes end before the value does.
    #[error("a value ends too early")]
    Truncated,
    /// The encoding contradicts itself.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// More nesting or more values than allowed.
    #[error("more than {limit} {what}")]
    Budget {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
}

/// Most nesting and most values of one input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Values inside each other.
    pub depth: usize,
    /// Values in all.
    pub values: usize,
}

/// A value with definite lengths and strings in one piece.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Normal {
    /// The value.
    pub der: Vec<u8>,
    /// Whether that is another encoding than the input's.
    pub changed: bool,
    /// Octets of the input that the value took.
    pub consumed: usize,
}

/// Identifier octet, length of the header, length of the content (`None`: indefinite); `None` where the
/// bytes end within. Tags above 30 are not read.
#[must_use]
pub fn header(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
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

/// Normalizes the first value of `input`.
///
/// # Errors
/// See [`BerError`].
pub fn normalize(input: &[u8], budget: Budget) -> Result<Normal, BerError> {
    let mut walk = Walk {
        budget,
        values: 0,
        changed: false,
    };
    let mut der = Vec::new();
    let consumed = walk.value(input, 0, &mut der)?;
    Ok(Normal {
        der,
        changed: walk.changed,
        consumed,
    })
}

struct Walk {
    budget: Budget,
    values: usize,
    changed: bool,
}

impl Walk {
    /// Copies one value to `out`; only what is not in definite form is written anew. Returns how
    /// many octets it took.
    fn value(&mut self, input: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<usize, BerError> {
        if depth > self.budget.depth {
            return Err(BerError::Budget {
                what: "nested values",
                limit: self.budget.depth,
            });
        }
        self.values += 1;
        if self.values > self.budget.values {
            return Err(BerError::Budget {
                what: "values",
                limit: self.budget.values,
            });
        }
        let (tag, head, length) = header(input).ok_or(BerError::Truncated)?;
        let constructed = tag & 0x20 != 0;
        match length {
            Some(length) => {
                let end = head.checked_add(length).ok_or(BerError::Truncated)?;
                let whole = input.get(..end).ok_or(BerError::Truncated)?;
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
                        Err(budget @ BerError::Budget { .. }) => return Err(budget),
                        // Unchanged, or something opaque that merely looks constructed.
                        _ => out.truncate(before.0),
                    }
                }
                out.extend_from_slice(whole);
                Ok(end)
            }
            None if !constructed => Err(BerError::Malformed(
                "indefinite length of a primitive value",
            )),
            None => {
                self.changed = true;
                let start = out.len();
                let mut at = head;
                loop {
                    let rest = input.get(at..).ok_or(BerError::Truncated)?;
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
    ) -> Result<(), BerError> {
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
    ) -> Result<usize, BerError> {
        if parent != 0x24 {
            return self.value(input, depth + 1, out);
        }
        let mut piece = Vec::new();
        let consumed = self.value(input, depth + 1, &mut piece)?;
        let (tag, head, _) = header(&piece).ok_or(BerError::Truncated)?;
        if tag != 0x04 {
            return Err(BerError::Malformed("pieces of an OCTET STRING"));
        }
        out.extend_from_slice(piece.get(head..).unwrap_or_default());
        Ok(consumed)
    }
}

/// Puts a header before the content that was written from `start` on.
fn finish(tag: u8, start: usize, out: &mut Vec<u8>) {
    let tag = if tag == 0x24 { 0x04 } else { tag };
    let header = crate::write::header(tag, (out.len() - start) as u64);
    out.splice(start..start, header);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(input: &[u8]) -> Result<Normal, BerError> {
        normalize(
            input,
            Budget {
                depth: 64,
                values: 1_000_000,
            },
        )
    }

    #[test]
    fn definite_values_stay_byte_for_byte_even_with_long_lengths() {
        let odd = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05, 0xff];
        let n = normal(&odd).unwrap();
        assert_eq!(n.der, odd[..6]);
        assert_eq!((n.changed, n.consumed), (false, 6));
    }

    #[test]
    fn strings_in_pieces_are_joined() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x03, 0x04, 0x01, b'b', 0, 0, 0, 0, 9,
        ];
        let n = normal(&ber).unwrap();
        assert_eq!(n.der, [0x30, 0x04, 0x04, 0x02, b'a', b'b']);
        assert_eq!((n.changed, n.consumed), (true, 16));
    }

    #[test]
    fn nesting_is_bounded_before_the_stack_is() {
        let deep = [0x30u8, 0x80].repeat(100_000);
        assert!(matches!(normal(&deep), Err(BerError::Budget { .. })));
        assert!(matches!(normal(&[0x30, 0x80]), Err(BerError::Truncated)));
        assert!(matches!(normal(&[]), Err(BerError::Truncated)));
    }
}
