//! Time-stamps by themselves: tokens and responses (RFC 3161 section 2.4.2), and data that carries its
//! time-stamps or an evidence record (RFC 5544).

use std::sync::Arc;

use der::Decode;
use pdf_file::Source;
use pki_asn1::CertificateList;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::tsp::{PkiFailureInfo, PkiStatus, TimeStampResp};

use super::facts::{
    Check, CmsFacts, CoveredFile, Facts, FileFormat, RecordPlace, SignatureFacts, SignatureFormat,
    SignatureKind,
};
use super::gather::{GatherError, collect};
use super::record;
use super::signer::Content;
use super::token;
use crate::cms::parse::ber::{self, Reader, Tlv};
use crate::cms::parse::{CmsError, Limits};
use crate::evidence::Material;
use crate::evidence_record::{EvidenceRecord, RecordError};
use crate::text::Text;

const INTEGER: u8 = 0x02;
const BOOLEAN: u8 = 0x01;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const IA5_STRING: u8 = 0x16;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;
const RECORD: u8 = 0xa1;
const OTHER: u8 = 0xa2;
/// What is looked at as a whole: a few copies of it have to fit in memory.
pub(super) const OCTETS: u64 = 32 << 20;
/// Tokens that renew one another.
const TOKENS: usize = 32;

/// What these octets begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// `TimeStampResp`: a SEQUENCE that begins with the SEQUENCE of a status.
    Response,
    /// `TimeStampedData`.
    Data,
}

/// What the first octets of a file look like.
pub(super) fn shape(head: &[u8]) -> Option<Shape> {
    let (SEQUENCE, outer, _) = ber::header(head)? else {
        return None;
    };
    let inside = head.get(outer..)?;
    let (tag, start, length) = ber::header(inside)?;
    let first = inside.get(start..)?;
    match tag {
        SEQUENCE if first.first() == Some(&INTEGER) => Some(Shape::Response),
        OBJECT_IDENTIFIER => {
            let oid = ObjectIdentifier::from_bytes(first.get(..length?)?).ok()?;
            (oid == oid::CT_TIMESTAMPED_DATA).then_some(Shape::Data)
        }
        _ => None,
    }
}

/// All of a file that is looked at as a whole.
pub(super) fn whole(source: &Arc<dyn Source>) -> Result<Vec<u8>, GatherError> {
    if source.len() > OCTETS {
        return Err(GatherError::TooLarge(source.len()));
    }
    let mut bytes = vec![0; source.len() as usize];
    source.read_exact_at(0, &mut bytes)?;
    Ok(bytes)
}

/// The facts of a response.
pub(super) fn from_response(
    bytes: &[u8],
    content: &Content,
    material: Material,
) -> Result<Facts, GatherError> {
    let malformed = || GatherError::NotSigned(CmsError::Malformed("TimeStampResp"));
    let normal = ber::normalize(bytes, &Limits::default()).map_err(GatherError::NotSigned)?;
    let trailing = bytes.get(normal.consumed..).unwrap_or_default();
    let mut fields = Reader::new(Tlv::only(&normal.der).map_err(|_| malformed())?.value);
    let status = fields.take(SEQUENCE).ok_or_else(malformed)?;
    let status = status_of(status).ok_or_else(malformed)?;
    let token = fields.next();
    if !fields.is_empty() {
        return Err(malformed());
    }
    match token {
        Some(token) if status.granted => {
            let mut facts = from_token(token.whole, content, material);
            behind(&mut facts, trailing);
            Ok(facts)
        }
        _ => Err(GatherError::Refused(status.said)),
    }
}

struct Status {
    granted: bool,
    said: String,
}

fn status_of(status: Tlv<'_>) -> Option<Status> {
    // A response of nothing but its status has the shape that the type asks for.
    let alone = pki_asn1::write::tlv(SEQUENCE, &[status.whole]);
    let status = TimeStampResp::from_der(&alone).ok()?.status;
    let mut said = match status.status {
        0 => "granted",
        1 => "granted with modifications",
        2 => "rejection",
        3 => "waiting",
        4 => "a warning of revocation",
        5 => "revocation",
        _ => "a status that is not known",
    }
    .to_owned();
    if let Some(why) = status
        .fail_info
        .as_ref()
        .and_then(PkiFailureInfo::from_bit_string)
    {
        said.push_str(&format!(", {}", why.name()));
    }
    for text in status.status_string.iter().flatten().take(4) {
        said.push_str(&format!(
            ", {:?}",
            text.chars().take(200).collect::<String>()
        ));
    }
    Some(Status {
        granted: status.status == PkiStatus::Granted as u8
            || status.status == PkiStatus::GrantedWithMods as u8,
        said,
    })
}

