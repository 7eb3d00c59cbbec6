//! A folder in which openssl works: a CA, signers below it, CRLs; and verdicts on what it made.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use ades::validate::{
    Facts, GatherError, Input, Material, ValidationPolicy, Verdict, gather, verdict,
};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::{Certificate, CertificateList, Clock, SystemClock, UnixTime, pem};
use pki_path::TrustAnchor;

pub struct Openssl(pub tempfile::TempDir);

const EXTENSIONS: &str = "keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
const STAMPING: &str = "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n";
const CA: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n";

impl Openssl {
    /// With a CA (`ca.pem`, `ca.key`, `ca.crl`) and a signer with a key on P-256 (`ee.pem`, `ee.key`).
    pub fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        for (name, text) in [
            ("ext", EXTENSIONS),
            ("stamping", STAMPING),
            ("index", ""),
            ("number", "01\n"),
            ("ca.cnf", CA),
        ] {
            this.write(name, text.as_bytes());
        }
        let key = "EC -pkeyopt ec_paramgen_curve:P-256";
        this.run(&format!("genpkey -algorithm {key} -out ca.key"));
        this.run("req -x509 -new -key ca.key -out ca.pem -subj /C=MC/CN=CA -days 3650");
        this.run("ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl");
        this.signer("ee", key);
        this
    }

    /// A key that `genpkey -algorithm` makes, and its certificate: `name.key`, `name.pem`.
    pub fn signer(&self, name: &str, key: &str) {
        self.run(&format!("genpkey -algorithm {key} -out {name}.key"));
        self.certify(name, "ext");
    }

    /// A time-stamping unit.
    pub fn unit(&self, name: &str) {
        self.run(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
        ));
        self.certify(name, "stamping");
    }

    pub fn certify(&self, name: &str, extensions: &str) {
        self.run(&format!(
            "req -new -key {name}.key -out {name}.csr -subj /C=MC/CN={name}"
        ));
        self.run(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem -days 365 -extfile {extensions}"
        ));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs openssl, whatever it says.
    pub fn try_run(&self, line: &str) -> Output {
        Command::new("openssl")
            .args(line.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Runs openssl, which has to succeed.
    pub fn run(&self, line: &str) {
        let output = self.try_run(line);
        assert!(
            output.status.success(),
            "openssl {line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// The first block of a PEM file.
    pub fn der(&self, name: &str) -> Vec<u8> {
        pem::blocks(&self.read(name)).unwrap().remove(0).der
    }

    pub fn certificate(&self, name: &str) -> Certificate {
        Certificate::from_der(self.der(name)).unwrap()
    }

    /// The CA is trusted, and its CRL is there.
    pub fn material(&self) -> Material {
        let mut material = Material {
            anchors: vec![TrustAnchor::from_certificate(self.certificate("ca.pem")).unwrap()],
            ..Material::default()
        };
        material
            .evidence
            .add_crl(CertificateList::from_der(self.der("ca.crl")).unwrap());
        material
    }

    /// The verdict of today.
    pub fn judge(
        &self,
        bytes: &[u8],
        content: Option<&[u8]>,
    ) -> Result<(Facts, Verdict), GatherError> {
        judge(bytes, content, self.material(), SystemClock.now())
    }
}

pub fn judge(
    bytes: &[u8],
    content: Option<&[u8]>,
    material: Material,
    at: UnixTime,
) -> Result<(Facts, Verdict), GatherError> {
    let source = |b: &[u8]| Arc::new(MemorySource::new(b.to_vec())) as Arc<_>;
    let input = Input {
        source: source(bytes),
        content: content.map(source),
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, material, at, None)?;
    let verdict = verdict(&facts, &ValidationPolicy::default(), at);
    Ok((facts, verdict))
}
