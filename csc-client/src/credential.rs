//! A key at the service, with its certificates and how it is authorised (credentials/list and
//! credentials/info).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::api::{InfoAnswer, InfoRequest, ListAnswer, ListRequest};
use crate::error::CscError;
use crate::redact::shortened;
use crate::service::{Service, Version};

/// An identifier that nobody would type, and errors would be full of.
const MAX_ID: usize = 1024;
/// More signatures in one request help nobody.
const MAX_MULTISIGN: u32 = 1000;

/// What `credentials/info` tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credential {
    /// `credentialID`
    pub id: String,
    /// OIDs of the algorithms the key may be used with.
    pub algorithms: Vec<String>,
    /// Certificates in DER, the key's own first.
    pub certificates: Vec<Vec<u8>>,
    /// How it is authorised.
    pub mode: AuthMode,
    /// Whether an authorisation is for certain digests (SCAL).
    pub binding: Binding,
    /// How many signatures one authorisation is good for, at least 1.
    pub multisign: usize,
}

/// `authMode`
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AuthMode {
    /// The service sees to it.
    Implicit,
    /// With what the user knows or has.
    Explicit {
        /// What the PIN or password is called, where one is wanted.
        pin: Option<String>,
        /// What the one-time password is called, where one is wanted.
        otp: Option<String>,
    },
}

/// Sole control assurance level (EN 419 241-1 clause 5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// SCAL 1: activation data are not bound to digests.
    Free,
    /// SCAL 2: they are.
    Digests,
}

impl Service {
    /// The identifiers of the user's credentials.
    ///
    /// # Errors
    /// See [`CscError`].
    pub fn credentials(&self) -> Result<Vec<String>, CscError> {
        let answer: ListAnswer = self.call("credentials/list", &ListRequest {}, &[])?;
        Ok(answer.credential_ids)
    }

    /// A credential: the one called `id`, or the only one there is.
    ///
    /// # Errors
    /// [`CscError::Choice`] where there are several or none; [`CscError::Unusable`] where its key is
    /// disabled or has no certificate; [`CscError::Mode`] where it is authorised in a browser.
    pub fn credential(&self, id: Option<&str>) -> Result<Credential, CscError> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => {
                let mut found = self.credentials()?;
                match (found.pop(), found.is_empty()) {
                    (Some(only), true) if only.len() <= MAX_ID => only,
                    (last, _) => {
                        found.extend(last);
                        let url = self.url().to_owned();
                        return Err(CscError::Choice { url, found });
                    }
                }
            }
        };
        let request = InfoRequest {
            credential_id: &id,
            certificates: "chain",
            auth_info: (self.version() == Version::Two).then_some(true),
        };
        let answer: InfoAnswer = self.call("credentials/info", &request, &[])?;
        self.read(id, answer)
    }

    fn read(&self, id: String, answer: InfoAnswer) -> Result<Credential, CscError> {
        let unusable = |why: String| CscError::Unusable {
            url: self.url().to_owned(),
            credential: id.clone(),
            why,
        };
        if answer.key.status != "enabled" {
            let status = shortened(&answer.key.status);
            return Err(unusable(format!("its key is {status}, not enabled")));
        }
        let mut certificates = Vec::new();
        for text in answer.cert.map(|c| c.certificates).unwrap_or_default() {
            let text: String = text.split_whitespace().collect();
            certificates.push(
                STANDARD
                    .decode(text)
                    .map_err(|_| unusable("its certificate is no base64".into()))?,
            );
        }
        if certificates.is_empty() {
            return Err(unusable("the service gives no certificate of it".into()));
        }
        let wants = |factor: Option<crate::api::FactorInfo>, name: &str| {
            let presence = factor.and_then(|f| f.presence);
            (presence.as_deref() == Some("true")).then(|| name.to_owned())
        };
        let (mode, explicit) = match answer.auth {
            Some(auth) => {
                let named = |is: fn(&str) -> bool| {
                    let mut objects = auth.objects.iter();
                    objects.find(|o| is(&o.kind)).map(|o| o.id.clone())
                };
                let explicit = AuthMode::Explicit {
                    pin: named(|kind| {
                        kind.eq_ignore_ascii_case("password") || kind.eq_ignore_ascii_case("pin")
                    }),
                    otp: named(|kind| kind.to_ascii_lowercase().contains("otp")),
                };
                (Some(auth.mode), explicit)
            }
            None => {
                let explicit = AuthMode::Explicit {
                    pin: wants(answer.pin, "PIN"),
                    otp: wants(answer.otp, "OTP"),
                };
                (answer.auth_mode, explicit)
            }
        };
        let mode = match mode.as_deref() {
            Some("implicit") => AuthMode::Implicit,
            Some("explicit") => explicit,
            Some(mode) => {
                return Err(CscError::Mode {
                    credential: id,
                    mode: mode.chars().take(40).collect(),
                });
            }
            None => {
                return Err(unusable(
                    "the service does not say how it is authorised".into(),
                ));
            }
        };
        Ok(Credential {
            algorithms: answer.key.algo,
            certificates,
            mode,
            binding: match answer.scal.as_deref() {
                Some("2") => Binding::Digests,
                _ => Binding::Free,
            },
            multisign: answer.multisign.unwrap_or(1).clamp(1, MAX_MULTISIGN) as usize,
            id,
        })
    }
}