/// Something after the structure could be taken for something that is time-stamped.
fn behind(facts: &mut Facts, trailing: &[u8]) {
    if !is_space(trailing) {
        for one in &mut facts.signatures {
            one.format_problems
                .push("something else follows the time-stamp in the file".into());
        }
    }
}

fn is_space(trailing: &[u8]) -> bool {
    trailing.iter().all(u8::is_ascii_whitespace)
}

/// The facts of a token over `content`.
pub(super) fn from_token(token: &[u8], content: &Content, mut material: Material) -> Facts {
    let one = stamp(1, token, content, &mut material);
    facts(vec![one], material)
}

fn facts(signatures: Vec<SignatureFacts>, material: Material) -> Facts {
    Facts {
        format: FileFormat::TimeStamp,
        signatures,
        evidence_records: Vec::new(),
        material,
        fetches: Vec::new(),
        container: None,
    }
}

fn name(number: usize) -> String {
    format!("time-stamp-{number}")
}

fn stamp(
    number: usize,
    token: &[u8],
    content: &Content,
    material: &mut Material,
) -> SignatureFacts {
    let mut one = SignatureFacts::unread(
        name(number),
        SignatureKind::DocumentTimestamp,
        SignatureFormat::TimeStamp,
    );
    one.cms = Some(CmsFacts {
        member: Some(name(number)),
        ..CmsFacts::default()
    });
    match token::check(token, content, &material.pool) {
        Ok((stamp, data)) => {
            collect(&data, material);
            one.has_revocation_values = !data.crls.is_empty() || !data.ocsp.is_empty();
            one.signer = Some(stamp.signer.clone());
            one.timestamps.push(stamp);
            if data.trailing.iter().any(|b| !b.is_ascii_whitespace()) {
                one.format_problems
                    .push("something else follows the time-stamp in the file".into());
            }
        }
        Err(why) => one.format_problems.push(why),
    }
    one
}

/// The facts of `TimeStampedData` (RFC 5544 section 2). `given` has to be what is inside, where both are
/// there.
pub(super) fn from_data(
    bytes: &[u8],
    given: Option<&Content>,
    mut material: Material,
) -> Result<Facts, GatherError> {
    let normal = ber::normalize(bytes, &Limits::default()).map_err(GatherError::NotSigned)?;
    let trailing = bytes.get(normal.consumed..).unwrap_or_default();
    let data = Stamped::read(&normal.der)?;
    let content = match (data.content, given) {
        (Some(inside), Some(given)) => {
            let sha256 = pki_crypto::DigestAlgorithm::Sha256;
            if given.digest(sha256)? != Some(sha256.digest(inside)) {
                return Err(GatherError::OtherContent);
            }
            Content::Bytes(Arc::from(inside))
        }
        (Some(inside), None) => Content::Bytes(Arc::from(inside)),
        (None, Some(given)) => given.clone(),
        (None, None) => Content::Missing,
    };
    let first = match data.protected {
        Some(meta) => content.after(meta),
        None => content,
    };
    let stamps = match data.evidence {
        Evidence::Stamps(stamps) => stamps,
        Evidence::Record(record) => {
            let mut facts = from_record(&record, first, material)?;
            for one in &mut facts.evidence_records {
                one.notes.extend(data.problem.clone());
                if !is_space(trailing) {
                    (one.problems).push("something else follows the data and its evidence".into());
                }
            }
            return Ok(facts);
        }
    };
    for one in &stamps {
        if let Some(crl) = one.crl.and_then(|c| CertificateList::from_der(c).ok()) {
            material.bring_crl(crl);
        }
    }
    let mut signatures: Vec<SignatureFacts> = Vec::new();
    for (index, one) in stamps.iter().enumerate() {
        // Section 2.3: each token is over all of the one before, with its CRL.
        let before = index.checked_sub(1).and_then(|before| stamps.get(before));
        let content = match before {
            None => first.clone(),
            Some(before) => Content::Bytes(Arc::from(before.whole)),
        };
        let mut stamp = stamp(index + 1, one.token, &content, &mut material);
        if let (Some(cms), Some(_)) = (&mut stamp.cms, before) {
            cms.files = Arc::new([CoveredFile {
                name: name(index),
                check: Check::Ok,
                algorithm: None,
            }]);
        }
        signatures.push(stamp);
    }
    if let Some(problem) = data.problem
        && let Some(first) = signatures.first_mut()
    {
        first.property_problems.push(problem);
    }
    let mut facts = facts(signatures, material);
    behind(&mut facts, trailing);
    Ok(facts)
}

