//! Keys, certificates and lists for one test.

#![allow(dead_code)]

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Encode as _;
use pki_asn1::qc::{QcStatement, QcStatements};
use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::DigestAlgorithm;
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyPair};
use sceau_tests::environment::skipped;
use sceau_tests::program;
use sceau_tests::trusted_list::{self, ECDSA_SHA256, List, SHA256, Signing};

pub(crate) fn at(text: &str) -> UnixTime {
    text.parse().unwrap()
}

/// Whether the program is there; says so where not.
pub(crate) fn has(name: &str) -> bool {
    let found = program::find(name).is_some();
    if !found {
        skipped(&format!("{name} is not installed"));
    }
    found
}

/// A key, its certificate, and both as files.
pub(crate) struct Party {
    key: KeyPair,
    parameters: CertificateParams,
    pub(crate) certificate: Certificate,
    folder: tempfile::TempDir,
}

impl Party {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, |_| {})
    }

    /// With other names or dates.
    pub(crate) fn with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters
            .distinguished_name
            .push(DnType::OrganizationName, trusted_list::PROVIDER);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut parameters);
        let own = parameters.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(folder.path().join("cert.pem"), own.pem()).unwrap();
        Self {
            certificate: Certificate::from_der(own.der().to_vec()).unwrap(),
            key,
            parameters,
            folder,
        }
    }

    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(self.certificate.der())
    }

    pub(crate) fn pem(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub(crate) fn key_pem(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    pub(crate) fn digest(&self) -> String {
        STANDARD.encode(DigestAlgorithm::Sha256.digest(self.certificate.der()))
    }

    /// A list signed by this party.
    pub(crate) fn sign(&self, list: &List) -> Vec<u8> {
        self.sign_xml(&list.to_xml(), "", Some(&self.digest()))
    }

    pub(crate) fn sign_xml(&self, xml: &str, uri: &str, digest: Option<&str>) -> Vec<u8> {
        self.sign_with(xml, uri, digest, trusted_list::SIGNING_CERTIFICATE)
    }

    /// With the certificate's digest in this signed property.
    pub(crate) fn sign_as(&self, xml: &str, digest: &str, property: &str) -> Vec<u8> {
        self.sign_with(xml, "", Some(digest), property)
    }

    fn sign_with(&self, xml: &str, uri: &str, digest: Option<&str>, property: &str) -> Vec<u8> {
        let how = Signing {
            property,
            key: &self.key_pem(),
            certificate: &self.pem(),
            method: ECDSA_SHA256,
            digest: SHA256,
            uri,
            certificate_digest: digest,
        };
        trusted_list::sign(xml, &how).unwrap()
    }

    /// A certificate below this one.
    pub(crate) fn issue(&self, claims: &Claims<'_>) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters
            .distinguished_name
            .push(DnType::CommonName, "Somebody");
        let from = at(claims.from).to_offset();
        parameters.not_before = rcgen::date_time_ymd(from.year(), from.month().into(), from.day());
        parameters.not_after = rcgen::date_time_ymd(2050, 1, 1);
        parameters.key_usages = vec![rcgen::KeyUsagePurpose::ContentCommitment];
        parameters.custom_extensions = vec![CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 3],
            claims.statements().to_der().unwrap(),
        )];
        if !claims.policies.is_empty() {
            let all: Vec<_> = claims
                .policies
                .iter()
                .map(|p| x509_cert::ext::pkix::certpolicy::PolicyInformation {
                    policy_identifier: p.parse().unwrap(),
                    policy_qualifiers: None,
                })
                .collect();
            parameters
                .custom_extensions
                .push(CustomExtension::from_oid_content(
                    &[2, 5, 29, 32],
                    all.to_der().unwrap(),
                ));
        }
        let issuer = rcgen::Issuer::from_params(&self.parameters, &self.key);
        let issued = parameters.signed_by(&key, &issuer).unwrap();
        Certificate::from_der(issued.der().to_vec()).unwrap()
    }
}

/// What a certificate says of itself.
#[derive(Debug)]
pub(crate) struct Claims<'a> {
    pub(crate) from: &'a str,
    pub(crate) compliance: bool,
    pub(crate) device: bool,
    pub(crate) types: Vec<const_oid::ObjectIdentifier>,
    pub(crate) law: Vec<&'a str>,
    pub(crate) policies: Vec<&'a str>,
}

impl Default for Claims<'_> {
    fn default() -> Self {
        Self {
            from: "2026-02-01T00:00:00Z",
            compliance: true,
            device: true,
            types: vec![oid::QCT_ESIGN],
            law: Vec::new(),
            policies: Vec::new(),
        }
    }
}

impl Claims<'_> {
    fn statements(&self) -> QcStatements {
        let statement = |statement_id, info: Option<Vec<u8>>| QcStatement {
            statement_id,
            statement_info: info.map(|der| der::Decode::from_der(&der).unwrap()),
        };
        let mut out = Vec::new();
        if self.compliance {
            out.push(statement(oid::QCS_COMPLIANCE, None));
        }
        if self.device {
            out.push(statement(oid::QCS_SSCD, None));
        }
        if !self.types.is_empty() {
            out.push(statement(oid::QCS_TYPE, Some(self.types.to_der().unwrap())));
        }
        if !self.law.is_empty() {
            let law: Vec<_> = self
                .law
                .iter()
                .map(|c| der::asn1::PrintableString::new(c).unwrap())
                .collect();
            out.push(statement(
                oid::QCS_CC_LEGISLATION,
                Some(law.to_der().unwrap()),
            ));
        }
        QcStatements(out)
    }
}
