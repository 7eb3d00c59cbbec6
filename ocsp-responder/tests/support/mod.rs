//! A CA made by rcgen, a responder over it on a free port, and the tools that judge it.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use ca_core::status::{CrlView, Status};
use hsm_pkcs11::{KeySpec, SoftwareKey};
use ocsp_responder::{Delegate, HttpService, MemorySource, Policy, Responder, Watch};
use pki_asn1::{Certificate, Clock, SystemClock, UnixTime, pem};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use tempfile::TempDir;

pub mod browser;
pub mod house;
#[path = "../../../http-service/tests/support/mod.rs"]
mod served;

#[allow(unused_imports)] // Each test takes what it needs.
pub use served::{Served, said, tool};

pub const CA: &str = "companies";

/// A CA with a responder certificate, and leaf certificates on demand.
pub struct Hierarchy {
    pub dir: TempDir,
    pub certificate: Certificate,
    params: CertificateParams,
    key: KeyPair,
}

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

impl Hierarchy {
    pub fn new(cn: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name(cn);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let this = Self {
            dir: tempfile::tempdir().unwrap(),
            certificate: Certificate::from_der(der).unwrap(),
            params,
            key,
        };
        this.write("ca.pem", &this.certificate);
        this
    }

    pub fn write(&self, file: &str, certificate: &Certificate) -> PathBuf {
        let path = self.dir.path().join(file);
        std::fs::write(
            &path,
            pem::encode("CERTIFICATE", certificate.der()).unwrap(),
        )
        .unwrap();
        path
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(key, &issuer).unwrap().der().to_vec();
        Certificate::from_der(der).unwrap()
    }

    /// A leaf with this serial, written to `{file}`.
    pub fn leaf(&self, file: &str, serial: &[u8]) -> Certificate {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name(file);
        params.serial_number = Some(SerialNumber::from_slice(serial));
        let leaf = self.issue(&params, &KeyPair::generate().unwrap());
        self.write(file, &leaf);
        leaf
    }

    pub fn responder_params() -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name("OCSP responder");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
        params.use_authority_key_identifier_extension = true;
        // id-pkix-ocsp-nocheck: NULL
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 48, 1, 5],
                vec![5, 0],
            ));
        params
    }

    pub fn delegate(&self) -> Delegate {
        let key = KeyPair::generate().unwrap();
        let certificate = self.issue(&Self::responder_params(), &key);
        self.write("ocsp.pem", &certificate);
        let signer = SoftwareKey::from_pkcs8(&key.serialize_der(), None).unwrap();
        let now = SystemClock.now();
        Delegate::new(Arc::new(signer), certificate, &self.certificate, now).unwrap()
    }

    /// A CRL without entries, made by rcgen.
    pub fn crl(&self) -> CrlView {
        self.crl_of(
            7,
            "2026-01-01T00:00:00Z".parse().unwrap(),
            "2046-01-01T00:00:00Z".parse().unwrap(),
        )
    }

    pub fn crl_of(&self, number: u64, this_update: UnixTime, next_update: UnixTime) -> CrlView {
        self.large_crl(number, this_update, next_update, 0)
    }

    /// A CRL with so many entries.
    pub fn large_crl(
        &self,
        number: u64,
        this_update: UnixTime,
        next_update: UnixTime,
        entries: u64,
    ) -> CrlView {
        let entry = |n: u64| rcgen::RevokedCertParams {
            serial_number: SerialNumber::from_slice(&[&[0x4F; 12][..], &n.to_be_bytes()].concat()),
            revocation_time: this_update.to_offset(),
            reason_code: None,
            invalidity_date: None,
        };
        let issuer = Issuer::from_params(&self.params, &self.key);
        let params = rcgen::CertificateRevocationListParams {
            this_update: this_update.to_offset(),
            next_update: next_update.to_offset(),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: (0..entries).map(entry).collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        CrlView {
            der: params.signed_by(&issuer).unwrap().der().to_vec(),
            number,
            this_update,
            next_update,
        }
    }

    /// A certificate for another CA's key.
    pub fn certify_ca(&self, cn: &str) -> Certificate {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name(cn);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.issue(&params, &KeyPair::generate().unwrap())
    }
}

/// A responder on a free port of this machine.
pub struct Running {
    pub served: Served,
    pub source: Arc<MemorySource>,
    pub responder: Arc<Responder>,
    _watch: Watch,
}

impl Running {
    pub fn new(hierarchy: &Hierarchy) -> Self {
        Self::with(hierarchy, Policy::default(), Arc::new(SystemClock))
    }

    pub fn with(hierarchy: &Hierarchy, policy: Policy, clock: Arc<dyn Clock>) -> Self {
        let source = Arc::new(MemorySource::new());
        source.add_authority(CA, hierarchy.certificate.clone());
        let delegates = HashMap::from([(CA.to_owned(), Arc::new(hierarchy.delegate()))]);
        let responder = Responder::new(Arc::clone(&source) as _, clock, policy, delegates);
        let responder = Arc::new(responder.unwrap());
        Self {
            served: Served::new(Arc::new(HttpService::new(Arc::clone(&responder)))),
            source,
            _watch: responder.watch().unwrap(),
            responder,
        }
    }

