//! What nobody sane would send, and responder certificates that change and end while everybody asks.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ca_core::status::Status;
use ocsp_responder::{AnswerPolicy, Delegate, Delegates, Policy, PreSigning};
use pki_asn1::ocsp::{BasicResponse, CertStatus};
use pki_asn1::{Certificate, Clock as _, ManualClock, SystemClock, pem};
use pki_crypto::DigestAlgorithm;
use proptest::prelude::*;
use rcgen::KeyPair;
use support::{CA, Hierarchy, Running, build};

const SERIAL: &[u8] = &[0x4F, 1, 2, 3];

/// A delegate whose certificate ends so long after the clock's now.
fn delegate(hierarchy: &Hierarchy, clock: &ManualClock, life: Duration) -> Delegates {
    let pair = KeyPair::generate().unwrap();
    let mut parameters = Hierarchy::responder_params();
    parameters.not_after = (clock.now() + life).to_offset();
    let certificate = hierarchy.issue(&parameters, &pair);
    let signer = hsm_pkcs11::SoftwareKey::from_pkcs8(&pair.serialize_der(), None).unwrap();
    let authority = &hierarchy.certificate;
    let made = Delegate::new(Arc::new(signer), certificate, authority, clock.now()).unwrap();
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), Arc::new(made));
    delegates
}

