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
