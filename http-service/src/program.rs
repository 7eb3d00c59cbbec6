//! A whole program around one server: command line, threads, signals, start and stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use cli_support::logging::{self, LogFormat};
use cli_support::manual::ManualFlags;
use cli_support::{Exit, Failure, ResultExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;

use crate::admin::Admin;
use crate::error::{ServeError, with_causes};
use crate::handler::Handler;
use crate::health::Health;
use crate::metrics::{Registry, TlsMetrics};
use crate::server::{Limits, Server};
use crate::settings::Http;
use crate::stop::Stop;
use crate::supervisor::Supervisor;
use crate::tls::Tls;

/// The command line of a service, to be flattened into its own.
#[derive(clap::Args, Clone, Debug)]
pub struct Flags {
    /// The configuration (TOML)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["completions", "manpage"])]
    config: Option<PathBuf>,

    /// Check the configuration and every key, certificate and file it names, and end
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

impl Flags {
    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(""))
    }

    /// Where the configuration was only to be checked: says that it is good, and how to end. To be
    /// called when everything has been opened.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn checked(&self) -> Result<Option<Exit>, Failure> {
        if !self.check {
            return Ok(None);
        }
        let good = format!("{}: the configuration is good\n", self.config().display());
        cli_support::print(good)?;
        Ok(Some(Exit::Ok))
    }

    fn start_logging(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::ERROR,
            (false, 0) => LevelFilter::WARN,
            (false, 1) => LevelFilter::INFO,
            (false, _) => LevelFilter::DEBUG,
        };
        let format = if self.json {
            LogFormat::Json
        } else {
            LogFormat::Service
        };
        logging::init(level, format);
    }
}

/// The `main` of a service: parses the command line `C`, starts logging, calls `serve` and reports
/// how it ended.
pub fn main<C: clap::Parser + AsRef<Flags>>(
    serve: impl FnOnce(&C) -> Result<Exit, Failure>,
) -> ExitCode {
    cli_support::run(|| {
        let cli: C = cli_support::parse()?;
        let flags = cli.as_ref();
        if let Some(command) = flags.manual.command() {
            return command.run::<C>();
        }
        flags.start_logging();
        serve(&cli)
    })
}

/// What [`run`] is to do besides answering.
pub struct Program<'a> {
    /// Its name, for the line that says where it listens.
    pub name: &'static str,
    /// Where to listen.
    pub http: &'a Http,
    /// What its addresses with TLS present, from [`Http::open_tls`].
    pub tls: Option<Tls>,
    /// What its parts count, from [`crate::metrics::registry`].
    pub metrics: Registry,
    /// What it knows of its own state.
    pub health: Arc<dyn Health>,
    /// Called on SIGHUP, on a thread that may block, never twice at a time.
    pub on_reload: Box<dyn Fn() + Send>,
}

/// Serves until SIGTERM or SIGINT, then drains. SIGHUP reads the TLS certificate again and calls
/// `on_reload`.
///
/// # Errors
/// Where it cannot start; once it serves, it ends only by a signal.
pub fn run<H: Handler>(program: Program<'_>, handler: Arc<H>) -> Result<Exit, Failure> {
    serve(program, handler).explain(explain)?;
    Ok(Exit::Ok)
}

fn serve<H: Handler>(program: Program<'_>, handler: Arc<H>) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Reloading alone: requests that wait have threads of their own, see crate::Workers.
        .max_blocking_threads(1)
        .build()
        .map_err(ServeError::Runtime)?;
    runtime.block_on(async move {
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Runtime)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Runtime)?;
        let mut hang_up = signal(SignalKind::hangup()).map_err(ServeError::Runtime)?;
        let http = program.http;
        let mut server = Server::new(http.limits.clone());
        let name = program.name;
        let plain = server.listen(&http.listen, None).await?.to_vec();
        let secure = server.listen(&http.listen_tls, program.tls.as_ref());
        let secure = secure.await?.to_vec();
        let mut admin = Server::new(admin_limits());
        let admins = admin.listen(&http.admin_listen, None).await?.to_vec();
        // A closed standard output is no reason not to serve.
        let say = |what: &str, scheme: &str, addresses: &[SocketAddr]| {
            for address in addresses {
                let _ = cli_support::print(format!("{name} {what} on {scheme}://{address}\n"));
            }
        };
        say("listening", "http", &plain);
        say("listening", "https", &secure);
        say("admin", "http", &admins);
        let stop = Stop::new();
        let mut metrics = program.metrics;
        metrics.register_collector(Box::new(server.traffic()));
        if let Some(tls) = &program.tls {
            metrics.register_collector(Box::new(TlsMetrics(tls.clone())));
        }
        let supervisor = Supervisor::new(Arc::clone(&program.health));
        let handler_of_admin = Admin {
            registry: metrics,
            health: program.health,
            public: stop.clone(),
        };
        // It answers while the public server drains, and ends with the runtime.
        drop(tokio::spawn(
            admin.run(Arc::new(handler_of_admin), Stop::new()),
        ));
        let serving = server.run(handler, stop.clone());
        tokio::pin!(serving);
        // One at a time: of two reloads, the later one must not be undone by the earlier.
        let reload = Arc::new(Mutex::new((program.tls, program.on_reload)));
        supervisor.ready();
        loop {
            tokio::select! {
                () = &mut serving => return Ok(()),
                _ = terminate.recv() => {
                    supervisor.stopping();
                    stop.stop();
                }
                _ = interrupt.recv() => {
                    supervisor.stopping();
                    stop.stop();
                }
                _ = hang_up.recv() => {
                    let (reload, supervisor) = (Arc::clone(&reload), supervisor.clone());
                    drop(tokio::task::spawn_blocking(move || {
                        let reload = reload.lock().unwrap_or_else(PoisonError::into_inner);
                        let (tls, service) = &*reload;
                        supervisor.reloading();
                        if let Some(tls) = tls {
                            reload_tls(tls);
                        }
                        service();
                        supervisor.ready();
                    }));
                }
                () = supervisor.next_sign_of_life() => supervisor.alive(),
            }
        }
    })
}

fn reload_tls(tls: &Tls) {
    match tls.reload() {
        Ok(()) => tracing::info!(until = %tls.not_after(), "the TLS certificate was read again"),
        Err(error) => tracing::error!(
            error = with_causes(&error),
            hint = error.hint(),
            "the TLS certificate cannot be used; the old one goes on"
        ),
    }
}

/// Scrapers and probes are few; what they ask must not take memory from the public.
fn admin_limits() -> Limits {
    Limits {
        connections: 64,
        body_octets: 0,
        ..Limits::default()
    }
}

fn explain(error: &ServeError) -> (Exit, Option<String>) {
    let exit = match error {
        ServeError::Listen { source, .. }
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Exit::Permission
        }
        ServeError::Listen { .. } => Exit::Unavailable,
        ServeError::NoAddress => Exit::Config,
        ServeError::Runtime(_) => Exit::Internal,
    };
    (exit, error.hint())
}
