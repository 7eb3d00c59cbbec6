//! Signing apart: what is to be signed leaves, a signature value comes back.
//!
//! [`CmsIdentity::prepare`] gives a [`ToBeSigned`]: the DER of the signed attributes (RFC 5652
//! section 5.4), which is the DTBS of EN 319 102-1 clause 4.2.6, and its digest, the DTBSR. Signing
//! at once goes the same way, with the key at hand. A value from elsewhere is verified with the
//! certificate's key before it becomes a [`SignedCms`].

use der::asn1::{Any, ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{Decode, Encode, Sequence, ValueOrd};
use hsm_pkcs11::Signer;
use pki_asn1::{Certificate, oid, write};
use pki_crypto::{Digest, Message, PublicKey, SignatureAlgorithm};
use serde::{Deserialize, Serialize};
use spki::AlgorithmIdentifierOwned;

use super::build::{BuildError, CmsIdentity, SignedCms};
use crate::encoding::{base64_bytes, base64_list};

/// A signature before it is made.
#[derive(Clone, Debug)]
pub struct ToBeSigned<'s> {
    by: &'s CmsIdentity,
    content_type: ObjectIdentifier,
    /// As carried: `[0] IMPLICIT SET OF Attribute`.
    signed_attributes: Vec<u8>,
    /// As signed: not with the tag they are carried under (RFC 5652 section 5.4).
    message: Vec<u8>,
}

impl<'s> ToBeSigned<'s> {
    pub(super) fn new(
        by: &'s CmsIdentity,
        content_type: ObjectIdentifier,
        signed_attributes: Vec<u8>,
    ) -> Self {
        let message = retagged(&signed_attributes, write::SET);
        Self {
            by,
            content_type,
            signed_attributes,
            message,
        }
    }

    /// What is signed: the signed attributes in DER, as `SET OF Attribute`.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Its digest, which is all that a key elsewhere needs; `None` for Ed25519, which signs the
    /// message itself.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let algorithm = self.algorithm().digest()?;
        Some(algorithm.digest(&self.message))
    }

    /// What it is to be signed with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.by.signature_algorithm()
    }

    /// Signs with the identity's key, which is not checked again.
    pub(crate) fn sign(self, key: &dyn Signer) -> Result<SignedCms<'s>, BuildError> {
        let value = match self.digest() {
            Some(digest) => key.sign(Message::Digest(&digest)),
            None => key.sign(Message::Bytes(&self.message)),
        }
        .map_err(BuildError::Sign)?;
        Ok(self.with_value(value))
    }

    /// Takes a signature value that was made elsewhere: as X.509 and CMS carry it, or for ECDSA also
    /// r and s side by side, each as long as the curve's field.
    ///
    /// # Errors
    /// [`BuildError::WrongSignature`] where the certificate's key does not verify it.
    pub fn complete(self, value: &[u8]) -> Result<SignedCms<'s>, BuildError> {
        let algorithm = self.algorithm();
        let message = Message::Bytes(&self.message);
        let value =
            verified_value(self.by.public_key(), algorithm, message, value).ok_or_else(|| {
                BuildError::WrongSignature {
                    subject: self.by.certificate().display_subject().to_string(),
                    algorithm,
                    len: value.len(),
                }
            })?;
        Ok(self.with_value(value))
    }

    fn with_value(self, value: Vec<u8>) -> SignedCms<'s> {
        SignedCms::new(self.by, self.content_type, self.signed_attributes, value)
    }
}

/// A signature value from elsewhere as CMS carries it, if `key` verifies it: as it is, or for ECDSA also
/// r and s side by side.
#[must_use]
pub fn verified_value(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    message: Message<'_>,
    value: &[u8],
) -> Option<Vec<u8>> {
    let as_der = match algorithm {
        SignatureAlgorithm::Ecdsa(_) => ecdsa_sig_value(value),
        _ => None,
    };
    // Which of the two it is shows when it verifies; a length alone would not tell.
    [Some(value.to_vec()), as_der]
        .into_iter()
        .flatten()
        .find(|value| key.verify(algorithm, message, value).is_ok())
}

