//! Signing and verifying PDFs as whole processes: by size, by the number of signatures that are there already, and at B-LTA with the
//! local time-stamping authority and responder. All keys are plain files, so that no passphrase is measured.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::report::verify_call;
use sceau_tests::{Call, Hierarchy};

use crate::Effort;
use crate::documents::{plain_key, pyhanko};
use crate::process::{median_time, peak_memory};
use crate::table::Table;

/// How long the largest file may take the slowest peer.
const LIMIT: Duration = Duration::from_secs(900);

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let bench = Bench {
        hierarchy,
        key: plain_key(hierarchy)?,
        effort,
    };
    bench.sizes(table)?;
    bench.many_signatures(table)?;
    bench.long_term(table)
}

struct Bench<'h> {
    hierarchy: &'h Hierarchy,
    key: PathBuf,
    effort: Effort,
}

/// One program at one piece of work.
struct Row<'r> {
    work: &'r str,
    who: &'r str,
    call: Call,
    /// What it writes, removed before each run.
    out: &'r Path,
    runs: usize,
    /// The time it is compared with.
    ours: Option<Duration>,
}

impl Bench<'_> {
    fn sizes(&self, table: &mut Table) -> Result<()> {
        let quick = self.effort == Effort::Quick;
        for (name, bytes, runs, peer_runs) in [
            ("10 kB", 10_000, 41, 11),
            ("1 MB", 1_000_000, 41, 11),
            ("50 MB", 50_000_000, 11, 5),
            ("1 GB", 1_000_000_000, 3, 1),
        ] {
            if quick && bytes > 50_000_000 {
                continue;
            }
            let (runs, peer_runs) = if quick { (3, 1) } else { (runs, peer_runs) };
            let input = self.hierarchy.path("bench-size.pdf");
            write_pdf(&input, bytes)?;
            let (pdf, p7s) = (
                self.hierarchy.path("bench-size-out.pdf"),
                self.hierarchy.path("bench-size-out.p7s"),
            );
            let work = format!("sign a PDF of {name}, PAdES B-B");
            let ours = self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau sign",
                    call: self.sign(&input, &pdf, "b-b")?,
                    out: &pdf,
                    runs,
                    ours: None,
                },
            )?;
            self.row(
                table,
                Row {
                    work: &work,
                    who: "pyHanko",
                    call: self.pyhanko_sign(&["--use-pades"], &input, &pdf)?,
                    out: &pdf,
                    runs: peer_runs,
                    ours: Some(ours),
                },
            )?;
            let work = format!("sign a file of {name}, CAdES detached");
            let ours = self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau sign",
                    call: self
                        .sign(&input, &p7s, "b-b")?
                        .args(["--format", "cades", "--detached"]),
                    out: &p7s,
                    runs,
                    ours: None,
                },
            )?;
            self.row(
                table,
                Row {
                    work: &work,
                    who: "openssl cms",
                    call: self.openssl_sign(&input, &p7s),
                    out: &p7s,
                    runs: peer_runs,
                    ours: Some(ours),
                },
            )?;
            self.verify_of_size(table, name, &input, (runs, peer_runs))?;
            for file in [input, pdf, p7s] {
                let _ = std::fs::remove_file(file);
            }
        }
        Ok(())
    }

    /// Verification reads the whole file once; what it remembers of it must not grow with it.
    fn verify_of_size(
        &self,
        table: &mut Table,
        name: &str,
        input: &Path,
        (runs, peer_runs): (usize, usize),
    ) -> Result<()> {
        let at = |name: &str| self.hierarchy.path(name);
        let (pdf, p7s, nothing) = (
            at("bench-sealed.pdf"),
            at("bench-sealed.p7s"),
            at("not-written"),
        );
        self.sign(input, &pdf, "b-b")?.succeed()?;
        self.sign(input, &p7s, "b-b")?
            .args(["--format", "cades", "--detached"])
            .succeed()?;
        let alone = ["--offline", "--revocation", "if-available"];
        let trust = [self.hierarchy.root()];
        let works = [
            (
                format!("verify a PDF of {name}, asking nobody"),
                verify_call(&pdf, &trust)?.args(alone),
                "pyHanko, no revocation",
                self.pyhanko_verify(&pdf)?,
            ),
            (
                format!("verify CAdES detached from {name}, asking nobody"),
                verify_call(&p7s, &trust)?
                    .args(alone)
                    .arg("--content")
                    .arg(input),
                "openssl cms",
                self.openssl_verify(input, &p7s),
            ),
        ];
        for (work, call, peer, peer_call) in works {
            let ours = self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau verify",
                    call,
                    out: &nothing,
                    runs,
                    ours: None,
                },
            )?;
            self.row(
                table,
                Row {
                    work: &work,
                    who: peer,
                    call: peer_call,
                    out: &nothing,
                    runs: peer_runs,
                    ours: Some(ours),
                },
            )?;
        }
        for file in [pdf, p7s] {
            let _ = std::fs::remove_file(file);
        }
        Ok(())
    }

    /// What one more signature costs, and the verification of all of them: linear in their number, or not.
    fn many_signatures(&self, table: &mut Table) -> Result<()> {
        let at = |n: usize| self.hierarchy.path(format!("bench-many-{n}.pdf"));
        let last = self.effort.pick(10, 100);
        write_pdf(&at(0), 100_000)?;
        for n in 0..last {
            self.sign(&at(n), &at(n + 1), "b-b")?.succeed()?;
        }
        let out = self.hierarchy.path("bench-many-out.pdf");
        let runs = self.effort.pick(1, 11);
        for n in [1, last / 2, last] {
            let work = format!("one more signature in a PDF with {n}");
            self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau sign",
                    call: self.sign(&at(n), &out, "b-b")?,
                    out: &out,
                    runs,
                    ours: None,
                },
            )?;
        }
        for n in [1, 10, 30, 100].into_iter().filter(|n| *n <= last) {
            let work = format!("verify a PDF with {n} signatures, asking nobody");
            let call = verify_call(&at(n), &[self.hierarchy.root()])?;
            self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau verify",
                    call: call.args(["--offline", "--revocation", "if-available"]),
                    out: &out,
                    runs,
                    ours: None,
                },
            )?;
        }
        for n in [1, last / 2, last] {
            let work = format!("verify a PDF with {n} signatures, asking OCSP");
            let ours = self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau verify",
                    call: verify_call(&at(n), &[self.hierarchy.root()])?,
                    out: &out,
                    runs,
                    ours: None,
                },
            )?;
            self.row(
                table,
                Row {
                    work: &work,
                    who: "pyHanko, no revocation",
                    call: self.pyhanko_verify(&at(n))?,
                    out: &out,
                    runs: 1,
                    ours: Some(ours),
                },
            )?;
        }
        Ok(())
    }

    fn long_term(&self, table: &mut Table) -> Result<()> {
        let input = self.hierarchy.path("bench-lta.pdf");
        let out = self.hierarchy.path("bench-lta-out.pdf");
        write_pdf(&input, 1_000_000)?;
        let runs = self.effort.pick(3, 21);
        let mut ours = None;
        for level in ["b-t", "b-lt", "b-lta"] {
            let work = format!("sign a PDF of 1 MB, {level}, local services");
            let call = self.sign(&input, &out, level)?;
            let call = match level {
                "b-t" => call,
                // The cache of the run before would spare the questions.
                _ => call.arg("--trust").arg(self.hierarchy.root()),
            };
            ours = Some(self.row(
                table,
                Row {
                    work: &work,
                    who: "sceau sign",
                    call,
                    out: &out,
                    runs,
                    ours: None,
                },
            )?);
        }
        let tsa = self.hierarchy.office.tsa_url();
        let root = self.hierarchy.root().display().to_string();
        let options = [
            "--use-pades-lta",
            "--with-validation-info",
            "--timestamp-url",
            &tsa,
            "--trust",
            &root,
        ];
        self.row(
            table,
            Row {
                work: "sign a PDF of 1 MB, b-lta, local services",
                who: "pyHanko",
                call: self.pyhanko_sign(&options, &input, &out)?,
                out: &out,
                runs: self.effort.pick(1, 5),
                ours,
            },
        )
        .map(drop)
    }

    fn sign(&self, input: &Path, out: &Path, level: &str) -> Result<Call> {
        let office = &self.hierarchy.office;
        let call = office
            .program("sceau")?
            .arg("sign")
            .arg(input)
            .arg("--out")
            .arg(out)
            .args(["--cert", "company-seal.pem", "--chain", "companies-ca.pem"])
            .args(["--level", level, "--key"])
            .arg(&self.key)
            .limit(LIMIT);
        Ok(match level {
            "b-b" => call,
            _ => call.args(["--tsa", &office.tsa_url()]),
        })
    }

    fn pyhanko_sign(&self, options: &[&str], input: &Path, out: &Path) -> Result<Call> {
        Ok(pyhanko()?
            .args(["sign", "addsig", "--field", "Sig1"])
            .args(options)
            .args(["pemder", "--no-pass", "--key"])
            .arg(&self.key)
            .arg("--cert")
            .arg(self.hierarchy.path("company-seal.pem"))
            .arg("--chain")
            .arg(self.hierarchy.ca("companies"))
            .arg(input)
            .arg(out)
            .limit(LIMIT))
    }

    fn pyhanko_verify(&self, file: &Path) -> Result<Call> {
        Ok(pyhanko()?
            .args(["sign", "validate", "--no-revocation-check", "--trust"])
            .arg(self.hierarchy.root())
            .arg("--other-certs")
            .arg(self.hierarchy.ca("companies"))
            .arg(file)
            .limit(LIMIT))
    }

    fn openssl_sign(&self, input: &Path, out: &Path) -> Call {
        Call::new("openssl")
            .args(["cms", "-sign", "-cades", "-binary", "-outform", "DER"])
            .args(["-md", "sha256", "-in"])
            .arg(input)
            .arg("-signer")
            .arg(self.hierarchy.path("company-seal.pem"))
            .arg("-inkey")
            .arg(&self.key)
            .arg("-certfile")
            .arg(self.hierarchy.ca("companies"))
            .arg("-out")
            .arg(out)
            .limit(LIMIT)
    }

    fn openssl_verify(&self, input: &Path, signature: &Path) -> Call {
        Call::new("openssl")
            .args(["cms", "-verify", "-binary", "-inform", "DER", "-in"])
            .arg(signature)
            .arg("-content")
            .arg(input)
            .arg("-CAfile")
            .arg(self.hierarchy.root())
            .args(["-purpose", "any", "-out", "/dev/null"])
            .limit(LIMIT)
    }

    fn row(&self, table: &mut Table, row: Row<'_>) -> Result<Duration> {
        let fresh = || {
            let _ = std::fs::remove_file(row.out);
            Ok(())
        };
        let time = median_time(row.runs, &row.call, fresh)
            .with_context(|| format!("measuring {}", row.who))?;
        let _ = std::fs::remove_file(row.out);
        let memory = peak_memory(&row.call, &self.hierarchy.path("peak"))?;
        let figure = format!(
            "{:.1} ms, {:.1} MB peak",
            time.as_secs_f64() * 1e3,
            memory as f64 / 1024.0
        );
        let beside = row.ours.map_or_else(String::new, |ours| {
            format!(
                "sceau is {:.1} x as fast",
                time.as_secs_f64() / ours.as_secs_f64()
            )
        });
        table.row(row.work, row.who, &figure, &beside);
        Ok(time)
    }
}

