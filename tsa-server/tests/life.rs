//! The life of a service: the admin listener, signals, what a client may take. `sceau-tsa` stands for
//! both services, which share it.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::Unit;

/// The program, until it is dropped.
struct Life<'a> {
    unit: &'a Unit,
    child: Child,
    /// What it said on standard output: `listening on`, `admin on` and the URL.
    urls: Vec<String>,
}

impl<'a> Life<'a> {
    /// Starts it with `more` in its configuration, which makes it say `lines` lines.
    fn new(unit: &'a Unit, listen: &str, more: &str, lines: usize) -> Self {
        let config = format!(
            "{listen}\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\"\npolicy = \"{}\"\n{more}\n",
            support::POLICY
        );
        std::fs::write(unit.path("tsa.toml"), config).unwrap();
        let log = std::fs::File::create(unit.path("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sceau-tsa"))
            .args(["--config", "tsa.toml", "-v"])
            .current_dir(unit.dir.path())
            .env_remove("SCEAU_TSA_LISTEN")
            .env_remove("SCEAU_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let urls: Vec<_> = said.take(lines).map(Result::unwrap).collect();
        let life = Self { unit, child, urls };
        assert_eq!(life.urls.len(), lines, "{}", life.log());
        life
    }

    fn address(&self, line: usize) -> &str {
        self.urls[line].split_once("://").unwrap().1
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.unit.path("log")).unwrap()
    }

    fn connect(&self, line: usize) -> TcpStream {
        let stream = TcpStream::connect(self.address(line)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// The answer to a GET of `path` over a connection of its own.
    fn get(&self, line: usize, path: &str) -> String {
        let mut stream = self.connect(line);
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Life<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn metrics_and_health_are_on_the_admin_listener_and_metrics_nowhere_else() {
    let unit = Unit::new();
    let listen = "listen = [\"127.0.0.1:0\"]\nadmin-listen = [\"127.0.0.1:0\"]";
    let mut life = Life::new(&unit, listen, "", 2);
    assert!(life.urls[1].starts_with("sceau-tsa admin on http://127.0.0.1:"));
    for path in ["/healthz", "/readyz"] {
        assert!(life.get(0, path).starts_with("HTTP/1.1 200"));
        assert!(life.get(1, path).starts_with("HTTP/1.1 200"));
    }
    // Everything else at the public address is about time-stamps.
    assert!(!life.get(0, "/metrics").contains("sceau_http"));
    let mut query = life.connect(0);
    query
        .write_all(b"PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    query.read_to_string(&mut String::new()).unwrap();
    let metrics = life.get(1, "/metrics");
    assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"));
    for line in [
        "sceau_http_requests_total{method=\"GET\",status=\"2xx\"} 3",
        "sceau_http_requests_total{method=\"other\",status=\"4xx\"} 1",
        "sceau_http_request_duration_seconds_count 4",
        "sceau_http_connections_accepted_total 4",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
    assert!(life.get(1, "/").starts_with("HTTP/1.1 404"));
    life.signal("-TERM");
    assert_eq!(life.child.wait().unwrap().code(), Some(0));
}
