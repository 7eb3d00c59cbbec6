//! The validation report of ETSI TS 119 102-2 V1.4.1 in XML: facts and verdict for other programs, and for
//! whoever seals it and puts it on file.
//!
//! The same facts and the same verdict give the same octets: identifiers are made of what they name. It is
//! written as it goes, so that its length does not matter.

mod names;
mod objects;
mod xml;

use std::io::{self, Write};

use pki_asn1::oid;
use pki_crypto::{Digest, DigestAlgorithm};
use pki_path::RevocationStatus;

use super::{Report, SignatureReport};
use crate::asic::digest_uri;
use crate::validate::{
    ChainEntry, Facts, Indication, Message, Outcome, RecordVerdict, SignatureFacts, SignatureKind,
    SignatureVerdict, SigningCertificateAttribute, Step, SubIndication, TimestampFacts,
    TimestampVerdict, Verdict,
};
use names::About;
use objects::{Objects, Stamp, poe};
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
        let mut objects = Objects::new(&facts.material, verdict.at);
        xml.element("ValidationReport", &namespaces, |xml| {
            let all = facts.signatures.iter().zip(&verdict.signatures);
            for (index, ((facts, verdict), report)) in all.zip(&self.signatures).enumerate() {
                let one = One {
                    index,
                    facts,
                    verdict,
                    report,
                    whole: self,
                };
                one.write(xml, &mut objects)?;
            }
            for (index, record) in verdict.evidence_records.iter().enumerate() {
                self.record(xml, index, record)?;
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

impl Report {
    /// An evidence record of the file: what a signature's report says, as far as it is so of a record.
    fn record(&self, xml: &mut Xml<'_>, index: usize, verdict: &RecordVerdict) -> io::Result<()> {
        let Some(report) = self.evidence_records.get(index) else {
            return Ok(());
        };
        xml.group("SignatureValidationReport", |xml| {
            let id = format!("E-{index}");
            xml.element("SignatureIdentifier", &[("id", &id)], |xml| {
                xml.text("HashOnly", "false")?;
                xml.text("DocHashOnly", "false")?;
                xml.text("DAIdentifier", &report.id)
            })?;
            xml.group("ValidationTimeInfo", |xml| {
                xml.text("ValidationTime", &self.at)?;
                xml.group("BestSignatureTime", |xml| {
                    let time = report.proven_time.as_ref().unwrap_or(&self.at);
                    xml.text("POETime", time)?;
                    xml.text("TypeOfProof", names::POE_VALIDATION)
                })
            })?;
            xml.group("SignatureValidationStatus", |xml| {
                let (indication, sub) = (verdict.indication, verdict.sub_indication);
                status(xml, indication, sub, About::Signature)?;
                if verdict.errors.is_empty() && verdict.warnings.is_empty() {
                    return Ok(());
                }
                xml.group("AssociatedValidationReportData", |xml| {
                    messages(xml, &verdict.errors, &verdict.warnings)
                })
            })
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
    fn write(&self, xml: &mut Xml<'_>, objects: &mut Objects<'f>) -> io::Result<()> {
        let stamps = self.stamps(objects);
        xml.group("SignatureValidationReport", |xml| {
            self.identifier(xml)?;
            self.constraints(xml)?;
            self.time(xml, &stamps)?;
            self.document(xml, objects)?;
            self.attributes(xml, objects, &stamps)?;
            self.signer(xml, objects)?;
            self.quality(xml)?;
            let archived = !self.verdict.archive.is_empty();
            xml.group("SignatureValidationProcess", |xml| {
                let process = names::process(self.verdict.level, archived);
                xml.text("SignatureValidationProcessID", process)
            })?;
            xml.group("SignatureValidationStatus", |xml| {
                self.status(xml, objects, &stamps)
            })
        })
    }

    /// What identifies it: the digest of what is signed (DTBSR).
    fn representation(&self) -> Option<Digest> {
        self.facts.signer.as_ref()?.signed.representation
    }

    /// Its time-stamps as validation objects, in the order of the report.
    fn stamps(&self, objects: &mut Objects<'f>) -> Vec<Stamped<'f>> {
        let archive = self
            .facts
            .cms
            .as_ref()
            .map_or(&[][..], |c| c.archive.as_slice());
        let own = self.facts.timestamps.iter().zip(&self.verdict.timestamps);
        let archive = archive.iter().map(|a| &a.stamp).zip(&self.verdict.archive);
        let field = self.report.field.as_deref();
        let mut add = |element: &'static str, facts: &'f TimestampFacts, verdict| {
            let on_signature = self.facts.kind == SignatureKind::Signature;
            let id = objects.timestamp(Stamp {
                facts,
                verdict,
                signature: self.representation().filter(|_| on_signature),
                field: field.filter(|_| !on_signature),
            });
            Stamped {
                id,
                element,
                verdict,
            }
        };
        let element = match self.facts.kind {
            SignatureKind::Signature => "SignatureTimeStamp",
            SignatureKind::DocumentTimestamp => "DocTimeStamp",
        };
        let mut out: Vec<Stamped<'f>> = own.map(|(f, v)| add(element, f, v)).collect();
        out.extend(archive.map(|(f, v)| add("ArchiveTimeStamp", f, v)));
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

    /// Clause 4.3.5: the building blocks of EN 319 102-1 that ran, and how each ended.
    fn constraints(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        let ran = |step: &&Step| step.outcome != Outcome::NotApplicable;
        if !self.verdict.checks.iter().any(|step| ran(&step)) {
            return Ok(());
        }
        xml.group("ValidationConstraintsEvaluationReport", |xml| {
            let mut steps = self.verdict.checks.iter().filter(ran);
            steps.try_for_each(|step| constraint(xml, step))
        })
    }

    /// Clause 4.3.6
    fn time(&self, xml: &mut Xml<'_>, stamps: &[Stamped<'_>]) -> io::Result<()> {
        xml.group("ValidationTimeInfo", |xml| {
            xml.text("ValidationTime", &self.whole.at)?;
            match self.verdict.best_signature_time {
                Some(best) => {
                    let by = stamps.iter().find(|s| {
                        s.verdict.indication == Indication::TotalPassed && s.verdict.time == best
                    });
                    poe(xml, "BestSignatureTime", best, by.map(|s| s.id.as_str()))
                }
                // Nothing proves it to be older than this validation.
                None => xml.group("BestSignatureTime", |xml| {
                    xml.text("POETime", &self.whole.at)?;
                    xml.text("TypeOfProof", names::POE_VALIDATION)
                }),
            }
        })
    }

    /// Clause 4.3.7
    fn document(&self, xml: &mut Xml<'_>, objects: &mut Objects<'f>) -> io::Result<()> {
        let signer = self.facts.signer.as_ref();
        let Some(content) = signer.and_then(|s| s.signed.content) else {
            return Ok(());
        };
        let id = objects.signed_data(content);
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
                xml.element(stamp.element, UNSIGNED, |xml| {
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

/// Clause 4.3.5.4, for a building block and then for those within it.
fn constraint(xml: &mut Xml<'_>, step: &Step) -> io::Result<()> {
    let Some(indication) = step.outcome.indication() else {
        return Ok(());
    };
    xml.group("ValidationConstraint", |xml| {
        xml.text("ValidationConstraintIdentifier", &names::block(step.block))?;
        if let Some(about) = &step.about {
            xml.group("ValidationConstraintParameter", |xml| {
                xml.text("Type", names::ABOUT)?;
                string(xml, &about.to_string())
            })?;
        }
        xml.group("ConstraintStatus", |xml| xml.text("Status", names::APPLIED))?;
        xml.group("ValidationStatus", |xml| {
            status(xml, indication, step.sub_indication, About::Object)
        })
    })?;
    step.children
        .iter()
        .try_for_each(|step| constraint(xml, step))
}

/// A value of a type that only its text tells (TypedDataType).
fn string(xml: &mut Xml<'_>, text: &str) -> io::Result<()> {
    xml.element("Value", &[("xsi:type", "xs:string")], |xml| {
        xml.characters(text)
    })
}

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
            let hint = message.hint.as_ref().map(|hint| format!(" ({hint})"));
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
