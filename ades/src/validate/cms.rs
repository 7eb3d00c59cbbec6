//! The facts of a CMS signature (RFC 5652, EN 319 122-1): its signers, their counter-signatures, and
//! what their archive time-stamps really cover. The content is read as a stream.

use std::collections::HashMap;
use std::sync::Arc;

use pdf_file::{MemorySource, Source};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::pem;
use pki_crypto::{DigestAlgorithm, Hasher};

use super::carried::{Carried, Location};
use super::facts::{
    ArchiveFacts, ArchiveForm, Archived, Check, CmsFacts, Countersigned, Facts, FileFormat,
    SignatureFacts, SignatureFormat, SignatureKind, SigningCertificateAttribute,
};
use super::gather::{GatherError, collect, content_timestamps};
use super::record::in_cms;
use super::signer::{self, Content, Place};
use super::stamp;
use super::token;
use crate::cades::archive::{self, HashIndex};
use crate::cades::attributes::{PolicyStore, SignedProperties};
use crate::cms::original::{OriginalSignedData, OriginalSigner, ScanError, UnsignedValue};
use crate::cms::parse::{CmsError, SignedData, SignerInfo};
use crate::evidence::Material;
use crate::text;
use crate::text::Text;

mod archive_v2;

/// A signature in PEM form is decoded in memory.
const PEM: u64 = 256 << 20;
/// Content up to this size is held in memory: some old signatures are over the content itself.
const SMALL: usize = 1 << 20;
/// Time-stamps of one kind that are looked at, for each signer.
pub(super) const TIME_STAMPS: usize = 32;
/// Counter-signatures of counter-signatures.
const DEPTH: usize = 4;
/// Of content that is a signature or an envelope: the verdict is about the outermost signature alone.
pub(super) const WRAPPED: &str =
    "what is signed is itself signed, encrypted or packed, which is not looked into";
/// Counter-signatures in all.
const COUNTERSIGNATURES: usize = 200;

pub(super) fn from_cms(
    source: &Arc<dyn Source>,
    content: Option<&Arc<dyn Source>>,
    material: Material,
) -> Result<Facts, GatherError> {
    let data = open(source)?;
    if data.is_token() {
        let bytes = stamp::whole(source)?;
        let content = content.map_or(Content::Missing, given);
        return Ok(stamp::from_token(&der_of(bytes), &content, material));
    }
    let content = content_of(&data, content)?;
    let mut facts = gather_cms(&data, &content, material)?;
    if in_cms::has_records(&data) {
        if source.len() > in_cms::OCTETS {
            return Err(GatherError::TooLarge(source.len()));
        }
        records(&der_of(stamp::whole(source)?), &content, &mut facts);
    }
    Ok(facts)
}

/// The evidence records in a signature.
fn records(bytes: &[u8], content: &Content, facts: &mut Facts) {
    let signatures = 0..facts.signatures.len();
    let material = &mut facts.material;
    let (found, problems) = in_cms::records(bytes, content, signatures, "signature", material);
    facts.evidence_records.extend(found);
    if let Some(one) = facts.signatures.first_mut() {
        one.unreadable_timestamps.extend(problems);
    }
}

/// What the signatures are over: `content` where it is given, else what is inside. Where both are there
/// they have to be the same: only one of them can be signed, and a verdict about that one would be
/// taken for one about the other.
pub(crate) fn content_of(
    data: &OriginalSignedData,
    content: Option<&Arc<dyn Source>>,
) -> Result<Content, GatherError> {
    let content = match (content, data.content()) {
        (Some(source), inside) => {
            let given = given(source);
            if let Some(inside) = inside {
                let inside = Content::Stream(Arc::new(inside.clone()));
                let inside = inside.digest(DigestAlgorithm::Sha256).map_err(unreadable)?;
                if inside != given.digest(DigestAlgorithm::Sha256)? {
                    return Err(GatherError::OtherContent);
                }
            }
            return Ok(given);
        }
        (None, Some(attached)) => match attached.to_vec(SMALL) {
            Ok(Some(bytes)) => Content::Bytes(Arc::from(bytes)),
            Ok(None) => Content::Stream(Arc::new(attached.clone())),
            Err(e) => return Err(unreadable(e)),
        },
        (None, None) => Content::Missing,
    };
    Ok(content.shared())
}

