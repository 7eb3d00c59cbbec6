//! Clients that mean harm to the running services: silence, slowness, garbage, size and depth. They get an error of the protocol or
//! a closed connection; everybody else is answered all the while, memory stays bounded, and nothing panics.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::{Backend, Hierarchy, http};

use crate::overload::{bounded, quiet_end};

/// Slow and silent clients of each kind.
const EACH: usize = 12;
/// By then the services have closed the connections of all of them (docs/running.md).
const PATIENCE: Duration = Duration::from_secs(40);

#[test]
fn hostile_clients_harm_nobody() -> Result<()> {
    if !crate::possible(Backend::KeyFile) {
        return Ok(());
    }
    let mut hierarchy = Hierarchy::running(Backend::KeyFile)?;
    let services = hierarchy.services.take().context("no services")?;
    let victims = [ocsp(&hierarchy)?, tsa(&hierarchy)?];
    let mut before = Vec::new();
    for (victim, service) in victims.iter().zip([&services.ocsp, &services.tsa]) {
        victim.honest()?;
        before.push(service.memory("VmRSS")?);
    }
    std::thread::scope(|scope| -> Result<()> {
        let mut slow = Vec::new();
        for victim in &victims {
            for _ in 0..EACH {
                slow.push(scope.spawn(|| victim.silent()));
                slow.push(scope.spawn(|| victim.drop_by_drop(b"GET / HTTP/1.1\r\nHost: x\r\n")));
                slow.push(scope.spawn(|| victim.drop_by_drop(&victim.post_of(60_000))));
                slow.push(scope.spawn(|| victim.never_reads()));
            }
        }
        for victim in &victims {
            for (name, bytes) in victim.malformed() {
                victim
                    .refused(&bytes)
                    .with_context(|| format!("{name} at {}", victim.address))?;
                victim.honest().with_context(|| format!("after {name}"))?;
            }
            for _ in 0..200 {
                drop(TcpStream::connect(&victim.address)?);
            }
        }
        while slow.iter().any(|client| !client.is_finished()) {
            victims.iter().try_for_each(Victim::honest)?;
            std::thread::sleep(Duration::from_millis(50));
        }
        for client in slow {
            match client.join() {
                Ok(closed) => closed?,
                Err(_) => bail!("a client panicked"),
            }
        }
        Ok(())
    })?;
    for ((victim, service), before) in victims
        .iter()
        .zip([services.ocsp, services.tsa])
        .zip(before)
    {
        victim.honest()?;
        bounded(&service, before)?;
        quiet_end(service)?;
    }
    Ok(())
}

