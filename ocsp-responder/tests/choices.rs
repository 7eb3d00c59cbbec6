//! What an operator and a client may choose: who signs, how the responder is named, whether requests
//! are signed.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use ca_core::status::Status;
use der::Decode as _;
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use ocsp_responder::{
    Delegate, Delegates, MemorySource, Policy, Reply, RequestSignaturePolicy, Requestors,
    Responder, ResponderIdForm,
};
use pki_asn1::ocsp::{BasicResponse, OcspResponse, OcspResponseStatus, ResponderId};
use pki_asn1::{Certificate, Clock as _, SystemClock, UnixTime, oid, write};
use pki_crypto::{DigestAlgorithm, Message};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use support::{CA, Hierarchy, Running, build, said, tool};

const SERIAL: &[u8] = &[0x4F, 1, 2, 3];

fn ask(hierarchy: &Hierarchy, extensions: Option<&[u8]>) -> Vec<u8> {
    let digest = DigestAlgorithm::Sha256;
    let id = build::cert_id(&hierarchy.certificate, SERIAL, digest, true);
    build::request(&[id], extensions)
}

fn error(body: &[u8]) -> OcspResponseStatus {
    OcspResponse::from_der(body).unwrap().response_status
}

/// A responder with two delegates, P-256 before P-384.
async fn with_two(hierarchy: &Hierarchy) -> Arc<Responder> {
    let mut delegates = Delegates::default();
    delegates.add(CA.into(), Arc::new(hierarchy.delegate()));
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let certificate = hierarchy.issue(&Hierarchy::responder_params(), &key);
    let signer = SoftwareKey::from_pkcs8(&key.serialize_der(), None).unwrap();
    let now = SystemClock.now();
    let second = Delegate::new(Arc::new(signer), certificate, &hierarchy.certificate, now);
    delegates.add(CA.into(), Arc::new(second.unwrap()));
    let source = Arc::new(MemorySource::new());
    source.add_authority(CA, hierarchy.certificate.clone());
    source.set_status(CA, SERIAL, Status::Good);
    let clock = Arc::new(SystemClock);
    Arc::new(Responder::new(source, clock, Policy::default(), delegates).unwrap())
}

#[tokio::test]
async fn a_client_gets_the_algorithm_it_prefers_and_another_client_is_not_served_it() {
    let hierarchy = Hierarchy::new("CA");
    let responder = with_two(&hierarchy).await;
    let p256 = oid::ECDSA_WITH_SHA256;
    let p384 = oid::ECDSA_WITH_SHA384;
    let rsa = oid::SHA256_WITH_RSA;
    for (preferred, expected) in [
        (&[][..], p256),
        (&[&p384][..], p384),
        (&[&p256, &p384][..], p256),
        (&[&rsa, &p384, &p256][..], p384),
        // Nobody here signs with RSA: the first one does (RFC 6960 section 4.4.7.2).
        (&[&rsa][..], p256),
        (&[][..], p256),
    ] {
        let extension = (!preferred.is_empty()).then(|| build::preferred(preferred));
        let request = ask(&hierarchy, extension.as_deref());
        let body = match responder.answer(request.into()).await {
            Reply::Shared(signed) => signed.body.clone(),
            other => panic!("{other:?}"),
        };
        let basic = BasicResponse::from_response(&body).unwrap();
        assert_eq!(basic.signature_algorithm().oid, expected);
        let signer = Certificate::from_der(basic.certs()[0].clone()).unwrap();
        assert!(match expected {
            id if id == p256 => signer.public_key_bits().len() == 65,
            _ => signer.public_key_bits().len() == 97,
        });
    }
}

#[test]
fn a_client_that_takes_no_basic_response_is_malformed() {
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, SERIAL, Status::Good);
    let acceptable = |types: &[&oid::ObjectIdentifier]| {
        let list: Vec<u8> = types
            .iter()
            .flat_map(|id| write::tlv(0x06, &[id.as_bytes()]))
            .collect();
        let value = write::tlv(write::SEQUENCE, &[&list]);
        build::extension(&oid::OCSP_ACCEPTABLE_RESPONSES, false, &value)
    };
    for (types, expected) in [
        (&[&oid::OCSP_BASIC][..], OcspResponseStatus::Successful),
        (
            &[&oid::OCSP_NONCE, &oid::OCSP_BASIC][..],
            OcspResponseStatus::Successful,
        ),
        (
            &[&oid::OCSP_NONCE][..],
            OcspResponseStatus::MalformedRequest,
        ),
        (&[][..], OcspResponseStatus::MalformedRequest),
    ] {
        let (_, body) = running.post(&ask(&hierarchy, Some(&acceptable(types))));
        assert_eq!(error(&body), expected);
    }
}

