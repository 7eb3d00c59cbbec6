//! Several units, their ends, and their renewal while the service runs.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::sync::Arc;

use der::Encode as _;
use http_service::{Health as _, metrics};
use pki_asn1::UnixTime;
use pki_asn1::tsp::{PkiFailureInfo, TimeStampReq};
use rcgen::{CertificateParams, CustomExtension, KeyUsagePurpose};
use support::{Offer, Running, Unit, failure, name, request, time_stamping};
use tsa_server::clock::{ManualTimeSource, TimeSource};
use tsa_server::config::Running as Service;
use tsa_server::offer::TimeStampPolicy;
use tsa_server::{Config, Tsa};

const SECOND_POLICY: &str = "1.3.6.1.4.1.32473.1.8";

/// A unit whose key may be used in this period, given as GeneralizedTime.
fn unit(cn: &str, from: &str, until: &str) -> Unit {
    let mut period = vec![0x30, 34, 0x80, 15];
    period.extend_from_slice(from.as_bytes());
    period.extend_from_slice(&[0x81, 15]);
    period.extend_from_slice(until.as_bytes());
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = name(cn);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    params.custom_extensions = vec![
        time_stamping(true),
        CustomExtension::from_oid_content(&[2, 5, 29, 16], period),
    ];
    Unit::with(params)
}

fn clock(time: &str) -> Arc<ManualTimeSource> {
    let time: UnixTime = time.parse().unwrap();
    Arc::new(ManualTimeSource::new(time.into()))
}

fn authority(folder: &Path, source: Arc<dyn TimeSource>, offer: Offer) -> Arc<Tsa> {
    let old = unit("Old", "20260101000000Z", "20261231235959Z");
    let new = unit("New", "20270101000000Z", "20271231235959Z");
    let old = old.unit().unwrap().named("old");
    let new = new.unit().unwrap().named("new");
    let new = new.for_policies(vec![support::POLICY.parse().unwrap()]);
    support::authority(vec![Arc::new(old), Arc::new(new)], folder, source, offer)
}

/// The name in the certificate of a token.
fn signer(body: &[u8]) -> &'static str {
    let has = |name: &str| body.windows(name.len()).any(|w| w == name.as_bytes());
    match (has("Old"), has("New")) {
        (true, false) => "Old",
        (false, true) => "New",
        _ => panic!("no token, or one with both"),
    }
}

#[test]
fn the_next_unit_takes_over_when_the_key_usage_period_of_the_first_ends() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock("2026-12-31T23:59:58Z");
    let tsa = authority(folder.path(), Arc::clone(&clock) as _, Offer::default());
    let running = Running::of(tsa);
    let query = request().to_der().unwrap();
    for expected in ["Old", "Old", "New", "New"] {
        assert_eq!(signer(&running.post(&query).1), expected);
        clock.advance(std::time::Duration::from_secs(1));
    }
}

#[test]
fn a_path_chooses_a_unit_that_then_stands_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock("2026-12-01T00:00:00Z");
    let tsa = authority(folder.path(), clock, Offer::default());
    let running = Running::of(tsa);
    let query = request().to_der().unwrap();
    assert_eq!(signer(&running.post_to("/tsa/old", &query).1), "Old");
    let (_, body) = running.post_to("/tsa/new", &query);
    assert_eq!(failure(&body), Some(PkiFailureInfo::TimeNotAvailable));
    for path in ["/tsa/none", "/tsa/", "/tsa/old/"] {
        let (head, _) = running.post_to(path, &query);
        assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
    }
}

#[test]
fn a_policy_is_served_by_its_units_alone() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock("2026-12-31T23:59:59Z");
    let mut offer = Offer::default();
    let second = TimeStampPolicy::new(SECOND_POLICY.parse().unwrap());
    offer.policies.push(second);
    let tsa = authority(folder.path(), Arc::clone(&clock) as _, offer);
    tsa.ready().unwrap();
    let running = Running::of(Arc::clone(&tsa));
    let query = TimeStampReq {
        req_policy: Some(SECOND_POLICY.parse().unwrap()),
        ..request()
    };
    let query = query.to_der().unwrap();
    assert_eq!(signer(&running.post(&query).1), "Old");
    let (_, body) = running.post_to("/tsa/new", &query);
    assert_eq!(failure(&body), Some(PkiFailureInfo::UnacceptedPolicy));
    clock.advance(std::time::Duration::from_secs(1));
    let (_, body) = running.post(&query);
    assert_eq!(failure(&body), Some(PkiFailureInfo::TimeNotAvailable));
    assert!(tsa.ready().unwrap_err().contains("may not sign after"));
    // The other policy goes on.
    assert_eq!(signer(&running.post(&request().to_der().unwrap()).1), "New");
}

const CONFIG: &str = "listen = [\"127.0.0.1:0\"]\ncertificate = \"tsu.pem\"\nkey = \"tsu.key\"\npolicy = \"1.3.6.1.4.1.32473.1.7\"\n";

