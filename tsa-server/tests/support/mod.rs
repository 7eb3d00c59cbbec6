//! A CA made by rcgen, a time-stamping unit under it, a server on a free port, and the judges.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use hsm_pkcs11::SoftwareKey;
use http_service::{Limits, Server, Stop};
use pki_asn1::{Certificate, Clock, pem};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use tsa_server::{HttpService, Policy, Tsa};

pub const POLICY: &str = "1.3.6.1.4.1.32473.1.7";

pub fn name(cn: &str) -> DistinguishedName {
    let mut dn = DistinguishedName::new();
    // rcgen would write UTF8String, which X.520 does not allow for a country.
    dn.push(
        DnType::CountryName,
        DnValue::PrintableString("MC".try_into().unwrap()),
    );
    dn.push(DnType::OrganizationName, "Sceau Example");
    dn.push(DnType::CommonName, cn);
    dn
}

/// Certificates and keys of a unit, with the files openssl wants.
pub struct Unit {
    pub dir: TempDir,
    pub ca: Certificate,
    pub certificate: Certificate,
    pub key_der: Vec<u8>,
}

/// extKeyUsage, critical or not.
pub fn time_stamping(critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(
        &[2, 5, 29, 37],
        vec![0x30, 0x0A, 6, 8, 0x2B, 6, 1, 5, 5, 7, 3, 8],
    );
    extension.set_criticality(critical);
    extension
}

impl Unit {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name("Time-stamping unit 1");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.custom_extensions = vec![time_stamping(true)];
        Self::with(params)
    }

    pub fn with(params: CertificateParams) -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.distinguished_name = name("Judged CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_der = ca.self_signed(&ca_key).unwrap().der().to_vec();
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&ca, &ca_key);
        let der = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        let unit = Self {
            dir: tempfile::tempdir().unwrap(),
            ca: Certificate::from_der(ca_der).unwrap(),
            certificate: Certificate::from_der(der).unwrap(),
            key_der: key.serialize_der(),
        };
        for (file, certificate) in [("ca.pem", &unit.ca), ("tsu.pem", &unit.certificate)] {
            let text = pem::encode("CERTIFICATE", certificate.der()).unwrap();
            std::fs::write(unit.path(file), text).unwrap();
        }
        std::fs::write(unit.path("tsu.key"), key.serialize_pem()).unwrap();
        unit
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub fn unit(&self) -> Result<tsa_server::Unit, tsa_server::UnitError> {
        let signer = SoftwareKey::from_pkcs8(&self.key_der, None).unwrap();
        tsa_server::Unit::new(
            Arc::new(signer),
            self.certificate.clone(),
            std::slice::from_ref(&self.ca),
        )
    }

    pub fn tsa(&self, clock: Arc<dyn Clock>) -> Arc<Tsa> {
        let policy = Policy::new(POLICY.parse().unwrap());
        Arc::new(Tsa::new(self.unit().unwrap(), clock, policy).unwrap())
    }
}

/// A server on a free port of this machine.
pub struct Running {
    pub address: SocketAddr,
    stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn new(unit: &Unit, clock: Arc<dyn Clock>) -> Self {
        let handler = Arc::new(HttpService::new(unit.tsa(clock)));
        let (tell, told) = std::sync::mpsc::channel();
        let stop = Stop::new();
        let stopping = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let any = "127.0.0.1:0".parse().unwrap();
                let limits = Limits {
                    drain: Duration::from_millis(200),
                    ..Limits::default()
                };
                let server = Server::bind(&[any], limits).await.unwrap();
                tell.send(server.addresses()[0]).unwrap();
                server.run(handler, stopping).await;
            });
        });
        Self {
            address: told.recv().unwrap(),
            stop,
            thread: Some(thread),
        }
    }

    /// One request over a connection of its own: status line and fields, body.
    pub fn http(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let head = format!(
            "{head}\r\nHost: tsa.sceau.example\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        // A server that refuses early may close before everything is sent.
        let _ = stream.write_all(&[head.as_bytes(), body].concat());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        (head, answer[end..].to_vec())
    }

    pub fn post(&self, der: &[u8]) -> (String, Vec<u8>) {
        self.http(
            "POST / HTTP/1.1\r\nContent-Type: application/timestamp-query",
            der,
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs a tool; `None`, with a line that says so, where it is not installed.
pub fn tool(program: &str, arguments: &[&str], dir: &Path) -> Option<Output> {
    match Command::new(program)
        .args(arguments)
        .current_dir(dir)
        .output()
    {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: {program} not found");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Standard output and standard error together.
pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
