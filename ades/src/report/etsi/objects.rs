//! The validation objects (TS 119 102-2 clause 4.4): what the verdict rests on, each once, with an identifier
//! made of its octets.

use std::collections::{BTreeMap, HashMap};
use std::io;

use pki_asn1::ocsp::OcspResponse;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm};
use pki_path::{Finding, RevocationStatus, Source};

use super::names::{self, About, ObjectType};
use super::xml::Xml;
use super::{digest, reference, status};
use crate::asic::digest_uri;
use crate::evidence::Material;
use crate::validate::{ChainEntry, TimestampFacts, TimestampVerdict};

/// What is longer is named by its digest alone: the list of a large authority would be most of the report.
const EMBEDDED: usize = 1 << 16;

/// The objects named so far.
pub(super) struct Objects<'f> {
    material: &'f Material,
    at: UnixTime,
    all: BTreeMap<String, Object<'f>>,
    /// Evidence may be long; it is hashed once.
    evidence: HashMap<(ObjectType, usize), String>,
}

enum Object<'f> {
    Octets(ObjectType, Octets<'f>, Digest),
    Timestamp(Box<Stamp<'f>>),
    SignedData(Digest),
}

enum Octets<'f> {
    Certificate(Certificate),
    Borrowed(&'f [u8]),
    Owned(Vec<u8>),
}

impl Octets<'_> {
    fn get(&self) -> &[u8] {
        match self {
            Self::Certificate(certificate) => certificate.der(),
            Self::Borrowed(octets) => octets,
            Self::Owned(octets) => octets,
        }
    }
}

/// A time-stamp with what it proves.
pub(super) struct Stamp<'f> {
    pub(super) facts: &'f TimestampFacts,
    pub(super) verdict: &'f TimestampVerdict,
    /// The digest that identifies the signature it is on; `None` for those over documents.
    pub(super) signature: Option<Digest>,
    /// The name of the field, in a PDF.
    pub(super) field: Option<&'f str>,
}

impl<'f> Objects<'f> {
    pub(super) fn new(material: &'f Material, at: UnixTime) -> Self {
        Self {
            material,
            at,
            all: BTreeMap::new(),
            evidence: HashMap::new(),
        }
    }

    pub(super) fn certificate(&mut self, certificate: &Certificate) -> String {
        let octets = Octets::Certificate(certificate.clone());
        self.octets(ObjectType::Certificate, octets)
    }

    pub(super) fn signed_data(&mut self, content: Digest) -> String {
        let id = identifier(ObjectType::SignedData, &content);
        self.all
            .entry(id.clone())
            .or_insert(Object::SignedData(content));
        id
    }

    pub(super) fn timestamp(&mut self, stamp: Stamp<'f>) -> String {
        let over = stamp.signature.iter().flat_map(|d| d.as_bytes());
        // One token may be attached to two signatures, and fits one of them at most.
        let named: Vec<u8> = stamp.facts.token.iter().chain(over).copied().collect();
        let id = identifier(
            ObjectType::Timestamp,
            &DigestAlgorithm::Sha256.digest(&named),
        );
        if !self.all.contains_key(&id) {
            // What it rests on becomes an object as well.
            for entry in &stamp.verdict.chain {
                self.entry(entry);
            }
            self.all
                .insert(id.clone(), Object::Timestamp(Box::new(stamp)));
        }
        id
    }

    /// The certificate of a chain and what is known of its revocation; the identifiers of both.
    pub(super) fn entry(&mut self, entry: &ChainEntry) -> (String, Option<String>) {
        let evidence = match &entry.revocation {
            Some(RevocationStatus::Good(finding) | RevocationStatus::Revoked(_, finding)) => {
                self.finding(finding)
            }
            _ => None,
        };
        (self.certificate(&entry.certificate), evidence)
    }

    fn finding(&mut self, finding: &Finding) -> Option<String> {
        let (kind, index) = match finding.source {
            Source::Crl(index) => (ObjectType::Crl, index),
            Source::Ocsp(index) => (ObjectType::OcspResponse, index),
        };
        if let Some(known) = self.evidence.get(&(kind, index)) {
            return Some(known.clone());
        }
        let octets = match finding.source {
            Source::Crl(index) => Octets::Borrowed(self.material.evidence.crls().get(index)?.der()),
            Source::Ocsp(index) => {
                let basic = self.material.evidence.responses().get(index)?.der();
                Octets::Owned(der::Encode::to_der(&OcspResponse::successful(basic).ok()?).ok()?)
            }
        };
        let id = self.octets(kind, octets);
        self.evidence.insert((kind, index), id.clone());
        self.certificate(&finding.signer);
        Some(id)
    }

    fn octets(&mut self, kind: ObjectType, octets: Octets<'f>) -> String {
        let digest = DigestAlgorithm::Sha256.digest(octets.get());
        let id = identifier(kind, &digest);
        self.all
            .entry(id.clone())
            .or_insert(Object::Octets(kind, octets, digest));
        id
    }