/// The whole of a file that the relying party gives.
pub(super) fn given(source: &Arc<dyn Source>) -> Content {
    let all = core::iter::once(0..source.len()).collect();
    Content::Ranges(Arc::clone(source), all).shared()
}

/// Why the content inside a signature cannot be read.
fn unreadable(error: std::io::Error) -> GatherError {
    match error.kind() {
        std::io::ErrorKind::InvalidData => GatherError::NotSigned(CmsError::Malformed("eContent")),
        _ => error.into(),
    }
}

/// The facts of an open CMS signature, without the network.
pub(crate) fn gather_cms(
    data: &OriginalSignedData,
    content: &Content,
    mut material: Material,
) -> Result<Facts, GatherError> {
    let signatures =
        signatures(data, content, "signature", &mut material).map_err(GatherError::NotSigned)?;
    Ok(Facts {
        format: FileFormat::Cms,
        signatures,
        evidence_records: Vec::new(),
        material,
        fetches: Vec::new(),
        container: None,
    })
}

/// Opens a signature in DER, BER or PEM form; in PEM form it is decoded in memory.
pub(crate) fn open(source: &Arc<dyn Source>) -> Result<OriginalSignedData, GatherError> {
    let mut head = vec![0; source.len().min(64) as usize];
    source.read_exact_at(0, &mut head)?;
    let opened = if head.first() == Some(&0x30) {
        OriginalSignedData::open(Arc::clone(source))
    } else {
        if source.len() > PEM {
            return Err(GatherError::TooLarge(source.len()));
        }
        let mut bytes = vec![0; source.len() as usize];
        source.read_exact_at(0, &mut bytes)?;
        OriginalSignedData::open(Arc::new(MemorySource::new(der_of(bytes))))
    };
    let data = opened.map_err(|e| match e {
        ScanError::Io(e) => GatherError::Io(e),
        ScanError::Cms(e) => GatherError::NotSigned(e),
    })?;
    Ok(data)
}

/// What stands in the PEM form, or the octets as they are. A second block is something that follows the
/// first.
fn der_of(bytes: Vec<u8>) -> Vec<u8> {
    let der = pem::der_or_pem(&bytes, &["PKCS7", "CMS", "PKCS #7 SIGNED DATA"]).ok();
    der.filter(|blocks| !blocks.is_empty())
        .map_or(bytes, |blocks| blocks.concat())
}

/// The signatures of one `SignedData`, and behind each its counter-signatures.
pub(super) fn signatures(
    original: &OriginalSignedData,
    content: &Content,
    prefix: &str,
    material: &mut Material,
) -> Result<Vec<SignatureFacts>, CmsError> {
    let data = original.signed_data()?;
    collect(&data, material);
    let trailing = has_trailing(original);
    let wrapped = oid::CMS_WRAPPERS.contains(&data.content_type);
    let mut out = Vec::new();
    let mut walk = Walk {
        original,
        data: &data,
        carried: Arc::new(carried(original, &data)),
        material,
        out: &mut out,
        countersignatures: 0,
        begun: HashMap::new(),
    };
    // Writing and reading keep the order of the signers.
    for (index, (one, raw)) in data.signers.iter().zip(original.signers()).enumerate() {
        let id = format!("{prefix}-{}", index + 1);
        walk.signer(id, one, raw, content, None)?;
    }
    if wrapped {
        for one in &mut out {
            one.property_problems.push(WRAPPED.into());
        }
    }
    if trailing {
        for one in &mut out {
            one.format_problems
                .push("something else follows the signature in the file".into());
        }
    }
    Ok(out)
}

