//! The same commands with the keys in a PKCS#11 token.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

struct Token {
    home: tempfile::TempDir,
    module: PathBuf,
}

impl Token {
    fn new() -> Option<Self> {
        let module = MODULES.iter().map(PathBuf::from).find(|m| m.exists());
        let (Some(module), true) = (module, support::has("softhsm2-util", &["--version"])) else {
            eprintln!("skipped: SoftHSM not found");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("tokens")).unwrap();
        let tokens = home.path().join("tokens");
        let config = format!("directories.tokendir = {}\n", tokens.display());
        fs::write(home.path().join("softhsm2.conf"), config).unwrap();
        let token = Self { home, module };
        let created = token
            .command("softhsm2-util")
            .args(["--init-token", "--free", "--label", "office"])
            .args(["--so-pin", "87654321", "--pin", "1234"])
            .output()
            .unwrap();
        assert!(created.status.success());
        Some(token)
    }

    fn folder(&self) -> &Path {
        self.home.path()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder())
            .env("SOFTHSM2_CONF", self.folder().join("softhsm2.conf"))
            .env("SCEAU_PKCS11_MODULE", &self.module)
            .env("SCEAU_PIN", "1234");
        command
    }

    /// The exit code and standard error.
    fn sceau_ca(&self, words: &str, more: &[&str]) -> (Option<i32>, String) {
        let output = self
            .command(support::PROGRAM)
            .args(words.split_whitespace())
            .args(more)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), errors)
    }

    fn done(&self, words: &str, more: &[&str]) {
        let (code, errors) = self.sceau_ca(words, more);
        assert_eq!(code, Some(0), "{words}: {errors}");
    }

    /// What pkcs11-tool says when it is asked this of the token.
    fn pkcs11_tool(&self, words: &str) -> String {
        let output = self
            .command("pkcs11-tool")
            .arg("--module")
            .arg(&self.module)
            .args(["--token-label", "office", "--login", "--pin", "1234"])
            .args(words.split_whitespace())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The labels of the private keys that begin so, in order.
    fn keys(&self, begin: &str) -> Vec<String> {
        let said = self.pkcs11_tool("--list-objects --type privkey");
        let labels = said.lines().filter_map(|l| l.trim().strip_prefix("label:"));
        let mut labels: Vec<_> = labels.map(|l| l.trim().to_owned()).collect();
        labels.retain(|label| label.starts_with(begin));
        labels.sort();
        labels
    }

    /// What `services renew` reports of the one service that it is asked to renew.
    fn renewed(&self, name: &str) -> serde_json::Value {
        let output = self
            .command(support::PROGRAM)
            .args(["-C", "ca", "services", "renew", "--json", "--service", name])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {errors}");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        said[0].clone()
    }

    /// The public key in a certificate, and that of the key in the token with this label, both in DER.
    fn public_keys(&self, certificate: &str, label: &str) -> [Vec<u8>; 2] {
        let extract = format!("x509 -in {certificate} -noout -pubkey -out certified.pem");
        support::openssl(self.folder(), &extract, &[]);
        let der = "pkey -pubin -in certified.pem -outform DER";
        let certified = support::openssl(self.folder(), der, &[]);
        self.pkcs11_tool(&format!(
            "--read-object --type pubkey --label {label} --output-file token.spki"
        ));
        [
            certified,
            fs::read(self.folder().join("token.spki")).unwrap(),
        ]
    }

    fn authorities(&self) {
        self.done("init ca --base-url http://pki.sceau.example", &[]);
        let root = "-C ca ca create root --profile root-ca --key ca/root.pem --out root.pem";
        self.done(&format!("{root} --subject"), &[ROOT]);
        let companies = "-C ca ca create companies --profile issuing-ca --issuer root \
                         --key ca/companies.pem --out companies.pem --subject";
        self.done(companies, &[COMPANIES]);
    }

    fn configure(&self, service: &str) {
        let path = self.folder().join("ca/sceau-ca.toml");
        let text = fs::read_to_string(&path).unwrap();
        let own = text.split("\n[[service]]").next().unwrap();
        fs::write(&path, format!("{own}\n[[service]]\n{service}")).unwrap();
    }
}

