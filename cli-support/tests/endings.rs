//! How programs end, seen from outside: this test binary runs itself as the program.
#![allow(clippy::unwrap_used)]

use std::process::{Command, ExitCode};

use cli_support::{Exit, Failure};

/// Set for the process that a test runs itself in.
const INSIDE: &str = "CLI_SUPPORT_ENDING";

/// Runs `program` as `test`, in a process of its own; its exit code and standard error.
fn ending(test: &str, program: impl FnOnce() -> Result<Exit, Failure>) -> (Option<i32>, String) {
    if std::env::var_os(INSIDE).is_some() {
        exit_with(cli_support::run(program));
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn exit_with(code: ExitCode) -> ! {
    let ended = Exit::ALL.into_iter().find(|e| ExitCode::from(*e) == code);
    std::process::exit(ended.map_or(1, |e| i32::from(e.code())))
}

#[test]
fn a_bug_ends_with_70_and_does_not_quote_what_was_being_worked_on() {
    let test = "a_bug_ends_with_70_and_does_not_quote_what_was_being_worked_on";
    let (code, said) = ending(test, || {
        let pin = "1234";
        panic!("a PIN is {pin}");
    });
    assert_eq!(code, Some(70), "{said}");
    assert!(said.starts_with("error: internal error at "), "{said}");
    assert!(said.contains("  hint: this is a bug"), "{said}");
    assert!(!said.contains("1234"), "{said}");
}

#[test]
fn a_failure_is_told_once_with_its_hint() {
    let (code, said) = ending("a_failure_is_told_once_with_its_hint", || {
        Err(Failure::message(Exit::Data, "no").with_hint("do"))
    });
    assert_eq!((code, said.as_str()), (Some(65), "error: no\n  hint: do\n"));
}
