//! One connection: hyper with a watchdog around it and the limits inside.
//!
//! hyper's own header timer allocates and registers a timer for each request. Here each connection
//! has one timer that looks, once per period, whether anything has moved, so the limits cost a
//! request almost nothing.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use crate::handler::{Handler, Request, Response};
use crate::metrics::traffic::{Cut, Refused, method_index};
use crate::respond;
use crate::server::{Limits, Shared};
use crate::stop::{Phase, Stop};
use crate::stream::{Metered, Progress, Transport};
use crate::tls::Tls;
use crate::workers::NotRun;

/// One client may have this part of the TLS handshakes: a quarter.
const HANDSHAKES_SHARE: usize = 4;

/// What the requests of one connection need.
pub(crate) struct Connection<H> {
    pub(crate) shared: Arc<Shared<H>>,
    pub(crate) peer: SocketAddr,
}

pub(crate) async fn serve<H: Handler>(
    stream: TcpStream,
    tls: Option<Tls>,
    connection: Connection<H>,
    stop: Stop,
) {
    // Answers are written whole, so waiting for more to send only adds latency.
    let _ = stream.set_nodelay(true);
    let transport = match tls {
        None => Transport::Plain(stream),
        Some(tls) => match handshake(stream, &tls, &connection).await {
            Ok(stream) => Transport::Tls(Box::new(stream)),
            Err(why) => return connection.shared.traffic.refused(why),
        },
    };
    let progress = Arc::new(Progress::default());
    let shared = Arc::clone(&connection.shared);
    let traffic = Arc::clone(&shared.traffic);
    let io = Metered::new(transport, Arc::clone(&progress), traffic);
    // Shared by the requests of this connection only, so the count is not contended.
    let connection = Arc::new((connection, Arc::clone(&progress)));
    let http = http1::Builder::new()
        .keep_alive(true)
        // A client that has said all it has to say still wants its answer.
        .half_close(true)
        .max_buf_size(shared.limits.header_octets.max(8192))
        .serve_connection(
            TokioIo::new(io),
            service_fn(move |request| {
                let connection = Arc::clone(&connection);
                async move {
                    let (connection, progress) = &*connection;
                    progress.requests.fetch_add(1, Ordering::Relaxed);
                    progress.busy.store(true, Ordering::Relaxed);
                    let mut response = respond(connection, request).await;
                    progress.busy.store(false, Ordering::Relaxed);
                    // Others wait: whoever asks again has to queue again.
                    if connection.shared.is_full() {
                        response = closing(response);
                    }
                    Ok::<_, Infallible>(response)
                }
            }),
        );
    if let Some(why) = watch(pin!(http), &progress, &shared.limits, &stop).await {
        shared.traffic.cut(why);
    }
}

async fn handshake<H>(
    stream: TcpStream,
    tls: &Tls,
    connection: &Connection<H>,
) -> Result<TlsStream<TcpStream>, Refused> {
    let shared = &*connection.shared;
    // Whoever never goes on with his handshakes would keep everybody else from theirs.
    let most = (shared.limits.handshakes / HANDSHAKES_SHARE).max(1);
    let peer = connection.peer.ip();
    let Some(_seat) = shared.clients.handshake(peer, most, Instant::now()) else {
        return Err(Refused::Handshakes);
    };
    let Ok(_slot) = shared.handshakes.try_acquire() else {
        return Err(Refused::Handshakes);
    };
    match timeout(shared.limits.handshake, tls.accept(stream)).await {
        Ok(Ok(Ok(stream))) => Ok(stream),
        Ok(Ok(Err(error))) => {
            tracing::debug!(%error, "a TLS handshake failed");
            Err(Refused::Tls)
        }
        Ok(Err(NotRun::Busy)) => Err(Refused::Handshakes),
        Ok(Err(_)) | Err(_) => Err(Refused::Tls),
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
    let (mut requests, mut sent) = (u64::MAX, 0);
    // On the average of a period, so that a client may pause.
    let least = limits.stall.as_secs_f64() * limits.sending_octets_per_second as f64;
    let least = least as u64;
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
    poll_fn(|cx: &mut Context<'_>| {
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
            let before = (requests, sent);
            requests = progress.requests.load(Ordering::Relaxed);
            sent = progress.sent.load(Ordering::Relaxed);
            if !progress.busy.load(Ordering::Relaxed) {
                if before == (requests, sent) {
                    return Poll::Ready(Some(Cut::Stalled));
                }
                if progress.blocked.load(Ordering::Relaxed) && sent - before.1 < least {
                    return Poll::Ready(Some(Cut::Slow));
                }
            }
            tick.as_mut()
                .reset(tokio::time::Instant::now() + limits.stall);
        }
    })
    .await
}

