//! The signed properties of XAdES, where a signature has them: that they are signed, that they belong to
//! this signature, and that they name its certificate (EN 319 132-1 clause 5.2.2).

use pki_asn1::Certificate;
use pki_crypto::DigestAlgorithm;
use roxmltree::Node;

use super::{DS, Signature, SignatureError, algorithm};
use crate::xml::{base64, child, elements, ids};

const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

pub(super) fn check(
    signature: &Signature<'_, '_>,
    signer: &Certificate,
) -> Result<(), SignatureError> {
    let wrong = SignatureError::SigningCertificate;
    let mut all = signature
        .node()
        .descendants()
        .filter(|n| n.has_tag_name((XADES, "QualifyingProperties")));
    let Some(qualifying) = all.next() else {
        return Ok(());
    };
    if all.next().is_some()
        || qualifying.parent().and_then(|n| n.parent()) != Some(signature.node())
    {
        return Err(wrong("there are several, or they stand somewhere else"));
    }
    let target = qualifying
        .attribute("Target")
        .and_then(|t| t.strip_prefix('#'));
    if !ids(signature.node()).any(|id| Some(id) == target) {
        return Err(wrong("they belong to another signature"));
    }
    let Some(properties) = child(qualifying, XADES, "SignedProperties") else {
        return Ok(());
    };
    let signed = signature.references().iter().any(|r| {
        let id = r.uri().and_then(|u| u.strip_prefix('#'));
        ids(properties).any(|own| Some(own) == id)
    });
    if !signed {
        return Err(wrong("they are not signed"));
    }
    let Some(inside) = child(properties, XADES, "SignedSignatureProperties") else {
        return Ok(());
    };
    let mut named = elements(inside).filter(|n| {
        n.has_tag_name((XADES, "SigningCertificateV2"))
            || n.has_tag_name((XADES, "SigningCertificate"))
    });
    // The first is the signer's; those above it may follow.
    named.try_for_each(|list| match elements(list).next() {
        Some(first) if names(first, signer) => Ok(()),
        _ => Err(wrong("the digest is another certificate's")),
    })
}

/// Whether a Cert element has the digest of `certificate`.
fn names(cert: Node<'_, '_>, certificate: &Certificate) -> bool {
    let Some(digest) = child(cert, XADES, "CertDigest") else {
        return false;
    };
    let method = child(digest, DS, "DigestMethod").and_then(|m| m.attribute("Algorithm"));
    let value = child(digest, DS, "DigestValue").and_then(base64);
    match (method.and_then(algorithm::digest_from_uri), value) {
        (Some(DigestAlgorithm::Sha1 | DigestAlgorithm::Sha224), _) => false,
        (Some(method), Some(value)) => method.digest(certificate.der()).as_bytes() == value,
        _ => false,
    }
}
