//! The shipped example of a ceremony, rehearsed on a token, held with signed confirmations, interrupted
//! and taken up again.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];
const EXAMPLE: &str = include_str!("../../docs/examples/ceremony.toml");
const ANSWERS: &str = r#"
[[answer]]
before = "opening"
participants = ["claire", "nadia"]

[[answer]]
before = "keys"
participants = ["claire", "paul", "remi"]

[[answer]]
before = "certificates"
participants = ["claire"]

[[answer]]
before = "closing"
participants = ["claire", "nadia"]
"#;

/// A folder with an installation and, where there is SoftHSM, a token.
struct Vault {
    home: tempfile::TempDir,
    module: Option<PathBuf>,
}

impl Vault {
    fn new(token: bool) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let module = MODULES.iter().map(PathBuf::from).find(|m| m.exists());
        if token && (module.is_none() || !support::has("softhsm2-util", &["--version"])) {
            eprintln!("skipped: SoftHSM not found");
            return None;
        }
        let tokens = home.path().join("tokens");
        fs::create_dir(&tokens).unwrap();
        let config = format!("directories.tokendir = {}\n", tokens.display());
        fs::write(home.path().join("softhsm2.conf"), config).unwrap();
        let vault = Self { home, module };
        if token {
            let created = Command::new("softhsm2-util")
                .args(["--init-token", "--free", "--label", "office"])
                .args(["--so-pin", "87654321", "--pin", "1234"])
                .env("SOFTHSM2_CONF", vault.path("softhsm2.conf"))
                .output()
                .unwrap();
            assert!(created.status.success());
        }
        vault.done("init ca --base-url http://pki.sceau.example");
        fs::write(vault.path("answers.toml"), ANSWERS).unwrap();
        Some(vault)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(support::PROGRAM);
        if let Some(module) = &self.module {
            command.env("SCEAU_PKCS11_MODULE", module);
        }
        command
            .current_dir(self.home.path())
            .env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
            .env("SCEAU_PIN", "1234")
            .args(words.split_whitespace())
            .output()
            .unwrap()
    }

    fn done(&self, words: &str) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, code: i32, words: &str) -> String {
        let output = self.run(words);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {errors}");
        assert!(errors.contains("  hint: "), "{errors}");
        errors
    }
}

/// The example with key files in the place of the token.
fn with_files() -> String {
    let mut text = String::new();
    let mut in_attributes = false;
    for line in EXAMPLE.lines() {
        in_attributes = line == "[key.attributes]" || (in_attributes && !line.starts_with('['));
        match line {
            _ if in_attributes => {}
            "token = \"office\"" => {}
            "object = \"root\"" => text += "file = \"keys/root.pem\"\n",
            "object = \"companies\"" => text += "file = \"keys/companies.pem\"\n",
            line => text += &format!("{line}\n"),
        }
    }
    text
}

fn openssl(folder: &Path, words: &str) {
    if support::has("openssl", &["version"]) {
        support::openssl(folder, words, &[]);
    }
}

#[test]
fn the_example_is_rehearsed_on_a_token() {
    let Some(vault) = Vault::new(true) else {
        return;
    };
    vault.write("ceremony.toml", EXAMPLE);
    vault.done("ceremony check ceremony.toml");
    let shown = vault.done("-C ca ceremony run ceremony.toml --answers answers.toml --out minutes");
    assert!(shown.contains("ceremony complete"), "{shown}");
    let (english, french) = (
        vault.read("minutes/minutes-en.md"),
        vault.read("minutes/minutes-fr.md"),
    );
    for (text, words) in [
        (
            &english,
            [
                "REHEARSAL",
                "CKA_NEVER_EXTRACTABLE | true",
                "Rémi Réserve | prepared answer",
            ],
        ),
        (
            &french,
            [
                "RÉPÉTITION",
                "CKA_NEVER_EXTRACTABLE | vrai",
                "Rémi Réserve | réponse préparée",
            ],
        ),
    ] {
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
        // A quorum of two was met by Paul and Rémi; Queenie was not needed.
        assert!(!text.contains("Queenie Quorum | pr"), "{text}");
    }
    for (file, minutes) in [("root-ca.pem", &english), ("root.crl", &french)] {
        let bytes = fs::read(vault.path("minutes").join(file)).unwrap();
        let digest = pki_crypto::DigestAlgorithm::Sha256.digest(&bytes).to_hex();
        assert!(minutes.contains(&digest), "{file}");
    }
    openssl(
        &vault.path("minutes"),
        "verify -x509_strict -CAfile root-ca.pem companies-ca.pem",
    );
    openssl(
        &vault.path("minutes"),
        "crl -inform DER -in companies.crl -noout -CAfile companies-ca.pem",
    );
    let again = vault.refused(
        1,
        "-C ca ceremony run ceremony.toml --answers answers.toml --out again",
    );
    assert!(again.contains("followed to its end"), "{again}");
    vault.done("-C ca audit verify");
}

