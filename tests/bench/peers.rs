//! OpenSSL as a responder and as a time-stamping authority, with the same keys.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::free_port;
use sceau_tests::{Call, Hierarchy, http};

use crate::ocsp::MEDIA_TYPE;

/// `openssl ocsp` as a responder for the companies' CA, with the same signer's key.
pub(crate) struct OpensslResponder {
    process: Child,
    pub(crate) url: String,
}

impl OpensslResponder {
    pub(crate) fn start(hierarchy: &Hierarchy, request: &Path) -> Result<Self> {
        let office = &hierarchy.office;
        let serial = openssl("x509")
            .args(["-noout", "-serial", "-in"])
            .arg(office.path("company-seal.pem"))
            .succeed()?
            .out();
        let serial = serial.trim().trim_start_matches("serial=").to_owned();
        std::fs::write(
            office.path("bench-index.txt"),
            format!("V\t491231235959Z\t\t{serial}\tunknown\t/CN=seal\n"),
        )?;
        let port = free_port()?;
        let call = openssl("ocsp")
            .args(["-index", "bench-index.txt", "-port", &port.to_string()])
            .args([
                "-rsigner",
                "ocsp-signer.pem",
                "-rkey",
                "keys/ocsp-companies.pem",
            ])
            .args(["-passin", "env:SCEAU_PIN", "-CA", "companies-ca.pem"])
            .args(["-nmin", "60", "-ignore_err"])
            .folder(&office.dir)
            .envs(&office.environment());
        let process = start(&call)?;
        let url = format!("http://127.0.0.1:{port}");
        let responder = Self { process, url };
        let since = Instant::now();
        // It hangs for ever when a client connects and closes without sending, so only a whole request may ask whether it is there.
        let request = std::fs::read(request)?;
        while http::post(&responder.url, MEDIA_TYPE, &request).is_err() {
            if since.elapsed() > Duration::from_secs(10) {
                bail!("openssl ocsp does not start: {}", call.command_line());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(responder)
    }
}

impl Drop for OpensslResponder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(call: &Call) -> Result<Child> {
    call.command()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start openssl")
}

/// `openssl ts -reply` to `query` with the time-stamping unit's key.
pub(crate) fn openssl_ts(hierarchy: &Hierarchy, query: &Path) -> Result<Call> {
    let office = &hierarchy.office;
    let configuration = office.path("bench-ts.cnf");
    std::fs::write(office.path("bench-ts-serial"), "01\n")?;
    std::fs::write(
        &configuration,
        "[tsa]\ndefault_tsa = one\n[one]\nserial = bench-ts-serial\ndefault_policy = 1.3.6.1.4.1.32473.1.9\ndigests = sha256\nsigner_digest = sha256\nordering = no\ntsa_name = no\ness_cert_id_alg = sha256\n",
    )?;
    Ok(openssl("ts")
        .args(["-reply", "-config"])
        .arg(&configuration)
        .arg("-queryfile")
        .arg(query)
        .args(["-signer", "tsu.pem", "-inkey", "keys/tsu.pem"])
        .args(["-passin", "env:SCEAU_PIN", "-out", "bench-reply.tsr"])
        .folder(&office.dir)
        .envs(&office.environment()))
}
