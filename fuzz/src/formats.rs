//! Forms of signatures beside PDF and plain CMS, and keys that only others sign with.

use std::sync::Arc;

use ades::validate::{Indication, Input, Material, ValidationPolicy, gather, verdict};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};

/// Nobody is trusted, so nothing passes; everything that can be read has its verdict.
fn judge(bytes: Vec<u8>, content: Option<&[u8]>) {
    let source = |bytes: Vec<u8>| Arc::new(MemorySource::new(bytes)) as Arc<_>;
    let input = Input {
        source: source(bytes),
        content: content.map(|c| source(c.to_vec())),
        pdf_options: OpenOptions::new(),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    if let Ok(facts) = gather(&input, Material::default(), now, None) {
        let verdict = verdict(&facts, &ValidationPolicy::default(), now);
        assert_eq!(verdict.signatures.len(), facts.signatures.len());
        assert_ne!(verdict.indication, Some(Indication::TotalPassed));
    }
}

/// A message, whatever its header.
pub(crate) fn message(input: &[u8]) {
    judge([b"MIME-Version: 1.0\r\n", input].concat(), None);
    judge(input.to_vec(), Some(b"content"));
}

/// Responses, tokens and data with time-stamps.
pub(crate) fn stamp(input: &[u8]) {
    judge(input.to_vec(), Some(b"content"));
    judge(input.to_vec(), None);
}

/// A key and a signature of it, after two octets that say where the one ends: the key reads the same again,
/// and a signature is one of one message. Whoever chooses the parameters of DSA, or a key of small order,
/// makes one of many.
pub(crate) fn public_key(input: &[u8]) {
    let Some((length, rest)) = input.split_first_chunk::<2>() else {
        return;
    };
    let at = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (spki, signature) = rest.split_at(at);
    let Ok(key) = PublicKey::from_spki_der(spki) else {
        return;
    };
    assert_eq!(PublicKey::from_spki_der(key.spki_der()).unwrap(), key);
    let sha256 = DigestAlgorithm::Sha256;
    for algorithm in [
        SignatureAlgorithm::Ecdsa(sha256),
        SignatureAlgorithm::Dsa(sha256),
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Md5),
        SignatureAlgorithm::RsaPss(sha256),
        SignatureAlgorithm::Ed448,
    ] {
        let one = key.verify(algorithm, Message::Bytes(b"one message"), signature);
        let other = key.verify(algorithm, Message::Bytes(b"another message"), signature);
        if !matches!(
            algorithm,
            SignatureAlgorithm::Dsa(_) | SignatureAlgorithm::Ed448
        ) {
            assert!(one.is_err() || other.is_err(), "{algorithm}");
        }
    }
}
