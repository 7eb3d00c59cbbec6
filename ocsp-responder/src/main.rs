//! `sceau-ocsp`: reads the configuration, starts the responder, prints where it listens.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use cli_support::logging::{self, LogFormat};
use cli_support::manual::ManualFlags;
use cli_support::pin;
use cli_support::{Exit, Failure, ResultExt as _, env};
use hsm_pkcs11::ErrorKind;
use http_service::{Limits, Program, ServeError};
use ocsp_responder::{Config, ConfigError, HttpService, Responder};
use pki_asn1::{Clock as _, SystemClock};
use tracing::level_filters::LevelFilter;

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
    /// The configuration (TOML)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["completions", "manpage"])]
    config: Option<PathBuf>,

    /// Check the configuration, the record, every key and certificate, and end
    #[arg(long)]
    check: bool,

    /// Log errors only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Log more (-vv: debugging)
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,

    /// Log as JSON, one object a line; errors too
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    manual: ManualFlags,
}

fn main() -> ExitCode {
    cli_support::run(|| {
        let cli: Cli = cli_support::parse()?;
        if let Some(command) = cli.manual.command() {
            return command.run::<Cli>();
        }
        start_logging(&cli);
        serve(&cli)
    })
}

fn serve(cli: &Cli) -> Result<Exit, Failure> {
    let path = cli.config.clone().unwrap_or_default();
    let listen = std::env::var(env::OCSP_LISTEN.name).ok();
    let config = Config::load(&path, listen.as_deref()).explain(explain)?;
    let responder = config
        .open(&pin::source(None), Arc::new(SystemClock))
        .explain(explain)?;
    if cli.check {
        cli_support::print(format!("{}: the configuration is good\n", path.display()))?;
        return Ok(Exit::Ok);
    }
    let responder = Arc::new(responder);
    let _watch = responder
        .watch()
        .map_err(ConfigError::Start)
        .explain(explain)?;
    let reloaded = Arc::clone(&responder);
    let mut on_listening = |addresses: &[std::net::SocketAddr]| {
        for address in addresses {
            // A closed standard output is no reason not to serve.
            let _ = cli_support::print(format!("sceau-ocsp listening on http://{address}\n"));
        }
    };
    http_service::run(
        Program {
            listen: &config.listen,
            limits: Limits::default(),
            blocking_threads: config.policy.workers,
            on_listening: &mut on_listening,
            on_reload: Arc::new(move || reload(&path, &reloaded)),
        },
        Arc::new(HttpService::new(responder)),
    )
    .explain(explain_serve)?;
    Ok(Exit::Ok)
}

/// Reads certificates and keys again; where anything is wrong, the old ones go on.
fn reload(path: &std::path::Path, responder: &Responder) {
    let done = Config::load(path, None)
        .and_then(|config| {
            let authorities = responder.authorities().map_err(ConfigError::Start)?;
            config.delegates(&authorities, &pin::source(None), SystemClock.now())
        })
        .and_then(|delegates| Ok(responder.set_delegates(delegates)?));
    match done {
        Ok(()) => tracing::info!("responder certificates and keys were read again"),
        Err(error) => {
            let failure = Failure::from(error);
            tracing::error!(
                causes = ?failure.causes(),
                "the configuration cannot be used; the responder goes on with what it had"
            );
        }
    }
}

fn explain(error: &ConfigError) -> (Exit, Option<String>) {
    let exit = match error {
        ConfigError::Key { source, .. } => match source.kind() {
            ErrorKind::WrongPin | ErrorKind::PinLocked => Exit::Permission,
            _ => Exit::Unavailable,
        },
        ConfigError::Record { .. } => Exit::Unavailable,
        _ => Exit::Config,
    };
    (exit, error.hint())
}

fn explain_serve(error: &ServeError) -> (Exit, Option<String>) {
    let exit = match error {
        ServeError::Listen { source, .. }
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Exit::Permission
        }
        ServeError::Listen { .. } => Exit::Unavailable,
        ServeError::NoAddress => Exit::Config,
        _ => Exit::Internal,
    };
    (exit, error.hint())
}

fn start_logging(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let format = if cli.json {
        LogFormat::Json
    } else {
        LogFormat::Service
    };
    logging::init(level, format);
}
