//! The responder behind HTTP: RFC 6960 appendix A, the header fields of RFC 9919 section 6.
//!
//! ```text
//! POST /ocsp              application/ocsp-request
//! GET  /ocsp/{base64}     the request in the path
//! GET  /crl/{name}.crl    the authority's latest complete CRL; {name}.delta.crl its delta,
//!                         {name}.7.crl and {name}.7.delta.crl those of partition 7
//! GET  /ca/{name}.cer     its certificate; {name}.p7c all certificates for its key, {name}.chain.p7c
//!                         those and all above them, {name}.issued.p7c the CAs it certified
//! GET  /, /status         the status page, see page; / in plain text for who does not want HTML
//! GET  /healthz, /readyz  see http_service::health
//! ```

use std::sync::Arc;

use ca_core::status::Status;
use http_body_util::Full;
use http_service::{
    Handler, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Validators, header,
    health, only, respond,
};
use hyper::body::Bytes;
use pki_asn1::UnixTime;
use pki_asn1::ocsp::OcspResponseStatus;

use crate::answers::cache::Signed;
use crate::page;
use crate::protocol::{path, response};
use crate::responder::{Reply, Responder};

const OCSP_RESPONSE: HeaderValue = HeaderValue::from_static("application/ocsp-response");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The handler of `sceau-ocsp`.
#[derive(Debug)]
pub struct HttpService(Arc<Responder>);

impl HttpService {
    /// Serves this responder.
    #[must_use]
    pub fn new(responder: Arc<Responder>) -> Self {
        Self(responder)
    }
}

impl Handler for HttpService {
    // What is rare is boxed: the future of a request is as large as its largest branch, and is copied.
    async fn handle(&self, mut request: Request) -> Response {
        let body = std::mem::take(&mut request.body);
        let path = request.uri.path();
        let get = matches!(request.method, Method::GET | Method::HEAD);
        match path.strip_prefix("/ocsp") {
            Some("" | "/") if request.method == Method::POST => {
                self.post(&request.headers, body).await
            }
            Some("" | "/") if get => respond::text(
                StatusCode::BAD_REQUEST,
                "an OCSP request goes into the body of a POST to this URL, or base64-encoded after it (RFC 6960 appendix A)\n",
            ),
            Some("" | "/") => respond::method_not_allowed("GET, HEAD, POST"),
            Some(rest) if rest.starts_with('/') && get => self.get(rest, &request).await,
            Some(rest) if rest.starts_with('/') => respond::method_not_allowed("GET, HEAD"),
            _ if page::is_at(path, &request) => {
                request.body = body;
                Box::pin(page::answer(&self.0, request)).await
            }
            _ if !get => respond::method_not_allowed("GET, HEAD"),
            _ => Box::pin(self.file(path, &request)).await,
        }
    }
}

impl HttpService {
    async fn post(&self, headers: &HeaderMap, body: Bytes) -> Response {
        // Clients that leave the type out exist; one that names another type made a mistake.
        if headers.contains_key(header::CONTENT_TYPE)
            && !only(headers, &header::CONTENT_TYPE)
                .is_some_and(|kind| is_media_type(kind, "application/ocsp-request"))
        {
            return respond::text(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type of an OCSP request is application/ocsp-request\n",
            );
        }
        let reply = self.0.answer(body).await;
        render(reply, self.0.now(), None)
    }

    async fn get(&self, encoded: &str, request: &Request) -> Response {
        let mut candidates = path::candidates(encoded);
        if candidates.len() > 1 {
            // Only the request that was meant names an issuer of ours; answering one of several
            // would be a guess.
            candidates.retain(|der| self.0.is_responsible_for(der));
        }
        let reply = match <[Vec<u8>; 1]>::try_from(candidates) {
            Ok([der]) => self.0.answer(der.into()).await,
            Err(_) => {
                let status = OcspResponseStatus::MalformedRequest;
                self.0.counts.error(status);
                Reply::Error(status)
            }
        };
        render(reply, self.0.now(), Some(&request.headers))
    }