/// An evidence record over the data, after their MetaData where those are protected.
fn from_record(
    record: &EvidenceRecord,
    data: Content,
    mut material: Material,
) -> Result<Facts, GatherError> {
    let objects: Vec<record::Named> = match data {
        Content::Missing => Vec::new(),
        data => vec![("the data".to_owned(), data.shared())],
    };
    let id = "evidence-record-1";
    let found = record::check(record, id, RecordPlace::Alone, &objects, &mut material);
    Ok(Facts {
        format: FileFormat::EvidenceRecord,
        evidence_records: vec![found],
        ..facts(Vec::new(), material)
    })
}

/// `TimeStampedData` as it was received, but for indefinite lengths.
struct Stamped<'a> {
    content: Option<&'a [u8]>,
    /// The MetaData, where the evidence is over them too.
    protected: Option<&'a [u8]>,
    evidence: Evidence<'a>,
    problem: Option<Text>,
}

/// What proves that the data existed. The tags are implicit.
enum Evidence<'a> {
    Stamps(Vec<Stamp<'a>>),
    Record(EvidenceRecord),
}

struct Stamp<'a> {
    whole: &'a [u8],
    token: &'a [u8],
    crl: Option<&'a [u8]>,
}

impl<'a> Stamped<'a> {
    fn read(der: &'a [u8]) -> Result<Self, GatherError> {
        let bad = CmsError::Malformed;
        let mut info = Reader::new(Tlv::only(der)?.value);
        info.take(OBJECT_IDENTIFIER).ok_or(bad("TimeStampedData"))?;
        let inside = info.take(EXPLICIT_0).ok_or(bad("TimeStampedData"))?;
        let data = Tlv::only(inside.value)?;
        let mut fields = Reader::new(data.value);
        if data.tag != SEQUENCE || !info.is_empty() {
            return Err(bad("TimeStampedData").into());
        }
        fields.take(INTEGER).ok_or(bad("version"))?;
        fields.take(IA5_STRING);
        let meta = fields.take(SEQUENCE);
        let (protected, problem) = match meta {
            None => (None, None),
            Some(meta) => read_meta(meta).ok_or(bad("metaData"))?,
        };
        let content = fields.take(OCTET_STRING).map(|c| c.value);
        let evidence = fields.next().ok_or(bad("temporalEvidence"))?;
        if !fields.is_empty() {
            return Err(bad("data after the evidence").into());
        }
        let evidence = match evidence.tag {
            EXPLICIT_0 => Evidence::Stamps(stamps(evidence)?),
            RECORD => Evidence::Record(evidence_record(evidence)?),
            OTHER => {
                let why = "its evidence is of a kind that RFC 5544 leaves to others";
                return Err(CmsError::NotSignedData(why).into());
            }
            _ => return Err(bad("temporalEvidence").into()),
        };
        Ok(Self {
            content,
            protected,
            evidence,
            problem,
        })
    }
}

fn stamps(evidence: Tlv<'_>) -> Result<Vec<Stamp<'_>>, CmsError> {
    let bad = CmsError::Malformed;
    let mut all = Reader::new(evidence.value);
    let mut stamps = Vec::new();
    while let Some(one) = all.take(SEQUENCE) {
        if stamps.len() == TOKENS {
            return Err(CmsError::Budget {
                what: "time-stamps",
                limit: TOKENS,
            });
        }
        let mut parts = Reader::new(one.value);
        let token = parts.take(SEQUENCE).ok_or(bad("TimeStampAndCRL"))?.whole;
        let crl = parts.take(SEQUENCE).map(|c| c.whole);
        if !parts.is_empty() {
            return Err(bad("TimeStampAndCRL"));
        }
        stamps.push(Stamp {
            whole: one.whole,
            token,
            crl,
        });
    }
    if stamps.is_empty() || !all.is_empty() {
        return Err(bad("tstEvidence"));
    }
    Ok(stamps)
}

/// The record under its own tag; some write the SEQUENCE inside all the same.
fn evidence_record(evidence: Tlv<'_>) -> Result<EvidenceRecord, RecordError> {
    match Tlv::only(evidence.value) {
        Ok(inside) if inside.tag == SEQUENCE => EvidenceRecord::parse(inside.whole),
        _ => EvidenceRecord::parse(&pki_asn1::write::tlv(SEQUENCE, &[evidence.value])),
    }
}

/// `MetaData`: what of it the token is over, and what should be known where that is nothing.
fn read_meta(meta: Tlv<'_>) -> Option<(Option<&[u8]>, Option<Text>)> {
    let mut fields = Reader::new(meta.value);
    let protected = fields.take(BOOLEAN)?.value.first() != Some(&0);
    let named = fields.take(UTF8_STRING).is_some() | fields.take(IA5_STRING).is_some();
    Some(match (protected, named) {
        (true, _) => (Some(meta.whole), None),
        (false, true) => (
            None,
            Some("the name and type of the data that stand beside it are not time-stamped".into()),
        ),
        (false, false) => (None, None),
    })
}
