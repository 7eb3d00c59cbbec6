//! The report of a validation: schema `sceau.verify/1`, as JSON and as text that a notary
//! understands. Both come from one structure, made from facts and verdict.
//!
//! Every key is always there; what does not apply is null or an empty list. New keys may be added,
//! none is renamed or removed in version 1.

use pki_asn1::{Certificate, UnixTime, name, oid};
use pki_path::RevocationStatus;
use serde::Serialize;

use crate::validate::{
    ChainEntry, Coverage, Facts, FileFormat, Level, Message, SignatureFacts, SignatureFormat,
    SignatureKind, SignatureVerdict, TimestampFacts, TimestampVerdict, Verdict,
};

mod checks;
mod declared;
mod etsi;
mod french;
mod html;
mod language;
mod page;
mod policy;
mod record;
mod revisions;
mod text;
mod trusted_list;

pub use checks::CheckReport;
pub use declared::{ContainerReport, DeclaredReport, PolicyReport};
pub use language::Language;
pub use page::{Page, Part, Row, Times, Tone};
pub use policy::PolicyUsed;
pub use record::{ObjectReport, RecordChainReport, RecordReport};
pub use revisions::{ChangeReport, RevisionReport};
pub use trusted_list::{
    ListReport, QualificationReport, ServiceReport, TimeStampQualificationReport,
};

/// A whole report.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `sceau.verify/1`
    pub schema: &'static str,
    /// The file as it was named.
    pub file: String,
    /// `PAdES`, `CAdES` or `CMS`: that of the first signature; `ERS` of an evidence record alone.
    pub format: Option<&'static str>,
    /// The least good indication of all signatures and evidence records; null where there is neither.
    pub indication: Option<&'static str>,
    /// The time of validation (RFC 3339, UTC).
    pub at: String,
    /// The validation policy that was asked for; null where whoever asked did not name it.
    pub validation_policy: Option<PolicyUsed>,
    /// The ASiC container around the signatures; null where there is none.
    pub container: Option<ContainerReport>,
    /// The trusted lists that were asked; those that could not be used with why.
    pub trusted_lists: Vec<ListReport>,
    /// The signatures and document time-stamps in the order they were made.
    pub signatures: Vec<SignatureReport>,
    /// The evidence records.
    pub evidence_records: Vec<RecordReport>,
    /// What each revision of a PDF changed; null unless asked for ([`Report::with_revisions`]).
    pub revisions: Option<Vec<RevisionReport>>,
    /// Of its sentences. Programs read English.
    #[serde(skip)]
    pub language: Language,
}

