//! A folder of documents signed by one process, on one core and on all, beside the floor: reading nothing and writing nothing, only
//! SHA-256 over the same octets and one signature for each document. pyHanko signs the same folder in one process, too.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hsm_pkcs11::{OpenOptions, PinSource};
use pki_crypto::{DigestAlgorithm, Message};
use sceau_tests::environment::{project, python};
use sceau_tests::{Call, Hierarchy};

use crate::Effort;
use crate::documents::plain_key;
use crate::issuance::per_second;
use crate::process::peak_memory;
use crate::signed_pdfs::write_pdf;
use crate::table::Table;

/// How long a whole folder may take the slowest peer.
const LIMIT: Duration = Duration::from_secs(900);

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let key = plain_key(hierarchy)?;
    let cores = std::thread::available_parallelism()?.get();
    for (name, bytes, number, of_peer) in [
        (
            "64 kB",
            64_000,
            effort.pick(100, 4000),
            effort.pick(10, 200),
        ),
        ("1 MB", 1_000_000, effort.pick(20, 500), effort.pick(5, 100)),
    ] {
        let folder = Folder::new(hierarchy, bytes, number)?;
        let content = std::fs::read(folder.document(0))?;
        let work = format!("copy {number} PDFs of {name} and wait for the disk");
        table.row(&work, "cp and sync", &rate(folder.copied()?), "");
        let mut ours = 0.0;
        for cores in [1, cores] {
            let work = format!("sign {number} PDFs of {name}, B-B, {cores} of the cores");
            let floor = floor(&key, &content, cores, number)?;
            table.row(&work, "floor: SHA-256 and one signature", &rate(floor), "");
            let (per_second, memory) = folder.signed(hierarchy, &key, cores)?;
            let figure = format!("{}, {memory:.1} MB peak", rate(per_second));
            let times = floor / per_second;
            let beside = format!("{times:.1} x the time of the floor (goal 2)");
            table.row(&work, "sceau sign", &figure, &beside);
            if cores == 1 {
                ours = per_second;
            }
        }
        let theirs = folder.signed_by_pyhanko(hierarchy, &key, of_peer)?;
        let work = format!("sign {of_peer} PDFs of {name}, B-B, in one process");
        let beside = format!("sceau is {:.0} x as fast on one core", ours / theirs);
        table.row(&work, "pyHanko", &rate(theirs), &beside);
        folder.remove()?;
    }
    Ok(())
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.0} documents/s")
}

/// What cannot be left out, in this process.
fn floor(key: &Path, content: &[u8], cores: usize, number: usize) -> Result<f64> {
    let pin = PinSource::Environment("SCEAU_PIN".to_owned());
    let key = key.to_str().context("a path that is not UTF-8")?.parse()?;
    let signer = hsm_pkcs11::open(&key, &pin, &OpenOptions::default())?.signer;
    per_second(number, cores, || {
        let digest = DigestAlgorithm::Sha256.digest(content);
        signer.sign(Message::Digest(&digest))?;
        Ok(())
    })
}

struct Folder {
    path: PathBuf,
    out: PathBuf,
    number: usize,
}

impl Folder {
    fn new(hierarchy: &Hierarchy, bytes: u64, number: usize) -> Result<Self> {
        let folder = Self {
            path: hierarchy.path("bench-folder"),
            out: hierarchy.path("bench-folder-out"),
            number,
        };
        std::fs::create_dir(&folder.path)?;
        std::fs::create_dir(&folder.out)?;
        write_pdf(&folder.document(0), bytes)?;
        for n in 1..number {
            std::fs::copy(folder.document(0), folder.document(n))?;
        }
        Ok(folder)
    }

    fn document(&self, n: usize) -> PathBuf {
        self.path.join(format!("{n:06}.pdf"))
    }

    /// Where a run writes. Each has a folder of its own: ext4 takes its time over files where as many were just deleted.
    fn out(&self, run: &str) -> PathBuf {
        self.out.join(run)
    }

    /// Documents a second, and the peak in megabytes: the median of three runs and the memory of one more.
    fn signed(&self, hierarchy: &Hierarchy, key: &Path, cores: usize) -> Result<(f64, f64)> {
        let last = cores - 1;
        let sceau = hierarchy.office.program("sceau")?.command();
        let call = |run: &str| {
            Call::new("taskset")
                .args(["-c", &format!("0-{last}")])
                .arg(sceau.get_program())
                .args(["sign", "--quiet", "--level", "b-b", "--key"])
                .arg(key)
                .arg("--cert")
                .arg(hierarchy.path("company-seal.pem"))
                .arg("--chain")
                .arg(hierarchy.path("companies-ca.pem"))
                .arg("--out-dir")
                .arg(self.out(run))
                .arg(&self.path)
                .limit(LIMIT)
        };
        let mut times = Vec::new();
        for run in 0..3 {
            let run = format!("{cores}-{run}");
            times.push(call(&run).succeed()?.elapsed);
            let written = std::fs::read_dir(self.out(&run))?.count();
            let number = self.number;
            ensure!(written == number, "{written} of {number} signed");
        }
        times.sort();
        let peak = peak_memory(&call(&format!("{cores}-peak")), &hierarchy.path("peak"))?;
        let per_second = self.number as f64 / times[1].as_secs_f64();
        Ok((per_second, peak as f64 / 1024.0))
    }

    /// Reading and writing alone, until it is on the disk: documents a second.
    fn copied(&self) -> Result<f64> {
        let out = self.out("copy");
        let started = Instant::now();
        Call::new("cp")
            .arg("-r")
            .arg(&self.path)
            .arg(&out)
            .limit(LIMIT)
            .succeed()?;
        Call::new("sync")
            .arg("-f")
            .arg(&out)
            .limit(LIMIT)
            .succeed()?;
        Ok(self.number as f64 / started.elapsed().as_secs_f64())
    }

    /// Without the time that Python takes to start.
    fn signed_by_pyhanko(&self, hierarchy: &Hierarchy, key: &Path, number: usize) -> Result<f64> {
        let python = python().context("no Python environment with pyHanko")?;
        let out = self.out("peer");
        std::fs::create_dir(&out)?;
        let started = Instant::now();
        let said = Call::new(python)
            .arg(project().join("tests/bench/sign_folder.py"))
            .arg(key)
            .arg(hierarchy.path("company-seal.pem"))
            .arg(&self.path)
            .arg(&out)
            .args([&number.to_string()])
            .limit(LIMIT)
            .succeed()?;
        let whole = started.elapsed().as_secs_f64();
        let seconds: f64 = said.out().trim().parse()?;
        ensure!(seconds <= whole, "{seconds} s of {whole} s");
        Ok(number as f64 / seconds)
    }

    fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(self.path)?;
        Ok(std::fs::remove_dir_all(self.out)?)
    }
}
