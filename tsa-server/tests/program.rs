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
    let journal = journal_text(&unit);
    assert!(journal.contains("\"event\":\"stopped\""), "{journal}");
}

fn journal_text(unit: &Unit) -> String {
    let files = std::fs::read_dir(unit.path("tsa-journal")).unwrap();
    files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn a_renewed_unit_is_taken_up_at_the_signal_and_without_it() {
    let unit = Unit::new();
    let query = der::Encode::to_der(&support::request()).unwrap();
    let mut child = program(&unit, GOOD).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let address = line.strip_prefix("sceau-tsa listening on http://").unwrap();
    for name_of in ["Signalled", "Seen"] {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name(name_of);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.custom_extensions = vec![time_stamping(true)];
        let renewed = Unit::with(params);
        for file in ["tsu.pem", "tsu.key"] {
            std::fs::copy(renewed.path(file), unit.path(file)).unwrap();
        }
        if name_of == "Signalled" {
            let pid = child.id().to_string();
            let kill = Command::new("kill").args(["-HUP", &pid]).status();
            assert!(kill.unwrap().success());
        }
        let signed_by = |body: &[u8]| body.windows(name_of.len()).any(|w| w == name_of.as_bytes());
        loop {
            let (_, body) = support::post_to_address(address, &query);
            assert_eq!(support::failure(&body), None);
            if signed_by(&body) {
                break;
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_journal_that_is_not_there_is_no_whole_journal() {
    let unit = Unit::new();
    let output = program(&unit, GOOD)
        .arg("--verify-journal")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert_eq!(
        said(&output),
        "error: cannot read the token journal tsa-journal\n  caused by: No such file or directory (os error 2)\n  hint: the setting journal.folder says where the journal is\n"
    );
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
    let line = |line: &str| format!("{GOOD}{line}\n");
    let named = |units: &[(&str, &str)]| {
        let unit = |(name, more): &(&str, &str)| {
            format!(
                "[[unit]]\nname = \"{name}\"\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\"\n{more}"
            )
        };
        let alone = "certificate = \"tsu.pem\"\nchain = [\"ca.pem\"]\nkey = \"tsu.key\"\n";
        GOOD.replace(alone, "") + &units.iter().map(unit).collect::<String>()
    };
    for (config, expected) in [
        (
            line("accuracy-ms = 1"),
            "error: accuracy-ms = \"1\" cannot be used: from 2 to 3600000\n",
        ),
        (
            line("gen-time-digits = 7"),
            "error: gen-time-digits = \"7\" cannot be used: from 0 (whole seconds) to 6 (microseconds)\n",
        ),
        (
            line("gen-time-digits = 0"),
            "error: accuracy-ms = 1000 and gen-time-digits = 0 contradict each other: genTime alone is that far off, which leaves nothing for the clock\n  hint: give genTime more digits (3 are milliseconds), or declare a larger accuracy\n",
        ),
        (
            line("ordering = true\naccuracy-ms = 2000\ngen-time-digits = 0"),
            "error: ordering = true and gen-time-digits = 0 contradict each other: each token needs a genTime of its own\n  hint: with gen-time-digits = 3 there can be 1000 tokens a second, with 6 as many as the key signs\n",
        ),
        (
            line("digests = [\"SHA-1\"]"),
            "error: digests = \"SHA-1\" cannot be used: one of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512\n",
        ),
        (
            line("digests = []"),
            "error: digests = \"[]\" cannot be used: at least one is needed\n",
        ),
        (
            line("certificate-digest = \"MD5\""),
            "error: certificate-digest = \"MD5\" cannot be used: one of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512\n",
        ),
        (
            line("signing-workers = 0"),
            "error: signing-workers = \"0\" cannot be used: from 1 to 256\n",
        ),
        (
            line("[[further-policy]]\noid = \"1.3.6.1.4.1.32473.1.7\""),
            "error: further-policy.oid = \"1.3.6.1.4.1.32473.1.7\" cannot be used: it is there twice\n",
        ),
        (
            line("[clock]\nreferences = [\"pool.ntp.org\"]"),
            "error: clock.references = \"pool.ntp.org\" cannot be used: an address such as ntp://ntp.example.org or ntp://[2001:db8::1]:123 is needed\n",
        ),
        (
            line("[clock]\nrequired = true"),
            "error: clock.required = true and clock.references = [] contradict each other: nothing could confirm the clock\n  hint: name NTP servers, three or more, such as \"ntp://ntp1.example.org\"\n",
        ),
        (
            line("[clock]\nmax-offset-ms = 1000"),
            "error: clock.max-offset-ms = \"1000\" cannot be used: from 1 to 999: what the smallest accuracy leaves beside the digits of genTime\n",
        ),
        (
            line("[clock]\ncheck-seconds = 0"),
            "error: clock.check-seconds = \"0\" cannot be used: from 1 to 86400\n",
        ),
        (
            line("[clock]\nhold-seconds = 10"),
            "error: clock.hold-seconds = \"10\" cannot be used: from 64 to 86400\n",
        ),
        (
            line("[journal]\nsync-ms = 100"),
            "error: journal.sync = \"each-group\" and journal.sync-ms = 100 contradict each other: without an interval there is nothing to measure\n  hint: leave out sync-ms, or set sync = \"interval\" and accept that a power cut loses records of released tokens\n",
        ),
        (
            line("[journal]\nsync = \"never\""),
            "error: tsa.toml, line 7: \"never\" is not a possible value\n  hint: possible values: each-group, interval\n",
        ),
        (
            line("[journal]\nsegment-mib = 0"),
            "error: journal.segment-mib = \"0\" cannot be used: from 1 to 4096\n",
        ),
        (
            line("[journal]\nfoldr = \"x\""),
            "error: tsa.toml, line 7: unknown key \"foldr\"\n  hint: did you mean \"folder\"?\n",
        ),
        (
            GOOD.replace("key = \"tsu.key\"\n", ""),
            "error: the key \"key\" is missing\n  hint: add a line: key = ...\n",
        ),
        (
            GOOD.replace("certificate = \"tsu.pem\"\n", ""),
            "error: the key \"certificate\" is missing\n  hint: add a line: certificate = ...\n",
        ),
        (
            line("[[unit]]\nname = \"a\"\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\""),
            "error: certificate, key, chain or pin-file and [[unit]] contradict each other: the unit is described in two places\n  hint: move them into a [[unit]] with a name\n",
        ),
        (
            named(&[("a", ""), ("a", "")]),
            "error: unit.name = \"a\" cannot be used: it is there twice\n",
        ),
        (
            named(&[("../a", "")]),
            "error: unit.name = \"../a\" cannot be used: up to 64 of a to z, 0 to 9 and the hyphen\n",
        ),
        (
            named(&[("a", "policies = [\"1.2.3\"]\n")]),
            "error: unit.policies = \"1.2.3\" cannot be used: it is neither policy nor the oid of a [[further-policy]]\n",
        ),
        (
            named(&[("a", "policies = [\"1.3.6.1.4.1.32473.1.7\"]\n")])
                + "[[further-policy]]\noid = \"1.2.3\"\n",
            "error: no time-stamping unit serves the policy 1.2.3\n  hint: name it in the policies of a [[unit]], or leave out policies there\n",
        ),
    ] {
        assert_eq!(transcript(&unit, &config), (78, expected.into()));
    }
    // --check writes nothing.
    assert!(!unit.path("tsa-journal").exists());
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

#[test]
fn the_journal_of_a_killed_service_is_whole_and_goes_on() {
    let unit = Unit::new();
    let query = der::Encode::to_der(&support::request()).unwrap();
    for round in 1..=2 {
        let mut child = program(&unit, GOOD).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.strip_prefix("sceau-tsa listening on http://").unwrap();
        for _ in 0..5 {
            let (_, body) = support::post_to_address(address, &query);
            assert_eq!(support::failure(&body), None);
        }
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        let output = program(&unit, GOOD)
            .arg("--verify-journal")
            .output()
            .unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains(&format!("{} tokens", round * 5)), "{text}");
    }
    let journal = unit.path("tsa-journal");
    let segment = std::fs::read_dir(&journal)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&segment).unwrap();
    std::fs::write(&segment, text.replacen("SHA-256", "SHA-512", 1)).unwrap();
    for argument in ["--verify-journal", "--quiet"] {
        let output = program(&unit, GOOD).arg(argument).output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.starts_with("error: the token journal is broken in record "),
            "{text}"
        );
        assert!(text.contains("hint: keep the folder as evidence"), "{text}");
    }
}
