//! Evidence records.

use std::sync::Arc;

use ades::evidence::Material;
use ades::evidence_record::EvidenceRecord;
use ades::validate::{Indication, ValidationPolicy, gather_record, verdict};
use pdf_file::{MemorySource, Source};
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

/// What is read has at least one archive time-stamp in each chain; a tree has one root whatever the order of
/// its lists; without anybody trusted nothing passes.
pub(crate) fn evidence_record(input: &[u8]) {
    let Ok(record) = EvidenceRecord::parse(input) else {
        return;
    };
    assert!(!record.chains.is_empty());
    for chain in &record.chains {
        assert!(!chain.stamps.is_empty());
        for stamp in &chain.stamps {
            if let Some(tree) = &stamp.tree {
                let _ = tree.root(DigestAlgorithm::Sha256);
            }
            assert!(!stamp.token_digests(DigestAlgorithm::Sha256).is_empty());
        }
    }
    let source = |bytes: &[u8]| -> Arc<dyn Source> { Arc::new(MemorySource::new(bytes.to_vec())) };
    let now = UnixTime::from_secs(1_800_000_000);
    let objects = vec![
        ("a".to_owned(), source(b"what lasts")),
        ("b".to_owned(), source(b"")),
    ];
    if let Ok(facts) = gather_record(&source(input), objects, Material::default(), now, None) {
        let verdict = verdict(&facts, &ValidationPolicy::default(), now);
        assert_ne!(verdict.indication, Some(Indication::TotalPassed));
    }
}
