//! What a service implements.

use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Method, Uri};

/// A whole request: the body has been read, within the limit.
#[derive(Debug)]
pub struct Request {
    /// The method; `HEAD` is to be answered like `GET`, the shell drops the body.
    pub method: Method,
    /// The request target as sent: neither decoded nor normalised.
    pub uri: Uri,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, empty for most `GET`s.
    pub body: Bytes,
    /// The other end of the connection.
    pub peer: SocketAddr,
}

/// An answer whose body is in memory, so that sending it costs no copy.
pub type Response = hyper::Response<Full<Bytes>>;

/// Answers requests. Implementations are shared by all connections, so they take `&self`; an answer
/// that is at hand costs one poll of the future and no allocation for it.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. Must not block the thread: work that waits goes through
    /// [`crate::Workers`].
    fn handle(&self, request: Request) -> impl Future<Output = Response> + Send;
}
