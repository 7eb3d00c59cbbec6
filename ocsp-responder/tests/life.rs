//! A responder over years: its CA is renewed and rolled over, its certificate is renewed under it.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use ca_core::{GenerationName, NewAuthority, Renewal, Validity};
use hsm_pkcs11::{PinSource, Signer};
use ocsp_responder::{Config, Reply};
use pki_asn1::ocsp::{BasicResponse, CertStatus};
use pki_asn1::{Certificate, SystemClock};
use pki_crypto::DigestAlgorithm;
use support::house::{House, Serving, actors};
use support::{build, said, tool};

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

/// What openssl says of a certificate, and of the response.
fn ask(dir: &Path, serving: &Serving, issuer: &str, leaf: &str) -> Option<String> {
    let url = format!("{}/ocsp", serving.url);
    let arguments = [
        "ocsp",
        "-issuer",
        issuer,
        "-sha256",
        "-cert",
        leaf,
        "-url",
        &url,
        "-CAfile",
        "root.pem",
        "-verify_other",
        issuer,
        "-resp_text",
    ];
    tool("openssl", &arguments, dir).map(|output| said(&output))
}

#[test]
fn certificates_of_every_generation_are_answered_for_by_a_delegate_of_their_own_key() {
    for naming in [GenerationName::Own, GenerationName::Shared] {
        let house = House::new();
        let dir = house.dir.path();
        let renewal = Renewal {
            authority: "companies".into(),
            validity: Validity::ProfileDefault,
            actors: actors(),
        };
        let renewed = house.engine.renew_authority(&renewal, &house.root).unwrap();
        house.write("renewed.pem", &renewed.certificate);
        let order = NewAuthority {
            name: "companies-g2".into(),
            profile: "issuing-ca".into(),
            subject:
                "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Sceau companies CA G2"
                    .parse()
                    .unwrap(),
            key_location: "keys/g2.pem".into(),
            validity: Validity::ProfileDefault,
            actors: actors(),
        };
        let signer: Arc<dyn Signer> = Arc::new(support::software_key());
        house
            .engine
            .create_generation(
                &order,
                "companies",
                naming,
                signer.clone(),
                Some(&house.root),
            )
            .unwrap();
        let second = house.engine.unlock("companies-g2", signer).unwrap();
        house.write("g2.pem", &second.authority().certificate);
        house.signer_by(&second, "ocsp-g2");
        let leaf = house.issue_by(&second, "company-seal", SUBJECT, &support::software_key());
        house.write("seal-g2.pem", &leaf);
        house.config(|good| {
            format!(
                "{good}\n[[responder]]\nca = \"companies-g2\"\ncertificate = \"ocsp-g2.pem\"\nkey = \"ocsp-g2.key\"\n"
            )
        });
        let serving = Serving::start(&house);
        for (issuer, leaf) in [
            ("companies.pem", "seal.pem"),
            ("renewed.pem", "seal.pem"),
            ("g2.pem", "seal-g2.pem"),
        ] {
            let Some(said) = ask(dir, &serving, issuer, leaf) else {
                return;
            };
            assert!(said.contains("Response verify OK"), "{issuer}: {said}");
            assert!(said.contains(&format!("{leaf}: good")), "{issuer}: {said}");
        }
        // A certificate of one generation is not one of the other's.
        let said = ask(dir, &serving, "g2.pem", "seal.pem").unwrap();
        let expected = match naming {
            // openssl takes the issuer's name from the certificate and the key from the issuer.
            GenerationName::Own => "unauthorized (6)",
            GenerationName::Shared => "seal.pem: unknown",
        };
        assert!(said.contains(expected), "{said}");
        // Its status has been kept since the first certificate, two years ago, not since the renewal.
        let said = ask(dir, &serving, "renewed.pem", "seal.pem").unwrap();
        let mut cutoff = said.lines().skip_while(|l| !l.contains("Archive Cutoff"));
        let cutoff = cutoff.nth(1).unwrap().trim().to_owned();
        let first = house.issuing.authority().certificate.not_before();
        let year = first.to_string()[..4].to_owned();
        assert!(cutoff.contains(&year), "{cutoff} is not of {first}");
        assert_ne!(first, renewed.certificate.not_before());
    }
}