/// What the `SignedData` brings, with its places.
fn carried(original: &OriginalSignedData, data: &SignedData) -> Carried {
    let mut carried = Carried::in_cms(data);
    for (place, der) in original.certificates().iter().enumerate() {
        carried.add_object(der, Location::Certificate(place));
    }
    carried
}

fn has_trailing(original: &OriginalSignedData) -> bool {
    original
        .trailing()
        .is_none_or(|t| t.iter().any(|b| !b.is_ascii_whitespace()))
}

struct Walk<'w> {
    original: &'w OriginalSignedData,
    data: &'w SignedData,
    carried: Arc<Carried>,
    material: &'w mut Material,
    out: &'w mut Vec<SignatureFacts>,
    countersignatures: usize,
    /// What archive-time-stamp-v2 attributes begin with, once somebody asked.
    begun: HashMap<DigestAlgorithm, Option<Hasher>>,
}

impl Walk<'_> {
    fn signer(
        &mut self,
        id: String,
        one: &SignerInfo,
        raw: &OriginalSigner,
        content: &Content,
        countersigns: Option<Countersigned>,
    ) -> Result<(), CmsError> {
        let values = raw.unsigned_values()?;
        let place = match countersigns {
            Some(_) => Place::Countersignature,
            None => Place::Signature,
        };
        let checked = signer::check_as(
            self.data,
            one,
            content,
            (&self.material.pool, &self.material.anchors),
            place,
        );
        let (properties, property_problems) = SignedProperties::of(one);
        let mut facts = SignatureFacts {
            id: id.clone(),
            kind: SignatureKind::Signature,
            format: match checked.attribute {
                SigningCertificateAttribute::Absent => SignatureFormat::Cms,
                _ => SignatureFormat::Cades,
            },
            format_problems: Vec::new(),
            signer: Some(checked),
            timestamps: Vec::new(),
            content_timestamps: Vec::new(),
            unreadable_timestamps: Vec::new(),
            has_revocation_values: !self.data.crls.is_empty() || !self.data.ocsp.is_empty(),
            has_archive_attribute: false,
            policy_store: policy_store(&properties, one),
            properties,
            property_problems,
            pdf: None,
            cms: None,
        };
        let mut cms = CmsFacts {
            countersigns,
            carried: Arc::clone(&self.carried),
            ..CmsFacts::default()
        };
        for (position, value) in values.iter().enumerate() {
            let place = Location::Value(position);
            (cms.carried_by_time_stamps).add_stored(&value.oid, &value.value, place);
        }
        content_timestamps(&mut facts, one, content, self.material);
        self.time_stamps(raw, &values, &mut facts, &mut cms);
        self.archive(raw, &values, content, &mut facts, &mut cms);
        cms.archived = archived(&cms);
        facts.has_archive_attribute = cms.archived != Archived::Nothing;
        facts.cms = Some(cms);
        self.out.push(facts);
        self.countersigned(&id, self.out.len() - 1, raw, &values)
    }

    fn time_stamps(
        &mut self,
        raw: &OriginalSigner,
        values: &[UnsignedValue],
        facts: &mut SignatureFacts,
        cms: &mut CmsFacts,
    ) {
        let stamped = Content::Bytes(Arc::from(raw.signature()));
        for (position, value) in of_type(values, &oid::ATTR_SIGNATURE_TIMESTAMP) {
            match token::check(&value.value, &stamped, &self.material.pool) {
                Ok((token, data)) => {
                    facts.has_revocation_values |= !data.crls.is_empty() || !data.ocsp.is_empty();
                    collect(&data, self.material);
                    for crl in &data.crls {
                        cms.carried_by_time_stamps.add_crl(crl, position);
                    }
                    for response in &data.ocsp {
                        cms.carried_by_time_stamps.add_response(response, position);
                    }
                    cms.carried_by_time_stamps
                        .add_objects(&data, Location::Value(position));
                    facts.timestamps.push(token);
                    cms.timestamp_positions.push(position);
                }
                Err(why) => facts.unreadable_timestamps.push(why),
            }
        }
        too_many(values, &oid::ATTR_SIGNATURE_TIMESTAMP, facts);
    }

    fn archive(
        &mut self,
        raw: &OriginalSigner,
        values: &[UnsignedValue],
        content: &Content,
        facts: &mut SignatureFacts,
        cms: &mut CmsFacts,
    ) {
        for (position, value) in of_type(values, &oid::ATTR_ARCHIVE_TIMESTAMP_V3) {
            match self.archive_stamp(raw, values, content, position, &value.value) {
                Ok((one, token)) => {
                    cms.carried_by_time_stamps
                        .add_objects(&token, Location::Value(position));
                    cms.archive.push(one);
                }
                Err(why) => facts.unreadable_timestamps.push(why),
            }
        }
        too_many(values, &oid::ATTR_ARCHIVE_TIMESTAMP_V3, facts);
        for (position, value) in of_type(values, &oid::ATTR_ARCHIVE_TIMESTAMP_V2) {
            if cms.countersigns.is_some() {
                // What it would be over is not defined.
                let why = "an archive time-stamp of an earlier form in a counter-signature";
                facts.unreadable_timestamps.push(why.into());
                continue;
            }
            match self.archive_stamp_v2(raw, values, content, position, &value.value) {
                Ok((one, token)) => {
                    cms.carried_by_time_stamps
                        .add_objects(&token, Location::Value(position));
                    cms.archive.push(one);
                }
                Err(why) => facts.unreadable_timestamps.push(why),
            }
        }
        too_many(values, &oid::ATTR_ARCHIVE_TIMESTAMP_V2, facts);
        let first = oid::ATTR_ARCHIVE_TIMESTAMP_V1;
        for _ in of_type(values, &first) {
            facts.unreadable_timestamps.push(text!(
                "an archive time-stamp of an earlier form ({}) is not supported",
                oid::label(&first).unwrap_or_default()
            ));
        }
    }

    fn archive_stamp(
        &mut self,
        raw: &OriginalSigner,
        values: &[UnsignedValue],
        content: &Content,
        position: usize,
        value: &[u8],
    ) -> Result<(ArchiveFacts, SignedData), Text> {
        let token = SignedData::parse(value).map_err(|e| Text::from(e.to_string()))?;
        let [token_signer] = token.signers.as_slice() else {
            return Err("it does not have exactly one signer".into());
        };
        let index = HashIndex::of_token(token_signer);
        let algorithm = token::imprint_algorithm(&token);
        let stamped = match (&index, algorithm) {
            (Ok(index), Some(algorithm)) => match content.digest(algorithm) {
                Ok(Some(digest)) => {
                    let input = archive::imprint_input(self.original, raw, &digest, &index.der);
                    Content::Bytes(Arc::from(input))
                }
                Ok(None) => Content::Missing,
                Err(e) => return Err(text!("the signed content cannot be read: {}", e)),
            },
            _ => Content::Missing,
        };
        let (stamp, data) = token::check(value, &stamped, &self.material.pool)?;
        collect(&data, self.material);
        let mut out = ArchiveFacts {
            form: ArchiveForm::Version3,
            stamp,
            index: Check::Ok,
            position,
            values: Default::default(),
            certificates: (0, self.original.certificates().len()),
            certificate_places: Default::default(),
            revocation: (0, self.original.revocation().len()),
            revocation_places: Default::default(),
        };
        match index.and_then(|index| index.covers(self.original, values, algorithm)) {
            Ok(coverage) => {
                out.certificates.0 = coverage.certificates.len();
                out.certificate_places = coverage.certificates;
                out.revocation.0 = coverage.revocation.len();
                out.revocation_places = coverage.revocation;
                out.values = coverage.values;
            }
            Err(why) => out.index = Check::Failed(why.into()),
        }
        Ok((out, data))
    }

    /// RFC 5652 section 11.4: a SignerInfo over the signature value of another one.
    fn countersigned(
        &mut self,
        id: &str,
        index: usize,
        raw: &OriginalSigner,
        values: &[UnsignedValue],
    ) -> Result<(), CmsError> {
        let depth = id.matches("counter-signature").count();
        let mut number = 0;
        let own = values.iter().enumerate();
        for (position, value) in own.filter(|(_, v)| v.oid == oid::ATTR_COUNTERSIGNATURE) {
            number += 1;
            self.countersignatures += 1;
            let budget = |what, limit| Err(CmsError::Budget { what, limit });
            if self.countersignatures > COUNTERSIGNATURES {
                return budget("counter-signatures", COUNTERSIGNATURES);
            }
            if depth == DEPTH {
                return budget("counter-signatures of counter-signatures", DEPTH);
            }
            let name = format!("{id}.counter-signature-{number}");
            let of = Countersigned {
                id: id.to_owned(),
                index,
                position,
            };
            match readable(&value.value) {
                Ok((own, parsed)) => {
                    let content = Content::Bytes(Arc::from(raw.signature()));
                    self.signer(name, &parsed, &own, &content, Some(of))?;
                }
                // Whoever adds one that is none must not make the signature unreadable.
                Err(why) => self.out.push(unreadable_countersignature(name, of, &why)),
            }
        }
        Ok(())
    }
}

