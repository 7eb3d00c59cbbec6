//! More than the services can carry, and clients who mean harm: what is answered is right, the rest is refused in the protocol's
//! words, memory stays bounded, and everybody else is answered all the while and right after.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::hierarchy::{ISSUING_CAS, Office, Published, SEAL_SUBJECT, TSU_SUBJECT};
use sceau_tests::hierarchy::{POLICY_ARC, ocsp_signer_file};
use sceau_tests::http::{Connection, Response};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::Service;
use sceau_tests::{Backend, http};
use tempfile::TempDir;

/// Clients that ask at once, each on a connection of its own, as fast as they are answered.
const CLIENTS: u64 = 64;
/// How long the load lasts.
const LOAD: Duration = Duration::from_secs(5);
/// Memory that a load may cost, in KiB.
const MEMORY: u64 = 64 * 1024;

#[test]
fn ten_times_the_load_is_answered_or_refused_and_never_wrong() -> Result<()> {
    if !crate::possible(Backend::KeyFile) {
        return Ok(());
    }
    let folder = TempDir::with_prefix("sceau-")?;
    let office = Office::open(folder.path(), Backend::KeyFile, Published::Loopback)?;
    prepare(&office)?;
    let ocsp = Service::start(&office.ocsp_service()?)?;
    responder_under_load(&office, &ocsp)?;
    quiet_end(ocsp)?;
    let tsa = Service::start(&office.tsa_service()?)?;
    time_stamps_under_load(&office, &tsa)?;
    quiet_end(tsa)
}

/// One signing thread, RSA-4096 and a short queue: a responder that can carry little, so that this machine can ask ten times as much.
fn prepare(office: &Office) -> Result<()> {
    let companies = ISSUING_CAS
        .into_iter()
        .find(|ca| ca.name == "companies")
        .context("no companies' CA")?;
    for call in [
        office.init("MC")?,
        office.create_root()?,
        office.create_issuing(companies)?,
        office
            .create_ocsp_signer("companies")?
            .args(["--key-type", "rsa4096"]),
        office
            .issue("companies", "time-stamping-unit", TSU_SUBJECT, "tsu")?
            .args(["--key-type", "rsa4096"]),
        office.issue("companies", "company-seal", SEAL_SUBJECT, "seal")?,
        office.ca(&["crl", "--all"])?,
    ] {
        call.succeed()?;
    }
    let little = "signing-workers = 1\nsigning-queue = 4\n";
    let (ocsp, tsa) = (office.ocsp_port, office.tsa_port);
    let key = |name: &str| office.backend.key(name);
    std::fs::write(
        office.path("sceau-ocsp.toml"),
        format!(
            "listen = [\"127.0.0.1:{ocsp}\"]\nrecord = \"ca/record.sqlite\"\n{little}\n[[responder]]\nca = \"companies\"\ncertificate = \"{}\"\nkey = \"{}\"\n",
            ocsp_signer_file("companies"),
            key("ocsp-companies"),
        ),
    )?;
    std::fs::write(
        office.path("sceau-tsa.toml"),
        format!(
            "listen = [\"127.0.0.1:{tsa}\"]\ncertificate = \"tsu.pem\"\nchain = [\"companies-ca.pem\"]\nkey = \"{}\"\npolicy = \"{POLICY_ARC}.9\"\n{little}",
            key("tsu"),
        ),
    )?;
    Ok(())
}

