//! `sceau-ca stats`.

use std::path::Path;

use cli_support::{Exit, Failure, OutputArgs};
use serde::Serialize;

use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::fields;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    authorities: u64,
    issued: u64,
    revoked: u64,
    abandoned: u64,
    crls: u64,
    journal_records: u64,
    slowest_revocation_seconds: Option<u64>,
}

pub(super) fn run(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let s = folder.engine.statistics().explained()?;
    let report = Report {
        authorities: s.authorities,
        issued: s.issued,
        revoked: s.revoked,
        abandoned: s.abandoned,
        crls: s.crls,
        journal_records: s.journal_records,
        slowest_revocation_seconds: s.slowest_revocation_seconds,
    };
    output.result(&report, || {
        let slowest = match report.slowest_revocation_seconds {
            None => "-".to_owned(),
            Some(seconds) => format!("{seconds} s from request to decision"),
        };
        fields(&[
            ("authorities", report.authorities.to_string()),
            ("certificates issued", report.issued.to_string()),
            ("revoked", report.revoked.to_string()),
            ("interrupted", report.abandoned.to_string()),
            ("CRLs published", report.crls.to_string()),
            ("journal records", report.journal_records.to_string()),
            ("slowest revocation", slowest),
        ])
    })?;
    Ok(Exit::Ok)
}
