//! A forgiving reader of BER/DER (X.690) over borrowed bytes. It allocates nothing and judges
//! nothing but what it needs to find the next value; what is not DER is the business of `x690`.

/// One tag, length, value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tlv<'a> {
    /// The identifier octet; tag numbers above 30 do not occur in what is linted here.
    pub(crate) tag: u8,
    /// Everything, header included.
    pub(crate) raw: &'a [u8],
    /// The contents.
    pub(crate) value: &'a [u8],
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const UTF8_STRING: u8 = 0x0C;
pub(crate) const NUMERIC_STRING: u8 = 0x12;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const TELETEX_STRING: u8 = 0x14;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const VISIBLE_STRING: u8 = 0x1A;
pub(crate) const UNIVERSAL_STRING: u8 = 0x1C;
pub(crate) const BMP_STRING: u8 = 0x1E;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag octet of `[number]`, primitive.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag octet of `[number]`, constructed.
pub(crate) const fn context_constructed(number: u8) -> u8 {
    0xA0 | number
}

impl<'a> Tlv<'a> {
    /// The value at the start of `input`, and what follows it. `None` where no value of definite
    /// length stands there whole.
    pub(crate) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&tag, rest) = input.split_first()?;
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first & 0x80 != 0 {
            let octets = usize::from(first & 0x7F);
            if octets == 0 || octets > rest.len() {
                return None;
            }
            let (big, after) = rest.split_at(octets);
            rest = after;
            length = big
                .iter()
                .try_fold(0_usize, |n, b| n.checked_mul(256)?.checked_add((*b).into()))?;
        }
        let value = rest.get(..length)?;
        let end = input.len() - rest.len() + length;
        Some((
            Self {
                tag,
                raw: &input[..end],
                value,
            },
            &input[end..],
        ))
    }

    /// `input` as one value and nothing after it.
    pub(crate) fn whole(input: &'a [u8]) -> Option<Self> {
        match Self::read(input) {
            Some((tlv, [])) => Some(tlv),
            _ => None,
        }
    }

    /// `input` as one value with `tag` and nothing after it.
    pub(crate) fn whole_with(input: &'a [u8], tag: u8) -> Option<Self> {
        Self::whole(input).filter(|tlv| tlv.tag == tag)
    }

    /// This value where it has `tag`.
    pub(crate) fn with(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }

    /// The values inside.
    pub(crate) fn inside(self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// All values inside; `None` where something inside is no value.
    pub(crate) fn elements(self) -> Option<Vec<Tlv<'a>>> {
        elements(self.value)
    }

    /// As a small non-negative INTEGER or ENUMERATED.
    pub(crate) fn small(self) -> Option<u64> {
        small(self.value)
    }
}

/// INTEGER contents as a number of at most 63 bits, not negative.
pub(crate) fn small(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value[0] & 0x80 != 0 {
        return None;
    }
    let value = &value[value.iter().take_while(|b| **b == 0).count()..];
    if value.len() > 7 {
        return None;
    }
    Some(value.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// The values that `input` consists of; `None` where something is no value.
pub(crate) fn elements(input: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut reader = Reader::new(input);
    let mut out = Vec::new();
    for tlv in reader.by_ref() {
        out.push(tlv);
    }
    reader.is_done().then_some(out)
}

/// Values one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { rest: input }
    }

    /// Whether everything was read: `false` after `next` gave `None` means that what is left is no
    /// value.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next value where it has `tag`; else nothing is read.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<Tlv<'a>> {
        if self.rest.first() != Some(&tag) {
            return None;
        }
        self.next()
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (tlv, rest) = Tlv::read(self.rest)?;
        self.rest = rest;
        Some(tlv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_past_the_end_is_no_value() {
        for input in [
            &[][..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            &[0x30, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x1F, 0x81, 0x01, 0],
        ] {
            assert_eq!(Tlv::read(input), None, "{input:?}");
        }
        let (tlv, rest) = Tlv::read(&[0x04, 0x81, 1, 7, 9]).unwrap();
        assert_eq!((tlv.value, tlv.raw.len(), rest), (&[7][..], 4, &[9][..]));
    }
}
