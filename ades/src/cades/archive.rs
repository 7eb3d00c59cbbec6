//! archive-time-stamp-v3 and the ats-hash-index-v3 in it (EN 319 122-1 clause 5.5.2 and 5.5.3).
//!
//! The token's imprint is over eContentType, the digest of the content, six fields of the SignerInfo
//! and the hash index, each as it stands in the file. The index holds a hash of every certificate,
//! revocation value and unsigned attribute value there was: what is added later stays uncovered and
//! harms nothing, what is exchanged or removed shows.

use std::collections::{BTreeSet, HashMap};

use der::{Decode, Encode};
use pki_asn1::oid;
use pki_asn1::write;
use pki_crypto::{Digest, DigestAlgorithm};
use spki::AlgorithmIdentifierOwned;

use crate::cms::attribute::Attribute;
use crate::cms::original::scan::Elements;
use crate::cms::original::{OriginalSignedData, OriginalSigner, ScanError, UnsignedValue};
use crate::cms::parse::ber::normalize;
use crate::cms::parse::{CmsError, SignerInfo};

/// ```text
/// ATSHashIndexV3 ::= SEQUENCE {
///     hashIndAlgorithm             AlgorithmIdentifier,
///     certificatesHashIndex        SEQUENCE OF OCTET STRING,
///     crlsHashIndex                SEQUENCE OF OCTET STRING,
///     unsignedAttrValuesHashIndex  SEQUENCE OF OCTET STRING }
/// ```
///
/// Of everything that is in the signature now, in DER.
///
/// # Errors
/// Where an unsigned attribute is malformed.
pub fn hash_index(
    data: &OriginalSignedData,
    signer: &OriginalSigner,
    algorithm: DigestAlgorithm,
) -> Result<Vec<u8>, CmsError> {
    let sequence = |hashes: Vec<Vec<u8>>| {
        let parts: Vec<&[u8]> = hashes.iter().map(Vec::as_slice).collect();
        write::tlv(write::SEQUENCE, &parts)
    };
    let string = |hash: Digest| write::tlv(write::OCTET_STRING, &[hash.as_bytes()]);
    let of = |all: &[Vec<u8>]| {
        sequence(
            all.iter()
                .map(|one| string(algorithm.digest(one)))
                .collect(),
        )
    };
    let values = signer.unsigned_values()?;
    let values = sequence(
        values
            .iter()
            .map(|v| string(value_hash(v, &v.value, algorithm)))
            .collect(),
    );
    let identifier = algorithm
        .identifier()
        .to_der()
        .map_err(|_| CmsError::Malformed("hashIndAlgorithm"))?;
    Ok(write::tlv(
        write::SEQUENCE,
        &[
            &identifier,
            &of(data.certificates()),
            &of(data.revocation()),
            &values,
        ],
    ))
}

/// attrType and one AttributeValue, one after the other.
fn value_hash(of: &UnsignedValue, value: &[u8], algorithm: DigestAlgorithm) -> Digest {
    let mut hasher = algorithm.hasher();
    hasher.update(&of.oid_der);
    hasher.update(value);
    hasher.finish()
}

/// What the imprint is over (clause 5.5.3): `content` is the digest, with the imprint's algorithm, of
/// what the signature's message-digest is over; `index` the DER of the hash index.
#[must_use]
pub fn imprint_input(
    data: &OriginalSignedData,
    signer: &OriginalSigner,
    content: &Digest,
    index: &[u8],
) -> Vec<u8> {
    [
        data.content_type_der(),
        content.as_bytes(),
        signer.signed_fields(),
        index,
    ]
    .concat()
}

/// The attribute: a token as received, with the index among the unsigned attributes of its signer.
///
/// # Errors
/// Where the token has not exactly one signer.
pub fn attribute(token: &[u8], index: &[u8]) -> Result<Attribute, ScanError> {
    let mut token = OriginalSignedData::from_bytes(token)?;
    let index = Attribute::new(oid::ATTR_ATS_HASH_INDEX_V3, index);
    match (token.signers().len(), token.signer_mut(0)) {
        (1, Some(signer)) => signer.add_unsigned(&index),
        _ => {
            return Err(CmsError::Malformed("a time-stamp token with one signer").into());
        }
    }
    Ok(Attribute::new(
        oid::ATTR_ARCHIVE_TIMESTAMP_V3,
        &token.to_vec()?,
    ))
}

/// What a hash index covers.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Certificates, by their place.
    pub certificates: BTreeSet<usize>,
    /// Revocation values, by their place.
    pub revocation: BTreeSet<usize>,
    /// Unsigned attribute values, by their place.
    pub values: BTreeSet<usize>,
}