fn service(home: &Unit, source: Arc<dyn TimeSource>) -> Service {
    std::fs::write(home.path("tsa.toml"), CONFIG).unwrap();
    let config = Config::load(&home.path("tsa.toml"), None)
        .map_err(|failure| failure.to_text())
        .unwrap();
    let prepared = config
        .prepare(&hsm_pkcs11::PinSource::None, source)
        .unwrap();
    prepared.start().unwrap()
}

/// Puts another unit's files where this unit's are.
fn copy(from: &Unit, to: &Unit, file: &str) {
    std::fs::copy(from.path(file), to.path(file)).unwrap();
}

#[test]
fn a_renewed_unit_is_taken_up_without_a_failed_request() {
    let home = unit("Old", "20260101000000Z", "20261231235959Z");
    let renewed = unit("New", "20260101000000Z", "20271231235959Z");
    let service = service(&home, clock("2026-12-01T00:00:00Z"));
    let running = Running::of(Arc::clone(&service.tsa));
    let query = request().to_der().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let stopped = || stop.load(std::sync::atomic::Ordering::SeqCst);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut signers = Vec::new();
            while !stopped() {
                signers.push(signer(&running.post(&query).1));
            }
            signers
        });
        let stamped_by = |expected: &str| {
            while signer(&running.post(&query).1) != expected {
                std::thread::yield_now();
            }
        };
        stamped_by("Old");
        // The certificate comes first, and for a while it is not the key's.
        copy(&renewed, &home, "tsu.pem");
        service.reloader.lock().unwrap().check();
        stamped_by("Old");
        copy(&renewed, &home, "tsu.key");
        service.on_reload()();
        stamped_by("New");
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut signers = asking.join().unwrap();
        signers.dedup();
        assert!(signers.is_sorted_by(|a, b| a >= b), "{signers:?}");
    });
}

#[test]
fn a_unit_that_may_not_sign_yet_waits_for_its_time() {
    let home = unit("Old", "20260101000000Z", "20261231235959Z");
    let renewed = unit("New", "20261231000000Z", "20271231235959Z");
    let clock = clock("2026-12-30T23:00:00Z");
    let service = service(&home, Arc::clone(&clock) as _);
    let running = Running::of(Arc::clone(&service.tsa));
    let query = request().to_der().unwrap();
    for file in ["tsu.pem", "tsu.key"] {
        copy(&renewed, &home, file);
    }
    service.reloader.lock().unwrap().check();
    assert_eq!(signer(&running.post(&query).1), "Old");
    clock.advance(std::time::Duration::from_secs(3600));
    service.reloader.lock().unwrap().check();
    assert_eq!(signer(&running.post(&query).1), "New");
}

#[test]
fn the_operator_vouches_for_a_clock_that_was_set() {
    let home = unit("Old", "20260101000000Z", "20261231235959Z");
    let clock = clock("2026-12-01T00:00:00Z");
    let service = service(&home, Arc::clone(&clock) as _);
    let running = Running::of(Arc::clone(&service.tsa));
    let query = request().to_der().unwrap();
    clock.set("2026-12-01T00:00:10Z".parse::<UnixTime>().unwrap().into());
    let expected = Some(PkiFailureInfo::TimeNotAvailable);
    assert_eq!(failure(&running.post(&query).1), expected);
    service.on_reload()();
    assert_eq!(failure(&running.post(&query).1), None);
    drop((running, service));
    let journal = std::fs::read_dir(home.path("tsa-journal")).unwrap();
    let texts = journal.map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap());
    let text: String = texts.collect();
    for event in [
        "\"event\":\"started\"",
        "\"event\":\"unit\",\"unit\":\"unit\",\"subject\":\"CN=Old",
        "\"event\":\"clock\",\"state\":\"lost\",\"reason\":\"the clock jumped by 10000 ms",
        "\"event\":\"clock\",\"state\":\"synchronised\"",
        "\"event\":\"token\"",
        "\"event\":\"stopped\"",
    ] {
        assert!(text.contains(event), "{event}\n{text}");
    }
}

#[test]
fn what_an_operator_watches_is_counted() {
    let home = unit("Old", "20260101000000Z", "20261231235959Z");
    let service = service(&home, clock("2026-12-31T23:59:00Z"));
    let mut registry = metrics::registry();
    tsa_server::metrics::register(&service.tsa, &mut registry);
    let running = Running::of(Arc::clone(&service.tsa));
    let query = request().to_der().unwrap();
    running.post(&query);
    running.post(&query);
    running.post(b"no query");
    let text = metrics::text(&registry);
    for line in [
        "sceau_tsa_tokens_granted_total 2",
        "sceau_tsa_queries_rejected_total{failure=\"badDataFormat\"} 1",
        "sceau_tsa_queries_rejected_total{failure=\"timeNotAvailable\"} 0",
        "sceau_tsa_queries_busy_total 0",
        "sceau_tsa_signing_seconds_count 2",
        "sceau_tsa_clock_trusted 1",
        "sceau_tsa_journal_writable 1",
        "sceau_tsa_journal_waiting 0",
        "sceau_tsa_unit_key_expiry_seconds{unit=\"unit\"} 59",
        "# EOF",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
}
