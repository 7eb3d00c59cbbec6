//! What a hand that slips does: `--force` and a wrong name, names that are not text, links that lead
//! round, pipes, a report that is a document. No document may be lost, and no run hang.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use common::{Office, PASSPHRASE, refused, succeeded, there};
use serde_json::Value;

const KEY: [&str; 2] = ["--key", "acme.p12"];

fn run(office: &Office, args: &[&str]) -> Output {
    office.sign(&[args, &KEY].concat()).output().unwrap()
}

fn without_key(office: &Office, args: &[&str]) -> Output {
    office.sign(args).output().unwrap()
}

fn lines(output: &[u8]) -> Vec<Value> {
    str::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// As openssl signs it: with `acme.key`, over the digest in a file.
fn signed_elsewhere(office: &Office, digest: &str, signature: &str) {
    let args = ["pkeyutl", "-sign", "-inkey", "acme.key", "-in", digest];
    office.openssl(&[&args[..], &["-out", signature]].concat());
}

#[test]
fn a_name_that_is_not_utf_8_ends_a_run_or_is_passed_over() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let name = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let (pdf, signed) = (name(b"in/caf\xe9.pdf"), name(b"in/caf\xe9.signed.pdf"));
    office.write(&pdf, &office.read("contract.pdf"));
    let key = KEY.map(OsStr::new);
    let one = [&[pdf.as_os_str()][..], &key].concat();
    succeeded(&office.sign(&one).output().unwrap());
    fs::remove_file(office.path(&signed)).unwrap();

    for args in [
        ["in", "--report", "a.jsonl"],
        ["in/*.pdf", "--report", "b.jsonl"],
        ["in/**/*.pdf", "--report", "c.jsonl"],
        ["**/*\u{fffd}.pdf", "--report", "d.jsonl"],
    ] {
        let args = [&args[..], &["--out-dir", "out", "--json", "--resume"]].concat();
        let output = run(&office, &args);
        succeeded(&output);
        let told = lines(&output.stdout);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0]["file"]
                .as_str()
                .unwrap()
                .ends_with("caf\u{fffd}.pdf")
        );
        assert_eq!(lines(&office.read(args[2])), told);
    }
    let mut args: Vec<&OsStr> = vec![&pdf];
    let prepare = ["--prepare", "s.json", "--cert", "acme.pem", "--dtbsr", "d"];
    args.extend(prepare.map(OsStr::new));
    succeeded(&office.sign(&args).output().unwrap());
    signed_elsewhere(&office, "d", "s");
    succeeded(&without_key(
        &office,
        &["--complete", "s.json", "--signature", "s"],
    ));
    assert!(office.path(&signed).exists());
}

#[test]
fn a_slip_with_force_costs_a_document_or_a_key() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("pin", PASSPHRASE.as_bytes());
    office.write("list", b"contract.pdf\nnotes.txt\n");
    let state = ["contract.pdf", "--cert", "acme.pem", "--prepare", "s.json"];
    succeeded(&without_key(
        &office,
        &[&state[..], &["--dtbsr", "d"]].concat(),
    ));
    signed_elsewhere(&office, "d", "s");
    succeeded(&run(&office, &["notes.txt"]));
    let everything = || -> BTreeMap<String, Vec<u8>> {
        let names = office.names(".").into_iter();
        names
            .filter(|name| office.path(name).is_file())
            .map(|name| (name.clone(), office.read(&name)))
            .collect()
    };
    let before = everything();
    let signing: [&[&str]; 8] = [
        &["contract.pdf", "--out", "contract.pdf"],
        &["contract.pdf", "--out", "acme.p12"],
        &["contract.pdf", "--out", "pin", "--pin-file", "pin"],
        &[
            "contract.pdf",
            "--out",
            "issuing.pem",
            "--chain",
            "issuing.pem",
        ],
        &[
            "contract.pdf",
            "--visible",
            "1:0,0,90,40",
            "--preview",
            "contract.pdf",
        ],
        &[
            "contract.pdf",
            "notes.txt",
            "--out-dir",
            "o",
            "--report",
            "contract.pdf",
        ],
        &["--from", "list", "--out-dir", "o", "--report", "list"],
        &[
            "notes.txt.p7s",
            "--add",
            "--content",
            "notes.txt",
            "--out",
            "notes.txt",
        ],
    ];
    for args in signing {
        let said = refused(&run(&office, &[args, &["--force"]].concat()), 73);
        assert!(
            said.contains("is an input itself") || said.contains("no report"),
            "{said}"
        );
        assert_eq!(everything(), before, "{args:?}");
    }
    let state = &state[..3];
    let apart: [(&[&str], i32); 6] = [
        (&["--prepare", "contract.pdf"], 73),
        (&["--prepare", "acme.pem"], 73),
        (&["--prepare", "t.json", "--dtbsr", "contract.pdf"], 73),
        (&["--prepare", "t.json", "--dtbs", "acme.pem"], 73),
        (&["--prepare", "t.json", "--dtbs", "./t.json"], 64),
        (&["--prepare", "t.json", "--dtbs", "t", "--dtbsr", "t"], 64),
    ];
    for (args, exit) in apart {
        refused(
            &without_key(&office, &[state, args, &["--force"]].concat()),
            exit,
        );
        assert_eq!(everything(), before, "{args:?}");
    }
    let complete = ["--complete", "s.json", "--signature", "s", "--force"];
    for out in ["s.json", "s", "contract.pdf"] {
        let args = [&complete[..], &["--out", out]].concat();
        refused(&without_key(&office, &args), 73);
        assert_eq!(everything(), before, "{out}");
    }
    // Half of what was to be written is not there either.
    let args = [state, &["--prepare", "s.json", "--dtbs", "new"]].concat();
    refused(&without_key(&office, &args), 73);
    let mut extend = Command::new(env!("CARGO_BIN_EXE_sceau"));
    extend
        .current_dir(office.path("."))
        .env("XDG_CONFIG_HOME", "/dev/null");
    extend.args([
        "extend",
        "notes.txt.p7s",
        "--to",
        "b-t",
        "--tsa",
        "http://127.0.0.1:9/",
    ]);
    extend.args(["--out", "notes.txt", "--force"]);
    refused(&extend.output().unwrap(), 73);
    assert_eq!(everything(), before);
}

