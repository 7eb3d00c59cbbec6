//! Where a PostgreSQL database is, as the operator wrote it: a URL without a password.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};

use super::client::{Client, Failure};
use crate::store::RecordName;

/// How long one attempt to connect to one server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take where nothing else is said: the longest statements count everything.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long what was sent may stay unacknowledged before the connection counts as lost.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the other side is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// A PostgreSQL database that holds, or will hold, a record.
#[derive(Clone)]
pub struct PostgresLocation {
    /// One for each server, in the order they are named.
    servers: Vec<Config>,
    name: RecordName,
    patience: Option<Duration>,
    /// Whom to believe that it is the server; `None` for a Unix socket or a tunnel.
    tls: Option<Arc<ClientConfig>>,
}

/// What belongs to a database's URL and never stands in it.
#[derive(Clone, Debug, Default)]
pub struct PostgresAccess {
    /// The role's password.
    pub password: Option<SecretString>,
    /// The certificates (PEM) of the authorities that the server's certificate may come from.
    pub ca_certificates: Option<Vec<u8>>,
}

/// Why a database's URL cannot be used. Never shows the URL, which may hold what it should not.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Another kind of URL.
    #[error("the URL of the database does not begin with postgresql://")]
    Scheme,
    /// A password in it.
    #[error("the URL of the database has a password in it")]
    Password,
    /// It cannot be read.
    #[error("the URL of the database cannot be read: {0}")]
    Malformed(String),
    /// No server named.
    #[error("the URL of the database names no server")]
    NoHost,
    /// No database named.
    #[error("the URL names no database")]
    NoDatabase,
    /// A network without TLS, and nobody said that this is meant.
    #[error("the connection to the database at {0} would go over the network unprotected")]
    Unprotected(String),
    /// No certificates in the file.
    #[error("the file with the database's CA certificates cannot be used: {0}")]
    CaCertificates(String),
}

impl LocationError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Scheme | Self::Malformed(_) | Self::NoDatabase => {
                "write postgresql://USER@HOST:PORT/DATABASE"
            }
            Self::Password => {
                "take it out, put it into a file of its own, and name that file with password-file"
            }
            Self::NoHost => {
                "write postgresql://USER@HOST/DATABASE, or postgresql:///DATABASE?host=/run/postgresql \
                 for a Unix socket"
            }
            Self::Unprotected(_) => {
                "name the file with the CA certificates of the database's TLS with ca-certificates; where a \
                 tunnel protects the connection, add ?sslmode=disable to the URL"
            }
            Self::CaCertificates(_) => "it holds one or more certificates in PEM",
        }
        .into()
    }
}

