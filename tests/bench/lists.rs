//! What trusted lists cost: large ones, and a list of lists with thirty national ones behind it, from the cache.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::Call;
use sceau_tests::environment::sceau_program;
use sceau_tests::trusted_list::{self, EU_GENERIC, EU_LISTS, List, Pointer, Service, Signing};

use crate::process::peak_memory;
use crate::table::Table;
use crate::{Effort, static_server};

const NATIONAL: usize = 30;
/// In the name of the authorities, so that each of them has another.
const NUMBER: &[u8] = b"00000000";

struct World {
    folder: tempfile::TempDir,
    authority: Vec<u8>,
    operator: String,
}

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let world = World::new()?;
    let runs = effort.pick(2, 9);
    let alone = world.verify(&["--trust", "operator.pem", "--offline"])?;
    let base = median(runs, &alone)?;
    for (what, services) in [("1 MB", 155), ("10 MB", 1_550), ("20 MB", 3_100)] {
        std::fs::write(world.path("list.xml"), world.list(services, 0)?)?;
        let call = world.verify(&["--trusted-list", "list.xml", "--offline"])?;
        world.row(
            table,
            &format!("verify with a trusted list of {what}"),
            runs,
            base,
            &call,
        )?;
    }
    // Thirty lists of an ordinary size, each with the same services: the server has one answer.
    let national = world.list(230, 0)?;
    let size = national.len() as f64 * NATIONAL as f64 / 1e6;
    let server = static_server::start(national, "application/xml")?;
    let mut lists = List::new(EU_LISTS, "EU");
    lists.issued = world.issued()?;
    lists.pointers = (0..NATIONAL)
        .map(|n| Pointer {
            location: format!("{server}/{n}.xml"),
            signers: vec![world.operator.clone()],
            list_type: EU_GENERIC.into(),
            territory: "XX".into(),
            information: String::new(),
        })
        .collect();
    let url = static_server::start(world.sign(&lists)?, "application/xml")?;
    let call = world.verify(&[
        "--trusted-list",
        &url,
        "--cache-dir",
        "cache",
        "--proxy",
        "none",
    ])?;
    call.run()?;
    let work = format!("verify with {NATIONAL} trusted lists ({size:.0} MB) in the cache");
    world.row(table, &work, runs, base, &call)
}

/// Whatever the verdict is.
fn median(runs: usize, call: &Call) -> Result<Duration> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        times.push(call.run()?.elapsed);
    }
    times.sort();
    Ok(times[times.len() / 2])
}

impl World {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let certificate = |name: &str, bits: &str, form: &str| -> Result<()> {
            Call::new("openssl")
                .args(["req", "-x509", "-nodes", "-days", "3000", "-newkey", bits])
                .args([
                    "-subj",
                    &format!("/C=XX/O={}/CN={name} 00000000", trusted_list::PROVIDER),
                ])
                .args(["-keyout", &format!("{name}.key"), "-outform", form])
                .args(["-out", &format!("{name}.{}", form.to_lowercase())])
                .folder(folder.path())
                .succeed()?;
            Ok(())
        };
        certificate("operator", "rsa:2048", "PEM")?;
        certificate("authority", "rsa:4096", "DER")?;
        std::fs::write(folder.path().join("notes.txt"), "notes\n")?;
        Call::new("openssl")
            .args([
                "cms",
                "-sign",
                "-binary",
                "-nodetach",
                "-md",
                "sha256",
                "-in",
                "notes.txt",
            ])
            .args(["-signer", "operator.pem", "-inkey", "operator.key"])
            .args(["-outform", "DER", "-out", "notes.p7s"])
            .folder(folder.path())
            .succeed()?;
        let authority = std::fs::read(folder.path().join("authority.der"))?;
        let pem = std::fs::read_to_string(folder.path().join("operator.pem"))?;
        let operator = pem.lines().filter(|line| !line.starts_with("--")).collect();
        Ok(Self {
            folder,
            authority,
            operator,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// When the operator's certificate begins.
    fn issued(&self) -> Result<String> {
        let now = Call::new("date")
            .args(["-u", "+%Y-%m-%dT%H:%M:%SZ"])
            .succeed()?;
        Ok(now.out().trim().to_owned())
    }

    /// A list of so many services, each with a key of RSA-4096 and two earlier statuses.
    fn list(&self, services: usize, first: usize) -> Result<Vec<u8>> {
        let at = self
            .authority
            .windows(NUMBER.len())
            .position(|w| w == NUMBER)
            .context("the authority has no number in its name")?;
        let mut list = List::new(EU_GENERIC, "XX");
        list.issued = self.issued()?;
        for number in first..first + services {
            let mut der = self.authority.clone();
            while let Some(place) = der[at..].windows(NUMBER.len()).position(|w| w == NUMBER) {
                let place = at + place;
                der[place..place + NUMBER.len()]
                    .copy_from_slice(format!("{:08}", number + 1).as_bytes());
            }
            let service = Service::granted("CA/QC", "2020-01-01T00:00:00Z", &base64(&der));
            list.services.push(Service {
                history: vec![
                    ("granted".into(), "2016-07-01T00:00:00Z".into()),
                    ("undersupervision".into(), "2010-01-01T00:00:00Z".into()),
                ],
                ..service
                    .with_information("ForeSignatures")
                    .with_information("ForeSeals")
            });
        }
        self.sign(&list)
    }

    fn sign(&self, list: &List) -> Result<Vec<u8>> {
        let how = Signing {
            property: trusted_list::SIGNING_CERTIFICATE,
            key: &self.path("operator.key"),
            certificate: &self.path("operator.pem"),
            method: trusted_list::RSA_SHA512,
            digest: trusted_list::SHA256,
            uri: "",
            certificate_digest: None,
        };
        trusted_list::sign(&list.to_xml(), &how)
    }

    fn verify(&self, arguments: &[&str]) -> Result<Call> {
        Ok(sceau_program("sceau")?
            .args(["verify", "notes.p7s", "-q", "--revocation", "if-available"])
            .args(["--trusted-list-signer", "operator.pem"])
            .args(arguments)
            .env("XDG_CACHE_HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("home"))
            .folder(self.folder.path()))
    }

    fn row(
        &self,
        table: &mut Table,
        work: &str,
        runs: usize,
        base: Duration,
        call: &Call,
    ) -> Result<()> {
        let time = median(runs, call)?;
        let figure = format!("{:.0} ms", time.as_secs_f64() * 1e3);
        let beside = format!("{:.0} ms without a list", base.as_secs_f64() * 1e3);
        table.row(work, "sceau verify", &figure, &beside);
        let command = call.command();
        let mut quietly = Call::new("sh")
            .args(["-c", "\"$@\" > /dev/null 2>&1; true", "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .folder(self.folder.path());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                quietly = quietly.env(name, value);
            }
        }
        let memory = peak_memory(&quietly, &self.path("memory"))?;
        table.row(
            work,
            "sceau verify",
            &format!("{:.0} MB peak", memory as f64 / 1024.0),
            "",
        );
        Ok(())
    }
}

fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(octets.len() * 4 / 3 + 4);
    for three in octets.chunks(3) {
        let bits = three
            .iter()
            .fold(0_usize, |bits, b| bits << 8 | usize::from(*b))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            if place <= three.len() {
                out.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}
