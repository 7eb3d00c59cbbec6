//! `sceau verify` of folders, patterns and lists: a line for each file, the same verdict as alone, the worst
//! one as the exit code. openssl judges the detached signatures too.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{Office, there};
use pki_asn1::{Clock as _, SystemClock};
use serde_json::Value;

const COMMON: [&str; 6] = [
    "--trust",
    "root.pem",
    "--offline",
    "--revocation",
    "if-available",
    "--cert",
];

fn verify(office: &Office, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sceau"));
    command
        .arg("verify")
        .args(args)
        .args(COMMON)
        .arg("issuing.pem")
        .current_dir(office.path(""))
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_CACHE_HOME", "/dev/null");
    command
}

fn run(office: &Office, args: &[&str]) -> (i32, String, String) {
    told(&verify(office, args).output().unwrap())
}

fn told(output: &Output) -> (i32, String, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

/// A folder `in` with a file of each kind.
fn office() -> Office {
    let office = Office::new();
    let sign = |args: &[&str]| {
        let output = office.sign(args).args(["--key", "acme.p12"]).output();
        assert!(output.as_ref().unwrap().status.success(), "{output:?}");
    };
    office.write("in/plain.txt", b"nobody signed this\n");
    office.write("in/unsigned.pdf", &office.read("contract.pdf"));
    sign(&["contract.pdf", "--out", "in/a.pdf"]);
    let mut tampered = office.read("in/a.pdf");
    let at = tampered.windows(4).position(|w| w == b" 300").unwrap();
    tampered[at + 1] = b'9';
    office.write("in/b.pdf", &tampered);
    office.write("in/broken.pdf", b"%PDF-1.7\nand nothing else\n");
    office.write("in/below/notes.txt", b"Some notes.\n");
    office.write("in/below/other.txt", b"Other notes.\n");
    sign(&["in/below/notes.txt", "--out", "in/below/notes.txt.p7s"]);
    office.write(
        "in/below/other.txt.p7s",
        &office.read("in/below/notes.txt.p7s"),
    );
    office.write("in/below/alone.p7s", &office.read("in/below/notes.txt.p7s"));
    office
}

/// In the order that is promised, with the exit code of each.
const FILES: [(&str, i64); 10] = [
    ("in/a.pdf", 0),
    ("in/b.pdf", 1),
    ("in/broken.pdf", 65),
    ("in/plain.txt", 3),
    ("in/unsigned.pdf", 3),
    ("in/below/alone.p7s", 2),
    ("in/below/notes.txt", 3),
    ("in/below/notes.txt.p7s", 0),
    ("in/below/other.txt", 3),
    ("in/below/other.txt.p7s", 1),
];

#[test]
fn a_file_gets_another_verdict_in_a_folder_than_alone() {
    if !there(&["openssl"]) {
        return;
    }
    let office = office();
    let at = SystemClock.now().to_string();
    let (exit, out, _) = run(&office, &["in", "--report", "json", "--at", &at]);
    assert_eq!(exit, 1, "{out}");
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(all["schema"], "sceau.verify-batch/1");
    let files = all["files"].as_array().unwrap();
    let seen: Vec<_> = files
        .iter()
        .map(|f| (f["file"].as_str().unwrap(), f["exit"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, FILES);
    for one in files {
        let name = one["file"].as_str().unwrap();
        let (alone, out, err) = run(&office, &[name, "--report", "json", "--at", &at]);
        match one["report"].as_object() {
            Some(report) => {
                assert_eq!(i64::from(alone), one["exit"], "{name}: {err}");
                let out: Value = serde_json::from_str(&out).unwrap();
                assert_eq!(Value::from(report.clone()), out, "{name}");
            }
            // Alone, a file of another kind is an error.
            None => assert_eq!(alone, 65, "{name}: {out}"),
        }
        if name.ends_with(".txt.p7s") {
            let content = name.trim_end_matches(".p7s");
            assert_eq!(one["content"], content);
            let judged = office
                .tool("openssl")
                .args(["cms", "-verify", "-binary", "-inform", "DER", "-in", name])
                .args([
                    "-content", content, "-CAfile", "root.pem", "-purpose", "any",
                ])
                .output()
                .unwrap();
            assert_eq!(judged.status.success(), one["exit"] == 0, "{name}");
        }
    }
    let summary = &all["summary"];
    for (key, value) in [
        ("files", 10),
        ("passed", 2),
        ("failed", 2),
        ("indeterminate", 1),
        ("unsigned", 4),
        ("unreadable", 1),
        ("exit", 1),
    ] {
        assert_eq!(summary[key], value, "{key}");
    }
}

/// On a terminal (of `script`) the progress stands below the rows while they are made, and nothing of it is left.
#[test]
fn the_progress_on_a_terminal_stays_or_stands_in_the_table() {
    if !there(&["openssl", "script"]) {
        return;
    }
    const CLEARED: &str = "\x1b[2K";
    let office = office();
    let (exit, table, _) = run(&office, &["in"]);
    let on_terminal = |redirected: &str| {
        let program = env!("CARGO_BIN_EXE_sceau");
        let line = format!(
            "'{program}' verify in {} issuing.pem {redirected}",
            COMMON.join(" ")
        );
        let output = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(office.path(""))
            .envs([("TERM", "xterm"), ("SHELL", "/bin/sh")])
            .env("XDG_CONFIG_HOME", "/dev/null")
            .env("XDG_CACHE_HOME", "/dev/null")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        told(&output)
    };
    let (code, shown, _) = on_terminal("> table");
    assert_eq!(code, exit, "{shown}");
    assert_eq!(String::from_utf8(office.read("table")).unwrap(), table);
    // Of ten files; the first step is always drawn.
    assert!(shown.contains("1/"), "{shown:?}");
    let left = shown.rsplit(CLEARED).next().unwrap();
    assert!(left.trim().is_empty(), "{shown:?}");
    // Rows and progress on the same terminal.
    let (code, shown, _) = on_terminal("");
    assert_eq!(code, exit, "{shown}");
    let lines: Vec<&str> = (shown.split(['\r', '\n']))
        .map(|line| line.rsplit(CLEARED).next().unwrap().trim_end())
        .collect();
    for row in table.lines() {
        assert!(lines.contains(&row.trim_end()), "{row:?}\n{shown:?}");
    }
    // Where standard error is no terminal there is none.
    let (_, shown, _) = on_terminal("2> progress");
    assert!(!shown.contains(CLEARED), "{shown:?}");
    assert!(office.read("progress").is_empty());
}

#[test]
fn the_exit_code_is_not_that_of_the_worst_file() {
    if !there(&["openssl"]) {
        return;
    }
    let office = office();
    for (args, expected) in [
        (&["in/a.pdf", "in/below/notes.txt.p7s"][..], 0),
        (&["in/a.pdf", "in/plain.txt"], 3),
        (&["in/a.pdf", "in/broken.pdf", "in/plain.txt"], 65),
        (&["in/a.pdf", "in/gone.pdf"], 74),
        (&["in/below/alone.p7s", "in/broken.pdf"], 2),
        (&["in/below/alone.p7s", "in/broken.pdf", "in/b.pdf"], 1),
        (&["in/[ab].pdf"], 1),
        (&["in/x*.pdf"], 65),
        (&["in", "--content", "notes.txt"], 64),
        (
            &[
                "in/a.pdf",
                "in/b.pdf",
                "--extract-revision",
                "1",
                "--out",
                "x",
            ],
            64,
        ),
    ] {
        let (exit, out, err) = run(&office, args);
        assert_eq!(exit, expected, "{args:?}: {out}{err}");
    }
    assert!(!Path::new(&office.path("x")).exists());
}

#[test]
fn the_table_or_a_report_after_it_leaves_a_file_out() {
    if !there(&["openssl"]) {
        return;
    }
    let office = office();
    let (_, out, _) = run(&office, &["in", "--details", "problems"]);
    let (table, reports) = out.split_once("\n2 TOTAL-PASSED, 1 INDETERMINATE, 2 TOTAL-FAILED, 4 without a signature, 1 unreadable\n").unwrap();
    assert_eq!(table.lines().count(), 11, "{table}");
    for (line, (name, _)) in table.lines().skip(1).zip(FILES) {
        assert!(line.starts_with(&format!("{name} ")), "{line}");
    }
    let indication = table.lines().next().unwrap().find("INDICATION").unwrap();
    assert!(
        table
            .lines()
            .all(|l| l.as_bytes()[indication - 1] == b' ' && l.as_bytes()[indication] != b' ')
    );
    assert!(
        table.contains("HASH_FAILURE: ") && table.contains("its signature is notes.txt.p7s"),
        "{table}"
    );
    assert!(
        reports.contains("in/b.pdf: TOTAL-FAILED") && !reports.contains("in/a.pdf: "),
        "{reports}"
    );
    assert!(
        reports.contains("error: cannot validate in/broken.pdf"),
        "{reports}"
    );
}

#[test]
fn lines_come_in_another_order_or_a_name_moves_the_cursor() {
    if !there(&["openssl"]) {
        return;
    }
    let office = office();
    let signed = office.read("in/a.pdf");
    let mut names = String::new();
    for n in 0..300 {
        let name = format!("many/{n:03}.pdf");
        office.write(&name, if n % 3 == 0 { &signed } else { b"%PDF-1.4 no" });
        names.push_str(&name);
        names.push('\0');
    }
    office.write("many/evil\x1b[2J.txt", b"no");
    names.push_str("many/evil\x1b[2J.txt\0");
    office.write("list", names.as_bytes());
    let (exit, out, _) = run(&office, &["--from", "list", "--report", "json-lines"]);
    assert_eq!(exit, 65);
    let lines: Vec<Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 302);
    for (n, line) in lines.iter().take(300).enumerate() {
        assert_eq!(line["schema"], "sceau.verify-batch.line/1");
        assert_eq!(line["file"], format!("many/{n:03}.pdf"));
        assert_eq!(line["exit"], if n % 3 == 0 { 0 } else { 65 });
    }
    assert_eq!(lines[301]["schema"], "sceau.verify-batch.summary/1");
    assert_eq!(lines[301]["unreadable"], 200);
    let (_, table, _) = run(&office, &["--from", "list"]);
    assert!(
        !table.contains('\x1b') && table.lines().count() == 303,
        "{table}"
    );
}

#[test]
fn an_interrupted_run_leaves_half_a_document() {
    if !there(&["openssl"]) {
        return;
    }
    let office = office();
    let mut child = verify(&office, &["--from", "-", "--report", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"in/a.pdf\n").unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    // The first file is told before the list ends.
    while !out.contains("in/a.pdf") {
        std::io::BufRead::read_line(&mut stdout, &mut out).unwrap();
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let reader = std::thread::spawn(move || {
        std::io::Read::read_to_string(&mut stdout, &mut out).unwrap();
        out
    });
    // The list has no end; whoever waits for its next line hears of the signal with it.
    while child.try_wait().unwrap().is_none() {
        let _ = stdin.write_all(b"in/b.pdf\n");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let out = reader.join().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(all["summary"]["stopped"], true);
}
