//! `sceau-ca operator enrol | list | suspend | resume | remove`.

use std::path::Path;

use ca_core::Proposal;
use ca_core::registration::{Enrolment, EventAct, Operator, RegistrationError, Roles};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, Table, input};
use pki_asn1::{Certificate, pem};
use pki_crypto::PublicKey;
use serde::Serialize;

use super::decide::{Decided, decide};
use super::show::read_certificate;
use crate::cli::{Acting, ChangeOperator, Enrol, OperatorCommand};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::day;

/// A public key of a megabyte is none.
const KEY_LIMIT: u64 = 1 << 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: String,
    standing: &'static str,
    standing_since: String,
    roles: Vec<&'static str>,
    enrolled_by: Option<String>,
    enrolled_at: String,
    key_sha256: String,
    certificate_sha256: Option<String>,
    not_after: Option<String>,
}

impl Report {
    fn new(operator: &Operator) -> Self {
        let enrolment = operator.enrolment();
        Self {
            name: operator.name().to_owned(),
            standing: operator.standing().name(),
            standing_since: operator.since().to_string(),
            enrolled_by: operator.enrolled_by().map(str::to_owned),
            enrolled_at: operator.enrolled_at().to_string(),
            roles: enrolment.roles().iter().map(|r| r.name()).collect(),
            key_sha256: enrolment.key_sha256(),
            certificate_sha256: enrolment.certificate_sha256().map(str::to_owned),
            not_after: enrolment.not_after().map(|t| t.to_string()),
        }
    }
}

pub(super) fn run(
    dir: &Path,
    command: &OperatorCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        OperatorCommand::Enrol(args) => enrol(dir, args, output),
        OperatorCommand::List => list(dir, output),
        OperatorCommand::Suspend(args) => change(dir, args, EventAct::Suspend, output),
        OperatorCommand::Resume(args) => change(dir, args, EventAct::Resume, output),
        OperatorCommand::Remove(args) => change(dir, args, EventAct::Remove, output),
    }
}

fn enrol(dir: &Path, args: &Enrol, output: &OutputArgs) -> Result<Exit, Failure> {
    let roles = Roles::new(args.roles.iter().copied())
        .map_err(RegistrationError::from)
        .explained()?;
    let enrolment = match (&args.cert, &args.public_key) {
        (Some(path), _) => {
            let certificate: Certificate = read_certificate(path)?;
            Enrolment::with_certificate(&args.name, roles, &certificate)
        }
        (None, Some(path)) => Enrolment::with_key(&args.name, roles, &read_key(path)?),
        (None, None) => {
            return Err(
                Failure::message(Exit::Usage, "neither certificate nor key is named")
                    .with_hint("give --cert or --public-key"),
            );
        }
    };
    let enrolment = enrolment.explained()?;
    let folder = Folder::open(dir, Access::Write)?;
    let proposal = folder.engine.enrol(&enrolment).explained()?;
    finish(&folder, &proposal, &args.name, &args.acting, output)
}

fn change(
    dir: &Path,
    args: &ChangeOperator,
    act: EventAct,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let proposal = folder
        .engine
        .change_operator(&args.name, act, args.reason.as_deref())
        .explained()?;
    finish(&folder, &proposal, &args.name, &args.acting, output)
}

fn finish(
    folder: &Folder,
    proposal: &Proposal,
    name: &str,
    acting: &Acting,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let engine = &folder.engine;
    let matter = proposal.matter().explained()?;
    let Decided::Yes(actors) = decide(engine, acting, &matter, output)? else {
        return Ok(Exit::Ok);
    };
    engine.take(proposal, &actors).explained()?;
    let report = Report::new(&engine.operator(name).explained()?);
    output.result(&report, || {
        format!(
            "operator {} is {}: {}\nkey SHA-256 {}\n",
            report.name,
            report.standing,
            report.roles.join(", "),
            report.key_sha256
        )
    })?;
    Ok(Exit::Ok)
}

fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let operators = folder.engine.operators().explained()?;
    let reports: Vec<_> = operators.iter().map(Report::new).collect();
    output.result(&reports, || {
        let mut table = Table::new([
            "NAME",
            "STANDING",
            "SINCE",
            "ROLES",
            "ENROLLED",
            "BY",
            "KEY SHA-256",
        ]);
        for r in &reports {
            table.row([
                &r.name,
                r.standing,
                day(&r.standing_since),
                &r.roles.join(", "),
                day(&r.enrolled_at),
                r.enrolled_by.as_deref().unwrap_or("(nobody)"),
                &r.key_sha256,
            ]);
        }
        if table.is_empty() {
            return "no operator\n".to_owned();
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

fn read_key(path: &Path) -> Result<PublicKey, Failure> {
    let bytes = input::read(path, "the public key", KEY_LIMIT)?;
    let wrong = format!("{} is not a public key", path.display());
    let ders = pem::der_or_pem(&bytes, &["PUBLIC KEY"])
        .context(&wrong)
        .exit(Exit::Data)?;
    let der = ders.into_iter().next().unwrap_or_default();
    PublicKey::in_use(&der)
        .context(wrong)
        .exit(Exit::Data)
        .hint("write it with: openssl pkey -in KEY -pubout -out FILE")
}
