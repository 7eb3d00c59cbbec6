//! Certificates and CRL entries that the linter judges in a second, on one core, all rules on.

use std::time::Instant;

use anyhow::{Context as _, Result};
use pki_lint::{Context, CrlContext, CrlHead, CrlStream};

use crate::Effort;
use crate::table::Table;

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    // A company seal and its CA, as Sceau issued them; they are kept for fuzzing.
    let corpus = sceau_tests::environment::project().join("fuzz/corpus/lint");
    let read = |name: &str| {
        std::fs::read(corpus.join(name)).with_context(|| format!("cannot read {name}"))
    };
    let (seal, issuer) = (read("acme.der")?, read("companies-ca.der")?);
    let context = Context {
        issuer: Some(&issuer),
        ..Context::default()
    };
    let rounds = effort.pick(1_000, 50_000);
    let started = Instant::now();
    let mut findings = 0;
    for _ in 0..rounds {
        findings += pki_lint::lint_certificate(&seal, &context).len();
    }
    anyhow::ensure!(
        findings == 0,
        "the linter finds {findings} faults in a seal of ours"
    );
    let rate = rounds as f64 / started.elapsed().as_secs_f64();
    let rules = format!("pki-lint, {} rules, one core", pki_lint::rules().count());
    table.row(
        "lint a seal certificate",
        &rules,
        &format!("{rate:.0}/s"),
        "",
    );

    // serial number, date, reasonCode keyCompromise
    let entry = [
        0x30, 0x20, 2, 1, 7, 0x17, 13, b'2', b'6', b'1', b'1', b'0', b'1', b'0', b'0', b'0', b'0',
        b'0', b'0', b'Z', 0x30, 0x0C, 0x30, 0x0A, 6, 3, 0x55, 0x1D, 0x15, 4, 3, 10, 1, 1,
    ];
    let mut stream = CrlStream::begin(&CrlHead::default(), &CrlContext::default());
    let rounds = effort.pick(10_000, 1_000_000);
    let started = Instant::now();
    for _ in 0..rounds {
        stream.entry(&entry);
    }
    let rate = rounds as f64 / started.elapsed().as_secs_f64();
    drop(stream.finish());
    table.row(
        "lint the entries of a CRL",
        "pki-lint, as a stream",
        &format!("{rate:.0}/s"),
        "",
    );
    Ok(())
}