#[test]
fn documents_that_are_completed_replace_each_other() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("a/letter.txt", b"a\n");
    office.write("b/letter.txt", b"b\n");
    let args = [
        "a/letter.txt",
        "b/letter.txt",
        "--cert",
        "acme.pem",
        "--prepare",
        "s",
    ];
    let args = [&args[..], &["--chain", "issuing.pem", "--json"]].concat();
    let output = without_key(&office, &args);
    succeeded(&output);
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut signatures = Vec::new();
    for document in shown["documents"].as_array().unwrap() {
        let digest = format!("{}\n", document["digest"].as_str().unwrap());
        office.write("digest.b64", digest.as_bytes());
        office.openssl(&["base64", "-d", "-in", "digest.b64", "-out", "digest"]);
        signed_elsewhere(&office, "digest", "signature");
        // Broken into lines of 64, as it prints it.
        signatures.extend(office.openssl(&["base64", "-in", "signature"]).stdout);
    }
    office.write("signatures", &signatures);
    let args = [
        "--complete",
        "s",
        "--signature",
        "signatures",
        "--out-dir",
        "o",
    ];
    let said = refused(
        &without_key(&office, &[&args[..], &["--force"]].concat()),
        1,
    );
    assert!(said.contains("and so would that of a/letter.txt"), "{said}");
    office.verified_subjects("o/letter.txt.p7s", "a/letter.txt");
}

