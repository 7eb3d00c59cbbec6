//! Certificates per second through the engine, with one requester and with several: P-256, the record on disk, each certificate linted
//! and durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use hsm_pkcs11::{KeySpec, SoftwareKey};
use test_postgres::{Programs, Server};

use crate::Effort;
use crate::engine::Engine;
use crate::table::Table;

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    // Beside the build, on a real disk: a temporary folder may be memory, where syncing costs nothing.
    let parent = sceau_tests::environment::test_env();
    std::fs::create_dir_all(&parent)?;
    let folder = tempfile::TempDir::with_prefix_in("bench-", parent)?;
    for requesters in REQUESTERS {
        let record = folder.path().join(format!("record-{requesters}.sqlite"));
        measure_on(
            "SQLite",
            &record.as_path().into(),
            requesters,
            effort,
            table,
        )?;
    }
    let Some(programs) = Programs::find() else {
        return Ok(());
    };
    // As durable as in production: `fsync` is on.
    let server = Server::start(&programs).context("PostgreSQL does not start")?;
    for requesters in REQUESTERS {
        let url = server.database().url;
        let record = PostgresLocation::parse(&url, &PostgresAccess::default())?.into();
        measure_on("PostgreSQL", &record, requesters, effort, table)?;
    }
    Ok(())
}

/// Requesters at once.
const REQUESTERS: [usize; 3] = [1, 8, 64];

fn measure_on(
    database: &str,
    record: &RecordLocation,
    requesters: usize,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let number = effort.pick(200, if requesters == 1 { 2_000 } else { 10_000 });
    let rate = issue(record, requesters, number)?;
    let work = format!("issue a seal certificate, durable, P-256, {database}");
    let plural = if requesters == 1 { "" } else { "s" };
    table.row(
        &work,
        &format!("ca-core, {requesters} requester{plural}"),
        &format!("{rate:.0}/s"),
        "",
    );
    Ok(())
}

fn issue(record: &RecordLocation, requesters: usize, number: usize) -> Result<f64> {
    let engine = Engine::create(record)?;
    let companies = engine.companies(|_| Ok(Arc::new(SoftwareKey::generate(KeySpec::P256)?)))?;
    per_second(number, requesters, || engine.issue(&companies))
}

/// How often in a second `once` succeeds, on `threads` threads.
pub(crate) fn per_second(
    number: usize,
    threads: usize,
    once: impl Fn() -> Result<()> + Sync,
) -> Result<f64> {
    let left = AtomicUsize::new(number);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let take = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
            {
                once()?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().ok().context("a requester panicked")?)
    })?;
    Ok(number as f64 / started.elapsed().as_secs_f64())
}
