//! An authority, a time-stamping unit and a clock that is the test's: enough for levels B-LT and B-LTA.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stderr
)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use ades::cades::{ExtendedCms, extend_cms};
use ades::cms::build::CmsSigner;
use ades::evidence::{Collector, HttpFetch, Material};
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::tsp::{TimeStamper, Token, TspError};
use ades::validate::{Facts, Input, ValidationPolicy, Verdict, gather, verdict};
use der::Encode;
use der::asn1::{Int, OctetString};
use hsm_pkcs11::{OpenOptions, PinSource};
use pdf_file::{MemorySource, Source};
use pki_asn1::tsp::{GenTime, MessageImprint, TstInfo};
use pki_asn1::{Certificate, Clock, ManualClock, SystemClock, oid};
use pki_crypto::Digest;

use crate::network::{self, ISSUER, Network, Pki};

/// A time-stamping unit below the same authority, whose time is the test's.
pub struct Unit {
    pub signer: CmsSigner,
    pub clock: Arc<ManualClock>,
}

impl TimeStamper for Unit {
    fn time_stamp(&self, imprint: &Digest) -> Result<Token, TspError> {
        let info = TstInfo {
            version: 1,
            policy: oid::POLICY_BTSP,
            message_imprint: MessageImprint {
                hash_algorithm: imprint.algorithm().identifier_with_null(),
                hashed_message: OctetString::new(imprint.as_bytes()).unwrap(),
            },
            serial_number: Int::new(&[1]).unwrap(),
            gen_time: GenTime(self.clock.now().to_generalized()),
            accuracy: None,
            ordering: false,
            nonce: None,
            tsa: None,
            extensions: None,
        }
        .to_der()
        .unwrap();
        let digest = self.signer.digest_algorithm().digest(&info);
        let signed = self.signer.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
        Ok(Token::verify(signed.attached(&info), imprint).unwrap())
    }

    fn expected_len(&self) -> usize {
        4096
    }
}

pub struct World {
    pub pki: Pki,
    pub unit: Unit,
    pub clock: Arc<ManualClock>,
}

pub fn source(bytes: Vec<u8>) -> Arc<dyn Source> {
    Arc::new(MemorySource::new(bytes))
}

pub fn signer(pki: &Pki, name: &str) -> CmsSigner {
    let location = pki.0.path().join(format!("{name}.key"));
    let location = location.to_str().unwrap().parse().unwrap();
    let pin = PinSource::Value(String::new().into());
    let opened = hsm_pkcs11::open(&location, &pin, &OpenOptions::default()).unwrap();
    let certificate = Certificate::from_der(pki.der(&format!("{name}.pem"))).unwrap();
    CmsSigner::new(opened.signer, certificate, &[]).unwrap()
}

impl World {
    pub fn new() -> Option<Self> {
        let pki = Pki::new()?;
        let ee = String::from_utf8(pki.read("ee.ext")).unwrap();
        let unit = ee.replace("digitalSignature,nonRepudiation", "digitalSignature");
        pki.write(
            "tsu.ext",
            format!("{unit}extendedKeyUsage=critical,timeStamping\n").as_bytes(),
        );
        pki.issue("ca", "tsu", "/CN=Unit", "tsu.ext", 365);
        pki.crls();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let unit = Unit {
            signer: signer(&pki, "tsu"),
            clock: Arc::clone(&clock),
        };
        Some(Self { pki, unit, clock })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.pki.0.path().join(name)
    }

    pub fn collector(&self) -> Collector {
        let network = Network::default()
            .with(ISSUER, 200, self.pki.der("ca.pem"))
            .with(network::CRL, 200, self.pki.der("ca.crl"));
        Collector::new(Arc::new(HttpFetch(network))).with_clock(self.clock.clone())
    }

    pub fn extend(
        &self,
        file: &[u8],
        content: Option<&[u8]>,
        to: Target,
    ) -> Result<(Vec<u8>, ExtendedCms), ExtendError> {
        let collector = self.collector();
        let services = Services {
            collector: &collector,
            time_stamper: Some(&self.unit),
            policy: &ValidationPolicy::default(),
            clock: &*self.clock,
        };
        let content = content.map(|c| source(c.to_vec()));
        let mut out = Vec::new();
        let extended = extend_cms(
            &source(file.to_vec()),
            content.as_ref(),
            &mut out,
            self.pki.material(),
            &services,
            &ExtendOptions::new(to),
        )?;
        Ok((out, extended))
    }

    /// Judged from the file alone: nothing is fetched, only the root is known.
    pub fn judge(&self, file: &[u8], content: Option<&[u8]>) -> (Facts, Verdict) {
        let input = Input {
            source: source(file.to_vec()),
            content: content.map(|c| source(c.to_vec())),
            pdf_options: pdf_file::OpenOptions::new(),
        };
        let material = Material {
            anchors: self.pki.material().anchors,
            ..Material::default()
        };
        let now = self.clock.now();
        let facts = gather(&input, material, now, None).unwrap();
        let judged = verdict(&facts, &ValidationPolicy::default(), now);
        (facts, judged)
    }

    /// asn1crypto reads the structure, `openssl ts` verifies each archive time-stamp over what
    /// asn1crypto says it is over, `openssl cms` the signature. Gives asn1crypto's report.
    pub fn foreign(&self, file: &[u8], content: Option<&str>) -> Option<serde_json::Value> {
        self.pki.write("judged.p7s", file);
        let mut line = String::from(
            "cms -verify -cades -binary -inform DER -in judged.p7s -CAfile root.pem -certfile ca.pem -out /dev/null",
        );
        if let Some(content) = content {
            line.push_str(&format!(" -content {content}"));
        }
        self.pki.run(&line);
        let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
            eprintln!("skipped: SCEAU_PYTHON is not set");
            return None;
        };
        let folder = self.path("archive");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/cades_lta.py");
        let mut command = Command::new(python);
        command
            .arg(script)
            .arg(self.path("judged.p7s"))
            .arg(&folder);
        if let Some(content) = content {
            command.arg(self.path(content));
        }
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for number in 0..report["archive"].as_array().unwrap().len() {
            self.pki.run(&format!("ts -verify -token_in -in archive/{number}.tst -data archive/{number}.in -CAfile root.pem -untrusted ca.pem"));
        }
        Some(report)
    }
}
