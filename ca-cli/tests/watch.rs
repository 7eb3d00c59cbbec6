//! `sceau-ca crl --watch` at work: it issues what is due, leaves the record to others, and ends in order.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

#[test]
fn it_issues_what_is_due_leaves_the_record_to_others_and_ends_at_sigterm() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let mut watcher = Watcher::start(folder, "");
    // There are none yet, so they are due.
    watcher.says("root: CRL number 1,", ", 0 entries");
    watcher.says("companies: CRL number 1,", ", 0 entries");

    // Between its rounds others have the record.
    let issue = "issue --ca companies --profile company-seal --generate-key acme-key.pem \
                 --out acme.pem --subject";
    other(folder, issue, &[SUBJECT]);
    other(
        folder,
        "revoke --cert acme.pem --reason superseded --no-crl",
        &[],
    );
    let create = "ca create people --profile issuing-ca --issuer root --key ca/keys/people.pem \
                  --out people-ca.pem --subject";
    let subject = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Example People CA";
    other(folder, create, &[subject]);

    // An authority that is new is seen in a later round.
    watcher.says("people: CRL number 1,", ", 0 entries");
    watcher.end();
    support::done(folder, "-C ca audit verify", &[]);

    // A day later the CRLs are due again.
    if !support::has("faketime", &["--version"]) || !support::has("openssl", &["version"]) {
        return;
    }
    let mut watcher = Watcher::start(folder, "faketime -f +25h ");
    watcher.says("companies: CRL number 2,", ", 1 entry");
    watcher.says("people: CRL number 2,", ", 0 entries");
    watcher.end();
    support::done(folder, "-C ca audit verify", &[]);
    let database = rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap();
    let der: Vec<u8> = database
        .query_row(
            "SELECT k.bytes FROM crl c JOIN crl_chunk k ON k.crl = c.id \
             JOIN authority a ON a.id = c.authority WHERE a.name = 'companies' AND c.number = 2",
            [],
            |row| row.get(0),
        )
        .unwrap();
    std::fs::write(folder.join("companies.crl"), der).unwrap();
    let judge = "crl -inform DER -in companies.crl -CAfile companies-ca.pem -noout -text";
    let text = String::from_utf8(support::openssl(folder, judge, &[])).unwrap();
    assert!(text.contains("Superseded"), "{text}");
}

#[test]
fn without_a_passphrase_it_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    support::authority(home.path());
    let output = Command::new(support::PROGRAM)
        .current_dir(home.path())
        .env_remove("SCEAU_PIN")
        .args(["-C", "ca", "crl", "--all", "--watch"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(77), "{errors}");
    assert!(errors.contains("a passphrase is needed"), "{errors}");
}

/// Another command, again where the watcher had the record at that moment.
fn other(folder: &Path, words: &str, more: &[&str]) {
    for _ in 0..20 {
        let output = support::sceau_ca(folder, &format!("-C ca {words}"), more);
        if output.status.success() {
            return;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{errors}");
    }
    panic!("the watcher never left the record to anybody: {words}");
}

/// The program at work.
struct Watcher {
    shell: Child,
    /// Of the program; what runs it may be another process.
    id: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watcher {
    /// `before` is what runs the shell that becomes the program.
    fn start(folder: &Path, before: &str) -> Self {
        let words = format!("{before}sh -c");
        let mut words = words.split_whitespace();
        let mut shell = Command::new(words.next().unwrap())
            .args(words)
            .arg("echo $$; exec \"$0\" -C ca crl --all --watch --every 1")
            .arg(support::PROGRAM)
            .current_dir(folder)
            .env("SCEAU_PIN", support::PIN)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        let id = lines.next().unwrap().unwrap();
        Self { shell, id, lines }
    }

    fn says(&mut self, start: &str, end: &str) {
        let line = self.lines.next().unwrap().unwrap();
        assert!(line.starts_with(start) && line.ends_with(end), "{line}");
    }

    fn end(&mut self) {
        let sent = Command::new("kill").args(["-TERM", &self.id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(self.shell.wait().unwrap().code(), Some(0));
        assert!(self.lines.next().is_none());
    }
}

impl Drop for Watcher {
    /// Nothing stays behind where a check fails.
    fn drop(&mut self) {
        if matches!(self.shell.try_wait(), Ok(None)) {
            let _ = Command::new("kill").args(["-TERM", &self.id]).status();
            let _ = self.shell.wait();
        }
    }
}