#[test]
fn a_responder_named_by_its_subject_is_found_by_openssl_and_pkilint() {
    let hierarchy = Hierarchy::new("CA");
    hierarchy.leaf("leaf.pem", SERIAL);
    let policy = Policy {
        responder_id: ResponderIdForm::ByName,
        ..Policy::default()
    };
    let running = Running::with(&hierarchy, policy, Arc::new(SystemClock));
    running.source.set_status(CA, SERIAL, Status::Good);
    let (_, body) = running.post(&ask(&hierarchy, None));
    let basic = BasicResponse::from_response(&body).unwrap();
    assert!(matches!(basic.data().responder_id, ResponderId::ByName(_)));
    std::fs::write(hierarchy.path("r.der"), &body).unwrap();
    let arguments = [
        "ocsp", "-respin", "r.der", "-issuer", "ca.pem", "-sha256", "-cert", "leaf.pem", "-CAfile",
        "ca.pem",
    ];
    if let Some(output) = tool("openssl", &arguments, hierarchy.dir.path()) {
        let said = said(&output);
        assert!(said.contains("Response verify OK"), "{said}");
        assert!(said.contains("leaf.pem: good"), "{said}");
    }
    let arguments = ["lint", "-s", "NOTICE", "r.der"];
    if let Some(output) = tool("lint_ocsp_response", &arguments, hierarchy.dir.path()) {
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn a_backdated_answer_is_honest_about_when_it_was_signed() {
    let hierarchy = Hierarchy::new("CA");
    let policy = Policy {
        backdate: Duration::from_secs(300),
        ..Policy::default()
    };
    let running = Running::with(&hierarchy, policy, Arc::new(SystemClock));
    running.source.set_status(CA, SERIAL, Status::Good);
    let (head, body) = running.post(&ask(&hierarchy, None));
    let basic = BasicResponse::from_response(&body).unwrap();
    let produced_at = UnixTime::from(basic.data().produced_at);
    let single = &basic.data().responses[0];
    let next_update = UnixTime::from(single.next_update.unwrap());
    assert_eq!(produced_at.since(UnixTime::from(single.this_update)), 300);
    assert_eq!(next_update.since(produced_at), 3600);
    // RFC 9919 section 6: Last-modified: < producedAt HTTP-date >
    let modified = format!("last-modified: {}", http_service::http_date(produced_at));
    assert!(head.contains(&modified), "{head}");
}

/// Signs the request, with a requestor's name.
fn signed(
    request: &[u8],
    key: &SoftwareKey,
    name: &[u8],
    certificates: &[&Certificate],
) -> Vec<u8> {
    // Request: SEQUENCE { TBSRequest SEQUENCE { requestList } }
    let list = &request[4..];
    let name = write::tlv(0xA4, &[name]);
    let name = write::tlv(write::context(1), &[&name]);
    let tbs = write::tlv(write::SEQUENCE, &[&name, list]);
    let value = key.sign(Message::Bytes(&tbs)).unwrap();
    let algorithm = write::tlv(0x06, &[oid::ECDSA_WITH_SHA256.as_bytes()]);
    let algorithm = write::tlv(write::SEQUENCE, &[&algorithm]);
    let certificates: Vec<&[u8]> = certificates.iter().map(|c| c.der()).collect();
    let certificates = write::tlv(write::SEQUENCE, &certificates);
    let certificates = write::tlv(write::context(0), &[&certificates]);
    let signature = write::tlv(
        write::SEQUENCE,
        &[&algorithm, &write::bit_string(&value), &certificates],
    );
    let signature = write::tlv(write::context(0), &[&signature]);
    write::tlv(write::SEQUENCE, &[&tbs, &signature])
}

#[test]
fn requests_are_signed_by_those_who_may_ask_or_refused() {
    let hierarchy = Hierarchy::new("CA");
    let clients = Hierarchy::new("Clients CA");
    let pair = KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = support::name("A client");
    let client = clients.issue(&params, &pair);
    let key = SoftwareKey::from_pkcs8(&pair.serialize_der(), None).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = clients.issue(&params, &pair);
    let stranger = Hierarchy::new("Clients CA").issue(&params, &pair);
    let plain = ask(&hierarchy, None);
    let good = signed(&plain, &key, client.subject_der(), &[&client]);
    let mut damaged = good.clone();
    // Within the serial number that is asked about.
    let at = damaged
        .windows(SERIAL.len())
        .position(|w| w == SERIAL)
        .unwrap();
    damaged[at + 3] ^= 1;
    let another = SoftwareKey::generate(KeySpec::P256).unwrap();
    let cases = [
        ("unsigned", plain.clone()),
        ("good", good),
        ("damaged", damaged),
        (
            "another key",
            signed(&plain, &another, client.subject_der(), &[&client]),
        ),
        (
            "another name",
            signed(&plain, &key, clients.certificate.subject_der(), &[&client]),
        ),
        (
            "expired",
            signed(&plain, &key, expired.subject_der(), &[&expired]),
        ),
        (
            "stranger",
            signed(&plain, &key, stranger.subject_der(), &[&stranger]),
        ),
        (
            "no certificate",
            signed(&plain, &key, client.subject_der(), &[]),
        ),
        (
            "too many",
            signed(&plain, &key, client.subject_der(), &[&stranger; 9]),
        ),
    ];
    use OcspResponseStatus::{MalformedRequest, SigRequired, Successful, Unauthorized};
    let requestors = || Arc::new(Requestors::new(vec![clients.certificate.clone()]));
    for policy in [
        RequestSignaturePolicy::Ignore,
        RequestSignaturePolicy::AcceptVerified(requestors()),
        RequestSignaturePolicy::Require(requestors()),
    ] {
        let running = Running::with(
            &hierarchy,
            Policy {
                request_signature: policy.clone(),
                ..Policy::default()
            },
            Arc::new(SystemClock),
        );
        running.source.set_status(CA, SERIAL, Status::Good);
        for (case, request) in &cases {
            let expected = match (&policy, *case) {
                (RequestSignaturePolicy::Ignore, _) | (_, "good") => Successful,
                (RequestSignaturePolicy::Require(_), "unsigned") => SigRequired,
                (_, "unsigned") => Successful,
                (_, "too many") => MalformedRequest,
                _ => Unauthorized,
            };
            let (_, body) = running.post(request);
            assert_eq!(error(&body), expected, "{case} {policy:?}");
        }
    }
}

#[test]
fn a_request_that_openssl_signed_is_taken() {
    let hierarchy = Hierarchy::new("CA");
    hierarchy.leaf("leaf.pem", SERIAL);
    let clients = Hierarchy::new("Clients CA");
    let pair = KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = support::name("A client");
    hierarchy.write("client.pem", &clients.issue(&params, &pair));
    std::fs::write(hierarchy.path("client.key"), pair.serialize_pem()).unwrap();
    let requestors = Requestors::new(vec![clients.certificate]);
    let policy = Policy {
        request_signature: RequestSignaturePolicy::Require(Arc::new(requestors)),
        ..Policy::default()
    };
    let running = Running::with(&hierarchy, policy, Arc::new(SystemClock));
    running.source.set_status(CA, SERIAL, Status::Good);
    let url = running.url();
    let unsigned = [
        "ocsp", "-issuer", "ca.pem", "-sha256", "-cert", "leaf.pem", "-url", &url, "-CAfile",
        "ca.pem",
    ];
    let Some(output) = tool("openssl", &unsigned, hierarchy.dir.path()) else {
        return;
    };
    let refused = said(&output);
    assert!(refused.contains("sigrequired"), "{refused}");
    let signer = ["-signer", "client.pem", "-signkey", "client.key"];
    let arguments: Vec<&str> = unsigned.into_iter().chain(signer).collect();
    let said = said(&tool("openssl", &arguments, hierarchy.dir.path()).unwrap());
    assert!(said.contains("leaf.pem: good"), "{said}");
    assert!(said.contains("Response verify OK"), "{said}");
}
