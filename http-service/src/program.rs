//! A whole program around one server: threads, signals, start and stop.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::error::ServeError;
use crate::handler::Handler;
use crate::server::{Limits, Server};
use crate::stop::Stop;

/// What [`run`] is to do besides answering.
pub struct Program<'a> {
    /// The addresses to listen on.
    pub listen: &'a [SocketAddr],
    /// What clients may take.
    pub limits: Limits,
    /// Threads for blocking work; see [`crate::Workers`].
    pub blocking_threads: usize,
    /// Called once with the real addresses, before the first connection is accepted.
    pub on_listening: &'a mut dyn FnMut(&[SocketAddr]),
    /// Called on SIGHUP, on a thread that may block.
    pub on_reload: Arc<dyn Fn() + Send + Sync>,
}

/// Runs a server until SIGTERM or SIGINT, then drains it. SIGHUP calls `on_reload`.
///
/// # Errors
/// Where it cannot start; once it serves, it ends only by a signal.
pub fn run<H: Handler>(program: Program<'_>, handler: Arc<H>) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(program.blocking_threads.max(1) + 1)
        .build()
        .map_err(ServeError::Runtime)?;
    runtime.block_on(async move {
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Runtime)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Runtime)?;
        let mut hang_up = signal(SignalKind::hangup()).map_err(ServeError::Runtime)?;
        let server = Server::bind(program.listen, program.limits).await?;
        (program.on_listening)(server.addresses());
        let stop = Stop::new();
        let serving = server.run(handler, stop.clone());
        tokio::pin!(serving);
        loop {
            tokio::select! {
                () = &mut serving => return Ok(()),
                _ = terminate.recv() => stop.stop(),
                _ = interrupt.recv() => stop.stop(),
                _ = hang_up.recv() => {
                    let reload = Arc::clone(&program.on_reload);
                    drop(tokio::task::spawn_blocking(move || reload()));
                }
            }
        }
    })
}