#[test]
fn certificates_that_change_and_end_under_load_fail_no_request_and_outlive_no_answer() {
    for answers in [
        AnswerPolicy::OnDemand,
        AnswerPolicy::PreSigned(PreSigning::default()),
    ] {
        let hierarchy = Hierarchy::new("Short CA");
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let policy = Policy {
            answers,
            // The clock goes faster here than the record is looked at.
            record_age: Duration::from_secs(1_000_000),
            ..Policy::default()
        };
        let running = Running::with(&hierarchy, policy, Arc::clone(&clock) as _);
        let serials: Vec<Vec<u8>> = (0..8).map(|n| [SERIAL, &[n]].concat()).collect();
        for serial in &serials {
            running.source.set_status(CA, serial, Status::Good);
        }
        running.responder.look();
        let life = Duration::from_secs(300);
        let set = || {
            let next = delegate(&hierarchy, &clock, life);
            running.responder.set_delegates(next).unwrap();
        };
        set();
        let (ended, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
        let seen = std::thread::scope(|scope| {
            let askers: Vec<_> = (0..3_usize)
                .map(|asker| {
                    let (running, ended, answered) = (&running, &ended, &answered);
                    let (clock, hierarchy, serials) = (&clock, &hierarchy, &serials);
                    scope.spawn(move || {
                        let mut signers = BTreeSet::new();
                        for n in (asker..).step_by(3) {
                            if ended.load(Ordering::SeqCst) {
                                break;
                            }
                            let serial = &serials[n % serials.len()];
                            let digest = DigestAlgorithm::Sha256;
                            let id = build::cert_id(&hierarchy.certificate, serial, digest, true);
                            let nonce = (n % 4 == 0).then(|| build::nonce(16));
                            let asked_at = clock.now();
                            let (head, body) =
                                running.post(&build::request(&[id], nonce.as_deref()));
                            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                            let basic = BasicResponse::from_response(&body).unwrap();
                            let single = &basic.data().responses[0];
                            assert!(matches!(single.cert_status, CertStatus::Good(_)));
                            let signer = Certificate::from_der(basic.certs()[0].clone()).unwrap();
                            assert!(signer.not_after() >= asked_at, "{n}");
                            signers.insert(signer.der().to_vec());
                            answered.fetch_add(1, Ordering::SeqCst);
                        }
                        signers
                    })
                })
                .collect();
            let until_answered = |more: usize| {
                let (before, begun) = (answered.load(Ordering::SeqCst), Instant::now());
                while answered.load(Ordering::SeqCst) < before + more
                    && begun.elapsed() < Duration::from_secs(5)
                {
                    std::thread::sleep(Duration::from_millis(2));
                }
            };
            for _ in 0..12 {
                until_answered(60);
                // The next one comes when the last one has some seconds left. Requests that began with it
                // end within those.
                clock.advance(life - Duration::from_secs(30));
                set();
                until_answered(6);
                clock.advance(Duration::from_secs(20));
            }
            ended.store(true, Ordering::SeqCst);
            let of_each = askers.into_iter().map(|asker| asker.join().unwrap());
            of_each.flatten().collect::<BTreeSet<_>>()
        });
        assert!(seen.len() >= 12, "{}", seen.len());
    }
}

/// Every series there is, without its value.
fn series(running: &Running) -> BTreeSet<String> {
    let text = support::metrics(&running.responder);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn nothing_that_a_client_chooses_becomes_a_label() {
    let hierarchy = Hierarchy::new("Counted CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, SERIAL, Status::Good);
    running.source.set_crl(CA, hierarchy.crl());
    running.responder.look();
    running.wait_for_crl();
    let hostile = |round: u32| {
        for n in 0..30_u32 {
            let name = format!("zzz{round}x{n}");
            let other = [round.to_be_bytes(), n.to_be_bytes()].concat();
            for head in [
                format!("GET /{name} HTTP/1.1"),
                format!("GET /crl/{name}.crl HTTP/1.1"),
                format!("GET /crl/companies.{n}.crl HTTP/1.1"),
                format!("GET /ca/{name}.cer HTTP/1.1"),
                format!("GET /ca/{name}.p7c HTTP/1.1"),
                format!("GET /ocsp/{name} HTTP/1.1"),
                format!("GET /status?ca={name}&serial={n} HTTP/1.1"),
                format!("GET /status?ca=companies&serial=4F{n}&lang={name} HTTP/1.1"),
                format!("{} / HTTP/1.1", name.to_uppercase()),
                format!("GET /?{name} HTTP/1.1\r\nAccept-Language: {name}\r\nUser-Agent: {name}"),
            ] {
                running.http(&head, &[]);
            }
            let digest = DigestAlgorithm::Sha1;
            let id = build::cert_id(&hierarchy.certificate, &other, digest, true);
            running.post(&build::request(&[id], Some(&other)));
            let mut stranger = hierarchy.certificate.der().to_vec();
            stranger.rotate_left(n as usize);
            running.post(&stranger);
        }
    };
    hostile(0);
    let first = series(&running);
    for line in &first {
        assert!(!line.to_lowercase().contains("zzz"), "{line}");
    }
    hostile(1);
    assert_eq!(series(&running), first);
}

const BOUNDARY: &str = "----sceau";

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (fields, content) in parts {
        body.extend(format!("--{BOUNDARY}\r\n{fields}\r\n\r\n").as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

const FIELD: &str = "Content-Disposition: form-data; name=\"certificate\"; filename=\"a.pem\"";

fn send(running: &Running, content_type: &str, body: &[u8]) -> (u16, String) {
    let head = format!(
        "POST /status?lang=en HTTP/1.1\r\nAccept: text/html\r\nContent-Type: {content_type}"
    );
    let begun = Instant::now();
    let (head, body) = running.http(&head, body);
    assert!(begun.elapsed() < Duration::from_secs(10), "{head}");
    let page = String::from_utf8(body).unwrap();
    assert!(!page.contains("<script"), "{page}");
    (head[9..12].parse().unwrap(), page)
}

#[test]
fn hostile_uploads_are_named_as_wrong_and_harm_nobody() {
    let hierarchy = Hierarchy::new("Page CA");
    let running = Running::new(&hierarchy);
    let leaf = hierarchy.leaf("good.pem", SERIAL);
    running.source.set_status(CA, SERIAL, Status::Good);
    running.responder.look();
    let multipart = format!("multipart/form-data; boundary={BOUNDARY}");
    let good = form(&[(FIELD, leaf.der())]);
    assert_eq!(send(&running, &multipart, &good).0, 200);

    let armoured = pem::encode("CERTIFICATE", leaf.der()).unwrap();
    let bomb = armoured.repeat(50_000 / armoured.len());
    let deep = [[0x30, 0x80].repeat(15_000), vec![0; 20_000]].concat();
    let long = [&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF][..], &[0; 100]].concat();
    let traversal = "Content-Disposition: form-data; name=\"certificate\"; filename=\"../../etc/<script>\\\"\u{0}\"";
    let many: Vec<(String, &[u8])> = (0..500)
        .map(|n| {
            (
                format!("Content-Disposition: form-data; name=\"{n}\""),
                &b"x"[..],
            )
        })
        .collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(f, c)| (f.as_str(), *c)).collect();
    let fields = format!("{FIELD}\r\n{}", "X-Field: a\r\n".repeat(3000));
    let nested = form(&[(
        "Content-Disposition: form-data; name=\"certificate\"\r\nContent-Type: multipart/mixed; boundary=inner",
        b"--inner\r\n\r\nx\r\n--inner--",
    )]);
    for (what, content_type, body) in [
        ("no boundary", "multipart/form-data", good.clone()),
        (
            "another boundary",
            "multipart/form-data; boundary=other",
            good.clone(),
        ),
        (
            "an empty boundary",
            "multipart/form-data; boundary=",
            good.clone(),
        ),
        (
            "another type",
            "application/x-www-form-urlencoded",
            b"certificate=x".to_vec(),
        ),
        (
            "two types",
            &format!("{multipart}\r\nContent-Type: text/plain"),
            good.clone(),
        ),
        ("nothing", &multipart, Vec::new()),
        ("an empty file", &multipart, form(&[(FIELD, b"")])),
        ("no such field", &multipart, form(&many)),
        ("depth", &multipart, form(&[(FIELD, &deep)])),
        ("a length that lies", &multipart, form(&[(FIELD, &long)])),
        ("many fields", &multipart, form(&[(&fields, leaf.der())])),
        ("a form in the form", &multipart, nested),
        (
            "text",
            &multipart,
            form(&[(FIELD, b"<script>alert(1)</script>")]),
        ),
        (
            "PEM of nothing",
            &multipart,
            form(&[(
                FIELD,
                b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            )]),
        ),
        (
            "PEM without end",
            &multipart,
            form(&[(FIELD, &armoured.as_bytes()[..200])]),
        ),
        (
            "a private key",
            &multipart,
            form(&[(
                FIELD,
                b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            )]),
        ),
        (
            "a large file",
            &multipart,
            form(&[(FIELD, &[b'A'; 61_000])]),
        ),
    ] {
        let (status, page) = send(&running, content_type, &body);
        assert_eq!(status, 400, "{what}: {page}");
    }
    // Too much altogether; several certificates, of which the first is told of; a name that is a path.
    assert_eq!(
        send(&running, &multipart, &form(&[(FIELD, &[b'A'; 66_000])])).0,
        413
    );
    assert_eq!(
        send(&running, &multipart, &form(&[(FIELD, bomb.as_bytes())])).0,
        200
    );
    let (status, _) = send(&running, &multipart, &form(&[(traversal, leaf.der())]));
    assert!(matches!(status, 200 | 400), "{status}");
    for end in (0..good.len()).step_by(61) {
        let (status, page) = send(&running, &multipart, &good[..end]);
        assert_eq!(status, 400, "{end}: {page}");
    }
    assert_eq!(send(&running, &multipart, &good).0, 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_forms_get_an_answer(at in 0_usize..1200, octets in proptest::collection::vec(any::<u8>(), 1..20)) {
        use std::sync::OnceLock;
        static SCENE: OnceLock<(Running, Vec<u8>)> = OnceLock::new();
        let (running, good) = SCENE.get_or_init(|| {
            let hierarchy = Hierarchy::new("Page CA");
            let running = Running::new(&hierarchy);
            let leaf = hierarchy.leaf("good.pem", SERIAL);
            running.source.set_status(CA, SERIAL, Status::Good);
            running.responder.look();
            (running, form(&[(FIELD, leaf.der())]))
        });
        let mut body = good.clone();
        let at = at % body.len();
        let end = (at + octets.len()).min(body.len());
        body.splice(at..end, octets);
        let multipart = format!("multipart/form-data; boundary={BOUNDARY}");
        let (status, _) = send(running, &multipart, &body);
        prop_assert!(matches!(status, 200 | 400), "{}", status);
    }
}
