//! `sceau inspect`: what is inside a signed file, without a verdict.

use std::path::PathBuf;

use ades::report::{DeclaredReport, SignerReport, kind, signer_report};
use ades::text::Text;
use ades::validate::{Check, Facts, FileFormat, Material, SignatureFacts, SignatureKind, gather};
use cli_support::output::printable;
use cli_support::{Exit, Failure, OutputArgs, print, print_json};
use pdf_file::{PdfFile, Structure, XrefKind};
use pki_asn1::{Clock, SystemClock};
use serde::Serialize;

use crate::inspect_record::Record;
use crate::{inspect_asn1, verify};

const EXAMPLES: &str = "\
Examples:
  sceau inspect contract.sealed.pdf
  sceau inspect notes.txt.p7s --content notes.txt --json
  sceau inspect contract.sealed.pdf --asn1

Exit status: 0 shown, signed or not; 64 usage, 65 unreadable input, 74 I/O";

/// The arguments of `sceau inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The PDF, the signature file (.p7s, .p7m) in DER or PEM form, the ASiC container, time-stamp or message
    file: PathBuf,
    /// The file that a detached signature is over
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// Show every ASN.1 element instead: of the file in DER, BER or PEM form, or of a PDF's or container's signatures
    #[arg(long, conflicts_with = "content")]
    asn1: bool,
    /// A file with the password of an encrypted PDF
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspection {
    schema: &'static str,
    file: String,
    kind: &'static str,
    octets: u64,
    /// Of a container.
    files: Vec<String>,
    revisions: Vec<Revision>,
    structure_problem: Option<String>,
    signatures: Vec<Signature>,
    evidence_records: Vec<Record>,
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp_responses: Vec<Ocsp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Revision {
    number: usize,
    end: u64,
    xref: &'static str,
    changed_objects: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    id: String,
    kind: &'static str,
    field: Option<String>,
    sub_filter: Option<String>,
    revision: Option<usize>,
    signer: Option<SignerReport>,
    signing_time: Option<String>,
    digest_algorithm: Option<String>,
    signature_algorithm: Option<String>,
    digest_fits: Option<bool>,
    signature_fits: Option<bool>,
    timestamps: Vec<Timestamp>,
    declared: Option<DeclaredReport>,
    problems: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timestamp {
    kind: &'static str,
    time: String,
    tsa: Option<String>,
    policy: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Crl {
    issuer: String,
    this_update: String,
    next_update: Option<String>,
    entries: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ocsp {
    produced_at: String,
    answers: usize,
}

pub(crate) fn run(args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    if args.asn1 {
        return inspect_asn1::run(&args.file, args.password_file.as_deref(), output);
    }
    let input = verify::input(
        &args.file,
        args.content.as_deref(),
        args.password_file.as_deref(),
    )?;
    let facts = gather(&input, Material::default(), SystemClock.now(), None)
        .map_err(|e| verify::failure(e, &args.file))?;
    let mut inspection = inspect(&facts, args.file.display().to_string(), input.source.len());
    if facts.format == FileFormat::Pdf
        && let Ok(pdf) = PdfFile::open(input.source.clone(), input.pdf_options.clone())
    {
        inspection.revisions = revisions(&pdf);
        inspection.structure_problem = match pdf.structure() {
            Structure::Clean => None,
            Structure::Recovered { why } => Some(why),
        };
    }
    if output.json {
        print_json(&inspection)?;
    } else if !output.quiet {
        print(text(&inspection))?;
    }
    Ok(Exit::Ok)
}

fn inspect(facts: &Facts, file: String, octets: u64) -> Inspection {
    let mut certificates: Vec<Certificate> = facts
        .material
        .pool
        .iter()
        .map(|c| Certificate {
            subject: c.display_subject().to_string(),
            issuer: c.display_issuer().to_string(),
            serial: c.serial_hex(),
            not_before: c.not_before().to_string(),
            not_after: c.not_after().to_string(),
        })
        .collect();
    certificates.sort_by(|a, b| (&a.subject, &a.serial).cmp(&(&b.subject, &b.serial)));
    let fits = |check: &Check| match check {
        Check::Ok => Some(true),
        Check::Failed(_) => Some(false),
        Check::NotPossible(_) => None,
    };
    Inspection {
        schema: "sceau.inspect/1",
        file,
        kind: match facts.format {
            FileFormat::Pdf => "PDF",
            FileFormat::Cms => "CMS",
            FileFormat::TimeStamp => "time-stamp",
            FileFormat::Smime => "S/MIME",
            FileFormat::EvidenceRecord => "evidence record",
            FileFormat::Asic => facts.container.as_ref().map_or("ASiC", |c| c.kind.as_str()),
        },
        files: facts
            .container
            .as_ref()
            .map_or_else(Vec::new, |c| c.files.clone()),
        octets,
        revisions: Vec::new(),
        structure_problem: None,
        signatures: facts
            .signatures
            .iter()
            .map(|one| {
                let signer = one.signer.as_ref();
                let pdf = one.pdf.as_ref();
                let mut problems: Vec<String> =
                    one.format_problems.iter().map(Text::to_string).collect();
                problems.extend(pdf.iter().flat_map(|p| {
                    let found = p.coverage_problems.iter().chain(&p.ambiguities);
                    found.map(|f| f.message.to_string())
                }));
                problems.extend(signer.iter().flat_map(|s| &s.problems).map(Text::to_string));
                problems.extend(one.property_problems.iter().map(Text::to_string));
                problems.extend(one.unreadable_timestamps.iter().map(Text::to_string));
                if let Some(cms) = &one.cms {
                    problems.extend(cms.archive.iter().filter_map(|a| match &a.index {
                        Check::Ok => None,
                        Check::Failed(why) | Check::NotPossible(why) => Some(why.to_string()),
                    }));
                    problems.extend(cms.files.iter().filter_map(|f| match &f.check {
                        Check::Ok => None,
                        Check::Failed(why) | Check::NotPossible(why) => {
                            Some(format!("{:?}: {why}", f.name))
                        }
                    }));
                }
                Signature {
                    id: one.id.clone(),
                    kind: kind(one),
                    declared: DeclaredReport::new(one),
                    field: pdf.map(|p| p.field.clone()),
                    sub_filter: pdf.map(|p| p.sub_filter.clone()),
                    revision: pdf.map(|p| p.revision + 1),
                    signer: signer
                        .and_then(|s| s.certificate.as_ref())
                        .map(signer_report),
                    signing_time: signer
                        .and_then(|s| s.signing_time)
                        .or(pdf.and_then(|p| p.claimed_time))
                        .map(|t| t.to_string()),
                    digest_algorithm: signer.map(|s| s.algorithm_names.0.clone()),
                    signature_algorithm: signer.map(|s| s.algorithm_names.1.clone()),
                    digest_fits: signer.and_then(|s| fits(&s.digest)),
                    signature_fits: signer.and_then(|s| fits(&s.signature)),
                    timestamps: one
                        .timestamps
                        .iter()
                        .map(|t| (stamp_kind(one), t))
                        .chain(
                            one.cms
                                .iter()
                                .flat_map(|c| &c.archive)
                                .map(|a| ("archive-timestamp", &a.stamp)),
                        )
                        .map(|(kind, t)| Timestamp {
                            kind,
                            time: t.gen_time.to_string(),
                            tsa: t
                                .signer
                                .certificate
                                .as_ref()
                                .map(|c| c.display_subject().to_string()),
                            policy: t.policy.to_string(),
                        })
                        .collect(),
                    problems,
                }
            })
            .collect(),
        evidence_records: facts.evidence_records.iter().map(Record::new).collect(),
        certificates,
        crls: facts
            .material
            .evidence
            .crls()
            .iter()
            .map(|crl| Crl {
                issuer: pki_asn1::name::DisplayName(crl.issuer()).to_string(),
                this_update: crl.this_update().to_string(),
                next_update: crl.next_update().map(|t| t.to_string()),
                entries: crl.entries().count(),
            })
            .collect(),
        ocsp_responses: facts
            .material
            .evidence
            .responses()
            .iter()
            .map(|r| Ocsp {
                produced_at: pki_asn1::UnixTime::from(r.data().produced_at).to_string(),
                answers: r.data().responses.len(),
            })
            .collect(),
    }
}

fn stamp_kind(one: &SignatureFacts) -> &'static str {
    match one.kind {
        SignatureKind::Signature => "signature-timestamp",
        SignatureKind::DocumentTimestamp => "document-timestamp",
    }
}

fn revisions(pdf: &PdfFile) -> Vec<Revision> {
    pdf.revisions()
        .iter()
        .map(|r| Revision {
            number: r.id.0 + 1,
            end: r.end,
            xref: match r.xref_kind {
                XrefKind::Table => "table",
                XrefKind::Stream => "stream",
                XrefKind::Hybrid => "hybrid",
                _ => "recovered",
            },
            changed_objects: pdf.changed_objects(r.id).count(),
        })
        .collect()
}

fn text(i: &Inspection) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    // Writing to a `String` does not fail.
    let _ = writeln!(
        out,
        "{}: {}, {} bytes",
        printable(&i.file),
        i.kind,
        i.octets
    );
    if let Some(problem) = &i.structure_problem {
        let _ = writeln!(out, "  damaged: {}", printable(problem));
    }
    for name in &i.files {
        let _ = writeln!(out, "  file {}", printable(name));
    }
    for r in &i.revisions {
        let _ = writeln!(
            out,
            "  revision {}: to byte {}, {} objects, cross-references: {}",
            r.number, r.end, r.changed_objects, r.xref
        );
    }
    for record in &i.evidence_records {
        record.text(&mut out);
    }
    if i.signatures.is_empty() && i.evidence_records.is_empty() {
        let _ = writeln!(out, "  no signature");
    }
    for s in &i.signatures {
        let _ = writeln!(
            out,
            "  {} {}{}{}",
            s.kind,
            s.id,
            s.field
                .as_ref()
                .map_or_else(String::new, |f| format!(" in field {}", printable(f))),
            s.revision
                .map_or_else(String::new, |r| format!(", revision {r}")),
        );
        if let Some(signer) = &s.signer {
            let _ = writeln!(out, "    signer: {}", signer.subject);
        }
        if let (Some(d), Some(a)) = (&s.digest_algorithm, &s.signature_algorithm) {
            let _ = writeln!(out, "    algorithms: {d}, {a}");
        }
        if let Some(t) = &s.signing_time {
            let _ = writeln!(out, "    claimed time: {t}");
        }
        for t in &s.timestamps {
            let _ = writeln!(
                out,
                "    {}: {} by {}",
                match t.kind {
                    "archive-timestamp" => "archive time-stamp",
                    _ => "time-stamp",
                },
                t.time,
                t.tsa.as_deref().unwrap_or("an unknown authority")
            );
        }
        for p in &s.problems {
            let _ = writeln!(out, "    problem: {}", printable(p));
        }
    }
    for c in &i.certificates {
        let _ = writeln!(
            out,
            "  certificate {} (serial {}, {} to {})",
            c.subject, c.serial, c.not_before, c.not_after
        );
    }
    for c in &i.crls {
        let _ = writeln!(
            out,
            "  CRL of {}: {} entries, {}",
            c.issuer, c.entries, c.this_update
        );
    }
    for o in &i.ocsp_responses {
        let _ = writeln!(out, "  OCSP response of {}", o.produced_at);
    }
    out
}
