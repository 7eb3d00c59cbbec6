//! The configuration of `sceau-tsa` and what it turns into.

mod file;
mod unit;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cli_support::{Exit, Failure, ResultExt as _};
use hsm_pkcs11::PinSource;
use http_service::settings::{self, Http, SettingError};
use pki_crypto::DigestAlgorithm;

pub use self::unit::UnitConfig;
use crate::background::Background;
use crate::clock::ntp::NtpServer;
use crate::clock::reference::{self, Reference, References};
use crate::clock::{ClockEvent, Guard, Requirement, TimeSource};
use crate::journal::{Entry, Journal, JournalError, Settings};
use crate::offer::{Form, OfferedPolicy, TimeStampPolicy};
use crate::reload::{self, Reloader};
use crate::service::{Capacity, Tsa};
use crate::unit::UnitError;
use crate::units::Units;

/// The configuration, checked in itself; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub http: Http,
    /// The time-stamping units, at least one.
    pub units: Vec<UnitConfig>,
    /// What is offered, at least one; the first is the default.
    pub policies: Vec<TimeStampPolicy>,
    /// What all tokens have in common.
    pub form: Form,
    /// The hash in ESSCertIDv2.
    pub certificate_digest: DigestAlgorithm,
    /// How many may sign and wait.
    pub capacity: Capacity,
    /// What the clock is held against.
    pub clock: ClockConfig,
    /// The token journal.
    pub journal: Settings,
}

/// What the clock is held against.
#[derive(Clone, Debug)]
pub struct ClockConfig {
    /// NTP servers.
    pub references: Vec<NtpServer>,
    /// How far the clock may be off: no more than the accuracy leaves beside the digits of genTime.
    pub tolerance: Duration,
    /// How often the references are asked.
    pub interval: Duration,
    /// Whether they must have confirmed the clock.
    pub requirement: Requirement,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A setting, or a file it names, cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// No unit, or half of one.
    #[error("the key {key:?} is missing{place}")]
    Missing {
        /// What is missing.
        key: &'static str,
        /// In which part of the file.
        place: String,
    },
    /// Two settings contradict each other.
    #[error("{settings} contradict each other: {reason}")]
    Contradiction {
        /// The settings with their values.
        settings: String,
        /// Why both cannot hold.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// Certificate and key are no time-stamping unit.
    #[error("{} cannot be used", path.display())]
    Unit {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: UnitError,
    },
    /// A policy is offered that no unit serves.
    #[error(transparent)]
    Policy(UnitError),
    /// A value of the configuration does not encode.
    #[error("a policy cannot be encoded in DER")]
    Der(#[from] der::Error),
    /// The token journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A thread could not be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Setting(error) => error.hint(),
            Self::Missing { key, .. } => Some(format!("add a line: {key} = ...")),
            Self::Contradiction { hint, .. } => Some(hint.clone()),
            Self::Unit { source, .. } | Self::Policy(source) => source.hint(),
            Self::Journal(error) => error.hint(),
            Self::Der(_) | Self::Thread(_) => None,
        }
    }

    /// The exit code and the hint of a program that ends with it.
    #[must_use]
    pub fn explain(&self) -> (Exit, Option<String>) {
        let exit = match self {
            Self::Setting(error) => error.exit(),
            Self::Journal(error) => error.exit(),
            Self::Thread(_) => Exit::Internal,
            _ => Exit::Config,
        };
        (exit, self.hint())
    }
}

impl Config {
    /// Reads the file. `listen`, the value of the environment variable, overrides its addresses.
    ///
    /// # Errors
    /// What is wrong, with the line or the setting (exit code [`cli_support::Exit::Config`]).
    pub fn load(path: &Path, listen: Option<&str>) -> Result<Self, Failure> {
        let file: file::File = settings::load(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        file.check(folder, listen).explain(ConfigError::explain)
    }

    /// Opens the keys and checks the certificates, their time included. `pin` is where the PIN comes
    /// from where no file is named. Nothing is written.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn prepare(
        &self,
        pin: &PinSource,
        source: Arc<dyn TimeSource>,
    ) -> Result<Prepared<'_>, ConfigError> {
        let offered: Result<Vec<_>, _> = self
            .policies
            .iter()
            .cloned()
            .map(OfferedPolicy::new)
            .collect();
        let policies = offered?;
        let mut units = Vec::new();
        let mut fingerprints = Vec::new();
        for config in &self.units {
            // Before it is read: what is written meanwhile is then seen as a change.
            fingerprints.push(reload::fingerprint(config));
            let unit = config.open(pin, self.capacity.workers, self.certificate_digest, None)?;
            units.push(Arc::new(unit));
        }
        let units = Units::new(units, &policies);
        // A unit whose time is over may stand before the one that took over: only that somebody may
        // sign matters.
        let now = source.read().utc.unix_time();
        units.check_time(now).map_err(|source| {
            let config = source
                .unit()
                .and_then(|name| self.units.iter().find(|u| u.name == name));
            match config {
                Some(unit) => ConfigError::Unit {
                    path: unit.certificate.clone(),
                    source,
                },
                None => ConfigError::Policy(source),
            }
        })?;
        Ok(Prepared {
            config: self,
            pin: pin.clone(),
            source,
            units,
            fingerprints,
            policies,
        })
    }
}

