//! A record whose journal is signed, and what a forger can make of its export.

use std::sync::Arc;
use std::time::Duration;

use ca_core::journal::{
    Checks, ExportEnd, ExportFault, ExportStart, ExportVerifier, Handover, JournalKey,
    JournalReport, JournalRow, SignedCheckpoint, chain, export_line, read_line,
};
use ca_core::{CaEngine, RevocationReason, RevocationRequest};
use hsm_pkcs11::{KeySpec, Signer};
use pki_crypto::DigestAlgorithm;

use crate::support::{House, SEAL_SUBJECT, actors, key};

/// A record with a journal key, two checkpoints, and acts before, between and after them.
pub(crate) struct Audited {
    pub(crate) house: House,
    pub(crate) key: Arc<dyn Signer>,
    pub(crate) first: SignedCheckpoint,
    pub(crate) second: SignedCheckpoint,
}

impl Audited {
    pub(crate) fn new() -> Self {
        let house = House::new();
        let key = key(KeySpec::ED25519);
        house
            .engine
            .name_journal_key(
                &*key,
                "keys/journal.pem".into(),
                Handover::Signed,
                &actors(),
            )
            .unwrap();
        let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let first = checkpoint(&house.engine, &*key);
        house
            .engine
            .revoke(&RevocationRequest {
                authority: "companies".into(),
                serial: issued.certificate.serial().to_vec(),
                reason: RevocationReason::KeyCompromise,
                invalidity_date: None,
                requested_at: None,
                actors: actors(),
            })
            .unwrap();
        house
            .engine
            .issue_crl(&house.issuing, Duration::from_secs(3600), &actors())
            .unwrap();
        let second = checkpoint(&house.engine, &*key);
        house.issue("company-seal", SEAL_SUBJECT).unwrap();
        Self {
            house,
            key,
            first,
            second,
        }
    }

    pub(crate) fn export(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.house.engine.export_journal(&mut out).unwrap();
        out
    }

    pub(crate) fn pinned(&self) -> Vec<JournalKey> {
        vec![JournalKey::new(self.key.public_key().clone())]
    }
}

pub(crate) fn checkpoint(engine: &CaEngine, key: &dyn Signer) -> SignedCheckpoint {
    engine.checkpoint(key, &actors()).unwrap().unwrap().signed
}

pub(crate) fn verify(export: &[u8], checks: Checks<'_>) -> Result<JournalReport, ExportFault> {
    let mut verifier = ExportVerifier::new(checks);
    verifier.read(&mut &*export)?;
    verifier.finish()
}

pub(crate) fn named(result: Result<JournalReport, ExportFault>) -> u64 {
    match result {
        Err(ExportFault::Broken(broken)) => broken.seq,
        other => panic!("{other:?}"),
    }
}

/// Lines with their newlines.
pub(crate) fn lines(export: &[u8]) -> Vec<Vec<u8>> {
    export
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

pub(crate) fn rows(export: &[u8]) -> Vec<JournalRow> {
    let lines = lines(export);
    lines[1..lines.len() - 1]
        .iter()
        .map(|line| {
            let mut row = JournalRow {
                seq: 0,
                prev: Vec::new(),
                record: Vec::new(),
                hash: Vec::new(),
            };
            read_line(line.strip_suffix(b"\n").unwrap(), &mut row).unwrap();
            assert_eq!(export_line(&row), *line);
            row
        })
        .collect()
}

/// What somebody can do who has everything but the journal key: an export whose chain and root are
/// right.
pub(crate) fn forged(records: Vec<Vec<u8>>) -> Vec<u8> {
    fn mth(leaves: &[Vec<u8>]) -> [u8; 32] {
        let hash = |prefix: u8, parts: &[&[u8]]| {
            let bytes = [&[prefix][..], &parts.concat()].concat();
            DigestAlgorithm::Sha256
                .digest(&bytes)
                .as_bytes()
                .try_into()
                .unwrap()
        };
        match leaves.len() {
            1 => hash(0, &[&leaves[0]]),
            n => {
                let half = n.next_power_of_two() / 2;
                hash(1, &[&mth(&leaves[..half]), &mth(&leaves[half..])])
            }
        }
    }
    let start = ExportStart {
        tree: Default::default(),
        prev: [0; 32],
    };
    let mut out = start.line();
    let mut prev = [0; 32];
    for (n, record) in records.iter().enumerate() {
        let seq = n as u64 + 1;
        let hash = chain(seq, &prev, record);
        out.extend(export_line(&JournalRow {
            seq,
            prev: prev.to_vec(),
            record: record.clone(),
            hash: hash.to_vec(),
        }));
        prev = hash;
    }
    let end = ExportEnd {
        to: records.len() as u64,
        head: prev,
        root: mth(&records),
    };
    out.extend(end.line());
    out
}