#[test]
fn a_renewed_certificate_is_taken_up_by_itself_and_no_request_fails_meanwhile() {
    let house = House::new();
    house.config(|good| good);
    let serving = Serving::start(&house);
    let address = serving.url.strip_prefix("http://").unwrap().to_owned();
    let issuer = house.issuing.authority().certificate.clone();
    let request = |nonce: bool| {
        let serial = house.seal.serial();
        let id = build::cert_id(&issuer, serial, DigestAlgorithm::Sha256, true);
        let nonce = nonce.then(|| build::nonce(32));
        build::request(&[id], nonce.as_deref())
    };
    let delegate_of = |body: &[u8]| {
        let basic = BasicResponse::from_response(body).unwrap();
        assert!(matches!(
            basic.data().responses[0].cert_status,
            CertStatus::Good(_)
        ));
        Certificate::from_der(basic.certs()[0].clone()).unwrap()
    };
    let first = delegate_of(&post(&address, &request(false)));
    let (ended, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for nonce in [true, false] {
            let request = request(nonce);
            let (ended, answered, address) = (&ended, &answered, &address);
            scope.spawn(move || {
                while !ended.load(Ordering::SeqCst) {
                    // Panics on anything but a successful response.
                    delegate_of(&post(address, &request));
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // One file after the other: between them the pair does not fit.
        std::fs::copy(house.path("ocsp2.pem"), house.path("ocsp.pem")).unwrap();
        std::thread::sleep(Duration::from_millis(2500));
        std::fs::copy(house.path("ocsp2.key"), house.path("ocsp.key")).unwrap();
        let since = Instant::now();
        while delegate_of(&post(&address, &request(false))) == first {
            if since.elapsed() > Duration::from_secs(20) {
                ended.store(true, Ordering::SeqCst);
                panic!("the renewed certificate was not taken up");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        ended.store(true, Ordering::SeqCst);
    });
    assert!(answered.load(Ordering::SeqCst) > 10);
}

/// The body of the response to a POST over a connection of its own.
fn post(address: &str, request: &[u8]) -> Vec<u8> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /ocsp HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        request.len()
    );
    stream
        .write_all(&[head.as_bytes(), request].concat())
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    answer.split_off(end + 4)
}

#[test]
fn what_is_signed_ahead_from_a_file_follows_its_record() {
    let house = House::new();
    signed_ahead(&house, "record.sqlite");
}

#[test]
fn what_is_signed_ahead_from_a_database_follows_its_record() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    let location = PostgresLocation::parse(&database.url, &PostgresAccess::default());
    let record = RecordLocation::from(location.unwrap());
    let house = House::on(tempfile::tempdir().unwrap(), record);
    signed_ahead(&house, &database.url);
}

fn signed_ahead(house: &House, record: &str) {
    house.config(|good| {
        let good = good.replace("record.sqlite", record);
        format!("answers = \"pre-signed\"\npre-sign-digests = [\"sha256\"]\n{good}")
    });
    let config = Config::load(&house.path("ocsp.toml"), None).unwrap_or_else(|failure| {
        panic!("{:?}", failure.causes());
    });
    let open = config.open(&PinSource::FirstOf(Vec::new()), Arc::new(SystemClock));
    let responder = Arc::new(open.unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let status_of = |leaf: &Certificate| {
        let issuer = &house.issuing.authority().certificate;
        let id = build::cert_id(issuer, leaf.serial(), DigestAlgorithm::Sha256, true);
        let request = build::request(&[id], None);
        match runtime.block_on(responder.answer(request.into())) {
            Reply::Shared(signed) => {
                let basic = BasicResponse::from_response(&signed.body).unwrap();
                basic.data().responses[0].cert_status.clone()
            }
            other => panic!("{other:?}"),
        }
    };
    responder.sign_ahead_once();
    responder.look();
    // Two responder certificates and a seal; a third responder certificate has expired.
    let progress = responder.presigned_progress().unwrap();
    assert_eq!((progress.certificates, progress.signed), (3, 3));
    assert!(matches!(status_of(&house.seal), CertStatus::Good(_)));
    house.revoke();
    responder.look();
    assert_eq!(responder.presigned_progress().unwrap().signed, 2);
    assert!(matches!(status_of(&house.seal), CertStatus::Revoked(_)));
    let another = house.issue("company-seal", SUBJECT, &support::software_key());
    responder.look();
    responder.sign_ahead_once();
    let progress = responder.presigned_progress().unwrap();
    assert_eq!((progress.certificates, progress.signed), (4, 4));
    assert!(matches!(status_of(&another), CertStatus::Good(_)));
    assert!(matches!(status_of(&house.seal), CertStatus::Revoked(_)));
}
