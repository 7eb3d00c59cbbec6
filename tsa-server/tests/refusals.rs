//! What is refused, and how: RFC 3161 section 2.4.2 names a failure for each.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use der::Encode;
use der::asn1::{Int, OctetString};
use pki_asn1::tsp::{PkiFailureInfo, TimeStampReq};
use pki_asn1::{UnixTime, oid};
use pki_crypto::DigestAlgorithm;
use proptest::prelude::*;
use rcgen::{CertificateParams, CustomExtension, KeyUsagePurpose};
use support::{Offer, Running, Unit, failure, name, request, time_stamping};
use tsa_server::UnitError;
use tsa_server::clock::ManualTimeSource;
use tsa_server::offer::{OfferedPolicy, TimeStampPolicy};
use tsa_server::query::Query;

#[test]
fn each_unacceptable_query_gets_the_failure_the_rfc_names() {
    use PkiFailureInfo::{
        BadAlg, BadDataFormat, BadRequest, UnacceptedExtension, UnacceptedPolicy,
    };
    let unit = Unit::new();
    let running = Running::new(&unit, support::system());
    let ask = |change: &dyn Fn(&mut TimeStampReq)| {
        let mut request = request();
        change(&mut request);
        let (head, body) = running.post(&request.to_der().unwrap());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        failure(&body)
    };
    assert_eq!(ask(&|_| ()), None);
    assert_eq!(
        ask(&|r| r.req_policy = Some(support::POLICY.parse().unwrap())),
        None
    );
    assert_eq!(ask(&|r| r.version = 2), Some(BadRequest));
    assert_eq!(
        ask(&|r| r.message_imprint.hash_algorithm = DigestAlgorithm::Sha1.identifier()),
        Some(BadAlg)
    );
    assert_eq!(
        ask(&|r| r.message_imprint.hash_algorithm.oid = oid::CT_DATA),
        Some(BadAlg)
    );
    assert_eq!(
        ask(&|r| r.message_imprint.hash_algorithm.parameters =
            Some(der::Any::encode_from(&true).unwrap())),
        Some(BadAlg)
    );
    assert_eq!(
        ask(&|r| r.message_imprint.hashed_message = OctetString::new(vec![0; 31]).unwrap()),
        Some(BadDataFormat)
    );
    assert_eq!(
        ask(&|r| r.req_policy = Some(oid::POLICY_BTSP)),
        Some(UnacceptedPolicy)
    );
    for critical in [true, false] {
        let extension = x509_cert::ext::Extension {
            extn_id: oid::TSTS_EU_QCOMPLIANCE,
            critical,
            extn_value: OctetString::new(vec![5, 0]).unwrap(),
        };
        assert_eq!(
            ask(&|r| r.extensions = Some(vec![extension.clone()])),
            Some(UnacceptedExtension)
        );
    }
    assert_eq!(
        ask(&|r| r.nonce = Some(Int::new(&[1; 65]).unwrap())),
        Some(BadRequest)
    );
    let (_, body) = running.post(b"not DER at all");
    assert_eq!(failure(&body), Some(BadDataFormat));
    let mut trailing = request().to_der().unwrap();
    trailing.push(0);
    assert_eq!(failure(&running.post(&trailing).1), Some(BadDataFormat));
}

#[test]
fn http_mistakes_are_answered_by_http() {
    let unit = Unit::new();
    let running = Running::new(&unit, support::system());
    let query = request().to_der().unwrap();
    let (head, _) = running.http("POST / HTTP/1.1\r\nContent-Type: text/plain", &query);
    assert!(head.starts_with("HTTP/1.1 415"), "{head}");
    let (head, _) = running.http("POST / HTTP/1.1", &query);
    assert!(head.starts_with("HTTP/1.1 415"), "{head}");
    let (head, _) = running.post(&vec![0x30; 65 * 1024]);
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    let (head, body) = running.http("GET / HTTP/1.1", b"");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("application/timestamp-query")
    );
    let (head, _) = running.http("DELETE / HTTP/1.1", b"");
    assert!(
        head.starts_with("HTTP/1.1 405") && head.contains("allow: "),
        "{head}"
    );
}