fn responder_under_load(office: &Office, service: &Service) -> Result<()> {
    let seal = Certificate::read(office, "seal")?;
    let (plain, nonced) = (seal.request("-no_nonce")?, seal.request("-nonce")?);
    let url = format!("{}/ocsp", service.url());
    let media_type = "application/ocsp-request";
    let ask = |connection: &mut Connection, number: u64| -> Result<Told> {
        let body = numbered(&nonced, number)?;
        let response = connection.post(&url, media_type, &body)?;
        let nonce = body.get(body.len() - 8..).unwrap_or_default();
        seal.told(&response, nonce)
    };
    let alone = Load::run(1, Duration::from_secs(1), &url, ask, || Ok(()))?;
    let before = service.memory("VmRSS")?;

    // A cached answer needs no signature, so it comes however long the queue is; and then the certificate is revoked.
    let revoked = AtomicU64::new(u64::MAX);
    let heard = AtomicBool::new(false);
    let started = Instant::now();
    let mut others = Connection::open(&url)?;
    ensure!(seal.told(&others.post(&url, media_type, &plain)?, &[])? == Told::Good);
    let load = Load::run(
        CLIENTS,
        LOAD,
        &url,
        |connection, number| {
            let sent = millis(started);
            let told = ask(connection, number)?;
            let late = sent > revoked.load(Ordering::SeqCst).saturating_add(1_000);
            if told == Told::Revoked {
                heard.store(true, Ordering::Relaxed);
            }
            Ok(if late && told == Told::Good {
                Told::Wrong
            } else {
                told
            })
        },
        || {
            while started.elapsed() < LOAD / 2 {
                let told = seal.told(&others.post(&url, media_type, &plain)?, &[])?;
                ensure!(told == Told::Good, "from the cache: {told:?}");
            }
            office
                .revoke("companies", "seal.pem", "keyCompromise")?
                .succeed()?;
            revoked.store(millis(started), Ordering::SeqCst);
            // On a busy machine that took its time, and the load is not over before somebody heard of it.
            while !heard.load(Ordering::Relaxed) {
                ensure!(
                    started.elapsed() < LOAD * 6,
                    "nobody hears of the revocation"
                );
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        },
    )?;
    load.is_overload(&alone)?;
    ensure!(load.count(Told::Revoked) > 0, "{load:?}");

    // At once, and to everybody.
    let ended = Instant::now();
    while seal.told(&others.post(&url, media_type, &plain)?, &[])? != Told::Revoked {
        ensure!(ended.elapsed() < Duration::from_secs(1), "no recovery");
    }
    bounded(service, before)?;
    let response = office.path("after.der");
    std::fs::write(&response, http::post(&url, media_type, &nonced)?.body)?;
    let judged = seal
        .openssl()
        .args(["-no_nonce", "-respin"])
        .arg(&response)
        .args(["-CAfile", "root-ca.pem"]);
    let judged = judged
        .args(["-verify_other", "companies-ca.pem"])
        .succeed()?;
    ensure!(judged.text().contains("Response verify OK"), "{judged}");
    Ok(())
}

fn time_stamps_under_load(office: &Office, service: &Service) -> Result<()> {
    std::fs::write(office.path("data"), "what is stamped")?;
    let query = |nonce: &str| -> Result<Vec<u8>> {
        openssl("ts")
            .args([
                "-query",
                "-sha256",
                "-cert",
                nonce,
                "-data",
                "data",
                "-out",
                "query.tsq",
            ])
            .folder(&office.dir)
            .succeed()?;
        Ok(std::fs::read(office.path("query.tsq"))?)
    };
    let plain = query("-no_nonce")?;
    // The imprint stands before certReq (01 01 FF), the last element.
    let imprint = |number: u64| -> Result<Vec<u8>> {
        let mut own = plain.clone();
        let end = own.len().checked_sub(3).context("an empty query")?;
        own.get_mut(end - 8..end)
            .context("a short query")?
            .copy_from_slice(&number.to_be_bytes());
        Ok(own)
    };
    let url = service.url().to_owned();
    let ask = |connection: &mut Connection, number: u64| -> Result<Told> {
        let response = connection.post(&url, "application/timestamp-query", &imprint(number)?)?;
        Ok(match response.status {
            503 => Told::Later,
            200 if contains(&response.body, &number.to_be_bytes()) && granted(&response.body) => {
                Told::Good
            }
            _ => Told::Wrong,
        })
    };
    let alone = Load::run(1, Duration::from_secs(1), &url, ask, || Ok(()))?;
    let before = service.memory("VmRSS")?;
    Load::run(CLIENTS, LOAD, &url, ask, || Ok(()))?.is_overload(&alone)?;

    let ended = Instant::now();
    let response = http::post(&url, "application/timestamp-query", &query("-cert")?)?;
    ensure!(ended.elapsed() < Duration::from_secs(1), "no recovery");
    bounded(service, before)?;
    std::fs::write(office.path("reply.tsr"), &response.body)?;
    let judged = openssl("ts")
        .args(["-verify", "-queryfile", "query.tsq", "-in", "reply.tsr"])
        .args(["-CAfile", "root-ca.pem", "-untrusted", "companies-ca.pem"])
        .folder(&office.dir)
        .succeed()?;
    ensure!(judged.text().contains("Verification: OK"), "{judged}");
    Ok(())
}

/// What came of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// Good, or a time-stamp.
    Good,
    Revoked,
    /// tryLater, or 503.
    Later,
    /// Anything else: what must not happen.
    Wrong,
}

/// What came of many.
#[derive(Debug)]
struct Load {
    told: BTreeMap<Told, u64>,
    per_second: f64,
}

