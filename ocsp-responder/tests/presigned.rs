//! Answers signed ahead: the same bytes a relying party would get on demand, never out of date.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/watched.rs"]
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ca_core::status::Status;
use ocsp_responder::{
    AnswerPolicy, Delegate, Delegates, MemorySource, Policy, PreSigning, Reply, Responder,
};
use pki_asn1::ocsp::{BasicResponse, CertStatus, OcspResponseStatus};
use pki_asn1::{Certificate, Clock as _, ManualClock, SystemClock, UnixTime};
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};
use rcgen::KeyPair;
use support::{CA, Hierarchy, build, revoked, said, tool};
use watched::Watched;

struct Bench {
    hierarchy: Hierarchy,
    source: Arc<MemorySource>,
    clock: Arc<ManualClock>,
    key: Arc<Watched>,
    responder: Arc<Responder>,
}

fn delegate(hierarchy: &Hierarchy) -> (Arc<Watched>, Arc<Delegate>) {
    let pair = KeyPair::generate().unwrap();
    let certificate = hierarchy.issue(&Hierarchy::responder_params(), &pair);
    let key = Watched::new(&pair);
    let now = SystemClock.now();
    let delegate = Delegate::new(key.clone(), certificate, &hierarchy.certificate, now);
    (key, Arc::new(delegate.unwrap()))
}

impl Bench {
    /// With certificates of these serials, all good.
    fn new(serials: &[&[u8]]) -> Self {
        Self::at_rate(serials, 5_000)
    }

    fn at_rate(serials: &[&[u8]], rate: u32) -> Self {
        let hierarchy = Hierarchy::new("CA");
        let (key, delegate) = delegate(&hierarchy);
        let source = Arc::new(MemorySource::new());
        source.add_authority(CA, hierarchy.certificate.clone());
        for serial in serials {
            source.set_status(CA, serial, Status::Good);
        }
        let mut delegates = Delegates::default();
        delegates.add(CA.into(), delegate);
        let policy = Policy {
            answers: AnswerPolicy::PreSigned(PreSigning {
                rate,
                ..PreSigning::default()
            }),
            ..Policy::default()
        };
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let responder = Responder::new(source.clone(), clock.clone(), policy, delegates);
        Self {
            hierarchy,
            source,
            clock,
            key,
            responder: Arc::new(responder.unwrap()),
        }
    }

    /// One round of the signer, and one look at the record.
    fn round(&self) {
        self.responder.sign_ahead_once();
        self.responder.look();
    }

    fn signatures(&self) -> usize {
        self.key.signatures.load(Ordering::SeqCst)
    }

    async fn ask(&self, serial: &[u8], digest: DigestAlgorithm) -> Reply {
        let id = build::cert_id(&self.hierarchy.certificate, serial, digest, true);
        let request = build::request(&[id], None);
        self.responder.answer(request.into()).await
    }

