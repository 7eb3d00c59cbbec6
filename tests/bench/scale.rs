//! Status with millions of certificates in the record: how long `sceau-ocsp` takes to start, how long an answer takes that nobody
//! asked for before, and what memory it needs; signing on demand, and signing ahead.
//!
//! The rows are written beside the program, with SQL, because issuing ten million certificates takes hours. They are what a responder
//! reads; the certificates themselves are left out, and a hundredth is revoked.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use ca_core::{IssueRequest, SubjectKey};
use hsm_pkcs11::{KeySpec, SoftwareKey};
use pki_asn1::pem;
use sceau_tests::environment::sceau_program;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::{Service, free_port};
use sceau_tests::{Call, http};
use test_postgres::{Database, Programs, Server};

use crate::Effort;
use crate::engine::{Engine, actors};
use crate::table::Table;

const SIGNER: &str =
    "C=MC,O=Sceau Example Trade Register,organizationIdentifier=NTRMC-00P00004,CN=OCSP";
const MEDIA_TYPE: &str = "application/ocsp-request";
/// The serial number in the request that openssl makes, to be replaced by others as long.
const TEMPLATE: [u8; 16] = [0x5c; 16];
/// Where the record is written by one statement for each so many.
const STEP: usize = 1_000_000;
/// Signing ahead about more than so many would measure the key for minutes, and memory grows linearly.
const SIGNED_AHEAD: usize = 1_000_000;
/// How long signing ahead may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let parent = sceau_tests::environment::test_env();
    std::fs::create_dir_all(&parent)?;
    let sizes: &[usize] = match effort {
        Effort::Quick => &[20_000],
        Effort::Full => &[1_000_000, 10_000_000],
    };
    for &size in sizes {
        let folder = tempfile::TempDir::with_prefix_in("bench-", &parent)?;
        let record = folder.path().join("record.sqlite");
        let place = Place::File(record.to_string_lossy().into_owned());
        let location = RecordLocation::from(record.as_path());
        on(
            &place,
            &location,
            "record.sqlite",
            folder.path(),
            size,
            effort,
            table,
        )?;
    }
    let Some(programs) = Programs::find() else {
        return Ok(());
    };
    let server = Server::start(&programs).context("PostgreSQL does not start")?;
    let database = server.database();
    let location = PostgresLocation::parse(&database.url, &PostgresAccess::default())?.into();
    let folder = tempfile::TempDir::with_prefix_in("bench-", &parent)?;
    let url = database.url.clone();
    let place = Place::Server(database);
    on(
        &place,
        &location,
        &url,
        folder.path(),
        sizes[0],
        effort,
        table,
    )
}

/// Where rows are written beside the program.
enum Place {
    File(String),
    Server(Database),
}

