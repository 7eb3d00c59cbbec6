//! CRLs of an authority with many revocations: the complete CRL beside `openssl ca -gencrl`, and what one more revocation costs.
//!
//! The revocations come into the record through the import, as those of another product: a journal record for each 512, and no
//! certificate behind them but its serial number. The complete CRL is made by a second process of this program, so that its peak
//! memory is that of making the CRL and nothing else.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ca_core::crl::{CrlConfig, CrlKind, CrlPolicy, CrlScope, DeltaConfig};
use ca_core::engine::{ImportMode, NewAdoption, Sources};
use ca_core::{AuthorityKey, CaEngine, RevocationReason, RevocationRequest, Settings};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::SystemClock;
use sceau_tests::Call;

use crate::Effort;
use crate::engine::{Engine, actors, settings};
use crate::process::{median_time, peak_memory};
use crate::table::Table;

/// Argument that makes this program the second process.
pub(crate) const WORKER: &str = "--crl-worker";

const AUTHORITY: &str = "companies";
const RECORD: &str = "record.sqlite";
const KEY: &str = "key.der";
const INDEX: &str = "index.txt";

/// Runs of whole processes that make a complete CRL.
const RUNS: usize = 3;
const LIMIT: Duration = Duration::from_secs(600);

const OPENSSL: &str = "[ca]\ndefault_ca = bench\n[bench]\ndatabase = index.txt\ncrlnumber = crlnumber\ncertificate = ca.pem\n\
    private_key = key.pem\ndefault_md = sha256\ndefault_crl_days = 3\ncrl_extensions = extensions\n\
    [extensions]\nauthorityKeyIdentifier = keyid\n";

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    // Beside the build, on a real disk: a temporary folder may be memory, where syncing costs nothing.
    let parent = sceau_tests::environment::test_env();
    fs::create_dir_all(&parent)?;
    let folder = tempfile::TempDir::with_prefix_in("bench-", parent)?;
    let folder = folder.path();
    let sizes: &[usize] = match effort {
        Effort::Quick => &[1_000, 20_000],
        Effort::Full => &[1_000, 100_000, 1_000_000],
    };
    let revoked = one_more(folder, sizes, effort, table)?;
    let ours = complete(folder, revoked, table)?;
    openssl(folder, revoked, ours, table)
}

/// What revoking and publishing costs at each number of revocations. Returns how many there are in the end.
fn one_more(folder: &Path, sizes: &[usize], effort: Effort, table: &mut Table) -> Result<usize> {
    // An authority of this record takes no imports, so it is made in one record and adopted by the other.
    let signer: Arc<dyn Signer> = {
        let key = SoftwareKey::generate(KeySpec::P256)?;
        fs::write(folder.join(KEY), key.to_pkcs8()?.as_slice())?;
        Arc::new(key)
    };
    let origin = Engine::create(folder.join("origin.sqlite").as_path())?;
    let made = origin.companies(|name| match name {
        AUTHORITY => Ok(signer.clone()),
        _ => Ok(Arc::new(SoftwareKey::generate(KeySpec::P256)?)),
    })?;
    fs::write(folder.join("ca.der"), made.authority().certificate.der())?;

    let record = folder.join(RECORD);
    let engine = CaEngine::create(record.as_path(), with_deltas()?, Arc::new(SystemClock))?;
    let adoption = NewAdoption {
        name: AUTHORITY.to_owned(),
        certificate: made.authority().certificate.clone(),
        chain: made.chain().to_vec(),
        key_location: KEY.to_owned(),
        actors: actors(),
    };
    let key = engine.adopt_and_unlock(&adoption, signer)?;

    let (mut there, mut revoked) = (0, 0);
    let mut imported = Duration::ZERO;
    for &size in sizes {
        imported += import(&engine, folder, there..size)?;
        revoked += size - there;
        there = size;
        let figures = Revoking {
            engine: &engine,
            key: &key,
            origin: &origin,
            folder,
        };
        let base =
            engine.publish_crls(&key, CrlScope::All, &[CrlKind::Complete], None, &actors())?;
        ensure!(
            base.first().and_then(|crl| crl.entries) == Some(revoked as u64),
            "the complete CRL does not list {revoked} certificates: {base:?}"
        );
        let rounds = effort.pick(5, 50);
        let delta = figures.median(rounds, |serial| {
            let crls = engine.publish_change(&key, serial, &actors())?;
            ensure!(
                crls.len() == 1 && crls[0].name.kind == CrlKind::Delta,
                "a revocation did not publish a delta: {crls:?}"
            );
            Ok(())
        })?;
        let whole = figures.median(RUNS, |_| {
            engine.publish_crls(&key, CrlScope::All, &[CrlKind::Complete], None, &actors())?;
            Ok(())
        })?;
        revoked += rounds + RUNS;
        let work = format!("one more revocation, published, at {size}");
        table.row(&work, "ca-core, a delta", &milliseconds(delta), "");
        table.row(
            &work,
            "ca-core, the complete CRL",
            &milliseconds(whole),
            &format!(
                "{:.1} x the delta",
                whole.as_secs_f64() / delta.as_secs_f64()
            ),
        );
    }
    table.row(
        &format!("import {there} revocations by serial number"),
        "ca-core, SQLite, durable",
        &format!("{:.0}/s", there as f64 / imported.as_secs_f64()),
        "",
    );
    Ok(revoked)
}

