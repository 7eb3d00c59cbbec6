//! Small answers every service gives.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};

use crate::handler::Response;

/// An answer with `body` of the media type `content_type`.
#[must_use]
pub fn typed(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A plain-text answer for people, not to be cached.
#[must_use]
pub fn text(status: StatusCode, text: &str) -> Response {
    let body = Bytes::copy_from_slice(text.as_bytes());
    let mut response = typed(status, "text/plain; charset=utf-8", body);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 404.
#[must_use]
pub fn not_found(message: &str) -> Response {
    text(StatusCode::NOT_FOUND, message)
}

/// 405 with the methods that are allowed, as in `"GET, HEAD, POST"`.
#[must_use]
pub fn method_not_allowed(allowed: &'static str) -> Response {
    let mut response = text(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("allowed here: {allowed}\n"),
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// 429 that says after how long there is a token again.
#[must_use]
pub fn too_many(wait: Duration) -> Response {
    let mut response = text(
        StatusCode::TOO_MANY_REQUESTS,
        "more requests than one client may send\n",
    );
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// 503 that asks to come back in a second.
#[must_use]
pub fn busy(message: &str) -> Response {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, message);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
