//! `sceau-tsa`: reads the configuration, starts the authority, prints where it listens.

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
use pki_asn1::SystemClock;
use tracing::level_filters::LevelFilter;
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
    /// The configuration (TOML)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["completions", "manpage"])]
    config: Option<PathBuf>,

    /// Check the configuration, the key and the certificate, and end
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
    let listen = std::env::var(env::TSA_LISTEN.name).ok();
    let config = Config::load(&path, listen.as_deref()).explain(explain)?;
    let tsa = config
        .open(&pin::source(None), Arc::new(SystemClock))
        .explain(explain)?;
    if cli.check {
        cli_support::print(format!("{}: the configuration is good\n", path.display()))?;
        return Ok(Exit::Ok);
    }
    let mut on_listening = |addresses: &[std::net::SocketAddr]| {
        for address in addresses {
            // A closed standard output is no reason not to serve.
            let _ = cli_support::print(format!("sceau-tsa listening on http://{address}\n"));
        }
    };
    http_service::run(
        Program {
            listen: &config.listen,
            limits: Limits::default(),
            blocking_threads: config.policy.workers,
            on_listening: &mut on_listening,
            on_reload: Arc::new(|| {
                tracing::warn!("a new time-stamping unit needs a restart; SIGHUP changes nothing");
            }),
        },
        Arc::new(HttpService::new(Arc::new(tsa))),
    )
    .explain(explain_serve)?;
    Ok(Exit::Ok)
}

fn explain(error: &ConfigError) -> (Exit, Option<String>) {
    let exit = match error {
        ConfigError::Key { source, .. } => match source.kind() {
            ErrorKind::WrongPin | ErrorKind::PinLocked => Exit::Permission,
            _ => Exit::Unavailable,
        },
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