/// A service, what it is asked for, and what its right answer begins with.
struct Victim {
    address: String,
    path: &'static str,
    media_type: &'static str,
    request: Vec<u8>,
    /// The status of a right answer, and where it stands.
    granted: (usize, &'static [u8]),
    /// The status of a refusal in the protocol, and where it stands.
    refused: (usize, &'static [u8]),
    /// Something large that anybody may fetch.
    large: String,
}

fn ocsp(hierarchy: &Hierarchy) -> Result<Victim> {
    openssl("ocsp")
        .args([
            "-sha1",
            "-no_nonce",
            "-issuer",
            "companies-ca.pem",
            "-cert",
            "company-seal.pem",
        ])
        .args(["-reqout", "request.der"])
        .folder(&hierarchy.office.dir)
        .succeed()?;
    Ok(Victim {
        address: format!("127.0.0.1:{}", hierarchy.office.ocsp_port),
        path: "/ocsp",
        media_type: "application/ocsp-request",
        request: std::fs::read(hierarchy.path("request.der"))?,
        // OCSPResponse of more than 255 octets: successful. And all of one that is not: malformedRequest.
        granted: (4, &[0x0a, 1, 0]),
        refused: (0, &[0x30, 3, 0x0a, 1, 1]),
        large: "/crl/companies.crl".to_owned(),
    })
}

fn tsa(hierarchy: &Hierarchy) -> Result<Victim> {
    std::fs::write(hierarchy.path("data"), "what is stamped")?;
    openssl("ts")
        .args([
            "-query",
            "-sha256",
            "-cert",
            "-data",
            "data",
            "-out",
            "query.tsq",
        ])
        .folder(&hierarchy.office.dir)
        .succeed()?;
    Ok(Victim {
        address: format!("127.0.0.1:{}", hierarchy.office.tsa_port),
        path: "/",
        media_type: "application/timestamp-query",
        request: std::fs::read(hierarchy.path("query.tsq"))?,
        // PKIStatusInfo: granted alone; rejection, followed by a failure.
        granted: (4, &[0x30, 3, 2, 1, 0]),
        refused: (4, &[2, 1, 2]),
        large: "/healthz".to_owned(),
    })
}

impl Victim {
    /// Asks what anybody may ask, and is answered in time.
    fn honest(&self) -> Result<()> {
        let started = Instant::now();
        let url = format!("http://{}{}", self.address, self.path);
        let response = http::post(&url, self.media_type, &self.request)?;
        ensure!(
            response.status == 200 && stands(&response.body, self.granted),
            "{:?} {:02x?}",
            response.headers,
            &response.body[..response.body.len().min(16)]
        );
        ensure!(
            started.elapsed() < Duration::from_secs(5),
            "answered after {:?}",
            started.elapsed()
        );
        Ok(())
    }

    fn post(&self, fields: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {}\r\n{fields}\r\n",
            self.path, self.media_type
        );
        [head.as_bytes(), body].concat()
    }

    /// The head of a POST whose body is still to come.
    fn post_of(&self, length: usize) -> Vec<u8> {
        self.post(
            &format!("Content-Length: {length}\r\n"),
            b"\x30\x82\x01\x00",
        )
    }

    fn whole(&self, body: &[u8]) -> Vec<u8> {
        self.post(&format!("Content-Length: {}\r\n", body.len()), body)
    }

    /// What is sent at once, and must be refused.
    fn malformed(&self) -> Vec<(String, Vec<u8>)> {
        let get = |target: &str| {
            format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()
        };
        let mut all: Vec<(String, Vec<u8>)> = [
            ("octets that are no HTTP", vec![0xff; 4096]),
            ("zeros", vec![0; 70_000]),
            (
                "the beginning of TLS",
                [
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
                    &[7; 512],
                ]
                .concat(),
            ),
            (
                "a header field of 100 kB",
                self.post(&format!("X: {}\r\n", "a".repeat(100_000)), b""),
            ),
            (
                "ten thousand header fields",
                self.post(&"X: a\r\n".repeat(10_000), b""),
            ),
            (
                "a path of 100 kB",
                get(&format!("{}/{}", self.path, "A".repeat(100_000))),
            ),
            (
                "two lengths",
                self.post(
                    "Content-Length: 4\r\nContent-Length: 5\r\n",
                    b"\x30\x03\x02\x01\x00",
                ),
            ),
            (
                "a length below nothing",
                self.post("Content-Length: -1\r\n", b""),
            ),
            (
                "a length beyond 64 bits",
                self.post("Content-Length: 99999999999999999999999\r\n", b""),
            ),
            (
                "length and chunks",
                self.post(
                    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                    b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                ),
            ),
            (
                "a chunk of an odd size",
                self.post("Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFF\r\n"),
            ),
            (
                "ten million octets announced",
                self.post("Content-Length: 10000000\r\n", &[0x30; 200_000]),
            ),
            (
                "chunks without end",
                self.post(
                    "Transfer-Encoding: chunked\r\n",
                    &[b"3e8\r\n".as_slice(), &[0x30; 1000], b"\r\n"]
                        .concat()
                        .repeat(200),
                ),
            ),
            ("nothing", self.whole(b"")),
            ("one octet", self.whole(&[0x30])),
            (
                "a length of 4 GB",
                self.whole(b"\x30\x84\xff\xff\xff\xff\x30"),
            ),
            ("depth, with lengths", self.whole(&nested(12_000))),
            (
                "depth, without lengths",
                self.whole(&[0x30, 0x80].repeat(30_000)),
            ),
            (
                "octets after the end",
                self.whole(&[self.request.as_slice(), &[0]].concat()),
            ),
            ("ones", self.whole(&[0xff; 60_000])),
        ]
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect();
        if self.path == "/ocsp" {
            for number in [33, 700, 10_000] {
                all.push((
                    format!("{number} CertIDs"),
                    self.whole(&cert_ids(&self.request, number)),
                ));
            }
            for path in [
                "/ocsp/",
                "/ocsp/%",
                "/ocsp/%30%82",
                "/ocsp/MA==",
                "/crl/%2e%2e%2fca.crl",
                "/crl/../../etc/passwd",
                "/ca/companies.crl",
            ] {
                all.push((path.to_owned(), get(path)));
            }
        }
        for length in (1..self.request.len()).step_by(7) {
            all.push((
                format!("the first {length} octets"),
                self.whole(&self.request[..length]),
            ));
        }
        all
    }

    /// Sends this, and gets an error of HTTP, an error of the protocol, or a closed connection; not silence, and no internal error.
    fn refused(&self, bytes: &[u8]) -> Result<()> {
        let mut stream = self.connect()?;
        // The service may have closed it before everything is sent.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let answer = until_closed(&mut stream, PATIENCE)?;
        let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = match head_end {
            Some(at) => answer.split_at(at + 4),
            None if answer.is_empty() => return Ok(()),
            None => bail!("half an answer: {:?}", String::from_utf8_lossy(&answer)),
        };
        let status = String::from_utf8_lossy(head.get(9..12).unwrap_or_default()).into_owned();
        let right = match status.as_str() {
            "200" => stands(body, self.refused),
            other => other.starts_with('4'),
        };
        ensure!(right, "{status} {:02x?}", &body[..body.len().min(16)]);
        Ok(())
    }

    /// Connects, and that is all.
    fn silent(&self) -> Result<()> {
        until_closed(&mut self.connect()?, PATIENCE).map(drop)
    }

    /// Sends a request, and then one octet after the other of what never ends.
    fn drop_by_drop(&self, beginning: &[u8]) -> Result<()> {
        let mut stream = self.connect()?;
        stream.write_all(beginning)?;
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if stream.write_all(b"a").is_err() {
                return Ok(());
            }
            match until_closed(&mut stream, Duration::from_millis(300)) {
                Ok(_) => return Ok(()),
                Err(_) => continue,
            }
        }
        bail!("{} lets a slow client go on for {PATIENCE:?}", self.address)
    }

