//! The validation report of ETSI TS 119 102-2 V1.4.1 in XML: facts and verdict for other programs, and for
//! whoever seals it and puts it on file.
//!
//! The same facts and the same verdict give the same octets: identifiers are made of what they name. It is
//! written as it goes, so that its length does not matter.

mod names;
mod objects;
mod policy;
mod record;
mod xml;

use std::io::{self, Write};

use pki_asn1::oid;
use pki_crypto::{Digest, DigestAlgorithm};
use pki_path::RevocationStatus;

use super::{Report, SignatureReport};
use crate::asic::digest_uri;
use crate::validate::{
    ChainEntry, Facts, Indication, Message, Prover, SignatureFacts, SignatureKind,
    SignatureVerdict, SigningCertificateAttribute, SubIndication, Thing, TimestampFacts,
    TimestampVerdict, Verdict,
};
use names::About;
use objects::{Objects, SignatureName, Stamp};
use record::Recorded;
use xml::Xml;

impl Report {
    /// Writes the report as XML. `facts` and `verdict` are those that the report was made of.
    ///
    /// # Errors
    /// Where `out` fails.
    pub fn write_etsi(
        &self,
        facts: &Facts,
        verdict: &Verdict,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut xml = Xml::new(out)?;
        let namespaces = [
            ("xmlns", names::REPORT),
            ("xmlns:ds", names::XMLDSIG),
            ("xmlns:xades", names::XADES),
            ("xmlns:tsl", names::TRUSTED_LIST),
            ("xmlns:xs", names::SCHEMA),
            ("xmlns:xsi", names::SCHEMA_INSTANCE),
        ];
        let mut objects = Objects::new(&facts.material, verdict);
        // Whatever proves something is known before anything that is proven by it is told.
        let all = facts.signatures.iter().zip(&verdict.signatures);
        let signatures: Vec<(One<'_>, Vec<Stamped<'_>>)> = all
            .zip(&self.signatures)
            .enumerate()
            .map(|(index, ((facts, verdict), report))| {
                let one = One {
                    index,
                    facts,
                    verdict,
                    report,
                    whole: self,
                };
                let stamps = one.stamps(&mut objects);
                (one, stamps)
            })
            .collect();
        let records = facts.evidence_records.iter();
        let records: Vec<Recorded<'_>> = records
            .zip(&verdict.evidence_records)
            .enumerate()
            .map(|(index, (facts, verdict))| Recorded::new(index, facts, verdict, &mut objects))
            .collect();
        xml.element("ValidationReport", &namespaces, |xml| {
            for (one, stamps) in &signatures {
                one.write(xml, &mut objects, stamps)?;
            }
            for (record, report) in records.iter().zip(&self.evidence_records) {
                record.write(xml, self, report, &mut objects)?;
            }
            if self.signatures.is_empty() && self.evidence_records.is_empty() {
                xml.group("SignatureValidationReport", |xml| {
                    xml.group("SignatureValidationStatus", |xml| {
                        xml.text("MainIndication", names::NO_SIGNATURE)
                    })
                })?;
            }
            objects.write(xml)?;
            validator(xml)
        })
    }
}

/// A signature with everything that is said of it.
struct One<'f> {
    index: usize,
    facts: &'f SignatureFacts,
    verdict: &'f SignatureVerdict,
    report: &'f SignatureReport,
    whole: &'f Report,
}

