//! The program: a whole life, and the configuration mistakes with what it says.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use pki_asn1::pem;
use rcgen::{CertificateParams, KeyUsagePurpose};
use support::{Unit, name, said, time_stamping, tool};

const GOOD: &str = "listen = [\"127.0.0.1:0\", \"[::1]:0\"]\ncertificate = \"tsu.pem\"\nchain = [\"ca.pem\"]\nkey = \"tsu.key\"\npolicy = \"1.3.6.1.4.1.32473.1.7\"\n";

fn program(unit: &Unit, config: &str) -> Command {
    std::fs::write(unit.path("tsa.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sceau-tsa"));
    command
        .args(["--config", "tsa.toml"])
        .current_dir(unit.dir.path())
        .env_remove("SCEAU_TSA_LISTEN")
        .env("SCEAU_LOG", "error")
        .stdin(Stdio::null());
    command
}

fn transcript(unit: &Unit, config: &str) -> (i32, String) {
    let output = program(unit, config).arg("--check").output().unwrap();
    (output.status.code().unwrap(), said(&output))
}

#[test]
fn it_tells_where_it_listens_stamps_and_ends_by_signal() {
    let unit = Unit::new();
    let dir = unit.dir.path();
    let mut child = program(&unit, GOOD).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut url = || {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix("sceau-tsa listening on ")
            .unwrap()
            .to_owned()
    };
    let (first, second) = (url(), url());
    assert!(first.starts_with("http://127.0.0.1:") && second.starts_with("http://[::1]:"));
    std::fs::write(unit.path("data"), b"data").unwrap();
    let query = [
        "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq",
    ];
    if tool("openssl", &query, dir).is_some() {
        for url in [first, second] {
            let arguments = [
                "-sSf",
                "-H",
                "Content-Type: application/timestamp-query",
                "--data-binary",
                "@q.tsq",
                "-o",
                "r.tsr",
                &url,
            ];
            let Some(output) = tool("curl", &arguments, dir) else {
                break;
            };
            assert!(output.status.success(), "{}", said(&output));
            let verify = [
                "ts",
                "-verify",
                "-queryfile",
                "q.tsq",
                "-in",
                "r.tsr",
                "-CAfile",
                "ca.pem",
            ];
            let said = said(&tool("openssl", &verify, dir).unwrap());
            assert!(said.contains("Verification: OK"), "{said}");
        }
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn every_configuration_mistake_names_the_thing_and_the_remedy() {
    let unit = Unit::new();
    assert_eq!(
        transcript(&unit, GOOD),
        (0, "tsa.toml: the configuration is good\n".into())
    );
    let stranger = rcgen::KeyPair::generate().unwrap();
    std::fs::write(unit.path("other.key"), stranger.serialize_pem()).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = name("Old unit");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.custom_extensions = vec![time_stamping(true)];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let old = Unit::with(params);
    let text = pem::encode("CERTIFICATE", old.certificate.der()).unwrap();
    std::fs::write(unit.path("old.pem"), text).unwrap();
    std::fs::copy(old.path("tsu.key"), unit.path("old.key")).unwrap();
    for (config, expected) in [
        (
            format!("{GOOD}acuracy-ms = 1\n"),
            "error: tsa.toml, line 6: unknown key \"acuracy-ms\"\n  hint: did you mean \"accuracy-ms\"?\n",
        ),
        (
            GOOD.replace("1.3.6.1.4.1.32473.1.7", "best"),
            "error: policy = \"best\" cannot be used: an object identifier is needed, such as 0.4.0.2023.1.1\n",
        ),
        (
            GOOD.replace("tsu.pem", "missing.pem"),
            "error: cannot read the certificate missing.pem\n  caused by: No such file or directory (os error 2)\n  hint: check the path of the certificate; paths in the configuration are relative to its folder\n",
        ),
        (
            GOOD.replace("tsu.key", "other.key"),
            "error: tsu.pem cannot be used\n  caused by: the certificate of CN=Time-stamping unit 1, O=Sceau Example, C=MC does not belong to the key: it certifies another public key\n  hint: give the certificate that was issued for this key, or the key that belongs to this certificate\n",
        ),
        (
            GOOD.replace("tsu.pem", "old.pem")
                .replace("tsu.key", "old.key"),
            "error: old.pem cannot be used\n  caused by: the time-stamping unit CN=Old unit, O=Sceau Example, C=MC may not sign after 2021-01-01T00:00:00Z\n  hint: issue a certificate for a new key: a time-stamping unit is not renewed with its old one (EN 319 421)\n",
        ),
        (
            GOOD.replace("127.0.0.1:0", "127.0.0.1"),
            "error: listen = \"127.0.0.1\" cannot be used: an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080\n",
        ),
    ] {
        assert_eq!(transcript(&unit, &config), (78, expected.into()));
    }
    let (exit, said) = transcript(&unit, &GOOD.replace("tsu.key", "absent.key"));
    assert!(
        said.starts_with("error: cannot open absent.key, the time-stamping key\n"),
        "{said}"
    );
    assert!(said.contains("  hint: "), "{said}");
    assert_eq!(exit, 69);
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let output = program(&unit, &GOOD.replace("127.0.0.1:0", &taken))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
    assert_eq!(
        support::said(&output),
        format!(
            "error: cannot listen on {taken}\n  caused by: Address already in use (os error 98)\n  hint: another process listens on {taken}; stop it, or choose another port (port 0 takes a free one)\n"
        )
    );
}
