//! Many documents: patterns, lists, a run that is interrupted and goes on. openssl judges.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Office, refused, succeeded, there};
use serde_json::Value;

const KEY: [&str; 2] = ["--key", "acme.p12"];

fn run(office: &Office, args: &[&str]) -> Output {
    office.sign(&[args, &KEY].concat()).output().unwrap()
}

/// With this on its standard input.
fn run_with(office: &Office, args: &[&str], input: &[u8]) -> Output {
    let mut command = office.sign(&[args, &KEY].concat());
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(output: &[u8]) -> Vec<Value> {
    str::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_quoted_pattern_misses_a_folder_or_mixes_up_names() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let contract = office.read("contract.pdf");
    for name in [
        "in/a.pdf",
        "in/2026/a.pdf",
        "in/2026/05/b.pdf",
        "in/2026/.hidden.pdf",
    ] {
        office.write(name, &contract);
    }
    office.write("in/2026/notes.txt", b"no PDF\n");
    office.write("in/[draft].pdf", &contract);
    let said = succeeded(&run(&office, &["in/**/*.pdf", "--out-dir", "out"]));
    assert_eq!(said, "");
    assert!(office.names("out").contains("a.signed.pdf"));
    assert!(office.names("out").contains("[draft].signed.pdf"));
    let names: Vec<_> = office.names("out/2026").into_iter().collect();
    assert_eq!(names, ["05", "a.signed.pdf"]);
    assert_eq!(office.names("out/2026/05").len(), 1);

    // The output folder lies where the search goes, and is not there when it begins.
    for (search, count) in [("in/**/*.pdf", 4), ("in", 5)] {
        let out = format!("in/out{count}");
        succeeded(&run(&office, &[search, "--out-dir", &out]));
        let found = office.run("find", &[&out, "-type", "f"]).stdout;
        assert_eq!(found.iter().filter(|b| **b == b'\n').count(), count);
        std::fs::remove_dir_all(office.path(&out)).unwrap();
    }

    // A file of that very name is meant, not a pattern.
    succeeded(&run(&office, &["in/[draft].pdf", "--out", "draft.pdf"]));
    let said = refused(&run(&office, &["in/*.docx", "--out-dir", "out"]), 65);
    assert!(
        said.contains("no file fits the pattern in/*.docx"),
        "{said}"
    );
    let said = refused(&run(&office, &["in/[.pdf", "--out-dir", "out"]), 64);
    assert!(said.contains("no usable pattern"), "{said}");
    // Outputs beside the inputs are not signed by the next run.
    for signed in ["5 signed, 0 failed", "0 signed, 5 failed"] {
        let output = run(&office, &["in/**/*.*"]);
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(signed),
            "{output:?}"
        );
    }
}

#[test]
fn a_name_from_a_list_is_lost() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    for name in [
        "a.txt",
        "with space.txt",
        "with\nnewline.txt",
        "below/a.txt",
    ] {
        office.write(name, name.as_bytes());
    }
    office.write(
        "list",
        b"a.txt\nwith space.txt\r\n\nmissing.txt\nbelow/a.txt\n",
    );
    let args = ["--from", "list", "--out-dir", "one", "--json"];
    let output = run(&office, &args);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = lines(&output.stdout);
    assert_eq!(told.len(), 5, "{told:?}");
    let files: Vec<_> = told
        .iter()
        .filter_map(|line| line["file"].as_str())
        .collect();
    assert_eq!(
        files,
        ["a.txt", "with space.txt", "missing.txt", "below/a.txt"]
    );
    assert_eq!(told[2]["failure"]["exit"], 74, "{told:?}");
    let summary = &told[4];
    assert_eq!(
        (&summary["signed"], &summary["failed"]),
        (&3.into(), &1.into())
    );
    office.verified_subjects("one/below/a.txt.p7s", "below/a.txt");
    office.verified_subjects("one/a.txt.p7s", "a.txt");

    let list = b"with\nnewline.txt\0a.txt\0";
    let output = run_with(&office, &["--from", "-", "--out-dir", "two"], list);
    succeeded(&output);
    assert_eq!(office.names("two").len(), 2);
    office.verified_subjects("two/with\nnewline.txt.p7s", "with\nnewline.txt");

    let said = refused(&run(&office, &["--from", "nowhere", "--out-dir", "x"]), 74);
    assert!(said.contains("cannot read the list nowhere"), "{said}");
    let args = ["--from", "-", "--force", "--out-dir", "two"];
    let said = refused(&run_with(&office, &args, list), 64);
    assert!(said.contains("--force needs to know all inputs"), "{said}");
}

