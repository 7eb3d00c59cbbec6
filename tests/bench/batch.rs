//! Bulk work of `sceau-ca` as whole processes: a batch of orders, and the export of the journal and its verification.

use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::Hierarchy;
use sceau_tests::judges::openssl::openssl;

use crate::Effort;
use crate::table::Table;

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let office = &hierarchy.office;
    let number = effort.pick(100, 10_000);
    openssl("req")
        .args(["-new", "-nodes", "-subj", "/CN=x", "-newkey", "ec"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-keyout",
            "bench.key",
            "-out",
            "bench.csr",
        ])
        .folder(&office.dir)
        .succeed()?;
    let mut orders = "id,csr,C,O,organizationIdentifier,CN\n".to_owned();
    for order in 0..number {
        orders +=
            &format!("s{order},bench.csr,MC,Rocher Conseil SARL,NTRMC-00S03813,Seal {order}\n");
    }
    std::fs::write(office.path("bench-orders.csv"), orders)?;
    let limit = Duration::from_secs(600);
    let batch = office
        .ca(&[
            "issue",
            "--batch",
            "bench-orders.csv",
            "--out-dir",
            "bench-issued",
        ])?
        .args(["--ca", "companies", "--profile", "company-seal"])
        .limit(limit)
        .succeed()?;
    let rate = number as f64 / batch.elapsed.as_secs_f64();
    let work = format!("a batch of {number} orders, P-256, SQLite");
    table.row(
        &work,
        "sceau-ca issue --batch, files included",
        &format!("{rate:.0}/s"),
        "",
    );

    let export = office
        .ca(&["audit", "export", "--out", "bench-journal.jsonl"])?
        .limit(limit)
        .succeed()?;
    let text = std::fs::read_to_string(office.path("bench-journal.jsonl"))?;
    let records = text
        .lines()
        .filter(|line| line.starts_with("{\"seq\""))
        .count();
    let last = text.lines().last().context("an empty export")?;
    let work = format!(
        "a journal of {records} records, {} MB",
        text.len() / 1_000_000
    );
    let per_second =
        |time: Duration| format!("{:.0} records/s", records as f64 / time.as_secs_f64());
    anyhow::ensure!(last.contains("\"end\""), "{last}");
    table.row(
        &work,
        "sceau-ca audit export",
        &per_second(export.elapsed),
        "",
    );
    let verified = office
        .program("sceau-ca")?
        .args(["audit", "verify", "--export", "bench-journal.jsonl"])
        .limit(limit)
        .succeed()?;
    table.row(
        &work,
        "sceau-ca audit verify --export",
        &per_second(verified.elapsed),
        "",
    );
    Ok(())
}
