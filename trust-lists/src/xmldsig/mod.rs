//! XML signatures (XML Signature 1.1), as far as a signature over the document that carries it needs them.
//!
//! [`Signature`] is one signature with everything it says; [`signed_root`] is the question a reader of
//! documents has: who signed this very element, and is it whole? A reference reaches elements of the same
//! document alone; the transforms are the enveloped signature and canonicalization; everything else is
//! refused.

mod algorithm;
mod reference;
mod root;
mod xades;

use pki_asn1::Certificate;
use pki_crypto::{KeyError, Message, PublicKey, SignatureAlgorithm, VerifyError};
use roxmltree::{Node, NodeId};

pub use algorithm::digest_from_uri;
pub use reference::{Reference, Transform};
pub use root::{SignedRoot, signed_root};

use crate::xml::c14n::{BaseAbove, Canonicalization, Method};
use crate::xml::{XmlError, base64, child, elements, shorten};

/// The namespace of XML signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

const REFERENCES: usize = 16;
const CERTIFICATES: usize = 16;

/// Why a signature does not hold, or is not looked at.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The document itself cannot be read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Nobody signed.
    #[error("the document is not signed")]
    Missing,
    /// There are several signatures, or one that is not where it should be.
    #[error("the document does not have exactly one signature in its outermost element")]
    NotOne,
    /// Not as XML Signature asks.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// Another algorithm or transform than those allowed.
    #[error("the signature uses the {what} {uri:?}, which is not supported")]
    Unsupported {
        /// What kind of algorithm.
        what: &'static str,
        /// Its URI.
        uri: String,
    },
    /// A digest or signature algorithm or a key that does not protect any more.
    #[error("the signature is too weak: {0}")]
    Weak(String),
    /// A reference to nothing, or to something outside the document.
    #[error("the signature refers to {0:?}, which is not in the document")]
    Reference(String),
    /// What was signed is not the element that is read.
    #[error("the signature does not cover the document")]
    NotCovered,
    /// Something signed was changed.
    #[error("what was signed was changed: the digest of {0:?} is another")]
    Digest(String),
    /// The signature has no certificate, or one that cannot be read.
    #[error("the signer's certificate is missing or cannot be read")]
    Certificate,
    /// Somebody else signed than those who may.
    #[error("the signature is by {0}, who is not among those who may sign")]
    Signer(String),
    /// The signed properties name another certificate, or are not signed themselves.
    #[error("the signed properties do not name the signer's certificate: {0}")]
    SigningCertificate(&'static str),
    /// The signer's key cannot be used.
    #[error("the signer's key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The value is not that key's over what is signed.
    #[error("the signature value is wrong: {0}")]
    Value(#[from] VerifyError),
    /// Canonical XML that is not supported.
    #[error(transparent)]
    Canonical(#[from] BaseAbove),
}

/// One ds:Signature, read and not yet believed.
#[derive(Debug)]
pub struct Signature<'a, 'i> {
    element: Node<'a, 'i>,
    signed_info: Node<'a, 'i>,
    canonicalization: Canonicalization,
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
    references: Vec<Reference<'a>>,
    certificates: Vec<Certificate>,
}

impl<'a, 'i> Signature<'a, 'i> {
    /// Reads a ds:Signature.
    ///
    /// # Errors
    /// Where it is malformed or uses what is not supported.
    pub fn read(element: Node<'a, 'i>) -> Result<Self, SignatureError> {
        let malformed = SignatureError::Malformed;
        let mut children = elements(element);
        let mut next = |name: &str, what| {
            children
                .next()
                .filter(|n| n.has_tag_name((DS, name)))
                .ok_or(malformed(what))
        };
        let signed_info = next("SignedInfo", "it does not begin with SignedInfo")?;
        let value = next("SignatureValue", "there is no SignatureValue")?;
        let value = base64(value).ok_or(malformed("the SignatureValue is not base64"))?;
        // Section 4.1: at most one KeyInfo, then objects.
        let mut rest = children.peekable();
        rest.next_if(|n| n.has_tag_name((DS, "KeyInfo")));
        if rest.any(|n| !n.has_tag_name((DS, "Object"))) {
            return Err(malformed(
                "something else stands beside KeyInfo and objects",
            ));
        }
        let mut inside = elements(signed_info);
        let canonicalization = inside
            .next()
            .filter(|n| n.has_tag_name((DS, "CanonicalizationMethod")))
            .ok_or(malformed("there is no CanonicalizationMethod"))?;
        let method = inside
            .next()
            .filter(|n| n.has_tag_name((DS, "SignatureMethod")))
            .ok_or(malformed("there is no SignatureMethod"))?;
        let mut references = Vec::new();
        for one in inside {
            if !one.has_tag_name((DS, "Reference")) || references.len() == REFERENCES {
                return Err(malformed(
                    "SignedInfo holds something else, or too many references",
                ));
            }
            references.push(Reference::read(one)?);
        }
        if references.is_empty() {
            return Err(malformed("there is no Reference"));
        }
        Ok(Self {
            element,
            signed_info,
            canonicalization: canonical(canonicalization)?,
            algorithm: algorithm::signature_method(method)?,
            value,
            references,
            certificates: certificates(element),
        })
    }

    /// Whether the value is `key`'s over ds:SignedInfo.
    ///
    /// # Errors
    /// Where it is not.
    pub fn verify_value(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let value = algorithm::to_der(self.algorithm, key.kind(), &self.value)
            .ok_or(VerifyError::Invalid)?;
        let signed = self.canonicalization.to_vec(self.signed_info, None)?;
        key.verify(self.algorithm, Message::Bytes(&signed), &value)?;
        Ok(())
    }

    /// Whether what a reference is over is unchanged; gives what it is over.
    ///
    /// # Errors
    /// Where it is not, or is not in the document.
    pub fn verify_reference(
        &self,
        reference: &Reference<'a>,
    ) -> Result<Node<'a, 'i>, SignatureError> {
        reference.verify(self.element)
    }

    /// What is signed.
    #[must_use]
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    /// The certificates of ds:KeyInfo, in order.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The signature algorithm.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The element.
    #[must_use]
    pub fn node(&self) -> Node<'a, 'i> {
        self.element
    }

    fn id(&self) -> NodeId {
        self.element.id()
    }
}

/// A ds:CanonicalizationMethod or ds:Transform that canonicalizes.
fn canonical(method: Node<'_, '_>) -> Result<Canonicalization, SignatureError> {
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let uri = method.attribute("Algorithm").unwrap_or_default();
    let mut found = Canonicalization::from_uri(uri).ok_or_else(|| SignatureError::Unsupported {
        what: "canonicalization method or transform",
        uri: shorten(uri),
    })?;
    if let Method::Exclusive(prefixes) = &mut found.method
        && let Some(list) = child(method, EXCLUSIVE, "InclusiveNamespaces")
    {
        let list = list.attribute("PrefixList").unwrap_or_default();
        prefixes.extend(list.split_whitespace().take(50).map(|p| match p {
            "#default" => String::new(),
            p => p.to_owned(),
        }));
    }
    Ok(found)
}

fn certificates(signature: Node<'_, '_>) -> Vec<Certificate> {
    let Some(info) = child(signature, DS, "KeyInfo") else {
        return Vec::new();
    };
    elements(info)
        .filter(|n| n.has_tag_name((DS, "X509Data")))
        .flat_map(elements)
        .filter(|n| n.has_tag_name((DS, "X509Certificate")))
        .take(CERTIFICATES)
        .filter_map(|n| Certificate::from_der(base64(n)?).ok())
        .collect()
}
