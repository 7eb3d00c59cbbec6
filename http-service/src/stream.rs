//! The stream under a connection: plain or TLS, counted, and closed so that the last answer arrives.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;

use crate::metrics::Traffic;

/// How long what a client still sends is read and thrown away after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// What the watchdog of a connection looks at.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// A request is with the handler, which has a time limit of its own.
    pub(crate) busy: AtomicBool,
    /// Requests begun.
    pub(crate) requests: AtomicU64,
    /// Octets sent.
    pub(crate) sent: AtomicU64,
    /// There is more to send than the client takes.
    pub(crate) blocked: AtomicBool,
}

/// What carries the octets.
pub(crate) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Transport::Plain($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            Transport::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

/// A stream that counts octets, for the watchdog and the metrics.
pub(crate) struct Metered {
    inner: Transport,
    progress: Arc<Progress>,
    traffic: Arc<Traffic>,
    /// Until when the rest is read, once we have said that there is nothing more from us.
    lingering: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    pub(crate) fn new(inner: Transport, progress: Arc<Progress>, traffic: Arc<Traffic>) -> Self {
        Self {
            inner,
            progress,
            traffic,
            lingering: None,
        }
    }

    fn count(&self, sent: &Poll<io::Result<usize>>) {
        let blocked = sent.is_pending();
        self.progress.blocked.store(blocked, Ordering::Relaxed);
        if let Poll::Ready(Ok(octets)) = sent {
            self.progress
                .sent
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
