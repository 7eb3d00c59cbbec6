//! Where PINs and passphrases come from: a prompt, a file or an environment variable, never argv.

use core::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::ErrorKind;

/// Longest PIN or passphrase read from a file, in bytes.
const MAX_LEN: u64 = 4096;

/// Asks a person for a PIN or passphrase.
pub type PinPrompt = dyn Fn(&PinRequest) -> io::Result<SecretString> + Send + Sync;

/// Where to get a PIN or passphrase if one is needed. Nothing is read before that.
#[derive(Clone, Default)]
pub enum PinSource {
    /// There is none.
    #[default]
    None,
    /// The secret itself.
    Value(SecretString),
    /// The content of a file, without one line end at its end.
    File(PathBuf),
    /// The value of an environment variable; nothing where it is not set, or set to nothing while a
    /// token's PIN or a new passphrase is asked for.
    Environment(String),
    /// Ask.
    Prompt(Arc<PinPrompt>),
    /// The first source that has something to say.
    FirstOf(Vec<PinSource>),
}

/// What is asked for, so that a prompt can say so.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PinRequest {
    /// The token's label, or the key file's path.
    pub subject: String,
    /// What for.
    pub purpose: PinPurpose,
    /// What the token tells about earlier failures.
    pub attempts: PinAttempts,
}

impl PinRequest {
    /// For a backend outside this crate.
    #[must_use]
    pub fn new(subject: String, purpose: PinPurpose, attempts: PinAttempts) -> Self {
        Self {
            subject,
            purpose,
            attempts,
        }
    }
}

/// What a PIN or passphrase is needed for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PinPurpose {
    /// Logging in to a token.
    TokenLogin,
    /// One signature with a key that wants the PIN for each (CKA_ALWAYS_AUTHENTICATE).
    Signature,
    /// Opening an encrypted key file.
    OpenFile,
    /// Protecting a key file that is about to be written: ask twice.
    ProtectFile,
}

/// What a token tells about wrong PINs before this one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PinAttempts {
    /// Nothing, or this is no token.
    Unknown,
    /// A wrong PIN was entered since the last good one (CKF_USER_PIN_COUNT_LOW).
    Fewer,
    /// One more wrong PIN locks the token (CKF_USER_PIN_FINAL_TRY).
    Last,
}

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The PIN file cannot be read.
    #[error("cannot read the PIN file {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The PIN file holds no PIN.
    #[error("the PIN file {} {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The environment variable is not UTF-8.
    #[error("the environment variable {0} is not UTF-8")]
    Environment(String),
    /// The prompt failed or was abandoned.
    #[error("no PIN was entered for {subject}")]
    Prompt {
        /// What it was asked for.
        subject: String,
        /// Why.
        source: io::Error,
    },
}

impl PinError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::File { .. } => ErrorKind::Io,
            Self::Content { .. } | Self::Environment(_) => ErrorKind::Malformed,
            Self::Prompt { .. } => ErrorKind::PinRequired,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("create the file with the PIN in it, readable by this user only".into())
            }
            Self::File { .. } => Some("check the file's owner and permissions".into()),
            Self::Content { .. } => Some("the file holds the PIN alone, on one line".into()),
            Self::Environment(_) | Self::Prompt { .. } => None,
        }
    }
}

impl PinSource {
    /// The secret, or `None` where the source has none.
    ///
    /// # Errors
    /// Where a file that is named cannot be read, or the prompt fails.
    pub fn get(&self, request: &PinRequest) -> Result<Option<SecretString>, PinError> {
        match self {
            Self::None => Ok(None),
            Self::Value(secret) => Ok(Some(secret.clone())),
            Self::File(path) => read_file(path).map(Some),
            Self::Environment(name) => match std::env::var(name) {
                // Set to nothing is how scripts unset it. An empty PIN would cost a token's attempt,
                // and an empty passphrase would protect nothing; a file may have one.
                Ok(value) if value.is_empty() && request.purpose != PinPurpose::OpenFile => {
                    Ok(None)
                }
                Ok(value) => Ok(Some(value.into())),
                Err(std::env::VarError::NotPresent) => Ok(None),
                Err(std::env::VarError::NotUnicode(_)) => Err(PinError::Environment(name.clone())),
            },
            Self::Prompt(ask) => ask(request).map(Some).map_err(|source| PinError::Prompt {
                subject: request.subject.clone(),
                source,
            }),
            Self::FirstOf(sources) => {
                for source in sources {
                    if let Some(secret) = source.get(request)? {
                        return Ok(Some(secret));
                    }
                }
                Ok(None)
            }
        }
    }
}

