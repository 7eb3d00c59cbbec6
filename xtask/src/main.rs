//! The commands of the README: `cargo xtask demo`, `cargo xtask test`, `cargo xtask bench`, `cargo xtask fuzz`.
//!
//! Each sets up what it needs, says what it does before it does it, and ends with a result that a person and a script can read.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr)] // These are commands: printing is what they are for.

mod bench;
mod cargo;
mod demo;
mod fuzz;
mod setup;
mod terminal;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Usage: cargo xtask <COMMAND>

  demo    Build a small trust infrastructure on this machine, seal a contract, verify it, revoke the seal, verify again
            --out DIR           where the files go (default: target/demo; emptied first if an earlier demo made it)
            --token softhsm     keep the keys in a SoftHSM token instead of encrypted files
            --keep-running      leave OCSP responder and time-stamping service running until Ctrl-C
  test    Install what the tests need, then run all of them, doc tests and lints included
            --no-install        install nothing; fail and say what is missing
            --no-lints          only the tests: no rustfmt, clippy and rustdoc
            -- ARGS             handed to the test runner (for example a test's name)
  bench   Measure the programs beside their peers, in one run
            --write FILE        also write the figures into FILE (for example docs/PERFORMANCE.md)
            --only NAME         one of: sign, verify, pdf, folder, ocsp, tsa, overload, visible, batch, issue, token, lint, crl, path, hostile, lists, scale
            --quick             fewer repetitions, to see that it works
            --no-install        install nothing; fail and say what is missing
  fuzz    Run every parser under libFuzzer; what breaks one is written to target/fuzz/runs/TARGET/broken
            --only TARGET       one of the folders of fuzz/corpus
            --seconds N         for each target (default: 120)
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{} {error:#}", terminal::red("error:"));
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Vec<String>) -> Result<ExitCode> {
    if arguments.is_empty() {
        eprint!("{HELP}");
        return Ok(ExitCode::from(64));
    }
    let command = arguments.remove(0);
    let mut options = Options(arguments);
    if options.flag("--help") || options.flag("-h") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    match command.as_str() {
        "demo" => demo::run(options),
        "test" => test::run(options),
        "bench" => bench::run(options),
        "fuzz" => fuzz::run(options),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

/// The arguments after the command, taken one by one; what is left over is an error.
pub(crate) struct Options(Vec<String>);

impl Options {
    /// Takes a flag.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let found = self.own().position(|argument| argument == name);
        found.map(|index| self.0.remove(index)).is_some()
    }

    /// Takes an option with a value, as `--name value` or `--name=value`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let with_value = format!("{name}=");
        let joined = self
            .own()
            .position(|argument| argument.starts_with(&with_value));
        if let Some(index) = joined {
            return Ok(Some(self.0.remove(index).split_off(with_value.len())));
        }
        let Some(index) = self.own().position(|argument| argument == name) else {
            return Ok(None);
        };
        if index + 1 >= self.0.len() {
            bail!("{name} needs a value");
        }
        self.0.remove(index);
        Ok(Some(self.0.remove(index)))
    }

    /// Takes everything after `--`.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        match self.0.iter().position(|argument| argument == "--") {
            Some(index) => {
                let rest = self.0.split_off(index + 1);
                self.0.pop();
                rest
            }
            None => Vec::new(),
        }
    }

    /// Fails if something was not taken.
    pub(crate) fn done(self) -> Result<()> {
        match self.0.first() {
            Some(unknown) => bail!("`{unknown}` is not an option here\n\n{HELP}"),
            None => Ok(()),
        }
    }

    fn own(&self) -> impl Iterator<Item = &String> {
        self.0.iter().take_while(|argument| *argument != "--")
    }
}
