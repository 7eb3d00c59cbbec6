//! What clumsy people do to documents: pipes, the same name twice, the same run twice, an editor or
//! an impatient Ctrl-C in between.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{Office, refused, succeeded, there};

#[test]
fn a_pipe_is_waited_for_or_taken_for_an_empty_file() {
    if !there(&["openssl", "mkfifo"]) {
        return;
    }
    let office = Office::new();
    office.run("mkfifo", &["pipe"]);
    for (input, what) in [
        ("pipe", "it is not a regular file"),
        ("/dev/stdin", "it is not a regular file"),
        ("/dev/null", "it is not a regular file"),
    ] {
        let args = [input, "--out", "out.p7s", "--key", "acme.p12"];
        let output = office.sign(&args).stdin(Stdio::piped()).output().unwrap();
        let said = refused(&output, 74);
        assert!(
            said.starts_with(&format!("error: cannot read {input}\n")),
            "{said}"
        );
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn two_documents_of_one_name_become_one_output() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("may/notes.txt", b"May\n");
    office.write("june/notes.txt", b"June\n");
    for force in [&[][..], &["--force"]] {
        let mut args = vec![
            "june",
            "may/notes.txt",
            "--out-dir",
            "sealed",
            "--key",
            "acme.p12",
        ];
        args.extend(force);
        let output = office.sign(&args).output().unwrap();
        let said = refused(&output, 1);
        assert!(
            said.contains("the output of may/notes.txt would be sealed/notes.txt.p7s, and so would that of june/notes.txt"),
            "{said}"
        );
        office.verified_subjects("sealed/notes.txt.p7s", "june/notes.txt");
    }
}

#[test]
fn an_output_replaces_another_input() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("notes.txt.p7s", b"precious\n");
    let args = ["notes.txt", "notes.txt.p7s", "--force", "--key", "acme.p12"];
    let said = refused(&office.sign(&args).output().unwrap(), 1);
    assert!(
        said.contains("the output of notes.txt would be notes.txt.p7s, another input"),
        "{said}"
    );
    assert_eq!(office.read("notes.txt.p7s"), b"precious\n");
}

#[test]
fn a_second_run_signs_the_outputs_of_the_first() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let folder = "Été 2026/Façades 発注";
    for name in ["contrat n° 1.pdf", "Quittance.PDF"] {
        office.write(format!("{folder}/{name}"), &office.read("contract.pdf"));
    }
    office.write(format!("{folder}/café.txt"), b"Merci\n");
    for extra in [&[][..], &["--force"], &["--out-dir", "Été 2026", "--force"]] {
        let mut args = vec!["Été 2026", "--key", "acme.p12"];
        args.extend(extra);
        succeeded(&office.sign(&args).output().unwrap());
        let names: Vec<_> = office.names(folder).into_iter().collect();
        assert_eq!(
            names,
            [
                "Quittance.PDF",
                "Quittance.signed.pdf",
                "café.txt",
                "café.txt.p7s",
                "contrat n° 1.pdf",
                "contrat n° 1.signed.pdf",
            ]
        );
    }
}

#[test]
fn a_document_that_changes_meanwhile_is_signed_half_old_half_new() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    for input in ["notes.txt", "contract.pdf"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tsa = format!("http://{}/", listener.local_addr().unwrap());
        let document = office.path(input);
        // The document is appended to while the authority is asked.
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut file = OpenOptions::new().append(true).open(&document).unwrap();
                file.write_all(b"and more\n").unwrap();
                drop(connection);
            }
        });
        let before = office.names(".");
        let args = [input, "--key", "acme.p12", "--tsa", &tsa];
        let said = refused(&office.sign(&args).output().unwrap(), 74);
        assert!(
            said.contains("it was changed while it was being read"),
            "{said}"
        );
        assert_eq!(office.names("."), before);
    }
}

#[test]
fn an_interrupted_run_leaves_half_a_file() {
    if !there(&["openssl", "kill"]) {
        return;
    }
    let office = Office::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tsa = format!("http://{}/", listener.local_addr().unwrap());
    let (asked, wait) = mpsc::channel();
    // An authority that takes the request and never answers.
    thread::spawn(move || {
        for connection in listener.incoming() {
            asked.send(connection).unwrap();
        }
    });
    let before = office.names(".");
    let args = ["contract.pdf", "--key", "acme.p12", "--tsa", &tsa];
    let mut child = office.sign(&args).stderr(Stdio::null()).spawn().unwrap();
    let connection = wait.recv_timeout(Duration::from_secs(60)).unwrap();
    office.run("kill", &["-INT", &child.id().to_string()]);
    assert!(!child.wait().unwrap().success());
    drop(connection);
    assert_eq!(office.names("."), before);
}

#[test]
fn a_container_signed_by_three_is_packed_into_another_one() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("notes.txt", b"notes\n");
    let sign = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--key", "acme.p12"]);
        office.sign(&all).output().unwrap()
    };
    succeeded(&sign(&[
        "notes.txt",
        "--format",
        "asic-e",
        "--out",
        "one.asice",
    ]));
    // The usual name, then one's own; --format says nothing about what is there.
    succeeded(&sign(&["one.asice", "--add"]));
    let two = "one.signed.asice";
    succeeded(&sign(&[
        two,
        "--add",
        "--format",
        "asic-e",
        "--out",
        "three.asice",
    ]));
    let three = office.read("three.asice");
    for name in [
        "notes.txt",
        "META-INF/signature002.p7s",
        "META-INF/ASiCManifest003.xml",
    ] {
        let found = three.windows(name.len()).any(|w| w == name.as_bytes());
        assert!(found, "{name}");
    }
    for (args, what) in [
        (
            &[two, "--add", "--content", "notes.txt"][..],
            "--content does not apply",
        ),
        (&[two, "--add", "--attached"], "--attached does not apply"),
        (&[two, "--countersign"], "are not counter-signed"),
        (
            &[
                two,
                "one.asice",
                "--add",
                "--format",
                "asic-e",
                "--out",
                "x.asice",
            ],
            "--out names one file",
        ),
    ] {
        let said = refused(&sign(args), 64);
        assert!(said.contains(what), "{said}");
    }
}
