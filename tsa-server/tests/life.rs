//! The life of a service: the admin listener, signals, what a client may take. `sceau-tsa` stands for
//! both services, which share it.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::{Unit, said, tool};

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
        Self::with(unit, listen, more, lines, &[])
    }

    /// The same with environment variables.
    fn with(
        unit: &'a Unit,
        listen: &str,
        more: &str,
        lines: usize,
        variables: &[(&str, &str)],
    ) -> Self {
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
            .env_remove("NOTIFY_SOCKET")
            .envs(variables.iter().copied())
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

/// A certificate for `localhost` and its key, as a TLS server needs them; `name.pem` and `name.key`.
fn tls_certificate(unit: &Unit, name: &str) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(unit.path(&format!("{name}.pem")), certificate.pem()).unwrap();
    let path = unit.path(&format!("{name}.key"));
    std::fs::write(&path, key.serialize_pem()).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(path, private).unwrap();
}

const WITH_TLS: &str = "listen-tls = [\"127.0.0.1:0\"]\nadmin-listen = [\"127.0.0.1:0\"]";
const TLS: &str = "[tls]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n";

#[test]
fn tls_is_what_curl_openssl_and_gnutls_take_for_it() {
    let unit = Unit::new();
    tls_certificate(&unit, "tls");
    let life = Life::new(&unit, WITH_TLS, TLS, 2);
    let (dir, address) = (unit.dir.path(), life.address(0).to_owned());
    let port = address.split_once(':').unwrap().1;
    let url = format!("https://localhost:{port}/readyz");
    for version in [&["--tls-max", "1.2"][..], &["--tlsv1.3"]] {
        let arguments = [&["-sSf", "--cacert", "tls.pem", &url], version].concat();
        if let Some(output) = tool("curl", &arguments, dir) {
            assert_eq!(said(&output), "ok\n", "{version:?}");
        }
    }
    for (version, expected) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let arguments = [
            "s_client",
            "-connect",
            &address,
            "-CAfile",
            "tls.pem",
            "-alpn",
            "h2,http/1.1",
            version,
            "-verify_return_error",
            "-brief",
        ];
        if let Some(output) = tool("openssl", &arguments, dir) {
            let said = said(&output);
            assert!(
                said.contains(&format!("Protocol version: {expected}")),
                "{said}"
            );
            assert!(said.contains("Verification: OK"), "{said}");
        }
    }
    let old = [
        "s_client",
        "-connect",
        &address,
        "-tls1_1",
        "-cipher",
        "ALL:@SECLEVEL=0",
    ];
    if let Some(output) = tool("openssl", &old, dir) {
        assert!(!output.status.success(), "{}", said(&output));
    }
    let gnutls = [
        "--x509cafile",
        "tls.pem",
        "--verify-hostname",
        "localhost",
        "--port",
        port,
        "127.0.0.1",
    ];
    if let Some(output) = tool("gnutls-cli", &gnutls, dir) {
        let said = said(&output);
        assert!(said.contains("The certificate is trusted"), "{said}");
    }
    // Plain HTTP where TLS is spoken is closed, and counted.
    let mut plain = life.connect(0);
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    let metrics = life.get(1, "/metrics");
    assert!(
        !metrics.contains("refused_total{reason=\"tls\"} 0"),
        "{metrics}"
    );
    assert!(metrics.contains("sceau_tls_certificate_not_after_seconds "));
}

