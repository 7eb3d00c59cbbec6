//! What the operator types and sees, errors first: every `tests/cmd/*.trycmd` is run as written.
//!
//! `TRYCMD=overwrite cargo test -p ca-cli --test transcripts` rewrites them; read the difference.
#![allow(clippy::unwrap_used)]

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs, time::Duration};

#[test]
fn transcripts() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let fixture = tempfile::tempdir().unwrap();
    support::authority(fixture.path());
    support::requests(fixture.path());
    let operators = tempfile::tempdir().unwrap();
    support::operators(operators.path());

    let cases = trycmd::TestCases::new();
    cases.timeout(Duration::from_secs(60));
    cases.env("SCEAU_CA_FIXTURE", fixture.path().to_str().unwrap());
    cases.env("SCEAU_CA_OPERATORS", operators.path().to_str().unwrap());
    cases.env("SCEAU_PIN", support::PIN);
    cases.env("LC_ALL", "C");
    cases.env("TZ", "UTC");

    // Scripts call the program by its name.
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/bin");
    let program_dir = Path::new(support::PROGRAM).parent().unwrap();
    let old = env::var_os("PATH").unwrap_or_default();
    let path = [scripts.clone(), program_dir.to_owned()]
        .into_iter()
        .chain(env::split_paths(&old));
    let path = env::join_paths(path).unwrap();
    cases.env("PATH", path.to_str().unwrap());

    cases.register_bin("sceau-ca", Path::new(support::PROGRAM));
    for program in [
        "with-ca",
        "with-operators",
        "without-pin",
        "write",
        "openssl",
        "ls",
        "rm",
        "cp",
        "mkdir",
    ] {
        cases.register_bin(program, which(program, &path).unwrap().as_path());
    }
    cases.case("tests/cmd/*.trycmd");
    // Transcripts that need what the machine does not offer are passed over.
    for (tool, probe, transcript, programs) in [
        (
            "unshare",
            "-rm true",
            "disks",
            &["read-only", "full-disk"][..],
        ),
        ("faketime", "--version", "expired", &["faketime"]),
        ("flock", "--version", "in-use", &["flock"]),
    ] {
        let probe: Vec<_> = probe.split(' ').collect();
        if !support::has(tool, &probe) {
            cases.skip(format!("tests/cmd/{transcript}.trycmd"));
        }
        for program in programs {
            let path = which(program, &path).unwrap_or_default();
            cases.register_bin(*program, path.as_path());
        }
    }
    cases.run();
}

fn which(program: &str, path: &OsStr) -> Option<PathBuf> {
    env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| fs::metadata(file).is_ok_and(|m| m.is_file()))
}
