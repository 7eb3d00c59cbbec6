//! How the network is reached: time-outs, proxy, and with whose certificates.

use core::fmt;
use core::time::Duration;

use pki_asn1::Certificate;
use secrecy::{ExposeSecret as _, SecretString};

use super::proxy::ProxySetting;

/// Settings of a [`super::UreqClient`].
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long one exchange may take in all: redirects, connection and body included.
    pub total_timeout: Duration,
    /// Through which proxy.
    pub proxy: ProxySetting,
    /// Whose TLS certificates are accepted; none: whom the system trusts.
    pub tls_roots: Vec<Certificate>,
    /// The client's own TLS certificate.
    pub client_certificate: Option<ClientCertificate>,
}

impl Default for HttpSettings {
    /// Long enough for a busy authority, short enough for a person who waits.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(20),
            proxy: ProxySetting::Environment,
            tls_roots: Vec::new(),
            client_certificate: None,
        }
    }
}

/// What a TLS client shows (RFC 8446 section 4.4.2).
#[derive(Clone)]
pub struct ClientCertificate(pub(super) ureq::tls::ClientCert, String);

/// Without the key.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.1)
    }
}

impl ClientCertificate {
    /// The client's certificate first, then those above it; the private key in PEM (PKCS#8, PKCS#1
    /// or SEC1), not encrypted.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn new(chain: &[Certificate], key_pem: &SecretString) -> Result<Self, String> {
        let first = chain.first().ok_or("there is no certificate")?;
        let text = key_pem.expose_secret();
        if text.contains("ENCRYPTED") {
            return Err("the private key is encrypted".into());
        }
        let key = ureq::tls::PrivateKey::from_pem(text.as_bytes())
            .map_err(|_| "there is no private key in PEM form")?;
        let der: Vec<_> = chain
            .iter()
            .map(|c| ureq::tls::Certificate::from_der(c.der()).to_owned())
            .collect();
        // What rustls would only say, or panic about, at the first connection.
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let subject = first.display_subject().to_string();
        let pair = rustls::sign::CertifiedKey::from_der(
            chain.iter().map(|c| c.der().to_vec().into()).collect(),
            rustls::pki_types::PrivateKeyDer::try_from(key.der().to_vec())?,
            &provider,
        );
        match pair {
            Ok(_) => Ok(Self(
                ureq::tls::ClientCert::new_with_certs(&der, key),
                subject,
            )),
            Err(e) => Err(format!("the key and the certificate of {subject}: {e}")),
        }
    }
}

/// The Authorization header of one service. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// RFC 7617.
    Basic {
        /// The user's name, without a colon.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// RFC 6750.
    Bearer(SecretString),
}

impl Authorization {
    /// The header's value.
    pub(super) fn header(&self) -> SecretString {
        match self {
            Self::Basic { username, password } => basic(username, password),
            Self::Bearer(token) => format!("Bearer {}", token.expose_secret()).into(),
        }
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "a user name and password",
            Self::Bearer(_) => "a bearer token",
        })
    }
}

pub(super) fn basic(username: &str, password: &SecretString) -> SecretString {
    use base64::Engine as _;
    let pair = zeroize::Zeroizing::new(format!("{username}:{}", password.expose_secret()));
    let encoded =
        zeroize::Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
    format!("Basic {}", encoded.as_str()).into()
}