impl CmsIdentity {
    /// What was prepared earlier, from its [`ToBeSigned::message`]: the signature to be made, and the
    /// digest of the content that it is for, which the caller has to compare with the content's.
    ///
    /// # Errors
    /// [`BuildError::NotPrepared`] where the message is not one that this identity prepared.
    pub fn restore(&self, message: &[u8]) -> Result<(ToBeSigned<'_>, Digest), BuildError> {
        use BuildError::NotPrepared;
        let attributes = SetOfVec::<AnyAttribute>::from_der(message)
            .map_err(|_| NotPrepared("it is no set of attributes in DER"))?;
        let one = |oid: ObjectIdentifier| {
            let mut found = attributes.iter().filter(|a| a.oid == oid);
            match (found.next(), found.next()) {
                (Some(attribute), None) if attribute.values.len() == 1 => attribute.values.get(0),
                _ => None,
            }
        };
        let content_type = one(oid::ATTR_CONTENT_TYPE)
            .and_then(|value| value.decode_as::<ObjectIdentifier>().ok())
            .ok_or(NotPrepared("it names no content type"))?;
        let digest = one(oid::ATTR_MESSAGE_DIGEST)
            .and_then(|value| {
                let octets = value.decode_as::<&OctetStringRef>().ok()?;
                Digest::from_bytes(self.digest_algorithm(), octets.as_bytes())
            })
            .ok_or(NotPrepared("it holds no digest of the kind this key signs"))?;
        let own = self.signing_certificate().der();
        let names_certificate = attributes
            .iter()
            .any(|attribute| attribute.to_der().is_ok_and(|der| der == own));
        if !names_certificate {
            return Err(NotPrepared("it names another certificate"));
        }
        let signed_attributes = retagged(message, write::context(0));
        Ok((
            ToBeSigned::new(self, content_type, signed_attributes),
            digest,
        ))
    }
}

/// An identity as it is kept between the two steps. Holds no secret; can be kept as JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptIdentity {
    /// DER.
    #[serde(with = "base64_bytes")]
    certificate: Vec<u8>,
    /// DER.
    #[serde(with = "base64_list")]
    chain: Vec<Vec<u8>>,
    /// `AlgorithmIdentifier` in DER.
    #[serde(with = "base64_bytes")]
    signature_algorithm: Vec<u8>,
}

impl KeptIdentity {
    /// Of this identity.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn of(identity: &CmsIdentity) -> Result<Self, BuildError> {
        Ok(Self {
            certificate: identity.certificate().der().to_vec(),
            chain: identity.chain().iter().map(|c| c.der().to_vec()).collect(),
            signature_algorithm: identity.signature_algorithm().to_identifier()?.to_der()?,
        })
    }

    /// The identity again.
    ///
    /// # Errors
    /// [`BuildError::NotPrepared`] where it is damaged; as [`CmsIdentity::new`] else.
    pub fn restore(self) -> Result<CmsIdentity, BuildError> {
        let unreadable = |_| BuildError::NotPrepared("a certificate in it is unreadable");
        let certificate = Certificate::from_der(self.certificate).map_err(unreadable)?;
        let chain = self.chain.into_iter().map(Certificate::from_der);
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        let algorithm = AlgorithmIdentifierOwned::from_der(&self.signature_algorithm)
            .map_err(|_| BuildError::NotPrepared("its algorithm is unreadable"))?;
        let algorithm = SignatureAlgorithm::from_identifier(&algorithm)?;
        CmsIdentity::new(certificate, &chain, Some(algorithm))
    }
}

/// `Attribute` as RFC 5652 section 5.3 defines it.
#[derive(Clone, Debug, Eq, PartialEq, Sequence, ValueOrd)]
struct AnyAttribute {
    oid: ObjectIdentifier,
    values: SetOfVec<Any>,
}

fn retagged(der: &[u8], tag: u8) -> Vec<u8> {
    let mut der = der.to_vec();
    if let Some(first) = der.first_mut() {
        *first = tag;
    }
    der
}

/// `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3) from r and s side by side.
fn ecdsa_sig_value(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.is_empty() || !raw.len().is_multiple_of(2) {
        return None;
    }
    let integer = |half: &[u8]| {
        let zeros = half.iter().take_while(|octet| **octet == 0).count();
        let digits = half.get(zeros..).filter(|digits| !digits.is_empty())?;
        let sign: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
        Some(write::tlv(write::INTEGER, &[sign, digits]))
    };
    let (r, s) = raw.split_at(raw.len() / 2);
    Some(write::tlv(write::SEQUENCE, &[&integer(r)?, &integer(s)?]))
}
