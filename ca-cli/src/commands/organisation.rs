//! `sceau-ca organisation new | list | show | strike-off | reinstate`.

use std::path::Path;

use ca_core::registration::{Organisation, Person, Striking};
use ca_core::{CaError, Proposal};
use cli_support::{Exit, Failure, OutputArgs, Table};
use serde::Serialize;

use super::decide::{Decided, decide};
use crate::cli::{Acting, NewOrganisation, OrganisationCommand, Reinstate, StrikeOff};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::{CertificateReport, fields};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    identifier: String,
    name: String,
    state: &'static str,
    reason: Option<String>,
    people: Vec<Person>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Full {
    #[serde(flatten)]
    organisation: Report,
    certificates: Vec<CertificateReport>,
}

impl Report {
    fn new(organisation: &Organisation) -> Self {
        let document = organisation.document();
        Self {
            identifier: document.identifier.clone(),
            name: document.name.clone(),
            state: organisation.state().name(),
            reason: organisation.reason().map(str::to_owned),
            people: document.people.clone(),
        }
    }
}

pub(super) fn run(
    dir: &Path,
    command: &OrganisationCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        OrganisationCommand::New(args) => new(dir, args, output),
        OrganisationCommand::List => list(dir, output),
        OrganisationCommand::Show { identifier } => {
            let folder = Folder::open(dir, Access::Read)?;
            show(&folder, identifier, output)
        }
        OrganisationCommand::StrikeOff(args) => strike_off(dir, args, output),
        OrganisationCommand::Reinstate(args) => reinstate(dir, args, output),
    }
}

fn new(dir: &Path, args: &NewOrganisation, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let people = args.people.iter().map(|p| p.0.clone()).collect();
    let proposal = folder
        .engine
        .register_organisation(&args.identifier, &args.name, people, &[])
        .explained()?;
    finish(&folder, &proposal, &args.identifier, &args.acting, output)
}

fn strike_off(dir: &Path, args: &StrikeOff, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let how = match args.suspend {
        true => Striking::Suspend,
        false => Striking::Revoke,
    };
    let proposal = folder
        .engine
        .strike_off(&args.identifier, how, &args.reason)
        .explained()?;
    finish(&folder, &proposal, &args.identifier, &args.acting, output)
}

fn reinstate(dir: &Path, args: &Reinstate, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let proposal = folder
        .engine
        .reinstate(&args.identifier, args.reason.as_deref())
        .explained()?;
    finish(&folder, &proposal, &args.identifier, &args.acting, output)
}

fn finish(
    folder: &Folder,
    proposal: &Proposal,
    identifier: &str,
    acting: &Acting,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let engine = &folder.engine;
    let matter = proposal.matter().explained()?;
    let Decided::Yes(actors) = decide(engine, acting, &matter, output)? else {
        return Ok(Exit::Ok);
    };
    engine.take(proposal, &actors).explained()?;
    show(folder, identifier, output)
}

fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let mut all = Vec::new();
    folder
        .engine
        .organisations(|organisation| {
            all.push(Report::new(&organisation));
            Ok::<_, CaError>(())
        })
        .explained()?;
    output.result(&all, || {
        let mut table = Table::new(["IDENTIFIER", "STATE", "NAME"]);
        for r in &all {
            table.row([r.identifier.as_str(), r.state, &r.name]);
        }
        if table.is_empty() {
            return "no organisation\n".to_owned();
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

fn show(folder: &Folder, identifier: &str, output: &OutputArgs) -> Result<Exit, Failure> {
    let engine = &folder.engine;
    let organisation = engine.organisation(identifier).explained()?;
    let now = engine.now();
    let mut certificates = Vec::new();
    engine
        .certificates_of_organisation(identifier, |entry| {
            certificates.push(CertificateReport::new(&entry, now));
            Ok::<_, CaError>(())
        })
        .explained()?;
    let full = Full {
        organisation: Report::new(&organisation),
        certificates,
    };
    output.result(&full, || text(&full))?;
    Ok(Exit::Ok)
}

fn text(full: &Full) -> String {
    let organisation = &full.organisation;
    let mut lines = vec![
        ("identifier", organisation.identifier.clone()),
        ("name", organisation.name.clone()),
        ("state", organisation.state.to_owned()),
    ];
    if let Some(reason) = &organisation.reason {
        lines.push(("reason", reason.clone()));
    }
    for person in &organisation.people {
        lines.push((person.role.name(), person.name.clone()));
    }
    for c in &full.certificates {
        lines.push((
            "certificate",
            format!("{} {}, {}", c.serial, c.profile, c.status),
        ));
    }
    fields(&lines)
}