/// A PDF of one page with an image of about so many bytes that do not compress, as a scan has.
pub(crate) fn write_pdf(path: &Path, bytes: u64) -> Result<()> {
    let height = (bytes / 1000).max(1);
    let length = height * 1000;
    let content = "q 500 0 0 500 50 150 cm /I Do Q";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        format!("<</Type/XObject/Subtype/Image/Width 1000/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8/Length {length}>>\nstream\n"),
    ];
    let mut out = BufWriter::new(File::create(path)?);
    let header = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
    out.write_all(header)?;
    let mut at = header.len() as u64;
    let mut table = "0000000000 65535 f \n".to_owned();
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{at:010} 00000 n \n");
        let text = format!("{number} 0 obj\n{object}");
        out.write_all(text.as_bytes())?;
        at += text.len() as u64;
        let mut end = "\nendobj\n";
        if number == objects.len() {
            noise(&mut out, length)?;
            at += length;
            end = "\nendstream\nendobj\n";
        }
        out.write_all(end.as_bytes())?;
        at += end.len() as u64;
    }
    write!(
        out,
        "xref\n0 6\n{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n"
    )?;
    out.flush().context("cannot write a PDF to measure with")
}

/// The same bytes in every run (xorshift).
fn noise(out: &mut impl Write, length: u64) -> Result<()> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut block = vec![0; 1000];
    for _ in 0..length / 1000 {
        for byte in &mut block {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[3];
        }
        out.write_all(&block)?;
    }
    Ok(())
}