/// One signature or document time-stamp.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureReport {
    /// Unique in the file.
    pub id: String,
    /// `signature`, `counter-signature` or `document-timestamp`
    pub kind: &'static str,
    /// The identifier of the signature that this one counter-signs; null where it does not.
    pub countersigns: Option<String>,
    /// The files of a container that it covers, by the manifest.
    pub files: Vec<String>,
    /// The PDF field's fully qualified name.
    pub field: Option<String>,
    /// The PDF signature's /SubFilter.
    pub sub_filter: Option<String>,
    /// `PAdES`, `CAdES` or `CMS`
    pub format: &'static str,
    /// `B-B`, `B-T`, `B-LT`, `B-LTA` or `none`: the material it carries, whether or not it is valid.
    pub level: &'static str,
    /// `TOTAL-PASSED`, `INDETERMINATE` or `TOTAL-FAILED`
    pub indication: &'static str,
    /// EN 319 102-1's sub-indication; null where passed.
    pub sub_indication: Option<&'static str>,
    /// Digest and signature value fit, and the ByteRange is sane; nothing about trust.
    pub intact: bool,
    /// The revision that it signs, from 1; null outside a PDF.
    pub revision: Option<usize>,
    /// The document as it was signed is so many bytes of the file; null where coverage is neither
    /// `whole-file` nor `whole-revision`.
    pub signed_bytes: Option<u64>,
    /// `whole-file`, `whole-revision`, `partial` or `unclear`; null outside a PDF.
    pub coverage: Option<&'static str>,
    /// `none`, `lta-updates`, `form-filling`, `annotations` or `other`: what changed after the signed
    /// revision; null outside a PDF.
    pub modifications: Option<&'static str>,
    /// The changes that no rule permits, in words.
    pub modification_details: Vec<String>,
    /// Whether the permissions of this certification signature were kept; null where it is none.
    pub doc_mdp_ok: Option<bool>,
    /// When the signer claims to have signed.
    pub signing_time: Option<String>,
    /// The earliest time at which the signature is proven to exist; null where nothing proves it.
    pub best_signature_time: Option<String>,
    /// The digest algorithm.
    pub digest_algorithm: Option<String>,
    /// The signature algorithm.
    pub signature_algorithm: Option<String>,
    /// What the signer declares besides; null where nothing.
    pub declared: Option<DeclaredReport>,
    /// Whose certificate it is; null where it was not found.
    pub signer: Option<SignerReport>,
    /// The time-stamps on it; for a document time-stamp, itself.
    pub timestamps: Vec<TimestampReport>,
    /// The time-stamps over its content: it was made after them.
    pub content_timestamps: Vec<TimestampReport>,
    /// The certificates from the signer to the trust anchor.
    pub chain: Vec<ChainReport>,
    /// Why it does not pass; the first is the reason.
    pub errors: Vec<MessageReport>,
    /// What does not change the verdict and should be known.
    pub warnings: Vec<MessageReport>,
    /// The building blocks of EN 319 102-1 that ran.
    pub checks: Vec<CheckReport>,
}

/// Who signed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignerReport {
    /// The subject, RFC 4514 style, most specific attribute first.
    pub subject: String,
    /// The common name.
    pub common_name: Option<String>,
    /// organizationName: for whom, where a person signs for one.
    pub organization: Option<String>,
    /// The issuer.
    pub issuer: String,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate in hexadecimal.
    pub fingerprint: String,
    /// organizationIdentifier (EN 319 412-1 clause 5.1.4).
    pub organization_identifier: Option<String>,
    /// What the certificate states about itself; whether it is true is for a trusted list to say.
    pub qualified: QualifiedReport,
}

/// The qcStatements of a certificate (EN 319 412-5).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QualifiedReport {
    /// QcCompliance: issued as a qualified certificate.
    pub compliance: bool,
    /// QcSSCD: the key is in a qualified device.
    pub sscd: bool,
    /// QcType: `esign`, `eseal`, `web`.
    pub types: Vec<String>,
    /// QcCClegislation: countries, where not the European Union.
    pub legislation: Vec<String>,
    /// What trusted lists say; null without lists.
    pub trusted_list: Option<QualificationReport>,
}

/// One time-stamp.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimestampReport {
    /// `signature-timestamp`, `archive-timestamp`, `document-timestamp` or `content-timestamp`
    pub kind: &'static str,
    /// What an archive time-stamp covers; null for others.
    pub covers: Option<String>,
    /// genTime
    pub time: String,
    /// How far that may be off, in seconds; null where the token does not say.
    pub accuracy: Option<f64>,
    /// As of a signature.
    pub indication: &'static str,
    /// As of a signature.
    pub sub_indication: Option<&'static str>,
    /// The TSU's subject.
    pub tsa: Option<String>,
    /// The TSA's policy OID.
    pub policy: String,
    /// The token's serial number in hexadecimal.
    pub serial: String,
    /// The imprint's digest algorithm.
    pub digest_algorithm: Option<String>,
    /// What trusted lists say; null without lists.
    pub qualified: Option<TimeStampQualificationReport>,
    /// The TSU's chain.
    pub chain: Vec<ChainReport>,
    /// Why it does not pass.
    pub errors: Vec<MessageReport>,
    /// The building blocks of EN 319 102-1 that ran.
    pub checks: Vec<CheckReport>,
}

