//! A signing service of another's making (certomancer-csc-dummy, PyPI): credentials, authorisation at
//! SCAL 1 and 2, single and batch signHash. openssl and pdfsig judge the documents.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Office, refused, succeeded, there};

const CONFIGURATION: &str = r#"
keysets:
  acme:
    path-prefix: .
    keys:
      root: {path: service-root.key}
      seal: {path: service-seal.key}
      person: {path: service-person.key}
pki-architectures:
  acme:
    keyset: acme
    entities:
      root: {country-name: MC, common-name: root}
      seal: {country-name: MC, common-name: seal}
      person: {country-name: MC, common-name: person}
    certs:
      root:
        subject: root
        issuer: root
        validity: &validity {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        extensions:
          - {id: basic_constraints, critical: true, value: {ca: true}}
          - {id: key_usage, critical: true, smart-value: {schema: key-usage, params: [key_cert_sign, crl_sign]}}
      seal:
        subject: seal
        issuer: root
        validity: *validity
        extensions: &signs
          - {id: key_usage, critical: true, smart-value: {schema: key-usage, params: [digital_signature, non_repudiation]}}
      person:
        subject: person
        issuer: root
        validity: *validity
        extensions: *signs
"#;

/// The service, until the test ends.
struct Service {
    process: Child,
    office: Office,
    url: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Service {
    /// `None`, with a word about it, where it is not installed.
    fn start(scal: &str) -> Option<Self> {
        let python = std::env::var_os("SCEAU_PYTHON").unwrap_or_else(|| "python3".into());
        let mut import = Command::new(&python);
        let import = import
            .args(["-c", "import csc_dummy"])
            .stderr(Stdio::null());
        if !there(&["openssl"]) || !import.status().is_ok_and(|s| s.success()) {
            eprintln!("skipped: certomancer-csc-dummy not found");
            return None;
        }
        let office = Office::new();
        office.write("certomancer.yml", CONFIGURATION.as_bytes());
        for (name, kind) in [
            ("root", "EC:ec_paramgen_curve:P-256"),
            ("seal", "EC:ec_paramgen_curve:P-256"),
            ("person", "RSA:rsa_keygen_bits:3072"),
        ] {
            let (algorithm, option) = kind.split_once(':').unwrap();
            let file = format!("service-{name}.key");
            let args = [
                "genpkey",
                "-algorithm",
                algorithm,
                "-pkeyopt",
                option,
                "-out",
                &file,
            ];
            office.openssl(&args);
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = File::create(office.path("service.log")).unwrap();
        let process = Command::new(&python)
            .args([
                "-m",
                "csc_dummy",
                "certomancer.yml",
                &port.to_string(),
                scal,
            ])
            .current_dir(office.path(""))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("localhost", port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "it does not start"
            );
            thread::sleep(Duration::from_millis(50));
        }
        let url = format!("http://localhost:{port}/csc/v1");
        Some(Self {
            process,
            office,
            url,
        })
    }

    fn key(&self, credential: &str) -> String {
        format!("csc:{};credential=acme/{credential}", self.url)
    }

    /// How often a method was called.
    fn calls(&self, method: &str) -> usize {
        let log = fs::read_to_string(self.office.path("service.log")).unwrap();
        log.matches(&format!("/csc/v1/{method} HTTP")).count()
    }

    /// The root is among the certificates that the service hands out, and so in the signature.
    fn verified_by_openssl(&self, signature: &str, content: &str) {
        let office = &self.office;
        office.openssl(&[
            "pkcs7",
            "-inform",
            "DER",
            "-in",
            signature,
            "-print_certs",
            "-out",
            "carried.pem",
        ]);
        office.openssl(&[
            "cms",
            "-verify",
            "-binary",
            "-cades",
            "-inform",
            "DER",
            "-in",
            signature,
            "-content",
            content,
            "-CAfile",
            "carried.pem",
            "-purpose",
            "any",
            "-out",
            "/dev/null",
        ]);
    }
}

fn no_proxy(command: &mut Command) -> &mut Command {
    command.env("NO_PROXY", "localhost,127.0.0.1")
}

#[test]
fn a_signature_of_a_foreign_service_does_not_verify() {
    for scal in ["1", "2"] {
        let Some(service) = Service::start(scal) else {
            return;
        };
        let office = &service.office;
        for (credential, algorithm) in [
            ("seal", None),
            ("person", None),
            ("person", Some("rsa-pss-sha256")),
            ("person", Some("rsa-sha512")),
        ] {
            let key = service.key(credential);
            let mut args = vec!["notes.txt", "--out", "notes.p7s", "--force", "--key", &key];
            if let Some(algorithm) = algorithm {
                args.extend(["--algorithm", algorithm]);
            }
            succeeded(&no_proxy(&mut office.sign(&args)).output().unwrap());
            service.verified_by_openssl("notes.p7s", "notes.txt");
            args[0] = "contract.pdf";
            args[2] = "sealed.pdf";
            succeeded(&no_proxy(&mut office.sign(&args)).output().unwrap());
            if there(&["pdfsig"]) {
                let judged = office
                    .tool("pdfsig")
                    .args(["-nocert", "sealed.pdf"])
                    .output();
                let judged = String::from_utf8(judged.unwrap().stdout).unwrap();
                assert!(judged.contains("Signature is Valid"), "{judged}");
            }
        }
    }
}

#[test]
fn a_batch_asks_the_service_for_each_document() {
    for scal in ["1", "2"] {
        let Some(service) = Service::start(scal) else {
            return;
        };
        let office = &service.office;
        for n in 0..40 {
            office.write(format!("in/{n}.txt"), format!("{n}\n").as_bytes());
        }
        // With a table of the settings file.
        let table = format!(
            "key = \"csc:acme\"\n[[remote]]\nname = \"acme\"\nurl = \"{}\"\ncredential = \"acme/seal\"\n",
            service.url
        );
        office.write("sceau.toml", table.as_bytes());
        let args = ["in", "--out-dir", "out", "--settings", "sceau.toml"];
        succeeded(&no_proxy(&mut office.sign(&args)).output().unwrap());
        for n in 0..40 {
            service.verified_by_openssl(&format!("out/{n}.txt.p7s"), &format!("in/{n}.txt"));
        }
        let calls = service.calls("signatures/signHash");
        // The service permits ten at a time.
        assert!(
            (4..=20).contains(&calls),
            "{calls} requests for 40 documents"
        );
        let calls = service.calls("credentials/authorize");
        assert!(
            (4..=20).contains(&calls),
            "{calls} authorisations for 40 documents"
        );
    }
}

#[test]
fn what_the_service_refuses_is_not_understood() {
    let Some(service) = Service::start("2") else {
        return;
    };
    let office = &service.office;
    let sign = |key: &str, more: &[&str], exit| {
        let args = [&["notes.txt", "--out", "out.p7s", "--key", key], more].concat();
        let said = refused(&no_proxy(&mut office.sign(&args)).output().unwrap(), exit);
        assert!(!office.path("out.p7s").exists());
        said
    };
    let said = sign(&format!("csc:{}", service.url), &[], 64);
    assert!(
        said.contains("has 3 credentials for this user: acme/root, acme/seal, acme/person"),
        "{said}"
    );
    let said = sign(&service.key("nobody"), &[], 69);
    assert!(
        said.contains("/csc/v1/credentials/info answers with status 404"),
        "{said}"
    );
    let said = sign(&service.key("seal"), &["--algorithm", "rsa-sha256"], 65);
    assert!(said.contains("does not sign with RSA"), "{said}");
    let said = sign(&service.key("root"), &[], 65);
    assert!(said.contains("certificate authority"), "{said}");
    // Another service, a closed port, a name that is none.
    let said = sign(
        &format!("csc:{}/elsewhere;credential=x", service.url),
        &[],
        69,
    );
    assert!(said.contains("answers with status 404"), "{said}");
    let said = sign("csc:http://127.0.0.1:1/csc/v2;credential=x", &[], 69);
    assert!(
        said.contains("http://127.0.0.1:1/csc/v2/credentials/info"),
        "{said}"
    );
    let said = sign("csc:acme", &[], 64);
    assert!(
        said.contains("neither a URL nor the name of a [[remote]] table"),
        "{said}"
    );
    let said = sign("csc:http://user:secret@localhost/csc/v2", &[], 64);
    assert!(!said.contains("secret@"), "{said}");
    for (table, what) in [
        ("url = \"ftp://x/\"", "is not an http or https URL"),
        ("url = \"https://x/\"\nusername = \"a\"", "belong together"),
        (
            "url = \"https://x/\"\nusername = \"a:b\"\npassword-file = \"p\"",
            "no colon",
        ),
        (
            "url = \"https://x/\"\ntoken-file = \"t\"\nusername = \"a\"\npassword-file = \"p\"",
            "several ways",
        ),
    ] {
        office.write("wrong.toml", format!("[[remote]]\n{table}\n").as_bytes());
        let said = sign("csc:x", &["--settings", "wrong.toml"], 78);
        assert!(said.contains(what), "{said}");
    }
}
