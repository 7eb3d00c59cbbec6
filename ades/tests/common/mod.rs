//! A throw-away hierarchy and the foreign tools that judge what is signed with it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::new_without_default,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    reason = "shared by several test binaries"
)]

pub mod openssl;
pub mod pdf;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::Certificate;
use pki_crypto::{KeyKind, PublicKey};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData,
};

/// A root, an issuing CA and whatever they certify.
pub struct Hierarchy {
    pub root: Certificate,
    pub issuing: Certificate,
    params: CertificateParams,
    key: KeyPair,
}

/// A key with its certificate.
pub struct Identity {
    pub key: Arc<dyn Signer>,
    pub certificate: Certificate,
}

pub enum Usage {
    Signing,
    TimeStamping,
}

impl Hierarchy {
    pub fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = ca_params("Test Root");
        let root = root_params.self_signed(&root_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = ca_params("Test Issuing CA");
        let issuing = params
            .signed_by(&key, &Issuer::new(root_params, root_key))
            .unwrap();
        Self {
            root: Certificate::from_der(root.der().to_vec()).unwrap(),
            issuing: Certificate::from_der(issuing.der().to_vec()).unwrap(),
            params,
            key,
        }
    }

    pub fn issue(&self, name: &str, spec: KeySpec, usage: Usage) -> Identity {
        self.issue_with(name, spec, usage, Vec::new())
    }

    /// The same with more extensions.
    pub fn issue_with(
        &self,
        name: &str,
        spec: KeySpec,
        usage: Usage,
        extensions: Vec<CustomExtension>,
    ) -> Identity {
        let key = SoftwareKey::generate(spec).unwrap();
        let mut params = params(name);
        params.custom_extensions = extensions;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        match usage {
            Usage::Signing => params.key_usages.push(KeyUsagePurpose::ContentCommitment),
            // rcgen's own extended key usage is never critical; RFC 3161 section 2.3 wants it so.
            Usage::TimeStamping => {
                let time_stamping = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08";
                let mut usage =
                    CustomExtension::from_oid_content(&[2, 5, 29, 37], time_stamping.to_vec());
                usage.set_criticality(true);
                params.custom_extensions.push(usage);
            }
        }
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let public = Public(key.public_key().clone());
        let certificate = params.signed_by(&public, &issuer).unwrap();
        Identity {
            key: Arc::new(key),
            certificate: Certificate::from_der(certificate.der().to_vec()).unwrap(),
        }
    }

    /// Writes `root.pem` and gives its path.
    pub fn write_root(&self, dir: &Path) -> String {
        let path = dir.join("root.pem");
        let pem = pki_asn1::pem::encode("CERTIFICATE", self.root.der()).unwrap();
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// A public key as rcgen wants it.
struct Public(PublicKey);

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        self.0.bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0.kind() {
            KeyKind::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyKind::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
            KeyKind::Ed25519 => &rcgen::PKCS_ED25519,
            _ => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "MC");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Runs a foreign tool; `None`, with a word about it, where it is not installed.
pub fn tool(program: &str, args: &[&str]) -> Option<Output> {
    match Command::new(program).args(args).output() {
        Ok(output) => Some(output),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: {program} not found");
            None
        }
        Err(e) => panic!("{program}: {e}"),
    }
}

/// Runs a foreign tool that has to accept; gives what it printed.
pub fn accepts(program: &str, args: &[&str]) -> Option<String> {
    let output = tool(program, args)?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{program} {args:?}\n{text}");
    Some(text)
}

/// Runs the Python of `SCEAU_PYTHON`, which has pyHanko; it has to succeed.
pub fn python(args: &[&str]) -> Option<String> {
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return None;
    };
    accepts(python.to_str()?, args)
}
