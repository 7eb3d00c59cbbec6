//! [`HttpClient`] over `ureq`: blocking, with rustls on aws-lc-rs and the system's trust store.

use core::time::Duration;
use std::io;
use std::sync::Arc;

use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Error};

use super::{HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse};

/// Long enough for a busy authority, short enough for a person who waits.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

/// A client with connection reuse, time-outs, and the proxy of the environment (`HTTP_PROXY`,
/// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`). Cheap to clone.
#[derive(Clone, Debug)]
pub struct UreqClient {
    agent: Agent,
    timeout: Duration,
}

impl Default for UreqClient {
    fn default() -> Self {
        Self::new(DEFAULT_TIMEOUT)
    }
}

impl UreqClient {
    /// A client that gives up on an exchange, redirects and body included, after `timeout`.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(Duration::from_secs(10))))
            .max_redirects(3)
            .user_agent(concat!("sceau/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, timeout }
    }
}

impl HttpClient for UreqClient {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        if !request.url.starts_with("http://") && !request.url.starts_with("https://") {
            return Err(HttpError::Url {
                url: request.url.to_owned(),
            });
        }
        let failed = |e| self.explain(request, e);
        let response = match request.method {
            HttpMethod::Get => self
                .agent
                .get(request.url)
                .header("Accept", request.accept)
                .call(),
            HttpMethod::Post { content_type, body } => self
                .agent
                .post(request.url)
                .header("Accept", request.accept)
                .header("Content-Type", content_type)
                .send(body),
        }
        .map_err(failed)?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let content_type = body.mime_type().map(str::to_ascii_lowercase);
        let body = body
            .with_config()
            .limit(request.max_bytes)
            .read_to_vec()
            .map_err(failed)?;
        Ok(HttpResponse {
            status,
            content_type,
            body,
        })
    }
}

impl UreqClient {
    fn explain(&self, request: &HttpRequest<'_>, error: Error) -> HttpError {
        let url = request.url.to_owned();
        match error {
            Error::BadUri(_) | Error::Http(_) => HttpError::Url { url },
            Error::HostNotFound => HttpError::HostNotFound { url },
            Error::Timeout(_) => HttpError::Timeout {
                url,
                after: self.timeout,
            },
            Error::BodyExceedsLimit(limit) => HttpError::TooLarge { url, limit },
            Error::Tls(reason) => HttpError::Tls {
                url,
                reason: reason.into(),
            },
            Error::Rustls(e) => HttpError::Tls {
                url,
                reason: e.to_string(),
            },
            Error::Io(e) if e.kind() == io::ErrorKind::TimedOut => HttpError::Timeout {
                url,
                after: self.timeout,
            },
            Error::Io(e) => HttpError::Connection {
                url,
                reason: match e.kind() {
                    io::ErrorKind::ConnectionRefused => "connection refused".into(),
                    io::ErrorKind::ConnectionReset => "connection reset".into(),
                    _ => e.to_string(),
                },
            },
            Error::ConnectionFailed => HttpError::Connection {
                url,
                reason: "connection failed".into(),
            },
            Error::ConnectProxyFailed(reason) => HttpError::Connection {
                url,
                reason: format!("the proxy refused: {reason}"),
            },
            other => HttpError::Protocol {
                url,
                reason: other.to_string(),
            },
        }
    }
}
