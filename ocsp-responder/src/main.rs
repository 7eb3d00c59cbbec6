//! `sceau-ocsp`: reads the configuration, starts the responder, prints where it listens.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use cli_support::{Exit, Failure, ResultExt as _, env, pin};
use http_service::metrics;
use http_service::program::{self, Flags, Program};
use http_service::settings;
use ocsp_responder::{
    Config, ConfigError, Delegates, FileWatch, HttpService, Responder, StartError, Taken,
};
use pki_asn1::{Clock as _, SystemClock};

/// Answer OCSP requests, and serve CRLs and CA certificates, from the record of the CA
///
/// The record is only read. SIGHUP reads the configuration's responder certificates and keys again;
/// SIGTERM answers what is under way and ends.
#[derive(Parser)]
#[command(
    name = "sceau-ocsp",
    version,
    after_help = "Examples:\n  sceau-ocsp --config ocsp.toml            serve until SIGTERM\n  sceau-ocsp --config ocsp.toml --check    check the configuration and end\n\nEnvironment: SCEAU_OCSP_LISTEN, SCEAU_PIN, SCEAU_PKCS11_MODULE, SCEAU_LOG"
)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
}

impl AsRef<Flags> for Cli {
    fn as_ref(&self) -> &Flags {
        &self.flags
    }
}

fn main() -> ExitCode {
    program::main(|cli: &Cli| serve(&cli.flags))
}

fn serve(flags: &Flags) -> Result<Exit, Failure> {
    let listen = std::env::var(env::OCSP_LISTEN.name).ok();
    let config = Config::load(flags.config(), listen.as_deref())?;
    let responder = config
        .open(&pin::source(None), Arc::new(SystemClock))
        .explain(ConfigError::explain)?;
    let tls = config.http.open_tls(pin::source(None));
    let tls = tls.map_err(settings::failure)?;
    if let Some(exit) = flags.checked()? {
        return Ok(exit);
    }
    let responder = Arc::new(responder);
    let _watch = responder
        .watch()
        .map_err(ConfigError::Start)
        .explain(ConfigError::explain)?;
    let mut registry = metrics::registry();
    ocsp_responder::metrics::register(&mut registry, &responder);
    let reload = Arc::new(Reload {
        path: flags.config().to_owned(),
        listen,
        responder: Arc::clone(&responder),
        one_at_a_time: Mutex::new(()),
    });
    let renewed = Arc::clone(&reload);
    let _files = FileWatch::start(config.key_files(), move || {
        renewed.run("a responder certificate or key was renewed", Keys::Kept)
    })
    .map_err(StartError::Thread)
    .map_err(ConfigError::Start)
    .explain(ConfigError::explain)?;
    program::run(
        Program {
            name: "sceau-ocsp",
            http: &config.http,
            tls,
            metrics: registry,
            health: Arc::clone(&responder) as _,
            on_reload: Box::new(move || {
                reload.run(
                    "responder certificates and keys were read again",
                    Keys::Reopened,
                );
            }),
        },
        Arc::new(HttpService::new(responder)),
    )
}

/// Which keys a reload opens.
#[derive(Clone, Copy)]
enum Keys {
    /// All of them.
    Reopened,
    /// Those that are not open.
    Kept,
}

/// Reads certificates and keys again; where anything is wrong, the old ones go on.
struct Reload {
    path: PathBuf,
    listen: Option<String>,
    responder: Arc<Responder>,
    /// Of two reloads, the later one must not be undone by the earlier.
    one_at_a_time: Mutex<()>,
}

impl Reload {
    fn run(&self, done: &str, keys: Keys) -> Taken {
        let _one = self
            .one_at_a_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match self.reload(keys) {
            Ok(()) => {
                tracing::info!("{done}");
                Taken::Used
            }
            Err(failure) => {
                tracing::error!(
                    causes = ?failure.causes(),
                    hint = failure.hint,
                    "the configuration cannot be used; the responder goes on with what it had"
                );
                Taken::Refused
            }
        }
    }

    fn reload(&self, keys: Keys) -> Result<(), Failure> {
        let config = Config::load(&self.path, self.listen.as_deref())?;
        let before = match keys {
            Keys::Reopened => Delegates::default(),
            Keys::Kept => self.responder.delegates(),
        };
        let read = || {
            let (authorities, now) = (self.responder.authorities()?, SystemClock.now());
            let pin = pin::source(None);
            let delegates = config.renewed_delegates(&authorities, &before, &pin, now)?;
            Ok(self.responder.set_delegates(delegates)?)
        };
        read().explain(ConfigError::explain)
    }
}
