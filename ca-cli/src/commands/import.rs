//! `sceau-ca ca adopt` and `sceau-ca import`.

use std::path::{Path, PathBuf};

use ca_core::{CaError, ImportMode, ImportSummary, Imported, ImportedLine, NewAdoption, Sources};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, input};
use pki_asn1::{Certificate, pem};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::report_file::ReportFile;
use super::{progress, shown};
use crate::actors::actors;
use crate::cli::{Adopt, ImportArgs, ImportCommand};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::AuthorityReport;

/// A chain of hundreds of certificates.
const CHAIN_LIMIT: u64 = 1 << 20;
/// Problems that are printed where no report is asked for.
const PRINTED: u64 = 20;
const HEADING: [&str; 7] = [
    "file", "line", "serial", "status", "revoked", "remark", "hint",
];

pub(super) fn adopt(dir: &Path, args: &Adopt, output: &OutputArgs) -> Result<Exit, Failure> {
    let certificate = match certificates(&args.cert)?.as_slice() {
        [only] => only.clone(),
        several => {
            return Err(Failure::message(
                Exit::Data,
                format_args!(
                    "{} holds {} certificates",
                    args.cert.display(),
                    several.len()
                ),
            )
            .with_hint("give the authority's own with --cert and those above it with --chain"));
        }
    };
    let mut chain = Vec::new();
    for path in &args.chain {
        chain.extend(certificates(path)?);
    }
    let folder = Folder::open(dir, Access::Write)?;
    let to_decide = folder.engine.order_to_adopt(&args.name, &certificate);
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    let signer = keys::open(&args.key, &args.pin.source())?;
    let order = NewAdoption {
        name: args.name.clone(),
        certificate,
        chain,
        key_location: keys::recorded(dir, &args.key)?,
        actors,
    };
    let authority = folder.engine.adopt(&order, &*signer).explained()?;
    let report = AuthorityReport::new(&authority, None);
    output.result(&report, || {
        format!(
            "adopted {}\n{}next: sceau-ca import --help, for what it issued and revoked\n",
            authority.name,
            report.text()
        )
    })?;
    Ok(Exit::Ok)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = input::read(path, "the certificate", CHAIN_LIMIT)?;
    let wrong = format!("{} is not a certificate", path.display());
    let ders = pem::der_or_pem(&bytes, &["CERTIFICATE"])
        .context(&wrong)
        .exit(Exit::Data)?;
    if ders.is_empty() {
        return Err(Failure::message(Exit::Data, wrong)
            .with_hint("expected are DER, or PEM that begins with -----BEGIN CERTIFICATE-----"));
    }
    ders.into_iter()
        .map(|der| Certificate::from_der(der).context(&wrong).exit(Exit::Data))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    schema: &'static str,
    authority: String,
    dry_run: bool,
    certificates: u64,
    serials_only: u64,
    revocations: u64,
    already_there: u64,
    refused: u64,
    contradictions: u64,
    next_crl_number_above: u64,
    report: Option<String>,
}

pub(super) fn run(
    dir: &Path,
    command: &ImportCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let (index, args) = match command {
        ImportCommand::Openssl(openssl) => (Some(openssl.index.clone()), &openssl.from),
        ImportCommand::Ejbca(c) | ImportCommand::Certificates(c) => (None, &c.from),
    };
    let sources = Sources {
        index,
        certificates: args.certs.clone(),
        crls: args.crl.clone(),
    };
    let (mode, access) = if args.dry_run {
        (ImportMode::DryRun, Access::Read)
    } else {
        (ImportMode::Record, Access::Write)
    };
    let folder = Folder::open(dir, access)?;
    let mut told = Told::new(args, &sources)?;
    let bar = progress::counting(output);
    let summary = folder.engine.import(
        &args.ca,
        &sources,
        mode,
        &actors(&args.actors),
        &mut |line| {
            bar.inc(1);
            bar.suspend(|| told.tell(line))
        },
    );
    bar.finish_and_clear();
    let summary = match summary {
        Ok(summary) => summary,
        Err(error) => {
            // What was recorded is recorded, and its report is worth having.
            told.finish()?;
            return Err::<Exit, CaError>(error).explained();
        }
    };
    told.finish()?;
    finish(args, summary, output)
}