/// An index that was read: its octets, and its hashes as they stand there.
pub struct HashIndex {
    /// The octets that the imprint covers.
    pub der: Vec<u8>,
    algorithm: DigestAlgorithm,
    lists: [Vec<Vec<u8>>; 3],
}

impl HashIndex {
    /// The one that the signer of a token carries.
    ///
    /// # Errors
    /// In words, where there is none, or more than one, or it is malformed.
    pub fn of_token(signer: &SignerInfo) -> Result<Self, String> {
        let mut found = signer.unsigned_values(&oid::ATTR_ATS_HASH_INDEX_V3);
        let (Some(der), None) = (found.next(), found.next()) else {
            return Err(
                "the archive time-stamp does not carry exactly one ats-hash-index-v3".into(),
            );
        };
        Self::parse(der).ok_or_else(|| "the ats-hash-index-v3 is malformed".into())
    }

    fn parse(der: &[u8]) -> Option<Self> {
        const HASHES: usize = 10_000;
        let mut whole = Elements::new(der);
        let mut fields = Elements::new(whole.take(write::SEQUENCE).ok()??.value);
        if !whole.is_empty() {
            return None;
        }
        let algorithm = fields.take(write::SEQUENCE).ok()??;
        let algorithm = AlgorithmIdentifierOwned::from_der(algorithm.whole).ok()?;
        let mut list = || -> Option<Vec<Vec<u8>>> {
            let list = fields.take(write::SEQUENCE).ok()??;
            Elements::new(list.value)
                .all("hashes", HASHES)
                .ok()?
                .into_iter()
                .map(|e| (e.tag == write::OCTET_STRING).then(|| e.value.to_vec()))
                .collect()
        };
        let lists = [list()?, list()?, list()?];
        if !fields.is_empty() {
            return None;
        }
        Some(Self {
            der: der.to_vec(),
            algorithm: DigestAlgorithm::from_oid(&algorithm.oid)?,
            lists,
        })
    }

    /// What it covers.
    ///
    /// # Errors
    /// In words, where a hash is that of nothing in the signature (clause 5.5.2: the index is then
    /// not valid), or the algorithm is not that of the imprint.
    pub fn covers(
        &self,
        data: &OriginalSignedData,
        values: &[UnsignedValue],
        imprint: Option<DigestAlgorithm>,
    ) -> Result<Coverage, String> {
        if imprint != Some(self.algorithm) {
            return Err(
                "the ats-hash-index-v3 uses another digest algorithm than its time-stamp".into(),
            );
        }
        let of = |all: &[Vec<u8>]| {
            all.iter()
                .map(|one| self.algorithm.digest(one).as_bytes().to_vec())
                .collect::<Vec<_>>()
        };
        let [certificates, revocation, unsigned] = &self.lists;
        let mut coverage = Coverage {
            certificates: named(certificates, &[of(data.certificates())], "certificate")?,
            revocation: named(revocation, &[of(data.revocation())], "revocation value")?,
            values: BTreeSet::new(),
        };
        // A value that is not in DER is hashed as it stands by some, and in DER by others.
        let as_is = values
            .iter()
            .map(|v| value_hash(v, &v.value, self.algorithm));
        let in_der = values.iter().map(|v| {
            let der = normalize(&v.value, &crate::cms::parse::Limits::default());
            match der {
                Ok(normal) => value_hash(v, &normal.der, self.algorithm),
                Err(_) => value_hash(v, &v.value, self.algorithm),
            }
        });
        let hashes = [
            as_is.map(|d| d.as_bytes().to_vec()).collect(),
            in_der.map(|d| d.as_bytes().to_vec()).collect(),
        ];
        coverage.values = named(unsigned, &hashes, "unsigned attribute")?;
        Ok(coverage)
    }
}

/// The places whose hash, in one of its forms, the index names; every hash has to name one.
fn named(
    index: &[Vec<u8>],
    present: &[Vec<Vec<u8>>],
    what: &str,
) -> Result<BTreeSet<usize>, String> {
    let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for form in present {
        for (place, hash) in form.iter().enumerate() {
            places.entry(hash).or_default().push(place);
        }
    }
    let mut out = BTreeSet::new();
    for hash in index {
        match places.get(hash.as_slice()) {
            Some(found) => out.extend(found),
            None => {
                return Err(format!(
                    "a {what} that the archive time-stamp covers was removed or exchanged"
                ));
            }
        }
    }
    Ok(out)
}
