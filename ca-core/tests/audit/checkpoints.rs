//! Checkpoints are signed by the key whose turn it is.

use std::sync::Arc;
use std::time::Duration;

use ca_core::CaError;
use ca_core::engine::{AuditError, CheckpointSchedule};
use ca_core::journal::{Checks, Handover, JournalKey};
use hsm_pkcs11::{KeySpec, Signer};

use crate::audited::{checkpoint, verify};
use crate::support::{House, SEAL_SUBJECT, actors, key};

#[test]
fn a_checkpoint_is_made_of_news_only_and_by_the_right_key_only() {
    let house = House::new();
    let engine = &house.engine;
    let (first, second, third) = (
        key(KeySpec::P256),
        key(KeySpec::P384),
        key(KeySpec::ED25519),
    );
    let none = engine.checkpoint(&*first, &actors()).unwrap_err();
    assert!(matches!(none, CaError::Audit(AuditError::NoKey)));
    let name = |key: &Arc<dyn Signer>, handover| {
        engine.name_journal_key(&**key, "keys/journal.pem".into(), handover, &actors())
    };
    assert!(matches!(
        name(&first, Handover::PredecessorLost),
        Err(CaError::Audit(AuditError::NoPredecessor))
    ));
    name(&first, Handover::Signed).unwrap();
    assert!(matches!(
        name(&first, Handover::Signed),
        Err(CaError::Audit(AuditError::KeyUsed))
    ));
    checkpoint(engine, &*first);
    assert!(engine.checkpoint(&*first, &actors()).unwrap().is_none());
    assert!(!engine.has_news().unwrap());
    let schedule = CheckpointSchedule {
        every: Duration::from_secs(3600),
        records: 2,
    };
    house.clock.advance(Duration::from_secs(4000));
    assert!(!engine.checkpoint_is_due(&schedule).unwrap());

    // The old key hands over: it signs once more, and from then on the new one does.
    name(&second, Handover::Signed).unwrap();
    assert!(engine.checkpoint_is_due(&schedule).unwrap());
    let wrong = engine.checkpoint(&*second, &actors()).unwrap_err();
    assert!(matches!(wrong, CaError::Audit(AuditError::WrongKey { .. })));
    checkpoint(engine, &*first);
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    assert!(engine.checkpoint(&*first, &actors()).is_err());
    checkpoint(engine, &*second);
    // Who knows the first key alone believes the second, by what the first one signed.
    let mut export = Vec::new();
    engine.export_journal(&mut export).unwrap();
    let report = verify(
        &export,
        Checks {
            keys: vec![JournalKey::new(first.public_key().clone())],
            ..Checks::default()
        },
    )
    .unwrap();
    let fingerprint = JournalKey::new(second.public_key().clone()).fingerprint();
    assert_eq!(report.covered.unwrap().key, fingerprint);
    assert_eq!(report.unvouched, 0);

    // A lost key vouches for nobody: people have to be told the next one.
    name(&third, Handover::PredecessorLost).unwrap();
    checkpoint(engine, &*third);
    let mut export = Vec::new();
    engine.export_journal(&mut export).unwrap();
    let with = |key: &Arc<dyn Signer>| {
        let checks = Checks {
            keys: vec![JournalKey::new(key.public_key().clone())],
            ..Checks::default()
        };
        verify(&export, checks).unwrap()
    };
    let report = with(&first);
    assert_eq!(report.covered.unwrap().key, fingerprint);
    assert_eq!(report.unvouched, 1);
    assert_eq!(
        with(&third).covered.unwrap().size,
        engine
            .latest_checkpoint()
            .unwrap()
            .unwrap()
            .signed
            .checkpoint()
            .size
    );
    engine.verify_journal().unwrap();
}
