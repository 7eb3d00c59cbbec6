//! What tokens say by configuration, judged by openssl: fractions, order, policies, the name, the
//! statement of a qualified time-stamp, the hash of the certificate.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use der::Encode as _;
use pki_asn1::UnixTime;
use pki_asn1::tsp::{PkiFailureInfo, TimeStampReq};
use pki_crypto::DigestAlgorithm;
use support::{Offer, Running, Unit, failure, openssl_text, request, said, tool};
use tsa_server::clock::ManualTimeSource;
use tsa_server::instant::{GenTimeDigits, UtcInstant};
use tsa_server::offer::{Form, Ordering, Qualified, TimeStampPolicy, TsaName};

const SECOND_POLICY: &str = "1.3.6.1.4.1.32473.1.8";

/// Stamps with this offer at 09:00:00.120999 and gives what openssl reads, after it verified it.
fn stamped(offer: Offer, change: impl Fn(&mut TimeStampReq)) -> Option<String> {
    let unit = Unit::new();
    let now: UnixTime = "2026-11-22T09:00:00Z".parse().unwrap();
    let now = UtcInstant::from(now).as_nanos() + 120_999_000;
    let clock = Arc::new(ManualTimeSource::new(UtcInstant::from_nanos(now)));
    let running = Running::of(unit.tsa(clock, offer));
    let mut query = request();
    change(&mut query);
    let query = query.to_der().unwrap();
    std::fs::write(unit.path("q.tsq"), &query).unwrap();
    let (_, body) = running.post(&query);
    assert_eq!(failure(&body), None);
    let text = openssl_text(&unit, &body)?;
    let verify = [
        "ts",
        "-verify",
        "-in",
        "r.tsr",
        "-queryfile",
        "q.tsq",
        "-CAfile",
        "ca.pem",
        "-untrusted",
        "tsu.pem",
        "-attime",
        "1795338000",
    ];
    let said = said(&tool("openssl", &verify, unit.dir.path())?);
    assert!(said.contains("Verification: OK"), "{said}\n{text}");
    Some(text)
}

fn form(form: Form) -> Offer {
    Offer {
        form,
        ..Offer::default()
    }
}

#[test]
fn gen_time_has_the_digits_that_are_configured_and_no_trailing_zero() {
    for (digits, expected) in [
        (0, "Nov 22 09:00:00 2026 GMT"),
        (1, "Nov 22 09:00:00.1 2026 GMT"),
        (3, "Nov 22 09:00:00.12 2026 GMT"),
        (6, "Nov 22 09:00:00.120999 2026 GMT"),
    ] {
        let offer = form(Form {
            digits: GenTimeDigits::new(digits).unwrap(),
            ..Form::default()
        });
        let Some(text) = stamped(offer, |_| ()) else {
            return;
        };
        assert!(text.contains(&format!("Time stamp: {expected}")), "{text}");
    }
}

#[test]
fn ordering_and_the_name_stand_in_the_token_where_they_are_configured() {
    let offer = form(Form {
        ordering: Ordering::Claimed,
        tsa: TsaName::Subject,
        ..Form::default()
    });
    let Some(text) = stamped(offer, |_| ()) else {
        return;
    };
    assert!(text.contains("Ordering: yes"), "{text}");
    let name = "TSA: DirName:/C=MC/O=Sceau Example/CN=Time-stamping unit 1";
    assert!(text.contains(name), "{text}");
}