impl PostgresLocation {
    /// Reads a URL such as `postgresql://ca@db1,db2/sceau` and joins it with what comes from files and
    /// the environment. Over a network the server must prove who it is (TLS, verified against
    /// `ca_certificates`), unless the URL says `sslmode=disable`.
    ///
    /// # Errors
    /// [`LocationError`]: where it is no such URL, or holds a password itself.
    pub fn parse(url: &str, access: &PostgresAccess) -> Result<Self, LocationError> {
        if !Self::is_url(url) {
            return Err(LocationError::Scheme);
        }
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            LocationError::Malformed(source.unwrap_or_else(|| error.to_string()))
        })?;
        if config.get_password().is_some() {
            return Err(LocationError::Password);
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(LocationError::NoHost);
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(LocationError::NoDatabase);
        }
        let name = RecordName::new(&name(&config));
        let tls = Self::tls(&config, access)?;
        config.ssl_mode(match tls {
            Some(_) => SslMode::Require,
            None => SslMode::Disable,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if config.get_keepalives_interval().is_none() {
            config
                .keepalives_idle(KEEPALIVE)
                .keepalives_interval(KEEPALIVE / 2)
                .keepalives_retries(3);
        }
        if config.get_application_name().is_none() {
            config.application_name("sceau");
        }
        if let Some(password) = &access.password {
            config.password(password.expose_secret());
        }
        let hosts = hosts(&config);
        let servers = hosts.len().max(config.get_hostaddrs().len());
        Ok(Self {
            servers: (0..servers).map(|at| single(&config, &hosts, at)).collect(),
            name,
            patience: Some(PATIENCE),
            tls,
        })
    }

    fn tls(
        config: &Config,
        access: &PostgresAccess,
    ) -> Result<Option<Arc<ClientConfig>>, LocationError> {
        let network = config.get_hosts().iter().find_map(|host| match host {
            Host::Tcp(host) => Some(host.clone()),
            #[cfg(unix)]
            Host::Unix(_) => None,
        });
        let network = network.or_else(|| config.get_hostaddrs().first().map(ToString::to_string));
        let Some(host) = network.filter(|_| config.get_ssl_mode() != SslMode::Disable) else {
            return Ok(None);
        };
        let pem = access.ca_certificates.as_ref();
        let pem = pem.ok_or(LocationError::Unprotected(host))?;
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificate
                .map_err(|e| e.to_string())
                .and_then(|c| trusted.add(c).map_err(|e| e.to_string()))
                .map_err(LocationError::CaCertificates)?;
        }
        if trusted.is_empty() {
            return Err(LocationError::CaCertificates("no certificate in it".into()));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| LocationError::CaCertificates(e.to_string()))?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Some(Arc::new(config)))
    }

    /// Whether this is a database's URL rather than a path.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.starts_with("postgresql://") || text.starts_with("postgres://")
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &RecordName {
        &self.name
    }

    /// The same; whatever is asked there is answered within `patience`, or counts as not answered.
    /// For what others wait for, who would rather hear that there is no answer.
    #[must_use]
    pub fn answering_within(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// The same, for work that takes as long as it takes.
    pub(super) fn without_limit(&self) -> Self {
        Self {
            patience: None,
            ..self.clone()
        }
    }

    /// The same, of several servers only the one that can be written to.
    pub(super) fn primary(&self) -> Self {
        let mut primary = self.clone();
        for server in &mut primary.servers {
            server.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        primary
    }

    /// How long an answer may take, if there is a limit.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.patience
    }

    /// Connects to the first server that lets us, beginning with number `first`; which one it is.
    pub(super) fn connect(&self, first: usize) -> Result<(Client, usize), Failure> {
        let count = self.servers.len();
        let mut failure = None;
        for (at, server) in (0..count)
            .map(|n| (first + n) % count)
            .filter_map(|at| Some((at, self.servers.get(at)?)))
        {
            match self.connect_to(server) {
                Ok(client) => return Ok((client, at)),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or(Failure::Silent(CONNECT_TIMEOUT)))
    }

    fn connect_to(&self, server: &Config) -> Result<Client, Failure> {
        let limit = server
            .get_connect_timeout()
            .copied()
            .unwrap_or(CONNECT_TIMEOUT);
        match &self.tls {
            Some(tls) => {
                let tls = ClientConfig::clone(tls);
                let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
                Client::connect(server, tls, limit, self.patience)
            }
            None => Client::connect(server, NoTls, limit, self.patience),
        }
    }
}

/// The servers by name. The client library takes several sockets in one parameter for one.
fn hosts(all: &Config) -> Vec<Host> {
    all.get_hosts()
        .iter()
        .flat_map(|host| match host {
            #[cfg(unix)]
            Host::Unix(folders) => folders
                .to_string_lossy()
                .split(',')
                .map(|folder| Host::Unix(folder.into()))
                .collect(),
            host @ Host::Tcp(_) => vec![host.clone()],
        })
        .collect()
}

/// The server at this place of the list alone. The client library would try them all behind one
/// limit, and not say which one it found.
fn single(all: &Config, hosts: &[Host], at: usize) -> Config {
    let mut one = Config::new();
    match hosts.get(at) {
        Some(Host::Tcp(host)) => drop(one.host(host)),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => drop(one.host_path(folder)),
        None => {}
    }
    if let Some(address) = all.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    if let Some(port) = all.get_ports().get(at).or(all.get_ports().first()) {
        one.port(*port);
    }
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(database) = all.get_dbname() {
        one.dbname(database);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    if let Some(limit) = all.get_connect_timeout() {
        one.connect_timeout(*limit);
    }
    if let Some(limit) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*limit);
    }
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .keepalives(all.get_keepalives())
        .keepalives_idle(all.get_keepalives_idle())
        .target_session_attrs(all.get_target_session_attrs())
        .channel_binding(all.get_channel_binding());
    one
}

