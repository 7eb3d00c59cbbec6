//! `sceau-tsa`: reads the configuration, starts the authority, prints where it listens.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use cli_support::{Exit, Failure, ResultExt as _, env, pin};
use http_service::metrics;
use http_service::program::{self, Flags, Program};
use pki_asn1::SystemClock;
use tsa_server::{Config, ConfigError, HttpService};

/// Answer RFC 3161 time-stamp queries over HTTP
///
/// SIGTERM answers what is under way and ends.
#[derive(Parser)]
#[command(
    name = "sceau-tsa",
    version,
    after_help = "Examples:\n  sceau-tsa --config tsa.toml            serve until SIGTERM\n  sceau-tsa --config tsa.toml --check    check the configuration and end\n\nEnvironment: SCEAU_TSA_LISTEN, SCEAU_PIN, SCEAU_PKCS11_MODULE, SCEAU_LOG"
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
    program::main::<Cli>(serve)
}

fn serve(flags: &Flags) -> Result<Exit, Failure> {
    let listen = std::env::var(env::TSA_LISTEN.name).ok();
    let config = Config::load(flags.config(), listen.as_deref())?;
    let tsa = config
        .open(&pin::source(None), Arc::new(SystemClock))
        .explain(ConfigError::explain)?;
    if let Some(exit) = flags.checked()? {
        return Ok(exit);
    }
    let tsa = Arc::new(tsa);
    program::run(
        Program {
            name: "sceau-tsa",
            http: &config.http,
            metrics: metrics::registry(),
            health: Arc::clone(&tsa) as _,
            blocking_threads: config.policy.workers,
            on_reload: Box::new(|| {
                tracing::warn!("a new time-stamping unit needs a restart; SIGHUP changes nothing");
            }),
        },
        Arc::new(HttpService::new(tsa)),
    )
}
