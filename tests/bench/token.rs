//! Certificates per second where the CA's key is in a token (SoftHSM), beside what the token signs when nothing else is done.
//!
//! SoftHSM finds its configuration through the environment of the process that loads it, so the measuring is done by a second
//! process of this program.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hsm_pkcs11::{KeySpec, OpenOptions, PinSource, Signer};
use pki_crypto::{DigestAlgorithm, Message};
use sceau_tests::{Backend, Call};

use crate::Effort;
use crate::engine::Engine;
use crate::issuance::per_second;
use crate::table::Table;

/// Argument that makes this program the second process.
pub(crate) const WORKER: &str = "--token-worker";

const REQUESTERS: usize = 8;

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let parent = sceau_tests::environment::test_env();
    std::fs::create_dir_all(&parent)?;
    let folder = tempfile::TempDir::with_prefix_in("bench-", parent)?;
    let backend = Backend::SoftHsm;
    backend.prepare(folder.path())?;
    let said = Call::new(std::env::current_exe()?)
        .arg(WORKER)
        .arg(effort.pick(400, 8_000).to_string())
        .folder(folder.path())
        .envs(&backend.environment(folder.path()))
        .limit(Duration::from_secs(600))
        .succeed()?
        .out();
    let rates: Vec<f64> = said
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("the second process said {said:?}"))?;
    let [raw, issued] = rates[..] else {
        bail!("the second process said {said:?}");
    };
    let work = "issue a seal certificate, durable, P-256 in SoftHSM";
    table.row(
        work,
        "ceiling: the token's signatures alone, 8 at once",
        &format!("{raw:.0}/s"),
        "",
    );
    table.row(
        work,
        "ca-core, 8 requesters, SQLite",
        &format!("{issued:.0}/s"),
        &format!("{:.2} of the ceiling", issued / raw),
    );
    Ok(())
}

/// The second process: prints the token's rate and the engine's.
pub(crate) fn work(number: usize) -> Result<()> {
    let key = |name: &str| -> Result<Arc<dyn Signer>> {
        let location = Backend::SoftHsm.key(name).parse()?;
        let pin = PinSource::Environment("SCEAU_PIN".to_owned());
        let options = OpenOptions::default();
        Ok(hsm_pkcs11::generate(&location, KeySpec::P256, &pin, &options)?.signer)
    };
    let engine = Engine::create(Path::new("record.sqlite"))?;
    let companies = engine.companies(key)?;
    let signer = key("raw")?;
    let digest = DigestAlgorithm::Sha256.digest(b"what is signed");
    let raw = per_second(number, REQUESTERS, || {
        signer.sign(Message::Digest(&digest))?;
        Ok(())
    })?;
    let issued = per_second(number, REQUESTERS, || engine.issue(&companies))?;
    println!("{raw} {issued}");
    Ok(())
}