    /// Writes all of them.
    pub(super) fn write(self, xml: &mut Xml<'_>) -> io::Result<()> {
        if self.all.is_empty() {
            return Ok(());
        }
        // The certificates that time-stamps name are objects by now, so that references resolve.
        let certificate = |certificate: &Certificate| {
            identifier(
                ObjectType::Certificate,
                &DigestAlgorithm::Sha256.digest(certificate.der()),
            )
        };
        xml.group("SignatureValidationObjects", |xml| {
            for (id, object) in &self.all {
                xml.element("ValidationObject", &[("id", id)], |xml| match object {
                    Object::Octets(kind, octets, hash) => {
                        xml.text("ObjectType", kind.uri())?;
                        representation(xml, *hash, octets.get())?;
                        poe(xml, "POE", self.at, None)
                    }
                    Object::SignedData(content) => {
                        xml.text("ObjectType", ObjectType::SignedData.uri())?;
                        xml.group("ValidationObjectRepresentation", |xml| {
                            digest(xml, *content)
                        })?;
                        poe(xml, "POE", self.at, None)
                    }
                    Object::Timestamp(stamp) => {
                        xml.text("ObjectType", ObjectType::Timestamp.uri())?;
                        let token = &stamp.facts.token;
                        representation(xml, DigestAlgorithm::Sha256.digest(token), token)?;
                        poe(xml, "POE", self.at, None)?;
                        provisioning(xml, stamp)?;
                        self.time_stamp_report(xml, stamp, certificate)
                    }
                })?;
            }
            Ok(())
        })
    }

    fn time_stamp_report(
        &self,
        xml: &mut Xml<'_>,
        stamp: &Stamp<'f>,
        id: impl Fn(&Certificate) -> String,
    ) -> io::Result<()> {
        xml.group("ValidationReport", |xml| {
            if let Some(tsu) = &stamp.facts.signer.certificate
                && self.all.contains_key(&id(tsu))
            {
                xml.group("SignerInformation", |xml| {
                    reference(xml, "SignerCertificate", &id(tsu))?;
                    xml.text("Signer", &tsu.display_subject().to_string())
                })?;
            }
            xml.group("SignatureValidationStatus", |xml| {
                status(
                    xml,
                    stamp.verdict.indication,
                    stamp.verdict.sub_indication,
                    About::Object,
                )?;
                let chain: Vec<(String, &ChainEntry)> = stamp
                    .verdict
                    .chain
                    .iter()
                    .map(|entry| (id(&entry.certificate), entry))
                    .collect();
                if chain.is_empty() && stamp.verdict.errors.is_empty() {
                    return Ok(());
                }
                xml.group("AssociatedValidationReportData", |xml| {
                    super::chain(xml, &chain)?;
                    super::messages(xml, &stamp.verdict.errors, &[])
                })
            })
        })
    }
}

/// Such as `C-` and the digest in hexadecimal.
fn identifier(kind: ObjectType, digest: &Digest) -> String {
    format!("{}-{}", kind.prefix(), digest.to_hex())
}

fn representation(xml: &mut Xml<'_>, hash: Digest, octets: &[u8]) -> io::Result<()> {
    xml.group("ValidationObjectRepresentation", |xml| {
        digest(xml, hash)?;
        if octets.len() <= EMBEDDED {
            xml.base64("base64", octets)?;
        }
        Ok(())
    })
}

/// Clause 4.4.6: since when it is known to exist, and by which object.
pub(super) fn poe(xml: &mut Xml<'_>, name: &str, at: UnixTime, by: Option<&str>) -> io::Result<()> {
    xml.group(name, |xml| {
        xml.text("POETime", &at.to_string())?;
        xml.text("TypeOfProof", names::POE_VALIDATION)?;
        by.map_or(Ok(()), |id| reference(xml, "POEObject", id))
    })
}

/// Clause 4.4.7: what a time-stamp proves, where it passed.
fn provisioning(xml: &mut Xml<'_>, stamp: &Stamp<'_>) -> io::Result<()> {
    if stamp.verdict.indication != crate::validate::Indication::TotalPassed {
        return Ok(());
    }
    xml.group("POEProvisioning", |xml| {
        xml.text("POETime", &stamp.facts.gen_time.to_string())?;
        match (stamp.signature, stamp.field) {
            (Some(signature), _) => xml.group("SignatureReference", |xml| {
                xml.text("DigestMethod", digest_uri(signature.algorithm()))?;
                xml.base64("DigestValue", signature.as_bytes())
            }),
            (None, Some(field)) => xml.group("SignatureReference", |xml| {
                xml.text("PAdESFieldName", field)
            }),
            (None, None) => Ok(()),
        }
    })
}
