//! Listening and accepting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::{self, Connection};
use crate::error::ServeError;
use crate::handler::Handler;
use crate::metrics::Traffic;
use crate::stop::{Phase, Stop};

/// What a client may take. Each limit bounds one resource.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at one time; further ones wait in the kernel's backlog.
    pub connections: usize,
    /// Octets of request line and header fields.
    pub header_octets: usize,
    /// Octets of a request body; more is answered 413.
    pub body_octets: usize,
    /// How long a connection may stand still, be it idle or in the middle of a header or of reading
    /// its answer, before it is closed. It is checked once per such period, so a connection lives
    /// at most twice as long.
    pub stall: Duration,
    /// How long a body may take; longer is answered 408.
    pub body: Duration,
    /// How long the handler may take; longer is answered 503.
    pub answer: Duration,
    /// How long requests under way may take once the server is asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_octets: 16 * 1024,
            body_octets: 64 * 1024,
            stall: Duration::from_secs(10),
            body: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}

/// A server that listens and does not accept yet.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    limits: Limits,
    traffic: Arc<Traffic>,
}

impl Server {
    /// Listens on every address; port 0 takes a free port.
    ///
    /// # Errors
    /// [`ServeError`] for the first address that cannot be had.
    pub async fn bind(addresses: &[SocketAddr], limits: Limits) -> Result<Self, ServeError> {
        if addresses.is_empty() {
            return Err(ServeError::NoAddress);
        }
        let mut listeners = Vec::with_capacity(addresses.len());
        let mut real = Vec::with_capacity(addresses.len());
        for &address in addresses {
            let failed = |source| ServeError::Listen { address, source };
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            real.push(listener.local_addr().map_err(failed)?);
            listeners.push(listener);
        }
        Ok(Self {
            listeners,
            addresses: real,
            limits,
            traffic: Arc::default(),
        })
    }

    /// The addresses listened on, with the real ports.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What it counts; to be registered with [`crate::metrics::Registry::register_collector`].
    #[must_use]
    pub fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// Serves until `stop`, then answers what is under way for at most [`Limits::drain`].
    pub async fn run<H: Handler>(self, handler: Arc<H>, stop: Stop) {
        let total = self.limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        let slots = Arc::new(Semaphore::new(total));
        let limits = Arc::new(self.limits);
        let accepting: Vec<_> = self
            .listeners
            .into_iter()
            .map(|listener| {
                tokio::spawn(accept(
                    listener,
                    Arc::clone(&handler),
                    Arc::clone(&limits),
                    Arc::clone(&slots),
                    Arc::clone(&self.traffic),
                    stop.clone(),
                ))
            })
            .collect();
        for task in accepting {
            // A panic in the accept loop would be a defect of ours; the other listeners go on.
            if let Err(error) = task.await {
                tracing::error!(%error, "an accept loop ended");
            }
        }
        // Every connection holds a slot; having all of them means none is left.
        let all = u32::try_from(total).unwrap_or(u32::MAX);
        if tokio::time::timeout(limits.drain, slots.acquire_many(all))
            .await
            .is_err()
        {
            tracing::warn!("requests were still under way when the drain time ended");
            stop.enter(Phase::Killed);
        }
    }
}

async fn accept<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    limits: Arc<Limits>,
    slots: Arc<Semaphore>,
    traffic: Arc<Traffic>,
    stop: Stop,
) {
    let stopped = stop.stopped();
    tokio::pin!(stopped);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = &mut stopped => return,
            next = next => next,
        };
        // The semaphore is never closed.
        let Ok(slot) = slot else { return };
        match accepted {
            Ok((stream, peer)) => {
                let connection = Connection {
                    handler: Arc::clone(&handler),
                    limits: Arc::clone(&limits),
                    peer,
                    slots: Arc::clone(&slots),
                    traffic: Arc::clone(&traffic),
                };
                let (traffic, stop) = (Arc::clone(&traffic), stop.clone());
                traffic.accepted();
                tokio::spawn(async move {
                    let _open = Open { traffic, slot };
                    connection::serve(stream, connection, stop).await;
                });
            }
            Err(error) => {
                drop(slot);
                if !is_of_one_connection(&error) {
                    // Out of file descriptors, most likely: wait for connections to end.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// A connection as long as it counts, however its task ends.
struct Open {
    traffic: Arc<Traffic>,
    #[expect(dead_code, reason = "held")]
    slot: OwnedSemaphorePermit,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.traffic.closed();
    }
}

/// Whether an accept error concerns only the connection that was to be accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
