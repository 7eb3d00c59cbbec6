//! An error on its way to the person at the terminal: what failed, why, what to do, which exit code.

use core::fmt;
use std::io;

use hsm_pkcs11::{ErrorKind, KeyError, SignError};
use pki_asn1::name::is_unseen;

use crate::atomic_file::AtomicFileError;
use crate::exit::Exit;

/// Why a program ends without having done its work.
///
/// Any error converts with `?`. An I/O error becomes [`Exit::Io`] or [`Exit::Permission`], the errors
/// of output files and of keys bring their own code and hint; anything else that nobody classified
/// with [`ResultExt::exit`] is [`Exit::Internal`], so that it is never taken for a verdict.
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What failed, with its causes.
    pub error: anyhow::Error,
    /// What the person can do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            hint: None,
        }
    }

    /// A failure that is only a message.
    pub fn message(exit: Exit, message: impl fmt::Display) -> Self {
        Self::new(exit, anyhow::Error::msg(message.to_string()))
    }

    /// Adds or replaces the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts a sentence in front: what was being done when it failed.
    #[must_use]
    pub fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.error = self.error.context(context.to_string());
        self
    }

    /// What failed and why, outermost first, without the repetitions that arise where an error's own
    /// text already ends in its cause's.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        for cause in self.error.chain() {
            let text = one_line(&cause.to_string());
            if !causes.iter().any(|c| c.ends_with(&text)) {
                causes.push(text);
            }
        }
        causes
    }

    /// The report for people: `error: `, `  caused by: `, `  hint: `, one per line.
    #[must_use]
    pub fn to_text(&self) -> String {
        use fmt::Write as _;
        let mut text = String::new();
        for (i, cause) in self.causes().iter().enumerate() {
            let label = if i == 0 { "error" } else { "  caused by" };
            let _ = writeln!(text, "{label}: {cause}");
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "  hint: {}", one_line(hint));
        }
        text
    }

    /// The report for programs: one JSON object with `error`, `causes`, `hint` and `exit`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut causes = self.causes();
        let error = causes.remove(0);
        serde_json::json!({
            "error": error,
            "causes": causes,
            "hint": self.hint,
            "exit": self.exit.code(),
        })
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let (exit, hint) = classify(&error);
        Self { exit, error, hint }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("exit", &self.exit)
            .field("causes", &self.causes())
            .field("hint", &self.hint)
            .finish()
    }
}

/// Classifies an error where it happens. Works on any `Result` whose error converts to [`Failure`],
/// a `Result<_, Failure>` included.
pub trait ResultExt<T, E>: Sized {
    /// Sets the exit code.
    ///
    /// # Errors
    /// The error, classified.
    fn exit(self, exit: Exit) -> Result<T, Failure>;

    /// Sets the hint, unless the error brought a more specific one.
    ///
    /// # Errors
    /// The error, with a hint.
    fn hint(self, hint: impl Into<String>) -> Result<T, Failure>;

    /// Puts a sentence in front: what was being done when it failed.
    ///
    /// # Errors
    /// The error, in context.
    fn context(self, context: impl fmt::Display) -> Result<T, Failure>;

    /// Sets the exit code and the hint from the error itself: `.explain(|e| (e.exit(), e.hint()))`.
    ///
    /// # Errors
    /// The error, classified.
    fn explain(self, explain: impl FnOnce(&E) -> (Exit, Option<String>)) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> ResultExt<T, E> for Result<T, E> {
    fn exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|e| Failure { exit, ..e.into() })
    }

    fn hint(self, hint: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|e| {
            let mut failure = e.into();
            failure.hint.get_or_insert_with(|| hint.into());
            failure
        })
    }

    fn context(self, context: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|e| e.into().with_context(context))
    }

    fn explain(self, explain: impl FnOnce(&E) -> (Exit, Option<String>)) -> Result<T, Failure> {
        self.map_err(|e| {
            let (exit, hint) = explain(&e);
            let error = e.into().error;
            Failure { exit, error, hint }
        })
    }
}