/// A counter-signature whose own parts can be read.
fn readable(value: &[u8]) -> Result<(OriginalSigner, SignerInfo), CmsError> {
    let own = OriginalSigner::from_der(value)?;
    own.unsigned_values()?;
    Ok((own, SignerInfo::parse(value)?))
}

fn unreadable_countersignature(id: String, of: Countersigned, why: &CmsError) -> SignatureFacts {
    let mut one = SignatureFacts::unread(id, SignatureKind::Signature, SignatureFormat::Cades);
    one.format = SignatureFormat::Cms;
    one.format_problems.push(text!(
        "the counter-signature cannot be read: {}",
        Text::from(why.to_string())
    ));
    one.cms = Some(CmsFacts {
        countersigns: Some(of),
        ..CmsFacts::default()
    });
    one
}

/// What the archive time-stamp of version 3 covers that covers most, of those that cover certificates, revocation
/// values and every signature-time-stamp.
fn archived(cms: &CmsFacts) -> Archived {
    let complete = cms.archive.iter().filter(|a| {
        a.form == ArchiveForm::Version3
            && a.fits()
            && a.revocation.0 > 0
            && a.certificates.0 > 0
            && cms
                .timestamp_positions
                .iter()
                .all(|position| a.values.contains(position))
    });
    match complete.max_by_key(|a| a.revocation.0) {
        Some(most) => Archived::Values(most.revocation_places.clone()),
        None => Archived::Nothing,
    }
}

