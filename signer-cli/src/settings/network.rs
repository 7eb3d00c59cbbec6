//! `[network]`: proxy and time-outs.

use core::time::Duration;
use std::path::PathBuf;

use ades::net::{NoProxy, Proxy, ProxySetting};
use cli_support::{Exit, Failure};
use serde::Deserialize;

use super::tsa::carries_secret;

/// `[network]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NetworkTable {
    /// `http://HOST:PORT`, or `none`; without it the environment's.
    proxy: Option<String>,
    proxy_username: Option<String>,
    proxy_password_file: Option<PathBuf>,
    /// Hosts, domains and networks that are reached without the proxy.
    #[serde(default)]
    no_proxy: Vec<String>,
    /// Seconds to wait for a connection.
    connect_timeout: Option<u64>,
    /// Seconds for one exchange in all.
    timeout: Option<u64>,
}

impl NetworkTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.proxy_password_file.iter_mut()
    }

    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        if let Some(proxy) = self.proxy.as_deref().filter(|p| *p != "none") {
            if carries_secret(proxy) {
                return Err((
                    "[network] proxy holds a user name or password".into(),
                    "use proxy-username and proxy-password-file",
                ));
            }
            Proxy::parse(proxy).map_err(|why| {
                (
                    format!("[network] proxy: {why}"),
                    "give a URL such as http://proxy.sceau.example:3128, or none",
                )
            })?;
        } else if self.proxy_username.is_some() || !self.no_proxy.is_empty() {
            return Err((
                "[network] proxy-username and no-proxy have no effect without proxy".into(),
                "add proxy, or use NO_PROXY with the environment's proxy",
            ));
        }
        if self.proxy_username.is_some() != self.proxy_password_file.is_some() {
            return Err((
                "[network] proxy-username and proxy-password-file belong together".into(),
                "give both, or neither",
            ));
        }
        for (name, seconds) in [
            ("connect-timeout", self.connect_timeout),
            ("timeout", self.timeout),
        ] {
            if seconds.is_some_and(|s| !(1..=3600).contains(&s)) {
                return Err((
                    format!("[network] {name} is between 1 and 3600 seconds"),
                    "leave it out for the default",
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout.map(Duration::from_secs)
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs)
    }

    /// What the file says; `None` where it says nothing.
    pub(crate) fn proxy(&self) -> Result<Option<ProxySetting>, Failure> {
        let Some(url) = &self.proxy else {
            return Ok(None);
        };
        if url == "none" {
            return Ok(Some(ProxySetting::Direct));
        }
        let mut proxy = Proxy::parse(url)
            .map_err(|why| Failure::message(Exit::Config, format!("[network] proxy: {why}")))?;
        if let (Some(username), Some(file)) = (&self.proxy_username, &self.proxy_password_file) {
            let password = super::secret(file, "the proxy's password file")?;
            proxy = proxy.with_credentials(username.clone(), password);
        }
        let exempt = NoProxy::parse(&self.no_proxy.join(","));
        Ok(Some(ProxySetting::Through(Box::new(proxy), exempt)))
    }
}
