//! Validation objects (TS 119 102-2 clause 4.4): certificates, revocation data, time-stamps, evidence records
//! and signed data, each once, identified by their digests, with what proves that they existed and what they
//! prove.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
use crate::validate::{
    ChainEntry, ProofOfExistence, Proofs, Prover, Thing, TimestampFacts, TimestampVerdict, Verdict,
    object_id,
};

/// What is longer is named by its digest alone: the list of a large authority would be most of the report.
const EMBEDDED: usize = 1 << 16;

/// The objects named so far.
pub(super) struct Objects<'f> {
    material: &'f Material,
    at: UnixTime,
    proofs: &'f Proofs,
    all: BTreeMap<String, Object<'f>>,
    /// What proves something, by its place in the facts: the identifier of its object.
    provers: HashMap<Prover, String>,
    /// The signatures, and what proves that they existed.
    signatures: Vec<(SignatureName, Option<ProofOfExistence>)>,
    /// Evidence may be long; it is hashed once.
    evidence: HashMap<(ObjectType, usize), String>,
}

/// An object and since when it is proven to exist.
struct Object<'f> {
    kind: Kind<'f>,
    proof: Option<ProofOfExistence>,
}

enum Kind<'f> {
    Octets(ObjectType, Octets<'f>, Digest),
    Timestamp(Box<Stamp<'f>>),
    Record(Box<Record<'f>>),
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

/// How a signature is referred to (SignatureReference).
#[derive(Clone, Debug)]
pub(super) struct SignatureName {
    /// The digest of what is signed.
    pub(super) representation: Option<Digest>,
    /// The name of the field, in a PDF.
    pub(super) field: Option<String>,
}

impl SignatureName {
    fn write(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        match (self.representation, &self.field) {
            (Some(representation), _) => xml.group("SignatureReference", |xml| {
                xml.text("DigestMethod", digest_uri(representation.algorithm()))?;
                xml.base64("DigestValue", representation.as_bytes())
            }),
            (None, Some(field)) => xml.group("SignatureReference", |xml| {
                xml.text("PAdESFieldName", field)
            }),
            (None, None) => Ok(()),
        }
    }
}

/// A time-stamp with what it proves.
pub(super) struct Stamp<'f> {
    pub(super) facts: &'f TimestampFacts,
    pub(super) verdict: &'f TimestampVerdict,
    /// What is proven about it itself.
    pub(super) thing: Option<Thing>,
    /// What it is known by where it proves something.
    pub(super) prover: Option<Prover>,
    /// The signature that it is on; `None` for those over documents.
    pub(super) signature: Option<SignatureName>,
    /// What trusted lists say of it: `yes`, `no` or `indeterminate`.
    pub(super) qualified: Option<&'static str>,
}

/// An evidence record with what it proves.
pub(super) struct Record<'f> {
    pub(super) octets: &'f [u8],
    pub(super) index: usize,
    pub(super) verdict: &'f crate::validate::RecordVerdict,
}

impl<'f> Objects<'f> {
    pub(super) fn new(material: &'f Material, verdict: &'f Verdict) -> Self {
        Self {
            material,
            at: verdict.at,
            proofs: &verdict.proofs,
            all: BTreeMap::new(),
            provers: HashMap::new(),
            signatures: Vec::new(),
            evidence: HashMap::new(),
        }
    }

    pub(super) fn certificate(&mut self, certificate: &Certificate) -> String {
        let octets = Octets::Certificate(certificate.clone());
        self.octets(ObjectType::Certificate, octets, certificate.der())
    }

    /// The content of a signature; the signature proves it from when it is proven itself.
    pub(super) fn signed_data(
        &mut self,
        content: Digest,
        proof: Option<ProofOfExistence>,
    ) -> String {
        let id = identifier(ObjectType::SignedData, &content);
        let known = self.all.entry(id.clone()).or_insert(Object {
            kind: Kind::SignedData(content),
            proof: None,
        });
        if let Some(proof) = proof
            && known.proof.as_ref().is_none_or(|p| proof.time < p.time)
        {
            known.proof = Some(proof);
        }
        id
    }

    /// A signature of the file, for those that prove it.
    pub(super) fn signature(&mut self, name: SignatureName, proof: Option<ProofOfExistence>) {
        self.signatures.push((name, proof));
    }

    pub(super) fn timestamp(&mut self, stamp: Stamp<'f>) -> String {
        let over = stamp.signature.as_ref().and_then(|s| s.representation);
        let over = over.iter().flat_map(|d| d.as_bytes());
        // One token may be attached to two signatures, and fits one of them at most.
        let named: Vec<u8> = stamp.facts.token.iter().chain(over).copied().collect();
        let id = identifier(
            ObjectType::Timestamp,
            &DigestAlgorithm::Sha256.digest(&named),
        );
        if let Some(prover) = stamp.prover {
            self.provers.insert(prover, id.clone());
        }
        if !self.all.contains_key(&id) {
            // What it rests on becomes an object as well.
            for entry in &stamp.verdict.chain {
                self.entry(entry);
            }
            let proof = stamp.thing.and_then(|thing| self.proofs.of(thing));
            // A time-stamp is no proof of itself.
            let proof = proof.filter(|p| Some(p.by) != stamp.prover);
            let object = Object {
                kind: Kind::Timestamp(Box::new(stamp)),
                proof,
            };
            self.all.insert(id.clone(), object);
        }
        id
    }

    /// That a time-stamp was there when another one was made, which renews it.
    pub(super) fn renewed(&mut self, earlier: &str, proof: ProofOfExistence) {
        if let Some(object) = self.all.get_mut(earlier) {
            object.proof.get_or_insert(proof);
        }
    }

    pub(super) fn record(&mut self, record: Record<'f>) -> String {
        let id = identifier(
            ObjectType::EvidenceRecord,
            &DigestAlgorithm::Sha256.digest(record.octets),
        );
        self.provers
            .insert(Prover::Record(record.index), id.clone());
        self.all.entry(id.clone()).or_insert(Object {
            kind: Kind::Record(Box::new(record)),
            proof: None,
        });
        id
    }

    /// The identifier of what proves something.
    pub(super) fn prover(&self, proof: ProofOfExistence) -> Option<&str> {
        self.provers.get(&proof.by).map(String::as_str)
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
        let material = self.material;
        let id = match finding.source {
            Source::Crl(index) => {
                let crl = material.evidence.crls().get(index)?.der();
                self.octets(kind, Octets::Borrowed(crl), crl)
            }
            Source::Ocsp(index) => {
                let basic = material.evidence.responses().get(index)?.der();
                let whole = OcspResponse::successful(basic).ok()?;
                let whole = der::Encode::to_der(&whole).ok()?;
                self.octets(kind, Octets::Owned(whole), basic)
            }
        };
        self.evidence.insert((kind, index), id.clone());
        self.certificate(&finding.signer);
        Some(id)
    }

    /// `known` are the octets that proofs know it by.
    fn octets(&mut self, kind: ObjectType, octets: Octets<'f>, known: &[u8]) -> String {
        let digest = DigestAlgorithm::Sha256.digest(octets.get());
        let id = identifier(kind, &digest);
        if !self.all.contains_key(&id) {
            let proof = self.proofs.of(Thing::Object(object_id(known)));
            let object = Object {
                kind: Kind::Octets(kind, octets, digest),
                proof,
            };
            self.all.insert(id.clone(), object);
        }
        id
    }

    /// Writes all of them.
    pub(super) fn write(self, xml: &mut Xml<'_>) -> io::Result<()> {
        if self.all.is_empty() {
            return Ok(());
        }
        // The other way round: what each of them proves.
        let mut proven: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, object) in &self.all {
            if let Some(by) = object.proof.and_then(|p| self.prover(p)) {
                proven.entry(by).or_default().push(id);
            }
        }
        xml.group("SignatureValidationObjects", |xml| {
            for (id, object) in &self.all {
                let proves = proven.get(id.as_str()).map_or(&[][..], Vec::as_slice);
                xml.element("ValidationObject", &[("id", id)], |xml| {
                    self.object(xml, object, proves)
                })?;
            }
            Ok(())
        })
    }

    fn object(&self, xml: &mut Xml<'_>, object: &Object<'f>, proves: &[&str]) -> io::Result<()> {
        let poe = |xml: &mut Xml<'_>| {
            let at = object.proof.map_or(self.at, |p| p.time);
            poe(xml, "POE", at, object.proof.and_then(|p| self.prover(p)))
        };
        match &object.kind {
            Kind::Octets(kind, octets, hash) => {
                xml.text("ObjectType", kind.uri())?;
                representation(xml, *hash, octets.get())?;
                poe(xml)
            }
            Kind::SignedData(content) => {
                xml.text("ObjectType", ObjectType::SignedData.uri())?;
                xml.group("ValidationObjectRepresentation", |xml| {
                    digest(xml, *content)
                })?;
                poe(xml)
            }
            Kind::Timestamp(stamp) => {
                xml.text("ObjectType", ObjectType::Timestamp.uri())?;
                let token = &stamp.facts.token;
                representation(xml, DigestAlgorithm::Sha256.digest(token), token)?;
                poe(xml)?;
                if stamp.verdict.indication == crate::validate::Indication::TotalPassed {
                    let (time, own) = (stamp.facts.gen_time, stamp.signature.as_ref());
                    self.provisioning(xml, time, proves, own, stamp.prover)?;
                }
                self.time_stamp_report(xml, stamp)
            }
            Kind::Record(record) => {
                xml.text("ObjectType", ObjectType::EvidenceRecord.uri())?;
                let octets = record.octets;
                representation(xml, DigestAlgorithm::Sha256.digest(octets), octets)?;
                poe(xml)?;
                if let Some(time) = record.verdict.proven {
                    let prover = Some(Prover::Record(record.index));
                    self.provisioning(xml, time, proves, None, prover)?;
                }
                xml.group("ValidationReport", |xml| {
                    xml.group("SignatureValidationStatus", |xml| {
                        super::record::record_status(xml, record.verdict, About::Object)
                    })
                })
            }
        }
    }

    /// Clause 4.4.7: what a time-stamp or an evidence record that passed proves. Of what several prove, it
    /// stands with the earliest.
    fn provisioning(
        &self,
        xml: &mut Xml<'_>,
        time: UnixTime,
        objects: &[&str],
        own: Option<&SignatureName>,
        prover: Option<Prover>,
    ) -> io::Result<()> {
        xml.group("POEProvisioning", |xml| {
            xml.text("POETime", &time.to_string())?;
            for id in objects {
                reference(xml, "ValidationObject", id)?;
            }
            let proven = self
                .signatures
                .iter()
                .filter(|(_, proof)| prover.is_some() && proof.map(|p| p.by) == prover);
            let mut told = BTreeSet::new();
            for name in own.into_iter().chain(proven.map(|(name, _)| name)) {
                let key = name.representation.map(|r| r.to_hex());
                if told.insert((key, name.field.clone())) {
                    name.write(xml)?;
                }
            }
            Ok(())
        })
    }

    fn time_stamp_report(&self, xml: &mut Xml<'_>, stamp: &Stamp<'f>) -> io::Result<()> {
        // The certificates that time-stamps name are objects by now, so that references resolve.
        let id = |certificate: &Certificate| {
            identifier(
                ObjectType::Certificate,
                &DigestAlgorithm::Sha256.digest(certificate.der()),
            )
        };
        xml.group("ValidationReport", |xml| {
            if let Some(tsu) = &stamp.facts.signer.certificate
                && self.all.contains_key(&id(tsu))
            {
                xml.group("SignerInformation", |xml| {
                    reference(xml, "SignerCertificate", &id(tsu))?;
                    xml.text("Signer", &tsu.display_subject().to_string())
                })?;
            }
            if let Some(qualified) = stamp.qualified {
                xml.group("SignatureQuality", |xml| {
                    let quality = names::time_stamp_quality(qualified);
                    xml.text("SignatureQualityInformation", quality)
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
