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
use crate::load::Load;

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

/// What bounds a service that signs each answer.
pub(crate) struct Ceilings {
    /// Answers a second of a bare server.
    pub(crate) served: f64,
    /// Signatures a second of the key, with every core at it.
    pub(crate) signed: f64,
}

impl Ceilings {
    pub(crate) const WHO: &str = "ceilings: a bare server; the key alone; both on these cores";

    /// Load generator, server and a key in memory share the cores, so each answer costs the time of one of each.
    fn both(&self) -> f64 {
        1.0 / (1.0 / self.served + 1.0 / self.signed)
    }

    pub(crate) fn figure(&self) -> String {
        let (served, signed, both) = (self.served, self.signed, self.both());
        format!("{served:.0}/s; {signed:.0}/s; {both:.0}/s")
    }

    pub(crate) fn beside(&self, ours: Load, goal: f64) -> String {
        format!(
            "{:.2} of the lower one (goal {goal}), {:.2} of both",
            ours.per_second / self.served.min(self.signed),
            ours.per_second / self.both()
        )
    }
}