fn finish(args: &ImportArgs, summary: ImportSummary, output: &OutputArgs) -> Result<Exit, Failure> {
    let report = Report {
        schema: "sceau.import/1",
        authority: args.ca.clone(),
        dry_run: args.dry_run,
        certificates: summary.certificates,
        serials_only: summary.serials,
        revocations: summary.revocations,
        already_there: summary.already,
        refused: summary.refused,
        contradictions: summary.contradictions,
        next_crl_number_above: summary.crl_number,
        report: args.report.as_deref().map(shown),
    };
    output.result(&report, || text(&report))?;
    Ok(if summary.refused == 0 {
        Exit::Ok
    } else {
        Exit::Failed
    })
}

fn text(r: &Report) -> String {
    let mut text = format!(
        "{} {} certificates, {} serial numbers without certificate, {} revocations\n\
         {} already there, {} refused, {} with contradictions\n",
        if r.dry_run {
            "would import"
        } else {
            "imported"
        },
        r.certificates,
        r.serials_only,
        r.revocations,
        r.already_there,
        r.refused,
        r.contradictions,
    );
    if let Some(report) = &r.report {
        text += &format!("written {report}\n");
    }
    if !r.dry_run {
        text += &format!(
            "the next CRL has a number above {}: sceau-ca crl --ca {}\n",
            r.next_crl_number_above, r.authority
        );
    }
    text
}

/// Where the entries' outcomes go: the report, or, where none is wanted, the first problems to standard
/// error.
struct Told {
    report: Option<ReportFile>,
    problems: u64,
}

impl Told {
    fn new(args: &ImportArgs, sources: &Sources) -> Result<Self, Failure> {
        let inputs: Vec<&Path> = sources
            .index
            .iter()
            .chain(&sources.certificates)
            .chain(&sources.crls)
            .map(PathBuf::as_path)
            .collect();
        let create = |path: &PathBuf| ReportFile::create(path, &HEADING, &inputs);
        Ok(Self {
            report: args.report.as_ref().map(create).transpose()?,
            problems: 0,
        })
    }

    fn tell(&mut self, line: &ImportedLine) -> std::io::Result<()> {
        let serial = line.serial.as_ref().map(hex::encode).unwrap_or_default();
        let remark = line.remarks.join("; ");
        let on_crl = line.origin.path.as_os_str().is_empty();
        let number = match line.origin.line {
            0 => String::new(),
            n => n.to_string(),
        };
        let file = if on_crl {
            "(CRL)".to_owned()
        } else {
            shown(&line.origin.path)
        };
        if let Some(report) = &mut self.report {
            let revoked = if line.revoked { "yes" } else { "no" };
            let hint = line.hint.as_deref().unwrap_or_default();
            let status = status(line.outcome);
            return report.row(&[&file, &number, &serial, status, revoked, &remark, hint]);
        }
        if !remark.is_empty() {
            self.problems += 1;
            if self.problems <= PRINTED {
                let place = match number.as_str() {
                    "" => file,
                    number => format!("{file}, line {number}"),
                };
                let serial = match serial.as_str() {
                    "" => String::new(),
                    serial => format!(", serial {serial}"),
                };
                tracing::warn!("{place}{serial}: {}: {remark}", status(line.outcome));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        if self.problems > PRINTED {
            tracing::warn!(
                "{} more entries with remarks: --report FILE has them all",
                self.problems - PRINTED
            );
        }
        match self.report {
            Some(report) => report.commit(),
            None => Ok(()),
        }
    }
}

fn status(outcome: Imported) -> &'static str {
    match outcome {
        Imported::Certificate => "imported",
        Imported::SerialOnly => "imported by serial number",
        Imported::Revocation => "revocation imported",
        Imported::Already => "already there",
        Imported::Refused => "refused",
    }
}
