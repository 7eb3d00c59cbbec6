//! `sceau-ca renew` and `sceau-ca expiring`.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use ca_core::registration::Certificate;
use ca_core::{CaError, ExpiryFilter, RenewalOrder, SubjectKey};
use cli_support::output::stdout_failure;
use cli_support::{Exit, Failure, OutputArgs};
use serde::Serialize;

use super::{decide, issue, request, show, validity};
use crate::cli::{Expiring, Renew};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::day;

pub(super) fn run(dir: &Path, args: &Renew, output: &OutputArgs) -> Result<Exit, Failure> {
    let key = args.csr.as_deref().map(issue::read_request).transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let entry = show::find(engine, &args.which)?;
    let at = decide::time(engine, &args.acting.decision)?;
    let order = RenewalOrder {
        certificate: Certificate {
            authority: entry.authority.clone(),
            serial: entry.serial_hex(),
        },
        key: key.map(SubjectKey::Request),
        qscd: request::qscd(args.qscd, &args.acting)?,
        validity: validity(args.days),
        evidence: request::evidence(&args.evidence, at, &args.acting)?,
        at,
    };
    let mut renewal = engine.renewal(&order).explained()?;
    renewal
        .people
        .extend(args.people.iter().map(|p| p.0.clone()));
    let prepared = engine.prepare_request(&renewal).explained()?;
    request::register(&folder, &prepared, &args.acting, output)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    serial: String,
    authority: &'a str,
    profile: &'a str,
    subject: &'a str,
    organisation: Option<&'a str>,
    not_after: String,
    renewed: bool,
}

/// One line for each certificate as it is read: memory does not grow with the report.
pub(super) fn expiring(dir: &Path, args: &Expiring, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let filter = ExpiryFilter {
        authority: args.ca.clone(),
        organisation: args.organisation.clone(),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut shown = 0_u64;
    folder.engine.expiring(args.within, &filter, |ending| {
        let entry = &ending.entry;
        let line = Line {
            serial: entry.serial_hex(),
            authority: &entry.authority,
            profile: &entry.profile,
            subject: &entry.subject,
            organisation: ending.organisation.as_deref(),
            not_after: entry.not_after.to_string(),
            renewed: ending.renewed,
        };
        shown += 1;
        let written = match (output.json, output.quiet) {
            (true, _) => serde_json::to_writer(&mut out, &line)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n")),
            (false, true) => Ok(()),
            (false, false) => writeln!(
                out,
                "{}  {}  {}  {}  {}{}",
                day(&line.not_after),
                line.serial,
                line.authority,
                line.profile,
                line.subject,
                if line.renewed { "  (renewed)" } else { "" }
            ),
        };
        written.map_err(Stopped::Output)
    })?;
    if shown == 0 && !output.json && !output.quiet {
        writeln!(out, "no certificate ends within {} days", args.within).map_err(stdout_failure)?;
    }
    out.flush().map_err(stdout_failure)?;
    Ok(Exit::Ok)
}

/// Why the walk ended.
enum Stopped {
    Engine(CaError),
    Output(std::io::Error),
}

impl From<CaError> for Stopped {
    fn from(error: CaError) -> Self {
        Self::Engine(error)
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Output(e) => stdout_failure(e),
            Stopped::Engine(e) => match Err::<(), _>(e).explained() {
                Err(failure) => failure,
                Ok(()) => Self::message(Exit::Internal, "the walk ended without a reason"),
            },
        }
    }
}
