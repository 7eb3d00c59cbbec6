//! XML from strangers, and trusted lists.

use pki_asn1::{Certificate, UnixTime};
use pki_crypto::PublicKey;
use trust_lists::list::TrustedList;
use trust_lists::load::{Expired, Loader};
use trust_lists::xml::c14n::Canonicalization;
use trust_lists::xml::{Limits, Text, XmlError};
use trust_lists::xmldsig::{DS, Signature, signed_root};

/// The canonical form of a document is read as one whose canonical form it is, and every signature in it is
/// judged.
pub(crate) fn xml(input: &[u8]) {
    let limits = Limits::default();
    let Ok(text) = Text::new(input, &limits) else {
        return;
    };
    let Ok(document) = text.parse(&limits) else {
        return;
    };
    for uri in [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    ] {
        let how = Canonicalization::from_uri(uri).unwrap();
        let once = how.to_vec(document.root(), None).unwrap();
        // Escapes make it longer, which may be too long.
        let Ok(text) = Text::new(&once, &limits) else {
            continue;
        };
        let again = match text.parse(&limits) {
            Ok(again) => again,
            // Exclusive canonicalization declares a namespace wherever it is used.
            Err(XmlError::Limit { .. }) => continue,
            Err(e) => panic!("{uri}: {e}"),
        };
        assert_eq!(how.to_vec(again.root(), None).unwrap(), once, "{uri}");
    }
    let signatures = document.descendants();
    for element in signatures
        .filter(|n| n.has_tag_name((DS, "Signature")))
        .take(4)
    {
        if let Ok(signature) = Signature::read(element) {
            for reference in signature.references() {
                let _ = signature.verify_reference(reference);
            }
        }
    }
    let certificates = document.descendants();
    let first = certificates
        .filter(|n| n.has_tag_name((DS, "Signature")))
        .find_map(|n| {
            let signature = Signature::read(n).ok()?;
            signature.certificates().first().cloned()
        });
    let _ = signed_root(&document, first.as_slice());
}

/// Nothing but the list that was signed is taken for it: `signed-list.xml` is the only one that its signer ever
/// signed. Every part of every other signature can be asked, too.
pub(crate) fn xmldsig(input: &[u8]) {
    let signer = Certificate::from_der(include_bytes!("list-signer.der").to_vec()).unwrap();
    if let Ok(verified) = TrustedList::verify(input, core::slice::from_ref(&signer)) {
        let good = TrustedList::parse(include_bytes!("signed-list.xml")).unwrap();
        assert_eq!(*verified.list(), good);
    }
    let limits = Limits::default();
    let Ok(text) = Text::new(input, &limits) else {
        return;
    };
    let Ok(document) = text.parse(&limits) else {
        return;
    };
    let key = PublicKey::from_spki_der(signer.spki_der()).unwrap();
    let signatures = document.descendants();
    for element in signatures
        .filter(|n| n.has_tag_name((DS, "Signature")))
        .take(4)
    {
        let Ok(signature) = Signature::read(element) else {
            continue;
        };
        let _ = signature.verify_value(&key);
        for certificate in signature.certificates().iter().take(2) {
            if let Ok(own) = PublicKey::from_spki_der(certificate.spki_der()) {
                let _ = signature.verify_value(&own);
            }
        }
        for reference in signature.references() {
            if let Ok(found) = signature.verify_reference(reference) {
                assert!(found.is_root() || found.is_element());
            }
        }
    }
}

/// A list that is read can be asked everything.
pub(crate) fn trusted_list(input: &[u8]) {
    let Ok(list) = TrustedList::parse(input) else {
        return;
    };
    let now = UnixTime::from_secs(1_800_000_000);
    let _ = list.is_expired(now);
    let certificates: Vec<_> = list
        .services()
        .flat_map(|(_, s)| &s.states)
        .flat_map(|s| s.identity.certificates.iter().cloned())
        .take(3)
        .collect();
    for (_, service) in list.services() {
        assert_eq!(service.periods().count(), service.states.len());
        assert!(
            service
                .states
                .is_sorted_by_key(|s| core::cmp::Reverse(s.since))
        );
        let state = service.state_at(now);
        assert!(state.is_none_or(|s| s.since <= now));
        for certificate in &certificates {
            let _ = service.is(certificate);
            for one in &service.states {
                for qualification in &one.extensions.qualifications {
                    let _ = qualification.criteria.meets(certificate);
                }
            }
        }
    }
    let loader = Loader {
        source: None,
        now,
        expired: Expired::Accept,
    };
    let _ = loader.load("fuzzed", input, &certificates);
}
