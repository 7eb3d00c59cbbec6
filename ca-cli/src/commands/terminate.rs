//! `sceau-ca ca terminate`: the end of an authority, in steps that can be repeated after an interruption.

use std::path::Path;

use ca_core::TerminationOrder;
use ca_core::store::CertificatesAtEnd;
use cli_support::{Exit, Failure, OutputArgs};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::{archive, crl, shown};
use crate::actors::actors;
use crate::cli::{CertificatesArg, KeyFate, Terminate};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::CrlReport;

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
    let fate = args.key_fate.map(|fate| match fate {
        KeyFate::Destroyed => "key-destroyed",
        KeyFate::Retained => "key-retained",
    });
    if let (Some(about), Some(statement)) = (fate, &args.statement) {
        engine
            .state(&args.name, about, statement, &order.actors)
            .explained()?;
    }
    let (manifest, sha256) = archive::write(engine, &args.name, &args.archive)?;
    let statement = format!(
        "archive of {}, manifest SHA-256 {sha256}",
        manifest.written_at
    );
    engine
        .state(&args.name, "archived", &statement, &order.actors)
        .explained()?;
    let last = last.ok_or_else(|| Failure::message(Exit::Internal, "there is no last CRL"))?;
    let report = Report {
        authority: args.name.clone(),
        terminated_at: manifest.terminated_at.clone().unwrap_or_default(),
        revoked,
        last_crl: CrlReport::of(last.number, last.this_update, last.next_update),
        archive: shown(&args.archive),
        manifest_sha256: sha256,
        key: fate,
    };
    output.result(&report, || text(&report))?;
    Ok(Exit::Ok)
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
    if report.key.is_none() {
        text += "what becomes of the key is not recorded: repeat with --key-fate, --statement and another --archive\n";
    }
    text
}
