//! The authority behind HTTP (RFC 3161 section 3.4): a POST to any path. `/tsa/NAME` is one unit alone.

use std::sync::Arc;

use http_service::{
    Bytes, Handler, Method, Request, Response, StatusCode, header, health, only, respond,
};

use crate::service::{Tsa, Unanswered};

/// The handler of `sceau-tsa`.
#[derive(Debug)]
pub struct HttpService(Arc<Tsa>);

impl HttpService {
    /// Serves this authority.
    #[must_use]
    pub fn new(tsa: Arc<Tsa>) -> Self {
        Self(tsa)
    }
}

impl Handler for HttpService {
    async fn handle(&self, request: Request) -> Response {
        if request.method == Method::POST {
            return self.post(request).await;
        }
        if let Some(answer) = health::answer(&*self.0, &request.method, request.uri.path()) {
            return answer;
        }
        match request.method {
            Method::GET | Method::HEAD => respond::text(
                StatusCode::OK,
                "sceau-tsa\n\nPOST a time-stamp query (RFC 3161) here as application/timestamp-query\n",
            ),
            _ => respond::method_not_allowed("GET, HEAD, POST"),
        }
    }
}

impl HttpService {
    async fn post(&self, request: Request) -> Response {
        let is_query = only(&request.headers, &header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split(';').next())
            .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/timestamp-query"));
        if !is_query {
            return respond::text(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type of a time-stamp query is application/timestamp-query\n",
            );
        }
        let unit = request.uri.path().strip_prefix("/tsa/");
        match self.0.answer(unit, &request.body).await {
            Ok(answer) => {
                let mut response = respond::typed(
                    StatusCode::OK,
                    "application/timestamp-reply",
                    Bytes::from(answer),
                );
                response.headers_mut().insert(
                    header::CACHE_CONTROL,
                    header::HeaderValue::from_static("no-store"),
                );
                response
            }
            Err(Unanswered::Busy) => respond::busy("too many requests are waiting\n"),
            Err(unanswered) => respond::not_found(&format!("{unanswered}\n")),
        }
    }
}