impl Place {
    fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "SQLite",
            Self::Server(_) => "PostgreSQL",
        }
    }

    /// Runs statements; what they print.
    fn sql(&self, statements: &str) -> Result<String> {
        match self {
            Self::Server(database) => database.sql(statements).map_err(anyhow::Error::msg),
            Self::File(path) => Ok(Call::new("sqlite3")
                .arg(path)
                .arg(statements)
                .limit(Duration::from_secs(1_200))
                .succeed()?
                .out()),
        }
    }

    /// `size` certificates of the companies' authority, one in a hundred revoked.
    fn fill(&self, size: usize) -> Result<()> {
        // A positive number of sixteen octets.
        let (serial, counter, digest) = match self {
            Self::File(_) => (
                "x'40' || randomblob(15)",
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n)",
                "zeroblob(32)",
            ),
            Self::Server(_) => (
                "'\\x40'::bytea || substr(uuid_send(gen_random_uuid()), 2)",
                "generate_series(1, {rows}) AS n(i)",
                "'\\x00'::bytea",
            ),
        };
        // SQLite takes what is joined for text otherwise.
        let serial = match self {
            Self::File(_) => format!("CAST({serial} AS BLOB)"),
            Self::Server(_) => serial.to_owned(),
        };
        for first in (0..size).step_by(STEP) {
            let rows = STEP.min(size - first);
            let counter = counter.replace("{rows}", &rows.to_string());
            self.sql(&format!(
                "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, not_after, tbs_sha256, instance) \
                 SELECT a.id, {serial}, 1, 'company-seal', 'CN=Company ' || i, 1790000000, 1890000000, {digest}, 1 \
                 FROM authority a, {counter} WHERE a.name = 'companies'"
            ))?;
        }
        self.sql(
            "INSERT INTO revocation (authority, serial, revoked_at, reason, requested_at, decided_at) \
             SELECT authority, serial, 1791000000, 4, 1791000000, 1791000000 FROM certificate \
             WHERE id % 100 = 0 AND profile = 'company-seal'",
        )?;
        Ok(())
    }

    /// Some serial numbers, from everywhere.
    fn serials(&self, number: usize) -> Result<Vec<[u8; 16]>> {
        let hex = match self {
            Self::File(_) => "hex(serial)",
            Self::Server(_) => "encode(serial, 'hex')",
        };
        let highest: usize = self
            .sql("SELECT max(id) FROM certificate")?
            .trim()
            .parse()?;
        let step = (highest / number).max(1);
        let found = self.sql(&format!(
            "SELECT {hex} FROM certificate WHERE id % {step} = 0 AND subject LIKE 'CN=Company %' LIMIT {number}"
        ))?;
        found
            .lines()
            .map(|line| {
                let octets: Vec<u8> = (0..line.len() / 2)
                    .map(|at| u8::from_str_radix(&line[at * 2..at * 2 + 2], 16))
                    .collect::<Result<_, _>>()?;
                octets.try_into().ok().context("a serial of another length")
            })
            .collect()
    }
}

fn on(
    place: &Place,
    location: &RecordLocation,
    record: &str,
    folder: &Path,
    size: usize,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let engine = Engine::create(location)?;
    let companies = engine.companies(|_| Ok(Arc::new(SoftwareKey::generate(KeySpec::P256)?)))?;
    let key = SoftwareKey::generate(KeySpec::P256)?;
    let order = IssueRequest {
        profile: "ocsp-signer".to_owned(),
        subject: SIGNER.parse()?,
        key: SubjectKey::Held(hsm_pkcs11::Signer::public_key(&key).clone()),
        actors: actors(),
        ..engine.order.clone()
    };
    let signer = engine.engine.issue(&companies, &order)?.certificate;
    let issuer = companies.authority().certificate.clone();
    drop(engine);
    for (file, label, der) in [
        ("ca.pem", "CERTIFICATE", issuer.der()),
        ("ocsp.pem", "CERTIFICATE", signer.der()),
        ("ocsp.key", "PRIVATE KEY", key.to_pkcs8()?.as_slice()),
    ] {
        let text = pem::encode(label, der).context("it cannot be written as PEM")?;
        std::fs::write(folder.join(file), text)?;
    }
    place.fill(size)?;

    let settings = |more: &str| {
        format!(
            "listen = [\"127.0.0.1:0\"]\nrecord = {record:?}\n{more}\n[[responder]]\nca = \"companies\"\ncertificate = \"ocsp.pem\"\nkey = \"ocsp.key\"\n"
        )
    };
    std::fs::write(folder.join("ocsp.toml"), settings(""))?;
    let since = Instant::now();
    let service = start(folder, "ocsp.toml")?;
    let started = since.elapsed();

    let serials = place.serials(effort.pick(500, 10_000))?;
    ensure!(!serials.is_empty(), "no certificates were written");
    let mut times = ask(&service, folder, &serials)?;
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let work = format!(
        "OCSP with {size} certificates in the record, {}",
        place.name()
    );
    let row = |table: &mut Table, who: &str, figure: String, goal: &str| {
        table.row(&work, &format!("sceau-ocsp, {who}"), &figure, goal);
    };
    let goal = |million: &'static str, ten: &'static str| match size {
        1_000_000 => million,
        10_000_000 => ten,
        _ => "",
    };
    row(
        table,
        "from its start until it listens",
        format!("{:.1} ms", started.as_secs_f64() * 1e3),
        goal("goal: 1 s", "goal: 10 s"),
    );
    row(
        table,
        "an answer nobody asked for before: median, p99",
        format!("{:.2} ms, {:.2} ms", at(0.5), at(0.99)),
        "",
    );
    row(
        table,
        "peak memory after that",
        format!("{} MB", service.memory("VmHWM")? / 1024),
        goal("goal: 250 MB", ""),
    );
    service.stop()?;
    if size > SIGNED_AHEAD {
        return Ok(());
    }

    let admin = format!("127.0.0.1:{}", free_port()?);
    let ahead = settings(&format!(
        "admin-listen = [{admin:?}]\nanswers = \"pre-signed\"\npre-sign-rate = 100000\n"
    ));
    std::fs::write(folder.join("ahead.toml"), ahead)?;
    let since = Instant::now();
    let service = start(folder, "ahead.toml")?;
    let started = since.elapsed();
    let signed = all_signed(&format!("http://{admin}/metrics"), size, since)?;
    let mut times = ask(&service, folder, &serials)?;
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    row(
        table,
        "signed ahead: from its start until it listens, until all are signed",
        format!(
            "{:.1} ms, {:.1} s",
            started.as_secs_f64() * 1e3,
            signed.as_secs_f64()
        ),
        goal("goal: 1 s for listening", ""),
    );
    row(
        table,
        "signed ahead: an answer: median, p99",
        format!("{:.2} ms, {:.2} ms", at(0.5), at(0.99)),
        "",
    );
    row(
        table,
        "signed ahead: peak memory after that",
        format!("{} MB", service.memory("VmHWM")? / 1024),
        goal("goal: 250 MB", ""),
    );
    service.stop()
}

