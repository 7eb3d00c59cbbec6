//! Following the files of the units: a renewed certificate, with or without a new key, is taken up
//! without a restart and without a failed request.
//!
//! A unit is replaced when its files changed and belong together; until then the old one stamps. Who
//! renews a unit writes the key and the certificate one after the other, and the moment between is
//! no error.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hsm_pkcs11::{KeyLocation, PinSource};
use http_service::with_causes;
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use crate::background::Background;
use crate::config::{Config, UnitConfig};
use crate::service::Tsa;
use crate::unit::Unit;
use crate::units::Units;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);
/// From when on the log says every day that the last unit for a policy is about to end.
const NOTICE_DAYS: u32 = 30;

/// Knows the files of the units as they were read.
#[derive(Debug)]
pub struct Reloader {
    tsa: Weak<Tsa>,
    pin: PinSource,
    sessions: usize,
    digest: DigestAlgorithm,
    units: Vec<Followed>,
    warned: Option<i64>,
}

#[derive(Debug)]
struct Followed {
    config: UnitConfig,
    /// What the unit in use was read from.
    taken: u64,
    /// What was tried and was no unit, so that it is said once.
    refused: Option<u64>,
}

impl Reloader {
    /// Follows the units of an authority that was just made from this configuration, when the files of
    /// each were as its fingerprint says.
    #[must_use]
    pub fn new(config: &Config, pin: &PinSource, tsa: &Arc<Tsa>, fingerprints: Vec<u64>) -> Self {
        for unit in tsa.units().units() {
            note(tsa, unit);
        }
        Self {
            tsa: Arc::downgrade(tsa),
            pin: silent(pin),
            sessions: config.capacity.workers,
            digest: config.certificate_digest,
            units: config
                .units
                .iter()
                .zip(fingerprints)
                .map(|(config, taken)| Followed {
                    taken,
                    config: config.clone(),
                    refused: None,
                })
                .collect(),
            warned: None,
        }
    }

    /// Takes up every unit whose files changed and make a unit.
    pub fn check(&mut self) {
        let Some(tsa) = self.tsa.upgrade() else {
            return;
        };
        let now = tsa.guard().source().read().utc.unix_time();
        let before = tsa.units();
        let mut units = before.units().to_vec();
        let mut changed = false;
        for (unit, followed) in units.iter_mut().zip(&mut self.units) {
            let found = fingerprint(&followed.config);
            if found == followed.taken {
                continue;
            }
            let config = &followed.config;
            let opened = config
                .open(&self.pin, self.sessions, self.digest, Some(unit.key()))
                .map_err(|error| with_causes(&error))
                .and_then(|new| match new.check_time(now) {
                    // One that cannot sign yet does not take the place of one that can.
                    Err(error) if unit.check_time(now).is_ok() => Err(error.to_string()),
                    _ => Ok(new),
                });
            match opened {
                Ok(new) => {
                    tracing::warn!(
                        unit = new.name(),
                        certificate = new.certificate().display_subject().to_string(),
                        until = new.until().to_string(),
                        "a renewed time-stamping unit was taken up"
                    );
                    note(&tsa, &new);
                    *unit = Arc::new(new);
                    followed.taken = found;
                    followed.refused = None;
                    changed = true;
                }
                Err(error) => {
                    if followed.refused != Some(found) {
                        tracing::error!(
                            unit = config.name,
                            error,
                            "the changed files make no time-stamping unit; the old one goes on"
                        );
                    }
                    followed.refused = Some(found);
                }
            }
        }
        if changed {
            tsa.replace(Units::new(units, tsa.policies()));
        }
        self.warn(&tsa, now);
    }

    /// Once a day, where a policy will soon have nobody who may sign.
    fn warn(&mut self, tsa: &Tsa, now: UnixTime) {
        let soon = tsa.units().check_time(now.plus_days(NOTICE_DAYS));
        let today = now.as_secs() / 86_400;
        if let Err(error) = soon
            && self.warned.replace(today) != Some(today)
        {
            tracing::warn!(%error, "within {NOTICE_DAYS} days no time-stamping unit may sign");
        }
    }
}

/// Looks at the files every two seconds.
///
/// # Errors
/// Where there is no thread to be had.
pub fn follow(reloader: Arc<Mutex<Reloader>>) -> io::Result<Background> {
    Background::start("unit-files", INTERVAL, move || {
        reloader
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .check();
    })
}

fn note(tsa: &Tsa, unit: &Unit) {
    let certificate = DigestAlgorithm::Sha256.digest(unit.certificate().der());
    let fields = [
        ("unit", unit.name()),
        ("subject", &unit.certificate().display_subject().to_string()),
        ("certificate", &certificate.to_hex()),
        ("until", &unit.until().to_string()),
    ];
    tsa.journal().note("unit", &fields);
}

/// Nobody sits at a terminal when files change.
fn silent(pin: &PinSource) -> PinSource {
    match pin {
        PinSource::Prompt(_) => PinSource::None,
        PinSource::FirstOf(sources) => PinSource::FirstOf(sources.iter().map(silent).collect()),
        other => other.clone(),
    }
}

/// Changes when one of the unit's files does. Only compared with itself, in one process.
pub(crate) fn fingerprint(config: &UnitConfig) -> u64 {
    let mut hasher = DefaultHasher::new();
    for path in std::iter::once(&config.certificate).chain(&config.chain) {
        std::fs::read(path).ok().hash(&mut hasher);
    }
    if let KeyLocation::File(path) = &config.key {
        written(path).hash(&mut hasher);
    }
    if let Some(path) = &config.pin_file {
        written(path).hash(&mut hasher);
    }
    hasher.finish()
}

/// When the file was written, and how long it is; the secrets in it are not read again and again.
fn written(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
