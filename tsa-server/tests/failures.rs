//! What happens when the key or the journal fails while the service runs.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use der::Encode as _;
use hsm_pkcs11::{Protection, SignError, Signer, SoftwareKey};
use http_service::Health as _;
use pki_asn1::tsp::PkiFailureInfo;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use support::{Offer, Running, Unit, failure, request};

/// A token that can be pulled out, or be slow.
#[derive(Debug)]
struct Pluggable {
    key: SoftwareKey,
    gone: AtomicBool,
    slow: AtomicBool,
}

impl Signer for Pluggable {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn protection(&self) -> Protection {
        Protection::Token
    }

    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        if self.slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1100));
        }
        if self.gone.load(Ordering::SeqCst) {
            return Err(SignError::Library(self.algorithm()));
        }
        self.key.sign(message)
    }
}

fn pluggable(home: &Unit) -> (Arc<Pluggable>, Arc<tsa_server::Tsa>) {
    let key = Arc::new(Pluggable {
        key: SoftwareKey::from_pkcs8(&home.key_der, None).unwrap(),
        gone: AtomicBool::new(false),
        slow: AtomicBool::new(false),
    });
    let signer = Arc::clone(&key) as _;
    let unit = tsa_server::Unit::new(signer, home.certificate.clone(), &[]).unwrap();
    let tsa = support::authority(
        vec![Arc::new(unit)],
        &home.path("journal"),
        support::system(),
        Offer::default(),
    );
    (key, tsa)
}

#[test]
fn a_key_that_is_gone_is_a_system_failure_until_it_is_back() {
    let home = Unit::new();
    let (key, tsa) = pluggable(&home);
    let running = Running::of(Arc::clone(&tsa));
    let query = request().to_der().unwrap();
    assert_eq!(failure(&running.post(&query).1), None);
    key.gone.store(true, Ordering::SeqCst);
    let (head, body) = running.post(&query);
    // RFC 3161 has a word for it, so HTTP has none.
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(failure(&body), Some(PkiFailureInfo::SystemFailure));
    assert_eq!(tsa.ready().unwrap_err(), "the key does not sign");
    key.gone.store(false, Ordering::SeqCst);
    assert_eq!(failure(&running.post(&query).1), None);
    tsa.ready().unwrap();
}

#[test]
fn a_token_that_took_longer_than_its_accuracy_is_not_released() {
    let home = Unit::new();
    let (key, tsa) = pluggable(&home);
    let running = Running::of(tsa);
    let query = request().to_der().unwrap();
    key.slow.store(true, Ordering::SeqCst);
    let expected = Some(PkiFailureInfo::TimeNotAvailable);
    assert_eq!(failure(&running.post(&query).1), expected);
    key.slow.store(false, Ordering::SeqCst);
    assert_eq!(failure(&running.post(&query).1), None);
}

#[test]
fn no_token_leaves_without_its_record() {
    use tsa_server::clock::{Guard, Requirement};
    use tsa_server::journal::{Journal, Settings};
    use tsa_server::offer::{Form, OfferedPolicy, TimeStampPolicy};
    use tsa_server::{Capacity, Tsa, Units};

    let home = Unit::new();
    let policy = TimeStampPolicy::new(support::POLICY.parse().unwrap());
    let policies = vec![OfferedPolicy::new(policy).unwrap()];
    let units = Units::new(vec![Arc::new(home.unit().unwrap())], &policies);
    let settings = Settings::new(home.path("journal"));
    let (journal, _) = Journal::open(&settings, support::system()).unwrap();
    // The first record begins the first segment, which cannot be while a folder stands there.
    let obstacle = home.path("journal").join(format!("tokens-{:020}.jsonl", 1));
    std::fs::create_dir(&obstacle).unwrap();
    let form = Form::default();
    let guard = Guard::new(
        support::system(),
        Duration::from_secs(1),
        Requirement::Advisory,
        Tsa::handing(form),
    );
    let capacity = Capacity::default();
    let (guard, journal) = (Arc::new(guard), Arc::new(journal));
    let tsa = Arc::new(Tsa::new(units, policies, form, guard, journal, capacity));
    let running = Running::of(Arc::clone(&tsa));
    let query = request().to_der().unwrap();
    for _ in 0..2 {
        let expected = Some(PkiFailureInfo::SystemFailure);
        assert_eq!(failure(&running.post(&query).1), expected);
    }
    assert!(
        tsa.ready()
            .unwrap_err()
            .contains("the token journal cannot be written")
    );
    std::fs::remove_dir(&obstacle).unwrap();
    while failure(&running.post(&query).1).is_some() {
        std::thread::sleep(Duration::from_millis(50));
    }
    tsa.ready().unwrap();
}