/// One certificate of a chain.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// The subject.
    pub subject: String,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// Start of validity.
    pub not_before: String,
    /// End of validity.
    pub not_after: String,
    /// Whether it is a trust anchor.
    pub trust_anchor: bool,
    /// Its revocation status; null where it was not asked for.
    pub revocation: Option<RevocationReport>,
}

/// What is known of a certificate's revocation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevocationReport {
    /// `good`, `revoked`, `unknown` or `not-applicable`
    pub status: &'static str,
    /// `OCSP` or `CRL`
    pub source: Option<&'static str>,
    /// When the status was known to be correct.
    pub this_update: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// Why it was revoked.
    pub reason: Option<&'static str>,
    /// Why it is unknown.
    pub message: Option<String>,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageReport {
    /// A stable code; of the first error, the sub-indication.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What would change it.
    pub hint: Option<String>,
}

impl Report {
    /// The report of `verdict` on `facts` of the file called `file`.
    #[must_use]
    pub fn new(file: &str, facts: &Facts, verdict: &Verdict) -> Self {
        Self::in_language(file, facts, verdict, Language::English)
    }

    /// The same for people, with its sentences in their language.
    #[must_use]
    pub fn in_language(file: &str, facts: &Facts, verdict: &Verdict, language: Language) -> Self {
        let signatures: Vec<SignatureReport> = facts
            .signatures
            .iter()
            .zip(&verdict.signatures)
            .map(|(facts, verdict)| signature(facts, verdict, language))
            .collect();
        Self {
            schema: "sceau.verify/1",
            file: file.to_owned(),
            format: match facts.format {
                FileFormat::Smime => Some("S/MIME"),
                _ => signatures.first().map(|s| s.format),
            }
            .or(match facts.format {
                FileFormat::Pdf | FileFormat::Smime => None,
                FileFormat::Cms | FileFormat::Asic => Some("CMS"),
                FileFormat::TimeStamp => Some("RFC3161"),
                FileFormat::EvidenceRecord => Some("ERS"),
            }),
            indication: verdict.indication.map(|i| i.as_str()),
            container: facts.container.as_ref().map(ContainerReport::new),
            at: verdict.at.to_string(),
            validation_policy: None,
            trusted_lists: Vec::new(),
            signatures,
            evidence_records: (facts.evidence_records.iter())
                .zip(&verdict.evidence_records)
                .map(|(facts, verdict)| RecordReport::new(facts, verdict, language))
                .collect(),
            revisions: None,
            language,
        }
    }

    /// The same with the name of the policy that `verdict` was asked for under.
    #[must_use]
    pub fn under_policy(self, policy: &PolicyUsed) -> Self {
        Self {
            validation_policy: Some(policy.clone()),
            ..self
        }
    }

    /// The same with what each revision changed.
    #[must_use]
    pub fn with_revisions(mut self, facts: &Facts) -> Self {
        self.revisions = Some(revisions::revisions(facts, self.language));
        self
    }

    /// The report for people, in its language; ends with a line end.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }
}

