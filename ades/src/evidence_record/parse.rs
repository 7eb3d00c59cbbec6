//! Reading an `EvidenceRecord` with its original octets (RFC 4998 section 3.1 and 4.1), DER or BER.

use der::Decode;
use pki_asn1::ber::{self, Budget};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::write;
use pki_crypto::DigestAlgorithm;

use super::{ArchiveTimeStamp, Chain, EvidenceRecord, HashTree, RecordError};
use crate::cms::original::scan::{Element, Elements};

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Octets of the whole record.
    pub octets: usize,
    /// Chains: each new one hashes everything before it.
    pub chains: usize,
    /// Archive time-stamps in all chains.
    pub stamps: usize,
    /// Hashes in all trees.
    pub hashes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: 16 << 20,
            chains: 32,
            stamps: 256,
            hashes: 200_000,
        }
    }
}

/// digestAlgorithms, cryptoInfos, attributes.
const FEW: usize = 100;
/// A string in pieces has not more of them: a hash is short.
const PIECES: usize = 64;

pub(super) fn record(input: &[u8], limits: &Limits) -> Result<EvidenceRecord, RecordError> {
    let budget = |what, limit| RecordError::Budget { what, limit };
    if input.len() > limits.octets {
        return Err(budget("octets", limits.octets));
    }
    if input.first() != Some(&write::SEQUENCE) {
        return Err(RecordError::NotARecord("it is no SEQUENCE"));
    }
    let mut outer = Elements::new(input);
    let whole = outer.next()?;
    if !outer.is_empty() {
        return Err(RecordError::Malformed("something follows it"));
    }
    let mut fields = Elements::new(whole.value);
    let version = (fields.take(write::INTEGER)?).ok_or(RecordError::NotARecord("no version"))?;
    let algorithms = (fields.take(write::SEQUENCE)?)
        .ok_or(RecordError::NotARecord("it has no digestAlgorithms"))?;
    let mut digest_algorithms = Vec::new();
    for one in Elements::new(algorithms.value).all("digestAlgorithms", FEW)? {
        let named = algorithm(one).ok_or(RecordError::NotARecord("no digestAlgorithms"))?;
        digest_algorithms.push(named);
    }
    if version.value != [1] {
        return Err(RecordError::Version);
    }
    let crypto_infos = match fields.take(write::context(0))? {
        Some(infos) => Elements::new(infos.value).all("cryptoInfos", FEW)?.len(),
        None => 0,
    };
    let encryption = match fields.take(write::context(1))? {
        Some(info) => Some(
            identifier(Elements::new(info.value).next()?)
                .ok_or(RecordError::Malformed("encryptionInfo"))?,
        ),
        None => None,
    };
    let sequence = (fields.take(write::SEQUENCE)?)
        .ok_or(RecordError::NotARecord("it has no archive time-stamps"))?;
    if !fields.is_empty() {
        return Err(RecordError::Malformed("something follows the sequence"));
    }
    let mut left = Left {
        stamps: limits.stamps,
        hashes: limits.hashes,
        limits,
    };
    let mut chains = Vec::new();
    for one in Elements::new(sequence.value).all("chains", limits.chains)? {
        chains.push(chain(one, &mut left)?);
    }
    if chains.is_empty() {
        return Err(RecordError::Malformed("it has no archive time-stamp"));
    }
    Ok(EvidenceRecord {
        digest_algorithms,
        crypto_infos,
        encryption,
        chains,
    })
}

/// What may still be read.
struct Left<'l> {
    stamps: usize,
    hashes: usize,
    limits: &'l Limits,
}

fn chain(element: Element<'_>, left: &mut Left<'_>) -> Result<Chain, RecordError> {
    let bad = RecordError::Malformed("ArchiveTimeStampChain");
    if element.tag != write::SEQUENCE {
        return Err(bad);
    }
    let mut stamps = Vec::new();
    let mut inside = Elements::new(element.value);
    while !inside.is_empty() {
        left.stamps = (left.stamps.checked_sub(1)).ok_or(RecordError::Budget {
            what: "archive time-stamps",
            limit: left.limits.stamps,
        })?;
        stamps.push(stamp(inside.next()?, left)?);
    }
    if stamps.is_empty() {
        return Err(bad);
    }
    Ok(Chain {
        stamps,
        der: element.whole.to_vec(),
    })
}

