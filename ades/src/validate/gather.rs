//! From a file, and where asked from the network, to [`Facts`].

use std::path::Path;
use std::sync::Arc;

use pdf_file::{FileSource, OpenOptions, PdfError, PdfFile, Source};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, UnixTime, oid};

use super::asic;
use super::carried::{Carried, Location};
use super::cms;
use super::facts::{
    Check, Facts, FileFormat, Finding, PdfAttack, SignatureFacts, SignatureFormat, SignatureKind,
    TimestampFacts,
};
use super::mime;
use super::pdf::{self, Found};
use super::pkcs1;
use super::record;
use super::signer::{self, Content};
use super::smime;
use super::stamp::{self, Shape};
use super::token;
use crate::asic::{AsicError, container};
use crate::cades::attributes::SignedProperties;
use crate::cms::parse::values::{StoredValue, stored_values};
use crate::cms::parse::{CmsError, SignedData, SignerInfo};
use crate::evidence::{Brought, Demand, Ends, Fetch, Material, Need, Session};
use crate::evidence_record::{Limits, RecordError};
use crate::text;
use crate::text::{Quoted, Text};

/// A file to validate.
pub struct Input {
    /// Its bytes.
    pub source: Arc<dyn Source>,
    /// What a detached signature is over.
    pub content: Option<Arc<dyn Source>>,
    /// For an encrypted PDF.
    pub pdf_options: OpenOptions,
}

impl Input {
    /// The file at `path`, read as it is needed, whatever its size.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> std::io::Result<Self> {
        Ok(Self::of(Arc::new(FileSource::open(path.as_ref())?)))
    }

    /// Octets that are in memory (a `Vec<u8>` is a [`Source`]), or in another place.
    #[must_use]
    pub fn of(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            content: None,
            pdf_options: OpenOptions::new(),
        }
    }

    /// With what a detached signature is over.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn with_content(mut self, path: impl AsRef<Path>) -> std::io::Result<Self> {
        self.content = Some(Arc::new(FileSource::open(path.as_ref())?));
        Ok(self)
    }
}

