//! One connection: hyper with a watchdog around it and the limits inside.
//!
//! hyper's own header timer allocates and registers a timer for each request. Here each connection
//! has one timer that looks, once per period, whether anything has moved, so the limits cost a
//! request almost nothing.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::handler::{Handler, Request, Response};
use crate::metrics::Traffic;
use crate::metrics::traffic::{Cut, method_index};
use crate::respond;
use crate::server::Limits;
use crate::stop::{Phase, Stop};

/// How long what a client still sends is read and thrown away after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// What the requests of one connection need.
pub(crate) struct Connection<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) peer: SocketAddr,
    /// The slots of the server: none left means that others wait to be accepted.
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) traffic: Arc<Traffic>,
}

/// What the watchdog looks at.
#[derive(Debug, Default)]
struct Progress {
    /// A request is with the handler, which has a time limit of its own.
    busy: AtomicBool,
    /// Requests begun plus octets sent.
    moved: AtomicU64,
}

pub(crate) async fn serve<H: Handler>(stream: TcpStream, connection: Connection<H>, stop: Stop) {
    // Answers are written whole, so waiting for more to send only adds latency.
    let _ = stream.set_nodelay(true);
    let progress = Arc::new(Progress::default());
    let limits = Arc::clone(&connection.limits);
    let traffic = Arc::clone(&connection.traffic);
    // Shared by the requests of this connection only, so the count is not contended.
    let connection = Arc::new((connection, Arc::clone(&progress)));
    let io = Metered {
        inner: stream,
        progress: Arc::clone(&progress),
        traffic: Arc::clone(&traffic),
        lingering: None,
    };
    let http = http1::Builder::new()
        .keep_alive(true)
        // A client that has said all it has to say still wants its answer.
        .half_close(true)
        .max_buf_size(limits.header_octets.max(8192))
        .serve_connection(
            TokioIo::new(io),
            service_fn(move |request| {
                let connection = Arc::clone(&connection);
                async move {
                    let (connection, progress) = &*connection;
                    progress.moved.fetch_add(1, Ordering::Relaxed);
                    progress.busy.store(true, Ordering::Relaxed);
                    let (since, method) = (Instant::now(), method_index(request.method()));
                    let mut response = respond(connection, request).await;
                    let took = since.elapsed();
                    let status = response.status();
                    connection.traffic.request(method, status, took);
                    progress.busy.store(false, Ordering::Relaxed);
                    // Others wait: whoever asks again has to queue again.
                    if connection.slots.available_permits() == 0 {
                        response = closing(response);
                    }
                    Ok::<_, Infallible>(response)
                }
            }),
        );
    if let Some(why) = watch(pin!(http), &progress, &limits, &stop).await {
        traffic.cut(why);
    }
}

/// Drives the connection until it ends, stands still for too long, or the server stops; why, where it
/// was cut off.
async fn watch<S>(
    mut http: Pin<&mut http1::Connection<TokioIo<Metered>, S>>,
    progress: &Progress,
    limits: &Limits,
    stop: &Stop,
) -> Option<Cut>
where
    S: hyper::service::Service<hyper::Request<Incoming>, Response = Response, Error = Infallible>,
{
    let mut tick = pin!(sleep(limits.stall));
    let mut seen = u64::MAX;
    let mut draining = false;
    let mut wake = stop.subscribe();
    let mut ordered = pin!(async {
        // Both later phases wake the task; the phase itself is read from the flag.
        while wake.changed().await.is_ok() {
            if stop.phase() == Phase::Killed {
                break;
            }
        }
    });
    let mut subscribed = Phase::Running;
    let mut first = true;
    std::future::poll_fn(|cx: &mut Context<'_>| {
        loop {
            if http.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            // The waker of a task stays the same, so one poll per phase registers it. The phase is
            // read after registering, or an order between the two would be missed.
            if first || stop.phase() > subscribed {
                first = false;
                subscribed = stop.phase();
                let _ = ordered.as_mut().poll(cx);
            }
            match stop.phase() {
                Phase::Running => {}
                Phase::Draining if !draining => {
                    draining = true;
                    http.as_mut().graceful_shutdown();
                    continue;
                }
                Phase::Draining => {}
                Phase::Killed => return Poll::Ready(Some(Cut::Drained)),
            }
            if tick.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let moved = progress.moved.load(Ordering::Relaxed);
            if moved == seen && !progress.busy.load(Ordering::Relaxed) {
                return Poll::Ready(Some(Cut::Stalled));
            }
            seen = moved;
            tick.as_mut().reset(Instant::now() + limits.stall);
        }
    })
    .await
}

