//! `sceau-ca ca terminate`: the end of an authority, in steps that can be repeated after an interruption.

use std::path::Path;

use ca_core::hierarchy::TerminationMinutes;
use ca_core::hierarchy::archive::Manifest;
use ca_core::hierarchy::ceremony::Language;
use ca_core::registration::Statement;
use ca_core::store::{CertificatesAtEnd, PublishedCrl};
use ca_core::{CaEngine, TerminationOrder};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, atomic_file};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::{archive, crl, shown};
use crate::actors::actors;
use crate::cli::{CertificatesArg, KeyFate, Terminate};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{CrlReport, sha256};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    authority: String,
    terminated_at: String,
    revoked: u64,
    last_crl: CrlReport,
    archive: String,
    manifest_sha256: String,
    key: Option<&'static str>,
    minutes: Option<String>,
}

pub(super) fn terminate(
    dir: &Path,
    args: &Terminate,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let mut order = TerminationOrder {
        authority: args.name.clone(),
        confirmed: args.confirm.clone(),
        reason: args.reason.clone(),
        certificates: match args.certificates {
            CertificatesArg::Revoke => CertificatesAtEnd::Revoked,
            CertificatesArg::Leave => CertificatesAtEnd::Left,
        },
        actors: actors(&args.acting.actors),
    };
    engine.check_termination(&order).explained()?;
    if args.archive.exists() {
        return Err(Failure::message(
            Exit::CantCreate,
            format_args!("{} is there already", args.archive.display()),
        )
        .with_hint("name a folder that is not there yet; an archive is never written over"));
    }
    // Taken up again, it ends as it was decided.
    if engine.life(&args.name).explained()?.terminated_at.is_none() {
        let Decided::Yes(actors) = decide_order(engine, &args.acting, order.order(), output)?
        else {
            return Ok(Exit::Ok);
        };
        order.actors = actors;
    }
    // Before anything changes: a mistyped passphrase shall not leave an end without its last CRL.
    let key = keys::unlock(&folder, &args.name, &args.pin.source())?;
    let revoked = engine.terminate(&order).explained()?;
    if !engine.has_last_crl(&args.name).explained()? {
        crl::last(&folder, &key, &order.actors)?;
    }
    let last = engine.latest_published(&args.name).explained()?;
    let fate = fate(args);
    if let (Some(about), Some(statement)) = (fate, &args.statement) {
        engine
            .state(&args.name, about, statement, &order.actors)
            .explained()?;
    }
    let (manifest, manifest_sha256) = archive::write(engine, &args.name, &args.archive)?;
    let statement = format!(
        "archive of {}, manifest SHA-256 {manifest_sha256}",
        manifest.written_at
    );
    engine
        .state(&args.name, "archived", &statement, &order.actors)
        .explained()?;
    let last = last.ok_or_else(|| Failure::message(Exit::Internal, "there is no last CRL"))?;
    if let Some(folder) = &args.minutes {
        let minutes = minutes(engine, (args, &order), (&manifest, &manifest_sha256), &last)?;
        write_minutes(folder, &minutes)?;
    }
    let report = Report {
        authority: args.name.clone(),
        terminated_at: manifest.terminated_at.clone().unwrap_or_default(),
        revoked,
        last_crl: CrlReport::of(last.number, last.this_update, last.next_update),
        archive: shown(&args.archive),
        manifest_sha256,
        key: fate,
        minutes: args.minutes.as_deref().map(shown),
    };
    output.result(&report, || text(&report))?;
    Ok(Exit::Ok)
}

/// What the minutes say, from the record and the archive's manifest.
fn minutes(
    engine: &CaEngine,
    (args, order): (&Terminate, &TerminationOrder),
    (manifest, manifest_sha256): (&Manifest, &str),
    last: &PublishedCrl,
) -> Result<TerminationMinutes, Failure> {
    let authority = engine.authority(&args.name).explained()?;
    let file = format!("crls/{}.crl", last.number);
    let crl = manifest.files.iter().find(|f| f.name == file);
    let journal = engine.verify_journal().explained()?;
    let deciders = order.actors.decisions().iter();
    Ok(TerminationMinutes {
        authority: authority.name.clone(),
        subject: authority.certificate.display_subject().to_string(),
        certificate_sha256: sha256(&authority.certificate),
        terminated_at: manifest.terminated_at.clone().unwrap_or_default(),
        reason: manifest.termination.clone().unwrap_or_default(),
        certificates: order.certificates.name().to_owned(),
        counts: (manifest.counts.certificates, manifest.counts.revoked),
        crls: vec![[
            file.clone(),
            last.number.to_string(),
            last.this_update.to_string(),
            crl.map(|f| f.sha256.clone()).unwrap_or_default(),
        ]],
        archive: (shown(&args.archive), manifest_sha256.to_owned()),
        key: fate(args)
            .zip(args.statement.as_ref())
            .map(|(about, statement)| (about.to_owned(), statement.clone())),
        deciders: deciders
            .filter_map(|d| Statement::parse(d.statement()).ok())
            .map(|statement| statement.operator().to_owned())
            .collect(),
        actors: order.actors.names().to_vec(),
        journal: (journal.records, journal.head),
        program: format!("sceau-ca {}", env!("CARGO_PKG_VERSION")),
    })
}

fn write_minutes(folder: &Path, minutes: &TerminationMinutes) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .context(format_args!("cannot create {}", folder.display()))
        .exit(Exit::CantCreate)?;
    for language in [Language::English, Language::French] {
        let path = folder.join(format!("minutes-{}.md", language.code()));
        let page = minutes.to_markdown(language);
        atomic_file::write(&path, page.as_bytes(), Overwrite::Refuse)?;
    }
    Ok(())
}

/// What is recorded about the key.
fn fate(args: &Terminate) -> Option<&'static str> {
    args.key_fate.map(|fate| match fate {
        KeyFate::Destroyed => "key-destroyed",
        KeyFate::Retained => "key-retained",
    })
}

fn text(report: &Report) -> String {
    let mut text = format!(
        "{} ended on {}; {} revoked\nlast CRL {}\narchive {}, manifest SHA-256 {}\n",
        report.authority,
        report.terminated_at,
        match report.revoked {
            1 => "1 certificate".to_owned(),
            n => format!("{n} certificates"),
        },
        report.last_crl.text(),
        report.archive,
        report.manifest_sha256
    );
    if let Some(minutes) = &report.minutes {
        text += &format!("minutes {minutes}\n");
    }
    if report.key.is_none() {
        text += "what becomes of the key is not recorded: repeat with --key-fate, --statement and another --archive\n";
    }
    text
}
