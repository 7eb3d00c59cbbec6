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
use crate::responder::slow_token;
use crate::table::Table;

/// Argument that makes this program the second process.
pub(crate) const WORKER: &str = "--token-worker";

/// A token, and who uses it.
struct Setting {
    /// What the table calls it.
    token: &'static str,
    /// What each signature takes longer than SoftHSM takes, in microseconds.
    delay: Option<u32>,
    /// Signatures at one time.
    sessions: usize,
    requesters: usize,
}

/// SoftHSM signs faster than any HSM. What issuing costs beside the token shows where one session signs 900 or 300 times in a second, as
/// HSMs on a network do.
const SETTINGS: [Setting; 5] = [
    soft(8),
    soft(64),
    soft(256),
    Setting {
        token: "a token 1 ms away, one session",
        delay: Some(1_000),
        sessions: 1,
        requesters: 64,
    },
    Setting {
        token: "a token 3 ms away, one session",
        delay: Some(3_000),
        sessions: 1,
        requesters: 64,
    },
];

const fn soft(requesters: usize) -> Setting {
    Setting {
        token: "SoftHSM",
        delay: None,
        sessions: 8,
        requesters,
    }
}

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    SETTINGS
        .iter()
        .try_for_each(|setting| one(setting, effort, table))
}

fn one(setting: &Setting, effort: Effort, table: &mut Table) -> Result<()> {
    let parent = sceau_tests::environment::test_env();
    std::fs::create_dir_all(&parent)?;
    let folder = tempfile::TempDir::with_prefix_in("bench-", parent)?;
    let backend = Backend::SoftHsm;
    backend.prepare(folder.path())?;
    let number = match setting.delay {
        None => effort.pick(400, 8_000),
        Some(_) => effort.pick(200, 2_000),
    };
    let mut call = Call::new(std::env::current_exe()?)
        .arg(WORKER)
        .args([number, setting.sessions, setting.requesters].map(|n| n.to_string()))
        .folder(folder.path())
        .envs(&backend.environment(folder.path()))
        .limit(Duration::from_secs(600));
    if let Some(delay) = setting.delay {
        let (slow, module) = slow_token(folder.path())?;
        call = call
            .env("SCEAU_PKCS11_MODULE", slow)
            .env("SCEAU_SLOW_MODULE", module)
            .env("SCEAU_SLOW_MICROS", delay.to_string());
    }
    let said = call.succeed()?.out();
    let rates: Vec<f64> = said
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("the second process said {said:?}"))?;
    let [raw, issued] = rates[..] else {
        bail!("the second process said {said:?}");
    };
    let work = format!(
        "issue a seal certificate, durable, P-256 in {}",
        setting.token
    );
    let requesters = setting.requesters;
    table.row(
        &work,
        &format!("ceiling: the token's signatures alone, {requesters} at once"),
        &format!("{raw:.0}/s"),
        "",
    );
    table.row(
        &work,
        &format!("ca-core, {requesters} requesters, SQLite"),
        &format!("{issued:.0}/s"),
        &format!("{:.2} of the ceiling", issued / raw),
    );
    Ok(())
}

/// The second process: prints the token's rate and the engine's.
pub(crate) fn work(number: usize, sessions: usize, requesters: usize) -> Result<()> {
    let key = |name: &str| -> Result<Arc<dyn Signer>> {
        let location = Backend::SoftHsm.key(name).parse()?;
        let pin = PinSource::Environment("SCEAU_PIN".to_owned());
        let options = OpenOptions {
            sessions,
            ..OpenOptions::default()
        };
        Ok(hsm_pkcs11::generate(&location, KeySpec::P256, &pin, &options)?.signer)
    };
    let engine = Engine::create(Path::new("record.sqlite"))?;
    let companies = engine.companies(key)?;
    let signer = key("raw")?;
    let digest = DigestAlgorithm::Sha256.digest(b"what is signed");
    let raw = per_second(number, requesters, || {
        signer.sign(Message::Digest(&digest))?;
        Ok(())
    })?;
    let issued = per_second(number, requesters, || engine.issue(&companies))?;
    println!("{raw} {issued}");
    Ok(())
}
