//! `sceau-ocsp`: reads the configuration, starts the responder, prints where it listens.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use cli_support::{Exit, Failure, ResultExt as _, env, pin};
use http_service::metrics;
use http_service::program::{self, Flags, Program};
use http_service::settings;
use ocsp_responder::{Config, ConfigError, HttpService, Responder};
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
    let (path, reloaded) = (flags.config().to_owned(), Arc::clone(&responder));
    program::run(
        Program {
            name: "sceau-ocsp",
            http: &config.http,
            tls,
            metrics: registry,
            health: Arc::clone(&responder) as _,
            on_reload: Box::new(move || match reload(&path, listen.as_deref(), &reloaded) {
                Ok(()) => tracing::info!("responder certificates and keys were read again"),
                Err(failure) => tracing::error!(
                    causes = ?failure.causes(),
                    hint = failure.hint,
                    "the configuration cannot be used; the responder goes on with what it had"
                ),
            }),
        },
        Arc::new(HttpService::new(responder)),
    )
}

/// Reads certificates and keys again; where anything is wrong, the old ones go on.
fn reload(path: &Path, listen: Option<&str>, responder: &Responder) -> Result<(), Failure> {
    let config = Config::load(path, listen)?;
    let read = || {
        let authorities = responder.authorities()?;
        let delegates = config.delegates(&authorities, &pin::source(None), SystemClock.now())?;
        Ok(responder.set_delegates(delegates)?)
    };
    read().explain(ConfigError::explain)
}
