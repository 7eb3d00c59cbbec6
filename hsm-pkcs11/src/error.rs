//! What goes wrong when a key is opened or generated, and what to do about it.

use std::io;
use std::path::PathBuf;

use pki_crypto::KeyKind;

use crate::key_file::ReferenceError;
use crate::pin::PinError;
use crate::signer::{ChoiceError, SignError};
use crate::software::SoftwareKeyError;
use crate::token_error::TokenError;

/// Coarse classes of [`KeyError`] and [`SignError`], for exit codes and for tests.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A PIN or passphrase is needed and there is none.
    PinRequired,
    /// The PIN or passphrase is wrong. Never tried again on its own.
    WrongPin,
    /// The token does not accept PINs any more, or one wrong PIN would bring it there.
    PinLocked,
    /// There is no such key, file or certificate.
    NotFound,
    /// Several keys or tokens fit.
    Ambiguous,
    /// A key is to be generated where one already is.
    Exists,
    /// The PKCS#11 module is not there or not named.
    ModuleMissing,
    /// The PKCS#11 module is no PKCS#11 module, or does not start.
    ModuleInvalid,
    /// The token is not in any slot.
    TokenMissing,
    /// The session with the token was lost and did not heal.
    SessionLost,
    /// The key is there and cannot do what is asked.
    CannotSign,
    /// The format or the algorithm is not supported.
    Unsupported,
    /// The input is damaged, or asks for more work than a real one would.
    Malformed,
    /// The operating system failed to read or write.
    Io,
    /// The token did not answer in time.
    Timeout,
    /// The token failed in another way.
    Token,
    /// The caller or the library made a mistake.
    Internal,
}

/// Why a key could not be opened or generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key file is not there.
    #[error("key file {} does not exist", .0.display())]
    FileMissing(PathBuf),
    /// The key file cannot be read.
    #[error("cannot read key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key file cannot be written.
    #[error("cannot write key file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key is to be generated into a file that exists.
    #[error("key file {} already exists", .0.display())]
    FileExists(PathBuf),
    /// The key file is larger than any key file.
    #[error("key file {} is larger than {limit} bytes", path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size read.
        limit: u64,
    },
    /// The file holds no private key.
    #[error("{} holds no private key: {found}", path.display())]
    NoKeyInFile {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// The file holds several private keys.
    #[error("{} holds {count} private keys{}", path.display(), listed(names))]
    SeveralKeysInFile {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
        /// What they are called, where the format has names.
        names: Vec<String>,
    },
    /// The file holds no key of the name that was asked for.
    #[error("{} holds no private key named {wanted:?}{}", path.display(), listed(names))]
    NoKeyOfThisName {
        /// The file.
        path: PathBuf,
        /// The name.
        wanted: String,
        /// What there is.
        names: Vec<String>,
    },
    /// The file is damaged.
    #[error("key file {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        reason: String,
    },
    /// The file is protected in a way that is not supported.
    #[error("key file {} uses {scheme}, which is not supported", path.display())]
    UnsupportedProtection {
        /// The file.
        path: PathBuf,
        /// The algorithm.
        scheme: String,
        /// A command that converts the file.
        convert: Option<String>,
    },
    /// Opening the file would cost more memory or time than any honest file asks for.
    #[error("key file {} asks for too much work: {reason}", path.display())]
    TooCostly {
        /// The file.
        path: PathBuf,
        /// Which parameter.
        reason: String,
    },
    /// The key in the file cannot be used.
    #[error("the key in {} cannot be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SoftwareKeyError,
    },
    /// A key cannot be generated in software.
    #[error(transparent)]
    Generate(SoftwareKeyError),
    /// A passphrase is needed and there is none.
    #[error("a passphrase is needed for {}", .0.display())]
    PassphraseRequired(PathBuf),
    /// The passphrase is wrong.
    #[error("the passphrase for {} is wrong", .0.display())]
    WrongPassphrase(PathBuf),
    /// The PIN or passphrase cannot be had.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The key's kind does not fit the algorithm that was asked for.
    #[error("a {key} key cannot sign {algorithm}")]
    AlgorithmMismatch {
        /// The key.
        key: KeyKind,
        /// What was asked for.
        algorithm: pki_crypto::SignatureAlgorithm,
    },
    /// The file is meant to name a key in a token, and does so wrongly.
    #[error("{} is no reference to a key in a token", path.display())]
    BadReference {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReferenceError,
    },
    /// The key in a token that a file names cannot be opened.
    #[error("cannot open {uri}, which {} names", path.display())]
    Referenced {
        /// The file.
        path: PathBuf,
        /// The key.
        uri: String,
        /// Why.
        source: Box<KeyError>,
    },
    /// What was chosen about the algorithm is not the key's to choose.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The token or its module failed.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Names behind a message.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!(": {}", names.join(", ")),
    }
}

