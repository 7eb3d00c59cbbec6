//! What a relying party types and sees, errors first: every `tests/cmd/verify/*.trycmd` is run as
//! written. `TRYCMD=overwrite` rewrites them; read the difference.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn transcripts() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: openssl not found");
        return;
    }
    let fixture = tempfile::tempdir().unwrap();
    make_fixture(fixture.path());
    let cases = trycmd::TestCases::new();
    cases.env("FIXTURE", fixture.path().to_str().unwrap());
    cases.env("PROGRAM", env!("CARGO_BIN_EXE_sceau"));
    cases.env("LC_ALL", "C");
    // Neither the settings nor the cache of whoever runs the tests.
    cases.env("XDG_CONFIG_HOME", "/dev/null");
    cases.env("XDG_CACHE_HOME", "/dev/null");
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/verify/bin/sceau-in-fixture");
    cases.register_bin("sceau-in-fixture", script.as_path());
    cases.case("tests/cmd/verify/*.trycmd");
    cases.run();
}

fn make_fixture(dir: &Path) {
    let write = |name: &str, bytes: &str| fs::write(dir.join(name), bytes).unwrap();
    write("notes.txt", "Some notes.\n");
    write("other.txt", "Other notes.\n");
    write("empty.p7s", "");
    write("wrong.toml", "[revocation]\nrul = \"required\"\n");
    write("index", "");
    write("number", "01\n");
    write(
        "usage",
        "keyUsage=critical,digitalSignature,nonRepudiation\n",
    );
    write(
        "ca.cnf",
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n",
    );
    for line in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /C=MC/CN=CA -days 3650",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -out stranger.pem -subj /C=MC/CN=Stranger -days 3650",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ee.key -out ee.csr -subj /C=MC/CN=Signer",
        "x509 -req -in ee.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ee.pem -days 365 -extfile usage",
        "ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl",
        "cms -sign -cades -binary -in notes.txt -signer ee.pem -inkey ee.key -outform DER -out notes.p7s",
        "cms -sign -cades -binary -nodetach -in notes.txt -signer ee.pem -inkey ee.key -outform DER -out notes.p7m",
    ] {
        let output = Command::new("openssl")
            .args(line.split(' '))
            .current_dir(dir)
            .output()
            .unwrap();
        assert!(output.status.success(), "openssl {line}: {output:?}");
    }
}
