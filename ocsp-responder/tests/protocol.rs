//! What RFC 6960, RFC 9654 and RFC 9919 ask of a responder, and when an answer changes.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/watched.rs"]
mod watched;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ca_core::status::Status;
use der::Decode;
use hsm_pkcs11::{Signer, SoftwareKey};
use ocsp_responder::{
    Delegate, DelegateError, MemorySource, NoncePolicy, NotIssuedPolicy, Policy, Reply, Responder,
    StartError,
};
use pki_asn1::ocsp::{BasicResponse, CertStatus, OcspResponse, OcspResponseStatus, ResponderId};
use pki_asn1::{Certificate, Clock, ManualClock, SystemClock, UnixTime, oid};
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};
use rcgen::{CertificateParams, KeyPair, KeyUsagePurpose};
use support::{CA, Hierarchy, Running, build, revoked};
use watched::Watched;

const SERIAL: &[u8] = &[0x4F, 1, 2, 3];

fn ask(hierarchy: &Hierarchy, serial: &[u8], extensions: Option<&[u8]>) -> Vec<u8> {
    let id = build::cert_id(
        &hierarchy.certificate,
        serial,
        DigestAlgorithm::Sha256,
        false,
    );
    build::request(&[id], extensions)
}

fn error(body: &[u8]) -> OcspResponseStatus {
    OcspResponse::from_der(body).unwrap().response_status
}

/// Parses and verifies with the certificate that came along.
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

#[test]
fn the_cert_id_is_echoed_byte_for_byte_in_every_form() {
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, SERIAL, Status::Good);
    for digest in [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
    ] {
        for null in [true, false] {
            let id = build::cert_id(&hierarchy.certificate, SERIAL, digest, null);
            let (_, body) = running.post(&build::request(std::slice::from_ref(&id), None));
            let basic = verified(&body);
            assert!(matches!(
                basic.data().responses[0].cert_status,
                CertStatus::Good(_)
            ));
            assert!(body.windows(id.len()).any(|w| w == id), "{digest} {null}");
            assert!(matches!(basic.data().responder_id, ResponderId::ByKey(_)));
        }
    }
}

#[test]
fn a_nonce_is_echoed_from_1_to_128_octets_and_refused_outside() {
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, SERIAL, Status::Good);
    for len in [1, 16, 32, 128] {
        let (head, body) = running.post(&ask(&hierarchy, SERIAL, Some(&build::nonce(len))));
        assert_eq!(verified(&body).nonce(), Some(vec![0xAB; len]));
        assert!(head.contains("cache-control: no-store"), "{head}");
        assert!(!head.contains("etag"), "{head}");
    }
    for len in [0, 129] {
        let (head, body) = running.post(&ask(&hierarchy, SERIAL, Some(&build::nonce(len))));
        assert_eq!(error(&body), OcspResponseStatus::MalformedRequest);
        assert!(
            head.starts_with("HTTP/1.1 200") && head.contains("no-store"),
            "{head}"
        );
    }
    let twice = [build::nonce(8), build::nonce(9)].concat();
    let (_, body) = running.post(&ask(&hierarchy, SERIAL, Some(&twice)));
    assert_eq!(error(&body), OcspResponseStatus::MalformedRequest);
}

#[test]
fn the_cached_policy_leaves_the_nonce_out() {
    let hierarchy = Hierarchy::new("CA");
    let policy = Policy {
        nonce: NoncePolicy::Cached,
        ..Policy::default()
    };
    let running = Running::with(&hierarchy, policy, Arc::new(SystemClock));
    running.source.set_status(CA, SERIAL, Status::Good);
    let (head, body) = running.post(&ask(&hierarchy, SERIAL, Some(&build::nonce(32))));
    assert_eq!(verified(&body).nonce(), None);
    assert!(head.contains("etag: "), "{head}");
}

