//! `[[remote]]`: a signing service (CSC API), and as whom it is asked.

use std::path::PathBuf;

use cli_support::Failure;
use csc_client::Login;
use serde::Deserialize;

use super::{carries_secret, is_web};

/// One `[[remote]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RemoteTable {
    /// The base of the API, such as `https://sign.sceau.example/csc/v2`.
    pub(crate) url: String,
    /// A short name for `--key csc:NAME`.
    pub(crate) name: Option<String>,
    /// The credential, where the user has several.
    pub(crate) credential: Option<String>,
    /// `auth/login` with a user name and password.
    username: Option<String>,
    password_file: Option<PathBuf>,
    /// An access token.
    token_file: Option<PathBuf>,
    /// The client credentials grant of OAuth 2.0.
    token_url: Option<String>,
    client_id: Option<String>,
    client_secret_file: Option<PathBuf>,
    /// The credential's PIN, where no `--pin-file` is given.
    pub(crate) pin_file: Option<PathBuf>,
}

impl RemoteTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [
            &mut self.password_file,
            &mut self.token_file,
            &mut self.client_secret_file,
            &mut self.pin_file,
        ]
        .into_iter()
        .flatten()
    }

    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let of = |what: &str| format!("[[remote]] {}: {what}", self.url);
        let urls = [Some(&self.url), self.token_url.as_ref()];
        for url in urls.into_iter().flatten() {
            if carries_secret(url) {
                return Err((
                    "[[remote]] holds a user name or password in a URL".into(),
                    "use username and password-file",
                ));
            }
            if !is_web(url) {
                return Err((
                    format!("[[remote]] {url:?} is not an http or https URL"),
                    "give a URL such as https://sign.sceau.example/csc/v2",
                ));
            }
        }
        let basic = [self.username.is_some(), self.password_file.is_some()];
        let grant = [
            self.token_url.is_some(),
            self.client_id.is_some(),
            self.client_secret_file.is_some(),
        ];
        for (what, given) in [
            ("username and password-file", &basic[..]),
            ("token-url, client-id and client-secret-file", &grant),
        ] {
            if given.contains(&true) && given.contains(&false) {
                return Err((
                    of(&format!("{what} belong together")),
                    "give all of them, or none",
                ));
            }
        }
        let ways = [basic[0], grant[0], self.token_file.is_some()];
        if ways.iter().filter(|given| **given).count() > 1 {
            return Err((
                of("there are several ways to log in"),
                "give username, or token-file, or client-id, with what belongs to it",
            ));
        }
        if self.username.as_ref().is_some_and(|u| u.contains(':')) {
            return Err((
                of("a user name has no colon (RFC 7617)"),
                "check the user name",
            ));
        }
        if ways.contains(&true)
            && urls
                .into_iter()
                .flatten()
                .any(|url| url.starts_with("http://"))
        {
            tracing::warn!(url = %self.url, "credentials are sent over plain http, where others can read them");
        }
        Ok(())
    }

    /// Reads the secrets.
    pub(crate) fn login(&self) -> Result<Login, Failure> {
        if let (Some(username), Some(file)) = (&self.username, &self.password_file) {
            return Ok(Login::Basic {
                username: username.clone(),
                password: super::secret(file, "the password file")?,
            });
        }
        if let (Some(token_url), Some(id), Some(file)) =
            (&self.token_url, &self.client_id, &self.client_secret_file)
        {
            return Ok(Login::ClientCredentials {
                token_url: token_url.clone(),
                id: id.clone(),
                secret: super::secret(file, "the client secret file")?,
            });
        }
        Ok(match &self.token_file {
            Some(file) => Login::Bearer(super::secret(file, "the token file")?),
            None => Login::None,
        })
    }
}