#[test]
fn each_policy_has_its_own_accuracy_digests_and_statement() {
    let mut second = TimeStampPolicy::new(SECOND_POLICY.parse().unwrap());
    second.accuracy_ms = 100;
    second.digests = vec![DigestAlgorithm::Sha512];
    second.qualified = Qualified::Stated;
    let offer = || {
        let mut offer = Offer::default();
        offer.policies.push(second.clone());
        offer
    };
    let Some(text) = stamped(offer(), |_| ()) else {
        return;
    };
    assert!(
        text.contains(&format!("Policy OID: {}", support::POLICY)),
        "{text}"
    );
    assert!(text.contains("Accuracy: 0x01 seconds"), "{text}");
    assert!(!text.contains("qcStatements"), "{text}");
    let sha512 = |query: &mut TimeStampReq| {
        query.req_policy = Some(SECOND_POLICY.parse().unwrap());
        let digest = DigestAlgorithm::Sha512.digest(b"data");
        query.message_imprint.hash_algorithm = DigestAlgorithm::Sha512.identifier();
        query.message_imprint.hashed_message =
            der::asn1::OctetString::new(digest.as_bytes()).unwrap();
    };
    let text = stamped(offer(), sha512).unwrap();
    assert!(
        text.contains(&format!("Policy OID: {SECOND_POLICY}")),
        "{text}"
    );
    assert!(
        text.contains("Accuracy: unspecified seconds, 0x64 millis"),
        "{text}"
    );
    // qcStatements: SEQUENCE { SEQUENCE { 0.4.0.19422.1.1 } }, not critical.
    assert!(
        text.contains("qcStatements:") && !text.contains("critical"),
        "{text}"
    );
    // Its digests are its own.
    let unit = Unit::new();
    let running = Running::of(unit.tsa(support::system(), offer()));
    let mut query = request();
    query.req_policy = Some(SECOND_POLICY.parse().unwrap());
    let (_, body) = running.post(&query.to_der().unwrap());
    assert_eq!(failure(&body), Some(PkiFailureInfo::BadAlg));
}

#[test]
fn tokens_that_claim_order_have_a_time_of_their_own_under_load() {
    let unit = Unit::new();
    let offer = form(Form {
        ordering: Ordering::Claimed,
        digits: GenTimeDigits::MILLIS,
        tsa: TsaName::Omitted,
    });
    let running = Running::of(unit.tsa(support::system(), offer));
    let query = request().to_der().unwrap();
    let times: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let stamp = |_| gen_time(&running.post(&query).1);
                    (0..20).map(stamp).collect::<Vec<_>>()
                })
            })
            .collect();
        let each = threads.into_iter().map(|thread| {
            let times = thread.join().unwrap();
            assert!(times.is_sorted(), "{times:?}");
            times
        });
        each.flatten().collect()
    });
    let mut distinct = times.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), times.len());
}

/// The characters of genTime, filled up to three digits so that they sort.
fn gen_time(body: &[u8]) -> String {
    // The only GeneralizedTime before the certificates.
    let at = body
        .windows(4)
        .position(|w| w[0] == 0x18 && &w[2..] == b"20")
        .unwrap();
    let text = &body[at + 2..at + 2 + usize::from(body[at + 1])];
    let text = std::str::from_utf8(text).unwrap().trim_end_matches('Z');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}.{fraction:0<3}")
}

#[test]
fn the_hash_of_the_certificate_is_named_only_where_it_is_not_sha_256() {
    let unit = Unit::new();
    for (digest, named) in [
        (DigestAlgorithm::Sha256, false),
        (DigestAlgorithm::Sha384, true),
        (DigestAlgorithm::Sha512, true),
    ] {
        let stamping = unit
            .unit()
            .unwrap()
            .with_certificate_digest(digest)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tsa = support::authority(
            vec![Arc::new(stamping)],
            folder.path(),
            support::system(),
            Offer::default(),
        );
        let query = request().to_der().unwrap();
        std::fs::write(unit.path("q.tsq"), &query).unwrap();
        let (_, body) = Running::of(tsa).post(&query);
        std::fs::write(unit.path("r.tsr"), &body).unwrap();
        let hash = digest.digest(unit.certificate.der());
        assert!(
            body.windows(hash.as_bytes().len())
                .any(|w| w == hash.as_bytes())
        );
        let algorithm = digest.identifier().to_der().unwrap();
        let value = [
            &algorithm[..],
            &[4, hash.as_bytes().len() as u8],
            hash.as_bytes(),
        ]
        .concat();
        assert_eq!(body.windows(value.len()).any(|w| w == value), named);
        let verify = [
            "ts",
            "-verify",
            "-in",
            "r.tsr",
            "-queryfile",
            "q.tsq",
            "-CAfile",
            "ca.pem",
        ];
        let Some(output) = tool("openssl", &verify, unit.dir.path()) else {
            return;
        };
        assert!(
            said(&output).contains("Verification: OK"),
            "{}",
            said(&output)
        );
    }
}