/// Reads the body within the limits and asks the handler.
async fn respond<H: Handler>(
    connection: &Connection<H>,
    request: hyper::Request<Incoming>,
) -> Response {
    let limits = &connection.limits;
    let (parts, incoming) = request.into_parts();
    if !has_one_host(&parts) {
        return closing(respond::text(
            StatusCode::BAD_REQUEST,
            "exactly one valid Host field is required (RFC 9112 section 3.2)\n",
        ));
    }
    let body = if incoming.is_end_stream() {
        Bytes::new()
    } else {
        match timeout(limits.body, read_body(incoming, limits.body_octets)).await {
            Ok(Ok(body)) => body,
            Ok(Err(response)) => return closing(response),
            Err(_) => {
                return closing(respond::text(
                    StatusCode::REQUEST_TIMEOUT,
                    "the request body did not arrive in time\n",
                ));
            }
        }
    };
    let request = Request {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
        peer: connection.peer,
    };
    match timeout(limits.answer, connection.handler.handle(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!("a request was not answered in time");
            respond::busy("the answer took too long\n")
        }
    }
}

/// RFC 9112 section 3.2: a request of HTTP/1.1 without a Host field, with several, or with one that is
/// no host is refused, so that nothing in front of us reads it otherwise.
fn has_one_host(parts: &hyper::http::request::Parts) -> bool {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => parts.version < hyper::Version::HTTP_11,
        (Some(host), None) => is_host(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// The characters of `uri-host [ ":" port ]` (RFC 3986 section 3.2.2); it may be empty.
fn is_host(host: &[u8]) -> bool {
    host.iter()
        .all(|c| c.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%:[]".contains(c))
}

async fn read_body(incoming: Incoming, limit: usize) -> Result<Bytes, Response> {
    let too_large = || {
        respond::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the request body is larger than {limit} octets\n"),
        )
    };
    // What announces itself as too large is not read at all.
    if incoming.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    match Limited::new(incoming, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(respond::text(
            StatusCode::BAD_REQUEST,
            "the request body ended early\n",
        )),
    }
}

/// Says that the rest of the connection will not be read.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    response
}

/// A stream that counts octets, for the watchdog and the metrics.
struct Metered {
    inner: TcpStream,
    progress: Arc<Progress>,
    traffic: Arc<Traffic>,
    /// Until when the rest is read, once we have said that there is nothing more from us.
    lingering: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    fn count(&self, sent: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(octets)) = sent {
            self.progress
                .moved
                .fetch_add(*octets as u64, Ordering::Relaxed);
            self.traffic.sent(*octets);
        }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.traffic.received(buf.filled().len() - before);
        read
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.count(&sent);
        sent
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    /// Closing a socket with unread data resets the connection, and the client may lose the answer
    /// that tells it why (RFC 9112 section 9.6). So what is there is read and thrown away first.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        loop {
            let mut rest = [0; 4096];
            let mut rest = ReadBuf::new(&mut rest);
            match Pin::new(&mut self.inner).poll_read(cx, &mut rest) {
                Poll::Ready(Ok(())) if !rest.filled().is_empty() => {
                    let end = || Box::pin(sleep(LINGER));
                    let end = self.lingering.get_or_insert_with(end);
                    if end.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Ok(()));
                    }
                }
                // Nothing was on its way when we closed.
                Poll::Pending if self.lingering.is_none() => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    let Some(end) = &mut self.lingering else {
                        return Poll::Ready(Ok(()));
                    };
                    return end.as_mut().poll(cx).map(Ok);
                }
                // The other end has closed, or is gone.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.count(&sent);
        sent
    }
}
