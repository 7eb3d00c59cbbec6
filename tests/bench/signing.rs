//! The ceiling of whoever signs for each request: how often the key signs when nothing else is done.
//!
//! Tokens find their configuration through the environment of the process that loads them, so the measuring is done by a second
//! process of this program.

use std::time::Duration;

use anyhow::{Context, Result};
use hsm_pkcs11::{OpenOptions, PinSource};
use pki_crypto::{DigestAlgorithm, Message};
use sceau_tests::Call;
use sceau_tests::hierarchy::Office;

use crate::Effort;
use crate::issuance::per_second;

/// Argument that makes this program the second process.
pub(crate) const WORKER: &str = "--signing-worker";

/// Signatures per second of `key`, a location as in a configuration, by `threads` at once.
pub(crate) fn rate(office: &Office, key: &str, threads: usize, effort: Effort) -> Result<f64> {
    let said = Call::new(std::env::current_exe()?)
        .args([WORKER, key, &threads.to_string()])
        .arg(effort.pick(1, 4).to_string())
        .folder(&office.dir)
        .envs(&office.environment())
        .limit(Duration::from_secs(300))
        .succeed()?
        .out();
    said.trim()
        .parse()
        .with_context(|| format!("the second process said {said:?}"))
}

/// The second process: prints the rate over so many seconds.
pub(crate) fn work(key: &str, threads: usize, seconds: f64) -> Result<()> {
    let pin = PinSource::Environment("SCEAU_PIN".to_owned());
    let signer = hsm_pkcs11::open(&key.parse()?, &pin, &OpenOptions::default())?.signer;
    let digest = DigestAlgorithm::Sha256.digest(b"what is signed");
    let once = || {
        signer.sign(Message::Digest(&digest))?;
        Ok(())
    };
    // A few tell how many that will be: RSA is a hundred times slower than P-256.
    let number = per_second(200, threads, once)? * seconds;
    println!("{}", per_second(number as usize, threads, once)?);
    Ok(())
}
