//! [`HttpClient`] over `ureq`: blocking, with rustls on aws-lc-rs. Redirects are followed here, so
//! that each hop goes through its own proxy and no credentials leave the host they are for.

use core::fmt;
use core::time::Duration;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use secrecy::ExposeSecret as _;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, PROXY_AUTHORIZATION};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::{Connector as _, DefaultConnector, TcpConnector};
use ureq::{Agent, Error, Timeout};
use url::Url;

use super::forward::{AbsoluteForm, Lookup};
use super::proxy::Proxy;
use super::settings::basic;
use super::{
    HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse, HttpSettings, Redirects,
};

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// A client with connection reuse, time-outs and proxies. Cheap to clone.
#[derive(Clone)]
pub struct UreqClient(Arc<Inner>);

struct Inner {
    settings: HttpSettings,
    /// For the origin that was asked for: with the client's own certificate.
    tls: TlsConfig,
    /// For everybody whom it redirects to.
    tls_elsewhere: TlsConfig,
    /// One per way to go and whom it leads to.
    agents: Mutex<HashMap<(Way, Whom), Agent>>,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Whom {
    /// The scheme, host and port that was asked for: it is shown who asks.
    Asked,
    /// Whoever it redirects to.
    Elsewhere,
}

/// Direct, or through a proxy.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Way {
    Direct,
    /// The request line carries the URL.
    Forwarded(String),
    /// A tunnel, for TLS.
    Tunnel(String),
}

impl fmt::Debug for UreqClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UreqClient").field(&self.0.settings).finish()
    }
}

impl Default for UreqClient {
    fn default() -> Self {
        Self::new(HttpSettings::default())
    }
}

impl UreqClient {
    /// A client with these settings.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let der = |c: &pki_asn1::Certificate| Certificate::from_der(c.der()).to_owned();
        let roots = if settings.tls_roots.is_empty() {
            RootCerts::PlatformVerifier
        } else {
            settings
                .tls_roots
                .iter()
                .map(der)
                .collect::<Vec<_>>()
                .into()
        };
        let client = settings
            .client_certificate
            .as_ref()
            .map(|own| own.0.clone());
        let tls = |client| {
            TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .root_certs(roots.clone())
                .client_cert(client)
                .unversioned_rustls_crypto_provider(Arc::clone(&provider))
                .build()
        };
        Self(Arc::new(Inner {
            settings,
            tls: tls(client),
            tls_elsewhere: tls(None),
            agents: Mutex::default(),
        }))
    }
}

impl HttpClient for UreqClient {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let inner = &*self.0;
        let deadline = Instant::now() + inner.settings.total_timeout;
        let first = parse(request.url).ok_or_else(|| HttpError::Url {
            url: request.url.to_owned(),
        })?;
        let mut hop = Hop {
            url: first.clone(),
            method: request.method,
        };
        for _ in 0..=REDIRECTS {
            let whom = if same_origin(&hop.url, &first) {
                Whom::Asked
            } else {
                Whom::Elsewhere
            };
            let response = inner.exchange(request, &hop, whom, deadline)?;
            let next = match redirect(&response) {
                None => return inner.read(request, response),
                Some(location) => location,
            };
            let url = hop.url.join(&next).ok().and_then(|u| parse(u.as_str()));
            let Some(url) = url else {
                return Err(HttpError::Protocol {
                    url: request.url.to_owned(),
                    reason: format!(
                        "it redirects to {:?}, which is not http or https",
                        shortened(&next)
                    ),
                });
            };
            if request.redirects == Redirects::SameOrigin && !same_origin(&url, &first) {
                return Err(HttpError::Protocol {
                    url: request.url.to_owned(),
                    reason: format!(
                        "it redirects to another server, {}, which must not see what is asked",
                        url.origin().ascii_serialization()
                    ),
                });
            }
            // 303 asks for GET; the others are answered with the same request, because a GET of a
            // service that takes requests by POST would only fetch its web page.
            if response.status().as_u16() == 303 {
                hop.method = HttpMethod::Get;
            }
            hop.url = url;
        }
        Err(HttpError::Protocol {
            url: request.url.to_owned(),
            reason: format!("it redirects more than {REDIRECTS} times"),
        })
    }
}

/// One request on the way through redirects.
struct Hop<'a> {
    url: Url,
    method: HttpMethod<'a>,
}