#[test]
fn no_time_stamp_outside_the_period_in_which_the_unit_may_sign() {
    // privateKeyUsagePeriod { notAfter [1] 20300101000000Z }
    let period = CustomExtension::from_oid_content(
        &[2, 5, 29, 16],
        [&[0x30, 17, 0x81, 15][..], b"20300101000000Z"].concat(),
    );
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = name("Time-stamping unit 1");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    params.custom_extensions = vec![time_stamping(true), period];
    let unit = Unit::with(params);
    let query = request().to_der().unwrap();
    for (time, expected) in [
        (
            "2025-12-31T23:59:59Z",
            Some(PkiFailureInfo::TimeNotAvailable),
        ),
        ("2026-01-01T00:00:00Z", None),
        ("2030-01-01T00:00:00Z", None),
        (
            "2030-01-01T00:00:01Z",
            Some(PkiFailureInfo::TimeNotAvailable),
        ),
        (
            "2041-01-01T00:00:00Z",
            Some(PkiFailureInfo::TimeNotAvailable),
        ),
    ] {
        let time: UnixTime = time.parse().unwrap();
        let clock = Arc::new(ManualTimeSource::new(time.into()));
        let folder = tempfile::tempdir().unwrap();
        let units = vec![Arc::new(unit.unit().unwrap())];
        let tsa = support::authority(units, folder.path(), clock, Offer::default());
        let running = Running::of(tsa);
        assert_eq!(failure(&running.post(&query).1), expected, "{time}");
    }
}

#[test]
fn a_certificate_that_clients_would_refuse_is_refused_at_start() {
    let with = |extensions: Vec<CustomExtension>| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name("Not a unit");
        params.custom_extensions = extensions;
        Unit::with(params)
    };
    let for_more = |usage| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = name("Not a unit alone");
        params.custom_extensions = vec![time_stamping(true)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, usage];
        Unit::with(params)
    };
    for unit in [
        with(vec![]),
        with(vec![time_stamping(false)]),
        for_more(KeyUsagePurpose::KeyEncipherment),
        for_more(KeyUsagePurpose::CrlSign),
    ] {
        let error = unit.unit().unwrap_err();
        assert!(
            matches!(error, UnitError::NotForTimeStamping { .. }),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
    let mut stranger = Unit::new();
    stranger.key_der = rcgen::KeyPair::generate().unwrap().serialize_der();
    assert!(matches!(stranger.unit().unwrap_err(), UnitError::Signer(_)));
}

/// What the fuzz target and the property tests hold queries against.
fn offered() -> Vec<Arc<OfferedPolicy>> {
    let mut policy = TimeStampPolicy::new(support::POLICY.parse().unwrap());
    policy.digests = DigestAlgorithm::ALL.to_vec();
    vec![OfferedPolicy::new(policy).unwrap()]
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Query::parse(&bytes, &offered());
    }

    #[test]
    fn no_damage_to_a_good_query_makes_the_reader_panic_or_changes_what_is_echoed(
        at in 0usize..64, value in any::<u8>(), cut in 0usize..64,
    ) {
        let good = request().to_der().unwrap();
        let mut bad = good.clone();
        let at = at % bad.len();
        bad[at] = value;
        bad.truncate(bad.len() - cut % bad.len());
        if let Ok(query) = Query::parse(&bad, &offered()) {
            // What is echoed stands in the query as it was sent.
            prop_assert!(bad.windows(query.imprint.len()).any(|w| w == query.imprint));
            if let Some(nonce) = &query.nonce {
                prop_assert!(bad.windows(nonce.len()).any(|w| w == &nonce[..]));
            }
        }
    }
}

#[test]
fn the_corpus_of_the_fuzz_target_makes_nothing_panic() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/tsp-query");
    let mut accepted = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        accepted += usize::from(Query::parse(&bytes, &offered()).is_ok());
    }
    assert!(accepted > 0, "the corpus is empty");
}
