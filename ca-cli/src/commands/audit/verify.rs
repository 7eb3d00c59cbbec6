//! `sceau-ca audit verify`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ca_core::journal::{
    Checks, ExportFault, ExportVerifier, JournalReport, StampAuthority, TimeStampCheck,
};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, failure};
use serde::Serialize;

use super::files;
use super::stamps::Authorities;
use crate::cli::AuditVerify;
use crate::commands::shown;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified {
    records: u64,
    head: String,
    first: u64,
    root: String,
    checkpoints: u64,
    covered: Option<Covered>,
    unvouched: u64,
    time_stamps: u64,
    time_stamped: Option<TimeStamped>,
}

#[derive(Serialize)]
struct Covered {
    size: u64,
    at: String,
    key: String,
}

#[derive(Serialize)]
struct TimeStamped {
    size: u64,
    at: String,
    authority: &'static str,
}

impl From<&JournalReport> for Verified {
    fn from(report: &JournalReport) -> Self {
        Self {
            records: report.records,
            head: report.head.clone(),
            first: report.first,
            root: report.root.clone(),
            checkpoints: report.checkpoints,
            covered: report.covered.as_ref().map(|c| Covered {
                size: c.size,
                at: c.at.to_string(),
                key: c.key.clone(),
            }),
            unvouched: report.unvouched,
            time_stamps: report.time_stamps,
            time_stamped: report.time_stamped.as_ref().map(|t| TimeStamped {
                size: t.size,
                at: t.at.to_string(),
                authority: match t.authority {
                    StampAuthority::Trusted => "trusted",
                    StampAuthority::NotChecked => "not-checked",
                },
            }),
        }
    }
}

pub(super) fn run(dir: &Path, args: &AuditVerify, output: &OutputArgs) -> Result<Exit, Failure> {
    let authorities = Authorities::read(&args.trust)?;
    let mut checkpoints = Vec::new();
    for path in &args.checkpoint {
        checkpoints.push((shown(path), files::checkpoint(path)?));
    }
    let checks = Checks {
        keys: files::journal_keys(&args.journal_key)?,
        checkpoints,
        time_stamps: authorities.as_ref().map(|a| a as &dyn TimeStampCheck),
    };
    let (report, what) = if args.export.is_empty() {
        let folder = Folder::open(dir, Access::Read)?;
        let report = folder.engine.verify_journal_against(checks).explained()?;
        (report, ", and the record says what they say")
    } else {
        (exports(args, checks)?, "")
    };
    let verified = Verified::from(&report);
    output.result(&verified, || text(&report, what, args))?;
    Ok(Exit::Ok)
}

fn exports(args: &AuditVerify, checks: Checks<'_>) -> Result<JournalReport, Failure> {
    let mut verifier = ExportVerifier::new(checks);
    for path in &args.export {
        let file = File::open(path)
            .map_err(ExportFault::Read)
            .explain(classify)
            .context(shown(path))?;
        verifier
            .read(&mut BufReader::with_capacity(1 << 18, file))
            .explain(classify)
            .context(shown(path))?;
    }
    verifier.finish().explain(classify)
}

fn classify(fault: &ExportFault) -> (Exit, Option<String>) {
    let exit = match fault {
        ExportFault::Read(e) => failure::io_exit(e.kind()),
        ExportFault::Broken(_) => Exit::Failed,
        _ => Exit::Data,
    };
    (exit, fault.hint())
}

fn text(report: &JournalReport, what: &str, args: &AuditVerify) -> String {
    let JournalReport { first, records, .. } = report;
    let mut text = if *first == 1 {
        format!("the journal's {records} records are unbroken{what}\n")
    } else {
        format!("the journal's records {first} to {records} are unbroken\n")
    };
    text += &format!("head {}\n", report.head);
    match &report.covered {
        None => text += "no signed checkpoint covers any of them: only the chain protects them\n",
        Some(covered) => {
            let believed = if args.journal_key.is_empty() {
                "a key that the journal itself names; --journal-key compares it"
            } else {
                "a key that was given, or that such a key signed for"
            };
            text += &format!(
                "the first {} are signed: checkpoint of {}, key {}\n  ({believed})\n",
                covered.size, covered.at, covered.key
            );
            let after = records.saturating_sub(covered.size);
            text += &match after {
                0 => String::new(),
                1 => "1 record came after that checkpoint\n".to_owned(),
                n => format!("{n} records came after that checkpoint\n"),
            };
        }
    }
    if report.unvouched > 0 {
        text += &format!(
            "{} checkpoints are signed by keys that nobody vouches for\n",
            report.unvouched
        );
    }
    if let Some(stamped) = &report.time_stamped {
        let authority = match stamped.authority {
            StampAuthority::Trusted => "by an authority that is trusted",
            StampAuthority::NotChecked => "by an authority that was not checked; give --trust",
        };
        text += &format!(
            "the first {} existed on {}, {authority}\n",
            stamped.size, stamped.at
        );
    } else if report.covered.is_some() {
        text += "no time-stamp says when they existed\n";
    }
    text
}
