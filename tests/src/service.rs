//! Runs one of the services on loopback for as long as the value lives.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::program::Call;

/// A running `sceau-ocsp` or `sceau-tsa`.
#[derive(Debug)]
pub struct Service {
    process: Child,
    url: String,
    name: String,
    said: Arc<Mutex<Vec<u8>>>,
}

/// How much of what a service writes on standard error is kept.
const KEPT: usize = 1 << 20;

impl Service {
    /// Starts `call` and waits for its line `<name> listening on <url>`.
    ///
    /// # Errors
    /// When the program ends instead, or says nothing for ten seconds; with what it wrote.
    pub fn start(call: &Call) -> Result<Self> {
        let name = call.command_line();
        let mut process = call
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = process.stdout.take().context("no output")?;
        let mut stderr = process.stderr.take().context("no error output")?;
        let (lines, said) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end, or the service would block on a full pipe.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let log = Arc::new(Mutex::new(Vec::new()));
        let errors = std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                let mut chunk = [0; 4096];
                while let Ok(read @ 1..) = stderr.read(&mut chunk) {
                    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                    if log.len() < KEPT {
                        log.extend_from_slice(&chunk[..read]);
                    }
                }
            }
        });
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some((_, url)) = line.split_once(" listening on ") {
                        let url = url.trim().trim_end_matches('/').to_owned();
                        return Ok(Self {
                            process,
                            url,
                            name,
                            said: log,
                        });
                    }
                }
                Err(_) => {
                    let _ = process.kill();
                    let status = process.wait()?;
                    let _ = errors.join();
                    let errors = text(&log);
                    bail!("$ {name}\n{errors}[did not start to listen; {status}]");
                }
            }
        }
    }

    /// The URL it said it listens on, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Process identifier, for measurements and for people who want to look at it.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has written on standard error, up to a megabyte.
    pub fn log(&self) -> String {
        text(&self.said)
    }

    /// A line of `/proc/PID/status` in KiB, such as `VmRSS` (resident now) or `VmHWM` (the most it ever was).
    ///
    /// # Errors
    /// When there is no such line, or no such process any more.
    pub fn memory(&self, line: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))
            .with_context(|| format!("{} has ended", self.name))?;
        status
            .lines()
            .find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))
            .and_then(|value| value.split_whitespace().next()?.parse().ok())
            .with_context(|| format!("no {line} in {status}"))
    }

    /// Asks the service to end (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// When it does not end within ten seconds or ends with an error.
    pub fn stop(mut self) -> Result<()> {
        terminate(self.process.id())?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("{} ended with {status} on SIGTERM", self.name);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("{} did not end within ten seconds of SIGTERM", self.name)
    }

    /// Waits until the process ends by itself or is ended from outside.
    ///
    /// # Errors
    /// When waiting fails.
    pub fn wait(mut self) -> Result<()> {
        self.process
            .wait()
            .map(drop)
            .context("cannot wait for a service")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(log: &Mutex<Vec<u8>>) -> String {
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&log).into_owned()
}

/// Sends SIGTERM through the shell, whose built-in needs no further package.
fn terminate(process: u32) -> Result<()> {
    Call::new("sh")
        .arg("-c")
        .arg(format!("kill -TERM {process}"))
        .succeed()
        .map(drop)
}

/// A TCP port on loopback that was free a moment ago. Certificates carry the responder's URL, so the port must be known before
/// the responder can run.
///
/// # Errors
/// When loopback cannot be bound.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
