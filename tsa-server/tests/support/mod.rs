//! A CA made by rcgen, a time-stamping unit under it, a server on a free port, and the judges.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use der::Decode as _;
use der::asn1::{Int, OctetString};
use hsm_pkcs11::SoftwareKey;
use pki_asn1::tsp::{MessageImprint, PkiFailureInfo, TimeStampReq, TimeStampResp};
use pki_asn1::{Certificate, pem};
use pki_crypto::DigestAlgorithm;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use tsa_server::clock::{Guard, Requirement, SystemTimeSource, TimeSource};
use tsa_server::journal::{Journal, Settings};
use tsa_server::offer::{Form, OfferedPolicy, TimeStampPolicy};
use tsa_server::{Capacity, HttpService, Tsa, Units};

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

    /// An authority with this unit, whose journal is in the unit's folder.
    pub fn tsa(&self, source: Arc<dyn TimeSource>, offer: Offer) -> Arc<Tsa> {
        let unit = Arc::new(self.unit().unwrap());
        authority(vec![unit], &self.path("journal"), source, offer)
    }
}

/// What an authority of a test offers.
pub struct Offer {
    pub policies: Vec<TimeStampPolicy>,
    pub form: Form,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            policies: vec![TimeStampPolicy::new(POLICY.parse().unwrap())],
            form: Form::default(),
        }
    }
}

pub fn authority(
    units: Vec<Arc<tsa_server::Unit>>,
    journal: &Path,
    source: Arc<dyn TimeSource>,
    offer: Offer,
) -> Arc<Tsa> {
    let offered = offer.policies.into_iter().map(OfferedPolicy::new);
    let policies: Vec<_> = offered.map(Result::unwrap).collect();
    let settings = Settings::new(journal.to_owned());
    let (journal, found) = Journal::open(&settings, Arc::clone(&source)).unwrap();
    let handing = Tsa::handing(offer.form);
    let second = Duration::from_secs(1);
    let guard = Guard::new(source, second, Requirement::Advisory, handing);
    guard.not_before(found.last_token.unwrap_or_default());
    Arc::new(Tsa::new(
        Units::new(units, &policies),
        policies,
        offer.form,
        Arc::new(guard),
        Arc::new(journal),
        Capacity::default(),
    ))
}

pub fn system() -> Arc<dyn TimeSource> {
    Arc::new(SystemTimeSource::new())
}

/// A server on a free port of this machine.
pub struct Running(pub Served);

impl Running {
    pub fn new(unit: &Unit, source: Arc<dyn TimeSource>) -> Self {
        Self::of(unit.tsa(source, Offer::default()))
    }

    pub fn of(tsa: Arc<Tsa>) -> Self {
        Self(Served::new(Arc::new(HttpService::new(tsa))))
    }

    /// One request over a connection of its own: status line and fields, body.
    pub fn http(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        self.0.http(head, body)
    }

    pub fn post(&self, der: &[u8]) -> (String, Vec<u8>) {
        self.post_to("/", der)
    }

    pub fn post_to(&self, path: &str, der: &[u8]) -> (String, Vec<u8>) {
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/timestamp-query");
        self.http(&head, der)
    }
}

/// A query for "data" with a nonce, wanting certificates.
pub fn request() -> TimeStampReq {
    let digest = DigestAlgorithm::Sha256.digest(b"data");
    TimeStampReq {
        version: 1,
        message_imprint: MessageImprint {
            hash_algorithm: DigestAlgorithm::Sha256.identifier(),
            hashed_message: OctetString::new(digest.as_bytes()).unwrap(),
        },
        req_policy: None,
        nonce: Some(Int::new(&[0x01, 0x02]).unwrap()),
        cert_req: true,
        extensions: None,
    }
}

/// The failure of an answer; `None` where a token was granted.
pub fn failure(body: &[u8]) -> Option<PkiFailureInfo> {
    let response = TimeStampResp::from_der(body).unwrap();
    assert_eq!(
        response.time_stamp_token.is_some(),
        response.status.status == 0
    );
    let bits = response.status.fail_info?;
    PkiFailureInfo::from_bit_string(&bits)
}

/// The text that `openssl ts -reply` makes of an answer.
pub fn openssl_text(unit: &Unit, body: &[u8]) -> Option<String> {
    std::fs::write(unit.path("r.tsr"), body).unwrap();
    let arguments = ["ts", "-reply", "-in", "r.tsr", "-text"];
    Some(said(&tool("openssl", &arguments, unit.dir.path())?))
}

/// One query over a connection of its own to a running program: status line and fields, body.
pub fn post_to_address(address: &str, der: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/timestamp-query\r\nContent-Length: {}\r\n\r\n",
        der.len()
    );
    stream.write_all(&[head.as_bytes(), der].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let at = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..at].to_vec()).unwrap();
    (head, answer[at + 4..].to_vec())
}