/// The code and hint of errors this crate knows.
fn classify(error: &anyhow::Error) -> (Exit, Option<String>) {
    for cause in error.chain() {
        if let Some(e) = cause.downcast_ref::<AtomicFileError>() {
            return (e.exit(), e.hint());
        }
        if let Some(e) = cause.downcast_ref::<KeyError>() {
            return (key_exit(e.kind()), key_hint(e.kind()).or_else(|| e.hint()));
        }
        if let Some(e) = cause.downcast_ref::<SignError>() {
            return (key_exit(e.kind()), e.hint());
        }
        if let Some(e) = cause.downcast_ref::<clap::Error>() {
            let exit = if e.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            };
            return (exit, None);
        }
        if let Some(e) = cause.downcast_ref::<io::Error>() {
            // A wrapper made with io::Error::new is not a link of its own in the chain.
            if let Some(e) = inner::<AtomicFileError>(e) {
                return (e.exit(), e.hint());
            }
            return (io_exit(e.kind()), None);
        }
    }
    (Exit::Internal, None)
}

/// The exit code of a failure to open, make or use a key.
#[must_use]
pub fn key_exit(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::PinRequired | ErrorKind::WrongPin | ErrorKind::PinLocked => Exit::Permission,
        ErrorKind::NotFound
        | ErrorKind::ModuleMissing
        | ErrorKind::ModuleInvalid
        | ErrorKind::TokenMissing
        | ErrorKind::Token => Exit::Unavailable,
        ErrorKind::Ambiguous => Exit::Usage,
        ErrorKind::Exists => Exit::CantCreate,
        ErrorKind::SessionLost | ErrorKind::Timeout => Exit::Temporary,
        ErrorKind::CannotSign | ErrorKind::Unsupported | ErrorKind::Malformed => Exit::Data,
        ErrorKind::Io => Exit::Io,
        _ => Exit::Internal,
    }
}

/// What only a program knows: how it is given a PIN.
fn key_hint(kind: ErrorKind) -> Option<String> {
    (kind == ErrorKind::PinRequired)
        .then(|| "give --pin-file FILE, set SCEAU_PIN, or run on a terminal to be asked".to_owned())
}

/// The exit code of an I/O error that nobody knows more about.
#[must_use]
pub fn io_exit(kind: io::ErrorKind) -> Exit {
    match kind {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Exit::Permission,
        io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock => Exit::Temporary,
        _ => Exit::Io,
    }
}

/// The error of type `T` that an `io::Error` wraps.
pub(crate) fn inner<T: std::error::Error + 'static>(error: &io::Error) -> Option<&T> {
    error.get_ref().and_then(|e| e.downcast_ref())
}

/// Terminal reports are one line per cause, and an input's bytes in a message cannot move the cursor or turn the
/// line around.
pub(crate) fn one_line(text: &str) -> String {
    text.trim_end()
        .chars()
        .map(|c| match c {
            c if c.is_control() => ' ',
            c if is_unseen(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("reading the record: {0}")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_cause_that_the_message_already_ends_with_is_not_repeated() {
        let failure = Failure::from(Outer(io::Error::other("disk on fire")));
        assert_eq!(
            failure.to_text(),
            "error: reading the record: disk on fire\n"
        );
        assert_eq!(failure.exit, Exit::Io);
    }

    #[test]
    fn context_comes_first_then_causes_then_the_hint() {
        let failed: Result<(), _> = Err(io::Error::from(io::ErrorKind::PermissionDenied));
        let failure = failed
            .context("cannot open a.pem")
            .hint("ask its owner")
            .unwrap_err();
        assert_eq!(failure.exit, Exit::Permission);
        assert_eq!(
            failure.to_text(),
            "error: cannot open a.pem\n  caused by: permission denied\n  hint: ask its owner\n"
        );
        assert_eq!(
            failure.to_json(),
            serde_json::json!({"error": "cannot open a.pem", "causes": ["permission denied"],
                "hint": "ask its owner", "exit": 77})
        );
    }

    #[test]
    fn an_unclassified_error_is_no_verdict() {
        let failure = Failure::from(anyhow::anyhow!("surprise"));
        assert_eq!(failure.exit, Exit::Internal);
    }

    #[test]
    fn an_escape_sequence_in_a_message_does_not_reach_the_terminal() {
        let failure = Failure::message(Exit::Data, "bad name \u{1b}[2Jx\ny \u{202e}fdp")
            .with_hint("see \u{9b}2J");
        assert_eq!(
            failure.to_text(),
            "error: bad name  [2Jx y \u{fffd}fdp\n  hint: see  2J\n"
        );
    }
}