#[test]
fn a_double_slash_merged_by_a_proxy_is_repaired_where_only_one_reading_fits() {
    use base64::Engine as _;
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    let mut repaired = 0;
    for last in 0..=255 {
        // A serial whose base64 is full of slashes, at every alignment.
        for serial in [
            &[0x7F, 0xFF, 0xFF, 0xFF, last][..],
            &[0x7F, 0xFF, 0xF0, last],
        ] {
            let request = ask(&hierarchy, serial, None);
            let text = base64::engine::general_purpose::STANDARD.encode(&request);
            let merged = text.replacen("//", "/", 1);
            if merged == text || text.matches("//").count() > 1 {
                continue;
            }
            let (_, body) = running.http(&format!("GET /ocsp/{merged} HTTP/1.1"), b"");
            if error(&body) == OcspResponseStatus::Successful {
                let basic = verified(&body);
                let answered = &basic.data().responses[0].cert_id.serial_number;
                assert_eq!(answered.as_bytes(), serial);
                repaired += 1;
            }
        }
        if repaired > 4 {
            return;
        }
    }
}

#[test]
fn foreign_issuers_are_unauthorized_and_unknown_critical_extensions_malformed() {
    let hierarchy = Hierarchy::new("CA");
    // The same name with another key: another generation of the CA.
    let other = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    let (_, body) = running.post(&ask(&other, SERIAL, None));
    assert_eq!(error(&body), OcspResponseStatus::Unauthorized);
    let mixed = [&hierarchy, &other]
        .map(|h| build::cert_id(&h.certificate, SERIAL, DigestAlgorithm::Sha1, true));
    let (_, body) = running.post(&build::request(&mixed, None));
    assert_eq!(error(&body), OcspResponseStatus::Unauthorized);
    for (critical, expected) in [
        (true, OcspResponseStatus::MalformedRequest),
        (false, OcspResponseStatus::Successful),
    ] {
        let extension = build::extension(&oid::QCS_PDS, critical, &[5, 0]);
        let (_, body) = running.post(&ask(&hierarchy, SERIAL, Some(&extension)));
        assert_eq!(error(&body), expected);
    }
}

#[test]
fn a_certificate_never_issued_is_never_good_and_never_cached() {
    let hierarchy = Hierarchy::new("CA");
    for policy in [NotIssuedPolicy::Unknown, NotIssuedPolicy::ExtendedRevoked] {
        let policy = Policy {
            not_issued: policy,
            ..Policy::default()
        };
        let extended = policy.not_issued == NotIssuedPolicy::ExtendedRevoked;
        let running = Running::with(&hierarchy, policy, Arc::new(SystemClock));
        let (head, body) = running.post(&ask(&hierarchy, SERIAL, None));
        assert!(head.contains("no-store"), "{head}");
        let basic = verified(&body);
        let marked = basic
            .data()
            .response_extensions
            .iter()
            .flatten()
            .any(|e| e.extn_id == oid::OCSP_EXTENDED_REVOKE);
        assert_eq!(marked, extended);
        match &basic.data().responses[0].cert_status {
            CertStatus::Unknown(_) => assert!(!extended),
            CertStatus::Revoked(info) => {
                assert!(extended);
                assert_eq!(UnixTime::from(info.revocation_time), UnixTime::EPOCH);
            }
            CertStatus::Good(_) => panic!("good"),
        }
        assert!(basic.data().responses[0].single_extensions.is_none());
    }
}

#[test]
fn a_revocation_is_visible_within_a_second_over_a_kept_alive_connection() {
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, SERIAL, Status::Good);
    let request = ask(&hierarchy, SERIAL, None);
    let is_good = || {
        let basic = verified(&running.post(&request).1);
        matches!(basic.data().responses[0].cert_status, CertStatus::Good(_))
    };
    for _ in 0..3 {
        assert!(is_good());
    }
    running
        .source
        .set_status(CA, SERIAL, revoked(SystemClock.now()));
    let since = std::time::Instant::now();
    while is_good() {
        assert!(since.elapsed() < Duration::from_secs(1), "still good");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Never good again.
    for _ in 0..20 {
        assert!(!is_good());
    }
}

#[test]
fn a_date_does_not_hide_a_revocation_in_the_same_second() {
    use base64::Engine as _;
    let hierarchy = Hierarchy::new("CA");
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let running = Running::with(&hierarchy, Policy::default(), clock.clone());
    running.source.set_status(CA, SERIAL, Status::Good);
    let request = base64::engine::general_purpose::URL_SAFE.encode(ask(&hierarchy, SERIAL, None));
    let date = http_service::http_date(clock.now());
    let conditional = || {
        running.http(
            &format!("GET /ocsp/{request} HTTP/1.1\r\nIf-Modified-Since: {date}"),
            b"",
        )
    };
    let (head, _) = conditional();
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
    running.source.set_status(CA, SERIAL, revoked(clock.now()));
    running.responder.look();
    let (head, body) = conditional();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(matches!(
        verified(&body).data().responses[0].cert_status,
        CertStatus::Revoked(_)
    ));
}

