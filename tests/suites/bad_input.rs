//! Bad input and broken surroundings: each has a message, a hint and an exit status that were reviewed, and leaves nothing behind.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{self, Need, available, project};
use sceau_tests::hierarchy::SEAL_SUBJECT;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::free_port;
use sceau_tests::transcript::Transcript;
use sceau_tests::{Backend, Call, Hierarchy, http};

#[test]
fn certification_authority_explains_every_refusal() -> Result<()> {
    if !available(&[Need::Tool("faketime"), Need::Tool("setpriv")]) {
        return Ok(());
    }
    crate::built(Backend::KeyFile, |hierarchy| {
        let mut cases = Cases::new(hierarchy);
        requests(&mut cases)?;
        revocations(&mut cases)?;
        surroundings(&mut cases)?;
        cases.finish("bad-input-ca.txt")
    })
}

#[test]
fn signer_explains_every_refusal() -> Result<()> {
    crate::running(Backend::KeyFile, |hierarchy| {
        let mut cases = Cases::new(hierarchy);
        documents(&mut cases)?;
        keys(&mut cases)?;
        time_stamping_services(&mut cases)?;
        cases.finish("bad-input-sign.txt")
    })
}

#[test]
fn services_explain_why_they_do_not_start() -> Result<()> {
    crate::running(Backend::KeyFile, |hierarchy| {
        let mut cases = Cases::new(hierarchy);
        let office = &hierarchy.office;
        cases.run("the port is in use", &office.ocsp_service()?)?;
        cases.run(
            "a second time-stamp server with the same journal",
            &office.tsa_service()?,
        )?;
        for (program, file) in [
            ("sceau-ocsp", "sceau-ocsp.toml"),
            ("sceau-tsa", "sceau-tsa.toml"),
        ] {
            let good = std::fs::read_to_string(office.path(file))?;
            let check = |name: &str| {
                office
                    .program(program)
                    .map(|call| call.args(["--config", name, "--check"]))
            };
            std::fs::write(
                office.path("unknown.toml"),
                format!("lissten = \"127.0.0.1:1\"\n{good}"),
            )?;
            cases.run(
                &format!("{program}: unknown key in the configuration"),
                &check("unknown.toml")?,
            )?;
            cases.run(
                &format!("{program}: no configuration"),
                &check("missing.toml")?,
            )?;
            let wrong = check(file)?.env("SCEAU_PIN", "wrong");
            cases.run(&format!("{program}: wrong passphrase"), &wrong)?;
        }
        cases.finish("bad-input-services.txt")
    })
}

/// The cases of one transcript.
pub(crate) struct Cases<'a> {
    hierarchy: &'a Hierarchy,
    transcript: Transcript,
}

impl<'a> Cases<'a> {
    pub(crate) fn new(hierarchy: &'a Hierarchy) -> Self {
        let mut transcript = Transcript::new();
        transcript.replace(hierarchy.office.dir.display().to_string(), "DIR");
        transcript.replace(environment::programs().display().to_string(), "PROGRAMS");
        transcript.replace(project().display().to_string(), "PROJECT");
        transcript.replace(hierarchy.office.ocsp_port.to_string(), "OCSP-PORT");
        transcript.replace(hierarchy.office.tsa_port.to_string(), "TSA-PORT");
        Self {
            hierarchy,
            transcript,
        }
    }

    /// Runs a call that must fail in an orderly way and leave no file behind.
    pub(crate) fn run(&mut self, title: &str, call: &Call) -> Result<()> {
        let before = listing(&self.hierarchy.office.dir)?;
        let outcome = call.run()?;
        ensure!(
            !outcome.crashed() && !outcome.success(),
            "{title}: must fail, and without a crash: {outcome}"
        );
        ensure!(
            outcome.err().starts_with("error: ") || outcome.err().contains("\nerror: "),
            "{title}: {outcome}"
        );
        let after = listing(&self.hierarchy.office.dir)?;
        let left: Vec<_> = after.difference(&before).collect();
        ensure!(left.is_empty(), "{title}: left {left:?} behind: {outcome}");
        self.transcript.add(title, &outcome);
        Ok(())
    }

