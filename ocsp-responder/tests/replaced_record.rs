//! Another record takes the place of the one that answers are made from, as a restored backup does.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ca_core::crl::CrlName;
use ca_core::status::{
    AuthorityView, CaCertificateView, CrlView, IssuedSerial, Observation, Status, StatusChanges,
};
use http_service::Pace;
use ocsp_responder::record::source::CrlSummary;
use ocsp_responder::{
    AnswerPolicy, MemorySource, Policy, PreSigning, Reply, Responder, SourceError, StatusSource,
};
use pki_asn1::ocsp::{BasicResponse, CertStatus};
use pki_asn1::{Clock as _, SystemClock};
use pki_crypto::DigestAlgorithm;
use support::{CA, Hierarchy, build, revoked};

const SERIAL: &[u8] = &[0x11, 0x22];
const OTHER: &[u8] = &[0x33, 0x44];

/// One name under which record follows record.
#[derive(Default)]
struct Place {
    now: Mutex<(u64, Arc<MemorySource>)>,
    /// Where it is there, the next reading of what was issued says that it began, and waits.
    pause: Mutex<Option<(Sender<()>, Receiver<()>)>>,
}

impl Place {
    fn record(&self) -> Arc<MemorySource> {
        Arc::clone(&self.now.lock().unwrap().1)
    }

    fn replace(&self, record: MemorySource) {
        let mut now = self.now.lock().unwrap();
        *now = (now.0 + 1, Arc::new(record));
    }
}

impl StatusSource for Place {
    fn authorities(&self) -> Result<Vec<AuthorityView>, SourceError> {
        self.record().authorities()
    }

    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, SourceError> {
        self.record().status(authority, serial)
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError> {
        self.record().crl(authority, name)
    }

    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError> {
        self.record().crl_number(authority, name)
    }

    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, SourceError> {
        if let Some((begun, go_on)) = self.pause.lock().unwrap().take() {
            begun.send(()).unwrap();
            go_on.recv().unwrap();
        }
        self.record().issued(after, limit)
    }

    fn status_position(&self, authority: &str) -> Result<u64, SourceError> {
        self.record().status_position(authority)
    }

    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, SourceError> {
        self.record().status_changes(authority, after, limit)
    }

    fn crls(&self) -> Result<Vec<CrlSummary>, SourceError> {
        self.record().crls()
    }

    fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, SourceError> {
        self.record().ca_certificates()
    }

    fn pace(&self) -> Pace {
        Pace::Immediate
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        let (successors, record) = self.now.lock().unwrap().clone();
        Ok(Observation {
            successors,
            ..record.observe()?
        })
    }
}

struct Bench {
    hierarchy: Hierarchy,
    place: Arc<Place>,
    responder: Arc<Responder>,
}

impl Bench {
    fn new(answers: AnswerPolicy) -> Self {
        let hierarchy = Hierarchy::new("CA");
        let place = Arc::new(Place::default());
        place.replace(record(&hierarchy));
        let delegates = HashMap::from([(CA.to_owned(), Arc::new(hierarchy.delegate()))]);
        let policy = Policy {
            answers,
            ..Policy::default()
        };
        let source = Arc::clone(&place) as _;
        let responder = Responder::new(source, Arc::new(SystemClock), policy, delegates);
        Self {
            hierarchy,
            place,
            responder: Arc::new(responder.unwrap()),
        }
    }

    fn pre_signed() -> Self {
        Self::new(AnswerPolicy::PreSigned(PreSigning::default()))
    }

    async fn is_good(&self, serial: &[u8]) -> bool {
        let ca = &self.hierarchy.certificate;
        let id = build::cert_id(ca, serial, DigestAlgorithm::Sha256, true);
        let request = build::request(&[id], None);
        let Reply::Shared(signed) = self.responder.answer(request.into()).await else {
            panic!("an answer that is kept");
        };
        let basic = BasicResponse::from_response(&signed.body).unwrap();
        matches!(basic.data().responses[0].cert_status, CertStatus::Good(_))
    }
}

/// Both certificates good.
fn record(hierarchy: &Hierarchy) -> MemorySource {
    let record = MemorySource::new();
    record.add_authority(CA, hierarchy.certificate.clone());
    record.set_status(CA, SERIAL, Status::Good);
    record.set_status(CA, OTHER, Status::Good);
    record
}

#[tokio::test]
async fn a_revocation_in_a_record_that_came_with_a_higher_version_is_not_missed() {
    let bench = Bench::pre_signed();
    bench.responder.sign_ahead_once();
    bench.responder.look();
    // Two changes of status, which the table has followed.
    let now = SystemClock.now();
    bench.place.record().set_status(CA, OTHER, revoked(now));
    bench.place.record().set_status(CA, OTHER, Status::Good);
    bench.responder.look();
    bench.responder.sign_ahead_once();
    assert!(bench.is_good(SERIAL).await && bench.is_good(OTHER).await);
    // A backup of before them, in which another certificate was revoked before it was put in place.
    let restored = record(&bench.hierarchy);
    restored.set_status(CA, SERIAL, revoked(now));
    for _ in 0..20 {
        restored.set_crl(CA, bench.hierarchy.crl());
    }
    bench.place.replace(restored);
    bench.responder.look();
    assert!(!bench.is_good(SERIAL).await);
    bench.responder.sign_ahead_once();
    bench.responder.look();
    assert!(!bench.is_good(SERIAL).await && bench.is_good(OTHER).await);
}

#[tokio::test]
async fn what_was_kept_from_another_record_is_not_served_at_an_equal_version() {
    for unreadable in [false, true] {
        let bench = Bench::new(AnswerPolicy::OnDemand);
        assert!(bench.is_good(SERIAL).await);
        // At the version of the one before, and another status.
        let restored = MemorySource::new();
        restored.add_authority(CA, bench.hierarchy.certificate.clone());
        restored.set_status(CA, SERIAL, revoked(SystemClock.now()));
        restored.set_status(CA, OTHER, Status::Good);
        // Also where its authorities cannot be read at once.
        restored.set_authorities_unreadable(unreadable);
        let before = bench.place.record().observe().unwrap().version;
        assert_eq!(restored.observe().unwrap().version, before);
        bench.place.replace(restored);
        bench.responder.look();
        assert!(!bench.is_good(SERIAL).await);
    }
}

#[test]
fn a_record_that_comes_while_the_certificates_are_read_stops_nobody() {
    let bench = Bench::pre_signed();
    let (begun, has_begun) = channel();
    let (go_on, may_go_on) = channel();
    *bench.place.pause.lock().unwrap() = Some((begun, may_go_on));
    let signing = Arc::clone(&bench.responder);
    let signer = std::thread::spawn(move || signing.sign_ahead_once());
    has_begun.recv().unwrap();
    bench.place.replace(record(&bench.hierarchy));
    let (looked, has_looked) = channel();
    let looking = Arc::clone(&bench.responder);
    std::thread::spawn(move || {
        looking.look();
        looked.send(()).unwrap();
    });
    // Until it has come as far as it can while the other one reads.
    std::thread::sleep(Duration::from_millis(300));
    go_on.send(()).unwrap();
    let patience = Duration::from_secs(20);
    has_looked.recv_timeout(patience).unwrap();
    signer.join().unwrap();
}