    async fn file(&self, path: &str, request: &Request) -> Response {
        let now = self.0.now();
        if let Some(name) = path.strip_prefix("/crl/").filter(|n| n.ends_with(".crl")) {
            return match self.0.crl(name).await {
                Ok(Some(crl)) => crl.file.answer(&request.method, &request.headers, now),
                Ok(None) => respond::not_found("there is no CRL of this name\n"),
                Err(_) => respond::busy("the record cannot be read now\n"),
            };
        }
        if let Some(name) = between(path, "/ca/", ".cer") {
            let state = self.0.state();
            return match state.entries.iter().find(|e| e.name == name) {
                Some(entry) => entry
                    .published
                    .answer(&request.method, &request.headers, now),
                None => respond::not_found("there is no certificate of this name\n"),
            };
        }
        if let Some(name) = path.strip_prefix("/ca/").filter(|n| n.ends_with(".p7c")) {
            return match self.0.stock().bundle(name) {
                Some(bundle) => bundle.answer(&request.method, &request.headers, now),
                None => respond::not_found("there is no bundle of this name\n"),
            };
        }
        if let Some(answer) = health::answer(&*self.0, &request.method, path) {
            return answer;
        }
        match path {
            "/" => respond::text(
                StatusCode::OK,
                "sceau-ocsp\n\nPOST /ocsp or GET /ocsp/{base64 of the request}: certificate status (RFC 6960)\nGET /crl/{name}.crl, {name}.delta.crl, {name}.{partition}.crl: certificate revocation lists\nGET / or /status in a browser: the status page\nGET /ca/{name}.cer, {name}.p7c, {name}.chain.p7c, {name}.issued.p7c: CA certificates\n",
            ),
            _ => respond::not_found("nothing is served here\n"),
        }
    }
}

/// `conditions` are the header fields of a GET or HEAD.
fn render(reply: Reply, now: UnixTime, conditions: Option<&HeaderMap>) -> Response {
    match reply {
        Reply::Shared(signed) => shared(&signed, now, conditions),
        Reply::Once(body) => uncached(body),
        Reply::Error(status) => uncached(response::error(status)),
    }
}

fn shared(signed: &Signed, now: UnixTime, conditions: Option<&HeaderMap>) -> Response {
    // A date has no fractions: who has the "good" of the very second of the revocation would be told that
    // it still holds. Of a revoked certificate only the entity tag tells.
    let tells = |headers: &&HeaderMap| {
        signed.status == Status::Good || headers.contains_key(header::IF_NONE_MATCH)
    };
    let not_modified = conditions.filter(tells).is_some_and(|headers| {
        signed.etag.to_str().is_ok_and(|etag| {
            Validators {
                etag,
                last_modified: signed.window.produced_at,
            }
            .not_modified(headers)
        })
    });
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CONTENT_TYPE, OCSP_RESPONSE);
    headers.insert(header::ETAG, signed.etag.clone());
    headers.insert(header::LAST_MODIFIED, signed.last_modified.clone());
    headers.insert(header::EXPIRES, signed.expires.clone());
    headers.insert(header::CACHE_CONTROL, signed.cache_control(now));
    finish(headers, &signed.body, not_modified)
}

fn uncached(body: Bytes) -> Response {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, OCSP_RESPONSE);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn finish(headers: HeaderMap, body: &Bytes, not_modified: bool) -> Response {
    let mut response = if not_modified {
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Full::new(body.clone()))
    };
    *response.headers_mut() = headers;
    response
}

fn is_media_type(value: &HeaderValue, expected: &str) -> bool {
    value.to_str().is_ok_and(|text| {
        let essence = text.split(';').next().unwrap_or(text).trim();
        essence.eq_ignore_ascii_case(expected)
    })
}

fn between<'a>(path: &'a str, prefix: &str, suffix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix)?.strip_suffix(suffix)
}