/// A responder without HTTP, a clock that stands still, a key that is watched.
struct Bench {
    hierarchy: Hierarchy,
    source: Arc<MemorySource>,
    clock: Arc<ManualClock>,
    key: Arc<Watched>,
    responder: Arc<Responder>,
}

impl Bench {
    fn new() -> Self {
        let hierarchy = Hierarchy::new("CA");
        let pair = KeyPair::generate().unwrap();
        let certificate = hierarchy.issue(&Hierarchy::responder_params(), &pair);
        let key = Watched::new(&pair);
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let delegate = Delegate::new(
            key.clone(),
            certificate,
            &hierarchy.certificate,
            clock.now(),
        );
        let source = Arc::new(MemorySource::new());
        source.add_authority(CA, hierarchy.certificate.clone());
        source.set_status(CA, SERIAL, Status::Good);
        let delegates = HashMap::from([(CA.to_owned(), Arc::new(delegate.unwrap()))]);
        let policy = Policy::default();
        let responder = Responder::new(source.clone(), clock.clone(), policy, delegates).unwrap();
        Self {
            hierarchy,
            source,
            clock,
            key,
            responder: Arc::new(responder),
        }
    }

    async fn ask(&self) -> Reply {
        let request = ask(&self.hierarchy, SERIAL, None);
        self.responder.answer(request.into()).await
    }

    async fn shared(&self) -> Arc<ocsp_responder::cache::Signed> {
        match self.ask().await {
            Reply::Shared(signed) => signed,
            other => panic!("{other:?}"),
        }
    }