    pub(crate) fn finish(self, name: &str) -> Result<()> {
        self.transcript
            .compare(&project().join("tests/transcripts").join(name))
    }
}

/// Every file below `folder`, without what SQLite keeps beside an open record.
fn listing(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(current) = waiting.pop() {
        for entry in std::fs::read_dir(current)? {
            let path = entry?.path();
            if path.is_dir() {
                // The time-stamp server that runs beside writes there when it gets round to it.
                if !path.ends_with("tsa-journal") {
                    waiting.push(path);
                }
            } else if !path.to_string_lossy().contains("record.sqlite") {
                found.insert(path.display().to_string());
            }
        }
    }
    Ok(found)
}

fn issue_request(cases: &Cases<'_>, csr: &str, profile: &str, subject: &str) -> Result<Call> {
    let call = cases.hierarchy.office.ca(&["issue"])?;
    Ok(call.args([
        "--ca",
        "companies",
        "--profile",
        profile,
        "--subject",
        subject,
        "--csr",
        csr,
        "--out",
        "refused.pem",
    ]))
}

fn requests(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    let request = |name: &str, key: &[&str]| {
        openssl("req")
            .args(["-new", "-nodes", "-subj", "/CN=x", "-keyout"])
            .arg(office.path("x.key"))
            .args(key)
            .arg("-out")
            .arg(office.path(name))
            .succeed()
    };
    request(
        "good.csr",
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    )?;
    request("weak.csr", &["-newkey", "rsa:1024"])?;
    request(
        "company.csr",
        &[
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            "/CN=Acme SAM/organizationIdentifier=NTRMC-00S03813",
        ],
    )?;
    std::fs::write(
        office.path("garbage.csr"),
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIBADCBpwIBADA=\n-----END CERTIFICATE REQUEST-----\n",
    )?;
    openssl("req")
        .arg("-in")
        .arg(office.path("good.csr"))
        .args(["-outform", "DER", "-out"])
        .arg(office.path("other.csr"))
        .succeed()?;
    let mut der = std::fs::read(office.path("other.csr"))?;
    *der.last_mut().context("empty request")? ^= 1;
    std::fs::write(office.path("other.csr"), der)?;
    std::fs::write(office.path("empty.csr"), "")?;

    let mut run = |title: &str, csr: &str, profile: &str, subject: &str| {
        let call = issue_request(cases, csr, profile, subject)?;
        cases.run(title, &call)
    };
    run(
        "corrupt request",
        "garbage.csr",
        "company-seal",
        SEAL_SUBJECT,
    )?;
    run("empty request", "empty.csr", "company-seal", SEAL_SUBJECT)?;
    run(
        "request file missing",
        "missing.csr",
        "company-seal",
        SEAL_SUBJECT,
    )?;
    run(
        "certificate instead of a request",
        "tsu.pem",
        "company-seal",
        SEAL_SUBJECT,
    )?;
    run(
        "request signed by another key",
        "other.csr",
        "company-seal",
        SEAL_SUBJECT,
    )?;
    run("key too weak", "weak.csr", "company-seal", SEAL_SUBJECT)?;
    run(
        "subject without its mandatory identifier",
        "good.csr",
        "company-seal",
        "C=MC,O=Acme SAM,CN=Acme SAM",
    )?;
    run(
        "subject with an unknown attribute",
        "good.csr",
        "company-seal",
        "C=MC,shoeSize=44",
    )?;
    run(
        "identifier of no known form",
        "good.csr",
        "company-seal",
        "C=MC,O=Acme SAM,organizationIdentifier=12,CN=Acme SAM",
    )?;
    run(
        "a company's request for a person",
        "company.csr",
        "personal-signature",
        "C=MC,givenName=Ana,surname=Doe,serialNumber=PASMC-X1234,CN=Ana Doe",
    )?;
    run("unknown profile", "good.csr", "company-stamp", SEAL_SUBJECT)?;
    let unknown = office.ca(&["issue"])?.args([
        "--ca",
        "martians",
        "--profile",
        "company-seal",
        "--subject",
        SEAL_SUBJECT,
        "--csr",
        "good.csr",
        "--out",
        "refused.pem",
    ]);
    cases.run("unknown authority", &unknown)
}

