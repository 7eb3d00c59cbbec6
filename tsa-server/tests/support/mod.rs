//! A CA made by rcgen, a time-stamping unit under it, a server on a free port, and the judges.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::path::PathBuf;
use std::sync::Arc;

use hsm_pkcs11::SoftwareKey;
use pki_asn1::{Certificate, Clock, pem};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use tsa_server::{HttpService, Policy, Tsa};

#[path = "../../../http-service/tests/support/mod.rs"]
mod served;

#[allow(unused_imports)] // Each test takes what it needs.
pub use served::{Served, said, tool};

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
pub struct Running(pub Served);

impl Running {
    pub fn new(unit: &Unit, clock: Arc<dyn Clock>) -> Self {
        Self(Served::new(Arc::new(HttpService::new(unit.tsa(clock)))))
    }

    /// One request over a connection of its own: status line and fields, body.
    pub fn http(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        self.0.http(head, body)
    }

    pub fn post(&self, der: &[u8]) -> (String, Vec<u8>) {
        self.http(
            "POST / HTTP/1.1\r\nContent-Type: application/timestamp-query",
            der,
        )
    }
}
