//! `sceau verify --trusted-list`: trust and qualification by the word of a list that xmlsec1 signed.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use der::Encode as _;
use pki_asn1::oid;
use pki_asn1::qc::{QcStatement, QcStatements};
use pki_crypto::DigestAlgorithm;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use sceau_tests::environment::skipped;
use sceau_tests::program::{Call, Outcome, find};
use sceau_tests::trusted_list::{
    self, ECDSA_SHA256, EU_GENERIC, EU_LISTS, List, Pointer, SHA256, Service, Signing,
};
use serde_json::Value;

/// A folder with a CA, somebody who signed, and who operates the list.
struct World {
    folder: tempfile::TempDir,
    ca: rcgen::Certificate,
    operator: rcgen::Certificate,
}

impl World {
    fn new(law: &[&str]) -> Option<Self> {
        if find("xmlsec1").is_none() {
            skipped("xmlsec1 is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let named = |name: &str| {
            let mut parameters = CertificateParams::default();
            parameters.distinguished_name.push(DnType::CommonName, name);
            parameters
                .distinguished_name
                .push(DnType::OrganizationName, trusted_list::PROVIDER);
            parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(2040, 1, 1);
            parameters
        };
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_parameters = named("Listed CA");
        ca_parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = ca_parameters.self_signed(&ca_key).unwrap();
        let operator_key = KeyPair::generate().unwrap();
        let operator = named("Scheme Operator").self_signed(&operator_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut person = named("Camille Exemple");
        person.not_before = rcgen::date_time_ymd(2026, 2, 1);
        person.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        let mut statements = vec![
            QcStatement::bare(oid::QCS_COMPLIANCE),
            QcStatement::bare(oid::QCS_SSCD),
            QcStatement::qc_type(oid::QCT_ESIGN).unwrap(),
        ];
        if !law.is_empty() {
            statements.push(QcStatement::cc_legislation(law.iter().copied()).unwrap());
        }
        person.custom_extensions = vec![CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 3],
            QcStatements(statements).to_der().unwrap(),
        )];
        let issuer = Issuer::from_params(&ca_parameters, &ca_key);
        let person = person.signed_by(&key, &issuer).unwrap();
        write("ca.pem", &ca.pem());
        write("operator.pem", &operator.pem());
        write("operator.key", &operator_key.serialize_pem());
        write("person.pem", &person.pem());
        write("person.key", &key.serialize_pem());
        write("notes.txt", "signed text\n");
        let world = Self {
            folder,
            ca,
            operator,
        };
        let signed = world.sceau(&[
            "sign",
            "notes.txt",
            "--out",
            "notes.p7s",
            "--key",
            "person.key",
            "--cert",
            "person.pem",
            "--attached",
            "--level",
            "b-b",
        ]);
        assert!(signed.success(), "{}", signed.text());
        Some(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sceau(&self, arguments: &[&str]) -> Outcome {
        Call::new(env!("CARGO_BIN_EXE_sceau"))
            .args(arguments)
            .folder(self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .run()
            .unwrap()
    }

    fn list(&self, name: &str, list: &List) {
        let digest = DigestAlgorithm::Sha256.digest(self.operator.der());
        let digest = base64(digest.as_bytes());
        let how = Signing {
            property: trusted_list::SIGNING_CERTIFICATE,
            key: &self.path("operator.key"),
            certificate: &self.path("operator.pem"),
            method: ECDSA_SHA256,
            digest: SHA256,
            uri: "",
            certificate_digest: Some(&digest),
        };
        let signed = trusted_list::sign(&list.to_xml(), &how).unwrap();
        assert!(trusted_list::verifies(&signed, &self.path("operator.pem")).unwrap());
        std::fs::write(self.path(name), signed).unwrap();
    }

    fn service(&self) -> Service {
        Service::granted("CA/QC", "2020-01-01T00:00:00Z", &base64(self.ca.der()))
            .with_information("ForeSignatures")
    }

    /// The exit status, and the JSON where there is one.
    fn verify(&self, arguments: &[&str]) -> (i32, Value, Outcome) {
        let mut all = vec![
            "verify",
            "notes.p7s",
            "--offline",
            "--revocation",
            "if-available",
            "--report",
            "json",
        ];
        all.extend(arguments);
        let outcome = self.sceau(&all);
        let json = serde_json::from_str(&outcome.out()).unwrap_or_default();
        (outcome.code.unwrap_or(-1), json, outcome)
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const LIST: [&str; 4] = [
    "--trusted-list",
    "list.xml",
    "--trusted-list-signer",
    "operator.pem",
];

fn level(json: &Value) -> &str {
    json["signatures"][0]["signer"]["qualified"]["trustedList"]["level"]
        .as_str()
        .unwrap_or("none")
}

#[test]
fn a_listed_authority_is_trusted_and_makes_signatures_qualified() {
    let Some(world) = World::new(&[]) else { return };
    let mut list = List::new(EU_GENERIC, "XX");
    list.services.push(world.service());
    world.list("list.xml", &list);
    let (code, json, outcome) = world.verify(&LIST);
    assert_eq!(code, 0, "{}", outcome.text());
    assert_eq!(level(&json), "QESig");
    let found = &json["signatures"][0]["signer"]["qualified"]["trustedList"];
    assert_eq!(found["service"]["provider"], "Test Trust Ltd");
    assert_eq!(found["service"]["territory"], "XX");
    assert_eq!(json["trustedLists"][0]["used"], true);
    // Without the list nobody is trusted, with the root alone nothing is known of qualification.
    let (code, _, _) = world.verify(&[]);
    assert_eq!(code, 64);
    let (code, json, _) = world.verify(&["--trust", "ca.pem"]);
    assert_eq!((code, level(&json)), (0, "none"));
    let text = world.sceau(
        &[
            &[
                "verify",
                "notes.p7s",
                "--offline",
                "--revocation",
                "if-available",
            ][..],
            &LIST,
        ]
        .concat(),
    );
    assert!(
        text.out()
            .contains("Qualified:    qualified electronic signature"),
        "{}",
        text.out()
    );
    assert!(
        text.out()
            .contains("Trusted list list.xml (XX): next update 2046"),
        "{}",
        text.out()
    );
    // The same from the settings file.
    std::fs::write(
        world.path("sceau.toml"),
        "[trusted-lists]\nlists = [\"list.xml\"]\nsigners = [\"operator.pem\"]\n",
    )
    .unwrap();
    let (code, json, _) = world.verify(&["--settings", "sceau.toml"]);
    assert_eq!((code, level(&json)), (0, "QESig"));
}

#[test]
fn a_service_that_was_withdrawn_is_trusted_no_more() {
    let Some(world) = World::new(&[]) else { return };
    let mut list = List::new(EU_GENERIC, "XX");
    list.services.push(Service {
        status: ("withdrawn".into(), "2026-03-01T00:00:00Z".into()),
        history: vec![("granted".into(), "2020-01-01T00:00:00Z".into())],
        ..world.service()
    });
    world.list("list.xml", &list);
    let (code, json, outcome) = world.verify(&LIST);
    assert_eq!(code, 2, "{}", outcome.text());
    let error = &json["signatures"][0]["errors"][0];
    assert_eq!(error["code"], "NO_CERTIFICATE_CHAIN_FOUND_NO_POE");
    assert!(
        error["hint"].as_str().unwrap().contains("granted at"),
        "{error}"
    );
    // While it was granted, it was another matter.
    let (code, json, _) = world.verify(&[&LIST[..], &["--at", "2026-02-20T00:00:00Z"]].concat());
    assert_eq!((code, level(&json)), (0, "QESig"));
    // Whoever trusts the authority anyway still learns that the signature is not qualified.
    let (code, json, _) = world.verify(&[&LIST[..], &["--trust", "ca.pem"]].concat());
    assert_eq!((code, level(&json)), (0, "not-qualified"));
}

#[test]
fn an_earlier_edition_beside_the_present_one_trusts_who_was_withdrawn() {
    let Some(world) = World::new(&[]) else { return };
    let mut list = List::new(EU_GENERIC, "XX");
    list.services.push(world.service());
    world.list("old.xml", &list);
    list.sequence_number += 1;
    list.services[0].status = ("withdrawn".into(), "2026-01-02T00:00:00Z".into());
    world.list("list.xml", &list);
    for files in [["old.xml", "list.xml"], ["list.xml", "old.xml"]] {
        let [first, second] = files;
        let given = ["--trusted-list", first, "--trusted-list", second];
        let (code, json, outcome) = world.verify(&[&given[..], &LIST[2..]].concat());
        assert_eq!(code, 2, "{}", outcome.text());
        let lists = json["trustedLists"].as_array().unwrap();
        let old = lists.iter().find(|l| l["location"] == "old.xml").unwrap();
        assert_eq!(old["used"], false);
        assert!(
            old["problem"].as_str().unwrap().contains("number 7"),
            "{old}"
        );
        let present = lists.iter().find(|l| l["location"] == "list.xml").unwrap();
        assert_eq!(present["used"], true);
    }
}

#[test]
fn the_service_of_time_stamps_does_not_vouch_for_signers() {
    let Some(world) = World::new(&[]) else { return };
    let mut list = List::new(EU_GENERIC, "XX");
    list.services.push(Service::granted(
        "TSA/QTST",
        "2020-01-01T00:00:00Z",
        &base64(world.ca.der()),
    ));
    world.list("list.xml", &list);
    let (code, json, outcome) = world.verify(&LIST);
    assert_eq!(code, 2, "{}", outcome.text());
    assert_eq!(level(&json), "not-qualified");
}

#[test]
fn the_list_of_the_law_that_the_certificate_names_decides() {
    let Some(world) = World::new(&["MC"]) else {
        return;
    };
    for (territory, expected) in [("MC", "QESig"), ("XX", "not-qualified")] {
        let mut list = List::new(
            "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/CClist",
            territory,
        );
        list.services.push(world.service());
        world.list("list.xml", &list);
        let (code, json, outcome) = world.verify(&LIST);
        assert_eq!((code, level(&json)), (0, expected), "{}", outcome.text());
    }
}

#[test]
fn a_list_that_cannot_be_relied_on_is_an_error_with_its_reason() {
    let Some(world) = World::new(&[]) else { return };
    let mut list = List::new(EU_GENERIC, "XX");
    list.services.push(world.service());
    world.list("list.xml", &list);
    let good = std::fs::read_to_string(world.path("list.xml")).unwrap();
    let said = |arguments: &[&str], expected: i32, words: &str| {
        let (code, _, outcome) = world.verify(arguments);
        assert_eq!(code, expected, "{}", outcome.text());
        assert!(outcome.err().contains(words), "{}", outcome.text());
        assert!(outcome.err().contains("hint:"), "{}", outcome.text());
    };
    said(
        &["--trusted-list", "list.xml"],
        64,
        "nobody is named who may sign",
    );
    said(
        &[
            "--trusted-list",
            "list.xml",
            "--trusted-list-signer",
            "ca.pem",
        ],
        65,
        "who is not among those",
    );
    said(
        &[
            "--trusted-list",
            "http://list.sceau.example/",
            "--trusted-list-signer",
            "operator.pem",
        ],
        64,
        "--offline",
    );
    let tampered = good.replacen("Svcstatus/granted", "Svcstatus/grantex", 1);
    std::fs::write(world.path("list.xml"), tampered).unwrap();
    said(&LIST, 65, "not signed as it should be");
    std::fs::write(
        world.path("list.xml"),
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
    )
    .unwrap();
    said(&LIST, 65, "document type definition");
    list.next_update = Some("2026-02-01T00:00:00Z".into());
    world.list("list.xml", &list);
    said(&LIST, 65, "has run out");
    let (code, json, _) = world.verify(&[&LIST[..], &["--expired-list", "accept"]].concat());
    assert_eq!((code, level(&json)), (0, "QESig"));
    assert!(
        json["trustedLists"][0]["problem"]
            .as_str()
            .unwrap()
            .contains("run out")
    );
}

#[test]
fn a_list_of_lists_is_followed_over_http_and_kept() {
    let Some(world) = World::new(&[]) else { return };
    let mut national = List::new(EU_GENERIC, "XX");
    national.services.push(world.service());
    world.list("national.xml", &national);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut lotl = List::new(EU_LISTS, "EU");
    for name in ["national.xml", "missing.xml"] {
        lotl.pointers.push(Pointer {
            location: format!("{base}/{name}"),
            signers: vec![base64(world.operator.der())],
            list_type: EU_GENERIC.into(),
            territory: "XX".into(),
            information: String::new(),
        });
    }
    world.list("lotl.xml", &lotl);
    let root = world.folder.path().to_owned();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let counted = asked.clone();
    std::thread::spawn(move || serve(&listener, &root, &counted));
    let url = format!("{base}/lotl.xml");
    let verify = || {
        world.sceau(&[
            "verify",
            "notes.p7s",
            "--revocation",
            "if-available",
            "--report",
            "json",
            "--proxy",
            "none",
            "--trusted-list",
            &url,
            "--trusted-list-signer",
            "operator.pem",
            "--cache-dir",
            "kept",
        ])
    };
    for round in 0..2 {
        let outcome = verify();
        let json: Value = serde_json::from_str(&outcome.out()).unwrap_or_default();
        assert_eq!(level(&json), "QESig", "{}", outcome.text());
        let lists = json["trustedLists"].as_array().unwrap();
        assert_eq!(lists.len(), 3, "{lists:?}");
        assert!(
            lists[2]["problem"]
                .as_str()
                .unwrap()
                .contains("cannot be fetched")
        );
        // Lists are kept; what was not there is asked for again.
        let seen = asked.lock().unwrap().clone();
        let times = |name: &str| seen.iter().filter(|s: &&String| s.contains(name)).count();
        assert_eq!(
            (
                times("lotl.xml"),
                times("national.xml"),
                times("missing.xml")
            ),
            (1, 1, round + 1)
        );
    }
}

#[test]
fn an_old_list_that_comes_again_is_noticed() {
    let Some(world) = World::new(&[]) else { return };
    let edition = |sequence_number, issued: &str, status: &str| {
        let mut list = List::new(EU_GENERIC, "XX");
        list.sequence_number = sequence_number;
        list.issued = issued.into();
        let mut service = world.service();
        service.status.0 = status.into();
        list.services.push(service);
        list
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut lotl = List::new(EU_LISTS, "EU");
    lotl.pointers.push(Pointer {
        location: format!("{base}/national.xml"),
        signers: vec![base64(world.operator.der())],
        list_type: EU_GENERIC.into(),
        territory: "XX".into(),
        information: String::new(),
    });
    world.list("lotl.xml", &lotl);
    let root = world.folder.path().to_owned();
    std::thread::spawn(move || serve(&listener, &root, &std::sync::Mutex::default()));
    let verify = |list: &str, cache: &[&str]| {
        // What was fetched before has been thrown away; what was learned has not.
        for entry in std::fs::read_dir(world.path("kept")).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "entry") {
                std::fs::remove_file(path).unwrap();
            }
        }
        let url = format!("{base}/{list}");
        let arguments = [
            &[
                "verify",
                "notes.p7s",
                "--revocation",
                "if-available",
                "--report",
                "json",
                "--proxy",
                "none",
                "--trusted-list",
                &url,
                "--trusted-list-signer",
                "operator.pem",
            ][..],
            cache,
        ]
        .concat();
        let outcome = world.sceau(&arguments);
        let json: Value = serde_json::from_str(&outcome.out()).unwrap_or_default();
        (outcome.code.unwrap_or(-1), json, outcome)
    };
    let kept = ["--cache-dir", "kept"];
    world.list(
        "national.xml",
        &edition(8, "2026-03-01T00:00:00Z", "withdrawn"),
    );
    let (code, _, outcome) = verify("lotl.xml", &kept);
    assert_eq!(code, 2, "{}", outcome.text());
    // The list from before the withdrawal, as it was signed then.
    world.list(
        "national.xml",
        &edition(7, "2026-02-01T00:00:00Z", "granted"),
    );
    let (code, json, outcome) = verify("lotl.xml", &kept);
    assert_eq!(code, 2, "{}", outcome.text());
    assert_eq!(json["trustedLists"][1]["used"], false, "{json:#}");
    let problem = json["trustedLists"][1]["problem"]
        .as_str()
        .unwrap_or_default();
    assert!(
        problem.contains("number 7, and number 8 was there before"),
        "{problem}"
    );
    let (code, _, outcome) = verify("national.xml", &["--no-cache"]);
    assert_eq!(
        code,
        0,
        "nothing is known without a cache: {}",
        outcome.text()
    );
    // Named itself, it is an error; and so it stays.
    world.list(
        "national.xml",
        &edition(9, "2026-04-01T00:00:00Z", "granted"),
    );
    assert_eq!(verify("national.xml", &kept).0, 0);
    world.list(
        "national.xml",
        &edition(8, "2026-03-01T00:00:00Z", "granted"),
    );
    for _ in 0..2 {
        let (code, _, outcome) = verify("national.xml", &kept);
        assert_eq!(code, 65, "{}", outcome.text());
        assert!(outcome.err().contains("replaying"), "{}", outcome.text());
    }
    // Who numbers anew has a later date. What is damaged is forgotten, not feared.
    world.list(
        "national.xml",
        &edition(1, "2026-05-01T00:00:00Z", "granted"),
    );
    assert_eq!(verify("national.xml", &kept).0, 0);
    std::fs::write(world.path("kept/trusted-lists.editions"), b"\xff 9 x\n").unwrap();
    assert_eq!(verify("national.xml", &kept).0, 0);
}

fn serve(listener: &std::net::TcpListener, root: &Path, asked: &std::sync::Mutex<Vec<String>>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        let name = first
            .split(' ')
            .nth(1)
            .unwrap()
            .trim_start_matches('/')
            .to_owned();
        asked.lock().unwrap().push(name.clone());
        let (status, body) = match std::fs::read(root.join(&name)) {
            Ok(body) => ("200 OK", body),
            Err(_) => ("404 Not Found", Vec::new()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&body);
    }
}