fn stamp(element: Element<'_>, left: &mut Left<'_>) -> Result<ArchiveTimeStamp, RecordError> {
    let bad = RecordError::Malformed;
    if element.tag != write::SEQUENCE {
        return Err(bad("ArchiveTimeStamp"));
    }
    let mut fields = Elements::new(element.value);
    let digest_algorithm = match fields.take(write::context(0))? {
        Some(one) => Some(identifier_in(one.value).ok_or(bad("digestAlgorithm"))?),
        None => None,
    };
    let attributes = match fields.take(write::context(1))? {
        Some(set) => Elements::new(set.value).all("attributes", FEW)?.len(),
        None => 0,
    };
    let tree = match fields.take(write::context(2))? {
        Some(lists) => Some(tree(lists, left)?),
        None => None,
    };
    let token = fields.take(write::SEQUENCE)?.ok_or(bad("timeStamp"))?;
    if !fields.is_empty() {
        return Err(bad("ArchiveTimeStamp"));
    }
    Ok(ArchiveTimeStamp {
        digest_algorithm,
        attributes,
        tree,
        token: token.whole.to_vec(),
    })
}

fn tree(element: Element<'_>, left: &mut Left<'_>) -> Result<HashTree, RecordError> {
    let bad = RecordError::Malformed("reducedHashtree");
    let mut lists = Vec::new();
    let mut inside = Elements::new(element.value);
    while !inside.is_empty() {
        let list = inside.take(write::SEQUENCE)?.ok_or(bad.clone())?;
        let mut hashes = Vec::new();
        let mut own = Elements::new(list.value);
        while !own.is_empty() {
            left.spend()?;
            hashes.push(octets(own.next()?)?);
        }
        // An empty list costs as well.
        left.spend()?;
        lists.push(hashes);
    }
    Ok(HashTree::new(lists))
}

impl Left<'_> {
    fn spend(&mut self) -> Result<(), RecordError> {
        self.hashes = (self.hashes.checked_sub(1)).ok_or(RecordError::Budget {
            what: "hashes",
            limit: self.limits.hashes,
        })?;
        Ok(())
    }
}

/// The content of an OCTET STRING, in one piece or in pieces.
fn octets(string: Element<'_>) -> Result<Vec<u8>, RecordError> {
    const CONSTRUCTED: u8 = write::OCTET_STRING | 0x20;
    let bad = RecordError::Malformed("PartialHashtree");
    match string.tag {
        write::OCTET_STRING => Ok(string.value.to_vec()),
        CONSTRUCTED => {
            let mut out = Vec::new();
            for piece in Elements::new(string.value).all("pieces of a hash", PIECES)? {
                if piece.tag != write::OCTET_STRING {
                    return Err(bad);
                }
                out.extend_from_slice(piece.value);
            }
            Ok(out)
        }
        _ => Err(bad),
    }
}

/// The OID of an AlgorithmIdentifier.
fn algorithm(element: Element<'_>) -> Option<ObjectIdentifier> {
    (element.tag == write::SEQUENCE)
        .then(|| identifier_in(element.value))
        .flatten()
}

/// The OID at the beginning of these octets.
fn identifier_in(value: &[u8]) -> Option<ObjectIdentifier> {
    identifier(Elements::new(value).next().ok()?)
}

fn identifier(element: Element<'_>) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_der(element.whole).ok()
}

/// The digests of what was received: as it stands, and in definite lengths where that is another form.
pub(super) fn digests(received: &[u8], algorithm: DigestAlgorithm) -> Vec<Vec<u8>> {
    let budget = Budget {
        depth: 64,
        values: 1_000_000,
    };
    let mut out = vec![algorithm.digest(received).as_bytes().to_vec()];
    if let Ok(normal) = ber::normalize(received, budget)
        && normal.changed
    {
        out.push(algorithm.digest(&normal.der).as_bytes().to_vec());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(hex: &str) -> Result<EvidenceRecord, RecordError> {
        EvidenceRecord::parse(&hex::decode(hex.replace(' ', "")).unwrap())
    }

    /// version 1, SHA-256, one chain with one stamp whose token is an empty SEQUENCE.
    const SMALLEST: &str = "301a 020101 300d 300b0609608648016503040201 3006 3004 3002 3000";

    fn smallest() -> Vec<u8> {
        hex::decode(SMALLEST.replace(' ', "")).unwrap()
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_no_record() {
        let whole = smallest();
        let record = EvidenceRecord::parse(&whole).unwrap();
        assert_eq!(record.chains.len(), 1);
        assert_eq!(record.chains[0].stamps[0].token, [0x30, 0]);
        for cut in 0..whole.len() {
            assert!(EvidenceRecord::parse(&whole[..cut]).is_err(), "{cut}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(EvidenceRecord::parse(&longer).is_err());
    }

    #[test]
    fn something_else_is_called_something_else() {
        for other in ["", "0500", "3000", "30030201ff", "25504446"] {
            let error = parsed(other).unwrap_err();
            assert!(
                matches!(error, RecordError::NotARecord(_) | RecordError::Truncated),
                "{other}: {error:?}"
            );
            assert!(error.hint().is_some());
        }
    }
}
