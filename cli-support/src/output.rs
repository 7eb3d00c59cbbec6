//! Results on standard output, in words or as JSON, and how much is said on standard error.

use core::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use pki_asn1::name::is_unseen;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::logging::{self, LogFormat};

static JSON_ERRORS: AtomicBool = AtomicBool::new(false);

/// `-q`, `-v`, `--json`: the same on every command that prints results.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more on standard error (-vv: debugging, -vvv: everything)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Print results and errors as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

impl OutputArgs {
    /// Starts logging to standard error and remembers how errors are to be printed. Call it once,
    /// first thing after parsing.
    pub fn init(&self) {
        if self.json {
            set_json_errors();
        }
        logging::init(self.level(), LogFormat::Terminal);
    }

    /// The log level that these flags ask for.
    #[must_use]
    pub fn level(&self) -> tracing::level_filters::LevelFilter {
        use tracing::level_filters::LevelFilter;
        match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::ERROR,
            (false, 0) => LevelFilter::WARN,
            (false, 1) => LevelFilter::INFO,
            (false, 2) => LevelFilter::DEBUG,
            (false, _) => LevelFilter::TRACE,
        }
    }

    /// Prints a result: `value` with `--json`, else `text` unless `-q`.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn result(
        &self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.json {
            print_json(value)
        } else if self.quiet {
            Ok(())
        } else {
            print(text())
        }
    }
}

/// Writes to standard output. `text` brings its own line ends.
///
/// # Errors
/// Where standard output cannot be written. That its reader has gone away is an error like any
/// other to the caller; [`crate::run`] then ends the program without a word.
pub fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_ref())
        .and_then(|()| stdout.flush())
        .map_err(stdout_failure)
}

/// Writes one JSON value, indented, and a line end to standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = json(value)?;
    text.push('\n');
    print(text)
}

/// One JSON value, indented.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(plain_json)
        .map_err(|e| Failure::new(Exit::Internal, e).with_context("cannot write the JSON"))
}

/// JSON text in which what a terminal would obey, or some reader take for the end of a line, is written as an escape
/// (RFC 8259 section 7). Beyond ASCII there is nothing but what strings hold, and in ASCII the serializer has done it.
#[must_use]
pub fn plain_json(text: String) -> String {
    let hidden = |c: char| c >= '\u{7f}' && is_unseen(c);
    if !text.contains(hidden) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a `String` does not fail.
                let _ = fmt::Write::write_fmt(&mut out, format_args!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Text in one line in which nothing hides: what is not seen is shown as an escape.
#[must_use]
pub fn printable(text: &str) -> String {
    if text.contains(is_unseen) {
        text.escape_debug().to_string()
    } else {
        text.to_owned()
    }
}

/// The failure of a write to standard output.
#[must_use]
pub fn stdout_failure(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::new(Exit::Io, OutputClosed)
    } else {
        Failure::new(Exit::Io, error).with_context("cannot write to standard output")
    }
}

/// Standard output's reader has gone away, as `head` does.
#[derive(Debug)]
pub struct OutputClosed;

impl fmt::Display for OutputClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output was closed")
    }
}

impl std::error::Error for OutputClosed {}

pub(crate) fn set_json_errors() {
    JSON_ERRORS.store(true, Ordering::Relaxed);
}

pub(crate) fn json_errors() -> bool {
    JSON_ERRORS.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_moves_the_cursor_or_ends_a_line_of_json() {
        let odd = "a\u{1b}\u{9b}31m\u{85}\u{2028}\u{202e}\u{feff}\u{e0041}\n\"\\é";
        let written = json(&odd).unwrap();
        assert_eq!(
            written,
            "\"a\\u001b\\u009b31m\\u0085\\u2028\\u202e\\ufeff\\udb40\\udc41\\n\\\"\\\\é\""
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), odd);
        assert!(!printable(odd).contains(is_unseen), "{}", printable(odd));
        assert_eq!(printable("reçu d'été.pdf"), "reçu d'été.pdf");
    }
}
