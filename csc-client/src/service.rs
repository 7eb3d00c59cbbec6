//! A signing service: its URL, who asks, and one call of one method (CSC API clause 8 to 10).

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ades::net::{Authorization, HttpClient, HttpMethod, HttpRequest, HttpResponse, Redirects};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::api::{ErrorAnswer, LoginRequest, TokenAnswer};
use crate::error::CscError;
use crate::redact::Secrets;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// Chains and hundreds of signatures stay below this.
const MAX_ANSWER: u64 = 4 << 20;

/// Which names the messages' members have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// 1.0
    One,
    /// 2.0
    Two,
}

/// How the service knows who asks. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum Login {
    /// It knows otherwise, by the TLS client certificate for example.
    None,
    /// An access token (RFC 6750).
    Bearer(SecretString),
    /// `auth/login` with a user name and password (RFC 7617), which gives an access token; where the
    /// service has no such method, the same with every request.
    Basic {
        /// The user's name, without a colon.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// The client credentials grant (RFC 6749 section 4.4).
    ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// `client_id`
        id: String,
        /// `client_secret`
        secret: SecretString,
    },
}

/// One service. Cheap to share; connections are kept by the client.
pub struct Service {
    url: String,
    version: Version,
    http: Arc<dyn HttpClient>,
    login: Login,
    /// The access token, or what is sent instead.
    authorization: Mutex<Option<Authorization>>,
    /// The login was refused: sent again and again, it would lock the account.
    locked_out: AtomicBool,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("url", &self.url)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// The service whose methods are below `url`, such as `https://sign.sceau.example/csc/v2`. Where
    /// the last segment is `v1`, messages are those of version 1. Nothing is connected to yet.
    #[must_use]
    pub fn new(url: &str, http: Arc<dyn HttpClient>, login: Login) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let version = match url.rsplit('/').next() {
            Some("v0" | "v1") => Version::One,
            _ => Version::Two,
        };
        let authorization = match &login {
            Login::Bearer(token) => Some(Authorization::Bearer(token.clone())),
            _ => None,
        };
        Self {
            url,
            version,
            http,
            login,
            authorization: Mutex::new(authorization),
            locked_out: AtomicBool::new(false),
        }
    }

    /// The base of its methods.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which version of the API it speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    pub(crate) fn method_url(&self, method: &str) -> String {
        format!("{}/{method}", self.url)
    }

    /// Calls a method with a request that holds the secrets `sent`. Where the access token has
    /// expired, another one is asked for, once.
    pub(crate) fn call<A: DeserializeOwned>(
        &self,
        method: &str,
        request: &impl Serialize,
        sent: &[&SecretString],
    ) -> Result<A, CscError> {
        let url = self.method_url(method);
        let body = Zeroizing::new(serde_json::to_vec(request).map_err(|e| CscError::Answer {
            url: url.clone(),
            what: e.to_string(),
        })?);
        let known = self.known();
        let authorization = match &known {
            Some(known) => Some(known.clone()),
            None => self.log_in()?,
        };
        let mut secrets = self.secrets(sent, authorization.as_ref());
        let mut response = self.post(&url, JSON, &body, authorization.as_ref())?;
        let renewable = matches!(
            self.login,
            Login::Basic { .. } | Login::ClientCredentials { .. }
        );
        if response.status == 401 && known.is_some() && renewable {
            tracing::debug!(%url, "the access token has expired");
            let authorization = self.log_in()?;
            secrets = self.secrets(sent, authorization.as_ref());
            response = self.post(&url, JSON, &body, authorization.as_ref())?;
        }
        read(&url, response, &secrets)
    }

    /// What must not be told where the service repeats it.
    fn secrets(&self, sent: &[&SecretString], authorization: Option<&Authorization>) -> Secrets {
        let mut secrets = Secrets::default();
        for secret in sent {
            secrets.add(secret);
        }
        match authorization {
            Some(Authorization::Bearer(token)) => secrets.add(token),
            Some(Authorization::Basic { username, password }) => {
                secrets.add_basic(username, password);
            }
            None => {}
        }
        match &self.login {
            Login::Basic { username, password } => secrets.add_basic(username, password),
            Login::ClientCredentials { secret, .. } => secrets.add(secret),
            Login::None | Login::Bearer(_) => {}
        }
        secrets
    }

    fn known(&self) -> Option<Authorization> {
        let known = self.authorization.lock();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn log_in(&self) -> Result<Option<Authorization>, CscError> {
        if self.locked_out.load(Ordering::Acquire) {
            return Err(CscError::LoginRefused {
                url: self.url.clone(),
            });
        }
        let answered = self.ask_for_token();
        if answered.as_ref().is_err_and(CscError::is_about_secrets) {
            self.locked_out.store(true, Ordering::Release);
        }
        let Some(token) = answered? else {
            return Ok(None);
        };
        let mut known = self.authorization.lock();
        let known = match &mut known {
            Ok(known) => known,
            Err(poisoned) => poisoned.get_mut(),
        };
        **known = Some(token.clone());
        Ok(Some(token))
    }

    fn ask_for_token(&self) -> Result<Option<Authorization>, CscError> {
        let token = match &self.login {
            Login::None => return Ok(None),
            Login::Bearer(token) => Authorization::Bearer(token.clone()),
            Login::Basic { username, password } => {
                let basic = Authorization::Basic {
                    username: username.clone(),
                    password: password.clone(),
                };
                let url = self.method_url("auth/login");
                let request = LoginRequest { remember_me: false };
                let body = serde_json::to_vec(&request).unwrap_or_default();
                let response = self.post(&url, JSON, &body, Some(&basic))?;
                match response.status {
                    // No such method there.
                    404 | 405 | 501 => basic,
                    _ => bearer(read(&url, response, &self.secrets(&[], Some(&basic)))?),
                }
            }
            Login::ClientCredentials {
                token_url,
                id,
                secret,
            } => {
                let body = Zeroizing::new(
                    form_urlencoded::Serializer::new(String::new())
                        .append_pair("grant_type", "client_credentials")
                        .append_pair("client_id", id)
                        .append_pair("client_secret", secret.expose_secret())
                        .finish(),
                );
                let response = self.post(token_url, FORM, body.as_bytes(), None)?;
                bearer(read(token_url, response, &self.secrets(&[], None))?)
            }
        };
        Ok(Some(token))
    }

    fn post(
        &self,
        url: &str,
        content_type: &str,
        body: &[u8],
        authorization: Option<&Authorization>,
    ) -> Result<HttpResponse, CscError> {
        Ok(self.http.send(&HttpRequest {
            url,
            method: HttpMethod::Post { content_type, body },
            accept: JSON,
            max_bytes: MAX_ANSWER,
            authorization,
            // The body may hold a PIN, a client secret or activation data.
            redirects: Redirects::SameOrigin,
        })?)
    }
}

fn bearer(answer: TokenAnswer) -> Authorization {
    Authorization::Bearer(answer.access_token.into())
}

fn read<A: DeserializeOwned>(
    url: &str,
    response: HttpResponse,
    secrets: &Secrets,
) -> Result<A, CscError> {
    let status = response.status;
    // It may hold a token or activation data.
    let body = Zeroizing::new(response.body);
    let url = url.to_owned();
    if status != 200 {
        return Err(match serde_json::from_slice::<ErrorAnswer>(&body) {
            Ok(said) => CscError::Refused {
                url,
                status,
                error: secrets.hide(said.error),
                description: said.error_description.map(|text| secrets.hide(text)),
            },
            Err(_) => CscError::Status { url, status },
        });
    }
    serde_json::from_slice(&body).map_err(|e| CscError::Answer {
        what: if e.is_data() {
            // Where, not what: a value could be a secret.
            format!(
                "a member is missing or of another type (line {}, column {})",
                e.line(),
                e.column()
            )
        } else {
            let kind = response
                .content_type
                .unwrap_or_else(|| "something unlabelled".into());
            format!("it sends {}, which is no JSON", secrets.hide(kind))
        },
        url,
    })
}
