//! `sceau-tsa`: reads the configuration, starts the authority, prints where it listens.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use cli_support::{Exit, Failure, ResultExt as _, env, pin};
use http_service::metrics;
use http_service::program::{self, Flags, Program};
use http_service::settings;
use tsa_server::clock::SystemTimeSource;
use tsa_server::journal::verify::verify;
use tsa_server::{Config, ConfigError, HttpService};

/// Answer RFC 3161 time-stamp queries over HTTP
///
/// SIGTERM answers what is under way and ends.
#[derive(Parser)]
#[command(
    name = "sceau-tsa",
    version,
    after_help = "Examples:\n  sceau-tsa --config tsa.toml            serve until SIGTERM\n  sceau-tsa --config tsa.toml --check    check the configuration and end\n  sceau-tsa --config tsa.toml --verify-journal   check every record of the token journal\n\nEnvironment: SCEAU_TSA_LISTEN, SCEAU_PIN, SCEAU_PKCS11_MODULE, SCEAU_LOG"
)]
struct Cli {
    #[command(flatten)]
    flags: Flags,

    /// Check every record of the token journal against the one before, and end
    #[arg(long, conflicts_with = "check")]
    verify_journal: bool,
}

impl AsRef<Flags> for Cli {
    fn as_ref(&self) -> &Flags {
        &self.flags
    }
}

fn main() -> ExitCode {
    program::main(serve)
}

fn serve(cli: &Cli) -> Result<Exit, Failure> {
    let flags = &cli.flags;
    let listen = std::env::var(env::TSA_LISTEN.name).ok();
    let config = Config::load(flags.config(), listen.as_deref())?;
    if cli.verify_journal {
        return verify_journal(&config);
    }
    let source = Arc::new(SystemTimeSource::new());
    let prepared = config
        .prepare(&pin::source(None), source)
        .explain(ConfigError::explain)?;
    let tls = config.http.open_tls(pin::source(None));
    let tls = tls.map_err(settings::failure)?;
    if let Some(exit) = flags.checked()? {
        return Ok(exit);
    }
    let running = prepared.start().explain(ConfigError::explain)?;
    let mut registry = metrics::registry();
    tsa_server::metrics::register(&running.tsa, &mut registry);
    program::run(
        Program {
            name: "sceau-tsa",
            http: &config.http,
            tls,
            metrics: registry,
            health: Arc::clone(&running.tsa) as _,
            on_reload: running.on_reload(),
        },
        Arc::new(HttpService::new(Arc::clone(&running.tsa))),
    )
}

fn verify_journal(config: &Config) -> Result<Exit, Failure> {
    let summary = verify(&config.journal.folder).explain(|e| (e.exit(), e.hint()))?;
    cli_support::print(format!("{summary}\n"))?;
    Ok(Exit::Ok)
}
