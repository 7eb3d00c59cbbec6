//! Runs one external program to its end, with a time limit, and keeps what it said.
//!
//! Everything that is judged here is a process: ours and theirs. A [`Call`] remembers its own command line, so that a failed
//! assertion and the demo's transcript show what to type to see the same thing.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often it is asked whether a program has ended.
const SHORTEST_PAUSE: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// A program with its arguments, not yet run.
#[derive(Debug, Clone)]
pub struct Call {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    limit: Duration,
}

impl Call {
    /// A call of `program` (a path, or a name looked up in `PATH`) with a time limit of 60 seconds and nothing on its input.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            input: Vec::new(),
            limit: Duration::from_secs(60),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments in order.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    /// Sets an environment variable for this call only.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets several environment variables for this call only.
    #[must_use]
    pub fn envs<'a>(
        mut self,
        variables: impl IntoIterator<Item = &'a (OsString, OsString)>,
    ) -> Self {
        self.environment.extend(variables.into_iter().cloned());
        self
    }

    /// Runs in `folder` instead of the current one.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// What the program reads on its standard input. Without it the input is closed.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// How long the program may take before it is ended and the call counts as hung.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command line as one would type it in a POSIX shell, without the environment.
    pub fn command_line(&self) -> String {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str());
        let mut line = quote(name);
        for argument in &self.arguments {
            let _ = write!(line, " {}", quote(argument));
        }
        line
    }

    /// The `std` command, for callers that keep the process running.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// Runs to the end, whatever the exit status.
    ///
    /// # Errors
    /// When the program cannot be started. A program that exceeds its limit is ended and reported in [`Outcome::hung`].
    pub fn run(&self) -> Result<Outcome> {
        let started = Instant::now();
        let stdin = if self.input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        let mut child = self
            .command()
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        if let Some(mut stdin) = child.stdin.take() {
            // A program that refuses early closes its input; what it says about that is on stderr.
            let _ = stdin.write_all(&self.input);
        }
        let (status, hung) = loop {
            if let Some(status) = child.try_wait()? {
                break (status, false);
            }
            if started.elapsed() > self.limit {
                child.kill()?;
                break (child.wait()?, true);
            }
            // What is measured this way is at most two hundredths too long.
            let pause = started.elapsed() / 50;
            std::thread::sleep(pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
        };
        let text = |handle: std::thread::JoinHandle<Vec<u8>>| handle.join().unwrap_or_default();
        Ok(Outcome {
            command_line: self.command_line(),
            code: status.code(),
            hung,
            stdout: text(stdout),
            stderr: text(stderr),
            elapsed: started.elapsed(),
        })
    }

    /// Runs, and fails with the whole exchange unless the exit status is 0.
    ///
    /// # Errors
    /// As [`Call::run`], and when the program fails or hangs.
    pub fn succeed(&self) -> Result<Outcome> {
        let outcome = self.run()?;
        if outcome.success() {
            return Ok(outcome);
        }
        bail!("{outcome}")
    }
}

/// What a finished program said.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command line, as in [`Call::command_line`].
    pub command_line: String,
    /// The exit status; `None` when a signal ended the process.
    pub code: Option<i32>,
    /// Whether the time limit ended it.
    pub hung: bool,
    /// Standard output, as it came.
    pub stdout: Vec<u8>,
    /// Standard error, as it came.
    pub stderr: Vec<u8>,
    /// Wall-clock time from start to end.
    pub elapsed: Duration,
}

impl Outcome {
    /// Whether the program ended by itself with exit status 0.
    pub fn success(&self) -> bool {
        self.code == Some(0) && !self.hung
    }

    /// Whether a signal ended the program, or it panicked, or it hung: what no input may ever cause.
    pub fn crashed(&self) -> bool {
        self.hung || self.code.is_none() || self.code == Some(101)
    }

    /// Standard output as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Both, output first.
    pub fn text(&self) -> String {
        self.out() + &self.err()
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = match (self.hung, self.code) {
            (true, _) => format!("did not end within {:.0?}", self.elapsed),
            (_, Some(code)) => format!("exit status {code}"),
            (_, None) => "ended by a signal".to_owned(),
        };
        write!(
            f,
            "$ {}\n{}{}[{end}]",
            self.command_line,
            self.out(),
            self.err()
        )
    }
}

/// Where `name` lies in `PATH`, or among the servers, which Debian keeps out of a user's `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| is_executable(candidate))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// One word of a POSIX shell command line, quoted where it must be.
pub fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_never_ends_is_ended_and_called_hung() {
        let outcome = Call::new("sleep")
            .arg("30")
            .limit(Duration::from_millis(100))
            .run()
            .unwrap();
        assert!(outcome.hung && outcome.crashed() && outcome.elapsed < Duration::from_secs(5));
    }

    #[test]
    fn an_argument_with_a_quote_can_be_pasted_into_a_shell() {
        let call = Call::new("printf").arg("%s").arg("l'exemple & more");
        let outcome = Call::new("sh")
            .arg("-c")
            .arg(call.command_line())
            .succeed()
            .unwrap();
        assert_eq!(outcome.out(), "l'exemple & more");
    }
}