/// Answers, counts and logs.
async fn respond<H: Handler>(
    connection: &Connection<H>,
    request: hyper::Request<Incoming>,
) -> Response {
    let since = Instant::now();
    let shared = &*connection.shared;
    let peer = connection.peer.ip();
    let client = shared.clients.asking(peer, request.headers());
    let method = method_index(request.method());
    let logged = tracing::enabled!(target: "access", tracing::Level::DEBUG)
        .then(|| (request.method().clone(), request.uri().clone()));
    let response = match shared.clients.take(client, since) {
        Ok(()) => answer(connection, request).await,
        Err(wait) if request.body().is_end_stream() => respond::too_many(wait),
        Err(wait) => closing(respond::too_many(wait)),
    };
    let (took, status) = (since.elapsed(), response.status());
    shared.traffic.request(method, status, took);
    if let Some((method, uri)) = logged {
        tracing::debug!(
            target: "access",
            %client,
            %method,
            path = path_class(uri.path()),
            status = status.as_u16(),
            octets = response.body().size_hint().lower(),
            microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
    response
}

/// The first segment: what follows may be a whole OCSP request.
fn path_class(path: &str) -> &str {
    let end = path.get(1..).and_then(|rest| rest.find('/'));
    end.and_then(|end| path.get(..=end)).unwrap_or(path)
}

/// Reads the body within the limits and asks the handler.
async fn answer<H: Handler>(
    connection: &Connection<H>,
    request: hyper::Request<Incoming>,
) -> Response {
    let shared = &*connection.shared;
    let limits = &shared.limits;
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
        let body = pin!(read_body(incoming, limits.body_octets));
        match within(limits.body, body).await {
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
    // In its place from the beginning: what is in flight is large, and each move copies it.
    let work = pin!(shared.handler.handle(request));
    match within(limits.answer, work).await {
        Ok(response) => response,
        Err(_) => {
            if shared.unanswered.is_due() {
                let more = shared.unanswered.held_back();
                tracing::warn!(more, "a request was not answered in time");
            }
            respond::busy("the answer took too long\n")
        }
    }
}

/// Waits for `work`, and not longer than `limit`. What is at hand costs no timer.
async fn within<F: Future + Unpin>(limit: Duration, mut work: F) -> Result<F::Output, Elapsed> {
    match poll_fn(|cx| Poll::Ready(pin!(&mut work).poll(cx))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout(limit, work).await,
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

async fn read_body(mut incoming: Incoming, limit: usize) -> Result<Bytes, Response> {
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
    let ended_early = || respond::text(StatusCode::BAD_REQUEST, "the request body ended early\n");
    // Most come in one piece, which is then the body itself.
    let first = match incoming.frame().await {
        None => return Ok(Bytes::new()),
        Some(Err(_)) => return Err(ended_early()),
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
    };
    if first.len() > limit {
        return Err(too_large());
    }
    if incoming.is_end_stream() {
        return Ok(first);
    }
    match Limited::new(incoming, limit - first.len()).collect().await {
        Ok(collected) => Ok([first, collected.to_bytes()].concat().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(ended_early()),
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