impl KeyError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::FileMissing(_) | Self::NoKeyInFile { .. } | Self::NoKeyOfThisName { .. } => {
                ErrorKind::NotFound
            }
            Self::Read { .. } | Self::Write { .. } => ErrorKind::Io,
            Self::Pin(error) => error.kind(),
            Self::FileExists(_) => ErrorKind::Exists,
            Self::SeveralKeysInFile { .. } => ErrorKind::Ambiguous,
            Self::FileTooLarge { .. }
            | Self::Damaged { .. }
            | Self::TooCostly { .. }
            | Self::BadReference { .. } => ErrorKind::Malformed,
            Self::UnsupportedProtection { .. } => ErrorKind::Unsupported,
            Self::Key { source, .. } | Self::Generate(source) => source.kind(),
            Self::PassphraseRequired(_) => ErrorKind::PinRequired,
            Self::WrongPassphrase(_) => ErrorKind::WrongPin,
            Self::AlgorithmMismatch { .. } | Self::Choice(_) => ErrorKind::CannotSign,
            Self::Referenced { source, .. } => source.kind(),
            Self::Token(error) => error.kind(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::FileMissing(_) => {
                "check the path; a key in a token is written pkcs11:token=...;object=..."
            }
            Self::Read { .. } => "check the file's owner and permissions",
            Self::Write { .. } => "check that the folder exists and may be written to",
            Self::FileExists(_) => {
                "existing keys are never overwritten; choose another name, or use the key that is there"
            }
            Self::FileTooLarge { .. } => "this is no key file",
            Self::NoKeyInFile { .. } => {
                "expected are ENCRYPTED PRIVATE KEY (PEM), PKCS#12, or one line with the pkcs11: URI of a key in a token"
            }
            Self::SeveralKeysInFile { names, .. } if names.is_empty() => {
                "keep one private key in each file"
            }
            Self::SeveralKeysInFile { .. } => {
                "say which with the certificate of the one that is meant, or with its name"
            }
            Self::NoKeyOfThisName { .. } => "take one of these names",
            Self::Damaged { .. } => {
                "restore the file from a backup; `openssl pkey -in FILE -noout` (PEM) and `openssl pkcs12 -in FILE -noout` (PKCS#12) tell more"
            }
            Self::UnsupportedProtection { convert, .. } => {
                return convert.as_ref().map(|c| format!("convert it: {c}"));
            }
            Self::TooCostly { .. } => {
                "if the file is yours, encrypt it anew with `openssl pkcs8 -topk8 -scrypt`"
            }
            Self::Key { source, .. } | Self::Generate(source) => return source.hint(),
            Self::PassphraseRequired(_) => {
                "name a file with the passphrase, set the environment variable, or run on a terminal to be asked"
            }
            Self::WrongPassphrase(_) => {
                "check for a trailing space, and that the passphrase belongs to this file"
            }
            Self::Pin(error) => return error.hint(),
            Self::AlgorithmMismatch { .. } | Self::Choice(_) => {
                "leave the algorithm to the key, or use another key"
            }
            Self::BadReference { source, .. } => return source.hint(),
            Self::Referenced { source, .. } => return source.hint(),
            Self::Token(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}

impl SoftwareKeyError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed(_) => ErrorKind::Malformed,
            Self::Unsupported(_) | Self::Algorithm(_) | Self::Retired(_) => ErrorKind::Unsupported,
            Self::Generation(_) => ErrorKind::Internal,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unsupported(_) | Self::Algorithm(_) => Some(
                "key files hold P-256, P-384 and P-521 with SHA-2 or SHA-3, RSA from 2048 bits with SHA-2, and Ed25519; Brainpool curves and RSA with SHA-3 need a token"
                    .into(),
            ),
            Self::Retired(_) => {
                Some("use P-256, P-384 or RSA with 3072 bits, and have the new key certified".into())
            }
            Self::Malformed(_) => {
                Some("`openssl pkey -in FILE -check -noout` tells more".into())
            }
            Self::Generation(_) => None,
        }
    }
}

impl SignError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::DigestNotPossible(_) | Self::WrongDigest { .. } | Self::Library(_) => {
                ErrorKind::Internal
            }
            Self::Pin(error) => error.kind(),
            Self::Token(error) => error.kind(),
            Self::Remote { kind, .. } => *kind,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Remote { hint, .. } => hint.clone(),
            Self::DigestNotPossible(_) => {
                Some("use an ECDSA or RSA key where large inputs are hashed as a stream".into())
            }
            Self::Pin(error) => error.hint(),
            Self::Token(error) => error.hint(),
            Self::WrongDigest { .. } | Self::Library(_) => None,
        }
    }
}
