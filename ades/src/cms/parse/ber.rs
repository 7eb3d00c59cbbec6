//! The little of BER (X.690 clause 8) that signatures of other products need.

use pki_asn1::ber::{BerError, Budget};

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

pub(crate) use pki_asn1::ber::header;

/// A value with definite lengths and strings in one piece.
pub(crate) struct Normal {
    pub(crate) der: Vec<u8>,
    pub(crate) encoding: Encoding,
    /// Octets of the input that the value took.
    pub(crate) consumed: usize,
}

/// Normalizes the first value of `input`.
pub(crate) fn normalize(input: &[u8], limits: &Limits) -> Result<Normal, CmsError> {
    let budget = Budget {
        depth: limits.depth,
        values: limits.values,
    };
    let normal = pki_asn1::ber::normalize(input, budget).map_err(|error| match error {
        BerError::Malformed(what) => CmsError::Malformed(what),
        BerError::Budget { what, limit } => CmsError::Budget { what, limit },
        _ => CmsError::Truncated,
    })?;
    Ok(Normal {
        encoding: if normal.changed {
            Encoding::Indefinite
        } else {
            Encoding::Definite
        },
        der: normal.der,
        consumed: normal.consumed,
    })
}
