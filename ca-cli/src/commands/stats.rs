//! `sceau-ca stats`.

use std::path::Path;

use ca_core::revocation::{Distribution, PUBLICATION_LIMIT_SECONDS, REQUEST_LIMIT_SECONDS};
use cli_support::{Exit, Failure, OutputArgs};
use serde::Serialize;

use super::crl;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::fields;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    authorities: u64,
    issued: u64,
    revoked: u64,
    suspended: u64,
    abandoned: u64,
    crls: u64,
    journal_records: u64,
    /// From the request to the decision, which is when OCSP tells it.
    decision: Times,
    /// From the decision to the first CRL that tells it.
    crl_publication: Times,
    waiting_for_crl: u64,
    longest_wait_seconds: Option<u64>,
    late_crls: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    count: u64,
    median_seconds: u64,
    maximum_seconds: u64,
    limit_seconds: u64,
    beyond_limit: u64,
}

pub(super) fn run(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let s = folder.engine.statistics().explained()?;
    let report = Report {
        authorities: s.authorities,
        issued: s.issued,
        revoked: s.revoked,
        suspended: s.suspended,
        abandoned: s.abandoned,
        crls: s.crls,
        journal_records: s.journal_records,
        decision: Times::new(&s.timeliness.decision, REQUEST_LIMIT_SECONDS),
        crl_publication: Times::new(&s.timeliness.crl, PUBLICATION_LIMIT_SECONDS),
        waiting_for_crl: s.timeliness.waiting,
        longest_wait_seconds: s.timeliness.longest_wait,
        late_crls: crl::alarms(&folder.engine)?,
    };
    for late in &report.late_crls {
        tracing::warn!("{late}");
    }
    output.result(&report, || {
        let waiting = match report.longest_wait_seconds {
            None => "-".to_owned(),
            Some(seconds) => format!(
                "{}, the oldest for {seconds} s",
                changes(report.waiting_for_crl)
            ),
        };
        let late = match report.late_crls.as_slice() {
            [] => "-".to_owned(),
            late => late.join("; "),
        };
        fields(&[
            ("authorities", report.authorities.to_string()),
            ("certificates issued", report.issued.to_string()),
            ("revoked", report.revoked.to_string()),
            ("suspended", report.suspended.to_string()),
            ("interrupted", report.abandoned.to_string()),
            ("CRLs published", report.crls.to_string()),
            ("journal records", report.journal_records.to_string()),
            ("request to decision", report.decision.text("24 h")),
            ("decision to CRL", report.crl_publication.text("60 min")),
            ("not on a CRL yet", waiting),
            ("late CRLs", late),
        ])
    })?;
    Ok(Exit::Ok)
}

impl Times {
    fn new(of: &Distribution, limit: u64) -> Self {
        Self {
            count: of.count,
            median_seconds: of.median,
            maximum_seconds: of.maximum,
            limit_seconds: limit,
            beyond_limit: of.beyond,
        }
    }

    fn text(&self, limit: &str) -> String {
        if self.count == 0 {
            return "-".to_owned();
        }
        format!(
            "{}: median {} s, longest {} s, {} beyond {limit}",
            changes(self.count),
            self.median_seconds,
            self.maximum_seconds,
            self.beyond_limit
        )
    }
}

fn changes(n: u64) -> String {
    match n {
        1 => "1 change of status".to_owned(),
        n => format!("{n} changes of status"),
    }
}