fn signature(
    facts: &SignatureFacts,
    verdict: &SignatureVerdict,
    language: Language,
) -> SignatureReport {
    let signer = facts.signer.as_ref();
    let pdf = facts.pdf.as_ref();
    let cms = facts.cms.as_ref();
    let archive = cms
        .map_or(&[][..], |c| c.archive.as_slice())
        .iter()
        .zip(&verdict.archive)
        .map(|(facts, verdict)| TimestampReport {
            covers: Some(declared::covers(facts)),
            ..timestamp("archive-timestamp", &facts.stamp, verdict, language)
        });
    SignatureReport {
        id: facts.id.clone(),
        kind: kind(facts),
        countersigns: cms
            .and_then(|c| c.countersigns.as_ref())
            .map(|c| c.id.clone()),
        files: cms.map_or_else(Vec::new, |c| {
            c.files.iter().map(|f| f.name.clone()).collect()
        }),
        field: pdf.map(|p| p.field.clone()),
        sub_filter: pdf.map(|p| p.sub_filter.clone()),
        format: match facts.format {
            SignatureFormat::Pades => "PAdES",
            SignatureFormat::Cades => "CAdES",
            SignatureFormat::Cms => "CMS",
            SignatureFormat::Pkcs1 => "PKCS1",
            SignatureFormat::TimeStamp => "RFC3161",
        },
        level: Level::as_str(verdict.level),
        indication: verdict.indication.as_str(),
        sub_indication: verdict.sub_indication.map(|s| s.as_str()),
        intact: verdict.intact,
        revision: pdf.map(|p| p.revision + 1),
        signed_bytes: pdf.and_then(|p| p.signed_end),
        coverage: pdf.map(|p| match p.coverage {
            Coverage::WholeFile => "whole-file",
            Coverage::WholeRevision => "whole-revision",
            Coverage::Partial => "partial",
            Coverage::Unclear => "unclear",
        }),
        modifications: pdf.map(|p| p.changes.level.as_str()),
        modification_details: pdf.map_or_else(Vec::new, |p| {
            let denied = p.changes.denied.iter();
            denied.map(|f| language.say(&f.message)).collect()
        }),
        doc_mdp_ok: verdict.doc_mdp_ok,
        signing_time: signer
            .and_then(|s| s.signing_time)
            .or(pdf.and_then(|p| p.claimed_time))
            .map(|t| t.to_string()),
        best_signature_time: verdict.best_signature_time.map(|t| t.to_string()),
        digest_algorithm: signer.map(|s| s.algorithm_names.0.clone()),
        signature_algorithm: signer.map(|s| s.algorithm_names.1.clone()),
        declared: DeclaredReport::new(facts),
        signer: signer
            .and_then(|s| s.certificate.as_ref())
            .map(signer_report),
        timestamps: facts
            .timestamps
            .iter()
            .zip(&verdict.timestamps)
            .map(|(f, v)| {
                let kind = match facts.kind {
                    SignatureKind::Signature => "signature-timestamp",
                    SignatureKind::DocumentTimestamp => "document-timestamp",
                };
                timestamp(kind, f, v, language)
            })
            .chain(archive)
            .collect(),
        content_timestamps: (facts.content_timestamps.iter())
            .zip(&verdict.content_timestamps)
            .map(|(facts, verdict)| timestamp("content-timestamp", facts, verdict, language))
            .collect(),
        chain: (verdict.chain.iter())
            .map(|entry| chain(entry, language))
            .collect(),
        errors: verdict.errors.iter().map(|m| error(m, language)).collect(),
        warnings: verdict
            .warnings
            .iter()
            .map(|m| message(m, language))
            .collect(),
        checks: CheckReport::all(&verdict.checks),
    }
}

/// What it is, in the report's words.
#[must_use]
pub fn kind(facts: &SignatureFacts) -> &'static str {
    let countersigns = facts.cms.as_ref().is_some_and(|c| c.countersigns.is_some());
    match facts.kind {
        SignatureKind::Signature if countersigns => "counter-signature",
        SignatureKind::Signature => "signature",
        SignatureKind::DocumentTimestamp => "document-timestamp",
    }
}