impl fmt::Debug for PostgresLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresLocation")
            .field(&self.name.to_string())
            .finish()
    }
}

/// User, servers and database: what tells it from others.
fn name(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |at: usize| match ports.get(at).or(ports.first()) {
        None | Some(5432) => String::new(),
        Some(port) => format!(":{port}"),
    };
    let user = config.get_user().map(|user| format!("{user}@"));
    let user = user.unwrap_or_default();
    let database = config.get_dbname().unwrap_or_default();
    let mut sockets = Vec::new();
    let mut hosts = Vec::new();
    for (at, host) in config.get_hosts().iter().enumerate() {
        match host {
            Host::Tcp(host) => hosts.push(format!("{host}{}", port(at))),
            #[cfg(unix)]
            Host::Unix(folder) => sockets.push(folder.display().to_string()),
        }
    }
    if hosts.is_empty() && sockets.is_empty() {
        hosts.extend(config.get_hostaddrs().iter().map(ToString::to_string));
    }
    let socket = match sockets.as_slice() {
        [] => String::new(),
        all => format!("?host={}", all.join(",")),
    };
    format!("postgresql://{user}{}/{database}{socket}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresLocation, LocationError> {
        let access = PostgresAccess {
            password: Some("hunter2".into()),
            ca_certificates: None,
        };
        PostgresLocation::parse(url, &access)
    }

    #[test]
    fn a_url_is_named_without_what_is_secret() {
        for (url, shown) in [
            (
                "postgresql://ca@db/sceau?sslmode=disable",
                "postgresql://ca@db/sceau",
            ),
            (
                "postgres://ca@db1:5433,db2:5434/sceau?sslmode=disable&target_session_attrs=any",
                "postgresql://ca@db1:5433,db2:5434/sceau",
            ),
            (
                "postgresql:///sceau?host=/run/postgresql&user=ca",
                "postgresql://ca@/sceau?host=/run/postgresql",
            ),
        ] {
            let location = parse(url).unwrap();
            assert_eq!(location.name().to_string(), shown);
            assert!(!format!("{location:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_showing_it() {
        let unprotected = LocationError::Unprotected("db".into());
        for (url, expected) in [
            ("mysql://ca@db/sceau", LocationError::Scheme),
            ("postgresql://ca:hunter2@db/sceau", LocationError::Password),
            (
                "postgresql://ca@db/sceau?password=hunter2",
                LocationError::Password,
            ),
            ("postgresql:///sceau", LocationError::NoHost),
            ("postgresql://db", LocationError::NoDatabase),
            ("postgresql://db/sceau", unprotected.clone()),
            ("postgresql://db/sceau?sslmode=require", unprotected),
        ] {
            assert_eq!(parse(url).unwrap_err(), expected, "{url}");
        }
        for url in [
            "postgresql://ca:hunter2@db/sceau?colour=red",
            "postgresql://ca:hunter2@db:port/sceau",
        ] {
            let error = parse(url).unwrap_err();
            let text = format!("{error} {}", error.hint());
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_server_on_the_network_is_believed_only_with_certificates() {
        let with = |pem: &str| {
            let access = PostgresAccess {
                password: None,
                ca_certificates: Some(pem.into()),
            };
            PostgresLocation::parse("postgresql://db/sceau", &access)
        };
        assert!(matches!(with(""), Err(LocationError::CaCertificates(_))));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(
            with(broken),
            Err(LocationError::CaCertificates(_))
        ));
    }
}
