//! HTTP for the protocols of signatures, behind a trait, so that tests and embedders bring their
//! own transport.

mod forward;
mod proxy;
mod settings;
mod ureq_client;

use core::time::Duration;

pub use proxy::{NoProxy, Proxy, ProxySetting};
pub use settings::{Authorization, ClientCertificate, HttpSettings};
pub use ureq_client::UreqClient;

/// One exchange.
#[derive(Clone, Debug)]
pub struct HttpRequest<'a> {
    /// `http://` or `https://`.
    pub url: &'a str,
    /// GET, or POST with a body.
    pub method: HttpMethod<'a>,
    /// The media type wanted, for the Accept header.
    pub accept: &'a str,
    /// A longer body is an error.
    pub max_bytes: u64,
    /// Who asks, where the service wants to know. It is sent to the URL's own origin alone.
    pub authorization: Option<&'a Authorization>,
    /// Where the request may be sent on to.
    pub redirects: Redirects,
}

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Redirects {
    /// To any server: what is asked is no secret.
    Anywhere,
    /// Within the URL's own origin: the body is for nobody else.
    SameOrigin,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum HttpMethod<'a> {
    /// Fetch.
    Get,
    /// Send `body` and take the answer.
    Post {
        /// Media type of the body.
        content_type: &'a str,
        /// The body.
        body: &'a [u8],
    },
}

/// An answer of any status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The Content-Type header without parameters, in lower case.
    pub content_type: Option<String>,
    /// The body, at most [`HttpRequest::max_bytes`].
    pub body: Vec<u8>,
}

/// A transport.
pub trait HttpClient: Send + Sync {
    /// Sends the request and waits for the whole answer.
    ///
    /// # Errors
    /// Where there is no answer. An answer with an error status is an answer.
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError>;
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Not an http or https URL.
    #[error("{url:?} is not an http or https URL")]
    Url {
        /// What was given.
        url: String,
    },
    /// The host's name does not resolve.
    #[error("the host of {url} was not found")]
    HostNotFound {
        /// The URL.
        url: String,
    },
    /// Nobody listens, or the connection broke.
    #[error("no connection to {url}: {reason}")]
    Connection {
        /// The URL.
        url: String,
        /// What the system said.
        reason: String,
    },
    /// No answer in time.
    #[error("{url} did not answer within {} s", .after.as_secs_f32())]
    Timeout {
        /// The URL.
        url: String,
        /// How long was waited.
        after: Duration,
    },
    /// The proxy cannot be used, or refuses.
    #[error("no way to {url}: {reason}")]
    Proxy {
        /// The URL.
        url: String,
        /// What was wrong.
        reason: String,
    },
    /// A user name, password or token has characters that no HTTP header can carry.
    #[error(
        "the credentials for {url} cannot be sent: they hold line breaks or control characters"
    )]
    Credentials {
        /// The URL.
        url: String,
    },
    /// TLS failed.
    #[error("no secure connection to {url}: {reason}")]
    Tls {
        /// The URL.
        url: String,
        /// What TLS said.
        reason: String,
    },
    /// The answer is longer than allowed.
    #[error("{url} answers with more than {limit} bytes")]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The other side does not speak HTTP, or redirects in circles.
    #[error("{url} does not answer as a web server should: {reason}")]
    Protocol {
        /// The URL.
        url: String,
        /// What was wrong.
        reason: String,
    },
}

impl HttpError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Url { .. } => "give a URL such as http://tsa.sceau.example/",
            Self::HostNotFound { .. } => "check the URL and the name server",
            Self::Connection { .. } | Self::Timeout { .. } => {
                "check that the service runs; behind a proxy, set HTTP_PROXY or HTTPS_PROXY"
            }
            Self::Proxy { .. } => {
                "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the proxy in the settings file"
            }
            Self::Credentials { .. } => "check the file that holds them",
            Self::Tls { .. } => {
                "check the URL; in the settings file, tls-trust names whose TLS certificate a [[tsa]] may have, and client-certificate what it is shown"
            }
            Self::TooLarge { .. } | Self::Protocol { .. } => "check that the URL is the service's",
        };
        Some(text.to_owned())
    }
}