    /// Waits until the CRL is seen to be published: that is looked at once a second.
    pub fn wait_for_crl(&self) {
        let since = std::time::Instant::now();
        while !metrics(&self.responder).contains("sceau_crl_number{") {
            assert!(since.elapsed().as_secs() < 30, "no CRL is published");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/ocsp", self.served.address)
    }

    /// Sends raw bytes and returns everything that comes back until the other end closes.
    pub fn raw(&self, request: &[u8]) -> String {
        String::from_utf8_lossy(&self.served.raw(request)).into_owned()
    }

    /// One request over a connection of its own: status line and fields, body.
    pub fn http(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        self.served.http(head, body)
    }

    pub fn post(&self, der: &[u8]) -> (String, Vec<u8>) {
        self.http(
            "POST /ocsp HTTP/1.1\r\nContent-Type: application/ocsp-request",
            der,
        )
    }
}

/// Revoked for key compromise.
pub fn revoked(at: UnixTime) -> Status {
    Status::Revoked {
        at,
        reason: ca_core::RevocationReason::KeyCompromise,
        invalidity_date: None,
    }
}

pub fn software_key() -> SoftwareKey {
    SoftwareKey::generate(KeySpec::P256).unwrap()
}

/// An `OCSPRequest` for this CertID content, built by hand.
pub mod build {
    use pki_asn1::{Certificate, write};
    use pki_crypto::DigestAlgorithm;

    pub fn cert_id(
        ca: &Certificate,
        serial: &[u8],
        digest: DigestAlgorithm,
        null: bool,
    ) -> Vec<u8> {
        let oid = write::tlv(0x06, &[digest.oid().as_bytes()]);
        let parameters: &[u8] = if null { &[5, 0] } else { &[] };
        let algorithm = write::tlv(write::SEQUENCE, &[&oid, parameters]);
        let name = digest.digest(ca.subject_der());
        let key = digest.digest(ca.public_key_bits());
        write::tlv(
            write::SEQUENCE,
            &[
                &algorithm,
                &write::tlv(write::OCTET_STRING, &[name.as_bytes()]),
                &write::tlv(write::OCTET_STRING, &[key.as_bytes()]),
                &write::tlv(write::INTEGER, &[serial]),
            ],
        )
    }

    /// `extensions` is the content of the SEQUENCE OF Extension.
    pub fn request(cert_ids: &[Vec<u8>], extensions: Option<&[u8]>) -> Vec<u8> {
        let list: Vec<Vec<u8>> = cert_ids
            .iter()
            .map(|id| write::tlv(write::SEQUENCE, &[id]))
            .collect();
        let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
        let list = write::tlv(write::SEQUENCE, &list);
        let extensions = extensions.map_or_else(Vec::new, |e| {
            write::tlv(write::context(2), &[&write::tlv(write::SEQUENCE, &[e])])
        });
        let tbs = write::tlv(write::SEQUENCE, &[&list, &extensions]);
        write::tlv(write::SEQUENCE, &[&tbs])
    }

    pub fn extension(
        oid: &pki_asn1::oid::ObjectIdentifier,
        critical: bool,
        value: &[u8],
    ) -> Vec<u8> {
        let oid = write::tlv(0x06, &[oid.as_bytes()]);
        let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
        let value = write::tlv(write::OCTET_STRING, &[value]);
        write::tlv(write::SEQUENCE, &[&oid, critical, &value])
    }

    /// PreferredSignatureAlgorithms with these signature algorithms.
    pub fn preferred(algorithms: &[&pki_asn1::oid::ObjectIdentifier]) -> Vec<u8> {
        let list: Vec<Vec<u8>> = algorithms
            .iter()
            .map(|id| {
                let oid = write::tlv(0x06, &[id.as_bytes()]);
                let algorithm = write::tlv(write::SEQUENCE, &[&oid]);
                write::tlv(write::SEQUENCE, &[&algorithm])
            })
            .collect();
        let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
        let list = write::tlv(write::SEQUENCE, &list);
        let id = pki_asn1::oid::OCSP_PREFERRED_SIGNATURE_ALGORITHMS;
        extension(&id, false, &list)
    }

    pub fn nonce(len: usize) -> Vec<u8> {
        let value = write::tlv(write::OCTET_STRING, &[&vec![0xAB; len]]);
        extension(&pki_asn1::oid::OCSP_NONCE, false, &value)
    }
}

/// What Prometheus would read.
pub fn metrics(responder: &Arc<Responder>) -> String {
    let mut registry = http_service::metrics::registry();
    ocsp_responder::metrics::register(&mut registry, responder);
    http_service::metrics::text(&registry)
}

/// Runs a Python script that judges; `None`, with a line that says so, where Python or a package of the
/// script is missing.
pub fn python(script: &str, arguments: &[&str], dir: &std::path::Path) -> Option<String> {
    let mut all = vec!["-c", script];
    all.extend(arguments);
    let output = tool("python3", &all, dir)?;
    let said = said(&output);
    if let Some(missing) = said.lines().find(|l| l.starts_with("ModuleNotFoundError")) {
        eprintln!("skipped: {missing}");
        return None;
    }
    assert!(output.status.success(), "{said}");
    Some(said)
}
