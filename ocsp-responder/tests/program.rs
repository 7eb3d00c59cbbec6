//! The program over a real record: a whole life, and every configuration mistake with what it says.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use ca_core::CaEngine;
use support::house::{House, Serving, actors};
use support::{said, tool};

/// A mistake made in the good configuration.
type Change = Box<dyn FnOnce(String) -> String>;

#[test]
fn a_revocation_in_the_record_reaches_the_wire_within_a_second_and_signals_are_obeyed() {
    let house = House::new();
    house.config(|good| good);
    let dir = house.dir.path();
    let mut serving = Serving::start(&house);
    let Some(said) = serving.ask(dir) else { return };
    assert!(said.contains("seal.pem: good"), "{said}");
    assert!(said.contains("Response verify OK"), "{said}");
    house.revoke();
    let since = Instant::now();
    loop {
        let said = serving.ask(dir).unwrap();
        if said.contains("seal.pem: revoked") {
            assert!(said.contains("Reason: keyCompromise"), "{said}");
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(1), "{said}");
    }
    // A new responder certificate, then a broken one that changes nothing.
    let responder = |serving: &Serving| {
        let url = format!("{}/ocsp", serving.url);
        let arguments = [
            "ocsp",
            "-issuer",
            "companies.pem",
            "-cert",
            "seal.pem",
            "-url",
            &url,
            "-noverify",
            "-resp_text",
        ];
        let text = support::said(&tool("openssl", &arguments, dir).unwrap());
        text.lines()
            .find(|l| l.contains("Responder Id"))
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    };
    let first = responder(&serving);
    house.config(|good| {
        good.replace("ocsp.pem", "ocsp2.pem")
            .replace("ocsp.key", "ocsp2.key")
    });
    serving.signal("-HUP");
    let since = Instant::now();
    while responder(&serving) == first {
        assert!(since.elapsed() < Duration::from_secs(10), "not reloaded");
    }
    let second = responder(&serving);
    house.config(|good| good.replace("ocsp.pem", "expired.pem"));
    serving.signal("-HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(responder(&serving), second);
    serving.signal("-TERM");
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_urls_of_the_certificates_are_served() {
    let house = House::new();
    house
        .engine
        .issue_crl(&house.issuing, Duration::from_secs(86_400), &actors())
        .unwrap();
    house.config(|good| good);
    let serving = Serving::start(&house);
    let dir = house.dir.path();
    let paths = house
        .seal
        .crl_urls()
        .into_iter()
        .chain(house.seal.ca_issuers_urls());
    for url in paths {
        let path = url
            .strip_prefix("http://pki.sceau.example")
            .unwrap()
            .to_owned();
        let local = format!("{}{path}", serving.url);
        let arguments = ["-sSf", "-o", "served", &local];
        let Some(output) = tool("curl", &arguments, dir) else {
            return;
        };
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(house.seal.ocsp_urls(), ["http://pki.sceau.example/ocsp"]);
}

#[test]
fn every_configuration_mistake_names_the_thing_and_the_remedy() {
    let house = House::new();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let replace = |from: &'static str, to: &'static str| {
        move |good: String| {
            assert!(good.contains(from));
            good.replace(from, to)
        }
    };
    let cases: Vec<(Change, i32, String)> = vec![
        (
            Box::new(|good| good),
            0,
            "ocsp.toml: the configuration is good\n".into(),
        ),
        (
            Box::new(|good| format!("nonces = \"live\"\n{good}")),
            78,
            "error: ocsp.toml, line 1: unknown key \"nonces\"\n  hint: did you mean \"nonce\"?\n".into(),
        ),
        (
            Box::new(replace("127.0.0.1:0", "localhost:http")),
            78,
            "error: listen = \"localhost:http\" cannot be used: an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080\n".into(),
        ),
        (
            Box::new(replace("[\"127.0.0.1:0\"]", "[]")),
            78,
            "error: listen = \"[]\" cannot be used: an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080\n".into(),
        ),
        (
            Box::new(replace("record.sqlite", "folder")),
            69,
            "error: cannot open the record folder\n  caused by: folder is not a record of this program\n  hint: record is the file record.sqlite of the folder that sceau-ca init made\n".into(),
        ),
        (
            Box::new(|good| format!("validity-minutes = 1\n{good}")),
            78,
            "error: validity-minutes = \"1\" cannot be used: from 2 to 14400 minutes\n".into(),
        ),
        (
            Box::new(replace("record.sqlite", "nowhere.sqlite")),
            69,
            "error: cannot open the record nowhere.sqlite\n  caused by: there is no record at nowhere.sqlite\n  hint: record is the file record.sqlite of the folder that sceau-ca init made\n".into(),
        ),
        (
            Box::new(replace("\"companies\"", "\"company\"")),
            78,
            "error: the record has no certification authority named \"company\"\n  hint: it knows root, companies\n".into(),
        ),
        (
            Box::new(replace("\"ocsp.pem\"", "\"missing.pem\"")),
            78,
            "error: cannot read the responder certificate missing.pem\n  caused by: No such file or directory (os error 2)\n  hint: check the path of the responder certificate; paths in the configuration are relative to its folder\n".into(),
        ),
        (
            Box::new(replace("\"ocsp.pem\"", "\"ocsp.key\"")),
            78,
            "error: ocsp.key holds no certificate in PEM or DER\n  hint: give the file that sceau-ca ocsp-signer renew wrote\n".into(),
        ),
        (
            Box::new(replace("\"ocsp.key\"", "\"ocsp2.key\"")),
            78,
            "error: ocsp.pem cannot be used for companies\n  caused by: the certificate of [SUBJECT] does not belong to the key: it certifies another public key\n  hint: give the key this certificate was issued for, or have a certificate issued for the key: sceau-ca ocsp-signer renew\n".into(),
        ),
        (
            Box::new(|good: String| good.replace("ocsp.pem", "foreign.pem").replace("ocsp.key", "foreign.key")),
            78,
            "error: foreign.pem cannot be used for companies\n  caused by: the certificate of [SUBJECT] was issued by [ISSUER], not by [AUTHORITY]\n  hint: each CA key has a responder certificate of its own: sceau-ca ocsp-signer renew --ca NAME\n".into(),
        ),
        (
            Box::new(|good: String| good.replace("ocsp.pem", "expired.pem").replace("ocsp.key", "expired.key")),
            78,
            "error: expired.pem cannot be used for companies\n  caused by: the certificate of [SUBJECT] expired on [TIME]\n  hint: have it renewed: sceau-ca ocsp-signer renew --ca NAME; a running responder takes it up by itself\n".into(),
        ),
        (
            Box::new(|good: String| {
                let table = good.split_once("\n\n").unwrap().1.to_owned();
                format!("{good}\n{table}")
            }),
            78,
            "error: two [[responder]] tables are for \"companies\", and both sign with ECDSA with SHA-256\n  hint: one responder certificate answers for one CA key; a second one is for clients that prefer another signature algorithm\n".into(),
        ),
        (
            Box::new(|good| format!("request-signature = \"require\"\n{good}")),
            78,
            "error: request-signature = \"accept-verified or require\" cannot be used: name the certificates that requestors' certificates come from with request-certificates\n".into(),
        ),
        (
            Box::new(|good| format!("request-certificates = \"ocsp.pem\"\n{good}")),
            78,
            "error: request-signature = \"ignore\" cannot be used: request-certificates is for the other choices\n".into(),
        ),
        (
            Box::new(|good| format!("backdate-minutes = 61\n{good}")),
            78,
            "error: backdate-minutes = \"61\" cannot be used: from 0 to 60 minutes\n".into(),
        ),
    ];
    std::fs::create_dir(house.path("folder")).unwrap();
    for (change, code, expected) in cases {
        house.config(change);
        let (exit, said) = house.transcript(&["--config", "ocsp.toml", "--check"]);
        matches_transcript(&said, &expected);
        assert_eq!(exit, code, "{said}");
    }
    house.config(|good| good.replace("127.0.0.1:0", &taken));
    let (exit, said) = house.transcript(&["--config", "ocsp.toml"]);
    matches_transcript(
        &said,
        &format!(
            "error: cannot listen on {taken}\n  caused by: Address already in use (os error 98)\n  hint: another process listens on {taken}; stop it, or choose another port (port 0 takes a free one)\n"
        ),
    );
    assert_eq!(exit, 69);
    let (exit, said) = house.transcript(&["--config", "absent.toml"]);
    assert!(
        said.starts_with("error: cannot read the configuration absent.toml\n"),
        "{said}"
    );
    assert_eq!(exit, 78);
    std::fs::write(house.path("binary.toml"), [0xFF, 0xFE]).unwrap();
    let (exit, said) = house.transcript(&["--config", "binary.toml"]);
    assert!(said.contains("binary.toml is not UTF-8 text"), "{said}");
    assert_eq!(exit, 78);
    let output = house
        .program(&["--config", "ocsp.toml", "--check"])
        .env("SCEAU_OCSP_LISTEN", "nonsense")
        .output()
        .unwrap();
    let said = support::said(&output);
    assert!(said.starts_with("error: SCEAU_OCSP_LISTEN = "), "{said}");
    let (exit, _) = house.transcript(&[]);
    assert_eq!(exit, 64);
}

/// Compares line by line; `[NAME]` in the expected text stands for anything.
fn matches_transcript(said: &str, expected: &str) {
    let same = said.lines().count() == expected.lines().count()
        && said
            .lines()
            .zip(expected.lines())
            .all(|(s, e)| line_matches(s, e));
    assert!(same, "said:\n{said}\nexpected:\n{expected}");
}

fn line_matches(mut said: &str, expected: &str) -> bool {
    let mut parts = Vec::new();
    let mut rest = expected;
    while let Some((before, after)) = ["[SUBJECT]", "[ISSUER]", "[AUTHORITY]", "[TIME]"]
        .iter()
        .filter_map(|wild| rest.find(wild).map(|at| (at, wild.len())))
        .min()
        .map(|(at, len)| (&rest[..at], &rest[at + len..]))
    {
        parts.push(before);
        rest = after;
    }
    if parts.is_empty() {
        return said == expected;
    }
    for part in parts {
        match said.find(part) {
            Some(at) => said = &said[at + part.len()..],
            None => return false,
        }
    }
    said.ends_with(rest)
}

#[test]
fn a_key_whose_passphrase_nobody_gives_says_how_to_give_it() {
    let house = House::new();
    let arguments = [
        "pkcs8",
        "-topk8",
        "-in",
        "ocsp.key",
        "-passout",
        "pass:secret",
        "-out",
        "locked.key",
    ];
    if tool("openssl", &arguments, house.dir.path()).is_none() {
        return;
    }
    house.config(|good| good.replace("ocsp.key", "locked.key"));
    let run = |pin: Option<&str>| {
        let mut program = house.program(&["--config", "ocsp.toml", "--check"]);
        program.env_remove("SCEAU_PIN");
        if let Some(pin) = pin {
            program.env("SCEAU_PIN", pin);
        }
        let output = program.output().unwrap();
        (output.status.code().unwrap(), said(&output))
    };
    assert_eq!(run(Some("secret")).0, 0);
    assert_eq!(run(Some("wrong")).0, 77);
    let (exit, said) = run(None);
    assert!(
        said.contains("pin-file") && said.contains("SCEAU_PIN"),
        "{said}"
    );
    assert_eq!(exit, 77);
}

#[test]
fn a_restored_backup_of_the_record_does_not_hide_the_revocations_that_follow() {
    let mut house = House::new();
    house.config(|good| good);
    let serving = Serving::start(&house);
    let dir = house.dir.path().to_owned();
    let Some(said) = serving.ask(&dir) else {
        return;
    };
    assert!(said.contains("seal.pem: good"), "{said}");
    // The CA stops; a copy takes the place of the record, as after a restore.
    let settings = house.engine.settings().clone();
    let spare = tempfile::tempdir().unwrap();
    let empty = CaEngine::create(
        &spare.path().join("r"),
        settings.clone(),
        house.clock.clone(),
    );
    drop(std::mem::replace(&mut house.engine, empty.unwrap()));
    for end in ["", "-wal", "-shm"] {
        let file = dir.join(format!("record.sqlite{end}"));
        if file.exists() {
            let copy = dir.join("copy");
            std::fs::copy(&file, &copy).unwrap();
            std::fs::rename(&copy, &file).unwrap();
        }
    }
    let record = dir.join("record.sqlite");
    house.engine = CaEngine::open(&record, settings, house.clock.clone()).unwrap();
    house.revoke();
    let since = Instant::now();
    while !serving.ask(&dir).unwrap().contains("seal.pem: revoked") {
        assert!(since.elapsed() < Duration::from_secs(2), "still good");
    }
}
