//! OCSP and time-stamps per second, beside `openssl ocsp`, `openssl ts` and a bare server that only repeats one answer.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::free_port;
use sceau_tests::{Call, Hierarchy, http};

use crate::Effort;
use crate::load::{Connections, median_time, requests_per_second};
use crate::static_server;
use crate::table::Table;

const OCSP_REQUEST: &str = "application/ocsp-request";
const TSA_QUERY: &str = "application/timestamp-query";

pub(crate) fn ocsp(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let office = &hierarchy.office;
    let (plain, nonced) = (
        office.path("bench-plain.ocsp"),
        office.path("bench-nonce.ocsp"),
    );
    for (file, nonce) in [(&plain, "-no_nonce"), (&nonced, "-nonce")] {
        openssl("ocsp")
            .arg(nonce)
            .arg("-issuer")
            .arg(hierarchy.ca("companies"))
            .arg("-cert")
            .arg(office.path("company-seal.pem"))
            .arg("-reqout")
            .arg(file)
            .succeed()?;
    }
    let url = format!("{}/ocsp", hierarchy.office.base_url());
    let number = effort.pick(2_000, 100_000);

    let body = http::post(&url, OCSP_REQUEST, &std::fs::read(&plain)?)?.body;
    let bare = static_server::start(body, "application/ocsp-response")?;
    let ceiling = requests_per_second(&bare, &plain, OCSP_REQUEST, number, Connections::Kept)?;
    table.row(
        "OCSP, connections kept",
        "ceiling: a bare server",
        &rate(ceiling),
        "",
    );
    let cached = requests_per_second(&url, &plain, OCSP_REQUEST, number, Connections::Kept)?;
    table.row(
        "OCSP, connections kept",
        "sceau-ocsp, cached answer",
        &rate(cached),
        &share(cached, ceiling),
    );
    let signed = requests_per_second(&url, &nonced, OCSP_REQUEST, number, Connections::Kept)?;
    table.row(
        "OCSP, connections kept",
        "sceau-ocsp, signed for each (nonce)",
        &rate(signed),
        &share(signed, ceiling),
    );

    let number = effort.pick(1_000, 20_000);
    let cached = requests_per_second(&url, &plain, OCSP_REQUEST, number, Connections::New)?;
    let signed = requests_per_second(&url, &nonced, OCSP_REQUEST, number, Connections::New)?;
    table.row(
        "OCSP, a connection each",
        "sceau-ocsp, cached answer",
        &rate(cached),
        "",
    );
    table.row(
        "OCSP, a connection each",
        "sceau-ocsp, signed for each (nonce)",
        &rate(signed),
        "",
    );
    let peer = OpensslResponder::start(hierarchy, &plain)?;
    let theirs = requests_per_second(
        &peer.url,
        &nonced,
        OCSP_REQUEST,
        effort.pick(500, 5_000),
        Connections::New,
    )?;
    let beside = format!(
        "sceau: {:.1} x signed, {:.1} x cached",
        signed / theirs,
        cached / theirs
    );
    table.row(
        "OCSP, a connection each",
        "openssl ocsp",
        &rate(theirs),
        &beside,
    );
    Ok(())
}

pub(crate) fn time_stamps(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let office = &hierarchy.office;
    let (data, query) = (office.path("bench-data"), office.path("bench-query.tsq"));
    std::fs::write(&data, "stamped often")?;
    openssl("ts")
        .args(["-query", "-sha256", "-cert", "-data"])
        .arg(&data)
        .arg("-out")
        .arg(&query)
        .succeed()?;
    let url = &hierarchy.office.tsa_url();
    let number = effort.pick(2_000, 50_000);
    let work = "time-stamps, P-256";

    let body = http::post(url, TSA_QUERY, &std::fs::read(&query)?)?.body;
    let bare = static_server::start(body, "application/timestamp-reply")?;
    let ceiling = requests_per_second(&bare, &query, TSA_QUERY, number, Connections::Kept)?;
    table.row(work, "ceiling: a bare server", &rate(ceiling), "");
    let ours = requests_per_second(url, &query, TSA_QUERY, number, Connections::Kept)?;
    table.row(work, "sceau-tsa", &rate(ours), &share(ours, ceiling));

    let configuration = office.path("bench-ts.cnf");
    std::fs::write(office.path("bench-ts-serial"), "01\n")?;
    std::fs::write(
        &configuration,
        "[tsa]\ndefault_tsa = one\n[one]\nserial = bench-ts-serial\ndefault_policy = 1.3.6.1.4.1.32473.1.9\ndigests = sha256\nsigner_digest = sha256\nordering = no\ntsa_name = no\ness_cert_id_alg = sha256\n",
    )?;
    let peer = openssl("ts")
        .args(["-reply", "-config"])
        .arg(&configuration)
        .arg("-queryfile")
        .arg(&query)
        .args([
            "-signer",
            "tsu.pem",
            "-inkey",
            "keys/tsu.pem",
            "-passin",
            "env:SCEAU_PIN",
            "-out",
            "bench-reply.tsr",
        ])
        .folder(&office.dir)
        .envs(&office.environment());
    let each = median_time(effort.pick(5, 41), &peer, || Ok(()))?;
    let theirs = 1.0 / each.as_secs_f64();
    table.row(
        work,
        "openssl ts, a process each",
        &rate(theirs),
        &format!("sceau: {:.0} x", ours / theirs),
    );
    Ok(())
}

/// `openssl ocsp` as a responder for the companies CA, with the same signer's key.
struct OpensslResponder {
    process: Child,
    url: String,
}

impl OpensslResponder {
    fn start(hierarchy: &Hierarchy, request: &Path) -> Result<Self> {
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
            .args([
                "-index",
                "bench-index.txt",
                "-port",
                &port.to_string(),
                "-rsigner",
                "ocsp-signer.pem",
                "-rkey",
                "keys/ocsp-companies.pem",
            ])
            .args([
                "-passin",
                "env:SCEAU_PIN",
                "-CA",
                "companies-ca.pem",
                "-nmin",
                "60",
                "-ignore_err",
            ])
            .folder(&office.dir)
            .envs(&office.environment());
        let process = start(&call)?;
        let url = format!("http://127.0.0.1:{port}");
        let responder = Self { process, url };
        let since = Instant::now();
        // It hangs for ever when a client connects and closes without sending, so only a whole request may ask whether it is there.
        let request = std::fs::read(request)?;
        while http::post(&responder.url, OCSP_REQUEST, &request).is_err() {
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

fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

fn share(part: f64, of: f64) -> String {
    format!("{:.2} of the ceiling", part / of)
}
