//! ds:Reference: what is signed, and whether it is unchanged (XML Signature 1.1 section 4.4.3).

use pki_crypto::Digest;
use roxmltree::Node;

use super::{DS, SignatureError, algorithm, canonical};
use crate::xml::c14n::{Canonicalization, Comments, Method};
use crate::xml::{base64, elements, ids, shorten};

/// One ds:Reference.
#[derive(Debug)]
pub struct Reference<'a> {
    uri: Option<&'a str>,
    kind: Option<&'a str>,
    transforms: Vec<Transform>,
    digest: Digest,
}

/// What is done with what is signed before its digest is made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Transform {
    /// The signature that the reference stands in is left out.
    EnvelopedSignature,
    /// It is written in canonical form.
    Canonicalization(Canonicalization),
}

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

impl<'a> Reference<'a> {
    pub(super) fn read(node: Node<'a, '_>) -> Result<Self, SignatureError> {
        let malformed = SignatureError::Malformed;
        // Section 4.4.3: these three in this order, and nothing else.
        let mut children = elements(node).peekable();
        let transforms = match children.next_if(|n| n.has_tag_name((DS, "Transforms"))) {
            None => Vec::new(),
            Some(list) => elements(list).map(transform).collect::<Result<_, _>>()?,
        };
        let mut next = |name, what| {
            children
                .next()
                .filter(|n| n.has_tag_name((DS, name)))
                .ok_or(malformed(what))
        };
        let method = next("DigestMethod", "there is no DigestMethod")?;
        let value = next("DigestValue", "there is no DigestValue")?;
        let value = base64(value).ok_or(malformed("a DigestValue is not base64"))?;
        if children.next().is_some() {
            return Err(malformed("a Reference holds something else"));
        }
        let digest = Digest::from_bytes(algorithm::digest_method(method)?, &value)
            .ok_or(malformed("a DigestValue is not as long as its algorithm's"))?;
        // After a canonicalization there are octets, on which neither transform works.
        let canonical = |t: &Transform| matches!(t, Transform::Canonicalization(_));
        let at = transforms.iter().position(canonical);
        if at.is_some_and(|at| at + 1 < transforms.len()) {
            return Err(malformed("a transform follows the canonicalization"));
        }
        Ok(Self {
            uri: node.attribute("URI"),
            kind: node.attribute("Type"),
            transforms,
            digest,
        })
    }

    /// The URI: empty for the document, `#` and an identifier for an element.
    #[must_use]
    pub fn uri(&self) -> Option<&'a str> {
        self.uri
    }

    /// What kind of thing it is over.
    #[must_use]
    pub fn kind(&self) -> Option<&'a str> {
        self.kind
    }

    /// The transforms in order.
    #[must_use]
    pub fn transforms(&self) -> &[Transform] {
        &self.transforms
    }

    /// The digest that was signed.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Looks for what it is over and compares the digest. A document is its outermost element with what
    /// stands around it, for which the root node is given.
    pub(super) fn verify<'i>(
        &self,
        signature: Node<'a, 'i>,
    ) -> Result<Node<'a, 'i>, SignatureError> {
        let shown = || shorten(self.uri.unwrap_or_default());
        let document = signature.document();
        let target = match self.uri {
            Some("") => document.root(),
            Some(uri) => {
                let id = uri
                    .strip_prefix('#')
                    .ok_or_else(|| SignatureError::Reference(shown()))?;
                // That there is no second one was seen when the document was read.
                document
                    .descendants()
                    .find(|n| n.is_element() && ids(*n).any(|found| found == id))
                    .ok_or_else(|| SignatureError::Reference(shown()))?
            }
            None => return Err(SignatureError::Reference(String::new())),
        };
        let mut omit = None;
        let mut how = Canonicalization {
            method: Method::Inclusive10,
            comments: Comments::Drop,
        };
        for one in &self.transforms {
            match one {
                Transform::EnvelopedSignature => {
                    if !signature.ancestors().any(|n| n == target) {
                        return Err(SignatureError::Malformed(
                            "a signature is left out of something that it is not in",
                        ));
                    }
                    omit = Some(signature.id());
                }
                Transform::Canonicalization(canonicalization) => how = canonicalization.clone(),
            }
        }
        // Section 4.4.3.3: references within the document leave comments out.
        how.comments = Comments::Drop;
        let mut hasher = self.digest.algorithm().hasher();
        how.write(target, omit, &mut |part| hasher.update(part))?;
        if hasher.finish() == self.digest {
            Ok(target)
        } else {
            Err(SignatureError::Digest(shown()))
        }
    }
}

fn transform(node: Node<'_, '_>) -> Result<Transform, SignatureError> {
    if node.has_tag_name((DS, "Transform")) && node.attribute("Algorithm") == Some(ENVELOPED) {
        return Ok(Transform::EnvelopedSignature);
    }
    canonical(node).map(Transform::Canonicalization)
}
