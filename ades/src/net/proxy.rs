//! Which proxy a URL goes through: a configured one, or that of the environment as curl reads it.

use core::fmt;
use std::env;
use std::net::IpAddr;

use secrecy::SecretString;
use url::Url;

use super::HttpError;

/// Where the proxy is named.
#[derive(Clone, Debug, Default)]
pub enum ProxySetting {
    /// `HTTP_PROXY` for http, `HTTPS_PROXY` for https, `ALL_PROXY` for both, and `NO_PROXY`, in capital
    /// or small letters.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    Direct,
    /// This one for everything but some hosts.
    Through(Box<Proxy>, NoProxy),
}

/// An HTTP proxy.
#[derive(Clone)]
pub struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// User name and password.
    pub(super) credentials: Option<(String, SecretString)>,
}

/// Without the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy(http://{}:{})", self.host, self.port)
    }
}

/// Hosts that are reached without the proxy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NoProxy(Vec<Exempt>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Exempt {
    Everything,
    /// The domain and what is below it, in lower case, without dots around it.
    Domain(String, Option<u16>),
    /// An address and how many of its first bits count.
    Network(IpAddr, u8),
}

impl Proxy {
    /// Reads `http://HOST:PORT`, with `USER:PASSWORD@` before the host where it wants credentials; the
    /// scheme may be missing.
    ///
    /// # Errors
    /// In words that hold no password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&with_scheme).map_err(|e| format!("the proxy's URL: {e}"))?;
        if url.scheme() != "http" {
            return Err(format!(
                "a proxy is reached by http, not by {}",
                url.scheme()
            ));
        }
        let host = url
            .host_str()
            .filter(|h| !h.is_empty())
            .ok_or("the proxy's URL names no host")?;
        let decode = |s: &str| {
            percent_encoding::percent_decode_str(s)
                .decode_utf8_lossy()
                .into_owned()
        };
        let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let password = decode(url.password().unwrap_or_default());
            (decode(url.username()), SecretString::from(password))
        });
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(80),
            credentials,
        })
    }

    /// With these credentials instead of those in its URL.
    #[must_use]
    pub fn with_credentials(mut self, username: String, password: SecretString) -> Self {
        self.credentials = Some((username, password));
        self
    }
}

impl NoProxy {
    /// Reads a list as `NO_PROXY` has it: `*`, domains (with everything below them), addresses and
    /// networks such as 10.0.0.0/8, separated by commas. What cannot be read is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(
            text.split([',', ' '])
                .filter_map(|one| exempt(one.trim()))
                .collect(),
        )
    }

    fn covers(&self, host: &str, port: Option<u16>) -> bool {
        let host = host
            .trim_start_matches('[')
            .trim_end_matches([']', '.'])
            .to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        self.0.iter().any(|exempt| match exempt {
            Exempt::Everything => true,
            Exempt::Domain(domain, of_port) => {
                let named = host == *domain
                    || address.is_none()
                        && host
                            .strip_suffix(domain.as_str())
                            .is_some_and(|rest| rest.ends_with('.'));
                named && of_port.is_none_or(|p| Some(p) == port)
            }
            Exempt::Network(network, bits) => address.is_some_and(|a| within(a, *network, *bits)),
        })
    }
}

impl ProxySetting {
    /// The proxy for this URL.
    pub(super) fn for_url(&self, url: &Url) -> Result<Option<Proxy>, HttpError> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default();
        match self {
            Self::Direct => Ok(None),
            Self::Through(proxy, exempt) => {
                Ok((!exempt.covers(host, port)).then(|| (**proxy).clone()))
            }
            Self::Environment => {
                let names: &[&str] = match url.scheme() {
                    "https" => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
                    _ => &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
                };
                let Some((name, text)) = names.iter().find_map(|n| Some((*n, variable(n)?))) else {
                    return Ok(None);
                };
                let exempt = variable("no_proxy").or_else(|| variable("NO_PROXY"));
                if exempt.is_some_and(|text| NoProxy::parse(&text).covers(host, port)) {
                    return Ok(None);
                }
                Proxy::parse(&text)
                    .map(Some)
                    .map_err(|reason| HttpError::Proxy {
                        url: url.to_string(),
                        reason: format!("{name}: {reason}"),
                    })
            }
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|v| !v.trim().is_empty())
}

fn exempt(text: &str) -> Option<Exempt> {
    if text.is_empty() {
        return None;
    }
    if text == "*" {
        return Some(Exempt::Everything);
    }
    if let Some((address, bits)) = text.split_once('/') {
        return Some(Exempt::Network(address.parse().ok()?, bits.parse().ok()?));
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        return Some(Exempt::Network(address, bits));
    }
    let (domain, port) = match text.rsplit_once(':') {
        Some((domain, port)) => (domain, Some(port.parse().ok()?)),
        None => (text, None),
    };
    let domain = domain
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    (!domain.is_empty()).then_some(Exempt::Domain(domain, port))
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        let bits = u32::from(bits).min(width);
        bits == 0 || (a ^ b) >> (width - bits) == 0
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn exempt_hosts_are_recognised_as_curl_does() {
        let list = NoProxy::parse("localhost, .intern.example,10.0.0.0/8,::1,tsa.example:8080");
        for (host, port, covered) in [
            ("localhost", 80, true),
            ("pki.intern.example", 80, true),
            ("intern.example", 80, true),
            ("notintern.example", 80, false),
            ("10.1.2.3", 80, true),
            ("11.1.2.3", 80, false),
            ("[::1]", 80, true),
            ("tsa.example", 8080, true),
            ("tsa.example", 80, false),
            ("INTERN.EXAMPLE.", 80, true),
        ] {
            assert_eq!(list.covers(host, Some(port)), covered, "{host}:{port}");
        }
        assert!(NoProxy::parse("*").covers("anything", None));
        assert!(!NoProxy::parse("").covers("anything", None));
    }

    #[test]
    fn a_proxys_password_is_decoded_and_never_shown() {
        let proxy = Proxy::parse("http://us%40er:pa%3Ass@proxy.example:3128/").unwrap();
        let (user, password) = proxy.credentials.clone().unwrap();
        assert_eq!(
            (user.as_str(), password.expose_secret()),
            ("us@er", "pa:ss")
        );
        assert!(!format!("{proxy:?}").contains("pa"));
        assert_eq!(Proxy::parse("proxy.example:3128").unwrap().port, 3128);
        for wrong in ["socks5://proxy.example", "http://", "http://a b"] {
            Proxy::parse(wrong).unwrap_err();
        }
    }
}
