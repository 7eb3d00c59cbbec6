//! `sceau-ca request new | list | show | approve | reject | withdraw | issue`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use ca_core::registration::{EventAct, Evidence, Request, RequestDocument, RevocationCode};
use ca_core::{PreparedRequest, QscdEvidence, RequestOrder, SubjectKey};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, Table};
use pki_asn1::UnixTime;
use serde::Serialize;

use super::decide::{self, Decided, decide};
use super::issued::Outputs;
use super::{issue, subject, validity};
use crate::actors::actors;
use crate::cli::{
    Acting, DecideRequest, EvidenceArgs, IssueRequestArgs, NewRequest, RequestCommand,
};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::fields;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    number: u64,
    status: &'static str,
    authority: String,
    profile: String,
    subject: String,
    registrar: Option<String>,
    approvals: Vec<String>,
    approvals_needed: u8,
    registered_at: String,
    expires: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Full {
    #[serde(flatten)]
    summary: Summary,
    sha256: String,
    reason: Option<String>,
    certificate: Option<String>,
    document: RequestDocument,
}

impl Summary {
    fn new(request: &Request, now: UnixTime) -> Self {
        let document = request.document();
        Self {
            number: request.number(),
            status: request.status(now).name(),
            authority: document.authority.clone(),
            profile: document.profile.clone(),
            subject: document.subject.clone(),
            registrar: request.registrar().map(str::to_owned),
            approvals: request.approvals().to_vec(),
            approvals_needed: document.approvals,
            registered_at: document.registered_at.to_string(),
            expires: document.expires.to_string(),
        }
    }

    fn line(&self) -> String {
        format!(
            "request {} is {} ({} of {} approvals): {}\n",
            self.number,
            self.status,
            self.approvals.len(),
            self.approvals_needed,
            self.subject
        )
    }
}

pub(super) fn run(
    dir: &Path,
    command: &RequestCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        RequestCommand::New(args) => new(dir, args, output),
        RequestCommand::List { status } => list(dir, status.as_deref(), output),
        RequestCommand::Show { number } => show(dir, *number, output),
        RequestCommand::Approve(args) => step(dir, args, EventAct::Approve, output),
        RequestCommand::Reject(args) => step(dir, args, EventAct::Reject, output),
        RequestCommand::Withdraw(args) => step(dir, args, EventAct::Withdraw, output),
        RequestCommand::Issue(args) => issue_request(dir, args, output),
    }
}

fn new(dir: &Path, args: &NewRequest, output: &OutputArgs) -> Result<Exit, Failure> {
    let dn = subject(&args.subject)?;
    let request = issue::read_request(&args.csr)?;
    let folder = Folder::open(dir, Access::Write)?;
    let at = decide::time(&folder.engine, &args.acting.decision)?;
    let order = RequestOrder {
        authority: args.ca.clone(),
        profile: args.profile.clone(),
        subject: dn,
        key: SubjectKey::Request(request),
        qscd: qscd(args.qscd, &args.acting)?,
        legislation: args.legislation.clone(),
        validity: validity(args.days),
        people: args.people.iter().map(|p| p.0.clone()).collect(),
        evidence: evidence(&args.evidence, at, &args.acting)?,
        renews: None,
        at,
    };
    let prepared = folder.engine.prepare_request(&order).explained()?;
    register(&folder, &prepared, &args.acting, output)
}

/// Registers a prepared request, with the registrar's decision.
pub(super) fn register(
    folder: &Folder,
    prepared: &PreparedRequest,
    acting: &Acting,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let engine = &folder.engine;
    for warning in &prepared.warnings {
        tracing::warn!("{warning}");
    }
    let matter = prepared.proposal.matter().explained()?;
    let Decided::Yes(actors) = decide(engine, acting, &matter, output)? else {
        return Ok(Exit::Ok);
    };
    let registered = engine.take(&prepared.proposal, &actors).explained()?;
    let number = registered.name.parse().unwrap_or_default();
    report(folder, number, output)
}

/// Who vouches for the device.
pub(super) fn qscd(declared: bool, acting: &Acting) -> Result<QscdEvidence, Failure> {
    if !declared {
        return Ok(QscdEvidence::None);
    }
    let by = match decide::operator(&acting.decision)? {
        Some(operator) => format!("operator {operator}"),
        None => actors(&acting.actors).names().join(", "),
    };
    Ok(QscdEvidence::Attested(format!("--qscd, declared by {by}")))
}

/// The evidence of the command line.
pub(super) fn evidence(
    args: &EvidenceArgs,
    at: UnixTime,
    acting: &Acting,
) -> Result<Vec<Evidence>, Failure> {
    let seen_by = match (args.seen_by.clone(), decide::operator(&acting.decision)?) {
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) => actors(&acting.actors)
            .names()
            .first()
            .cloned()
            .unwrap_or_default(),
    };
    let seen_at = args.seen_at.unwrap_or(at);
    let read = args.evidence.iter().map(|e| e.read(&seen_by, seen_at));
    read.collect()
}

fn step(
    dir: &Path,
    args: &DecideRequest,
    act: EventAct,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let proposal = engine
        .decide_request(args.number, act, args.reason.as_deref())
        .explained()?;
    let matter = proposal.matter().explained()?;
    let Decided::Yes(actors) = decide(engine, &args.acting, &matter, output)? else {
        return Ok(Exit::Ok);
    };
    engine.take(&proposal, &actors).explained()?;
    report(&folder, args.number, output)
}