fn revocations(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    let unknown = office.ca(&["revoke"])?.args([
        "--ca",
        "companies",
        "--serial",
        "0123456789abcdef",
        "--reason",
        "superseded",
    ]);
    cases.run("unknown serial number", &unknown)?;
    let revoke = office.revoke("companies", "company-seal.pem", "keyCompromise")?;
    revoke.succeed()?;
    cases.run("revoking twice", &revoke)?;
    let reason = office.revoke("companies", "tsu.pem", "boredom")?;
    cases.run("unknown reason", &reason)
}

fn surroundings(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    let issue = issue_request(cases, "good.csr", "company-seal", SEAL_SUBJECT)?;
    cases.run(
        "wrong passphrase of the authority's key",
        &issue.clone().env("SCEAU_PIN", "wrong"),
    )?;
    cases.run("no passphrase at all", &issue.clone().env("SCEAU_PIN", ""))?;
    cases.run(
        "no record in this folder",
        &office.program("sceau-ca")?.args(["list", "-C", "keys"]),
    )?;
    cases.run("init over an existing record", &office.init("MC")?)?;
    cases.run(
        "the authority has expired",
        &under(&["faketime", "2090-01-01 00:00:00"], &issue),
    )?;

    let locked = Locked::take(&office.path("ca/record.sqlite"))?;
    cases.run("the record is locked by another program", &issue)?;
    drop(locked);

    // Root may write anywhere; without that capability it is like everybody else.
    let record = office.path("ca");
    let writable = |mode: u32| -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        for entry in std::fs::read_dir(&record)?
            .flatten()
            .filter(|entry| entry.path().is_file())
        {
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode))?;
        }
        Ok(std::fs::set_permissions(
            &record,
            std::fs::Permissions::from_mode(mode | 0o111),
        )?)
    };
    writable(0o444)?;
    let powerless = under(&["setpriv", "--bounding-set=-dac_override"], &issue);
    let result = cases.run("the record is read-only", &powerless);
    writable(0o644)?;
    result?;

    // A limit on file size fails writes as a full disk does.
    let export = office.ca(&["audit", "export", "--out", "journal.jsonl"])?;
    cases.run("the disk is full", &full_disk(&export))
}

fn documents(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    std::fs::copy(
        project().join("xtask/demo/contract.pdf"),
        office.path("contract.pdf"),
    )?;
    std::fs::write(office.path("letter.pdf"), "Dear reader, this is no PDF.\n")?;
    std::fs::write(office.path("empty.pdf"), "")?;
    Call::new("qpdf")
        .args(["--encrypt", "user", "owner", "256", "--"])
        .arg(office.path("contract.pdf"))
        .arg(office.path("encrypted.pdf"))
        .succeed()?;
    std::fs::write(office.path("wrong.txt"), "wrong")?;

    let sign = |input: &str| office.sign(input, "refused.pdf", "company-seal", "companies", "b-b");
    cases.run(
        "a PDF that is none",
        &sign("letter.pdf")?.args(["--format", "pades"]),
    )?;
    cases.run(
        "an empty file as PDF",
        &sign("empty.pdf")?.args(["--format", "pades"]),
    )?;
    cases.run("a file that is not there", &sign("missing.pdf")?)?;
    cases.run(
        "an encrypted PDF without its password",
        &sign("encrypted.pdf")?,
    )?;
    cases.run(
        "an encrypted PDF with a wrong password",
        &sign("encrypted.pdf")?.args(["--password-file", "wrong.txt"]),
    )?;
    cases.run(
        "the output is the input",
        &office.sign(
            "contract.pdf",
            "contract.pdf",
            "company-seal",
            "companies",
            "b-b",
        )?,
    )?;
    cases.run(
        "the output's folder does not exist",
        &office.sign(
            "contract.pdf",
            "nowhere/out.pdf",
            "company-seal",
            "companies",
            "b-b",
        )?,
    )?;
    cases.run("the disk is full", &full_disk(&sign("contract.pdf")?))?;
    for name in ["letter.pdf", "empty.pdf", "missing.pdf", "encrypted.pdf"] {
        cases.run(&format!("verify {name}"), &office.verify(name)?)?;
    }
    Ok(())
}

