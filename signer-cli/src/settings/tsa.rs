//! `[[tsa]]`: a time-stamping authority and how it is shown who asks.

use std::path::PathBuf;

use ades::net::{Authorization, ClientCertificate};
use cli_support::{Exit, Failure};
use pki_asn1::Certificate;
use pki_asn1::oid::ObjectIdentifier;
use secrecy::SecretString;
use serde::Deserialize;

use crate::verify_input;

/// One `[[tsa]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TsaTable {
    /// Where it takes requests.
    pub(crate) url: String,
    /// A short name for `--tsa`.
    pub(crate) name: Option<String>,
    /// Basic authentication (RFC 7617).
    username: Option<String>,
    password_file: Option<PathBuf>,
    /// A bearer token (RFC 6750).
    token_file: Option<PathBuf>,
    /// The client's TLS certificate, with those above it, and its key; both in PEM.
    client_certificate: Option<PathBuf>,
    client_key: Option<PathBuf>,
    /// Whose TLS certificates the authority may have, instead of whom the system trusts.
    tls_trust: Option<PathBuf>,
    /// The policy that tokens must be made under.
    policy: Option<String>,
}

impl TsaTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [
            &mut self.password_file,
            &mut self.token_file,
            &mut self.client_certificate,
            &mut self.client_key,
            &mut self.tls_trust,
        ]
        .into_iter()
        .flatten()
    }

    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let of = |what: &str| format!("[[tsa]] {}: {what}", self.url);
        if !is_web(&self.url) {
            return Err((
                format!("[[tsa]] url {:?} is not an http or https URL", self.url),
                "give a URL such as https://tsa.sceau.example/",
            ));
        }
        if carries_secret(&self.url) {
            return Err((
                "[[tsa]] url holds a user name or password".into(),
                "use username and password-file",
            ));
        }
        if self.username.is_some() != self.password_file.is_some() {
            return Err((
                of("username and password-file belong together"),
                "give both, or neither",
            ));
        }
        if self.username.is_some() && self.token_file.is_some() {
            return Err((
                of("there is a user name and a token"),
                "give username with password-file, or token-file",
            ));
        }
        if self.username.as_ref().is_some_and(|u| u.contains(':')) {
            return Err((
                of("a user name has no colon (RFC 7617)"),
                "check the user name",
            ));
        }
        if self.client_certificate.is_some() != self.client_key.is_some() {
            return Err((
                of("client-certificate and client-key belong together"),
                "give both, or neither",
            ));
        }
        let tls = self.client_certificate.is_some() || self.tls_trust.is_some();
        if tls && !self.url.starts_with("https://") {
            return Err((
                of("TLS certificates have no effect without https"),
                "give the authority's https URL",
            ));
        }
        self.policy().map(drop).map_err(|text| {
            (
                of(&format!("policy {text:?} is no object identifier")),
                "give one such as 1.3.6.1.4.1.32473.1.9",
            )
        })
    }

    pub(crate) fn policy(&self) -> Result<Option<ObjectIdentifier>, String> {
        self.policy
            .as_deref()
            .map(|text| text.parse().map_err(|_| text.to_owned()))
            .transpose()
    }

    fn authenticates(&self) -> bool {
        self.username.is_some() || self.token_file.is_some()
    }

    /// Reads the secrets.
    pub(crate) fn authorization(&self) -> Result<Option<Authorization>, Failure> {
        if self.authenticates() && !self.url.starts_with("https://") {
            tracing::warn!(url = %self.url, "credentials are sent over plain http, where others can read them");
        }
        if let (Some(username), Some(file)) = (&self.username, &self.password_file) {
            return Ok(Some(Authorization::Basic {
                username: username.clone(),
                password: super::secret(file, "the password file")?,
            }));
        }
        self.token_file
            .as_deref()
            .map(|file| super::secret(file, "the token file").map(Authorization::Bearer))
            .transpose()
    }

    /// The client's certificate and the authority's.
    pub(crate) fn tls(&self) -> Result<Option<Tls>, Failure> {
        let own = match (&self.client_certificate, &self.client_key) {
            (Some(certificate), Some(key)) => {
                let chain = verify_input::certificates(std::slice::from_ref(certificate))?;
                let key_text = cli_support::input::read_text(key, "the client key", 1 << 20)?;
                let pem = SecretString::from(key_text);
                let own = ClientCertificate::new(&chain, &pem).map_err(|why| {
                    Failure::message(
                        Exit::Data,
                        format!("the client key {} cannot be used: {why}", key.display()),
                    )
                    .with_hint("give the key of the client certificate in PEM form, not encrypted, readable by nobody else")
                })?;
                Some(own)
            }
            _ => None,
        };
        let trusted = match &self.tls_trust {
            Some(path) => verify_input::certificates(std::slice::from_ref(path))?,
            None => Vec::new(),
        };
        Ok((own.is_some() || !trusted.is_empty()).then_some(Tls { own, trusted }))
    }
}

/// TLS of one authority alone.
pub(crate) struct Tls {
    pub(crate) own: Option<ClientCertificate>,
    pub(crate) trusted: Vec<Certificate>,
}

/// Whether it is http or https and names a host.
pub(crate) fn is_web(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let web = ["http", "https"]
        .iter()
        .any(|s| scheme.eq_ignore_ascii_case(s));
    web && !rest.starts_with(['/', '?', '#', ':']) && !rest.is_empty()
}

/// Whether there is something before an @ in the URL's authority.
pub(crate) fn carries_secret(url: &str) -> bool {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    after
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|authority| authority.contains('@'))
}
