//! certificate-values and revocation-values (RFC 5126 sections 6.3.3 and 6.3.4; EN 319 122-1 annex A.1): what
//! older signatures and time-stamps keep among the unsigned attributes, to be verified with later.

use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::write;

use crate::cms::original::scan::Elements;

/// Values in one attribute.
const VALUES: usize = 1_000;

/// One of the values, in the octets it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StoredValue<'v> {
    /// `Certificate`
    Certificate(&'v [u8]),
    /// `CertificateList`
    Crl(&'v [u8]),
    /// `BasicOCSPResponse`
    Response(&'v [u8]),
}

impl<'v> StoredValue<'v> {
    /// Its octets.
    pub(crate) fn der(self) -> &'v [u8] {
        match self {
            Self::Certificate(der) | Self::Crl(der) | Self::Response(der) => der,
        }
    }
}

/// What the value of an attribute of this type holds; nothing where it is of another type or malformed.
///
/// ```text
/// CertificateValues ::= SEQUENCE OF Certificate
/// RevocationValues ::= SEQUENCE {
///     crlVals     [0] SEQUENCE OF CertificateList   OPTIONAL,
///     ocspVals    [1] SEQUENCE OF BasicOCSPResponse OPTIONAL,
///     otherRevVals[2] OtherRevVals                  OPTIONAL }  -- explicit tags
/// ```
pub(crate) fn stored_values<'v>(kind: &ObjectIdentifier, value: &'v [u8]) -> Vec<StoredValue<'v>> {
    let read = match *kind {
        oid::ATTR_CERTIFICATE_VALUES => list(value, StoredValue::Certificate),
        oid::ATTR_REVOCATION_VALUES => revocation(value),
        _ => None,
    };
    read.unwrap_or_default()
}

fn list<'v>(
    sequence: &'v [u8],
    value: impl Fn(&'v [u8]) -> StoredValue<'v>,
) -> Option<Vec<StoredValue<'v>>> {
    let inside = Elements::new(sequence).take(write::SEQUENCE).ok()??;
    let all = Elements::new(inside.value).all("values", VALUES).ok()?;
    Some(all.iter().map(|one| value(one.whole)).collect())
}

fn revocation(value: &[u8]) -> Option<Vec<StoredValue<'_>>> {
    let whole = Elements::new(value).take(write::SEQUENCE).ok()??;
    let mut fields = Elements::new(whole.value);
    let mut out = Vec::new();
    if let Some(crls) = fields.take(write::context(0)).ok()? {
        out.extend(list(crls.value, StoredValue::Crl)?);
    }
    if let Some(responses) = fields.take(write::context(1)).ok()? {
        out.extend(list(responses.value, StoredValue::Response)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_tags_and_nothing_else_is() {
        let one = write::tlv(write::SEQUENCE, &[&[5, 0]]);
        let two = write::tlv(write::SEQUENCE, &[&[2, 1, 7]]);
        let both = write::tlv(write::SEQUENCE, &[&one, &two]);
        let certificates = stored_values(&oid::ATTR_CERTIFICATE_VALUES, &both);
        assert_eq!(
            certificates,
            [
                StoredValue::Certificate(&one),
                StoredValue::Certificate(&two)
            ]
        );
        let crls = write::tlv(write::context(0), &[&both]);
        let responses = write::tlv(write::context(1), &[&both]);
        let all = write::tlv(write::SEQUENCE, &[&crls, &responses]);
        let found = stored_values(&oid::ATTR_REVOCATION_VALUES, &all);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0], StoredValue::Crl(&one));
        assert_eq!(found[3], StoredValue::Response(&two));
        assert!(stored_values(&oid::ATTR_CONTENT_TYPE, &both).is_empty());
        for cut in 0..all.len() {
            assert!(stored_values(&oid::ATTR_REVOCATION_VALUES, &all[..cut]).is_empty());
        }
    }
}
