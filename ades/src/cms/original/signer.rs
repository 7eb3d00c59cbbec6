//! One `SignerInfo` in its original octets (RFC 5652 section 5.3).

use std::collections::BTreeSet;

use der::Decode;
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::write;

use super::add;
use super::scan::{Element, Elements};
use crate::cms::attribute::Attribute;
use crate::cms::parse::{CmsError, Limits};

/// One signer. What its signature and archive time-stamps cover cannot be changed.
#[derive(Clone, Debug)]
pub struct OriginalSigner {
    /// version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature, as received.
    fields: Vec<u8>,
    /// The content octets of the signature.
    signature: Vec<u8>,
    /// The unsigned attributes, each whole.
    unsigned: Vec<Vec<u8>>,
}

/// One value of one unsigned attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnsignedValue {
    /// attrType
    pub oid: ObjectIdentifier,
    /// attrType, the whole value as received.
    pub oid_der: Vec<u8>,
    /// The value, whole, as received.
    pub value: Vec<u8>,
}

impl OriginalSigner {
    /// A `SignerInfo` in DER or BER.
    ///
    /// # Errors
    /// Where it is malformed.
    pub fn from_der(der: &[u8]) -> Result<Self, CmsError> {
        Self::parse(Elements::new(der).next()?)
    }

    pub(super) fn parse(info: Element<'_>) -> Result<Self, CmsError> {
        let bad = CmsError::Malformed;
        if info.tag != write::SEQUENCE {
            return Err(bad("SignerInfo"));
        }
        let mut elements = Elements::new(info.value);
        let mut fields = Vec::new();
        let mut field = |e: Element<'_>| fields.extend_from_slice(e.whole);
        field(
            elements
                .take(write::INTEGER)?
                .ok_or(bad("SignerInfo version"))?,
        );
        field(elements.next()?);
        field(
            elements
                .take(write::SEQUENCE)?
                .ok_or(bad("digestAlgorithm"))?,
        );
        if let Some(signed) = elements.take(write::context(0))? {
            field(signed);
        }
        field(
            elements
                .take(write::SEQUENCE)?
                .ok_or(bad("signatureAlgorithm"))?,
        );
        let signature = elements.next()?;
        field(signature);
        let signature = octets(signature)?;
        let unsigned = match elements.take(write::context(1))? {
            Some(set) => Elements::new(set.value)
                .all("unsignedAttrs", Limits::default().items)?
                .iter()
                .map(|e| e.whole.to_vec())
                .collect(),
            None => Vec::new(),
        };
        if !elements.is_empty() {
            return Err(bad("data after SignerInfo"));
        }
        Ok(Self {
            fields,
            signature,
            unsigned,
        })
    }

    /// version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm and signature, one after the
    /// other as received: what an archive-time-stamp-v3 covers of them (EN 319 122-1 clause 5.5.3).
    #[must_use]
    pub fn signed_fields(&self) -> &[u8] {
        &self.fields
    }

    /// The signature value: what a signature-time-stamp or a counter-signature is over.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Every value of every unsigned attribute, in order.
    ///
    /// # Errors
    /// Where an attribute is malformed.
    pub fn unsigned_values(&self) -> Result<Vec<UnsignedValue>, CmsError> {
        let bad = CmsError::Malformed("unsignedAttrs");
        let mut out = Vec::new();
        for attribute in &self.unsigned {
            let whole = Elements::new(attribute).next()?;
            let mut inside = Elements::new(whole.value);
            let oid = inside.take(write::OBJECT_IDENTIFIER)?.ok_or(bad.clone())?;
            let values = inside.take(write::SET)?.ok_or(bad.clone())?;
            for value in
                Elements::new(values.value).all("unsignedAttrs", Limits::default().items)?
            {
                out.push(UnsignedValue {
                    oid: ObjectIdentifier::from_der(oid.whole).map_err(|_| bad.clone())?,
                    oid_der: oid.whole.to_vec(),
                    value: value.whole.to_vec(),
                });
            }
        }
        Ok(out)
    }

    /// The unsigned attributes without the values at these places of [`Self::unsigned_values`]; one that
    /// loses all of them is left out.
    ///
    /// # Errors
    /// Where an attribute is malformed.
    pub(crate) fn unsigned_without(
        &self,
        places: &BTreeSet<usize>,
    ) -> Result<Vec<Vec<u8>>, CmsError> {
        let bad = CmsError::Malformed("unsignedAttrs");
        let mut place = 0;
        let mut out = Vec::new();
        for attribute in &self.unsigned {
            let whole = Elements::new(attribute).next()?;
            let mut inside = Elements::new(whole.value);
            let oid = inside.take(write::OBJECT_IDENTIFIER)?.ok_or(bad.clone())?;
            let values = inside.take(write::SET)?.ok_or(bad.clone())?;
            let values =
                Elements::new(values.value).all("unsignedAttrs", Limits::default().items)?;
            let here = place..place + values.len();
            place = here.end;
            let kept: Vec<&[u8]> = (here.clone().zip(&values))
                .filter(|(place, _)| !places.contains(place))
                .map(|(_, value)| value.whole)
                .collect();
            if kept.len() == values.len() {
                out.push(attribute.clone());
            } else if !kept.is_empty() {
                let set = write::tlv(write::SET, &kept);
                out.push(write::tlv(write::SEQUENCE, &[oid.whole, &set]));
            }
        }
        Ok(out)
    }

    /// Adds an unsigned attribute. Those that are there stay as they are.
    pub fn add_unsigned(&mut self, attribute: &Attribute) {
        add(&mut self.unsigned, attribute.der());
    }

    /// The whole `SignerInfo`.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let unsigned = if self.unsigned.is_empty() {
            Vec::new()
        } else {
            super::set(write::context(1), &self.unsigned)
        };
        write::tlv(write::SEQUENCE, &[&self.fields, &unsigned])
    }
}

/// The content octets of an OCTET STRING, in one piece or in pieces.
fn octets(string: Element<'_>) -> Result<Vec<u8>, CmsError> {
    match string.tag {
        write::OCTET_STRING => Ok(string.value.to_vec()),
        0x24 => {
            let mut out = Vec::new();
            for piece in Elements::new(string.value).all("pieces of the signature", 1000)? {
                if piece.tag != write::OCTET_STRING {
                    return Err(CmsError::Malformed("signature"));
                }
                out.extend_from_slice(piece.value);
            }
            Ok(out)
        }
        _ => Err(CmsError::Malformed("signature")),
    }
}
