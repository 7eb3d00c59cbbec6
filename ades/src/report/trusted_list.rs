//! What trusted lists say of a signature's certificate and of its time-stamps (TS 119 615), and which lists
//! were asked.

use pki_asn1::{Certificate, UnixTime};
use serde::Serialize;
use trust_lists::load::TrustedLists;
use trust_lists::qualify::{self, Answer, Found, Level};

use super::{Language, Report};
use crate::validate::{ChainEntry, Facts, Indication, SignatureVerdict, Verdict};

/// One trusted list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListReport {
    /// Its file or URL.
    pub location: String,
    /// Whether what it says counts.
    pub used: bool,
    /// SchemeTerritory.
    pub territory: Option<String>,
    /// TSLSequenceNumber.
    pub sequence_number: Option<u64>,
    /// ListIssueDateTime.
    pub issued: Option<String>,
    /// NextUpdate.
    pub next_update: Option<String>,
    /// Who signed it.
    pub signer: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What the lists say of a certificate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QualificationReport {
    /// `QESig`, `QESeal`, `AdESig-QC`, `AdESeal-QC`, `not-qualified` or `indeterminate`
    pub level: &'static str,
    /// The same in words.
    pub description: String,
    /// Whether the certificate is qualified: `yes`, `no` or `indeterminate`
    pub certificate: &'static str,
    /// `signature`, `seal` or `website`; null where it is not qualified.
    pub purpose: Option<&'static str>,
    /// Whether the key was in a qualified device: `yes`, `no` or `indeterminate`
    pub qscd: &'static str,
    /// The service that decided.
    pub service: Option<ServiceReport>,
    /// Why it is so.
    pub reasons: Vec<String>,
}

/// What the lists say of a time-stamp.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeStampQualificationReport {
    /// Whether it is qualified: `yes`, `no` or `indeterminate`
    pub qualified: &'static str,
    /// The service that decided.
    pub service: Option<ServiceReport>,
}

/// A service of a list, at the time that counts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReport {
    /// The list's file or URL.
    pub list: String,
    /// The list's territory.
    pub territory: Option<String>,
    /// The provider's name.
    pub provider: String,
    /// The service's name.
    pub name: String,
    /// ServiceTypeIdentifier.
    #[serde(rename = "type")]
    pub service_type: String,
    /// ServiceStatus.
    pub status: String,
    /// StatusStartingTime.
    pub since: String,
}

impl Report {
    /// Adds what trusted lists say. `facts` and `verdict` are those that the report was made of.
    #[must_use]
    pub fn with_trusted_lists(
        mut self,
        facts: &Facts,
        verdict: &Verdict,
        lists: &TrustedLists,
    ) -> Self {
        self.trusted_lists = reports(lists);
        let judged = facts.signatures.iter().zip(&verdict.signatures);
        for (report, (facts, one)) in self.signatures.iter_mut().zip(judged) {
            let at = one.best_signature_time.unwrap_or(verdict.at);
            let document_stamp = report.kind == "document-timestamp";
            if let Some(signer) = report.signer.as_mut().filter(|_| !document_stamp) {
                let own = facts.signer.as_ref().and_then(|s| s.certificate.as_ref());
                signer.qualified.trusted_list =
                    own.map(|c| qualification(lists, c, one, at, self.language));
            }
            let stamps = one.timestamps.iter().chain(&one.archive);
            let stamps = report.timestamps.iter_mut().zip(stamps);
            let content = report.content_timestamps.iter_mut();
            for (report, stamp) in stamps.chain(content.zip(&one.content_timestamps)) {
                let (answer, found) = qualify::time_stamp(lists, &chain(&stamp.chain), stamp.time);
                // What is not a valid time-stamp is not a qualified one.
                let answer = match stamp.indication {
                    Indication::TotalPassed => answer,
                    Indication::TotalFailed => Answer::No,
                    Indication::Indeterminate => Answer::Indeterminate,
                };
                report.qualified = Some(TimeStampQualificationReport {
                    qualified: answer.as_str(),
                    service: found.map(service),
                });
            }
        }
        self
    }
}

fn qualification(
    lists: &TrustedLists,
    signer: &Certificate,
    verdict: &SignatureVerdict,
    at: UnixTime,
    language: Language,
) -> QualificationReport {
    let mut path = chain(&verdict.chain);
    if path.first() != Some(signer) {
        path = vec![signer.clone()];
    }
    let mut found = qualify::certificate(lists, &path, at);
    let would_be = found.level;
    match verdict.indication {
        Indication::TotalPassed => {}
        Indication::TotalFailed => {
            found.level = Level::NotQualified;
            found
                .reasons
                .insert(0, "the signature itself is not valid".into());
        }
        Indication::Indeterminate if would_be != Level::NotQualified => {
            found.level = Level::Indeterminate;
            found.reasons.insert(
                0,
                "whether the signature itself is valid is not determined".into(),
            );
        }
        Indication::Indeterminate => {}
    }
    QualificationReport {
        level: found.level.as_str(),
        description: language.sentence(&found.level.to_string()),
        certificate: found.certificate.as_str(),
        purpose: found.purpose.map(|p| match p {
            qualify::Purpose::Signature => "signature",
            qualify::Purpose::Seal => "seal",
            qualify::Purpose::Website => "website",
        }),
        qscd: found.qscd.as_str(),
        service: found.service.map(service),
        reasons: found.reasons.iter().map(|r| language.sentence(r)).collect(),
    }
}

fn chain(entries: &[ChainEntry]) -> Vec<Certificate> {
    entries.iter().map(|e| e.certificate.clone()).collect()
}

fn service(found: Found) -> ServiceReport {
    ServiceReport {
        list: found.list,
        territory: found.territory,
        provider: found.provider,
        name: found.name,
        service_type: found.service_type,
        status: found.status,
        since: found.since.to_string(),
    }
}

fn reports(lists: &TrustedLists) -> Vec<ListReport> {
    let mut out: Vec<ListReport> = lists
        .lists()
        .iter()
        .map(|loaded| {
            let list = loaded.verified.list();
            ListReport {
                location: loaded.origin.clone(),
                used: true,
                territory: list.territory.clone(),
                sequence_number: Some(list.sequence_number),
                issued: Some(list.issued.to_string()),
                next_update: list.next_update.map(|t| t.to_string()),
                signer: Some(loaded.verified.signer().display_subject().to_string()),
                problem: None,
            }
        })
        .collect();
    for problem in lists.problems() {
        let message = Some(problem.error.to_string());
        match out.iter_mut().find(|l| l.location == problem.origin) {
            Some(known) => known.problem = message,
            None => out.push(ListReport {
                location: problem.origin.clone(),
                used: false,
                territory: None,
                sequence_number: None,
                issued: None,
                next_update: None,
                signer: None,
                problem: message,
            }),
        }
    }
    out
}
