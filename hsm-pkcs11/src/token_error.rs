//! What tokens and their modules do wrong, each with the PKCS#11 function and its return value.

use core::fmt;
use std::path::PathBuf;
use std::time::Duration;

use pki_crypto::SignatureAlgorithm;

use crate::error::ErrorKind;

/// A PKCS#11 call that failed: `C_Login: CKR_PIN_INCORRECT`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FailedCall {
    /// The function, as `C_Login`.
    pub function: String,
    /// The return value, as `CKR_PIN_INCORRECT`, or what the module did instead of returning one.
    pub code: String,
}

impl fmt::Display for FailedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.function, self.code)
    }
}

/// Why a token could not be used. Tokens and keys are named as RFC 7512 URIs.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Neither the URI, the options nor the environment names a module.
    #[error("no PKCS#11 module is named for {key}")]
    ModuleUnnamed {
        /// The key that was to be opened.
        key: String,
    },
    /// The module's file is not there.
    #[error("PKCS#11 module {} does not exist", .0.display())]
    ModuleMissing(PathBuf),
    /// No library of this name is in the usual folders.
    #[error("no PKCS#11 module named {name:?} in {searched}")]
    ModuleNotFound {
        /// The `module-name`.
        name: String,
        /// Where it was looked for.
        searched: String,
    },
    /// The file is no PKCS#11 library, or one for another machine.
    #[error("{} is not a PKCS#11 module: {reason}", path.display())]
    ModuleInvalid {
        /// The file.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// The module does not start.
    #[error("PKCS#11 module {} does not start ({call})", path.display())]
    ModuleStart {
        /// The file.
        path: PathBuf,
        /// What failed.
        call: FailedCall,
    },
    /// No token fits the URI.
    #[error("no token fits {wanted}; {present}")]
    NoSuchToken {
        /// The URI.
        wanted: String,
        /// The tokens that are there.
        present: String,
    },
    /// Several tokens fit the URI.
    #[error("{} tokens fit {wanted}: {}", candidates.len(), candidates.join(", "))]
    AmbiguousToken {
        /// The URI.
        wanted: String,
        /// The tokens, as URIs that tell them apart.
        candidates: Vec<String>,
        /// The attribute that tells them apart.
        attribute: &'static str,
    },
    /// A PIN is needed and there is none.
    #[error("a PIN is needed for {token}")]
    PinRequired {
        /// The token.
        token: String,
    },
    /// The PIN is wrong.
    #[error("the PIN for {token} is wrong ({call})")]
    WrongPin {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token accepts no PIN any more.
    #[error("the PIN of {token} is locked{}", call.as_ref().map(|c| format!(" ({c})")).unwrap_or_default())]
    PinLocked {
        /// The token.
        token: String,
        /// What failed; `None` where the token said so before a PIN was sent.
        call: Option<FailedCall>,
    },
    /// One more wrong PIN would lock the token, and nobody is there to type it.
    #[error("{token} has one PIN attempt left, which is not spent on a stored PIN")]
    PinFinalTry {
        /// The token.
        token: String,
    },
    /// The PIN has never been set, has expired or must be changed.
    #[error("the PIN of {token} must be set first ({call})")]
    PinUnusable {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// No private key fits the URI.
    #[error("no private key fits {wanted}; {present}")]
    KeyNotFound {
        /// The URI.
        wanted: String,
        /// The keys that are there.
        present: String,
    },
    /// Several private keys fit the URI.
    #[error("{} private keys fit {wanted}: {}", candidates.len(), candidates.join(", "))]
    AmbiguousKey {
        /// The URI.
        wanted: String,
        /// The keys, as URIs that tell them apart where the token does.
        candidates: Vec<String>,
        /// The attribute that tells them apart; `None` where none does.
        attribute: Option<&'static str>,
    },
    /// A key is to be generated under a label or identifier that is taken.
    #[error("{token} already holds {existing}")]
    KeyExists {
        /// The token.
        token: String,
        /// The object that is there.
        existing: String,
    },
    /// A new key has no name.
    #[error("a key generated in a token needs a label: {wanted} has no \"object\"")]
    KeyUnnamed {
        /// The URI.
        wanted: String,
    },
    /// The key may not or cannot sign.
    #[error("{key} cannot sign: {reason}")]
    KeyCannotSign {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// The token has no mechanism for the algorithm.
    #[error("{token} offers no mechanism for {algorithm}: {reason}")]
    NoMechanism {
        /// The token.
        token: String,
        /// What was asked for.
        algorithm: SignatureAlgorithm,
        /// Which mechanisms would do.
        reason: String,
    },
    /// The token cannot generate such a key.
    #[error("{token} cannot generate a {key} key{}", call.as_ref().map(|c| format!(" ({c})")).unwrap_or_default())]
    CannotGenerate {
        /// The token.
        token: String,
        /// What was asked for.
        key: String,
        /// What failed; `None` where the token does not list the mechanism.
        call: Option<FailedCall>,
    },
    /// The token made a key without the protection it was asked for. It was destroyed again.
    #[error("{token} generated a key that is {found}; it was destroyed")]
    KeyUnprotected {
        /// The token.
        token: String,
        /// Which attributes are wrong.
        found: String,
    },
    /// The key's public half is neither in the token nor can it be read.
    #[error("the public key of {key} cannot be read: {reason}")]
    NoPublicKey {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// The token returned a signature that another key made.
    #[error("{key} signs, but not with the key whose public half was given")]
    WrongPublicKey {
        /// The key.
        key: String,
    },
    /// The token returned a signature that cannot be one.
    #[error("{key} returned a malformed signature of {len} bytes")]
    MalformedSignature {
        /// The key.
        key: String,
        /// Its length.
        len: usize,
    },
    /// The session is gone: the token was reset, or another program closed it.
    #[error("the session with {token} was lost ({call})")]
    SessionLost {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token is gone from its slot.
    #[error("{token} was removed ({call})")]
    TokenRemoved {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token forgot the login.
    #[error("{token} is not logged in any more ({call})")]
    NotLoggedIn {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token reports a hardware failure.
    #[error("{token} reports a device failure ({call})")]
    DeviceFailed {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token has no session left.
    #[error("{token} has no free session ({call})")]
    TooManySessions {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// The token cannot be written to.
    #[error("{token} is write-protected ({call})")]
    WriteProtected {
        /// The token.
        token: String,
        /// What failed.
        call: FailedCall,
    },
    /// No answer within the time allowed.
    #[error("{key} did not answer within {} s", after.as_secs_f32())]
    Timeout {
        /// The key.
        key: String,
        /// The time allowed.
        after: Duration,
    },
    /// The workers have stopped.
    #[error("the workers for {key} have stopped")]
    Stopped {
        /// The key.
        key: String,
    },
    /// The operating system gives no thread for a session.
    #[error("no thread can be started for {key}: {reason}")]
    NoThread {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// A call failed in another way.
    #[error("{token} failed ({call})")]
    Call {
        /// The token or module.
        token: String,
        /// What failed.
        call: FailedCall,
    },
}

impl TokenError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::ModuleUnnamed { .. } | Self::ModuleMissing(_) | Self::ModuleNotFound { .. } => {
                ErrorKind::ModuleMissing
            }
            Self::ModuleInvalid { .. } | Self::ModuleStart { .. } => ErrorKind::ModuleInvalid,
            Self::NoSuchToken { .. } | Self::TokenRemoved { .. } => ErrorKind::TokenMissing,
            Self::AmbiguousToken { .. } | Self::AmbiguousKey { .. } => ErrorKind::Ambiguous,
            Self::PinRequired { .. } => ErrorKind::PinRequired,
            Self::WrongPin { .. } => ErrorKind::WrongPin,
            Self::PinLocked { .. } | Self::PinFinalTry { .. } | Self::PinUnusable { .. } => {
                ErrorKind::PinLocked
            }
            Self::KeyNotFound { .. } => ErrorKind::NotFound,
            Self::KeyExists { .. } => ErrorKind::Exists,
            Self::KeyUnnamed { .. } => ErrorKind::Unsupported,
            Self::KeyCannotSign { .. } | Self::NoMechanism { .. } => ErrorKind::CannotSign,
            Self::CannotGenerate { .. } => ErrorKind::Unsupported,
            Self::SessionLost { .. } | Self::NotLoggedIn { .. } | Self::DeviceFailed { .. } => {
                ErrorKind::SessionLost
            }
            Self::Timeout { .. } => ErrorKind::Timeout,
            Self::NoPublicKey { .. } | Self::WrongPublicKey { .. } => ErrorKind::NotFound,
            Self::KeyUnprotected { .. }
            | Self::MalformedSignature { .. }
            | Self::TooManySessions { .. }
            | Self::WriteProtected { .. }
            | Self::Stopped { .. }
            | Self::NoThread { .. }
            | Self::Call { .. } => ErrorKind::Token,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::ModuleUnnamed { .. } => {
                "add ?module-path=/path/to/module.so to the URI, or set SCEAU_PKCS11_MODULE"
            }
            Self::ModuleMissing(_) => {
                "check the path; SoftHSM is usually at /usr/lib/softhsm/libsofthsm2.so, OpenSC at /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
            }
            Self::ModuleNotFound { .. } => "give the full path with module-path",
            Self::ModuleInvalid { .. } => {
                "name the vendor's PKCS#11 library for this processor; `ldd FILE` shows missing dependencies"
            }
            Self::ModuleStart { .. } => {
                "check the module's own configuration (for SoftHSM: SOFTHSM2_CONF names a readable file)"
            }
            Self::NoSuchToken { .. } => {
                "check the label, and that the token is plugged in and its service runs; `pkcs11-tool --module FILE -L` lists tokens"
            }
            Self::AmbiguousToken { attribute, .. } => {
                return Some(format!("add {attribute}= to the URI, as in one of these"));
            }
            Self::PinRequired { .. } => {
                "name a file with the PIN, set the environment variable, or run on a terminal to be asked"
            }
            Self::WrongPin { .. } => {
                "it is not tried again, because tokens lock after a few wrong PINs; check it before the next attempt"
            }
            Self::PinLocked { .. } => {
                "the security officer must unlock it, as with `pkcs11-tool --init-pin --login --login-type so`"
            }
            Self::PinFinalTry { .. } => {
                "run the program on a terminal without a stored PIN and type it carefully, or let the security officer reset it"
            }
            Self::PinUnusable { .. } => {
                "set it, as with `pkcs11-tool --init-pin` or the vendor's tool"
            }
            Self::KeyNotFound { .. } => {
                "check the label; `pkcs11-tool --module FILE --login -O` lists objects"
            }
            Self::AmbiguousKey {
                attribute: Some(attribute),
                ..
            } => return Some(format!("add {attribute}= to the URI, as in one of these")),
            Self::AmbiguousKey {
                attribute: None, ..
            } => {
                "neither label nor identifier tells them apart: give the certificate of the one that is meant"
            }
            Self::KeyExists { .. } => {
                "existing keys are never overwritten; choose another label, or use the key that is there"
            }
            Self::KeyUnnamed { .. } => "write pkcs11:token=LABEL;object=NAME",
            Self::KeyCannotSign { .. } => {
                "the key needs CKA_SIGN and a kind that fits the algorithm"
            }
            Self::NoMechanism { .. } => {
                "`pkcs11-tool --module FILE -M` lists what the token offers"
            }
            Self::CannotGenerate { .. } => {
                "choose another key type; `pkcs11-tool --module FILE -M` lists what the token offers"
            }
            Self::KeyUnprotected { .. } => {
                "the token's policy must let keys be sensitive and not extractable"
            }
            Self::WrongPublicKey { .. } => {
                "give the certificate that was issued for this key, or name the key that belongs to it"
            }
            Self::NoPublicKey { .. } => {
                "give the key's certificate, or put the public key or the certificate into the token with the same CKA_ID as the private key"
            }
            Self::SessionLost { .. } | Self::NotLoggedIn { .. } => {
                "it was reopened and failed again; check that the token's service is stable and that no other program resets the token"
            }
            Self::TokenRemoved { .. } => {
                "plug the token in again; signing goes on without a restart"
            }
            Self::DeviceFailed { .. } => {
                "check the device and the vendor's log; signing goes on without a restart when it is back"
            }
            Self::TooManySessions { .. } => {
                "use fewer sessions, or close other programs that use the token"
            }
            Self::WriteProtected { .. } => {
                "the token or its session is read-only; generating keys needs a writable one"
            }
            Self::Timeout { .. } => "the token is overloaded or hangs; more sessions may help",
            Self::NoThread { .. } => "use fewer sessions, or raise the limit of processes",
            Self::MalformedSignature { .. } | Self::Stopped { .. } | Self::Call { .. } => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}