#[test]
fn an_option_that_has_no_effect_on_completing_is_taken() {
    let office = Office::new();
    for option in [
        &["--digest", "sha512"][..],
        &["--pin-file", "pin"],
        &["--trust", "root.pem"],
        &["--commitment", "proof-of-origin"],
        &["--mime-type", "text/plain"],
        &["--add"],
    ] {
        let args = ["--complete", "s.json", "--signature", "s"];
        let output = without_key(&office, &[&args[..], option].concat());
        assert_eq!(output.status.code(), Some(64), "{option:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("cannot be used with"), "{said}");
    }
}

#[test]
fn a_link_that_leads_upwards_is_followed_for_ever() {
    if !there(&["openssl", "unzip"]) {
        return;
    }
    let office = Office::new();
    office.write("in/a.txt", b"a\n");
    office.write("in/below/b.txt", b"b\n");
    office.write("elsewhere/c.txt", b"c\n");
    for link in ["in/one", "in/two", "in/below/three"] {
        symlink(office.path("in"), office.path(link)).unwrap();
    }
    let args = ["in/**/*.txt", "--out-dir", "all"];
    let told = String::from_utf8(run(&office, &args).stdout).unwrap();
    assert!(told.ends_with("2 signed, 0 failed\n"), "{told}");
    // Where the pattern says how deep, a link to a folder is as good as one.
    let args = ["in/*/b.txt", "--out-dir", "deep"];
    let told = String::from_utf8(run(&office, &args).stdout).unwrap();
    assert!(told.ends_with("1 signed, 0 failed\n"), "{told}");
    symlink(office.path("elsewhere"), office.path("in/four")).unwrap();
    let args = ["in/f*/c.txt", "--out-dir", "linked"];
    let told = String::from_utf8(run(&office, &args).stdout).unwrap();
    assert!(told.ends_with("1 signed, 0 failed\n"), "{told}");
    let args = [
        "in",
        "notes.txt",
        "--format",
        "asic-e",
        "--out",
        "all.asice",
    ];
    let said = refused(&run(&office, &args), 65);
    assert!(said.contains("is a link to a folder"), "{said}");
    for link in ["in/one", "in/two", "in/below/three", "in/four"] {
        fs::remove_file(office.path(link)).unwrap();
    }
    succeeded(&run(&office, &args));
    office.run("unzip", &["-t", "all.asice"]);
    // A link to nothing is a document that is missing.
    symlink("nowhere", office.path("in/lost.txt")).unwrap();
    let said = refused(&run(&office, &["in", "--out-dir", "lost"]), 1);
    assert!(said.contains("cannot read in/lost.txt"), "{said}");
}

#[test]
fn a_pipe_where_an_output_goes_holds_up_the_run() {
    if !there(&["openssl", "mkfifo"]) {
        return;
    }
    let office = Office::new();
    office.write("out/notes.txt.p7s", b"");
    fs::remove_file(office.path("out/notes.txt.p7s")).unwrap();
    office.run("mkfifo", &["out/notes.txt.p7s"]);
    let args = ["notes.txt", "contract.pdf", "--out-dir", "out", "--resume"];
    let said = refused(&run(&office, &args), 1);
    assert!(said.contains("is not a regular file"), "{said}");
    assert!(office.path("out/contract.signed.pdf").exists());
    for args in [
        &["inspect", "out/notes.txt.p7s"][..],
        &["verify", "out/notes.txt.p7s", "--trust", "root.pem"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sceau"));
        command
            .args(args)
            .current_dir(office.path("."))
            .env("XDG_CONFIG_HOME", "/dev/null");
        let said = refused(&command.output().unwrap(), 65);
        assert!(said.contains("is not a regular file"), "{said}");
    }
    let said = refused(&run(&office, &["notes.txt", "--out", "-"]), 64);
    assert!(said.contains("not standard output"), "{said}");
    let said = refused(&run(&office, &["notes.txt", "--out", "new/"]), 73);
    assert!(said.contains("is not a regular file"), "{said}");
}

#[test]
fn few_open_files_fail_documents() {
    if !there(&["openssl", "sh"]) {
        return;
    }
    let office = Office::new();
    for n in 0..300 {
        office.write(format!("in/{n}.txt"), b"text\n");
    }
    let command = office.sign(&[&["in", "--out-dir", "out"], &KEY[..]].concat());
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args());
    limited
        .current_dir(office.path("."))
        .env("SCEAU_PIN", PASSPHRASE);
    succeeded(
        &limited
            .env("XDG_CONFIG_HOME", "/dev/null")
            .output()
            .unwrap(),
    );
    assert_eq!(office.names("out").len(), 300);
}

#[test]
fn a_report_goes_on_after_half_a_line_or_into_a_document() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("in/a.txt", b"a\n");
    let args = ["in", "--out-dir", "out", "--report", "report", "--resume"];
    succeeded(&run(&office, &args));
    let mut report = office.read("report");
    report.truncate(report.len() - 7);
    office.write("report", &report);
    succeeded(&run(&office, &args));
    let told = lines(&office.read("report"));
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[1]["kept"], true);
    let notes = office.read("notes.txt");
    let said = refused(
        &run(&office, &[&args[..4], &["notes.txt", "--resume"]].concat()),
        73,
    );
    assert!(said.contains("no report of an earlier run"), "{said}");
    assert_eq!(office.read("notes.txt"), notes);
}

#[test]
fn a_secret_shows_in_an_error_or_is_taken_from_the_wrong_line() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    for json in [&[][..], &["--json"]] {
        let args = [
            "notes.txt",
            "--key",
            "pkcs11:token=a;object=b?pin-value=48151623",
        ];
        let output = without_key(&office, &[&args[..], json].concat());
        assert_eq!(output.status.code(), Some(64));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("pin-value") && !said.contains("48151623"),
            "{said}"
        );
    }
    for (text, what) in [
        (&b"one\ntwo\n"[..], "exactly one line"),
        (b"\n", "exactly one line"),
        (b"\xef\xbb\xbfone\n", "byte order mark"),
        (b"\xe9\n", "not UTF-8"),
    ] {
        office.write("password", text);
        let args = ["contract.pdf", "--password-file", "password"];
        let output = run(&office, &args);
        assert_eq!(output.status.code(), Some(65), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(what), "{said}");
    }
}

#[test]
fn the_home_folder_in_the_settings_is_a_folder_called_tilde() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("pin", PASSPHRASE.as_bytes());
    let settings = b"key = \"~/acme.p12\"\npin-file = \"~/pin\"\n";
    office.write("config/sceau.toml", settings);
    let home = office.path(".");
    // The key of the settings is the same key where the command line names it again.
    let key = home.join("acme.p12");
    for args in [
        &["notes.txt"][..],
        &["contract.pdf", "--key", key.to_str().unwrap()],
    ] {
        let mut command = office.sign(&[args, &["--settings", "config/sceau.toml"]].concat());
        command.env("HOME", &home).env_remove("SCEAU_PIN");
        succeeded(&command.output().unwrap());
    }
    office.verified_subjects("notes.txt.p7s", "notes.txt");
}

#[test]
fn a_command_has_no_examples_in_its_help() {
    for command in [
        &[][..],
        &["sign"],
        &["extend"],
        &["verify"],
        &["verify-path"],
        &["inspect"],
    ] {
        let mut sceau = Command::new(env!("CARGO_BIN_EXE_sceau"));
        let output = sceau.args(command).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("Examples:"), "{command:?}: {help}");
    }
}