fn report(folder: &Folder, number: u64, output: &OutputArgs) -> Result<Exit, Failure> {
    let request = folder.engine.request(number).explained()?;
    let summary = Summary::new(&request, folder.engine.now());
    output.result(&summary, || summary.line())?;
    Ok(Exit::Ok)
}

fn list(dir: &Path, status: Option<&str>, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let now = folder.engine.now();
    let mut all = Vec::new();
    folder
        .engine
        .requests(|request| {
            let summary = Summary::new(&request, now);
            if status.is_none_or(|s| s == summary.status) {
                all.push(summary);
            }
            Ok::<_, ca_core::CaError>(())
        })
        .explained()?;
    output.result(&all, || {
        let mut table = Table::new(["NUMBER", "STATUS", "APPROVALS", "PROFILE", "SUBJECT"]);
        for r in &all {
            table.row([
                r.number.to_string(),
                r.status.to_owned(),
                format!("{} of {}", r.approvals.len(), r.approvals_needed),
                r.profile.clone(),
                r.subject.clone(),
            ]);
        }
        if table.is_empty() {
            return "no request\n".to_owned();
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

fn show(dir: &Path, number: u64, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let request = folder.engine.request(number).explained()?;
    let certificate = folder.engine.certificate_of_request(number).explained()?;
    let full = Full {
        summary: Summary::new(&request, folder.engine.now()),
        sha256: request.sha256(),
        reason: request.reason().map(str::to_owned),
        certificate: certificate.map(|c| c.serial_hex()),
        document: request.document().clone(),
    };
    output.result(&full, || text(&full))?;
    Ok(Exit::Ok)
}

fn text(full: &Full) -> String {
    let (summary, document) = (&full.summary, &full.document);
    let none = || "(nobody signed)".to_owned();
    let mut lines = vec![
        ("request", summary.number.to_string()),
        ("status", summary.status.to_owned()),
        ("SHA-256", full.sha256.clone()),
        (
            "for",
            format!("{}, profile {}", summary.authority, summary.profile),
        ),
        ("subject", summary.subject.clone()),
        ("key", document.key_sha256()),
        ("registered", summary.registered_at.clone()),
        ("by", summary.registrar.clone().unwrap_or_else(none)),
        (
            "approved",
            match summary.approvals.as_slice() {
                [] => format!("by nobody, {} needed", summary.approvals_needed),
                by => format!("by {}, {} needed", by.join(", "), summary.approvals_needed),
            },
        ),
        ("lapses", summary.expires.clone()),
    ];
    for person in &document.people {
        lines.push((person.role.name(), person.name.clone()));
    }
    for e in &document.evidence {
        lines.push((
            "evidence",
            format!(
                "{} {}, seen by {} {}",
                e.kind, e.reference, e.seen_by, e.seen_at
            ),
        ));
    }
    if let Some(renews) = &document.renews {
        lines.push((
            "renews",
            format!("{} of {}", renews.serial, renews.authority),
        ));
    }
    if let Some(serial) = &full.certificate {
        lines.push(("certificate", serial.clone()));
    }
    if let Some(reason) = &full.reason {
        lines.push(("reason", reason.clone()));
    }
    fields(&lines)
}

fn issue_request(
    dir: &Path,
    args: &IssueRequestArgs,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let proposal = engine.issue_proposal(args.number).explained()?;
    let request = engine.request(args.number).explained()?;
    let document = request.document();
    let no_inputs: [PathBuf; 0] = [];
    let outputs = Outputs::prepare(
        Some((&args.out, Overwrite::Refuse)),
        args.chain_out.as_deref(),
        &no_inputs,
        &[],
    )?;
    let code = code_file(args.revocation_code_out.as_deref())?;
    let matter = proposal.matter().explained()?;
    let Decided::Yes(actors) = decide(engine, &args.acting, &matter, output)? else {
        return Ok(Exit::Ok);
    };
    let key = keys::unlock(&folder, &document.authority, &args.pin.source())?;
    let (code, file) = code.unzip();
    let issued = engine
        .issue_request(&key, args.number, code.clone(), &actors)
        .explained()?;
    hand_out(code.zip(file), &issued)?;
    outputs.finish(&issued, &document.authority, &document.profile, output)
}

/// A revocation code and the file it will be in, made ready before anything is signed.
pub(super) fn code_file(
    path: Option<&Path>,
) -> Result<Option<(RevocationCode, AtomicFile)>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let code = RevocationCode::generate()
        .map_err(|e| ca_core::CaError::Random(e.to_string()))
        .explained()?;
    let file = AtomicFile::options(Overwrite::Refuse)
        .mode(0o600)
        .create(path)?;
    Ok(Some((code, file)))
}

/// Writes the code. It is nowhere else: the record has its hash.
pub(super) fn hand_out(
    code: Option<(RevocationCode, AtomicFile)>,
    issued: &ca_core::Issued,
) -> Result<(), Failure> {
    let Some((code, mut file)) = code else {
        return Ok(());
    };
    file.write_all(code.reveal().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .map_err(Failure::from)
        .and_then(|()| file.commit().map_err(Failure::from))
        .map_err(|failure| {
            failure
                .with_context(format_args!(
                    "certificate {} was issued, but its revocation code was not written and is lost",
                    issued.certificate.serial_hex()
                ))
                .with_hint("the registration authority can revoke without it; show writes the certificate")
        })
}