/// Everything that can be checked without writing anything, opened.
pub struct Prepared<'a> {
    config: &'a Config,
    pin: PinSource,
    source: Arc<dyn TimeSource>,
    units: Units,
    /// What their files were.
    fingerprints: Vec<u64>,
    policies: Vec<Arc<OfferedPolicy>>,
}

/// An authority with its threads. They end when it is dropped.
#[derive(Debug)]
pub struct Running {
    /// The authority.
    pub tsa: Arc<Tsa>,
    /// What follows the files of the units, for SIGHUP.
    pub reloader: Arc<Mutex<Reloader>>,
    references: Arc<References>,
    _threads: Vec<Background>,
}

impl Prepared<'_> {
    /// Opens the journal, asks the references, and begins to follow the files of the units.
    ///
    /// # Errors
    /// [`ConfigError::Journal`] and [`ConfigError::Thread`].
    pub fn start(self) -> Result<Running, ConfigError> {
        let Self {
            config,
            pin,
            source,
            units,
            fingerprints,
            policies,
        } = self;
        let (journal, found) = Journal::open(&config.journal, Arc::clone(&source))?;
        let journal = Arc::new(journal);
        let clock = &config.clock;
        let guard = Arc::new(Guard::new(
            source,
            clock.tolerance,
            clock.requirement,
            Tsa::handing(config.form),
        ));
        if let Some(last) = found.last_token {
            guard.not_before(last);
        }
        let noted = Arc::downgrade(&journal);
        guard.observe(move |reading, event| {
            match event {
                ClockEvent::Lost(fault) => {
                    tracing::error!(%fault, "no time-stamps: the clock is not trusted")
                }
                ClockEvent::Regained { .. } => tracing::warn!("the clock is trusted again"),
                event => tracing::warn!(?event, "the clock"),
            }
            if let Some(journal) = noted.upgrade() {
                journal.note_entry(Entry::clock(reading, event));
            }
        });
        journal.note("started", &[("version", env!("CARGO_PKG_VERSION"))]);
        let tsa = Arc::new(Tsa::new(
            units,
            policies,
            config.form,
            Arc::clone(&guard),
            journal,
            config.capacity,
        ));
        let reloader = Reloader::new(config, &pin, &tsa, fingerprints);
        let reloader = Arc::new(Mutex::new(reloader));
        let mut threads = vec![reload::follow(Arc::clone(&reloader)).map_err(ConfigError::Thread)?];
        let references: Vec<Box<dyn Reference>> = clock
            .references
            .iter()
            .map(|server| Box::new(server.clone()) as _)
            .collect();
        let references = Arc::new(References::new(references));
        if !references.is_empty() {
            let monitor = reference::monitor(Arc::clone(&references), guard, clock.interval);
            threads.push(monitor.map_err(ConfigError::Thread)?);
        }
        Ok(Running {
            tsa,
            reloader,
            references,
            _threads: threads,
        })
    }
}

impl Running {
    /// What SIGHUP does: the files of the units are read again, and the clock is judged anew, by its
    /// references, or, where there are none, by the operator who sent the signal.
    #[must_use]
    pub fn on_reload(&self) -> Box<dyn Fn() + Send> {
        let reloader = Arc::clone(&self.reloader);
        let guard = Arc::clone(self.tsa.guard());
        let references = Arc::clone(&self.references);
        Box::new(move || {
            let lock = reloader.lock();
            lock.unwrap_or_else(std::sync::PoisonError::into_inner)
                .check();
            if references.is_empty() {
                guard.vouch();
            } else {
                references.check(&guard);
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tsa.journal().note("stopped", &[]);
    }
}
