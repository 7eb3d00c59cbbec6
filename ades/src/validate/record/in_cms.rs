//! Evidence records in unsigned attributes of a CMS signature (RFC 4998 appendix A, EN 319 122-3): over the
//! signature without them, in the encoding that it has.

use std::sync::Arc;

use pki_asn1::oid;
use pki_asn1::write;

use super::super::facts::{RecordFacts, RecordPlace};
use super::super::signer::Content;
use super::check;
use crate::cms::original::OriginalSignedData;
use crate::cms::original::scan::Elements;
use crate::cms::parse::CmsError;
use crate::evidence::Material;
use crate::evidence_record::EvidenceRecord;
use crate::text;
use crate::text::Text;

/// A signature with evidence records is looked at in memory.
pub(crate) const OCTETS: u64 = 64 << 20;
/// Evidence records of one signature.
const RECORDS: usize = 8;

/// One record with its place: signer, unsigned attribute, value.
struct Found {
    signer: usize,
    attribute: usize,
    value: usize,
    record: EvidenceRecord,
    octets: Arc<[u8]>,
    is_external: bool,
}

/// Whether there is one.
pub(crate) fn has_records(data: &OriginalSignedData) -> bool {
    let is_record =
        |oid: &oid::ObjectIdentifier| [oid::ATTR_ER_INTERNAL, oid::ATTR_ER_EXTERNAL].contains(oid);
    data.signers().iter().any(|signer| {
        let values = signer.unsigned_values().unwrap_or_default();
        values.iter().any(|value| is_record(&value.oid))
    })
}

/// The records of the signature that `bytes` are, whose signers are at `signatures` among those of the file,
/// and why others are none.
pub(crate) fn records(
    bytes: &[u8],
    content: &Content,
    signatures: core::ops::Range<usize>,
    prefix: &str,
    material: &mut Material,
) -> (Vec<RecordFacts>, Vec<Text>) {
    let mut problems = Vec::new();
    let found = match find(bytes, &mut problems) {
        Ok(found) => found,
        Err(error) => {
            problems.push(text!(
                "its evidence records cannot be read: {}",
                Text::from(error.to_string())
            ));
            Vec::new()
        }
    };
    let mut out = Vec::new();
    for (number, one) in found.iter().enumerate() {
        // Those that were added before are part of what this one is over.
        let later: Vec<[usize; 3]> = (found.iter())
            .filter(|other| begins(other) >= begins(one))
            .map(|other| [other.signer, other.attribute, other.value])
            .collect();
        let Ok(without) = without(bytes, &later) else {
            continue;
        };
        let signature = Content::Bytes(without.into()).shared();
        let mut objects = vec![("the signature".to_owned(), signature)];
        if one.is_external {
            objects.push(("the content".to_owned(), content.clone()));
        }
        let id = format!("{prefix}.evidence-record-{}", number + 1);
        let place = RecordPlace::Attribute;
        let mut facts = check(&one.record, &id, place, &objects, material);
        facts.signatures = signatures.clone().collect();
        facts.record = Arc::clone(&one.octets);
        out.push(facts);
    }
    (out, problems)
}

/// The time of the first token, for the order of records.
fn begins(one: &Found) -> Option<pki_asn1::UnixTime> {
    let first = one.record.chains.first()?.stamps.first()?;
    super::made(&first.token)
}

fn find(bytes: &[u8], problems: &mut Vec<Text>) -> Result<Vec<Found>, CmsError> {
    let mut out = Vec::new();
    for (signer, info) in signer_infos(bytes)?.into_iter().enumerate() {
        let Some(unsigned) = unsigned(info)? else {
            continue;
        };
        for (attribute, one) in children(unsigned)?.into_iter().enumerate() {
            let [oid, values] = children(one)?[..] else {
                continue;
            };
            let is_external = oid == write::oid(&oid::ATTR_ER_EXTERNAL);
            if !is_external && oid != write::oid(&oid::ATTR_ER_INTERNAL) {
                continue;
            }
            for (value, whole) in children(values)?.into_iter().enumerate() {
                if out.len() == RECORDS {
                    return Err(CmsError::Budget {
                        what: "evidence records",
                        limit: RECORDS,
                    });
                }
                match EvidenceRecord::parse(whole) {
                    Ok(record) => out.push(Found {
                        signer,
                        attribute,
                        value,
                        record,
                        octets: whole.into(),
                        is_external,
                    }),
                    Err(e) => problems.push(e.to_string().into()),
                }
            }
        }
    }
    Ok(out)
}

/// The values inside a value, each whole.
fn children(whole: &[u8]) -> Result<Vec<&[u8]>, CmsError> {
    const CHILDREN: usize = 10_000;
    let value = Elements::new(whole).next()?.value;
    let all = Elements::new(value).all("values", CHILDREN)?;
    Ok(all.into_iter().map(|e| e.whole).collect())
}

fn signer_infos(bytes: &[u8]) -> Result<Vec<&[u8]>, CmsError> {
    let bad = || CmsError::Malformed("ContentInfo");
    let explicit = *children(bytes)?.get(1).ok_or_else(bad)?;
    let data = *children(explicit)?.first().ok_or_else(bad)?;
    children(children(data)?.last().ok_or_else(bad)?)
}

/// unsignedAttrs of a SignerInfo.
fn unsigned(info: &[u8]) -> Result<Option<&[u8]>, CmsError> {
    let last = children(info)?.last().copied();
    Ok(last.filter(|whole| whole.first() == Some(&write::context(1))))
}

/// What takes the place of a value.
type Rewrite<'r> = &'r dyn Fn(&[u8]) -> Result<Vec<u8>, CmsError>;

