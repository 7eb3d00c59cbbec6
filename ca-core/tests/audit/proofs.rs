//! Proofs convince with checkpoint and key alone.

use ca_core::CaError;
use ca_core::engine::AuditError;
use ca_core::journal::Proof;

use crate::audited::{Audited, checkpoint};
use crate::support::SEAL_SUBJECT;

#[test]
fn proofs_convince_with_checkpoint_and_key_alone_and_no_altered_proof_does() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    let keys = audited.pinned();
    let size = audited.second.checkpoint().size;
    let all: Vec<u64> = (1..=size).collect();
    let proof = engine.prove_records(&all, &audited.second).unwrap();
    let text = proof.to_json();
    let read = Proof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    read.check(&keys).unwrap();
    read.is_for(audited.second.checkpoint()).unwrap();
    assert!(read.is_for(audited.first.checkpoint()).is_err());
    assert!(read.check(&[]).is_err());
    assert!(engine.prove_records(&[size + 1], &audited.second).is_err());

    let consistency = engine
        .prove_consistency(&audited.first, &audited.second)
        .unwrap();
    let read = Proof::parse(consistency.to_json().as_bytes()).unwrap();
    read.check(&keys).unwrap();
    assert!(
        engine
            .prove_consistency(&audited.second, &audited.first)
            .is_err()
    );
    for (n, proof) in [
        engine.prove_records(&[3], &audited.first).unwrap(),
        consistency,
    ]
    .into_iter()
    .enumerate()
    {
        let text = proof.to_json().into_bytes();
        for at in 0..text.len() {
            for bit in [0x01, 0x02, 0x20, 0x80] {
                let mut changed = text.clone();
                changed[at] ^= bit;
                let Ok(read) = Proof::parse(&changed) else {
                    continue;
                };
                // White space between members, and capital digits, say the same.
                assert!(
                    read == proof || read.check(&keys).is_err(),
                    "proof {n}, byte {at}"
                );
            }
        }
    }
}

#[test]
fn a_certificates_records_are_proven_by_its_serial() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    let size = audited.second.checkpoint().size;
    let revoked = engine
        .list(&ca_core::ListFilter {
            authority: None,
            revoked: true,
        })
        .unwrap();
    let found = engine.records_about(&revoked[0].serial, size).unwrap();
    let Proof::Inclusion { records, .. } = engine.prove_records(&found, &audited.second).unwrap()
    else {
        panic!("not an inclusion proof");
    };
    let kinds: Vec<String> = records
        .iter()
        .map(|r| {
            let value: serde_json::Value = serde_json::from_str(&r.record).unwrap();
            value["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["intent", "result", "revocation"]);
    let unknown = engine.records_about(&[1, 2, 3], size).unwrap_err();
    assert!(matches!(
        unknown,
        CaError::Audit(AuditError::NoRecord { .. })
    ));
}

#[test]
fn a_record_begun_without_tiles_gets_them_and_proves_as_before() {
    let audited = Audited::new();
    let engine = &audited.house.engine;
    while engine.journal_size().unwrap() < 300 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    let before = checkpoint(engine, &*audited.key);
    let proof = engine.prove_records(&[1, 255, 256, 257], &before).unwrap();
    let db = rusqlite::Connection::open(audited.house.record()).unwrap();
    db.execute_batch("DROP TRIGGER journal_tile_is_append_only_delete; DELETE FROM journal_tile")
        .unwrap();
    assert_eq!(
        engine.prove_records(&[1, 255, 256, 257], &before).unwrap(),
        proof
    );
    while engine.journal_size().unwrap() < 512 {
        audited.house.issue("company-seal", SEAL_SUBJECT).unwrap();
    }
    let tiles: i64 = db
        .query_row("SELECT count(*) FROM journal_tile", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tiles, 2);
    assert_eq!(
        engine.prove_records(&[1, 255, 256, 257], &before).unwrap(),
        proof
    );
    engine.verify_journal().unwrap();
}