fn keys(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    let with = |key: &str, certificate: &str| -> Result<Call> {
        let call = office.program("sceau")?.args([
            "sign",
            "contract.pdf",
            "--out",
            "refused.pdf",
            "--level",
            "b-b",
        ]);
        Ok(call.args([
            "--key",
            key,
            "--cert",
            certificate,
            "--chain",
            "companies-ca.pem",
        ]))
    };
    cases.run(
        "a certificate that does not match the key",
        &with("keys/company-seal.pem", "personal-signature.pem")?,
    )?;
    cases.run(
        "a certificate file that is none",
        &with("keys/company-seal.pem", "letter.pdf")?,
    )?;
    cases.run(
        "a key file that is not there",
        &with("keys/missing.pem", "company-seal.pem")?,
    )?;
    cases.run(
        "a key file that is none",
        &with("letter.pdf", "company-seal.pem")?,
    )?;
    cases.run(
        "a wrong passphrase",
        &with("keys/company-seal.pem", "company-seal.pem")?.env("SCEAU_PIN", "wrong"),
    )?;
    let token = with(
        "pkcs11:token=none;object=seal?module-path=/nowhere/module.so",
        "company-seal.pem",
    )?;
    cases.run("a PKCS#11 module that is not there", &token)
}

fn time_stamping_services(cases: &mut Cases<'_>) -> Result<()> {
    let office = cases.hierarchy.office.clone();
    let sign = |tsa: &str| -> Result<Call> {
        let call = office.program("sceau")?.args([
            "sign",
            "contract.pdf",
            "--out",
            "refused.pdf",
            "--level",
            "b-t",
            "--tsa",
            tsa,
        ]);
        Ok(call.args([
            "--key",
            "keys/company-seal.pem",
            "--cert",
            "company-seal.pem",
            "--chain",
            "companies-ca.pem",
        ]))
    };
    let mut run = |title: &str, port: u16| -> Result<()> {
        cases
            .transcript
            .replace(format!("127.0.0.1:{port}"), "OTHER-TSA");
        let call = sign(&format!("http://127.0.0.1:{port}"))?;
        cases.run(title, &call)
    };
    run("the time-stamping service is down", free_port()?)?;
    run(
        "the time-stamping service speaks HTML",
        answering("text/html", b"<html>It works!</html>".to_vec())?,
    )?;

    // An honest answer to another question: right signature, wrong document.
    std::fs::write(office.path("other"), "another document")?;
    openssl("ts")
        .args(["-query", "-sha256", "-cert", "-data"])
        .arg(office.path("other"))
        .arg("-out")
        .arg(office.path("other.tsq"))
        .succeed()?;
    let answer = http::post(
        &office.tsa_url(),
        "application/timestamp-query",
        &std::fs::read(office.path("other.tsq"))?,
    )?
    .body;
    run(
        "the time-stamping service lies",
        answering("application/timestamp-reply", answer)?,
    )
}

/// A server on loopback that answers every request with the same bytes; it ends with the process.
fn answering(media_type: &'static str, body: Vec<u8>) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&body));
        }
    });
    Ok(port)
}

/// Puts another program in front.
fn under(front: &[&str], call: &Call) -> Call {
    let command = call.command();
    let mut wrapped = Call::new(front[0])
        .args(&front[1..])
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        wrapped = wrapped.folder(folder);
    }
    for (name, value) in command.get_envs() {
        wrapped = wrapped.env(name, value.unwrap_or_default());
    }
    wrapped
}

/// No file may grow beyond one block of 512 octets; the signal that would say so is ignored, so that the write fails instead.
fn full_disk(call: &Call) -> Call {
    under(
        &["sh", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""],
        call,
    )
}

/// Another program that holds the record.
struct Locked(Child);

impl Locked {
    fn take(record: &Path) -> Result<Self> {
        let script = "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute('BEGIN EXCLUSIVE')\nprint('locked', flush=True)\ntime.sleep(120)";
        let python = environment::python().context("no Python")?;
        let mut child = Call::new(python)
            .args(["-c", script])
            .arg(record)
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        ensure!(line.trim() == "locked", "could not lock the record");
        Ok(Self(child))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