    /// Asks for more than the system keeps for it, and reads nothing.
    fn never_reads(&self) -> Result<()> {
        let mut stream = self.connect()?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", self.large).repeat(50);
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            match stream.write_all(request.as_bytes()) {
                Ok(()) => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    break;
                }
                Err(_) => return Ok(()),
            }
        }
        bail!(
            "{} waits {PATIENCE:?} for a client that does not read",
            self.address
        )
    }

    fn connect(&self) -> Result<TcpStream> {
        TcpStream::connect(&self.address).with_context(|| self.address.clone())
    }
}

/// What comes until the other side closes, which it must within `patience`.
fn until_closed(stream: &mut TcpStream, patience: Duration) -> Result<Vec<u8>> {
    stream.set_read_timeout(Some(patience))?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => Ok(answer),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(answer),
        Err(error) => Err(error).context("the connection is not closed"),
    }
}

fn stands(body: &[u8], (at, octets): (usize, &[u8])) -> bool {
    body.windows(octets.len())
        .skip(at)
        .take(if at == 0 { 1 } else { 3 })
        .any(|window| window == octets)
}

/// A SEQUENCE in a SEQUENCE in a SEQUENCE.
fn nested(depth: usize) -> Vec<u8> {
    let mut lengths = Vec::new();
    let mut length = 0usize;
    for _ in 0..depth {
        let own = [
            &[0x30, 0x83],
            length.to_be_bytes().get(5..).unwrap_or_default(),
        ]
        .concat();
        length += own.len();
        lengths.push(own);
    }
    lengths.reverse();
    lengths.concat()
}

/// The one request of this OCSPRequest many times over. Its three outer headers have two octets each.
fn cert_ids(request: &[u8], number: usize) -> Vec<u8> {
    let one = request.get(6..).unwrap_or_default();
    let mut der = one.repeat(number);
    for _ in 0..3 {
        let length = der.len().to_be_bytes();
        der = [&[0x30, 0x83], length.get(5..).unwrap_or_default(), &der].concat();
    }
    der
}