impl<'f> One<'f> {
    /// Clause 4.3
    fn write(
        &self,
        xml: &mut Xml<'_>,
        objects: &mut Objects<'f>,
        stamps: &[Stamped<'f>],
    ) -> io::Result<()> {
        xml.group("SignatureValidationReport", |xml| {
            self.identifier(xml)?;
            policy::evaluated(xml, self.whole, &self.verdict.checks)?;
            self.time(xml, objects)?;
            self.document(xml, objects)?;
            self.attributes(xml, objects, stamps)?;
            self.signer(xml, objects)?;
            self.quality(xml)?;
            let archived = !self.verdict.archive.is_empty();
            xml.group("SignatureValidationProcess", |xml| {
                let process = names::process(self.verdict.level, archived);
                xml.text("SignatureValidationProcessID", process)
            })?;
            xml.group("SignatureValidationStatus", |xml| {
                self.status(xml, objects, stamps)
            })
        })
    }

    /// What identifies it: the digest of what is signed (DTBSR).
    fn representation(&self) -> Option<Digest> {
        self.facts.signer.as_ref()?.signed.representation
    }

    /// How others refer to it.
    fn name(&self) -> SignatureName {
        SignatureName {
            representation: self.representation(),
            field: self.report.field.clone(),
        }
    }

    /// Its time-stamps as validation objects, in the order of the report; those over its content last.
    fn stamps(&self, objects: &mut Objects<'f>) -> Vec<Stamped<'f>> {
        objects.signature(self.name(), self.verdict.proof);
        let signature = match self.facts.kind {
            SignatureKind::Signature => Some(self.name()),
            SignatureKind::DocumentTimestamp => None,
        };
        let element = match self.facts.kind {
            SignatureKind::Signature => "SignatureTimeStamp",
            SignatureKind::DocumentTimestamp => "DocTimeStamp",
        };
        let qualified: Vec<Option<&'static str>> = (self.report.timestamps.iter())
            .map(|stamp| Some(stamp.qualified.as_ref()?.qualified))
            .collect();
        let mut out = Vec::new();
        let mut add = |element, facts: &'f TimestampFacts, verdict, thing, prover| {
            let place = out.len();
            let over_content = element == CONTENT;
            let id = objects.timestamp(Stamp {
                facts,
                verdict,
                thing: Some(thing),
                prover,
                signature: signature.clone().filter(|_| !over_content),
                qualified: qualified.get(place).copied().flatten(),
            });
            out.push(Stamped {
                id,
                element,
                verdict,
            });
        };
        let own = self.facts.timestamps.iter().zip(&self.verdict.timestamps);
        for (place, (facts, verdict)) in own.enumerate() {
            let thing = Thing::Timestamp(self.index, place);
            let prover = Prover::Timestamp(self.index, place);
            add(element, facts, verdict, thing, Some(prover));
        }
        let cms = self.facts.cms.as_ref();
        let archive = cms.map_or(&[][..], |c| c.archive.as_slice());
        for (place, (facts, verdict)) in archive.iter().zip(&self.verdict.archive).enumerate() {
            let thing = Thing::Archive(self.index, place);
            let prover = Prover::Archive(self.index, place);
            add(
                "ArchiveTimeStamp",
                &facts.stamp,
                verdict,
                thing,
                Some(prover),
            );
        }
        let content = self.facts.content_timestamps.iter();
        for (place, (facts, verdict)) in content.zip(&self.verdict.content_timestamps).enumerate() {
            let thing = Thing::ContentTimestamp(self.index, place);
            add(CONTENT, facts, verdict, thing, None);
        }
        out
    }

    /// Clause 4.3.3
    fn identifier(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let id = self.id();
        xml.element("SignatureIdentifier", &[("id", &id)], |xml| {
            if let Some(representation) = self.representation() {
                xml.group("DigestAlgAndValue", |xml| digest_parts(xml, representation))?;
            }
            if let Some(signer) = &self.facts.signer {
                xml.base64("ds:SignatureValue", &signer.signed.value)?;
            }
            xml.text("HashOnly", "false")?;
            xml.text("DocHashOnly", "false")?;
            xml.text("DAIdentifier", &self.facts.id)
        })
    }

    /// Made of the signature and of its place: the same one may stand in a file twice.
    fn id(&self) -> String {
        let mut named = Vec::new();
        if let Some(signer) = &self.facts.signer {
            named.extend_from_slice(&signer.signed.value);
        }
        named.extend_from_slice(self.facts.id.as_bytes());
        named.extend_from_slice(&(self.index as u64).to_be_bytes());
        format!("S-{}", DigestAlgorithm::Sha256.digest(&named).to_hex())
    }

    /// Clause 4.3.6
    fn time(&self, xml: &mut Xml<'_>, objects: &Objects<'f>) -> io::Result<()> {
        xml.group("ValidationTimeInfo", |xml| {
            xml.text("ValidationTime", &self.whole.at)?;
            // Without a proof nothing says that it is older than this validation.
            let proof = self.verdict.proof;
            let by = proof.and_then(|proof| objects.prover(proof));
            let time = proof.map_or_else(|| self.whole.at.clone(), |p| p.time.to_string());
            xml.group("BestSignatureTime", |xml| {
                xml.text("POETime", &time)?;
                xml.text("TypeOfProof", names::POE_VALIDATION)?;
                by.map_or(Ok(()), |id| reference(xml, "POEObject", id))
            })
        })
    }

    /// Clause 4.3.7
    fn document(&self, xml: &mut Xml<'_>, objects: &mut Objects<'f>) -> io::Result<()> {
        let signer = self.facts.signer.as_ref();
        let Some(content) = signer.and_then(|s| s.signed.content) else {
            return Ok(());
        };
        let id = objects.signed_data(content, self.verdict.proof);
        xml.group("SignersDocument", |xml| {
            digest(xml, content)?;
            reference(xml, "SignersDocumentRepresentation", &id)
        })
    }

    /// Clause 4.3.8 and annex A
    fn attributes(
        &self,
        xml: &mut Xml<'_>,
        objects: &mut Objects<'f>,
        stamps: &[Stamped<'_>],
    ) -> io::Result<()> {
        const SIGNED: &[(&str, &str)] = &[("Signed", "true")];
        const UNSIGNED: &[(&str, &str)] = &[("Signed", "false")];
        let mut inside = Vec::new();
        {
            let mut part = Xml::part(&mut inside);
            let xml = &mut part;
            let signer = self.facts.signer.as_ref();
            let said = &self.facts.properties;
            if let Some(time) = signer.and_then(|s| s.signing_time) {
                xml.element("SigningTime", SIGNED, |xml| {
                    xml.text("Time", &time.to_string())
                })?;
            }
            if let Some(time) = self.facts.pdf.as_ref().and_then(|p| p.claimed_time) {
                xml.element("SigningTime", SIGNED, |xml| {
                    xml.text("Time", &time.to_string())
                })?;
            }
            if let Some(signer) = signer
                && signer.attribute == SigningCertificateAttribute::Matches
                && let Some(certificate) = &signer.certificate
            {
                let id = objects.certificate(certificate);
                xml.element("SigningCertificate", SIGNED, |xml| {
                    reference(xml, "AttributeObject", &id)
                })?;
            }
            if let Some(mime) = &said.mime_type {
                xml.element("DataObjectFormat", SIGNED, |xml| xml.text("MimeType", mime))?;
            }
            let commitments = said.commitments.iter().map(|c| c.oid());
            for commitment in commitments.chain(said.other_commitments.iter().copied()) {
                xml.element("CommitmentTypeIndication", SIGNED, |xml| {
                    xml.text("CommitmentTypeIdentifier", &names::oid(&commitment))
                })?;
            }
            if let Some(policy) = &said.policy {
                xml.element("SigPolicyIdentifier", SIGNED, |xml| {
                    xml.text("SigPolicyId", &names::oid(&policy.oid))
                })?;
            }
            let declared = self.report.declared.as_ref();
            let place = declared.map_or(&[][..], |d| d.location.as_slice());
            if !place.is_empty() {
                xml.element("SignatureProductionPlace", SIGNED, |xml| {
                    place
                        .iter()
                        .try_for_each(|line| xml.text("AddressString", line))
                })?;
            }
            if let Some(pdf) = &self.facts.pdf {
                xml.group("SubFilter", |xml| {
                    xml.text("SubFilterElement", &pdf.sub_filter)
                })?;
            }
            for stamp in stamps {
                let signed = match stamp.element {
                    CONTENT => SIGNED,
                    _ => UNSIGNED,
                };
                xml.element(stamp.element, signed, |xml| {
                    reference(xml, "AttributeObject", &stamp.id)?;
                    xml.text("TimeStampValue", &stamp.verdict.time.to_string())
                })?;
            }
        }
        if inside.is_empty() {
            return Ok(());
        }
        xml.group("SignatureAttributes", |xml| xml.raw(&inside))
    }

    /// Clause 4.3.9
    fn signer(&self, xml: &mut Xml<'_>, objects: &mut Objects<'f>) -> io::Result<()> {
        let signer = self.facts.signer.as_ref();
        let Some(certificate) = signer.and_then(|s| s.certificate.as_ref()) else {
            return Ok(());
        };
        let id = objects.certificate(certificate);
        let pseudonym =
            pki_asn1::name::attribute(certificate.subject(), &oid::AT_PSEUDONYM).is_some();
        let pseudonym = if pseudonym { "true" } else { "false" };
        xml.element("SignerInformation", &[("Pseudonym", pseudonym)], |xml| {
            reference(xml, "SignerCertificate", &id)?;
            xml.text("Signer", &certificate.display_subject().to_string())
        })
    }

    /// Clause 4.3.10: what trusted lists make of it.
    fn quality(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let signer = self.report.signer.as_ref();
        let Some(found) = signer.and_then(|s| s.qualified.trusted_list.as_ref()) else {
            return Ok(());
        };
        let quality = names::quality(found.level, self.verdict.indication, self.facts.format);
        xml.group("SignatureQuality", |xml| {
            xml.text("SignatureQualityInformation", &quality)
        })
    }

    /// Clauses 4.3.4 and 4.3.12
    fn status(
        &self,
        xml: &mut Xml<'_>,
        objects: &mut Objects<'f>,
        stamps: &[Stamped<'_>],
    ) -> io::Result<()> {
        let sub = self.verdict.sub_indication;
        status(xml, self.verdict.indication, sub, About::Signature)?;
        let mut entries = Vec::new();
        let mut related: Vec<String> = stamps.iter().map(|s| s.id.clone()).collect();
        let mut revoked = None;
        for entry in &self.verdict.chain {
            let (id, evidence) = objects.entry(entry);
            if let (None, Some(RevocationStatus::Revoked(info, _))) = (&revoked, &entry.revocation)
            {
                revoked = Some((id.clone(), info, evidence.clone()));
            }
            related.extend(evidence);
            entries.push((id, entry));
        }
        let mut seen = std::collections::HashSet::new();
        related.retain(|id| seen.insert(id.clone()));
        xml.group("AssociatedValidationReportData", |xml| {
            chain(xml, &entries)?;
            for id in &related {
                reference(xml, "RelatedValidationObject", id)?;
            }
            if let Some((id, info, evidence)) = &revoked {
                xml.group("RevocationStatusInformation", |xml| {
                    reference(xml, "ValidationObjectId", id)?;
                    xml.text("RevocationTime", &info.at.to_string())?;
                    let reason = names::revocation_reason(info.reason_name());
                    xml.text("RevocationReason", &reason)?;
                    let mut evidence = evidence.iter();
                    evidence.try_for_each(|id| reference(xml, "RevocationObject", id))
                })?;
            }
            self.algorithm(xml)?;
            messages(xml, &self.verdict.errors, &self.verdict.warnings)
        })
    }

    /// Clause 4.3.12.7: the algorithm of the signature, and whether it is what keeps it from passing.
    fn algorithm(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let signer = self.facts.signer.as_ref();
        let algorithm = signer.and_then(|s| s.signature_algorithm);
        let Some(uri) = algorithm.and_then(names::signature_algorithm) else {
            return Ok(());
        };
        let weak = matches!(
            self.verdict.sub_indication,
            Some(
                SubIndication::CryptoConstraintsFailure
                    | SubIndication::CryptoConstraintsFailureNoPoe
            )
        );
        xml.group("CryptoInformation", |xml| {
            reference(xml, "ValidationObjectId", &self.id())?;
            xml.text("Algorithm", &uri)?;
            xml.text("SecureAlgorithm", if weak { "false" } else { "true" })
        })
    }
}

/// A value of a type that only its text tells (TypedDataType).
fn string(xml: &mut Xml<'_>, text: &str) -> io::Result<()> {
    xml.element("Value", &[("xsi:type", "xs:string")], |xml| {
        xml.characters(text)
    })
}

/// A content-time-stamp (annex A.6); EN 319 122-1 clause 5.2.8.
const CONTENT: &str = "AllDataObjectsTimeStamp";

/// A time-stamp as an attribute of its signature.
struct Stamped<'f> {
    id: String,
    element: &'static str,
    verdict: &'f TimestampVerdict,
}

fn status(
    xml: &mut Xml<'_>,
    indication: Indication,
    sub: Option<SubIndication>,
    about: About,
) -> io::Result<()> {
    xml.text("MainIndication", names::indication(indication, about))?;
    sub.map_or(Ok(()), |sub| {
        xml.text("SubIndication", &names::sub_indication(sub))
    })
}

/// Clauses 4.3.12.2 and 4.3.12.3, of certificates with the identifiers of their objects.
fn chain(xml: &mut Xml<'_>, entries: &[(String, &ChainEntry)]) -> io::Result<()> {
    let Some(((first, _), above)) = entries.split_first() else {
        return Ok(());
    };
    let anchor = entries.iter().find(|(_, entry)| entry.anchor);
    if let Some((id, _)) = anchor {
        reference(xml, "TrustAnchor", id)?;
    }
    xml.group("CertificateChain", |xml| {
        reference(xml, "SigningCertificate", first)?;
        for (id, _) in above.iter().filter(|(_, entry)| !entry.anchor) {
            reference(xml, "IntermediateCertificate", id)?;
        }
        anchor.map_or(Ok(()), |(id, _)| reference(xml, "TrustAnchor", id))
    })
}

/// Clause 4.3.12.8: the verdict's own words.
fn messages(xml: &mut Xml<'_>, errors: &[Message], warnings: &[Message]) -> io::Result<()> {
    if errors.is_empty() && warnings.is_empty() {
        return Ok(());
    }
    let kinds = errors.iter().map(|m| ("error", m));
    xml.group("AdditionalValidationReportData", |xml| {
        for (kind, message) in kinds.chain(warnings.iter().map(|m| ("warning", m))) {
            let hint = message.remedy().map(|hint| format!(" ({hint})"));
            let text = format!(
                "{}: {}{}",
                message.code,
                message.message,
                hint.unwrap_or_default()
            );
            xml.group("ReportData", |xml| {
                xml.text("Type", &names::ours(kind))?;
                string(xml, &text)
            })?;
        }
        Ok(())
    })
}

/// Clause 4.5: which program it was; a seal over the report says whose.
fn validator(xml: &mut Xml<'_>) -> io::Result<()> {
    xml.group("SignatureValidator", |xml| {
        xml.group("DigitalId", |xml| {
            let program = concat!("sceau ", env!("CARGO_PKG_VERSION"));
            xml.text("tsl:Other", program)
        })
    })
}

fn reference(xml: &mut Xml<'_>, name: &str, id: &str) -> io::Result<()> {
    xml.empty(name, &[("VOReference", id)])
}

fn digest(xml: &mut Xml<'_>, digest: Digest) -> io::Result<()> {
    xml.group("DigestAlgAndValue", |xml| digest_parts(xml, digest))
}

fn digest_parts(xml: &mut Xml<'_>, digest: Digest) -> io::Result<()> {
    let uri = digest_uri(digest.algorithm());
    xml.empty("ds:DigestMethod", &[("Algorithm", uri)])?;
    xml.base64("ds:DigestValue", digest.as_bytes())
}
