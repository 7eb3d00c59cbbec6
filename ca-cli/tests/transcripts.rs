//! What the operator types and sees, errors first: every `tests/cmd/*.trycmd` is run as written.
//!
//! `TRYCMD=overwrite cargo test -p ca-cli --test transcripts` rewrites them; read the difference.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::{env, fs, time::Duration};

use trycmd::schema::Bin;

#[test]
fn transcripts() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let fixture = tempfile::tempdir().unwrap();
    support::authority(fixture.path());
    support::requests(fixture.path());

    let cases = trycmd::TestCases::new();
    cases.timeout(Duration::from_secs(60));
    cases.env("SCEAU_CA_FIXTURE", fixture.path().to_str().unwrap());
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
    for script in ["with-ca", "without-pin", "write"] {
        cases.register_bin(script, scripts.join(script).as_path());
    }
    for tool in ["openssl", "ls", "rm", "cp", "mkdir", "flock"] {
        cases.register_bin(tool, which(tool).unwrap().as_path());
    }
    // Steps that need what the machine does not offer are passed over.
    let mounts = support::has("unshare", &["-rm", "true"]);
    for script in ["read-only", "full-disk"] {
        cases.register_bin(script, optional(mounts, scripts.join(script)));
    }
    let faketime = support::has("faketime", &["--version"]);
    let path = which("faketime").unwrap_or_default();
    cases.register_bin("faketime", optional(faketime, path));

    cases.case("tests/cmd/*.trycmd");
    cases.run();
}

fn optional(there: bool, path: PathBuf) -> Bin {
    if there { Bin::Path(path) } else { Bin::Ignore }
}

fn which(tool: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|file| fs::metadata(file).is_ok_and(|m| m.is_file()))
}
