//! Evidence records in a validation report: what is said of a signature, as far as it is so of a record. The
//! record is a validation object as well, which the report refers to.

use std::io;

use super::names::About;
use super::objects::{Objects, Record};
use super::xml::Xml;
use super::{Stamp, chain, messages, names, reference, status};
use crate::report::{RecordReport, Report};
use crate::validate::{
    ChainEntry, ProofOfExistence, ProofSource, Prover, RecordFacts, RecordVerdict,
};

/// A record that was made an object, with the identifiers of what belongs to it.
pub(super) struct Recorded<'f> {
    index: usize,
    id: String,
    stamps: Vec<String>,
    facts: &'f RecordFacts,
    verdict: &'f RecordVerdict,
}

impl<'f> Recorded<'f> {
    /// Makes the record and its archive time-stamps objects.
    pub(super) fn new(
        index: usize,
        facts: &'f RecordFacts,
        verdict: &'f RecordVerdict,
        objects: &mut Objects<'f>,
    ) -> Self {
        let id = objects.record(Record {
            octets: &facts.record,
            index,
            verdict,
        });
        let mut stamps: Vec<String> = Vec::new();
        for (place, (one, verdict)) in facts.stamps().zip(&verdict.stamps).enumerate() {
            let (Ok(facts), Some(verdict)) = (&one.stamp, verdict) else {
                continue;
            };
            let stamp = objects.timestamp(Stamp {
                facts,
                verdict,
                thing: None,
                prover: Some(Prover::Renewal(index, place)),
                signature: None,
                qualified: None,
            });
            let passed = verdict.indication == crate::validate::Indication::TotalPassed;
            if let Some(earlier) = stamps.last()
                && passed
                && one.link.is_ok()
            {
                let proof = ProofOfExistence {
                    time: verdict.latest(),
                    source: ProofSource::EvidenceRecord,
                    by: Prover::Renewal(index, place),
                };
                objects.renewed(earlier, proof);
            }
            stamps.push(stamp);
        }
        Self {
            index,
            id,
            stamps,
            facts,
            verdict,
        }
    }

    pub(super) fn write(
        &self,
        xml: &mut Xml<'_>,
        whole: &Report,
        report: &RecordReport,
        objects: &mut Objects<'f>,
    ) -> io::Result<()> {
        xml.group("SignatureValidationReport", |xml| {
            let id = format!("E-{}", self.index);
            xml.element("SignatureIdentifier", &[("id", &id)], |xml| {
                xml.text("HashOnly", "false")?;
                xml.text("DocHashOnly", "false")?;
                xml.text("DAIdentifier", &report.id)
            })?;
            super::policy::evaluated(xml, whole, &[])?;
            xml.group("ValidationTimeInfo", |xml| {
                xml.text("ValidationTime", &whole.at)?;
                xml.group("BestSignatureTime", |xml| {
                    let first = self.stamps.first().filter(|_| report.proven_time.is_some());
                    let time = report.proven_time.as_ref().unwrap_or(&whole.at);
                    xml.text("POETime", time)?;
                    xml.text("TypeOfProof", names::POE_VALIDATION)?;
                    first.map_or(Ok(()), |id| reference(xml, "POEObject", id))
                })
            })?;
            xml.group("SignatureValidationStatus", |xml| {
                let (indication, sub) = (self.verdict.indication, self.verdict.sub_indication);
                status(xml, indication, sub, About::Signature)?;
                xml.group("AssociatedValidationReportData", |xml| {
                    // The chain of whoever made the first token: everything else renews it.
                    let stamps = self.facts.stamps().zip(&self.verdict.stamps);
                    let first = stamps.filter_map(|(_, verdict)| verdict.as_ref()).next();
                    let entries: Vec<(String, &ChainEntry)> = first
                        .map_or(&[][..], |first| first.chain.as_slice())
                        .iter()
                        .map(|entry| (objects.entry(entry).0, entry))
                        .collect();
                    chain(xml, &entries)?;
                    let mut told = std::collections::HashSet::new();
                    for id in std::iter::once(&self.id).chain(&self.stamps) {
                        if told.insert(id) {
                            reference(xml, "RelatedValidationObject", id)?;
                        }
                    }
                    messages(xml, &self.verdict.errors, &self.verdict.warnings)
                })
            })
        })
    }
}

/// Its indication and, where there are any, its errors and warnings.
pub(super) fn record_status(
    xml: &mut Xml<'_>,
    verdict: &RecordVerdict,
    about: About,
) -> io::Result<()> {
    status(xml, verdict.indication, verdict.sub_indication, about)?;
    if verdict.errors.is_empty() && verdict.warnings.is_empty() {
        return Ok(());
    }
    xml.group("AssociatedValidationReportData", |xml| {
        messages(xml, &verdict.errors, &verdict.warnings)
    })
}