/// Why a file could not be looked into.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// Reading failed.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is a PDF, and a broken one.
    #[error("the PDF cannot be read")]
    Pdf(#[from] PdfError),
    /// It is neither a PDF nor a CMS signature nor a container.
    #[error("{}", not_signed(.0))]
    NotSigned(#[from] CmsError),
    /// It is an ASiC container that cannot be read.
    #[error(transparent)]
    Asic(#[from] AsicError),
    /// It is an evidence record that cannot be read.
    #[error(transparent)]
    EvidenceRecord(#[from] RecordError),
    /// The content inside a signature is not the one that was given.
    #[error("the signature has content inside, and it is not the content that was given")]
    OtherContent,
    /// It is a message that cannot be taken apart.
    #[error("the message cannot be read: {0}")]
    Message(&'static str),
    /// It is the answer of a time-stamp authority that gave no time-stamp.
    #[error("the response holds no time-stamp: {0}")]
    Refused(String),
    /// It is larger than a signature alone can be.
    #[error("the file is too large for a signature that is not a PDF ({0} octets)")]
    TooLarge(u64),
}

impl GatherError {
    /// What would help.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Pdf(e) => e.hint(),
            Self::Asic(e) => e.hint(),
            Self::EvidenceRecord(e) => e.hint(),
            Self::NotSigned(CmsError::Budget { .. }) => Some(
                "a signature that takes so much to read is taken for hostile; ask for one with less in it"
                    .into(),
            ),
            Self::NotSigned(_) => Some(
                "give the signature file (.p7s); what it signs goes with it as the content".into(),
            ),
            Self::OtherContent => Some(
                "leave --content away to ask about what is inside; who sent the two can say which of them was meant"
                    .into(),
            ),
            Self::Message(_) => Some(
                "save the message as it was received, with its header (.eml); mailing lists and gateways change messages"
                    .into(),
            ),
            Self::Refused(_) => Some("ask the time-stamp authority again".into()),
            Self::Io(_) | Self::Empty | Self::TooLarge(_) => None,
        }
    }
}

/// A signature that is one, and cannot be read, should not be called something else.
fn not_signed(error: &CmsError) -> &'static str {
    match error {
        CmsError::Budget { .. } => "the signature is not looked into",
        _ => "the file is neither a PDF nor a CMS signature nor an ASiC container",
    }
}

/// Reads everything there is to know. `now` decides which evidence is fetched, nothing else.
///
/// # Errors
/// Where the file is neither a PDF nor a CMS signature, or cannot be read.
pub fn gather(
    input: &Input,
    material: Material,
    now: UnixTime,
    fetch: Option<&dyn Fetch>,
) -> Result<Facts, GatherError> {
    let length = input.source.len();
    if length == 0 {
        return Err(GatherError::Empty);
    }
    let mut head = vec![0; length.min(1024) as usize];
    input.source.read_exact_at(0, &mut head)?;
    let mut facts = if is_pdf(&head) {
        let pdf = PdfFile::open(Arc::clone(&input.source), input.pdf_options.clone())?;
        from_pdf(&pdf, material)
    } else if container::is_zip(&head) {
        asic::gather_asic(&input.source, material)?
    } else if let Some(shape) = stamp::shape(&head) {
        let bytes = stamp::whole(&input.source)?;
        let given = input.content.as_ref().map(cms::given);
        match shape {
            Shape::Response => {
                stamp::from_response(&bytes, &given.unwrap_or(Content::Missing), material)?
            }
            Shape::Data => stamp::from_data(&bytes, given.as_ref(), material)?,
        }
    } else if record::is_record(&head) {
        let content = input.content.iter();
        let content = content.map(|source| ("content".to_owned(), Arc::clone(source)));
        evidence_record(&input.source, content.collect(), material)?
    } else if mime::is_message(&head) {
        let bytes = stamp::whole(&input.source)?;
        if smime::is_mime(&bytes) {
            smime::from_message(&bytes, input.content.as_ref(), material)?
        } else {
            cms::from_cms(&input.source, input.content.as_ref(), material)?
        }
    } else {
        cms::from_cms(&input.source, input.content.as_ref(), material)?
    };
    if let Some(fetch) = fetch {
        go_online(&mut facts, now, fetch);
    }
    Ok(facts)
}

/// As [`gather`], of an evidence record (RFC 4998) and the data objects that it should be about, each with
/// what it is to be called.
///
/// # Errors
/// Where the record is none, or cannot be read.
pub fn gather_record(
    source: &Arc<dyn Source>,
    objects: Vec<(String, Arc<dyn Source>)>,
    material: Material,
    now: UnixTime,
    fetch: Option<&dyn Fetch>,
) -> Result<Facts, GatherError> {
    let mut facts = evidence_record(source, objects, material)?;
    if let Some(fetch) = fetch {
        go_online(&mut facts, now, fetch);
    }
    Ok(facts)
}

/// Whether a file begins as an evidence record does.
///
/// # Errors
/// Where it cannot be read.
pub fn is_evidence_record(source: &dyn Source) -> std::io::Result<bool> {
    let mut head = vec![0; source.len().min(64) as usize];
    source.read_exact_at(0, &mut head)?;
    Ok(record::is_record(&head))
}

fn evidence_record(
    source: &Arc<dyn Source>,
    objects: Vec<(String, Arc<dyn Source>)>,
    material: Material,
) -> Result<Facts, GatherError> {
    let limit = Limits::default().octets;
    if source.len() > limit as u64 {
        return Err(RecordError::Budget {
            what: "octets",
            limit,
        }
        .into());
    }
    let mut bytes = vec![0; source.len() as usize];
    source.read_exact_at(0, &mut bytes)?;
    let content = |(name, source): (String, Arc<dyn Source>)| {
        let all = core::iter::once(0..source.len()).collect();
        (name, Content::Ranges(source, all).shared())
    };
    let objects: Vec<_> = objects.into_iter().map(content).collect();
    Ok(record::from_record(&bytes, &objects, material)?)
}

/// A signature may carry a PDF as its content, and a container a PDF that is not packed: what begins as a
/// SEQUENCE, in PEM form or as an archive is none.
pub(super) fn is_pdf(head: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    head.first() != Some(&SEQUENCE)
        && !container::is_zip(head)
        && !head.starts_with(b"-----BEGIN")
        && head.windows(5).any(|w| w == b"%PDF-")
}

/// The facts of an open PDF, without the network.
pub(crate) fn from_pdf(pdf: &PdfFile, mut material: Material) -> Facts {
    let dss = pdf::security_store(pdf);
    let mut carried = Carried::default();
    for stored in dss.certificates {
        if let Ok(certificate) = Certificate::from_der(stored.der) {
            carried.add_object(certificate.der(), Location::Revision(stored.revision));
            material.bring(&certificate);
        }
    }
    for stored in dss.crls {
        if let Ok(crl) = CertificateList::from_der(stored.der) {
            carried.add_crl(&crl, stored.revision);
            carried.add_object(crl.der(), Location::Revision(stored.revision));
            material.bring_crl(crl);
        }
    }
    for stored in dss.responses {
        if let Ok(response) = BasicResponse::from_response(&stored.der) {
            carried.add_response(&response, stored.revision);
            carried.add_object(response.der(), Location::Revision(stored.revision));
            material.bring_response(response);
        }
    }
    let found = pdf::signatures(pdf);
    let mut signatures = Vec::new();
    for (index, one) in found.into_iter().enumerate() {
        let revision = one.facts.revision;
        let evidence = &material.evidence;
        let (crls, responses) = (evidence.crls().len(), evidence.responses().len());
        signatures.push(pdf_signature(pdf, index, one, &mut material, &mut carried));
        // What the signature and its time-stamps brought themselves.
        for crl in material.evidence.crls().iter().skip(crls) {
            carried.add_crl(crl, revision);
        }
        for response in material.evidence.responses().iter().skip(responses) {
            carried.add_response(response, revision);
        }
    }
    let carried = Arc::new(carried);
    for one in signatures.iter_mut().filter_map(|s| s.pdf.as_mut()) {
        one.carried = Arc::clone(&carried);
    }
    Facts {
        format: FileFormat::Pdf,
        signatures,
        evidence_records: Vec::new(),
        material,
        fetches: Vec::new(),
        container: None,
    }
}

fn pdf_signature(
    pdf: &PdfFile,
    index: usize,
    found: Found,
    material: &mut Material,
    carried: &mut Carried,
) -> SignatureFacts {
    let place = Location::Contents(found.facts.revision);
    // Only a token over the document is a document time-stamp. What calls itself one and is a CMS
    // signature would be believed for a time-stamp that is over something else.
    let stamp = found.facts.sub_filter == "ETSI.RFC3161";
    let kind = if stamp {
        SignatureKind::DocumentTimestamp
    } else {
        SignatureKind::Signature
    };
    let format = match found.facts.sub_filter.as_str() {
        "ETSI.CAdES.detached" | "ETSI.RFC3161" => SignatureFormat::Pades,
        "adbe.x509.rsa_sha1" => SignatureFormat::Pkcs1,
        _ => SignatureFormat::Cms,
    };
    let mut facts = SignatureFacts::unread(format!("signature-{}", index + 1), kind, format);
    facts.format_problems = (found.facts.problems.iter())
        .map(|p| p.message.clone())
        .collect();
    let signed = if found.ranges.is_empty() {
        Content::Missing
    } else {
        Content::Ranges(Arc::clone(pdf.source()), found.ranges.clone())
    };
    if found.is_timestamp && !stamp {
        facts
            .format_problems
            .push("a /DocTimeStamp must have the /SubFilter ETSI.RFC3161".into());
    }
    facts.pdf = Some(found.facts.clone());
    if facts.format_problems.is_empty() {
        match found.facts.sub_filter.as_str() {
            "ETSI.RFC3161" => match token::check(&found.contents, &signed, &material.pool) {
                Ok((token, data)) => {
                    collect(&data, material);
                    carried.add_objects(&data, place);
                    padding(&data.trailing, &mut facts);
                    facts.signer = Some(token.signer.clone());
                    facts.timestamps.push(token);
                }
                Err(why) => problem(
                    &mut facts,
                    PdfAttack::UniversalForgery,
                    text!("/Contents is no time-stamp token: {}", why),
                ),
            },
            "ETSI.CAdES.detached" | "adbe.pkcs7.detached" | "adbe.pkcs7.sha1" => {
                match SignedData::parse(&found.contents) {
                    Ok(data) => {
                        carried.add_objects(&data, place);
                        let tokens = cms_in_pdf(&data, &found, &signed, &mut facts, material);
                        tokens.iter().for_each(|t| carried.add_objects(t, place));
                    }
                    Err(e) => problem(
                        &mut facts,
                        PdfAttack::UniversalForgery,
                        text!("/Contents is no CMS signature: {}", e.to_string()),
                    ),
                }
            }
            "adbe.x509.rsa_sha1" => pkcs1_in_pdf(&found, &signed, &mut facts, material),
            other => facts
                .format_problems
                .push(text!("/SubFilter {} is not supported", Quoted(other))),
        }
    }
    facts
}

/// ISO 32000-1, 12.8.3.2.
fn pkcs1_in_pdf(
    found: &Found,
    signed: &Content,
    facts: &mut SignatureFacts,
    material: &mut Material,
) {
    for certificate in &found.certificates {
        material.bring(certificate);
    }
    match pkcs1::value(&found.contents) {
        Ok(value) => {
            padding(&value.trailing, facts);
            match pkcs1::check(&value.signature, &found.certificates, signed) {
                Ok(signer) => facts.signer = Some(signer),
                Err(why) => problem(facts, PdfAttack::UniversalForgery, why),
            }
        }
        Err(e) => problem(
            facts,
            PdfAttack::UniversalForgery,
            text!("/Contents is no PKCS#1 signature: {}", e.to_string()),
        ),
    }
}

/// What keeps a PDF signature from being one, by its name.
fn problem(facts: &mut SignatureFacts, attack: PdfAttack, message: Text) {
    if let Some(pdf) = &mut facts.pdf {
        pdf.problems.push(Finding::new(attack, message.clone()));
    }
    facts.format_problems.push(message);
}

fn cms_in_pdf(
    data: &SignedData,
    found: &Found,
    signed: &Content,
    facts: &mut SignatureFacts,
    material: &mut Material,
) -> Vec<SignedData> {
    collect(data, material);
    padding(&data.trailing, facts);
    let [one] = data.signers.as_slice() else {
        facts
            .format_problems
            .push("the CMS signature does not have exactly one signer".into());
        return Vec::new();
    };
    let content = match (&data.content, found.facts.sub_filter.as_str()) {
        // ISO 32000-1, 12.8.3.3.1: the CMS signs the SHA-1 of the byte ranges.
        (Some(inner), "adbe.pkcs7.sha1") => {
            if let Some(pdf) = &mut facts.pdf {
                pdf.content_digest = Some(pki_crypto::DigestAlgorithm::Sha1);
            }
            match signed.digest(pki_crypto::DigestAlgorithm::Sha1) {
                Ok(Some(digest)) if digest.as_bytes() == inner.as_slice() => {}
                _ => {
                    facts.signer = Some(failed_digest(data, one, material));
                    return Vec::new();
                }
            }
            Content::Bytes(Arc::from(inner.as_slice()))
        }
        (None, "adbe.pkcs7.sha1") => {
            facts
                .format_problems
                .push("adbe.pkcs7.sha1 without the digest inside".into());
            return Vec::new();
        }
        (Some(_), _) => {
            facts.format_problems.push(
                "the CMS signature carries content of its own instead of signing the document"
                    .into(),
            );
            return Vec::new();
        }
        (None, _) => signed.clone(),
    };
    facts.has_revocation_values = !data.crls.is_empty() || !data.ocsp.is_empty();
    fill(facts, data, one, &content, material)
}

fn failed_digest(
    data: &SignedData,
    one: &SignerInfo,
    material: &Material,
) -> super::facts::SignerFacts {
    let mut facts = signer::check(data, one, &Content::Missing, &material.pool);
    facts.digest =
        Check::Failed("the SHA-1 digest of the document is not the one that was signed".into());
    facts
}

/// Anything but zeros after the structure in /Contents could hide something from another reader.
fn padding(trailing: &[u8], facts: &mut SignatureFacts) {
    if trailing.iter().any(|b| *b != 0) {
        problem(
            facts,
            PdfAttack::SpoofedContents,
            "/Contents holds something else after the signature".into(),
        );
    }
}

fn fill(
    facts: &mut SignatureFacts,
    data: &SignedData,
    one: &SignerInfo,
    content: &Content,
    material: &mut Material,
) -> Vec<SignedData> {
    let mut tokens = Vec::new();
    facts.signer = Some(signer::check(data, one, content, &material.pool));
    (facts.properties, facts.property_problems) = SignedProperties::of(one);
    facts.policy_store = cms::policy_store(&facts.properties, one);
    let stamped = Content::Bytes(Arc::from(one.signature.as_slice()));
    for value in one.unsigned_values(&oid::ATTR_SIGNATURE_TIMESTAMP).take(32) {
        match token::check(value, &stamped, &material.pool) {
            Ok((token, data)) => {
                collect(&data, material);
                tokens.push(data);
                facts.timestamps.push(token);
            }
            Err(why) => facts.unreadable_timestamps.push(why),
        }
    }
    tokens.extend(content_timestamps(facts, one, content, material));
    tokens
}

/// EN 319 122-1 clause 5.2.8: time-stamps over the content that are signed with it, so that the signature
/// is younger. Gives the tokens.
pub(super) fn content_timestamps(
    facts: &mut SignatureFacts,
    one: &SignerInfo,
    content: &Content,
    material: &mut Material,
) -> Vec<SignedData> {
    let mut tokens = Vec::new();
    for value in one
        .signed_values(&oid::ATTR_CONTENT_TIMESTAMP)
        .take(cms::TIME_STAMPS)
    {
        match token::check(value, content, &material.pool) {
            Ok((token, data)) => {
                collect(&data, material);
                tokens.push(data);
                facts.content_timestamps.push(token);
            }
            Err(why) => facts.unreadable_timestamps.push(why),
        }
    }
    tokens
}

pub(super) fn collect(data: &SignedData, material: &mut Material) {
    for certificate in &data.certificates {
        material.bring(certificate);
    }
    for crl in &data.crls {
        material.bring_crl(crl.clone());
    }
    for response in &data.ocsp {
        material.bring_response(response.clone());
    }
    let unsigned = data.signers.iter().flat_map(|s| &s.unsigned_attributes);
    for attribute in unsigned {
        let values = attribute.values.iter();
        for one in values.flat_map(|value| stored_values(&attribute.oid, value)) {
            store(one, material);
        }
    }
}

/// certificate-values and revocation-values are as good as what stands in the sets of the SignedData.
fn store(one: StoredValue<'_>, material: &mut Material) {
    // Not read where it would be passed over: there may be many.
    let fits = |kind| one.der().len() <= material.spent.left(kind);
    match one {
        StoredValue::Certificate(der) if fits(Brought::Certificate) => {
            if let Ok(certificate) = Certificate::from_der(der) {
                material.bring(&certificate);
            }
        }
        StoredValue::Crl(der) if fits(Brought::List) => {
            if let Ok(crl) = CertificateList::from_der(der) {
                material.bring_crl(crl);
            }
        }
        StoredValue::Response(der) if fits(Brought::Response) => {
            if let Ok(response) = BasicResponse::from_der(der) {
                material.bring_response(response);
            }
        }
        _ => {}
    }
}

fn go_online(facts: &mut Facts, now: UnixTime, fetch: &dyn Fetch) {
    let mut wanted: Vec<(Certificate, UnixTime)> = Vec::new();
    let certificate_of = |stamp: &TimestampFacts| stamp.signer.certificate.clone();
    for signature in &facts.signatures {
        let stamped = signature.timestamps.iter().map(|t| t.gen_time).min();
        if let Some(certificate) = signature
            .signer
            .as_ref()
            .and_then(|s| s.certificate.clone())
        {
            let at = if certificate.is_valid_at(now) {
                now
            } else {
                stamped.unwrap_or(now)
            };
            wanted.push((certificate, at));
        }
        let archive = signature.cms.iter().flat_map(|c| &c.archive);
        let stamps = signature
            .timestamps
            .iter()
            .chain(&signature.content_timestamps);
        for stamp in stamps.chain(archive.map(|a| &a.stamp)) {
            if let Some(certificate) = certificate_of(stamp) {
                wanted.push((certificate, now));
            }
        }
    }
    for record in &facts.evidence_records {
        let mut at = now;
        for stamp in record.stamps().rev().filter_map(|s| s.stamp.as_ref().ok()) {
            wanted.extend(certificate_of(stamp).map(|c| (c, at)));
            at = stamp.gen_time;
        }
    }
    let mut session = Session::new(Some(fetch), Ends::Anchors);
    let mut done = std::collections::HashSet::new();
    wanted.retain(|(certificate, _)| done.insert(certificate.clone()));
    let demand = Demand::Verdict;
    let wanted: Vec<(Certificate, Need)> = (wanted.into_iter())
        .map(|(certificate, at)| (certificate, Need { at, now, demand }))
        .collect();
    session.look_ahead(&mut facts.material, &wanted);
    for (certificate, need) in wanted {
        // Why there is no path is for the verdict to say.
        let _ = session.complete(&mut facts.material, &certificate, need);
    }
    facts.fetches = session.into_notes();
}
