//! TLS servers that nobody here wrote, stapling our OCSP answers: `openssl s_server` and nginx.
//!
//! Sceau issues no web server certificates. A provider's own profile for a legal person without an extended key usage makes one that
//! TLS clients take, as a national administration may want for its internal servers; [`PROFILE`] is such a profile.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::program::{Call, find};
use crate::service::free_port;

/// An operator's own profile whose certificates a TLS server can use.
pub const PROFILE: &str = r#"name = "internal-server"
version = 1
title = "Server inside an organisation"
subject-type = "legal-person"
policy = "9.1"

[validity]
default-days = 90
maximum-days = 398

[key]
curves = ["p256"]

[subject]
mandatory = ["C", "O", "organizationIdentifier", "CN"]

[extensions]
key-usage = ["digitalSignature"]
"#;

/// A running TLS server on loopback; it ends with this value.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// `openssl s_server` with these options beside port and answer page.
    ///
    /// # Errors
    /// When it does not start.
    pub fn openssl(folder: &Path, options: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let call = Call::new("openssl")
            .args(["s_server", "-www", "-quiet", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .args(options)
            .folder(folder);
        Self::start(call.command(), port)
    }

    /// nginx with these directives in its `server` block. Its working files lie in `folder`.
    ///
    /// # Errors
    /// When nginx is not there or does not start.
    pub fn nginx(folder: &Path, directives: &str) -> Result<Self> {
        let port = free_port()?;
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|of| format!("{of}_temp_path {}/nginx-{of}; ", folder.display()))
            .collect();
        let configuration = folder.join("nginx.conf");
        // Root would hand its workers to a user who cannot read a temporary folder.
        let user = if std::fs::metadata("/proc/self").is_ok_and(is_root) {
            "user root;"
        } else {
            ""
        };
        std::fs::write(
            &configuration,
            format!(
                "{user} daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/nginx.log info;\nevents {{ }}\n\
                 http {{ access_log off; {temporary}\nserver {{ listen 127.0.0.1:{port} ssl; {directives}\n\
                 location / {{ return 200 \"served\\n\"; }} }} }}\n",
                folder.display()
            ),
        )?;
        let mut command = Command::new(find("nginx").context("nginx not found")?);
        command
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(configuration)
            .arg("-e")
            .arg(folder.join("nginx.log"));
        Self::start(command, port)
    }

    fn start(mut command: Command, port: u16) -> Result<Self> {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        let mut server = Self { process, port };
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.process.try_wait()? {
                bail!("{:?} ended with {status}", command.get_program());
            }
            if since.elapsed() > Duration::from_secs(10) {
                bail!("{:?} does not listen", command.get_program());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
fn is_root(data: std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    data.uid() == 0
}

#[cfg(not(unix))]
fn is_root(_: std::fs::Metadata) -> bool {
    false
}