#[test]
fn a_run_that_was_killed_loses_or_repeats_documents() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let contract = office.read("contract.pdf");
    for n in 0..400 {
        office.write(format!("in/{n}.pdf"), &contract);
        office.write(format!("in/{n}.txt"), format!("{n}\n").as_bytes());
    }
    let args = ["in", "--out-dir", "out", "--report", "report.jsonl"];
    let mut child = office.sign(&[&args[..], &KEY].concat());
    let mut child = child.stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let there = || office.path("out").exists() && !office.names("out").is_empty();
    while !there() && begun.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = office.names("out");
    assert!(!before.is_empty());
    for name in before.iter().filter(|name| name.ends_with(".p7s")) {
        let input = name.trim_end_matches(".p7s");
        office.verified_subjects(&format!("out/{name}"), &format!("in/{input}"));
    }
    // Without being told to go on, the outputs that are there are errors.
    let output = run(&office, &[&args[..3], &["--quiet"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches("already exists").count(), before.len());
    // Everything is there now: going on signs nothing, and finds every one of them.
    let inode = |name: &str| {
        use std::os::unix::fs::MetadataExt as _;
        office.path("out").join(name).metadata().unwrap().ino()
    };
    let inodes: BTreeMap<_, _> = office
        .names("out")
        .iter()
        .map(|n| (n.clone(), inode(n)))
        .collect();
    assert_eq!(inodes.len(), 800);
    std::fs::remove_file(office.path("out/7.signed.pdf")).unwrap();
    let args = [
        "in",
        "--out-dir",
        "out",
        "--report",
        "second.jsonl",
        "--resume",
    ];
    let output = run(&office, &args);
    succeeded(&output);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("1 signed, 799 signed before, 0 failed"),
        "{told}"
    );
    for (name, number) in &inodes {
        assert!(
            *number == inode(name) || name == "7.signed.pdf",
            "{name} was written again"
        );
    }
    let report = lines(&office.read("second.jsonl"));
    assert_eq!(report.len(), 801);
    assert_eq!(
        report.iter().filter(|line| line["kept"] == true).count(),
        799
    );
}

#[test]
fn an_output_of_another_document_is_kept_for_this_one() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let contract = office.read("contract.pdf");
    office.write("in/a.pdf", &contract);
    office.write("in/b.txt", b"b\n");
    let formats = [&["in"][..], &["in", "--attached", "--format", "cades"]];
    for (i, args) in formats.into_iter().enumerate() {
        let out = format!("out{i}");
        let args = [args, &["--out-dir", &out, "--resume"]].concat();
        succeeded(&run(&office, &args));
        let told = String::from_utf8(run(&office, &args).stdout).unwrap();
        assert_eq!(told, "0 signed, 2 signed before, 0 failed\n");
    }
    // The inputs change; and something else lies where an output goes.
    office.write("in/a.pdf", &[&contract[..], b"%more\n"].concat());
    office.write("in/b.txt", b"c\n");
    for (i, args) in formats.into_iter().enumerate() {
        let out = format!("out{i}");
        let args = [args, &["--out-dir", &out, "--resume"]].concat();
        let said = refused(&run(&office, &args), 1);
        assert_eq!(said.matches("is no signature of").count(), 2, "{said}");
    }
    office.write("out0/b.txt.p7s", b"rubbish");
    office.write("out0/a.signed.pdf", &office.read("in/a.pdf"));
    let args = ["in", "--out-dir", "out0", "--resume"];
    let said = refused(&run(&office, &args), 1);
    assert_eq!(said.matches("is no signature of").count(), 2, "{said}");
}

#[test]
fn ctrl_c_leaves_documents_half_done_or_does_not_say_how_to_go_on() {
    if !there(&["openssl", "kill"]) {
        return;
    }
    let office = Office::new();
    for n in 0..3000 {
        office.write(format!("in/{n}.txt"), format!("{n}\n").as_bytes());
    }
    let args = ["in", "--out-dir", "out", "--json"];
    let mut child = office.sign(&[&args[..], &KEY].concat());
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    let begun = Instant::now();
    let there = || office.path("out").exists() && !office.names("out").is_empty();
    while !there() && begun.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(1));
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--resume"), "{said}");
    let told = lines(&output.stdout);
    let summary = told.last().unwrap();
    assert_eq!(summary["stopped"], true);
    // What it says it signed is what is there.
    assert_eq!(summary["signed"], told.len() as u64 - 1);
    assert_eq!(office.names("out").len(), told.len() - 1);
    assert!(told.len() < 3000);
    let output = run(&office, &["in", "--out-dir", "out", "--resume"]);
    succeeded(&output);
    assert_eq!(office.names("out").len(), 3000);
    for n in [0, 1234, 2999] {
        office.verified_subjects(&format!("out/{n}.txt.p7s"), &format!("in/{n}.txt"));
    }
}

#[test]
fn a_report_replaces_another_file() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    office.write("in/a.txt", b"a\n");
    let args = ["in", "--out-dir", "out", "--report", "notes.txt"];
    let said = refused(&run(&office, &args), 73);
    assert!(
        said.contains("cannot create the report notes.txt"),
        "{said}"
    );
    assert!(!office.path("out").exists());
}