#[test]
fn a_quorum_that_is_not_met_interrupts_and_the_ceremony_goes_on_later() {
    let Some(vault) = Vault::new(false) else {
        return;
    };
    vault.write("ceremony.toml", &with_files());
    vault.write("few.toml", &ANSWERS.replace(", \"remi\"", ""));
    let run = |answers: &str| {
        format!("-C ca ceremony run ceremony.toml --answers {answers} --out minutes")
    };
    let errors = vault.refused(1, &run("few.toml"));
    assert!(
        errors.contains("the quorum before keys is not met: claire, paul confirmed"),
        "{errors}"
    );
    let minutes = vault.read("minutes/minutes-en.md");
    assert!(
        minutes.contains("**INTERRUPTED**") && minutes.contains("## Not done"),
        "{minutes}"
    );
    assert!(!vault.path("ca/keys/root.pem").exists());
    vault.done(&run("answers.toml"));
    let minutes = vault.read("minutes/minutes-en.md");
    assert!(minutes.contains("complete: every step"), "{minutes}");
    assert!(
        minutes.contains("resumed") && !minutes.contains("## Not done"),
        "{minutes}"
    );
    openssl(
        &vault.path("minutes"),
        "verify -x509_strict -CAfile root-ca.pem companies-ca.pem",
    );
    vault.done("-C ca audit verify");
}

#[test]
fn a_key_that_is_there_before_the_ceremony_is_not_taken_for_made_in_it() {
    let Some(vault) = Vault::new(false) else {
        return;
    };
    vault.write("ceremony.toml", &with_files());
    let create = "-C ca ca create other --profile root-ca --key ca/keys/root.pem --subject C=MC,O=X,CN=Other";
    vault.done(create);
    let errors = vault.refused(
        1,
        "-C ca ceremony run ceremony.toml --answers answers.toml --out minutes",
    );
    assert!(errors.contains("there already is a key"), "{errors}");
    assert!(!vault.path("minutes").exists());
}

#[test]
fn an_aborted_ceremony_says_what_was_done_and_what_was_not() {
    let Some(vault) = Vault::new(false) else {
        return;
    };
    vault.write("ceremony.toml", &with_files());
    vault.write(
        "some.toml",
        &ANSWERS.replace("before = \"certificates\"", "before = \"crls\""),
    );
    vault.refused(
        1,
        "-C ca ceremony run ceremony.toml --answers some.toml --out minutes",
    );
    vault.done("-C ca ceremony abort ceremony.toml --reason no-witness --out minutes");
    let minutes = vault.read("minutes/minutes-en.md");
    assert!(minutes.contains("**ABORTED**: no-witness"), "{minutes}");
    assert!(
        minutes.contains("### root-key") && minutes.contains("certificate of \"root\""),
        "{minutes}"
    );
    vault.refused(
        1,
        "-C ca ceremony abort ceremony.toml --reason twice --out minutes",
    );
}