    async fn body(&self, serial: &[u8], digest: DigestAlgorithm) -> Vec<u8> {
        match self.ask(serial, digest).await {
            Reply::Shared(signed) => signed.body.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    async fn is_good(&self, serial: &[u8]) -> bool {
        let body = self.body(serial, DigestAlgorithm::Sha256).await;
        matches!(
            verified(&body).data().responses[0].cert_status,
            CertStatus::Good(_)
        )
    }
}

fn verified(body: &[u8]) -> BasicResponse {
    let basic = BasicResponse::from_response(body).unwrap();
    let delegate = Certificate::from_der(basic.certs()[0].clone()).unwrap();
    let algorithm = SignatureAlgorithm::from_identifier(basic.signature_algorithm()).unwrap();
    PublicKey::from_spki_der(delegate.spki_der())
        .unwrap()
        .verify(
            algorithm,
            Message::Bytes(basic.tbs_der()),
            basic.signature(),
        )
        .unwrap();
    basic
}

const SERIAL: &[u8] = &[0x4F, 1, 2, 3];
const LONG: &[u8] = &[0x7F; 20];

#[tokio::test]
async fn what_was_signed_ahead_costs_no_signature_when_asked_and_is_whole() {
    let bench = Bench::new(&[SERIAL, LONG, &[5]]);
    bench
        .source
        .set_status(CA, &[5], revoked(bench.clock.now()));
    bench.round();
    // Three certificates, SHA-256 and SHA-1.
    assert_eq!(bench.signatures(), 6);
    for serial in [SERIAL, LONG, &[5]] {
        for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha1] {
            let basic = verified(&bench.body(serial, digest).await);
            let single = &basic.data().responses[0];
            assert_eq!(single.cert_id.serial_number.as_bytes(), serial);
            assert_eq!(single.cert_id.hash_algorithm.oid, digest.oid());
            match &single.cert_status {
                CertStatus::Good(_) => assert_ne!(serial, [5]),
                CertStatus::Revoked(info) => {
                    assert_eq!(serial, [5]);
                    assert_eq!(UnixTime::from(info.revocation_time), bench.clock.now());
                    assert!(info.revocation_reason.is_some());
                }
                CertStatus::Unknown(_) => panic!("unknown"),
            }
        }
    }
    assert_eq!(bench.signatures(), 6);
    // Other digests, and certificates that nobody knew of, are signed on demand.
    verified(&bench.body(SERIAL, DigestAlgorithm::Sha384).await);
    assert_eq!(bench.signatures(), 7);
    bench.source.set_status(CA, &[6], Status::Good);
    verified(&bench.body(&[6], DigestAlgorithm::Sha256).await);
    assert_eq!(bench.signatures(), 8);
    bench.round();
    assert_eq!(bench.signatures(), 10);
    let progress = bench.responder.presigned_progress().unwrap();
    assert_eq!((progress.certificates, progress.signed), (4, 4));
}

#[test]
fn openssl_and_pkilint_take_what_was_signed_ahead() {
    let bench = Bench::new(&[SERIAL, &[0x4F, 9]]);
    let dir = bench.hierarchy.dir.path();
    bench.hierarchy.leaf("good.pem", SERIAL);
    bench.hierarchy.leaf("revoked.pem", &[0x4F, 9]);
    bench
        .source
        .set_status(CA, &[0x4F, 9], revoked(bench.clock.now()));
    bench.round();
    let before = bench.signatures();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (file, serial) in [("good", SERIAL), ("revoked", &[0x4F, 9])] {
        for (option, digest) in [
            ("-sha1", DigestAlgorithm::Sha1),
            ("-sha256", DigestAlgorithm::Sha256),
        ] {
            let body = runtime.block_on(bench.body(serial, digest));
            std::fs::write(dir.join("r.der"), body).unwrap();
            let certificate = format!("{file}.pem");
            let arguments = [
                "ocsp",
                "-respin",
                "r.der",
                "-issuer",
                "ca.pem",
                option,
                "-cert",
                &certificate,
                "-CAfile",
                "ca.pem",
            ];
            if let Some(output) = tool("openssl", &arguments, dir) {
                let said = said(&output);
                assert!(said.contains("Response verify OK"), "{said}");
                assert!(said.contains(&format!("{certificate}: {file}")), "{said}");
            }
            let arguments = ["lint", "-s", "NOTICE", "r.der"];
            if let Some(output) = tool("lint_ocsp_response", &arguments, dir) {
                assert!(output.status.success(), "{}", said(&output));
            }
        }
    }
    assert_eq!(bench.signatures(), before);
}

#[tokio::test]
async fn a_good_that_was_signed_ahead_is_never_served_after_the_revocation_was_seen() {
    let bench = Bench::new(&[SERIAL]);
    bench.round();
    assert!(bench.is_good(SERIAL).await);
    bench
        .source
        .set_status(CA, SERIAL, revoked(bench.clock.now()));
    bench.responder.look();
    assert!(!bench.is_good(SERIAL).await);
    bench.round();
    let before = bench.signatures();
    assert!(!bench.is_good(SERIAL).await);
    assert_eq!(bench.signatures(), before);
    // A suspension that ends.
    bench.source.set_status(CA, SERIAL, Status::Good);
    bench.responder.look();
    assert!(bench.is_good(SERIAL).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocations_that_come_while_signing_are_not_overtaken() {
    let serials: Vec<[u8; 2]> = (0..200).map(|n| [0x40, n]).collect();
    let all: Vec<&[u8]> = serials.iter().map(|s| &s[..]).collect();
    let bench = Arc::new(Bench::new(&all));
    let signing = Arc::clone(&bench);
    let done = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&done);
    let signer = std::thread::spawn(move || {
        while !ended.load(Ordering::SeqCst) {
            signing.responder.sign_ahead_once();
        }
    });
    for serial in &serials {
        bench
            .source
            .set_status(CA, serial, revoked(bench.clock.now()));
        bench.responder.look();
        assert!(!bench.is_good(serial).await, "{serial:?}");
    }
    for serial in &serials {
        assert!(!bench.is_good(serial).await, "{serial:?}");
    }
    done.store(true, Ordering::SeqCst);
    signer.join().unwrap();
}

#[tokio::test]
async fn answers_are_signed_again_at_half_their_life_and_expired_certificates_no_more() {
    let bench = Bench::new(&[SERIAL]);
    let soon = bench.clock.now() + Duration::from_secs(600);
    bench.source.set_issued(CA, &[7], soon, Status::Good);
    bench.round();
    assert_eq!(bench.signatures(), 4);
    bench.clock.advance(Duration::from_secs(1799));
    bench.round();
    assert_eq!(bench.signatures(), 4);
    let first = bench.body(SERIAL, DigestAlgorithm::Sha256).await;
    bench.clock.advance(Duration::from_secs(1));
    bench.round();
    // The other one has expired: answered on demand, with archiveCutoff.
    assert_eq!(bench.signatures(), 6);
    let second = bench.body(SERIAL, DigestAlgorithm::Sha256).await;
    assert_ne!(first, second);
    assert_eq!(
        bench.responder.presigned_progress().unwrap().certificates,
        1
    );
    let expired = verified(&bench.body(&[7], DigestAlgorithm::Sha256).await);
    assert!(expired.data().responses[0].single_extensions.is_some());
    assert_eq!(bench.signatures(), 7);
}

#[tokio::test]
async fn a_token_that_goes_away_leaves_the_answers_to_their_end_and_comes_back_by_itself() {
    let bench = Bench::new(&[SERIAL]);
    bench.round();
    let first = bench.body(SERIAL, DigestAlgorithm::Sha256).await;
    bench.key.broken.store(true, Ordering::SeqCst);
    bench.clock.advance(Duration::from_secs(3599));
    bench.round();
    assert_eq!(bench.body(SERIAL, DigestAlgorithm::Sha256).await, first);
    bench.clock.advance(Duration::from_secs(1));
    bench.round();
    assert!(matches!(
        bench.ask(SERIAL, DigestAlgorithm::Sha256).await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    bench.key.broken.store(false, Ordering::SeqCst);
    bench.round();
    let before = bench.signatures();
    verified(&bench.body(SERIAL, DigestAlgorithm::Sha256).await);
    assert_eq!(bench.signatures(), before);
}

#[tokio::test]
async fn a_new_responder_certificate_takes_over_bit_by_bit() {
    let bench = Bench::new(&[SERIAL]);
    bench.round();
    let first = bench.body(SERIAL, DigestAlgorithm::Sha256).await;
    let (key, next) = delegate(&bench.hierarchy);
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), next);
    bench.responder.set_delegates(delegates).unwrap();
    // Until its turn comes, what the old one signed.
    assert_eq!(bench.body(SERIAL, DigestAlgorithm::Sha256).await, first);
    assert_eq!(key.signatures.load(Ordering::SeqCst), 0);
    bench.round();
    assert_eq!(key.signatures.load(Ordering::SeqCst), 2);
    // At once: the cache did not keep the old one.
    assert_ne!(bench.body(SERIAL, DigestAlgorithm::Sha256).await, first);
    assert_eq!(key.signatures.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn after_a_renewal_what_is_asked_for_is_signed_first() {
    let serials: Vec<[u8; 2]> = (0..200_u8).map(|n| [0x20, n]).collect();
    let serials: Vec<&[u8]> = serials.iter().map(AsRef::as_ref).collect();
    // Twenty signatures in a round, of two digests each.
    let bench = Bench::at_rate(&serials, 100);
    for _ in 0..serials.len() {
        bench.round();
    }
    let signed = bench.responder.presigned_progress().unwrap();
    assert_eq!((signed.signed, signed.former), (200, 0));
    let (key, next) = delegate(&bench.hierarchy);
    let certificate = next.certificate().clone();
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), next);
    bench.responder.set_delegates(delegates).unwrap();
    bench.round();
    let rest = bench.responder.presigned_progress().unwrap().former;
    assert!((180..200).contains(&rest), "{rest}");
    let of_the_new = |body: &[u8]| verified(body).certs()[0] == certificate.der();
    // Whatever the sweep does next, it is not these.
    let mut asked = Vec::new();
    for serial in serials.iter().rev() {
        if asked.len() < 5 && !of_the_new(&bench.body(serial, DigestAlgorithm::Sha256).await) {
            asked.push(*serial);
        }
    }
    bench.round();
    for serial in asked {
        assert!(of_the_new(
            &bench.body(serial, DigestAlgorithm::Sha256).await
        ));
    }
    let mut rounds = 2;
    while bench.responder.presigned_progress().unwrap().former > 0 {
        bench.round();
        rounds += 1;
        assert!(rounds < 100);
    }
    assert_eq!(key.signatures.load(Ordering::SeqCst), 400);
    // As long as the rate says: 400 signatures, twenty in a round.
    assert_eq!(rounds, 20);
}

#[tokio::test]
async fn what_a_revoked_responder_certificate_signed_is_not_told_any_more() {
    for revoked_first in [true, false] {
        // One certificate in a round.
        let bench = Bench::at_rate(&[SERIAL, LONG, &[5], &[6]], 5);
        let old = bench.responder.delegates().of(CA)[0].certificate().clone();
        bench.source.set_status(CA, old.serial(), Status::Good);
        for _ in 0..5 {
            bench.round();
        }
        let progress = || bench.responder.presigned_progress().unwrap();
        assert_eq!((progress().signed, progress().former), (5, 0));
        let (_, next) = delegate(&bench.hierarchy);
        let certificate = next.certificate().clone();
        let revoke = || {
            let status = revoked(bench.clock.now());
            bench.source.set_status(CA, old.serial(), status);
            bench.responder.look();
        };
        let mut delegates = Delegates::default();
        delegates.add(CA.into(), next);
        if revoked_first {
            revoke();
        }
        bench.responder.set_delegates(delegates).unwrap();
        bench.round();
        if !revoked_first {
            assert_eq!(progress().former, 4);
            revoke();
        }
        assert_eq!(progress().former, 0);
        for serial in [SERIAL, LONG, &[5], &[6]] {
            let body = bench.body(serial, DigestAlgorithm::Sha256).await;
            assert_eq!(verified(&body).certs()[0], certificate.der());
        }
    }
}

#[tokio::test]
async fn no_answer_outlives_the_certificate_that_signed_it() {
    let bench = Bench::new(&[SERIAL]);
    let now = bench.clock.now();
    let mut parameters = Hierarchy::responder_params();
    parameters.not_after = (now + Duration::from_secs(600)).to_offset();
    let pair = KeyPair::generate().unwrap();
    let certificate = bench.hierarchy.issue(&parameters, &pair);
    let key = Watched::new(&pair);
    let short = Delegate::new(key.clone(), certificate, &bench.hierarchy.certificate, now);
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), Arc::new(short.unwrap()));
    bench.responder.set_delegates(delegates).unwrap();
    bench.round();
    let first = bench.body(SERIAL, DigestAlgorithm::Sha256).await;
    // Its successor's token is gone.
    let (next_key, next) = delegate(&bench.hierarchy);
    next_key.broken.store(true, Ordering::SeqCst);
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), next);
    bench.responder.set_delegates(delegates).unwrap();
    bench.round();
    assert_eq!(bench.body(SERIAL, DigestAlgorithm::Sha256).await, first);
    bench.clock.advance(Duration::from_secs(601));
    bench.round();
    assert!(matches!(
        bench.ask(SERIAL, DigestAlgorithm::Sha256).await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    next_key.broken.store(false, Ordering::SeqCst);
    assert_ne!(bench.body(SERIAL, DigestAlgorithm::Sha256).await, first);
}

#[tokio::test]
async fn a_ca_with_a_new_key_has_nothing_left_of_the_old() {
    let bench = Bench::new(&[SERIAL]);
    bench.round();
    let next = Hierarchy::new("CA");
    bench.source.replace_authority(CA, next.certificate.clone());
    bench.responder.look();
    bench.round();
    assert!(matches!(
        bench.ask(SERIAL, DigestAlgorithm::Sha256).await,
        Reply::Error(OcspResponseStatus::Unauthorized)
    ));
}