fn pkcs11_tool_is_there() -> bool {
    // It has no option that does nothing and succeeds.
    let found = Command::new("pkcs11-tool").arg("--help").output().is_ok();
    if !found {
        eprintln!("skipped: pkcs11-tool not found");
    }
    found
}

const ROOT: &str = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Root";
const COMPANIES: &str = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Companies";
const ACME: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

#[test]
fn an_authority_in_a_token_is_created_and_issues_and_revokes() {
    let Some(token) = Token::new() else { return };
    token.done("init ca --base-url http://pki.sceau.example", &[]);
    let root = "-C ca ca create root --profile root-ca --key pkcs11:token=office;object=root \
                --out root.pem --subject";
    token.done(root, &[ROOT]);
    let companies = "-C ca ca create companies --profile issuing-ca --issuer root \
                     --key pkcs11:token=office;object=companies --subject";
    token.done(companies, &[COMPANIES]);
    let seal = "-C ca issue --ca companies --profile company-seal --qscd \
                --generate-key pkcs11:token=office;object=seal";
    let outputs = "--out seal.pem --chain-out chain.pem --subject";
    token.done(&format!("{seal} {outputs}"), &[ACME]);
    if support::has("openssl", &["version"]) {
        let verify = "verify -x509_strict -CAfile root.pem -untrusted chain.pem seal.pem";
        support::openssl(token.folder(), verify, &[]);
    }

    // Renewal finds the key that the first call generated.
    let renew = "-C ca ocsp-signer renew --ca companies --out ocsp.pem \
                 --key pkcs11:token=office;object=ocsp";
    token.done(renew, &[]);
    token.done(renew, &[]);
    token.done("-C ca revoke --cert seal.pem --reason superseded", &[]);

    let again = format!("{seal} --out again.pem --subject");
    let (code, errors) = token.sceau_ca(&again, &[ACME]);
    assert_eq!(
        code,
        Some(73),
        "a key in a token is never overwritten: {errors}"
    );

    fs::write(token.folder().join("wrong.txt"), "4321").unwrap();
    let (code, errors) = token.sceau_ca("-C ca crl --ca root --pin-file wrong.txt", &[]);
    assert_eq!(code, Some(77), "{errors}");
    assert!(errors.contains("  hint: "), "{errors}");
    assert!(!errors.contains("4321"), "{errors}");
}

#[test]
fn a_renewed_service_has_a_new_key_in_the_token_and_a_file_that_names_it() {
    let Some(token) = Token::new() else { return };
    if !pkcs11_tool_is_there() || !support::has("openssl", &["version"]) {
        return;
    }
    token.authorities();
    let ocsp = "name = \"ocsp\"\nkind = \"ocsp-signer\"\nca = \"companies\"\nfolder = \"ocsp\"\n\
                token-key = \"pkcs11:token=office;object=ocsp\"\n";
    token.configure(ocsp);
    let current = |name: &str| format!("ca/ocsp/current/{name}");
    let named = || {
        let line = fs::read_to_string(token.folder().join(current("key.uri"))).unwrap();
        let label = line.strip_prefix("pkcs11:token=office;object=").unwrap();
        label.strip_suffix('\n').unwrap().to_owned()
    };
    let mut labels: Vec<String> = Vec::new();
    for _ in 0..2 {
        let report = token.renewed("ocsp");
        let label = named();
        let replaced = labels
            .last()
            .map(|l| format!("pkcs11:token=office;object={l}"));
        assert_eq!(report["replacedKey"].as_str(), replaced.as_deref());
        labels.push(label.clone());
        assert_eq!(token.keys("ocsp"), labels, "each renewal makes one key");
        let folder = fs::read_link(token.folder().join("ca/ocsp/current")).unwrap();
        assert_eq!(label, format!("ocsp-{}", folder.display()));
        let [certified, held] = token.public_keys(&current("certificate.pem"), &label);
        assert_eq!(certified, held);
        let verify = "verify -x509_strict -CAfile root.pem -untrusted";
        let files = [current("chain.pem"), current("certificate.pem")];
        support::openssl(token.folder(), verify, &[&files[0], &files[1]]);
    }
    let keys = token.pkcs11_tool("--list-objects --type privkey");
    assert_eq!(keys.matches("never extractable").count(), 2, "{keys}");

    // As docs/hierarchy.md says: the old one goes, the one in use stays, and so does the next one.
    for kind in ["privkey", "pubkey"] {
        let old = &labels[0];
        token.pkcs11_tool(&format!("--delete-object --type {kind} --label {old}"));
    }
    token.configure(&format!("{ocsp}key = \"same\"\n"));
    let report = token.renewed("ocsp");
    assert!(report["replacedKey"].is_null(), "{report}");
    assert_eq!(
        (named(), token.keys("ocsp")),
        (labels[1].clone(), labels[1..].to_vec())
    );

    // A file that names a key that is gone says both.
    token.pkcs11_tool(&format!(
        "--delete-object --type privkey --label {}",
        labels[1]
    ));
    let key = format!("--key {}", current("key.uri"));
    let (code, errors) = token.sceau_ca(
        &format!("-C ca ocsp-signer renew --ca root --out x.pem {key}"),
        &[],
    );
    assert_eq!(code, Some(69), "{errors}");
    assert!(
        errors.contains("key.uri") && errors.contains(&labels[1]),
        "{errors}"
    );
    assert_eq!(
        token.keys("ocsp"),
        Vec::<String>::new(),
        "nothing is made in its place"
    );
}