#[test]
fn confirmations_are_signatures_over_this_script_and_this_phase() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let Some(vault) = Vault::new(false) else {
        return;
    };
    let dir = vault.path("confirmations");
    fs::create_dir(&dir).unwrap();
    let mut script = with_files();
    for id in ["claire", "nadia", "paul", "remi"] {
        let words = format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {id}.key -out {id}.pem -subj /CN={id}"
        );
        support::openssl(&dir, &words, &[]);
        let der = support::openssl(&dir, &format!("x509 -in {id}.pem -outform DER"), &[]);
        let digest = pki_crypto::DigestAlgorithm::Sha256.digest(&der).to_hex();
        let line = format!("id = \"{id}\"\n");
        script = script.replace(&line, &format!("{line}certificate-sha256 = \"{digest}\"\n"));
    }
    vault.write("ceremony.toml", &script);
    let sign = |phase: &str, id: &str, by: &str| {
        let text = vault.done(&format!(
            "ceremony confirmation ceremony.toml --before {phase} --participant {id}"
        ));
        fs::write(dir.join("text"), text).unwrap();
        let words = format!("dgst -sha256 -sign {by}.key -out {phase}-{id}.sig text");
        support::openssl(&dir, &words, &[]);
    };
    let run = "-C ca ceremony run ceremony.toml --confirmations confirmations --out minutes";
    sign("opening", "claire", "claire");
    // Somebody else's key, then another phase's signature.
    sign("opening", "nadia", "claire");
    vault.refused(65, run);
    fs::copy(dir.join("opening-claire.sig"), dir.join("keys-claire.sig")).unwrap();
    sign("opening", "nadia", "nadia");
    vault.refused(65, run);
    sign("keys", "claire", "claire");
    for id in ["paul", "remi"] {
        sign("keys", id, id);
    }
    sign("certificates", "claire", "claire");
    for id in ["claire", "nadia"] {
        sign("closing", id, id);
    }
    vault.done(run);
    let minutes = vault.read("minutes/minutes-en.md");
    assert!(
        !minutes.contains("REHEARSAL") && minutes.contains("signature, SHA-256"),
        "{minutes}"
    );
    let rehearsed = vault.refused(
        1,
        "-C ca ceremony run ceremony.toml --answers answers.toml --out x",
    );
    assert!(rehearsed.contains("followed to its end"), "{rehearsed}");
}

/// Two security-officers decide on the script, once; what it makes and how it goes on is decided with it.
#[test]
fn a_ceremony_is_held_as_two_security_officers_decided() {
    let Some(vault) = Vault::new(false) else {
        return;
    };
    if !support::has("openssl", &["version"]) {
        return;
    }
    support::operators(vault.home.path());
    vault.write("officers.txt", support::PIN);
    let signed = |name: &str| format!("--operator {name} --operator-key {name}.key");
    let pin = "--operator-pin-file officers.txt";
    let enrol = |name: &str| {
        format!("-C ca operator enrol {name} --public-key {name}.pub --role security-officer")
    };
    vault.done(&enrol("anna"));
    vault.done(&format!("{} {} {pin}", enrol("sven"), signed("anna")));
    vault.write("ceremony.toml", &with_files());
    vault.write("few.toml", &ANSWERS.replace(", \"remi\"", ""));

    let run = |answers: &str| {
        format!("-C ca ceremony run ceremony.toml --answers {answers} --out minutes")
    };
    let both = format!("{} {} {pin}", signed("anna"), signed("sven"));
    let errors = vault.refused(1, &run("answers.toml"));
    assert!(
        errors.contains("ceremony-hold needs the signed decision"),
        "{errors}"
    );
    let alone = format!("{} {} {pin}", run("answers.toml"), signed("anna"));
    let errors = vault.refused(1, &alone);
    assert!(errors.contains("2 different operators"), "{errors}");
    assert!(!vault.path("minutes").exists() && !vault.path("ca/keys/root.pem").exists());

    // Another script than the one that was decided on.
    let prepare = |name: &str| {
        let file = format!("{name}.json");
        let words = format!("{} --operator {name} --prepare {file}", run("answers.toml"));
        vault.done(&words);
        let sign =
            format!("dgst -sha256 -sign {name}.key -passin file:officers.txt -out {name}.sig");
        support::openssl(vault.home.path(), &sign, &[&file]);
        format!("--decision {file} --signature {name}.sig")
    };
    let elsewhere = format!("{} {}", prepare("anna"), prepare("sven"));
    vault.write(
        "ceremony.toml",
        &format!("{}# one octet more\n", with_files()),
    );
    let errors = vault.refused(1, &format!("{} {elsewhere}", run("answers.toml")));
    assert!(
        errors.contains("the statement's object is \"ceremony/"),
        "{errors}"
    );
    assert!(!vault.path("ca/keys/root.pem").exists());

    // Interrupted where the quorum was not met, it goes on without another decision.
    let errors = vault.refused(1, &format!("{} {both}", run("few.toml")));
    assert!(errors.contains("the quorum before keys"), "{errors}");
    vault.done(&run("answers.toml"));
    openssl(
        &vault.path("minutes"),
        "verify -x509_strict -CAfile root-ca.pem companies-ca.pem",
    );
    vault.done("-C ca audit verify");
}
