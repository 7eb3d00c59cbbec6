//! What Prometheus reads, judged by the parser of its Python client.
#![allow(clippy::unwrap_used)]

mod support;

use ca_core::status::Status;
use pki_asn1::{Clock as _, SystemClock};
use pki_crypto::DigestAlgorithm;
use support::{CA, Hierarchy, Running, build, metrics, python, revoked};

const GOOD: &[u8] = &[0x4F, 1];
const BAD: &[u8] = &[0x4F, 2];

fn scene() -> (Hierarchy, Running) {
    let hierarchy = Hierarchy::new("Counted CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, GOOD, Status::Good);
    running
        .source
        .set_status(CA, BAD, revoked(SystemClock.now()));
    running.source.set_crl(CA, hierarchy.crl());
    running.responder.look();
    let request = |serial: &[u8], nonce: Option<&[u8]>| {
        let id = build::cert_id(
            &hierarchy.certificate,
            serial,
            DigestAlgorithm::Sha256,
            false,
        );
        build::request(&[id], nonce)
    };
    for _ in 0..3 {
        running.post(&request(GOOD, None));
    }
    running.post(&request(BAD, None));
    running.post(&request(&[0x4F, 3], None));
    running.post(&request(GOOD, Some(&build::nonce(16))));
    running.post(b"nonsense");
    running.http("GET /ocsp/%%% HTTP/1.1", &[]);
    running.http("GET /status?ca=companies&serial=4F01 HTTP/1.1", &[]);
    running.wait_for_crl();
    (hierarchy, running)
}

#[test]
fn every_request_is_counted_once_and_the_cache_is_not_counted_as_work() {
    let (_hierarchy, running) = scene();
    let text = metrics(&running.responder);
    for line in [
        "sceau_ocsp_responses_total{status=\"successful\"} 6",
        "sceau_ocsp_responses_total{status=\"malformedRequest\"} 2",
        "sceau_ocsp_certificates_total{status=\"good\"} 4",
        "sceau_ocsp_certificates_total{status=\"revoked\"} 1",
        "sceau_ocsp_certificates_total{status=\"unknown\"} 1",
        "sceau_ocsp_cache_hits_total 2",
        "sceau_ocsp_cache_misses_total 4",
        "sceau_ocsp_cache_entries 2",
        "sceau_ocsp_sign_duration_seconds_count{ca=\"companies\"} 4",
        "sceau_page_lookups_total{verdict=\"good\"} 1",
        "sceau_crl_number{ca=\"companies\",crl=\"companies.crl\"} 7",
        "sceau_crl_refused_total 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in:\n{text}");
    }
}

#[test]
fn the_parser_of_prometheus_reads_every_family() {
    let (hierarchy, running) = scene();
    let dir = hierarchy.dir.path();
    std::fs::write(dir.join("metrics.txt"), metrics(&running.responder)).unwrap();
    let script = "from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open('metrics.txt').read()):
    assert family.documentation, family.name
    print(family.type, family.name, len(family.samples))
";
    let Some(said) = python(script, &[], dir) else {
        return;
    };
    for family in [
        "counter sceau_ocsp_responses 6",
        "counter sceau_ocsp_certificates 3",
        "histogram sceau_ocsp_sign_duration_seconds ",
        "gauge sceau_record_age_seconds 1",
        "gauge sceau_responder_certificate_expiry_seconds 1",
        "gauge sceau_crl_expiry_seconds 1",
    ] {
        assert!(said.contains(family), "{family} in:\n{said}");
    }
}