/// Who a certificate says its subject is.
#[must_use]
pub fn signer_report(certificate: &Certificate) -> SignerReport {
    let statements = certificate.qc_statements();
    let has = |id| statements.as_ref().is_some_and(|q| q.contains(id));
    SignerReport {
        subject: certificate.display_subject().to_string(),
        common_name: name::attribute(certificate.subject(), &oid::AT_COMMON_NAME),
        organization: name::attribute(certificate.subject(), &oid::AT_ORGANIZATION),
        issuer: certificate.display_issuer().to_string(),
        serial: certificate.serial_hex(),
        fingerprint: pki_crypto::fingerprint(certificate).to_hex(),
        organization_identifier: name::attribute(
            certificate.subject(),
            &oid::AT_ORGANIZATION_IDENTIFIER,
        ),
        qualified: QualifiedReport {
            compliance: has(&oid::QCS_COMPLIANCE),
            sscd: has(&oid::QCS_SSCD),
            types: statements.as_ref().map_or_else(Vec::new, |q| {
                q.types()
                    .iter()
                    .map(|t| oid::label(t).map_or_else(|| t.to_string(), str::to_owned))
                    .collect()
            }),
            legislation: statements
                .as_ref()
                .map_or_else(Vec::new, |q| q.legislations()),
            trusted_list: None,
        },
    }
}

fn timestamp(
    kind: &'static str,
    facts: &TimestampFacts,
    verdict: &TimestampVerdict,
    language: Language,
) -> TimestampReport {
    TimestampReport {
        kind,
        covers: None,
        time: facts.gen_time.to_string(),
        accuracy: facts.accuracy.map(|a| a.as_secs_f64()),
        indication: verdict.indication.as_str(),
        sub_indication: verdict.sub_indication.map(|s| s.as_str()),
        tsa: facts
            .signer
            .certificate
            .as_ref()
            .map(|c| c.display_subject().to_string()),
        policy: facts.policy.to_string(),
        serial: facts.serial.clone(),
        digest_algorithm: facts.imprint_algorithm.map(|d| d.to_string()),
        qualified: None,
        chain: (verdict.chain.iter())
            .map(|entry| chain(entry, language))
            .collect(),
        errors: verdict.errors.iter().map(|m| error(m, language)).collect(),
        checks: CheckReport::all(&verdict.checks),
    }
}

fn chain(entry: &ChainEntry, language: Language) -> ChainReport {
    let certificate = &entry.certificate;
    ChainReport {
        subject: certificate.display_subject().to_string(),
        serial: certificate.serial_hex(),
        fingerprint: pki_crypto::fingerprint(certificate).to_hex(),
        not_before: certificate.not_before().to_string(),
        not_after: certificate.not_after().to_string(),
        trust_anchor: entry.anchor,
        revocation: (entry.revocation.as_ref()).map(|status| revocation(status, language)),
    }
}

fn revocation(status: &RevocationStatus, language: Language) -> RevocationReport {
    let finding = match status {
        RevocationStatus::Good(f) | RevocationStatus::Revoked(_, f) => Some(f),
        _ => None,
    };
    let info = match status {
        RevocationStatus::Revoked(info, _) => Some(info),
        _ => None,
    };
    RevocationReport {
        status: match status {
            RevocationStatus::Good(_) => "good",
            RevocationStatus::Revoked(..) => "revoked",
            RevocationStatus::Unknown(_) => "unknown",
            RevocationStatus::NotApplicable => "not-applicable",
        },
        source: finding.map(|f| match f.source {
            pki_path::Source::Crl(_) => "CRL",
            pki_path::Source::Ocsp(_) => "OCSP",
        }),
        this_update: finding.map(|f| UnixTime::to_string(&f.this_update)),
        revoked_at: info.map(|i| i.at.to_string()),
        reason: info.map(|i| i.reason_name()),
        message: match status {
            RevocationStatus::Unknown(why) => Some(language.say(&why.into())),
            _ => None,
        },
    }
}

/// An error says what would change it.
fn error(error: &Message, language: Language) -> MessageReport {
    MessageReport {
        hint: error.remedy().map(|hint| language.say(&hint)),
        ..message(error, language)
    }
}

fn message(message: &Message, language: Language) -> MessageReport {
    MessageReport {
        code: message.code.as_str(),
        message: language.say(&message.message),
        hint: message.hint.as_ref().map(|hint| language.say(hint)),
    }
}
