//! The journal's tree, key and checkpoints: the same roots, proofs and refusals in every database.

use ca_core::journal::{
    Checkpoint, Frontier, Handover, Proof, ProvenRecord, SignedCheckpoint, leaf_hash,
};
use ca_core::store::{Act, AuditAct, CheckpointStamp, Conflict, NewJournalKey, StoreError};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_crypto::DigestAlgorithm;

use crate::acts::Ca;
use crate::record::{NOW, Record};

contract![
    roots_and_proofs_out_of_tiles_are_those_of_all_records,
    checkpoints_only_grow_and_time_stamps_follow_the_last,
    tables_of_the_audit_that_differ_are_found,
];

fn journal_key(ca: &Ca, key: &SoftwareKey) -> Result<u64, StoreError> {
    ca.commit(Act::Audit(AuditAct::JournalKey(NewJournalKey {
        origin: "pki.example/journal/1".into(),
        spki: key.public_key().spki_der().to_vec(),
        location: "keys/journal.pem".into(),
        handover: Handover::Signed,
    })))
}

fn signed(ca: &Ca, key: &SoftwareKey, size: u64) -> SignedCheckpoint {
    let (tree, head) = ca.store.journal_state(size).unwrap();
    let checkpoint = Checkpoint {
        origin: "pki.example/journal/1".into(),
        size,
        root: tree.root(),
        head,
        at: NOW,
    };
    checkpoint.sign(key).unwrap()
}

fn stamp(ca: &Ca, checkpoint: &SignedCheckpoint) -> Result<u64, StoreError> {
    let digest = DigestAlgorithm::Sha256.digest(checkpoint.note().as_bytes());
    ca.commit(Act::Audit(AuditAct::TimeStamp(CheckpointStamp {
        size: checkpoint.checkpoint().size,
        note_sha256: digest.as_bytes().try_into().unwrap(),
        time: NOW,
        token: b"a token".to_vec(),
    })))
}

fn grown(record: &Record, records: u64) -> Ca {
    let ca = Ca::new(record);
    let mut n = 0_u32;
    while ca.store.journal_size().unwrap() < records {
        ca.intend(&[&[1], &n.to_be_bytes()[..]].concat()).unwrap();
        n += 1;
    }
    ca
}

fn roots_and_proofs_out_of_tiles_are_those_of_all_records(record: &Record) {
    let ca = grown(record, 520);
    let mut tree = Frontier::default();
    let mut trees = vec![tree.clone()];
    ca.store
        .journal(1..=520, &mut |row| {
            tree.push(leaf_hash(&row.record));
            trees.push(tree.clone());
            Ok(())
        })
        .unwrap();
    let key = SoftwareKey::generate(KeySpec::P256).unwrap();
    let believed = [ca_core::journal::JournalKey::new(key.public_key().clone())];
    for size in [1, 255, 256, 257, 511, 512, 513, 520] {
        let (found, _) = ca.store.journal_state(size).unwrap();
        assert_eq!(found, trees[size as usize], "{size}");
        let to = signed(&ca, &key, size);
        for seq in [1, size / 2 + 1, size] {
            let (record, path) = ca.store.record_and_path(seq, size).unwrap();
            let record = String::from_utf8(record).unwrap();
            let proof = Proof::Inclusion {
                checkpoint: to.clone(),
                records: vec![ProvenRecord { seq, record, path }],
            };
            proof.check(&believed).unwrap();
            let from = signed(&ca, &key, seq);
            let path = ca.store.consistency(seq, size).unwrap();
            let to = to.clone();
            Proof::Consistency { from, to, path }
                .check(&believed)
                .unwrap();
        }
    }
    assert!(ca.store.journal_state(521).is_err());
    ca.verify().unwrap();
}

fn checkpoints_only_grow_and_time_stamps_follow_the_last(record: &Record) {
    let ca = grown(record, 8);
    let refused = |result: Result<u64, StoreError>| match result {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    };
    let key = SoftwareKey::generate(KeySpec::P256).unwrap();
    journal_key(&ca, &key).unwrap();
    assert_eq!(refused(journal_key(&ca, &key)), Conflict::JournalKeyUsed);
    let commit = |c: &SignedCheckpoint| ca.commit(Act::Audit(AuditAct::Checkpoint(c.clone())));
    let version = ca.store.observe().unwrap().version;
    let one = signed(&ca, &key, 9);
    commit(&one).unwrap();
    stamp(&ca, &one).unwrap();
    let order = Conflict::CheckpointOrder { last: 9 };
    assert_eq!(refused(commit(&one)), order);
    assert_eq!(refused(commit(&signed(&ca, &key, 8))), order);
    let two = signed(&ca, &key, 11);
    commit(&two).unwrap();
    assert_eq!(
        refused(stamp(&ca, &one)),
        Conflict::CheckpointOrder { last: 11 }
    );
    stamp(&ca, &two).unwrap();
    // Responders have nothing to read again.
    assert_eq!(ca.store.observe().unwrap().version, version);
    let all = ca.store.checkpoints().unwrap();
    let latest = ca.store.latest_checkpoint().unwrap().unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((latest.seq, latest.signed), (12, two));
    assert_eq!(latest.stamps[0].token, b"a token");
    assert_eq!(ca.store.journal_keys().unwrap().len(), 1);
}

fn tables_of_the_audit_that_differ_are_found(record: &Record) {
    let ca = grown(record, 260);
    let key = SoftwareKey::generate(KeySpec::P256).unwrap();
    journal_key(&ca, &key).unwrap();
    let one = signed(&ca, &key, 261);
    ca.commit(Act::Audit(AuditAct::Checkpoint(one))).unwrap();
    ca.verify().unwrap();
    let tables: [(&str, &[&str]); 3] = [
        (
            "journal_tile",
            &[
                "journal_tile_is_append_only_update",
                "journal_tile_is_append_only_delete",
            ],
        ),
        (
            "journal_key",
            &["journal_key_stays", "journal_key_is_final"],
        ),
        ("checkpoint", &["checkpoint_stays", "checkpoint_is_final"]),
    ];
    for (table, _) in tables {
        let refused = record.sql(&format!("DELETE FROM {table}"));
        assert!(refused.is_err(), "{table}");
    }
    for (table, triggers) in tables {
        record.disarm(table, triggers);
    }
    for (done, undone) in [
        (
            "UPDATE journal_tile SET number = 1",
            "UPDATE journal_tile SET number = 0",
        ),
        (
            "UPDATE journal_key SET origin = 'elsewhere'",
            "UPDATE journal_key SET origin = 'pki.example/journal/1'",
        ),
        (
            "UPDATE journal_key SET handover = 1",
            "UPDATE journal_key SET handover = 0",
        ),
        (
            "UPDATE checkpoint SET seq = seq + 1",
            "UPDATE checkpoint SET seq = seq - 1",
        ),
        (
            "UPDATE checkpoint SET note = replace(note, 'head ', 'head x')",
            "UPDATE checkpoint SET note = replace(note, 'head x', 'head ')",
        ),
    ] {
        record.sql(done).unwrap();
        ca.verify().expect_err(done);
        record.sql(undone).unwrap();
        ca.verify().unwrap();
    }
    for (table, _) in tables {
        record.sql(&format!("DELETE FROM {table}")).unwrap();
        ca.verify().expect_err(table);
    }
}
