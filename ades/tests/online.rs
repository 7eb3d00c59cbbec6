//! Evidence from the network: OCSP answers made by OpenSSL, served by a client in this process.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ades::net::{HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse};
use ades::validate::{
    Facts, HttpFetch, Indication, Input, Material, SubIndication, ValidationPolicy, Verdict,
    gather, verdict,
};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::{Certificate, CertificateList, Clock, SystemClock, UnixTime, pem};
use pki_path::TrustAnchor;

const OCSP: &str = "http://pki.sceau.example/ocsp";
const CRL: &str = "http://pki.sceau.example/crl/ca.crl";
const ISSUER: &str = "http://pki.sceau.example/ca/ca.cer";

/// A root, an issuing CA and a signer, whose certificate names the three URLs.
struct Pki(tempfile::TempDir);

impl Pki {
    fn new() -> Option<Self> {
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

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    fn der(&self, name: &str) -> Vec<u8> {
        pem::blocks(&self.read(name)).unwrap().remove(0).der
    }

    fn run(&self, line: &str) {
        let mut command = Command::new("openssl");
        let output = command
            .args(line.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {line}: {text}");
    }

    fn issue(&self, ca: &str, name: &str, subject: &str, extensions: &str, days: u32) {
        self.run(&format!("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj {subject}"));
        self.run(&format!("ca -batch -notext -config {ca}.cnf -cert {ca}.pem -keyfile {ca}.key -in {name}.csr -out {name}.pem -days {days} -extfile {extensions}"));
    }

    fn crls(&self) {
        for ca in ["root", "ca"] {
            self.run(&format!(
                "ca -config {ca}.cnf -gencrl -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"
            ));
        }
    }

    fn revoke(&self, name: &str) {
        self.run(&format!("ca -config ca.cnf -revoke {name}.pem -cert ca.pem -keyfile ca.key -crl_reason keyCompromise"));
    }

    /// The answer about `about` by `responder`, good for `days`.
    fn answer(&self, about: &str, responder: &str, issuer: &str, days: u32) -> Vec<u8> {
        let _ = fs::remove_file(self.0.path().join("resp.der"));
        let index = if issuer == "other" { "other" } else { "ca" };
        self.run(&format!(
            "ocsp -sha256 -issuer {issuer}.pem -cert {about}.pem -no_nonce -reqout req.der"
        ));
        self.run(&format!("ocsp -index {index}.index -CA {issuer}.pem -rsigner {responder}.pem -rkey {responder}.key -reqin req.der -ndays {days} -respout resp.der"));
        self.read("resp.der")
    }

    /// The root is trusted, its CRL at hand.
    fn material(&self) -> Material {
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
struct Network {
    pages: BTreeMap<&'static str, (u16, Vec<u8>)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Network {
    fn with(mut self, url: &'static str, status: u16, body: Vec<u8>) -> Self {
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

fn judge(file: &[u8], material: Material, network: Network, at: UnixTime) -> (Facts, Verdict) {
    let input = Input {
        source: Arc::new(MemorySource::new(file.to_vec())),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, material, at, Some(&HttpFetch(network))).unwrap();
    let verdict = verdict(&facts, &ValidationPolicy::default(), at);
    (facts, verdict)
}

fn now() -> UnixTime {
    SystemClock.now()
}

#[test]
fn issuer_status_and_crl_are_fetched_and_bad_answers_fall_back() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let file = pki.read("out.p7s");
    let issuer = pki.der("ca.pem");
    let crl = pki.der("ca.crl");
    let net = || Network::default().with(ISSUER, 200, issuer.clone());
    let outcome = |network: Network, at: UnixTime| {
        let asked = Arc::clone(&network.asked);
        let (_, verdict) = judge(&file, pki.material(), network, at);
        let asked = asked.lock().unwrap().clone();
        (verdict, asked)
    };

    let good = pki.answer("ee", "ocsp", "ca", 2);
    let (verdict, asked) = outcome(net().with(OCSP, 200, good.clone()), now());
    assert_eq!(
        verdict.indication,
        Some(Indication::TotalPassed),
        "{:?}",
        verdict.signatures[0].errors
    );
    assert_eq!(asked, [ISSUER, OCSP], "the CRL is not needed");

    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    let mut forged = good.clone();
    let middle = forged.len() / 8;
    forged[middle] ^= 1;
    let bad: Vec<(&str, u16, Vec<u8>, UnixTime)> = vec![
        (
            "an error page",
            200,
            b"<html>not here</html>".to_vec(),
            now(),
        ),
        ("an error status", 500, good.clone(), now()),
        ("tryLater", 200, vec![0x30, 3, 0x0a, 1, 3], now()),
        ("nothing", 200, Vec::new(), now()),
        ("a wrong last octet", 200, broken, now()),
        ("a changed answer", 200, forged, now()),
        (
            "an answer about another certificate",
            200,
            pki.answer("second", "ocsp", "ca", 2),
            now(),
        ),
        (
            "an answer of another authority",
            200,
            pki.answer("foreign", "foreign", "other", 2),
            now(),
        ),
        (
            "a responder without OCSPSigning",
            200,
            pki.answer("ee", "plain", "ca", 2),
            now(),
        ),
        (
            "an answer signed by the signer itself",
            200,
            pki.answer("ee", "ee", "ca", 2),
            now(),
        ),
        (
            "a responder whose own status is not known",
            200,
            pki.answer("ee", "checked", "ca", 2),
            now(),
        ),
        (
            "an answer that ran out",
            200,
            good.clone(),
            now().plus_days(5),
        ),
        (
            "an answer of a responder that ran out",
            200,
            pki.answer("ee", "brief", "ca", 20),
            now().plus_days(5),
        ),
    ];
    for (what, status, body, at) in bad {
        let (verdict, asked) = outcome(net().with(OCSP, status, body.clone()), at);
        assert_eq!(
            verdict.signatures[0].sub_indication,
            Some(SubIndication::TryLater),
            "{what}"
        );
        let hint = verdict.signatures[0].errors[0].hint.clone().unwrap();
        assert!(hint.contains(OCSP) && hint.contains(CRL), "{what}: {hint}");
        assert!(asked.contains(&CRL.to_owned()), "{what}");
        let (verdict, _) = outcome(
            net().with(OCSP, status, body).with(CRL, 200, crl.clone()),
            at,
        );
        assert_eq!(
            verdict.indication,
            Some(Indication::TotalPassed),
            "{what}: {:?}",
            verdict.signatures[0].errors
        );
    }

    // Nobody answers at all: each URL is tried once and named.
    let (verdict, asked) = outcome(net(), now());
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::TryLater)
    );
    assert_eq!(asked, [ISSUER, OCSP, CRL]);
    let (verdict, _) = outcome(Network::default(), now());
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::NoCertificateChainFound)
    );
}

#[test]
fn evidence_that_the_signer_brought_does_not_hide_a_revocation() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let file = pki.read("out.p7s");
    let old_crl = pki.der("ca.crl");
    let before = pki.answer("ee", "ocsp", "ca", 20);
    pki.revoke("ee");
    pki.crls();
    let after = pki.answer("ee", "ocsp", "ca", 20);
    // An hour later the old evidence is still within its own dates.
    let at = UnixTime::from_secs(now().as_secs() + 3600);
    let brought = || {
        let mut material = pki.material();
        material
            .evidence
            .add_crl(CertificateList::from_der(old_crl.clone()).unwrap());
        let response = pki_asn1::ocsp::BasicResponse::from_response(&before).unwrap();
        material.evidence.add_ocsp(response);
        material
            .pool
            .add(Certificate::from_der(pki.der("ca.pem")).unwrap());
        material
    };
    for network in [
        Network::default().with(OCSP, 200, after),
        Network::default().with(CRL, 200, pki.der("ca.crl")),
    ] {
        let (_, verdict) = judge(&file, brought(), network, at);
        assert_eq!(
            verdict.signatures[0].sub_indication,
            Some(SubIndication::RevokedNoPoe)
        );
    }
}
