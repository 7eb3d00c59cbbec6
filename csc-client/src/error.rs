//! What goes wrong at a signing service, and what to do about it.

use ades::net::HttpError;
use hsm_pkcs11::{ErrorKind, PinError};
use pki_crypto::SignatureAlgorithm;

use crate::redact::shortened;

/// Why a signing service made no signature. No secret is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CscError {
    /// There was no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The service refuses, in its own words.
    #[error("{url} refuses ({status}): {error}{}", described(.description))]
    Refused {
        /// The URL of the method.
        url: String,
        /// The HTTP status.
        status: u16,
        /// `error`
        error: String,
        /// `error_description`
        description: Option<String>,
    },
    /// The service refuses without a word that the API knows.
    #[error("{url} answers with status {status}")]
    Status {
        /// The URL of the method.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what the API says.
    #[error("{url} does not answer as a signing service should: {what}")]
    Answer {
        /// The URL of the method.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// There is no credential, or several.
    #[error("{url} has {} for this user{}", number(.found), listed(.found))]
    Choice {
        /// The service.
        url: String,
        /// Their identifiers.
        found: Vec<String>,
    },
    /// The key is disabled, or has no certificate.
    #[error("the credential {credential} at {url} cannot sign: {why}")]
    Unusable {
        /// The service.
        url: String,
        /// The credential.
        credential: String,
        /// Why.
        why: String,
    },
    /// The credential does not offer the algorithm.
    #[error("the credential {credential} does not sign with {algorithm}; it offers {offered}")]
    Algorithm {
        /// The credential.
        credential: String,
        /// What was asked for.
        algorithm: SignatureAlgorithm,
        /// What there is.
        offered: String,
    },
    /// The credential is authorised in a browser.
    #[error("the credential {credential} is authorised in the mode {mode}, which needs a browser")]
    Mode {
        /// The credential.
        credential: String,
        /// `authMode`, `auth/mode`
        mode: String,
    },
    /// A PIN, password or one-time password is needed and there is none.
    #[error("the credential {credential} wants {what}")]
    Factor {
        /// The credential.
        credential: String,
        /// What it wants.
        what: String,
    },
    /// The PIN or one-time password could not be read.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// What authorises the credential was refused before; again, it would lock the credential.
    #[error(
        "the credential {credential} was not authorised before with this PIN or one-time password, which is not sent again"
    )]
    AuthorisationRefused {
        /// The credential.
        credential: String,
    },
    /// The password or client secret was refused before; again, it would lock the account.
    #[error("{url} refused the login before, and it is not sent again")]
    LoginRefused {
        /// The service.
        url: String,
    },
    /// As many signatures as digests were expected.
    #[error("{url} returned {got} signatures for {wanted} digests")]
    Count {
        /// The URL of the method.
        url: String,
        /// Digests sent.
        wanted: usize,
        /// Signatures received.
        got: usize,
    },
    /// A signature that the certificate's key did not make over this digest.
    #[error("{url} returned a signature that the certificate's key does not verify")]
    WrongSignature {
        /// The URL of the method.
        url: String,
    },
    /// Another thread's request died.
    #[error("the request died")]
    Died,
}

fn described(description: &Option<String>) -> String {
    description
        .as_ref()
        .map_or_else(String::new, |text| format!(": {text}"))
}

fn number(found: &[String]) -> String {
    match found.len() {
        0 => "no credential".into(),
        n => format!("{n} credentials"),
    }
}

fn listed(found: &[String]) -> String {
    const SHOWN: usize = 10;
    if found.is_empty() {
        return String::new();
    }
    let more = if found.len() > SHOWN { ", ..." } else { "" };
    let shown = found.iter().take(SHOWN).map(|id| shortened(id));
    let shown: Vec<_> = shown.collect();
    format!(": {}{more}", shown.join(", "))
}

impl CscError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Http(HttpError::Timeout { .. }) => ErrorKind::Timeout,
            Self::Refused {
                status: 401 | 403, ..
            }
            | Self::Status {
                status: 401 | 403, ..
            } => ErrorKind::WrongPin,
            Self::Refused { error, .. } if error == "invalid_pin" || error == "invalid_otp" => {
                ErrorKind::WrongPin
            }
            Self::AuthorisationRefused { .. } | Self::LoginRefused { .. } => ErrorKind::WrongPin,
            Self::Choice { found, .. } if !found.is_empty() => ErrorKind::Ambiguous,
            Self::Algorithm { .. } | Self::Unusable { .. } => ErrorKind::CannotSign,
            Self::Mode { .. } => ErrorKind::Unsupported,
            Self::Factor { .. } | Self::Pin(_) => ErrorKind::PinRequired,
            Self::Died => ErrorKind::Internal,
            _ => ErrorKind::Token,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Http(e) => return e.hint(),
            Self::Pin(e) => return e.hint(),
            Self::Refused {
                status: 401 | 403, ..
            }
            | Self::Status {
                status: 401 | 403, ..
            } => {
                "check the token, or the user name and password, in the [[remote]] table of the settings file"
            }
            Self::Status { status: 404, .. } => {
                "check the URL: it is the base of the API, such as https://sign.sceau.example/csc/v2"
            }
            Self::Status { .. } => "ask the operator of the service; its log tells more",
            Self::Refused { .. } => "what the service says is above; its operator knows more",
            Self::Answer { .. } => "check that the URL is that of the API, not of a web page",
            Self::Choice { found, .. } if found.is_empty() => {
                "check as whom the service is asked, or ask its operator for a credential"
            }
            Self::Choice { .. } => "name one: --key 'csc:URL;credential=ID'",
            Self::Unusable { .. } => "ask the operator of the service, or use another credential",
            Self::Algorithm { .. } => "choose one of those with --algorithm",
            Self::Mode { .. } => {
                "use a credential that is authorised with a PIN, or sign in two steps (--prepare)"
            }
            Self::Factor { .. } => {
                "give --pin-file or --otp-file, or pin-file in the [[remote]] table of the settings file"
            }
            Self::AuthorisationRefused { .. } => {
                "a few wrong ones lock a credential: see above why the service refused the first, then start again"
            }
            Self::LoginRefused { .. } => {
                "check the user name and password, or the client secret, in the [[remote]] table of the settings file"
            }
            Self::Count { .. } | Self::WrongSignature { .. } => {
                "do not use this service until its operator has explained; nothing was written"
            }
            Self::Died => return None,
        };
        Some(text.to_owned())
    }

    /// Whether the service may have meant the PIN, password or secret that it was sent.
    pub(crate) fn is_about_secrets(&self) -> bool {
        let (Self::Refused { status, .. } | Self::Status { status, .. }) = self else {
            return false;
        };
        matches!(status, 400..=403)
    }

    /// Whether it meant the one-time password.
    pub(crate) fn is_about_otp(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if error == "invalid_otp")
    }

    /// Whether the service may have meant the activation data: it is then asked for once more.
    pub(crate) fn is_about_sad(&self) -> bool {
        match self {
            Self::Refused {
                status: 400,
                error,
                description,
                ..
            } => {
                let said = format!("{error} {}", description.as_deref().unwrap_or_default());
                said.contains("SAD") || said.to_ascii_lowercase().contains("expired")
            }
            _ => false,
        }
    }
}