impl Inner {
    fn exchange(
        &self,
        request: &HttpRequest<'_>,
        hop: &Hop<'_>,
        whom: Whom,
        deadline: Instant,
    ) -> Result<ureq::http::Response<ureq::Body>, HttpError> {
        let proxy = self.settings.proxy.for_url(&hop.url)?;
        let agent = self.agent(&hop.url, proxy.as_ref(), whom)?;
        let rest = deadline.saturating_duration_since(Instant::now());
        let rest = rest.max(Duration::from_millis(1));
        let authorization = request
            .authorization
            .filter(|_| whom == Whom::Asked)
            .map(|a| a.header());
        // ureq sends those of a tunnel itself.
        let for_proxy = proxy
            .filter(|_| hop.url.scheme() == "http")
            .and_then(|p| p.credentials)
            .map(|(user, password)| basic(&user, &password));
        let mut builder = ureq::http::Request::builder()
            .uri(hop.url.as_str())
            .header(ACCEPT, request.accept);
        for (name, value) in [
            (AUTHORIZATION, authorization),
            (PROXY_AUTHORIZATION, for_proxy),
        ] {
            if let Some(value) = value {
                let mut header =
                    ureq::http::HeaderValue::from_str(value.expose_secret()).map_err(|_| {
                        HttpError::Credentials {
                            url: request.url.to_owned(),
                        }
                    })?;
                header.set_sensitive(true);
                builder = builder.header(name, header);
            }
        }
        let bad = |_| HttpError::Url {
            url: request.url.to_owned(),
        };
        let failed = |e| self.explain(request, &hop.url, e);
        match hop.method {
            HttpMethod::Get => {
                let built = builder.method("GET").body(()).map_err(bad)?;
                let built = agent
                    .configure_request(built)
                    .timeout_global(Some(rest))
                    .build();
                agent.run(built).map_err(failed)
            }
            HttpMethod::Post { content_type, body } => {
                let built = builder
                    .method("POST")
                    .header(CONTENT_TYPE, content_type)
                    .body(body)
                    .map_err(bad)?;
                let built = agent
                    .configure_request(built)
                    .timeout_global(Some(rest))
                    .build();
                agent.run(built).map_err(failed)
            }
        }
    }

    fn read(
        &self,
        request: &HttpRequest<'_>,
        response: ureq::http::Response<ureq::Body>,
    ) -> Result<HttpResponse, HttpError> {
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let content_type = body.mime_type().map(str::to_ascii_lowercase);
        let url = parse(request.url);
        let body = body
            .with_config()
            .limit(request.max_bytes)
            .read_to_vec()
            .map_err(|e| match url {
                Some(url) => self.explain(request, &url, e),
                None => HttpError::Url {
                    url: request.url.to_owned(),
                },
            })?;
        Ok(HttpResponse {
            status,
            content_type,
            body,
        })
    }

