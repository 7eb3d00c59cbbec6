//! What is refused, and how: RFC 3161 section 2.4.2 names a failure for each.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use der::asn1::{Int, OctetString};
use der::{Decode, Encode};
use http_service::settings::SettingError;
use pki_asn1::tsp::{MessageImprint, PkiFailureInfo, TimeStampReq, TimeStampResp};
use pki_asn1::{ManualClock, SystemClock, oid, pem};
use pki_crypto::DigestAlgorithm;
use proptest::prelude::*;
use rcgen::{CertificateParams, CustomExtension, KeyUsagePurpose};
use support::{Running, Unit, name, time_stamping};
use tsa_server::query::Query;
use tsa_server::{Config, ConfigError, UnitError};

fn request() -> TimeStampReq {
    let digest = DigestAlgorithm::Sha256.digest(b"data");
    TimeStampReq {
        version: 1,
        message_imprint: MessageImprint {
            hash_algorithm: DigestAlgorithm::Sha256.identifier(),
            hashed_message: OctetString::new(digest.as_bytes()).unwrap(),
        },
        req_policy: None,
        nonce: Some(Int::new(&[0x01, 0x02]).unwrap()),
        cert_req: true,
        extensions: None,
    }
}

fn failure(body: &[u8]) -> Option<PkiFailureInfo> {
    let response = TimeStampResp::from_der(body).unwrap();
    assert_eq!(
        response.time_stamp_token.is_some(),
        response.status.status == 0
    );
    let bits = response.status.fail_info?;
    PkiFailureInfo::from_bit_string(&bits)
}

#[test]
fn each_unacceptable_query_gets_the_failure_the_rfc_names() {
    use PkiFailureInfo::{
        BadAlg, BadDataFormat, BadRequest, UnacceptedExtension, UnacceptedPolicy,
    };
    let unit = Unit::new();
    let running = Running::new(&unit, Arc::new(SystemClock));
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
    let running = Running::new(&unit, Arc::new(SystemClock));
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
    let clock = Arc::new(ManualClock::new("2027-01-01T00:00:00Z".parse().unwrap()));
    let running = Running::new(&unit, clock.clone());
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
        clock.set(time.parse().unwrap());
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
    for unit in [with(vec![]), with(vec![time_stamping(false)])] {
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

#[test]
fn configuration_mistakes_name_the_setting_and_the_line() {
    let unit = Unit::new();
    let good = "listen = [\"127.0.0.1:0\"]\ncertificate = \"tsu.pem\"\nchain = [\"ca.pem\"]\nkey = \"tsu.key\"\npolicy = \"1.3.6.1.4.1.32473.1.7\"\n";
    let load = |text: &str| {
        let path = unit.path("tsa.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path, None).map_err(|failure| failure.causes().remove(0))
    };
    let open = |text: &str| {
        let config = load(text).unwrap();
        config.open(&hsm_pkcs11::PinSource::None, Arc::new(SystemClock))
    };
    open(good).unwrap();
    let error = load(&format!("{good}polcy = 1\n")).unwrap_err();
    assert!(
        error.ends_with("tsa.toml, line 6: unknown key \"polcy\""),
        "{error}"
    );
    for (bad, setting) in [
        ("accuracy-ms = 10\n", "accuracy-ms"),
        ("digests = [\"SHA-1\"]\n", "digests"),
        ("digests = []\n", "digests"),
        ("signing-workers = 0\n", "signing-workers"),
    ] {
        let error = load(&format!("{good}{bad}")).unwrap_err();
        assert!(error.starts_with(setting), "{error}");
    }
    let error = load(&good.replace("127.0.0.1:0", "localhost")).unwrap_err();
    assert!(error.starts_with("listen = \"localhost\""), "{error}");
    let error = open(&good.replace("tsu.pem", "missing.pem")).unwrap_err();
    assert!(
        matches!(error, ConfigError::Setting(SettingError::Read { .. })),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("relative"));
    let error =
        open(&good.replace("certificate = \"tsu.pem\"", "certificate = \"tsu.key\"")).unwrap_err();
    assert!(
        matches!(
            error,
            ConfigError::Setting(SettingError::NoCertificate { .. })
        ),
        "{error}"
    );
    let error =
        open(&good.replace("certificate = \"tsu.pem\"", "certificate = \"ca.pem\"")).unwrap_err();
    assert!(matches!(error, ConfigError::Unit { .. }), "{error}");
    let two = [&unit.ca, &unit.certificate]
        .map(|c| pem::encode("CERTIFICATE", c.der()).unwrap())
        .concat();
    std::fs::write(unit.path("ca.pem"), two).unwrap();
    open(good).unwrap();
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Query::parse(&bytes, &DigestAlgorithm::ALL, &oid::POLICY_BTSP);
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
        if let Ok(query) = Query::parse(&bad, &DigestAlgorithm::ALL, &oid::POLICY_BTSP) {
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
        let policy = support::POLICY.parse().unwrap();
        accepted += usize::from(Query::parse(&bytes, &DigestAlgorithm::ALL, &policy).is_ok());
    }
    assert!(accepted > 0, "the corpus is empty");
}