impl Load {
    /// Has `clients` ask for `time`, and for as long as `meanwhile` runs.
    fn run(
        clients: u64,
        time: Duration,
        url: &str,
        ask: impl Fn(&mut Connection, u64) -> Result<Told> + Sync,
        meanwhile: impl FnOnce() -> Result<()>,
    ) -> Result<Self> {
        let started = Instant::now();
        let (ended, failed) = (AtomicBool::new(false), AtomicBool::new(false));
        let one = |client: u64| -> Result<BTreeMap<Told, u64>> {
            let mut connection = Connection::open(url)?;
            let mut told = BTreeMap::new();
            let mut number = client << 32;
            let goes_on = || started.elapsed() < time || !ended.load(Ordering::Relaxed);
            while goes_on() && !failed.load(Ordering::Relaxed) {
                number += 1;
                *told.entry(ask(&mut connection, number)?).or_default() += 1;
            }
            Ok(told)
        };
        let mut all = BTreeMap::new();
        std::thread::scope(|scope| -> Result<()> {
            let threads: Vec<_> = (1..=clients)
                .map(|client| scope.spawn(move || one(client)))
                .collect();
            let other = meanwhile();
            failed.store(other.is_err(), Ordering::Relaxed);
            ended.store(true, Ordering::Relaxed);
            for thread in threads {
                match thread.join() {
                    Ok(told) => {
                        for (kind, number) in told? {
                            *all.entry(kind).or_default() += number;
                        }
                    }
                    Err(_) => bail!("a client panicked"),
                }
            }
            other
        })?;
        let total: u64 = all.values().sum();
        Ok(Self {
            told: all,
            per_second: total as f64 / started.elapsed().as_secs_f64(),
        })
    }

    fn count(&self, told: Told) -> u64 {
        self.told.get(&told).copied().unwrap_or(0)
    }

    /// At least ten times what was carried `alone`, some of it answered, the rest refused, none of it wrong.
    fn is_overload(&self, alone: &Self) -> Result<()> {
        ensure!(
            self.per_second >= 10.0 * alone.per_second,
            "no overload: {self:?} after {alone:?}"
        );
        ensure!(
            alone.told.len() == 1
                && self.count(Told::Wrong) == 0
                && self.count(Told::Later) > 0
                && self.count(Told::Good) > 0,
            "{self:?} after {alone:?}"
        );
        Ok(())
    }
}

/// A certificate and how it is asked about.
struct Certificate<'a> {
    office: &'a Office,
    serial: Vec<u8>,
}

impl<'a> Certificate<'a> {
    fn read(office: &'a Office, name: &str) -> Result<Self> {
        let said = openssl("x509")
            .args(["-noout", "-serial", "-in", &format!("{name}.pem")])
            .folder(&office.dir)
            .succeed()?
            .out();
        let hexadecimal = said.trim().trim_start_matches("serial=");
        let serial = (0..hexadecimal.len() / 2)
            .map(|index| u8::from_str_radix(&hexadecimal[2 * index..2 * index + 2], 16))
            .collect::<Result<_, _>>()?;
        Ok(Self { office, serial })
    }

    fn openssl(&self) -> sceau_tests::Call {
        openssl("ocsp")
            .args([
                "-sha256",
                "-issuer",
                "companies-ca.pem",
                "-cert",
                "seal.pem",
            ])
            .folder(&self.office.dir)
    }

    fn request(&self, nonce: &str) -> Result<Vec<u8>> {
        self.openssl()
            .args([nonce, "-reqout", "request.der"])
            .succeed()?;
        Ok(std::fs::read(self.office.path("request.der"))?)
    }

    /// The status in a response with this nonce, read off the octets after the CertID's serial number (RFC 6960 section 4.2.1).
    fn told(&self, response: &Response, nonce: &[u8]) -> Result<Told> {
        ensure!(response.status == 200, "HTTP status {}", response.status);
        if response.body == [0x30, 3, 0x0a, 1, 3] {
            return Ok(Told::Later);
        }
        let body = &response.body;
        let at = body
            .windows(self.serial.len())
            .position(|window| window == self.serial);
        let status = at.and_then(|at| body.get(at + self.serial.len()));
        let echoed = nonce.is_empty() || contains(body, nonce);
        Ok(match (echoed, status) {
            (true, Some(0x80)) => Told::Good,
            (true, Some(0xa1)) => Told::Revoked,
            _ => Told::Wrong,
        })
    }
}

/// A request with a nonce of its own: the nonce is the last octets of what openssl made.
fn numbered(request: &[u8], number: u64) -> Result<Vec<u8>> {
    let mut own = request.to_vec();
    let end = own.len();
    own.get_mut(end.saturating_sub(8)..)
        .context("a short request")?
        .copy_from_slice(&number.to_be_bytes());
    Ok(own)
}

/// TimeStampResp with the status granted (RFC 3161 section 2.4.2).
fn granted(body: &[u8]) -> bool {
    body.get(4..9) == Some(&[0x30, 3, 2, 1, 0])
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The most memory the service ever had is not far above what it had before.
pub(crate) fn bounded(service: &Service, before: u64) -> Result<()> {
    let most = service.memory("VmHWM")?;
    ensure!(
        most < before + MEMORY,
        "{most} KiB, and {before} KiB before"
    );
    Ok(())
}

/// It ends when it is asked to, and never panicked.
pub(crate) fn quiet_end(service: Service) -> Result<()> {
    let log = service.log();
    ensure!(!log.contains("panicked"), "{log}");
    service.stop()
}