/// Says so where time-stamps were not looked at.
fn too_many(values: &[UnsignedValue], oid: &ObjectIdentifier, facts: &mut SignatureFacts) {
    let count = values.iter().filter(|v| v.oid == *oid).count();
    if count > TIME_STAMPS {
        facts.unreadable_timestamps.push(text!(
            "of {} time-stamps of one kind the first {} are looked at",
            count,
            TIME_STAMPS
        ));
    }
}

fn of_type<'v>(
    values: &'v [UnsignedValue],
    oid: &'v ObjectIdentifier,
) -> impl Iterator<Item = (usize, &'v UnsignedValue)> {
    values
        .iter()
        .enumerate()
        .filter(move |(_, v)| v.oid == *oid)
        .take(TIME_STAMPS)
}

/// Whether the policy document in the signature is the one whose digest was signed (EN 319 122-1
/// clause 5.2.10).
pub(super) fn policy_store(properties: &SignedProperties, signer: &SignerInfo) -> Option<Check> {
    let store = PolicyStore::of(signer)?;
    Some(match &properties.policy {
        None => Check::Failed("the signature carries a policy document and names no policy".into()),
        Some(policy) => {
            let digest = policy.digest.algorithm().digest(&store.document);
            if digest == policy.digest {
                Check::Ok
            } else {
                Check::Failed(
                    "the signature policy kept with the signature is not the one it was made under"
                        .into(),
                )
            }
        }
    })
}