    fn agent(&self, url: &Url, proxy: Option<&Proxy>, whom: Whom) -> Result<Agent, HttpError> {
        let key = |p: &Proxy| {
            let user = p.credentials.as_ref().map(|(user, _)| user.as_str());
            format!("{}@{}:{}", user.unwrap_or_default(), p.host, p.port)
        };
        let way = match proxy {
            None => Way::Direct,
            Some(p) if url.scheme() == "http" => Way::Forwarded(key(p)),
            Some(p) => Way::Tunnel(key(p)),
        };
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        let way = (way, whom);
        if let Some(agent) = agents.get(&way) {
            return Ok(agent.clone());
        }
        let tls = match whom {
            Whom::Asked => &self.tls,
            Whom::Elsewhere => &self.tls_elsewhere,
        };
        let refused = |_| HttpError::Proxy {
            url: url.to_string(),
            reason: "the proxy's URL cannot be used".into(),
        };
        let mut config = Agent::config_builder()
            .tls_config(tls.clone())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.settings.total_timeout))
            .timeout_connect(Some(self.settings.connect_timeout))
            .max_response_header_size(64 << 10)
            .user_agent(concat!("sceau/", env!("CARGO_PKG_VERSION")))
            .proxy(None);
        let agent = match (&way.0, proxy) {
            (Way::Forwarded(_), Some(proxy)) => {
                let address = format!("http://{}:{}/", proxy.host, proxy.port);
                let address = address.parse().map_err(|_| refused(()))?;
                Agent::with_parts(
                    config.max_idle_connections(0).build(),
                    ().chain(TcpConnector::default()).chain(AbsoluteForm),
                    Lookup::of_proxy(address),
                )
            }
            (Way::Tunnel(_), Some(proxy)) => {
                let mut tunnel = ureq::Proxy::builder(ureq::ProxyProtocol::Http)
                    .host(&proxy.host)
                    .port(proxy.port);
                if let Some((user, password)) = &proxy.credentials {
                    tunnel = tunnel.username(user).password(password.expose_secret());
                }
                let tunnel = tunnel.build().map_err(|_| refused(()))?;
                config = config.proxy(Some(tunnel));
                Agent::with_parts(
                    config.build(),
                    DefaultConnector::default(),
                    Lookup::default(),
                )
            }
            _ => Agent::with_parts(
                config.build(),
                DefaultConnector::default(),
                Lookup::default(),
            ),
        };
        agents.insert(way, agent.clone());
        Ok(agent)
    }

    fn explain(&self, request: &HttpRequest<'_>, at: &Url, error: Error) -> HttpError {
        let url = request.url.to_owned();
        let through = self.settings.proxy.for_url(at).ok().flatten();
        let host = match &through {
            Some(proxy) => format!("the proxy {}:{}", proxy.host, proxy.port),
            None => String::new(),
        };
        let connection = |reason: String| HttpError::Connection {
            url: url.clone(),
            reason: match &through {
                Some(_) => format!("{host}: {reason}"),
                None => reason,
            },
        };
        match error {
            Error::BadUri(_) | Error::Http(_) => HttpError::Url { url },
            Error::HostNotFound if through.is_some() => connection("host not found".into()),
            Error::HostNotFound => HttpError::HostNotFound { url },
            Error::Timeout(Timeout::Connect) => HttpError::Timeout {
                url,
                after: self.settings.connect_timeout,
            },
            Error::Timeout(_) => HttpError::Timeout {
                url,
                after: self.settings.total_timeout,
            },
            Error::BodyExceedsLimit(limit) => HttpError::TooLarge { url, limit },
            Error::Tls(reason) => HttpError::Tls {
                url,
                reason: reason.into(),
            },
            Error::Rustls(e) => HttpError::Tls {
                url,
                reason: in_words(&e),
            },
            Error::Io(e) if e.kind() == io::ErrorKind::TimedOut => HttpError::Timeout {
                url,
                after: self.settings.total_timeout,
            },
            // rustls reports what happens during a handshake as an I/O error.
            Error::Io(e) if tls_error(&e).is_some() => HttpError::Tls {
                url,
                reason: tls_error(&e).map(in_words).unwrap_or_default(),
            },
            Error::Io(e) => connection(match e.kind() {
                io::ErrorKind::ConnectionRefused => "connection refused".into(),
                io::ErrorKind::ConnectionReset => "connection reset".into(),
                io::ErrorKind::UnexpectedEof => "the connection was closed".into(),
                _ => e.to_string(),
            }),
            Error::ConnectionFailed => connection("connection failed".into()),
            Error::ConnectProxyFailed(reason) if reason.contains("407") => HttpError::Proxy {
                url,
                reason: format!("{host} wants a user name and password, or others than these"),
            },
            Error::ConnectProxyFailed(reason) => HttpError::Proxy {
                url,
                reason: format!("{host} opens no tunnel: {reason}"),
            },
            other => HttpError::Protocol {
                url,
                reason: other.to_string(),
            },
        }
    }
}

fn parse(url: &str) -> Option<Url> {
    Url::parse(url)
        .ok()
        .filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
}

/// A header may have tens of thousands of characters.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 200;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('\u{2026}');
    }
    short
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

fn redirect(response: &ureq::http::Response<ureq::Body>) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// rustls describes certificates by their octets in places.
fn in_words(error: &rustls::Error) -> String {
    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
    match error {
        Error::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer => {
                "nobody that is trusted issued the server's certificate".into()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".into()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another host".into()
            }
            CertificateError::Revoked => "the server's certificate is revoked".into(),
            other => {
                let text = other.to_string();
                let short: String = text
                    .chars()
                    .take_while(|c| !matches!(c, '{' | '['))
                    .collect();
                format!(
                    "the server's certificate is not accepted: {}",
                    short.trim_end()
                )
            }
        },
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the server does not speak TLS".into()
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server wants a client certificate".into()
        }
        Error::AlertReceived(alert) => format!("the server refuses with {alert:?}"),
        other => other.to_string(),
    }
}