fn start(folder: &Path, settings: &str) -> Result<Service> {
    let call = sceau_program("sceau-ocsp")?
        .args(["--config", settings])
        .folder(folder);
    Service::start(&call)
}

/// When an answer had been signed about each of `size` certificates, since the program's start.
fn all_signed(metrics: &str, size: usize, since: Instant) -> Result<Duration> {
    while since.elapsed() < PATIENCE {
        let page = http::get(metrics)?;
        let page = String::from_utf8_lossy(&page.body);
        let answered: f64 = page
            .lines()
            .filter(|line| line.starts_with("sceau_ocsp_presigned_answered"))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum();
        if answered >= size as f64 {
            return Ok(since.elapsed());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("not all answers were signed ahead within {PATIENCE:?}")
}

/// How long each answer took, one after another over one connection.
fn ask(service: &Service, folder: &Path, serials: &[[u8; 16]]) -> Result<Vec<Duration>> {
    let template = folder.join("template.ocsp");
    let hex: String = TEMPLATE
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    openssl("ocsp")
        .args(["-no_nonce", "-sha256", "-issuer"])
        .arg(folder.join("ca.pem"))
        .args(["-serial", &format!("0x{hex}"), "-reqout"])
        .arg(&template)
        .succeed()?;
    let template = std::fs::read(template)?;
    let at = template
        .windows(TEMPLATE.len())
        .position(|window| window == TEMPLATE)
        .context("openssl's request does not hold the serial number")?;
    let url = format!("{}/ocsp", service.url());
    let mut connection = http::Connection::open(&url)?;
    serials
        .iter()
        .map(|serial| {
            let mut request = template.clone();
            request[at..at + serial.len()].copy_from_slice(serial);
            let since = Instant::now();
            let answer = connection.post(&url, MEDIA_TYPE, &request)?;
            let took = since.elapsed();
            ensure!(
                answer.body.len() > 100,
                "an error instead of an answer: {:?}",
                answer.body
            );
            Ok(took)
        })
        .collect()
}
