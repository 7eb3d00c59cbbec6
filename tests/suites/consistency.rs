//! A replay of every answer that clients got while the operator revoked, suspended, resumed and issued: none contradicts the record.
//!
//! The judge is Python with `sqlite3` and `cryptography` (`judges/replay.py`): it reads the CA's tables itself, verifies every
//! distinct signature, and holds status, times and header fields of each answer against them.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::hierarchy::{Office, SEAL_SUBJECT};
use sceau_tests::http::{self, Connection, Response};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::judges::python;
use sceau_tests::{Backend, Hierarchy};
use serde_json::{Value, json};

/// Certificates that are asked about from the beginning.
const CERTIFICATES: usize = 200;
/// Clients, each with certificates of its own, so that the order of what it is told is certain.
const CLIENTS: usize = 4;

#[test]
fn no_answer_contradicts_the_record_while_it_changes() -> Result<()> {
    replay("")
}

#[test]
fn no_answer_signed_ahead_contradicts_the_record_while_it_changes() -> Result<()> {
    replay("answers = \"pre-signed\"\nnonce = \"cached\"\n")
}

/// With these lines in the responder's configuration.
fn replay(settings: &str) -> Result<()> {
    if !crate::possible(Backend::KeyFile) {
        return Ok(());
    }
    let mut hierarchy = Hierarchy::running(Backend::KeyFile)?;
    let files = issue(&hierarchy.office)?;
    if !settings.is_empty() {
        hierarchy.services = None;
        let configuration = hierarchy.path("sceau-ocsp.toml");
        let text = std::fs::read_to_string(&configuration)?;
        std::fs::write(&configuration, settings.to_owned() + &text)?;
        hierarchy.services = Some(hierarchy.office.start()?);
    }
    let office = &hierarchy.office;
    let requests = requests(office, &files)?;
    let over = AtomicBool::new(false);
    let mut lines = Vec::new();
    std::thread::scope(|scope| -> Result<()> {
        let clients: Vec<_> = requests
            .chunks(requests.len().div_ceil(CLIENTS))
            .map(|own| scope.spawn(|| watch(office, own, &over)))
            .collect();
        let lists = scope.spawn(|| watch_crl(office, &over));
        let commands = commands(office, &requests);
        over.store(true, Ordering::Relaxed);
        for client in clients.into_iter().chain([lists]) {
            match client.join() {
                Ok(seen) => lines.extend(seen?),
                Err(_) => bail!("a client panicked"),
            }
        }
        lines.extend(commands?);
        Ok(())
    })?;
    let observations = hierarchy.path("observations.jsonl");
    write(&observations, &lines)?;

    let verdict = python::shared().replay(
        &office.path("ca/record.sqlite"),
        "companies",
        &hierarchy.ca("companies"),
        &observations,
    )?;
    ensure!(verdict.wrong_total == 0, "{verdict:#?}");
    // The replay saw what it was for.
    ensure!(
        verdict.answers > 5 * CERTIFICATES
            && verdict.distinct >= CERTIFICATES
            && verdict.statuses.len() == 3
            && verdict.changes >= 100
            && verdict.crls > 10,
        "{verdict:#?}"
    );
    Ok(())
}

/// What is asked, and about which certificate.
struct Asked {
    serial: String,
    der: Vec<u8>,
}

