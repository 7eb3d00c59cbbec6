//! `SIGNED{ToBeSigned}` (RFC 5280 section 4.1.1) with its original bytes.
//!
//! Certificates, CRLs, PKCS#10 requests and OCSP basic responses all have this shape: the bytes that
//! were signed, an algorithm, a signature. The bytes are sliced out of the input, never re-encoded.

use core::ops::Range;

use der::asn1::BitStringRef;
use der::{Decode, Header, Reader, SliceReader, Tag};
use spki::AlgorithmIdentifierOwned;

/// The three parts of a signed structure; offsets refer to the input the parts were parsed from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedParts {
    /// Where the to-be-signed value (header included) lies in the input.
    pub tbs: Range<usize>,
    /// The algorithm named outside the signed bytes.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// Where the octets of the signature value lie in the input.
    pub signature: Range<usize>,
    /// Where the structure ends in the input (optional fields may stand before it, as the `certs`
    /// of a BasicOCSPResponse do).
    pub rest: Range<usize>,
}

impl SignedParts {
    /// Splits `der`, one outer SEQUENCE. Anything after the signature inside the SEQUENCE is left
    /// in `rest`; anything after the SEQUENCE is an error.
    ///
    /// # Errors
    /// Where `der` is not of this shape, or the signature has unused bits.
    pub fn parse(der: &[u8]) -> der::Result<Self> {
        let outer = value_range(der, Tag::Sequence)?;
        if outer.end != der.len() {
            return Err(der::ErrorKind::TrailingData {
                decoded: len(outer.end)?,
                remaining: len(der.len() - outer.end)?,
            }
            .into());
        }
        let tbs = tlv_range(der, outer.start)?;
        let alg = tlv_range(der, tbs.end)?;
        let signature_algorithm = AlgorithmIdentifierOwned::from_der(&der[alg.clone()])?;
        let sig = tlv_range(der, alg.end)?;
        let bits = BitStringRef::from_der(&der[sig.clone()])?;
        let octets = bits
            .as_bytes()
            .ok_or_else(|| Tag::BitString.value_error())?;
        let signature = sig.end - octets.len()..sig.end;
        Ok(Self {
            tbs,
            signature_algorithm,
            signature,
            rest: sig.end..outer.end,
        })
    }
}

/// The range of the whole TLV (header and value) that starts at `at`.
///
/// # Errors
/// Where no definite-length TLV starts there or it runs past the end.
pub fn tlv_range(der: &[u8], at: usize) -> der::Result<Range<usize>> {
    let tail = der.get(at..).ok_or(der::ErrorKind::Failed)?;
    let mut reader = SliceReader::new(tail)?;
    let header = Header::decode(&mut reader)?;
    let head: usize = reader.position().try_into()?;
    let value: usize = header.length().try_into()?;
    let end = at
        .checked_add(head)
        .and_then(|n| n.checked_add(value))
        .filter(|end| *end <= der.len())
        .ok_or(der::ErrorKind::Failed)?;
    Ok(at..end)
}

/// The range of the value of the TLV that starts at `der[0]`, which must have `tag`.
///
/// # Errors
/// As [`tlv_range`], or where the tag differs.
pub fn value_range(der: &[u8], tag: Tag) -> der::Result<Range<usize>> {
    let mut reader = SliceReader::new(der)?;
    let header = Header::decode(&mut reader)?;
    header.tag().assert_eq(tag)?;
    let head: usize = reader.position().try_into()?;
    let whole = tlv_range(der, 0)?;
    Ok(head..whole.end)
}

fn len(n: usize) -> der::Result<der::Length> {
    der::Length::try_from(n)
}
