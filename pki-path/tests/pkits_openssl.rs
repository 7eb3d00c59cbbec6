//! NIST PKITS before `openssl verify`: where its verdict is another than ours, `pkits-openssl.json` says why, and a case that stands
//! there and agrees fails the test.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pki_asn1::{Certificate, CertificateList, UnixTime, pem};
use pki_path::{
    AnyPolicy, CertificatePool, Evidence, ExplicitPolicy, Parameters, PolicyMapping, TrustAnchor,
    Validator,
};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([
            root.join("../../shared/data"),
            root.join("../../../shared/data"),
        ])
        .map(|root| root.join("pkits"))
        .find(|dir| dir.join("pkits.json").is_file())
}

struct Case<'a> {
    value: &'a Value,
    dir: &'a Path,
}

impl Case<'_> {
    fn text(&self, name: &str) -> &str {
        self.value[name].as_str().unwrap()
    }

    fn list(&self, name: &str) -> Vec<&str> {
        self.value[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_str().unwrap())
            .collect()
    }

    fn flag(&self, name: &str) -> bool {
        self.value[name].as_bool().unwrap()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir.join(name)).unwrap()
    }

    fn time(&self) -> UnixTime {
        self.text("time").parse().unwrap()
    }

    fn ours(&self) -> bool {
        let certificate = |name: &str| Certificate::from_der(self.read(name));
        let Ok(target) = certificate(self.text("target")) else {
            return false;
        };
        let anchor =
            TrustAnchor::from_certificate(certificate(self.text("anchor")).unwrap()).unwrap();
        let pool: CertificatePool = self
            .list("intermediates")
            .into_iter()
            .filter_map(|n| certificate(n).ok())
            .collect();
        let mut evidence = Evidence::new();
        for crl in self
            .list("crls")
            .into_iter()
            .filter_map(|n| CertificateList::from_der(self.read(n)).ok())
        {
            evidence.add_crl(crl);
        }
        let mut parameters = Parameters::at(self.time());
        parameters.policy.initial_policy_set = self
            .list("initial_policy_set")
            .iter()
            .map(|s| s.parse().unwrap())
            .collect();
        if self.flag("initial_explicit_policy") {
            parameters.policy.explicit_policy = ExplicitPolicy::Required;
        }
        if self.flag("initial_policy_mapping_inhibit") {
            parameters.policy.policy_mapping = PolicyMapping::Inhibited;
        }
        if self.flag("initial_inhibit_any_policy") {
            parameters.policy.any_policy = AnyPolicy::Inhibited;
        }
        Validator::new(&[anchor], &pool, &evidence, parameters)
            .validate(&target)
            .is_ok()
    }

    /// Its verdict and what it says.
    fn openssl(&self, scratch: &Path) -> (bool, String) {
        let write = |name: &str, label: &str, files: &[&str]| {
            let text: String = files
                .iter()
                .map(|f| pem::encode(label, &self.read(f)).unwrap())
                .collect();
            let path = scratch.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let mut command = Command::new("openssl");
        command
            .args([
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-extended_crl",
                "-use_deltas",
                "-policy_check",
                "-no-CApath",
                "-no-CAstore",
            ])
            .arg("-CAfile")
            .arg(write("anchor.pem", "CERTIFICATE", &[self.text("anchor")]))
            .arg("-attime")
            .arg(self.time().as_secs().to_string());
        if !self.list("intermediates").is_empty() {
            command.arg("-untrusted").arg(write(
                "others.pem",
                "CERTIFICATE",
                &self.list("intermediates"),
            ));
        }
        if !self.list("crls").is_empty() {
            command
                .arg("-CRLfile")
                .arg(write("crls.pem", "X509 CRL", &self.list("crls")));
        }
        for policy in self.list("initial_policy_set") {
            command.args(["-policy", policy]);
        }
        for (name, option) in [
            ("initial_explicit_policy", "-explicit_policy"),
            ("initial_policy_mapping_inhibit", "-inhibit_map"),
            ("initial_inhibit_any_policy", "-inhibit_any"),
        ] {
            if self.flag(name) {
                command.arg(option);
            }
        }
        let output = command
            .arg(write("target.pem", "CERTIFICATE", &[self.text("target")]))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let error = said
            .lines()
            .find(|l| l.starts_with("error"))
            .unwrap_or_default();
        (output.status.success(), error.to_owned())
    }
}

#[test]
fn openssl_decides_otherwise_and_nobody_knows_why() {
    let Some(dir) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: openssl not found");
        return;
    }
    let suite: Value = serde_json::from_slice(&fs::read(dir.join("pkits.json")).unwrap()).unwrap();
    let reasons: BTreeMap<String, String> =
        serde_json::from_str(include_str!("pkits-openssl.json")).unwrap();
    let scratch = std::env::temp_dir().join(format!("sceau-pkits-{}", std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let mut wrong = Vec::new();
    for value in suite["tests"].as_array().unwrap() {
        let case = Case { value, dir: &dir };
        let (theirs, said) = case.openssl(&scratch);
        let ours = case.ours();
        match reasons.get(case.text("id")) {
            None if ours != theirs => wrong.push(format!(
                "{}: we say {ours}, openssl {theirs} ({said}), the suite {}",
                case.text("id"),
                case.text("expect")
            )),
            Some(_) if ours == theirs => wrong.push(format!(
                "{}: agrees, so it needs no reason",
                case.text("id")
            )),
            _ => {}
        }
    }
    let _ = fs::remove_dir_all(&scratch);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