/// What is revoked, and by what.
struct Revoking<'a> {
    engine: &'a CaEngine,
    key: &'a AuthorityKey,
    origin: &'a Engine,
    folder: &'a Path,
}

impl Revoking<'_> {
    /// The median time of revoking a certificate and of `publish`, from the order until the CRL is in the record.
    fn median(&self, rounds: usize, publish: impl Fn(&[u8]) -> Result<()>) -> Result<Duration> {
        let mut times = Vec::with_capacity(rounds);
        let mut lines = String::new();
        for _ in 0..rounds {
            let issued = self.engine.issue(self.key, &self.origin.order)?;
            let order = RevocationRequest {
                authority: AUTHORITY.to_owned(),
                serial: issued.certificate.serial().to_vec(),
                reason: RevocationReason::Superseded,
                invalidity_date: None,
                requested_at: None,
                actors: actors(),
            };
            let started = Instant::now();
            self.engine.revoke(&order)?;
            publish(&order.serial)?;
            times.push(started.elapsed());
            line(&mut lines, &issued.certificate.serial_hex())?;
        }
        append(&self.folder.join(INDEX), &lines)?;
        times.sort();
        Ok(times[times.len() / 2])
    }
}

/// Takes over the revocations with these ordinals, and writes them into the index of `openssl ca` as well.
fn import(engine: &CaEngine, folder: &Path, which: core::ops::Range<usize>) -> Result<Duration> {
    let mut lines = String::new();
    for ordinal in which.clone() {
        // As random serial numbers lie: scattered over their range, none twice (the factor is odd), all positive and of 16 octets.
        let scattered =
            (ordinal as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let serial = scattered & (u128::MAX >> 2) | 1 << 126;
        line(&mut lines, &format!("{serial:032X}"))?;
    }
    append(&folder.join(INDEX), &lines)?;
    let part = folder.join("part.txt");
    fs::write(&part, lines)?;
    let sources = Sources {
        index: Some(part),
        ..Sources::default()
    };
    let started = Instant::now();
    let told = engine.import(
        AUTHORITY,
        &sources,
        ImportMode::Record,
        &actors(),
        &mut |_| Ok(()),
    )?;
    let elapsed = started.elapsed();
    ensure!(
        told.revocations == which.len() as u64,
        "{} revocations were to be imported: {told:?}",
        which.len()
    );
    Ok(elapsed)
}

/// A line of `index.txt`: status, expiry, revocation and reason, serial number, file, subject.
fn line(lines: &mut String, serial: &str) -> Result<()> {
    let serial = serial.to_uppercase();
    writeln!(
        lines,
        "R\t391231235959Z\t261101000000Z,superseded\t{serial}\tunknown\t/C=MC/CN=Revoked"
    )?;
    Ok(())
}

fn append(file: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// The complete CRL, made by a process of its own. Returns the time from start to end of that process.
fn complete(folder: &Path, revoked: usize, table: &mut Table) -> Result<Duration> {
    let call = Call::new(std::env::current_exe()?)
        .arg(WORKER)
        .arg(revoked.to_string())
        .folder(folder)
        // What is spooled goes to the same disk, not to memory.
        .env("TMPDIR", folder)
        .limit(LIMIT);
    let (mut generation, mut process) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let outcome = call.succeed()?;
        let said = outcome.out();
        let seconds: f64 = said
            .trim()
            .parse()
            .with_context(|| format!("the second process said {said:?}"))?;
        generation.push(Duration::from_secs_f64(seconds));
        process.push(outcome.elapsed);
    }
    generation.sort();
    process.sort();
    let memory = peak_memory(&call, &folder.join("memory"))?;
    let work = work_name(revoked);
    let who = "ca-core, SQLite";
    let (made, whole) = (generation[RUNS / 2], process[RUNS / 2]);
    table.row(
        &work,
        &format!("{who}, the generation"),
        &milliseconds(made),
        "goal for 1000000: 1 s",
    );
    table.row(
        &work,
        &format!("{who}, the whole process"),
        &milliseconds(whole),
        "",
    );
    table.row(
        &work,
        &format!("{who}, peak memory"),
        &format!("{} MB", memory / 1024),
        "goal: 64 MB",
    );
    Ok(whole)
}

/// The second process: makes the complete CRL and prints the seconds from the order until it is in the record.
pub(crate) fn work(revoked: u64) -> Result<()> {
    let engine = CaEngine::open(Path::new(RECORD), with_deltas()?, Arc::new(SystemClock))?;
    let signer = Arc::new(SoftwareKey::from_pkcs8(&fs::read(KEY)?, None)?);
    let key = engine.unlock(AUTHORITY, signer)?;
    let started = Instant::now();
    let crls = engine.publish_crls(&key, CrlScope::All, &[CrlKind::Complete], None, &actors())?;
    let elapsed = started.elapsed();
    ensure!(
        crls.first().and_then(|crl| crl.entries) == Some(revoked),
        "the complete CRL does not list {revoked} certificates: {crls:?}"
    );
    println!("{}", elapsed.as_secs_f64());
    Ok(())
}

/// `openssl ca -gencrl` on an index of the same entries, with the same key and certificate.
fn openssl(folder: &Path, revoked: usize, ours: Duration, table: &mut Table) -> Result<()> {
    let openssl = || Call::new("openssl").folder(folder).limit(LIMIT);
    openssl()
        .args(["pkey", "-inform", "DER", "-in", KEY, "-out", "key.pem"])
        .succeed()?;
    openssl()
        .args(["x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem"])
        .succeed()?;
    fs::write(folder.join("openssl.cnf"), OPENSSL)?;
    fs::write(folder.join("crlnumber"), "01\n")?;
    fs::write(folder.join("index.txt.attr"), "unique_subject = no\n")?;
    let call = openssl().args([
        "ca",
        "-config",
        "openssl.cnf",
        "-gencrl",
        "-out",
        "openssl.crl",
    ]);
    let time = median_time(RUNS, &call, || Ok(()))?;
    let memory = peak_memory(&call, &folder.join("memory"))?;
    // An entry with a serial number of 16 octets and a reason has 49 octets, and 65 in PEM.
    let size = fs::metadata(folder.join("openssl.crl"))?.len();
    ensure!(
        size > revoked as u64 * 65,
        "openssl's CRL of {size} octets does not list {revoked} certificates"
    );
    let work = work_name(revoked);
    table.row(
        &work,
        "openssl ca -gencrl, the whole process",
        &milliseconds(time),
        &format!(
            "ca-core is {:.1} x as fast",
            time.as_secs_f64() / ours.as_secs_f64()
        ),
    );
    table.row(
        &work,
        "openssl ca -gencrl, peak memory",
        &format!("{} MB", memory / 1024),
        "",
    );
    Ok(())
}

/// Deltas, so that a revocation is published without a pass over all of them.
fn with_deltas() -> Result<Settings> {
    let policy = CrlPolicy::new(CrlConfig {
        delta: Some(DeltaConfig::default()),
        ..CrlConfig::default()
    })?;
    Ok(settings()?.with_crl(policy))
}

fn work_name(revoked: usize) -> String {
    format!("complete CRL of {revoked} revocations, P-256")
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
