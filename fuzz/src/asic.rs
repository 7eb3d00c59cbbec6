//! Containers, their manifests, and CMS signatures that are written again with more in them.

use std::sync::Arc;

use ades::asic::{Container, Limits, Manifest, check_name};
use ades::cades::archive::hash_index;
use ades::cms::original::OriginalSignedData;
use ades::evidence::Material;
use ades::validate::{ContentStream, Input, ValidationPolicy, gather, verdict};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

/// A container that opens has names that are safe to unpack, no more in it than its directory says, and a
/// verdict.
pub(crate) fn container(input: &[u8]) {
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    let source = Arc::new(MemorySource::new(input.to_vec()));
    let Ok(container) = Container::open_within(source.clone(), &limits) else {
        return;
    };
    let mut unpacked = 0;
    for member in container.members() {
        check_name(&member.name).unwrap();
        let mut size = 0;
        let whole = container.stream(member).for_each(&mut |part| {
            size += part.len() as u64;
            Ok(())
        });
        assert!(size <= member.size + 1, "more than the directory says");
        assert!(whole.is_err() || size == member.size);
        unpacked += size;
    }
    assert!(unpacked <= limits.unpacked.max(input.len() as u64 * (limits.ratio + 1)) + 10_000);
    let input = Input {
        source,
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    if let Ok(facts) = gather(&input, Material::default(), now, None) {
        let _ = verdict(&facts, &ValidationPolicy::default(), now);
    }
}

/// A manifest that is read is written as one that says the same.
pub(crate) fn manifest(input: &[u8]) {
    let Ok(manifest) = Manifest::parse("fuzzed", input) else {
        return;
    };
    for object in &manifest.objects {
        check_name(&object.name).unwrap();
    }
    if manifest.objects.iter().all(|o| o.digest.is_ok()) {
        let again = Manifest::parse("written", manifest.to_xml().as_bytes()).unwrap();
        assert_eq!(again, manifest);
    }
}

/// A signature that is written again keeps every octet that something covers, and is then written as it is.
pub(crate) fn original(input: &[u8]) {
    let Ok(first) = OriginalSignedData::from_bytes(input) else {
        return;
    };
    let Ok(written) = first.to_vec() else { return };
    let second = OriginalSignedData::from_bytes(written.clone()).unwrap();
    assert_eq!(first.certificates(), second.certificates());
    assert_eq!(first.revocation(), second.revocation());
    assert_eq!(first.content_type_der(), second.content_type_der());
    assert_eq!(first.signers().len(), second.signers().len());
    for (a, b) in first.signers().iter().zip(second.signers()) {
        assert_eq!(a.signed_fields(), b.signed_fields());
        assert_eq!(a.unsigned_values().ok(), b.unsigned_values().ok());
        let _ = hash_index(&second, b, DigestAlgorithm::Sha256);
    }
    assert_eq!(second.to_vec().unwrap(), written);
    let _ = first.signed_data();
}
