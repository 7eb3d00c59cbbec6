//! Listening and accepting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clients::{Admitted, ClientLimits, Clients};
use crate::complaint::Complaint;
use crate::connection::{self, Connection};
use crate::error::ServeError;
use crate::handler::Handler;
use crate::metrics::Traffic;
use crate::metrics::traffic::Refused;
use crate::stop::{Phase, Stop};
use crate::tls::Tls;

/// What a client may take. Each limit bounds one resource.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at one time; one further one for each address waits until it is its turn, the others
    /// in the kernel's backlog.
    pub connections: usize,
    /// Octets of request line and header fields.
    pub header_octets: usize,
    /// Octets of a request body; more is answered 413.
    pub body_octets: usize,
    /// How long a connection may stand still, be it idle or in the middle of a header or of reading
    /// its answer, before it is closed. It is checked once per such period, so a connection lives
    /// at most twice as long.
    pub stall: Duration,
    /// Octets per second that a client must take of an answer that it is being sent, on the average of
    /// such a period.
    pub sending_octets_per_second: usize,
    /// TLS handshakes under way at one time, a quarter of them for one client; further connections are
    /// closed at once.
    pub handshakes: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a body may take; longer is answered 408.
    pub body: Duration,
    /// How long the handler may take; longer is answered 503.
    pub answer: Duration,
    /// How long requests under way may take once the server is asked to stop.
    pub drain: Duration,
    /// What one client may take.
    pub clients: ClientLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_octets: 16 * 1024,
            body_octets: 64 * 1024,
            stall: Duration::from_secs(10),
            sending_octets_per_second: 256,
            handshakes: 256,
            handshake: Duration::from_secs(5),
            body: Duration::from_secs(10),
            answer: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            clients: ClientLimits::default(),
        }
    }
}

/// A server that listens and does not accept yet.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<(TcpListener, Option<Tls>)>,
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
        let mut server = Self::new(limits);
        server.listen(addresses, None).await?;
        Ok(server)
    }

    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            listeners: Vec::new(),
            addresses: Vec::new(),
            limits,
            traffic: Arc::default(),
        }
    }

    /// Listens on further addresses, with TLS where it is given, and returns them with the real ports.
    ///
    /// # Errors
    /// [`ServeError`] for the first address that cannot be had.
    pub async fn listen(
        &mut self,
        addresses: &[SocketAddr],
        tls: Option<&Tls>,
    ) -> Result<&[SocketAddr], ServeError> {
        let before = self.addresses.len();
        for &address in addresses {
            let failed = |source| ServeError::Listen { address, source };
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            self.addresses.push(listener.local_addr().map_err(failed)?);
            self.listeners.push((listener, tls.cloned()));
        }
        Ok(&self.addresses[before..])
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
        let handshakes = self.limits.handshakes.clamp(1, Semaphore::MAX_PERMITS);
        let slots = Arc::new(Semaphore::new(total));
        let limits = Arc::new(self.limits);
        let shared = Arc::new(Shared {
            handler,
            clients: Arc::new(Clients::new(limits.clients.clone())),
            limits: Arc::clone(&limits),
            slots: Arc::clone(&slots),
            queueing: AtomicUsize::new(0),
            handshakes: Arc::new(Semaphore::new(handshakes)),
            traffic: self.traffic,
            unanswered: Complaint::default(),
        });
        let accepting: Vec<_> = self
            .listeners
            .into_iter()
            .map(|(listener, tls)| {
                tokio::spawn(accept(listener, tls, Arc::clone(&shared), stop.clone()))
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

/// What all connections of a server share.
pub(crate) struct Shared<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) slots: Arc<Semaphore>,
    /// Connections that wait for a slot.
    queueing: AtomicUsize,
    pub(crate) handshakes: Arc<Semaphore>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) unanswered: Complaint,
}

impl<H> Shared<H> {
    /// Whether connections wait until others end.
    pub(crate) fn is_full(&self) -> bool {
        self.queueing.load(Ordering::Relaxed) > 0
    }

    /// A place among the connections, which are served in the order they came, whatever the address.
    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(free) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(free);
        }
        self.queueing.fetch_add(1, Ordering::Relaxed);
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        self.queueing.fetch_sub(1, Ordering::Relaxed);
        // The semaphore is never closed.
        slot.ok()
    }
}

async fn accept<H: Handler>(
    listener: TcpListener,
    tls: Option<Tls>,
    shared: Arc<Shared<H>>,
    stop: Stop,
) {
    let complaint = Complaint::default();
    let stopped = stop.stopped();
    tokio::pin!(stopped);
    loop {
        let accepted = tokio::select! {
            () = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(seat) = shared.clients.admit(peer.ip(), Instant::now()) else {
                    shared.traffic.refused(Refused::Client);
                    continue;
                };
                // Only now, or the address that nobody asks would keep a place from the others.
                let slot = tokio::select! {
                    () = &mut stopped => return,
                    slot = shared.slot() => slot,
                };
                let Some(slot) = slot else { return };
                let traffic = Arc::clone(&shared.traffic);
                traffic.accepted();
                let open = Open {
                    traffic,
                    _held: (slot, seat),
                };
                let connection = Connection {
                    shared: Arc::clone(&shared),
                    peer,
                };
                let (tls, stop) = (tls.clone(), stop.clone());
                tokio::spawn(async move {
                    let _open = open;
                    connection::serve(stream, tls, connection, stop).await;
                });
            }
            Err(error) => {
                if !is_of_one_connection(&error) {
                    // Out of file descriptors, most likely: wait for connections to end.
                    if complaint.is_due() {
                        tracing::warn!(%error, "cannot accept a connection");
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// A connection as long as it counts, however its task ends.
struct Open {
    traffic: Arc<Traffic>,
    _held: (OwnedSemaphorePermit, Admitted),
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