#[test]
fn a_client_that_never_ends_its_handshakes_does_not_keep_others_from_theirs() {
    let unit = Unit::new();
    tls_certificate(&unit, "tls");
    let limits = format!("{TLS}[limits]\nhandshakes = 8\nhandshake-seconds = 60\n");
    let life = Life::new(&unit, WITH_TLS, &limits, 2);
    let port = life.address(0).split_once(':').unwrap().1;
    let url = format!("https://localhost:{port}/healthz");
    let silent: Vec<TcpStream> = (0..32).map(|_| life.connect(0)).collect();
    // Refused ones are closed, and have been by now.
    let since = std::time::Instant::now();
    let refused = "refused_total{reason=\"handshakes\"} 30";
    while !life.get(1, "/metrics").contains(refused) {
        assert!(since.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    let other = [
        "-sSf",
        "--cacert",
        "tls.pem",
        "--interface",
        "127.0.0.2",
        &url,
    ];
    if let Some(output) = tool("curl", &other, unit.dir.path()) {
        assert_eq!(said(&output), "ok\n");
    }
    drop(silent);
}

#[test]
fn a_new_tls_certificate_is_presented_after_sighup_and_a_wrong_one_is_not() {
    let unit = Unit::new();
    tls_certificate(&unit, "tls");
    let old = std::fs::read(unit.path("tls.pem")).unwrap();
    let life = Life::new(&unit, WITH_TLS, TLS, 2);
    let port = life.address(0).split_once(':').unwrap().1.to_owned();
    let url = format!("https://localhost:{port}/healthz");
    let trusts = |ca: &str| {
        let output = tool("curl", &["-sSf", "--cacert", ca, &url], unit.dir.path())?;
        Some(output.status.success())
    };
    let Some(first) = trusts("tls.pem") else {
        return;
    };
    assert!(first);
    // A key that is another certificate's: the old pair goes on.
    std::fs::write(unit.path("old.pem"), old).unwrap();
    tls_certificate(&unit, "new");
    std::fs::copy(unit.path("new.pem"), unit.path("tls.pem")).unwrap();
    life.signal("-HUP");
    let logged = |text: &str| {
        let since = std::time::Instant::now();
        while !life.log().contains(text) {
            assert!(since.elapsed() < Duration::from_secs(20), "{}", life.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    logged("the TLS certificate cannot be used; the old one goes on");
    assert_eq!(
        (trusts("old.pem"), trusts("new.pem")),
        (Some(true), Some(false))
    );
    std::fs::copy(unit.path("new.key"), unit.path("tls.key")).unwrap();
    life.signal("-HUP");
    logged("the TLS certificate was read again");
    assert_eq!(
        (trusts("old.pem"), trusts("new.pem")),
        (Some(false), Some(true))
    );
}

#[test]
fn tls_mistakes_name_the_setting() {
    let unit = Unit::new();
    tls_certificate(&unit, "tls");
    tls_certificate(&unit, "other");
    let check = |listen: &str, more: &str| {
        let config = format!(
            "{listen}\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\"\npolicy = \"{}\"\n{more}\n",
            support::POLICY
        );
        std::fs::write(unit.path("check.toml"), config).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_sceau-tsa"))
            .args(["--config", "check.toml", "--check"])
            .current_dir(unit.dir.path())
            .env("SCEAU_LOG", "error")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code().unwrap(), said(&output))
    };
    let listen = "listen-tls = [\"127.0.0.1:0\"]";
    assert_eq!(check(listen, TLS).0, 0);
    for (listen, more, expected) in [
        (
            listen,
            String::new(),
            "error: listen-tls = \"127.0.0.1:0\" cannot be used: it needs certificate and key in the table [tls]\n",
        ),
        (
            "listen = [\"127.0.0.1:0\"]",
            TLS.to_owned(),
            "error: tls.certificate = \"tls.pem\" cannot be used: it is for addresses in listen-tls, and there are none\n",
        ),
        (
            listen,
            TLS.replace("tls.key", "other.key"),
            "error: tls.certificate = \"tls.pem\" cannot be used: CN=rcgen self signed cert certifies another key than tls.key\n",
        ),
        (
            listen,
            format!("{TLS}[limits]\nburst = 5\n"),
            "error: limits.burst = \"5\" cannot be used: it goes with requests-per-second, which is not set\n",
        ),
        (
            listen,
            format!("{TLS}[limits]\ntrusted-proxies = [\"10.1.2.3/8\"]\n"),
            "error: limits.trusted-proxies = \"10.1.2.3/8\" cannot be used: an address or a range is needed, such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32\n",
        ),
        (
            "listen = [\"127.0.0.1:8080\"]\nadmin-listen = [\"127.0.0.1:8080\"]",
            String::new(),
            "error: admin-listen = \"127.0.0.1:8080\" cannot be used: the address stands there twice, or in another setting too\n",
        ),
        (
            "listen = [\"127.0.0.1:0\"]",
            "[clock]\nreferences = [\"ntp://a\", \"ntp://b\", \"ntp://a:123\"]\n".to_owned(),
            "error: clock.references = \"ntp://a:123\" cannot be used: it stands there twice, and each server has one vote\n",
        ),
        (
            listen,
            format!("{TLS}[limits]\nstall-seconds = 0\n"),
            "error: stall-seconds = \"0\" cannot be used: from 1 to 3600\n",
        ),
    ] {
        assert_eq!(check(listen, &more), (78, expected.into()));
    }
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(unit.path("tls.key"), everybody).unwrap();
    let (exit, said) = check(listen, TLS);
    assert!(
        exit == 78 && said.contains("everybody on this machine may use the file"),
        "{said}"
    );
}

#[test]
fn a_client_beyond_its_rate_is_told_when_to_come_back_and_others_are_served() {
    let unit = Unit::new();
    let limits =
        "[limits]\nrequests-per-second = 1\nburst = 3\ntrusted-proxies = [\"127.0.0.1\"]\n";
    let life = Life::new(&unit, "listen = [\"127.0.0.1:0\"]", limits, 1);
    let status = |client: &str| {
        let mut stream = life.connect(0);
        let request = format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {client}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answers: Vec<_> = (0..30).map(|_| status("192.0.2.1")).collect();
    let refused = answers
        .iter()
        .filter(|a| a.starts_with("HTTP/1.1 429"))
        .count();
    assert!(answers[..3].iter().all(|a| a.starts_with("HTTP/1.1 200")));
    assert!(refused >= 15, "{refused}");
    let refused = answers
        .iter()
        .find(|a| a.starts_with("HTTP/1.1 429"))
        .unwrap();
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(status("192.0.2.2").starts_with("HTTP/1.1 200"));
    // What the client wrote itself makes nobody else of it.
    assert!(status("192.0.2.9, 192.0.2.3").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_supervisor_is_told_of_the_start_the_reload_the_end_and_of_life() {
    let unit = Unit::new();
    let path = unit.path("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let told = |expected: &str| {
        // Signs of life come in between.
        for _ in 0..200 {
            let mut buffer = [0; 512];
            let n = socket.recv(&mut buffer).unwrap();
            let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
            if text.contains(expected) {
                return text;
            }
        }
        panic!("{expected} was not told");
    };
    let settings = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "200000"),
    ];
    let mut life = Life::with(&unit, "listen = [\"127.0.0.1:0\"]", "", 1, &settings);
    told("READY=1");
    told("WATCHDOG=1");
    life.signal("-HUP");
    let reloading = told("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    told("READY=1");
    life.signal("-TERM");
    told("STOPPING=1");
    assert_eq!(life.child.wait().unwrap().code(), Some(0));
}

#[test]
fn reloading_and_ending_under_load_lose_no_request() {
    let unit = Unit::new();
    let mut life = Life::new(&unit, "listen = [\"127.0.0.1:0\"]", "", 1);
    std::fs::write(unit.path("data"), b"data").unwrap();
    let query = ["ts", "-query", "-data", "data", "-sha256", "-out", "q.tsq"];
    if tool("openssl", &query, unit.dir.path()).is_none() {
        return;
    }
    let query = std::fs::read(unit.path("q.tsq")).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/timestamp-query\r\nContent-Length: {}\r\n\r\n",
        query.len()
    );
    let request = [head.as_bytes(), &query].concat();
    let address = life.address(0).to_owned();
    let (first, answered) = std::sync::mpsc::channel();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (address, request, first) = (address.clone(), request.clone(), first.clone());
            std::thread::spawn(move || stamp_until_closed(&address, &request, &first))
        })
        .collect();
    drop(first);
    for _ in &clients {
        answered.recv().unwrap();
    }
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(100));
        life.signal("-HUP");
    }
    std::thread::sleep(Duration::from_millis(200));
    life.signal("-TERM");
    assert_eq!(life.child.wait().unwrap().code(), Some(0));
    for client in clients {
        let answered = client.join().unwrap();
        assert!(answered > 0);
    }
}

/// Asks over and over on one connection, until it is closed between two answers; how many came. Tells of the
/// first.
fn stamp_until_closed(address: &str, request: &[u8], first: &std::sync::mpsc::Sender<()>) -> usize {
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut reader = BufReader::new(stream);
    for answered in 0.. {
        if reader.get_mut().write_all(request).is_err() {
            return answered;
        }
        let mut line = String::new();
        // The server may close an idle connection just as we ask: nothing of the request was taken.
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return answered;
        }
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(octets) = line.strip_prefix("content-length: ") {
                length = octets.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if answered == 0 {
            first.send(()).unwrap();
        }
    }
    unreachable!("the server ends")
}