/// The signature without these values; an attribute without values goes, and a set without attributes.
fn without(bytes: &[u8], values: &[[usize; 3]]) -> Result<Vec<u8>, CmsError> {
    let signed_data = |signers: Rewrite<'_>| {
        replace(bytes, Place::Nth(1), &|explicit| {
            replace(explicit, Place::Nth(0), &|data| {
                replace(data, Place::Last, signers)
            })
        })
    };
    let from_signer = |number: usize, info: &[u8]| {
        let mine: Vec<[usize; 2]> = (values.iter())
            .filter(|[signer, ..]| *signer == number)
            .map(|[_, attribute, value]| [*attribute, *value])
            .collect();
        match mine.is_empty() {
            true => Ok(info.to_vec()),
            false => replace(info, Place::Last, &|set| without_attributes(set, &mine)),
        }
    };
    signed_data(&|set| {
        let mut infos = Vec::new();
        for (number, info) in children(set)?.into_iter().enumerate() {
            infos.extend(from_signer(number, info)?);
        }
        around(set, &infos)
    })
}

fn without_attributes(set: &[u8], values: &[[usize; 2]]) -> Result<Vec<u8>, CmsError> {
    let mut left = Vec::new();
    for (number, attribute) in children(set)?.into_iter().enumerate() {
        let mine: Vec<usize> = (values.iter())
            .filter(|[attribute, _]| *attribute == number)
            .map(|[_, value]| *value)
            .collect();
        if mine.is_empty() {
            left.extend_from_slice(attribute);
            continue;
        }
        left.extend(replace(attribute, Place::Last, &|values| {
            let kept = children(values)?.into_iter().enumerate();
            let kept: Vec<&[u8]> = kept
                .filter(|(n, _)| !mine.contains(n))
                .map(|(_, v)| v)
                .collect();
            match kept.is_empty() {
                true => Ok(Vec::new()),
                false => around(values, &kept.concat()),
            }
        })?);
    }
    match left.is_empty() {
        true => Ok(Vec::new()),
        false => around(set, &left),
    }
}

#[derive(Clone, Copy)]
enum Place {
    Nth(usize),
    Last,
}

/// `whole` with one of the values in it replaced. Where an attribute loses its values it goes as a whole.
fn replace(whole: &[u8], place: Place, with: Rewrite<'_>) -> Result<Vec<u8>, CmsError> {
    let all = children(whole)?;
    let index = match place {
        Place::Nth(index) => index,
        Place::Last => all.len().saturating_sub(1),
    };
    let mut inside = Vec::with_capacity(whole.len());
    for (number, one) in all.into_iter().enumerate() {
        if number != index {
            inside.extend_from_slice(one);
            continue;
        }
        let new = with(one)?;
        let is_attribute = number == 1 && one.first() == Some(&write::SET);
        if new.is_empty() && is_attribute {
            return Ok(Vec::new());
        }
        inside.extend(new);
    }
    around(whole, &inside)
}

/// The header of `old` around other octets: a definite length is adapted, an indefinite one stays.
fn around(old: &[u8], inside: &[u8]) -> Result<Vec<u8>, CmsError> {
    let (tag, _, length) = pki_asn1::ber::header(old).ok_or(CmsError::Truncated)?;
    Ok(match length {
        Some(_) => write::tlv(tag, &[inside]),
        None => [&[tag, 0x80], inside, &[0, 0]].concat(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seq(parts: &[&[u8]]) -> Vec<u8> {
        write::tlv(write::SEQUENCE, parts)
    }

    /// A ContentInfo around one SignerInfo with these unsigned attributes.
    fn signature(unsigned: &[u8], is_indefinite: bool) -> Vec<u8> {
        let set = match unsigned.is_empty() {
            true => Vec::new(),
            false => write::tlv(write::context(1), &[unsigned]),
        };
        let info = seq(&[&[2, 1, 1], &set]);
        let data = seq(&[&[2, 1, 1], &write::tlv(write::SET, &[&info])]);
        let explicit = write::tlv(write::context(0), &[&data]);
        let inside = [&write::oid(&oid::CT_SIGNED_DATA)[..], &explicit].concat();
        match is_indefinite {
            true => [&[0x30, 0x80], &inside[..], &[0, 0]].concat(),
            false => seq(&[&inside]),
        }
    }

    fn attribute(oid: &oid::ObjectIdentifier, values: &[&[u8]]) -> Vec<u8> {
        seq(&[&write::oid(oid), &write::tlv(write::SET, values)])
    }

    #[test]
    fn what_is_left_is_the_signature_as_it_was_before() {
        let other = attribute(&oid::ATTR_SIGNATURE_TIMESTAMP, &[&[4, 1, 7]]);
        let long = write::tlv(write::OCTET_STRING, &[&[9; 300]]);
        let record = attribute(&oid::ATTR_ER_INTERNAL, &[&long]);
        let two = attribute(&oid::ATTR_ER_INTERNAL, &[&[4, 1, 1], &long]);
        let one = attribute(&oid::ATTR_ER_INTERNAL, &[&[4, 1, 1]]);
        for indefinite in [false, true] {
            let cases: [(Vec<u8>, [usize; 3], Vec<u8>); 3] = [
                ([&other[..], &record].concat(), [0, 1, 0], other.clone()),
                (record.clone(), [0, 0, 0], Vec::new()),
                (two.clone(), [0, 0, 1], one.clone()),
            ];
            for (with, place, left) in cases {
                let made = without(&signature(&with, indefinite), &[place]).unwrap();
                assert_eq!(made, signature(&left, indefinite));
            }
        }
    }
}