    fn signatures(&self) -> usize {
        self.key.signatures.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_change_elsewhere_in_the_record_costs_a_look_up_and_no_signature() {
    let bench = Bench::new();
    let first = bench.shared().await;
    assert_eq!(bench.shared().await.body, first.body);
    assert_eq!(bench.signatures(), 1);
    bench.source.set_status(CA, &[9, 9], Status::Good);
    bench.responder.look();
    assert_eq!(bench.shared().await.body, first.body);
    assert_eq!(bench.signatures(), 1);
    bench
        .source
        .set_status(CA, SERIAL, revoked(bench.clock.now()));
    bench.responder.look();
    assert_ne!(bench.shared().await.body, first.body);
    assert_eq!(bench.signatures(), 2);
}

/// Between two looks at the record, a request with a nonce reads it; the cache must not fall behind
/// what that answer has told.
#[tokio::test]
async fn who_has_seen_revoked_is_not_served_a_cached_good() {
    let bench = Bench::new();
    let good = bench.shared().await;
    bench
        .source
        .set_status(CA, SERIAL, revoked(bench.clock.now()));
    let nonce = build::nonce(32);
    let live = ask(&bench.hierarchy, SERIAL, Some(&nonce));
    match bench.responder.answer(live.into()).await {
        Reply::Once(_) => {}
        other => panic!("{other:?}"),
    }
    assert_ne!(bench.shared().await.body, good.body);
}

/// The status that an answer with a nonce gives is kept for the next one, but not beyond a change.
#[tokio::test]
async fn a_nonce_gets_the_status_of_the_record_that_was_seen_last() {
    let bench = Bench::new();
    let is_good = async || {
        let request = ask(&bench.hierarchy, SERIAL, Some(&build::nonce(32)));
        match bench.responder.answer(request.into()).await {
            Reply::Once(body) => matches!(
                verified(&body).data().responses[0].cert_status,
                CertStatus::Good(_)
            ),
            other => panic!("{other:?}"),
        }
    };
    assert!(is_good().await);
    // Known: the record is not needed for it, as for an answer in the cache.
    bench.source.set_unreadable(true);
    assert!(is_good().await);
    bench.source.set_unreadable(false);
    bench
        .source
        .set_status(CA, SERIAL, revoked(bench.clock.now()));
    bench.responder.look();
    for _ in 0..3 {
        assert!(!is_good().await);
        assert_ne!(bench.shared().await.status, Status::Good);
    }
    bench.source.set_status(CA, SERIAL, Status::Good);
    bench.responder.look();
    assert!(is_good().await);
}

#[tokio::test]
async fn an_answer_is_replaced_at_half_its_life_and_max_age_ends_before() {
    let bench = Bench::new();
    let first = bench.shared().await;
    let life = first.window.next_update.since(first.window.this_update);
    assert_eq!(life, 3600);
    assert_eq!(first.max_age(bench.clock.now()), 1799);
    bench.clock.advance(Duration::from_secs(1799));
    bench.responder.look();
    assert_eq!(bench.shared().await.body, first.body);
    assert_eq!(first.max_age(bench.clock.now()), 0);
    bench.clock.advance(Duration::from_secs(1));
    bench.responder.look();
    let second = bench.shared().await;
    assert_eq!(second.window.this_update, bench.clock.now());
}

#[tokio::test]
async fn a_key_out_of_reach_leaves_the_signed_answers_and_then_try_later() {
    let bench = Bench::new();
    let first = bench.shared().await;
    bench.key.broken.store(true, Ordering::SeqCst);
    bench.clock.advance(Duration::from_secs(3599));
    bench.responder.look();
    assert_eq!(bench.shared().await.body, first.body);
    bench.clock.advance(Duration::from_secs(1));
    bench.responder.look();
    assert!(matches!(
        bench.ask().await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    // A changed status must be signed; the old answer is not an option.
    bench.key.broken.store(false, Ordering::SeqCst);
    bench.shared().await;
    bench.key.broken.store(true, Ordering::SeqCst);
    bench
        .source
        .set_status(CA, SERIAL, revoked(bench.clock.now()));
    bench.responder.look();
    assert!(matches!(
        bench.ask().await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    bench.key.broken.store(false, Ordering::SeqCst);
    bench.shared().await;
}

#[tokio::test]
async fn a_record_unreadable_for_too_long_turns_into_try_later_and_recovers() {
    let bench = Bench::new();
    bench.shared().await;
    bench.source.set_unreadable(true);
    bench.clock.advance(Duration::from_secs(60));
    bench.responder.look();
    bench.shared().await;
    bench.clock.advance(Duration::from_secs(1));
    bench.responder.look();
    assert!(matches!(
        bench.ask().await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    assert!(bench.responder.trouble().is_some());
    bench.source.set_unreadable(false);
    bench.responder.look();
    bench.shared().await;
    assert_eq!(bench.responder.trouble(), None);
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_make_old_data_new() {
    let bench = Bench::new();
    bench.shared().await;
    bench.source.set_unreadable(true);
    let before = bench.clock.now();
    bench.clock.set(before - Duration::from_secs(600));
    bench.responder.look();
    // The answer of before would be served again from this second on.
    bench.clock.set(before);
    bench.responder.look();
    assert!(matches!(
        bench.ask().await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
    bench.source.set_unreadable(false);
    bench.responder.look();
    bench.shared().await;
}

#[tokio::test]
async fn a_responder_certificate_that_expires_while_serving_gives_try_later() {
    let bench = Bench::new();
    bench.clock.set(UnixTime::MAX);
    bench.responder.look();
    assert!(matches!(
        bench.ask().await,
        Reply::Error(OcspResponseStatus::TryLater)
    ));
}

#[tokio::test]
async fn a_new_delegate_answers_at_once_and_the_old_answers_are_gone() {
    let bench = Bench::new();
    let first = bench.shared().await;
    let delegates = HashMap::from([(CA.to_owned(), Arc::new(bench.hierarchy.delegate()))]);
    bench.responder.set_delegates(delegates).unwrap();
    let second = bench.shared().await;
    assert_ne!(first.body, second.body);
    assert_ne!(
        verified(&first.body).data().responder_id,
        verified(&second.body).data().responder_id
    );
    let nobody = HashMap::from([("nobody".to_owned(), Arc::new(bench.hierarchy.delegate()))]);
    let error = bench.responder.set_delegates(nobody).unwrap_err();
    assert!(matches!(error, StartError::UnknownAuthority { .. }));
    assert_eq!(error.hint().unwrap(), "it knows companies");
}

#[tokio::test]
async fn a_ca_created_while_serving_is_noticed() {
    let bench = Bench::new();
    bench.shared().await;
    let other = Hierarchy::new("Another CA");
    bench
        .source
        .add_authority("another", other.certificate.clone());
    bench.responder.look();
    bench.shared().await;
    let request = ask(&other, SERIAL, None);
    assert!(matches!(
        bench.responder.answer(request.into()).await,
        Reply::Error(OcspResponseStatus::Unauthorized)
    ));
}

#[test]
fn a_certificate_that_clients_would_refuse_is_refused_at_start() {
    let hierarchy = Hierarchy::new("CA");
    let now = SystemClock.now();
    let key = KeyPair::generate().unwrap();
    let signer = || -> Arc<dyn Signer> {
        Arc::new(SoftwareKey::from_pkcs8(&key.serialize_der(), None).unwrap())
    };
    let good = Hierarchy::responder_params();
    let try_with = |issuer: &Hierarchy, params: &CertificateParams, signer: Arc<dyn Signer>| {
        let certificate = issuer.issue(params, &key);
        Delegate::new(signer, certificate, &hierarchy.certificate, now)
    };
    try_with(&hierarchy, &good, signer()).unwrap();
    let changed = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = good.clone();
        change(&mut params);
        params
    };
    let stranger = Arc::new(support::software_key());
    let cases = [
        try_with(&hierarchy, &good, stranger),
        try_with(&Hierarchy::new("Other CA"), &good, signer()),
        try_with(&Hierarchy::new("CA"), &good, signer()),
        try_with(
            &hierarchy,
            &changed(&|p| p.extended_key_usages = vec![]),
            signer(),
        ),
        try_with(
            &hierarchy,
            &changed(&|p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
            signer(),
        ),
        try_with(
            &hierarchy,
            &changed(&|p| p.not_after = rcgen::date_time_ymd(2020, 1, 1)),
            signer(),
        ),
        try_with(
            &hierarchy,
            &changed(&|p| p.not_before = rcgen::date_time_ymd(2090, 1, 1)),
            signer(),
        ),
    ]
    .map(Result::unwrap_err);
    assert!(matches!(cases[0], DelegateError::KeyMismatch { .. }));
    assert!(matches!(cases[1], DelegateError::OtherIssuer { .. }));
    assert!(matches!(cases[2], DelegateError::OtherKey { .. }));
    assert!(matches!(cases[3], DelegateError::NotForOcsp { .. }));
    assert!(matches!(cases[4], DelegateError::NoDigitalSignature { .. }));
    assert!(matches!(cases[5], DelegateError::Expired { .. }));
    assert!(matches!(cases[6], DelegateError::NotYetValid { .. }));
    assert!(cases.iter().all(|e| e.hint().is_some()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_asks_the_same_costs_one_signature() {
    let bench = Arc::new(Bench::new());
    bench.key.slow.store(true, Ordering::SeqCst);
    let crowd: Vec<_> = (0..200)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.shared().await.body.clone() })
        })
        .collect();
    let mut bodies = Vec::new();
    for asked in crowd {
        bodies.push(asked.await.unwrap());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(bench.signatures(), 1);
}

#[tokio::test]
async fn a_ca_whose_key_changed_is_not_answered_for_by_the_old_responder() {
    let bench = Bench::new();
    bench.shared().await;
    let next = Hierarchy::new("CA");
    bench.source.replace_authority(CA, next.certificate.clone());
    bench.responder.look();
    for request in [
        ask(&bench.hierarchy, SERIAL, None),
        ask(&next, SERIAL, None),
    ] {
        assert!(matches!(
            bench.responder.answer(request.into()).await,
            Reply::Error(OcspResponseStatus::Unauthorized)
        ));
    }
    assert!(bench.responder.trouble().is_some());
}

#[tokio::test]
async fn a_look_that_failed_half_way_is_taken_again() {
    let bench = Bench::new();
    let next = Hierarchy::new("Next CA");
    bench.source.add_authority("next", next.certificate.clone());
    bench.source.set_authorities_unreadable(true);
    bench.responder.look();
    bench.source.set_authorities_unreadable(false);
    bench.responder.look();
    // Known without a reload: the request is refused as nobody's, not as a stranger's, and its
    // certificate is served.
    assert!(bench.responder.knows("next"));
}