/// Issues the certificates in one batch, and returns their files.
fn issue(office: &Office) -> Result<Vec<String>> {
    openssl("req")
        .args(["-new", "-nodes", "-subj", "/CN=x", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
        .arg("-keyout")
        .arg(office.path("batch.key"))
        .arg("-out")
        .arg(office.path("batch.csr"))
        .succeed()?;
    let mut orders = "id,csr,C,O,organizationIdentifier,CN\n".to_owned();
    for number in 0..CERTIFICATES {
        orders +=
            &format!("s{number},batch.csr,MC,Rocher Conseil SARL,NTRMC-00S03813,Seal {number}\n");
    }
    std::fs::write(office.path("orders.csv"), orders)?;
    office
        .ca(&["issue", "--batch", "orders.csv", "--out-dir", "issued"])?
        .args(["--ca", "companies", "--profile", "company-seal"])
        .succeed()?;
    Ok((0..CERTIFICATES)
        .map(|number| format!("issued/s{number}.pem"))
        .collect())
}

/// A request for each certificate, and for a serial number that nobody has.
fn requests(office: &Office, files: &[String]) -> Result<Vec<Asked>> {
    let mut asked = Vec::new();
    let report = std::fs::read_to_string(office.path("issued/report.csv"))?;
    for (number, file) in files.iter().enumerate() {
        let id = format!("s{number}");
        let serial = report
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>())
            .find(|fields| fields.get(1) == Some(&id.as_str()))
            .and_then(|fields| fields.get(3).map(|serial| (*serial).to_owned()))
            .with_context(|| format!("no {id} in {report}"))?;
        let digest = if number % 2 == 0 { "-sha256" } else { "-sha1" };
        asked.push(request(office, digest, &["-cert", file], serial)?);
    }
    let nobody = "4".repeat(40);
    let option = format!("0x{nobody}");
    asked.push(request(office, "-sha256", &["-serial", &option], nobody)?);
    Ok(asked)
}

fn request(office: &Office, digest: &str, about: &[&str], serial: String) -> Result<Asked> {
    openssl("ocsp")
        .args([digest, "-no_nonce", "-issuer", "companies-ca.pem"])
        .args(about)
        .args(["-reqout", "request.der"])
        .folder(&office.dir)
        .succeed()?;
    Ok(Asked {
        serial,
        der: std::fs::read(office.path("request.der"))?,
    })
}

/// Revokes, suspends and resumes, with a pause now and then in which the clients' caches are warm.
fn commands(office: &Office, asked: &[Asked]) -> Result<Vec<Value>> {
    let mut lines = Vec::new();
    let order = |change: &str, serial: &str| -> Result<Value> {
        let mut call = office.ca(&[change, "--ca", "companies", "--serial", serial])?;
        if change == "revoke" {
            call = call.args(["--reason", "superseded"]);
        }
        let begin = now();
        call.succeed()?;
        Ok(json!({ "serial": serial, "change": change, "begin": begin, "end": now() }))
    };
    // Every client has certificates of each kind: the first is changed again and again, others once, others never.
    let own = asked.len().div_ceil(CLIENTS);
    for round in 0..10 {
        for client in asked.chunks(own) {
            lines.push(order("suspend", &client[round % 3].serial)?);
            lines.push(order("revoke", &client[3 + round].serial)?);
            lines.push(order("resume", &client[round % 3].serial)?);
        }
        if round % 4 == 3 {
            lines.extend(newcomer(office, round)?);
            std::thread::sleep(Duration::from_millis(1_200));
        }
    }
    Ok(lines)
}

/// Issues one more certificate, and asks about it at once and a second later.
fn newcomer(office: &Office, round: usize) -> Result<Vec<Value>> {
    let name = format!("newcomer-{round}");
    let file = format!("{name}.pem");
    let begin = now();
    office
        .issue("companies", "company-seal", SEAL_SUBJECT, &name)?
        .succeed()?;
    let end = now();
    let serial = openssl("x509")
        .args(["-noout", "-serial", "-in", &file])
        .folder(&office.dir)
        .succeed()?
        .out();
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    let asked = request(office, "-sha256", &["-cert", &file], serial)?;
    let url = format!("{}/ocsp", office.base_url());
    let mut seen = Seen::default();
    for _ in 0..2 {
        let sent = now();
        let response = http::post(&url, "application/ocsp-request", &asked.der)?;
        seen.add("ocsp", &asked.serial, sent, response)?;
        std::thread::sleep(Duration::from_millis(1_200));
    }
    let mut lines = seen.lines;
    lines.push(json!({ "serial": asked.serial, "change": "issue", "begin": begin, "end": end }));
    Ok(lines)
}

/// Asks about its own certificates one after the other until it is over, by GET and POST in turn, on a connection that is kept.
fn watch(office: &Office, own: &[Asked], over: &AtomicBool) -> Result<Vec<Value>> {
    let url = format!("{}/ocsp", office.base_url());
    let mut seen = Seen::default();
    let mut connection = Connection::open(&url)?;
    let mut round = 0;
    while !over.load(Ordering::Relaxed) {
        for (number, asked) in own.iter().enumerate() {
            // Those that change are asked about more often than the others.
            if number > 16 && round % 4 != number % 4 {
                continue;
            }
            let sent = now();
            let response = if round % 2 == 0 {
                connection.get(&format!("{url}/{}", http::ocsp_path(&asked.der)))?
            } else {
                connection.post(&url, "application/ocsp-request", &asked.der)?
            };
            seen.add("ocsp", &asked.serial, sent, response)?;
        }
        round += 1;
        std::thread::sleep(Duration::from_millis(30));
    }
    Ok(seen.lines)
}

fn watch_crl(office: &Office, over: &AtomicBool) -> Result<Vec<Value>> {
    let url = format!("{}/crl/companies.crl", office.base_url());
    let mut seen = Seen::default();
    let mut connection = Connection::open(&url)?;
    while !over.load(Ordering::Relaxed) {
        let sent = now();
        let response = connection.get(&url)?;
        seen.add("crl", "", sent, response)?;
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(seen.lines)
}

/// An OCSPResponse that says tryLater (RFC 6960 section 4.2.1).
const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];

/// What one client was told.
#[derive(Default)]
struct Seen {
    lines: Vec<Value>,
    bodies: HashMap<Vec<u8>, String>,
}

impl Seen {
    fn add(&mut self, of: &str, serial: &str, sent: f64, response: Response) -> Result<()> {
        let received = now();
        ensure!(response.status == 200, "HTTP status {}", response.status);
        // Where the machine is too busy to look at the record in time. It says nothing of any certificate.
        if response.body == TRY_LATER {
            return Ok(());
        }
        let body = match self.bodies.get(&response.body) {
            Some(name) => name.clone(),
            None => {
                static BODIES: AtomicUsize = AtomicUsize::new(0);
                let name = format!("{of} {}", BODIES.fetch_add(1, Ordering::Relaxed));
                let hexadecimal: String =
                    response.body.iter().map(|b| format!("{b:02x}")).collect();
                self.lines.push(json!({ "body": name, "der": hexadecimal }));
                self.bodies.insert(response.body, name.clone());
                name
            }
        };
        let headers: serde_json::Map<String, Value> = response
            .headers
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        self.lines.push(json!({
            "of": of, "serial": serial, "sent": sent, "received": received, "headers": headers, "body": body,
        }));
        Ok(())
    }
}

fn write(file: &Path, lines: &[Value]) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Seconds since 1970, as the judge counts.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
