//! How a program starts and ends: arguments, the report of a failure, panics, a closed pipe.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, OutputClosed};

/// Runs a program and reports how it ended: nothing where it returns a code, else the failure on
/// standard error, as text or (with `--json`) as one JSON object.
///
/// A panic ends with code 70 and a request to report it, without the panic's own text, which could
/// quote an input. A reader that closed our standard output ends the program silently with code 74:
/// 0 would claim that the whole answer was read.
pub fn run(program: impl FnOnce() -> Result<Exit, Failure>) -> ExitCode {
    panic::set_hook(Box::new(report_panic));
    match panic::catch_unwind(AssertUnwindSafe(program)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => report(&failure).into(),
        Err(_) => Exit::Internal.into(),
    }
}

/// Parses the command line. Help and version go to standard output with code 0; a wrong command
/// line ends with code 64, not clap's 2, which here is a verdict.
///
/// # Errors
/// Where the program should end at once; [`run`] prints what is to be printed.
pub fn parse<A: clap::Parser>() -> Result<A, Failure> {
    // The flag decides how even a wrong command line is reported.
    if std::env::args_os().any(|a| a == "--json") {
        output::set_json_errors();
    }
    A::try_parse().map_err(|error| Failure::from(without_secret(error)))
}

/// A PIN in a PKCS#11 URI is refused (RFC 7512 section 2.4 `pin-value`), and the refusal must not
/// carry it into logs.
fn without_secret(mut error: clap::Error) -> clap::Error {
    const ATTRIBUTE: &str = "pin-value=";
    if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue)
        && let Some(at) = value.to_ascii_lowercase().find(ATTRIBUTE)
    {
        let value = format!("{}...", &value[..at + ATTRIBUTE.len()]);
        error.insert(ContextKind::InvalidValue, ContextValue::String(value));
    }
    error
}

/// Prints the failure and returns its code.
fn report(failure: &Failure) -> Exit {
    if is_closed_output(failure) {
        return failure.exit;
    }
    let mut stderr = std::io::stderr().lock();
    if let Some(usage) = failure.error.downcast_ref::<clap::Error>() {
        if !usage.use_stderr() {
            return match usage.print() {
                Ok(()) => Exit::Ok,
                Err(_) => Exit::Io,
            };
        }
        if !output::json_errors() {
            let _ = usage.print();
            return failure.exit;
        }
        let text = usage.render().to_string();
        let text = text.trim_start_matches("error: ");
        let message = text.split("\n\n").next().unwrap_or(text);
        let failure = Failure::message(failure.exit, message).with_hint("see --help");
        let _ = writeln!(stderr, "{}", failure.to_json());
        return failure.exit;
    }
    // Nothing is left to do where standard error is closed as well.
    let _ = if output::json_errors() {
        writeln!(stderr, "{}", failure.to_json())
    } else {
        stderr.write_all(failure.to_text().as_bytes())
    };
    failure.exit
}

fn is_closed_output(failure: &Failure) -> bool {
    failure.error.chain().any(|c| c.is::<OutputClosed>())
}

fn report_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map_or_else(
        || "an unknown place".to_owned(),
        |l| format!("{}:{}", l.file(), l.line()),
    );
    let failure = Failure::message(
        Exit::Internal,
        format_args!("internal error at {location}"),
    )
    .with_hint(
        "this is a bug: please report this line with the command; RUST_BACKTRACE=1 adds the call stack",
    );
    report(&failure);
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        let _ = writeln!(std::io::stderr(), "{backtrace}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[arg(long)]
        #[allow(dead_code, reason = "it is refused")]
        key: hsm_pkcs11::KeyLocation,
    }

    #[test]
    fn a_refused_pin_on_the_command_line_is_repeated_in_the_error() {
        let args = [
            "sceau",
            "--key",
            "pkcs11:token=a?pin-value=4711&module-name=m",
        ];
        let error = without_secret(Cli::try_parse_from(args).unwrap_err()).to_string();
        assert!(
            error.contains("pin-value") && !error.contains("4711"),
            "{error}"
        );
    }
}
