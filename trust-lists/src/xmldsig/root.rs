//! See what is signed: the one signature of a document, over the very element that is read afterwards
//! (TS 119 612 clause 5.7 and annex B.6; EN 319 132-1 clause 5).

use pki_asn1::Certificate;
use pki_crypto::{DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm, suites};
use roxmltree::{Document, Node};

use super::{DS, Reference, Signature, SignatureError, Transform, xades};

/// A document's outermost element of which every octet but the signature's was signed.
#[derive(Debug)]
pub struct SignedRoot<'a, 'i> {
    /// The element.
    pub element: Node<'a, 'i>,
    /// Whose key signed it.
    pub signer: Certificate,
    /// With which algorithm.
    pub algorithm: SignatureAlgorithm,
}

/// Checks the signature of a document, which one of `signers` made.
///
/// There is exactly one ds:Signature in it, a child of the outermost element; it covers that element and
/// nothing that is somewhere else; its value is that of the first certificate in ds:KeyInfo; the signed
/// properties, where there are some, are signed and name that certificate; and no algorithm is one that
/// does not protect any more.
///
/// # Errors
/// What does not hold.
pub fn signed_root<'a, 'i>(
    document: &'a Document<'i>,
    signers: &[Certificate],
) -> Result<SignedRoot<'a, 'i>, SignatureError> {
    let element = document.root_element();
    let mut all = document
        .descendants()
        .filter(|n| n.has_tag_name((DS, "Signature")));
    let only = all.next().ok_or(SignatureError::Missing)?;
    if all.next().is_some() || only.parent() != Some(element) {
        return Err(SignatureError::NotOne);
    }
    let signature = Signature::read(only)?;
    let signer = signature
        .certificates()
        .first()
        .cloned()
        .ok_or(SignatureError::Certificate)?;
    // Nothing is computed for a stranger.
    if !signers.contains(&signer) {
        return Err(SignatureError::Signer(signer.display_subject().to_string()));
    }
    let key = PublicKey::from_spki_der(signer.spki_der())?;
    strong(&signature, &key)?;
    signature.verify_value(&key)?;
    let mut covered = false;
    for reference in signature.references() {
        let target = signature.verify_reference(reference)?;
        if target == element || target.is_root() {
            if covered {
                return Err(SignatureError::Malformed(
                    "the document is signed twice over",
                ));
            }
            enveloped(reference)?;
            covered = true;
        } else if !target.ancestors().any(|n| n.id() == signature.id()) {
            return Err(SignatureError::NotCovered);
        }
    }
    if !covered {
        return Err(SignatureError::NotCovered);
    }
    xades::check(&signature, &signer)?;
    Ok(SignedRoot {
        element,
        signer,
        algorithm: signature.algorithm(),
    })
}

/// Annex B.6 asks for exactly these two transforms.
fn enveloped(reference: &Reference<'_>) -> Result<(), SignatureError> {
    match reference.transforms() {
        [
            Transform::EnvelopedSignature,
            Transform::Canonicalization(_),
        ]
        | [Transform::EnvelopedSignature] => Ok(()),
        _ => Err(SignatureError::Malformed(
            "the document is not signed as what the signature is in",
        )),
    }
}

fn strong(signature: &Signature<'_, '_>, key: &PublicKey) -> Result<(), SignatureError> {
    let weak =
        |digest: DigestAlgorithm| matches!(digest, DigestAlgorithm::Sha1 | DigestAlgorithm::Sha224);
    let mut digests = signature
        .references()
        .iter()
        .map(|r| r.digest().algorithm());
    if let Some(digest) = digests
        .find(|d| weak(*d))
        .or(signature.algorithm().digest().filter(|d| weak(*d)))
    {
        return Err(SignatureError::Weak(digest.to_string()));
    }
    match key.kind() {
        kind @ KeyKind::Rsa { bits } if bits < suites::SMALLEST_RSA => {
            Err(SignatureError::Weak(kind.to_string()))
        }
        kind @ KeyKind::Foreign(_) if suites::key_last_use(kind).is_some() => {
            Err(SignatureError::Weak(kind.to_string()))
        }
        _ => Ok(()),
    }
}
