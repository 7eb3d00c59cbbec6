//! A small authority made with OpenSSL, and a network in this process that serves what it says.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stderr
)]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ades::net::{HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse};
use ades::validate::Material;
use pki_asn1::{Certificate, CertificateList, pem};
use pki_path::TrustAnchor;

pub const OCSP: &str = "http://pki.sceau.example/ocsp";
pub const CRL: &str = "http://pki.sceau.example/crl/ca.crl";
pub const ISSUER: &str = "http://pki.sceau.example/ca/ca.cer";

/// A root, an issuing CA and a signer, whose certificate names the three URLs.
pub struct Pki(pub tempfile::TempDir);

impl Pki {
    pub fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl not found");
            return None;
        }
        let this = Self(tempfile::tempdir().unwrap());
        this.write("content", b"what is signed\n");
        this.write(
            "ee.ext",
            format!("keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nauthorityInfoAccess=OCSP;URI:{OCSP},caIssuers;URI:{ISSUER}\ncrlDistributionPoints=URI:{CRL}\n").as_bytes(),
        );
        this.write("ca.ext", b"keyUsage=critical,keyCertSign,cRLSign\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
        let delegate = "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
        this.write(
            "ocsp.ext",
            format!("{delegate}noCheck=ignored\n").as_bytes(),
        );
        this.write("checked.ext", delegate.as_bytes());
        this.write("plain.ext", b"keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nnoCheck=ignored\n");
        for ca in ["root", "ca"] {
            this.write(&format!("{ca}.index"), b"");
            this.write(&format!("{ca}.number"), b"01\n");
            this.write(
                &format!("{ca}.cnf"),
                format!("[ca]\ndefault_ca=d\n[d]\ndatabase={ca}.index\ncrlnumber={ca}.number\ndefault_md=sha256\ndefault_crl_days=30\nnew_certs_dir=.\nserial={ca}.serial\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n").as_bytes(),
            );
            this.write(&format!("{ca}.serial"), b"1000\n");
        }
        this.run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 3650");
        this.run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.pem -subj /CN=CA -days 3650");
        this.issue("root", "ca", "/CN=CA", "ca.ext", 3000);
        this.issue("ca", "ee", "/CN=Signer", "ee.ext", 365);
        this.issue("ca", "second", "/CN=Second", "ee.ext", 365);
        this.issue("ca", "ocsp", "/CN=Responder", "ocsp.ext", 300);
        this.issue("ca", "brief", "/CN=Brief", "ocsp.ext", 1);
        this.issue("ca", "checked", "/CN=Checked", "checked.ext", 300);
        this.issue("ca", "plain", "/CN=Plain", "plain.ext", 300);
        // A responder of another authority of the same name.
        this.write("other.index", b"");
        this.write("other.serial", b"1000\n");
        let other = String::from_utf8(this.read("ca.cnf")).unwrap();
        this.write("other.cnf", other.replace("ca.", "other.").as_bytes());
        this.issue("other", "foreign", "/CN=Foreign", "ocsp.ext", 300);
        this.run("cms -sign -cades -nodetach -nocerts -binary -in content -signer ee.pem -inkey ee.key -outform DER -out bare.p7s");
        this.run("cms -sign -cades -nodetach -binary -in content -signer ee.pem -inkey ee.key -outform DER -out out.p7s");
        this.crls();
        Some(this)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    pub fn der(&self, name: &str) -> Vec<u8> {
        pem::blocks(&self.read(name)).unwrap().remove(0).der
    }

    pub fn run(&self, line: &str) {
        let mut command = Command::new("openssl");
        let output = command
            .args(line.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {line}: {text}");
    }

    pub fn issue(&self, ca: &str, name: &str, subject: &str, extensions: &str, days: u32) {
        self.run(&format!("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj {subject}"));
        self.run(&format!("ca -batch -notext -config {ca}.cnf -cert {ca}.pem -keyfile {ca}.key -in {name}.csr -out {name}.pem -days {days} -extfile {extensions}"));
    }

    pub fn crls(&self) {
        for ca in ["root", "ca"] {
            self.run(&format!(
                "ca -config {ca}.cnf -gencrl -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"
            ));
        }
    }

    pub fn revoke(&self, name: &str) {
        self.run(&format!("ca -config ca.cnf -revoke {name}.pem -cert ca.pem -keyfile ca.key -crl_reason keyCompromise"));
    }

    /// The answer about `about` by `responder`, good for `days`.
    pub fn answer(&self, about: &str, responder: &str, issuer: &str, days: u32) -> Vec<u8> {
        let _ = fs::remove_file(self.0.path().join("resp.der"));
        let index = if issuer == "other" { "other" } else { "ca" };
        self.run(&format!(
            "ocsp -sha256 -issuer {issuer}.pem -cert {about}.pem -no_nonce -reqout req.der"
        ));
        self.run(&format!("ocsp -index {index}.index -CA {issuer}.pem -rsigner {responder}.pem -rkey {responder}.key -reqin req.der -ndays {days} -respout resp.der"));
        self.read("resp.der")
    }

    /// The root is trusted, its CRL at hand.
    pub fn material(&self) -> Material {
        let root = Certificate::from_der(self.der("root.pem")).unwrap();
        let mut material = Material {
            anchors: vec![TrustAnchor::from_certificate(root).unwrap()],
            ..Material::default()
        };
        material
            .evidence
            .add_crl(CertificateList::from_der(self.der("root.crl")).unwrap());
        material
    }
}

/// Answers from a table; everybody else refuses the connection.
#[derive(Default)]
pub struct Network {
    pub pages: BTreeMap<&'static str, (u16, Vec<u8>)>,
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Network {
    pub fn with(mut self, url: &'static str, status: u16, body: Vec<u8>) -> Self {
        self.pages.insert(url, (status, body));
        self
    }
}

impl HttpClient for Network {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        self.asked.lock().unwrap().push(request.url.into());
        if let HttpMethod::Post { content_type, .. } = request.method {
            assert_eq!(content_type, "application/ocsp-request");
        }
        match self.pages.get(request.url) {
            Some((status, body)) => Ok(HttpResponse {
                status: *status,
                content_type: None,
                body: body.clone(),
            }),
            None => Err(HttpError::Connection {
                url: request.url.into(),
                reason: "connection refused".into(),
            }),
        }
    }
}