/// Names the kind of source, never the secret.
impl fmt::Debug for PinSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Value(_) => f.write_str("Value(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Environment(name) => f.debug_tuple("Environment").field(name).finish(),
            Self::Prompt(_) => f.write_str("Prompt(..)"),
            Self::FirstOf(sources) => f.debug_tuple("FirstOf").field(sources).finish(),
        }
    }
}

impl PinSource {
    /// The part of the source that asks a person.
    pub(crate) fn prompts(&self) -> Option<&Self> {
        match self {
            Self::Prompt(_) => Some(self),
            Self::FirstOf(sources) => sources.iter().find_map(Self::prompts),
            Self::None | Self::Value(_) | Self::File(_) | Self::Environment(_) => None,
        }
    }
}

impl PinRequest {
    pub(crate) fn for_file(path: &Path, purpose: PinPurpose) -> Self {
        Self {
            subject: path.display().to_string(),
            purpose,
            attempts: PinAttempts::Unknown,
        }
    }
}

fn read_file(path: &Path) -> Result<SecretString, PinError> {
    let failed = |source| PinError::File {
        path: path.to_owned(),
        source,
    };
    let content = |reason| PinError::Content {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(failed)?;
    // Reserved once, so that no reallocation leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN as usize + 2));
    file.take(MAX_LEN + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_LEN {
        return Err(content("is longer than any PIN"));
    }
    let text = core::str::from_utf8(&bytes).map_err(|_| content("is not UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.starts_with('\u{feff}') {
        return Err(content(
            "begins with a byte order mark, which an editor put there",
        ));
    }
    if line.is_empty() {
        return Err(content("is empty"));
    }
    if line.contains(['\n', '\r']) {
        return Err(content("has more than one line"));
    }
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn request() -> PinRequest {
        PinRequest::for_file(Path::new("key.pem"), PinPurpose::OpenFile)
    }

    #[test]
    fn a_line_end_in_the_pin_file_is_not_part_of_the_pin() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pin");
        for (content, pin) in [("1234\n", "1234"), ("12 34\r\n", "12 34"), ("x", "x")] {
            std::fs::write(&path, content).unwrap();
            let read = PinSource::File(path.clone()).get(&request()).unwrap();
            assert_eq!(read.unwrap().expose_secret(), pin);
        }
        for content in ["", "\n", "1234\n5678\n", "\u{feff}1234\n"] {
            std::fs::write(&path, content).unwrap();
            let error = PinSource::File(path.clone()).get(&request()).unwrap_err();
            assert!(matches!(error, PinError::Content { .. }), "{content:?}");
        }
    }

    #[test]
    fn a_named_file_that_is_missing_is_not_skipped() {
        let source = PinSource::FirstOf(vec![
            PinSource::None,
            PinSource::Environment("SCEAU_NO_SUCH_VARIABLE".into()),
            PinSource::File("/nonexistent/pin".into()),
            PinSource::Value("1234".into()),
        ]);
        let error = source.get(&request()).unwrap_err();
        assert!(matches!(error, PinError::File { .. }));
    }

    #[test]
    fn a_variable_set_to_nothing_costs_no_attempt_and_protects_no_file() {
        // Cargo sets it for every package, and this one has no repository.
        let source = PinSource::Environment("CARGO_PKG_REPOSITORY".into());
        if std::env::var("CARGO_PKG_REPOSITORY").is_ok_and(|v| v.is_empty()) {
            let ask = |purpose| {
                let request = PinRequest {
                    purpose,
                    ..request()
                };
                source.get(&request).unwrap()
            };
            assert!(ask(PinPurpose::TokenLogin).is_none());
            assert!(ask(PinPurpose::ProtectFile).is_none());
            assert!(ask(PinPurpose::OpenFile).is_some());
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let source = PinSource::FirstOf(vec![PinSource::Value("hunter2".into())]);
        assert_eq!(format!("{source:?}"), "FirstOf([Value(..)])");
    }
}