#[test]
fn a_renewal_that_was_interrupted_goes_on_with_its_key() {
    let Some(token) = Token::new() else { return };
    if !pkcs11_tool_is_there() {
        return;
    }
    token.authorities();
    let unit = "name = \"unit\"\nkind = \"time-stamping-unit\"\nca = \"companies\"\n\
                folder = \"unit\"\ntoken-key = \"pkcs11:token=office;object=unit;id=%01\"\n\
                subject = \"C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Unit\"\n";
    token.configure(unit);
    token.done("-C ca services renew --due", &[]);
    let home = token.folder().join("ca/unit");
    let first = fs::read_link(home.join("current")).unwrap();
    let keys = token.keys("unit");
    assert_eq!(keys.len(), 1);

    // The power went when the key was made and named.
    let interrupt = || {
        let now = fs::read_link(home.join("current")).unwrap();
        for file in ["certificate.pem", "chain.pem"] {
            fs::remove_file(home.join(&now).join(file)).unwrap();
        }
        fs::remove_file(home.join("current")).unwrap();
    };
    let renewed = || {
        token.done("-C ca services renew --due", &[]);
        fs::read_link(home.join("current")).unwrap()
    };
    interrupt();
    assert_eq!(
        (renewed(), token.keys("unit")),
        (first.clone(), keys.clone())
    );

    // And when it was named and not yet made.
    interrupt();
    for kind in ["privkey", "pubkey"] {
        token.pkcs11_tool(&format!(
            "--delete-object --type {kind} --label {}",
            keys[0]
        ));
    }
    assert_eq!(
        (renewed(), token.keys("unit")),
        (first.clone(), keys.clone())
    );

    // A key of another type than is wanted now is not taken.
    interrupt();
    token.configure(&format!("{unit}key-type = \"p384\"\n"));
    assert_ne!(renewed(), first);
    assert_eq!(token.keys("unit").len(), 2);

    for (key, expected) in [
        ("pkcs11:token=office", "has no object"),
        ("keys/unit.pem", "is no PKCS#11 URI"),
    ] {
        token.configure(&format!(
            "name = \"unit\"\nkind = \"ocsp-signer\"\nca = \"companies\"\nfolder = \"other\"\n\
             token-key = \"{key}\"\n"
        ));
        let (code, errors) = token.sceau_ca("-C ca services renew --due", &[]);
        assert_eq!(code, Some(78), "{errors}");
        assert!(
            errors.contains(expected) && errors.contains("hint: "),
            "{errors}"
        );
        assert!(
            !token.folder().join("ca/other").exists(),
            "nothing half-written"
        );
    }
}
