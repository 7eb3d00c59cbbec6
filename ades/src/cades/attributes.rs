//! What a signature says besides its content: signature policy, commitment, place, kind of content
//! (EN 319 122-1 clause 5.2, RFC 5126, RFC 2634). Each is written, and read back for validation.

use der::asn1::{Any, Ia5StringRef, OctetStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::write;
use pki_crypto::{Digest, DigestAlgorithm};
use spki::AlgorithmIdentifierOwned;

use crate::cms::attribute::Attribute;
use crate::cms::original::OriginalSigner;
use crate::cms::original::scan::{Element, Elements};
use crate::cms::parse::{CmsError, SignerInfo};
use crate::text;
use crate::text::Text;

/// The rules that a signature is made under (signature-policy-identifier, clause 5.2.9.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignaturePolicy {
    /// The policy's identifier.
    pub oid: ObjectIdentifier,
    /// The digest of the policy document.
    pub digest: Digest,
    /// Where it is published (SPuri).
    pub uri: Option<String>,
    /// How the document that the digest is over is written (sp-doc-specification, clause 5.2.9.2).
    pub specification: Option<DocumentSpecification>,
}

/// The technical specification of a policy document's syntax.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DocumentSpecification {
    /// By OID.
    Oid(ObjectIdentifier),
    /// By URI.
    Uri(String),
}

/// A policy document kept with the signature (signature-policy-store, clause 5.2.10).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyStore {
    /// How it is written.
    pub specification: DocumentSpecification,
    /// The document itself.
    pub document: Vec<u8>,
}

/// What the signer declares by signing (commitment-type-indication, clause 5.2.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs)]
pub enum Commitment {
    ProofOfOrigin,
    ProofOfReceipt,
    ProofOfDelivery,
    ProofOfSender,
    ProofOfApproval,
    ProofOfCreation,
}

impl Commitment {
    /// The six of TS 119 172-1 annex B.
    pub const ALL: [Self; 6] = [
        Self::ProofOfOrigin,
        Self::ProofOfReceipt,
        Self::ProofOfDelivery,
        Self::ProofOfSender,
        Self::ProofOfApproval,
        Self::ProofOfCreation,
    ];

    /// Its identifier.
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::ProofOfOrigin => oid::CTI_PROOF_OF_ORIGIN,
            Self::ProofOfReceipt => oid::CTI_PROOF_OF_RECEIPT,
            Self::ProofOfDelivery => oid::CTI_PROOF_OF_DELIVERY,
            Self::ProofOfSender => oid::CTI_PROOF_OF_SENDER,
            Self::ProofOfApproval => oid::CTI_PROOF_OF_APPROVAL,
            Self::ProofOfCreation => oid::CTI_PROOF_OF_CREATION,
        }
    }
}

/// Where the signer says to be (signer-location, clause 5.2.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SignerLocation {
    /// The country's name.
    pub country: Option<String>,
    /// The place.
    pub locality: Option<String>,
    /// Up to six lines of a postal address.
    pub postal_address: Vec<String>,
}

/// What kind of content is signed inside another one (content-hints, clause 5.2.4.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentHints {
    /// For people.
    pub description: Option<String>,
    /// The content's type.
    pub content_type: ObjectIdentifier,
}

/// The signed content of another message (content-reference, clause 5.2.11).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentReference {
    /// eContentType of the other message.
    pub content_type: ObjectIdentifier,
    /// Its content-identifier.
    pub identifier: Vec<u8>,
    /// Its signature value.
    pub signature: Vec<u8>,
}

/// All of it. An empty one says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SignedProperties {
    /// The policy.
    pub policy: Option<SignaturePolicy>,
    /// The commitments, none twice.
    pub commitments: Vec<Commitment>,
    /// Commitments that are none of the six; read, never written.
    pub other_commitments: Vec<ObjectIdentifier>,
    /// The place.
    pub location: Option<SignerLocation>,
    /// content-hints
    pub content_hints: Option<ContentHints>,
    /// mime-type
    pub mime_type: Option<String>,
    /// content-identifier: what another message may refer to this one by.
    pub content_identifier: Option<Vec<u8>>,
    /// content-reference
    pub content_reference: Option<ContentReference>,
}

impl SignedProperties {
    /// The signed attributes.
    ///
    /// # Errors
    /// Where a text cannot be encoded.
    pub fn attributes(&self) -> der::Result<Vec<Attribute>> {
        let mut out = Vec::new();
        if let Some(policy) = &self.policy {
            out.push(policy.attribute()?);
        }
        if !self.commitments.is_empty() {
            out.push(commitments(&self.commitments));
        }
        if let Some(location) = &self.location {
            out.push(location.attribute()?);
        }
        if let Some(hints) = &self.content_hints {
            out.push(hints.attribute()?);
        }
        if let Some(mime) = &self.mime_type {
            let value = Utf8StringRef::new(mime)?.to_der()?;
            out.push(Attribute::new(oid::ATTR_MIME_TYPE, &value));
        }
        if let Some(identifier) = &self.content_identifier {
            let value = write::tlv(write::OCTET_STRING, &[identifier]);
            out.push(Attribute::new(oid::ATTR_CONTENT_IDENTIFIER, &value));
        }
        if let Some(reference) = &self.content_reference {
            out.push(reference.attribute());
        }
        Ok(out)
    }

    /// Those of a signer, as far as they can be read; what cannot be read is named.
    #[must_use]
    pub fn of(signer: &SignerInfo) -> (Self, Vec<Text>) {
        let mut unreadable = Vec::new();
        let mut read = |oid: &ObjectIdentifier| {
            let count = signer.count_signed(oid);
            let value = signer.signed_attribute(oid).map(<[u8]>::to_vec);
            if count > 0 && value.is_none() {
                unreadable.push(text!(
                    "the {} attribute is not there once with one value",
                    oid::label(oid).unwrap_or("signed")
                ));
            }
            value
        };
        let policy = read(&oid::ATTR_SIGNATURE_POLICY);
        let location = read(&oid::ATTR_SIGNER_LOCATION);
        let hints = read(&oid::ATTR_CONTENT_HINTS);
        let mime = read(&oid::ATTR_MIME_TYPE);
        let identifier = read(&oid::ATTR_CONTENT_IDENTIFIER);
        let reference = read(&oid::ATTR_CONTENT_REFERENCE);
        let mut out = Self::default();
        if let Some(value) = policy {
            match SignaturePolicy::parse(&value) {
                Some(policy) => out.policy = policy,
                None => unreadable.push(malformed("signature-policy-identifier")),
            }
        }
        if let Some(value) = location {
            out.location = SignerLocation::parse(&value);
            if out.location.is_none() {
                unreadable.push(malformed("signer-location"));
            }
        }
        if let Some(value) = hints {
            out.content_hints = ContentHints::parse(&value);
            if out.content_hints.is_none() {
                unreadable.push(malformed("content-hints"));
            }
        }
        if let Some(value) = mime {
            out.mime_type = <Utf8StringRef<'_>>::from_der(&value)
                .ok()
                .map(|s| s.as_str().to_owned());
            if out.mime_type.is_none() {
                unreadable.push(malformed("mime-type"));
            }
        }
        out.content_identifier = identifier
            .and_then(|v| Some(<&OctetStringRef>::from_der(&v).ok()?.as_bytes().to_vec()));
        out.content_reference = reference.and_then(|v| ContentReference::parse(&v));
        for attribute in &signer.signed_attributes {
            if attribute.oid != oid::ATTR_COMMITMENT_TYPE {
                continue;
            }
            for value in &attribute.values {
                match commitment(value) {
                    Some(id) => {
                        let known = Commitment::ALL.into_iter().find(|c| c.oid() == id);
                        match known {
                            Some(known) => out.commitments.push(known),
                            None => out.other_commitments.push(id),
                        }
                    }
                    None => unreadable.push(malformed("commitment-type-indication")),
                }
            }
        }
        (out, unreadable)
    }
}

fn malformed(what: &str) -> Text {
    text!("the {} attribute is malformed", what)
}

impl SignaturePolicy {
    /// ```text
    /// SignaturePolicyId ::= SEQUENCE {
    ///     sigPolicyId          OBJECT IDENTIFIER,
    ///     sigPolicyHash        SEQUENCE { AlgorithmIdentifier, OCTET STRING },
    ///     sigPolicyQualifiers  SEQUENCE SIZE (1..MAX) OF SigPolicyQualifierInfo OPTIONAL }
    /// ```
    fn attribute(&self) -> der::Result<Attribute> {
        let hash = write::tlv(
            write::SEQUENCE,
            &[
                &self.digest.algorithm().identifier().to_der()?,
                &write::tlv(write::OCTET_STRING, &[self.digest.as_bytes()]),
            ],
        );
        let mut qualifiers = Vec::new();
        if let Some(uri) = &self.uri {
            let value = Ia5StringRef::new(uri)?.to_der()?;
            qualifiers.push(write::tlv(
                write::SEQUENCE,
                &[&write::oid(&oid::SPQ_URI), &value],
            ));
        }
        if let Some(specification) = &self.specification {
            qualifiers.push(write::tlv(
                write::SEQUENCE,
                &[
                    &write::oid(&oid::SPQ_DOCUMENT_SPECIFICATION),
                    &specification.to_der()?,
                ],
            ));
        }
        let parts: Vec<&[u8]> = qualifiers.iter().map(Vec::as_slice).collect();
        let qualifiers = if parts.is_empty() {
            Vec::new()
        } else {
            write::tlv(write::SEQUENCE, &parts)
        };
        let value = write::tlv(
            write::SEQUENCE,
            &[&write::oid(&self.oid), &hash, &qualifiers],
        );
        Ok(Attribute::new(oid::ATTR_SIGNATURE_POLICY, &value))
    }

    /// `Some(None)` where the policy is implied.
    #[allow(clippy::option_option, reason = "malformed, implied, explicit")]
    fn parse(der: &[u8]) -> Option<Option<Self>> {
        let value = Elements::new(der).next().ok()?;
        if value.tag == 0x05 {
            return Some(None);
        }
        let mut fields = Elements::new(sequence(value)?);
        let id = identifier(fields.next().ok()?)?;
        let mut hash = Elements::new(sequence(fields.next().ok()?)?);
        let algorithm = AlgorithmIdentifierOwned::from_der(hash.next().ok()?.whole).ok()?;
        let octets = hash.next().ok()?;
        let algorithm = DigestAlgorithm::from_oid(&algorithm.oid)?;
        let mut out = Self {
            oid: id,
            digest: Digest::from_bytes(algorithm, octets.value)?,
            uri: None,
            specification: None,
        };
        if let Some(qualifiers) = fields.take(write::SEQUENCE).ok()? {
            for one in Elements::new(qualifiers.value).all("qualifiers", 32).ok()? {
                let mut parts = Elements::new(sequence(one)?);
                let kind = identifier(parts.next().ok()?)?;
                let qualifier = parts.next().ok()?;
                if kind == oid::SPQ_URI {
                    out.uri = text(qualifier);
                } else if kind == oid::SPQ_DOCUMENT_SPECIFICATION {
                    out.specification = DocumentSpecification::parse(qualifier);
                }
            }
        }
        Some(Some(out))
    }
}

impl DocumentSpecification {
    /// `SPDocSpecification ::= CHOICE { oid OBJECT IDENTIFIER, uri IA5String }`
    fn to_der(&self) -> der::Result<Vec<u8>> {
        match self {
            Self::Oid(oid) => Ok(write::oid(oid)),
            Self::Uri(uri) => Ia5StringRef::new(uri)?.to_der(),
        }
    }

    fn parse(value: Element<'_>) -> Option<Self> {
        match value.tag {
            write::OBJECT_IDENTIFIER => identifier(value).map(Self::Oid),
            _ => text(value).map(Self::Uri),
        }
    }
}

impl PolicyStore {
    /// ```text
    /// SignaturePolicyStore ::= SEQUENCE {
    ///     spDocSpec   SPDocSpecification,
    ///     spDocument  CHOICE { sigPolicyEncoded OCTET STRING, sigPolicyLocalURI UTF8String } }
    /// ```
    ///
    /// An unsigned attribute: the digest in the signed policy identifier protects the document.
    ///
    /// # Errors
    /// Where the specification cannot be encoded.
    pub fn attribute(&self) -> der::Result<Attribute> {
        let value = write::tlv(
            write::SEQUENCE,
            &[
                &self.specification.to_der()?,
                &write::tlv(write::OCTET_STRING, &[&self.document]),
            ],
        );
        Ok(Attribute::new(oid::ATTR_SIGNATURE_POLICY_STORE, &value))
    }

    /// That of a signer; `None` without one, or where it only says where the document is.
    #[must_use]
    pub fn of(signer: &SignerInfo) -> Option<Self> {
        let value = signer
            .unsigned_values(&oid::ATTR_SIGNATURE_POLICY_STORE)
            .next()?;
        let mut fields = Elements::new(sequence(Elements::new(value).next().ok()?)?);
        let specification = DocumentSpecification::parse(fields.next().ok()?)?;
        let document = fields.take(write::OCTET_STRING).ok()??.value.to_vec();
        Some(Self {
            specification,
            document,
        })
    }
}

fn commitments(all: &[Commitment]) -> Attribute {
    let values: Vec<Vec<u8>> = all
        .iter()
        .map(|c| write::tlv(write::SEQUENCE, &[&write::oid(&c.oid())]))
        .collect();
    Attribute::with_values(oid::ATTR_COMMITMENT_TYPE, &values)
}

fn commitment(value: &[u8]) -> Option<ObjectIdentifier> {
    let value = Elements::new(value).next().ok()?;
    identifier(Elements::new(sequence(value)?).next().ok()?)
}

impl SignerLocation {
    /// ```text
    /// SignerLocation ::= SEQUENCE { -- at least one of the following
    ///     countryName   [0] EXPLICIT DirectoryString OPTIONAL,
    ///     localityName  [1] EXPLICIT DirectoryString OPTIONAL,
    ///     postalAddress [2] EXPLICIT SEQUENCE SIZE (1..6) OF DirectoryString OPTIONAL }
    /// ```
    fn attribute(&self) -> der::Result<Attribute> {
        let string = |text: &str| Utf8StringRef::new(text)?.to_der();
        let mut fields = Vec::new();
        if let Some(country) = &self.country {
            fields.push(write::tlv(write::context(0), &[&string(country)?]));
        }
        if let Some(locality) = &self.locality {
            fields.push(write::tlv(write::context(1), &[&string(locality)?]));
        }
        if !self.postal_address.is_empty() {
            let lines = self
                .postal_address
                .iter()
                .map(|l| string(l))
                .collect::<der::Result<Vec<_>>>()?;
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let lines = write::tlv(write::SEQUENCE, &lines);
            fields.push(write::tlv(write::context(2), &[&lines]));
        }
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        Ok(Attribute::new(
            oid::ATTR_SIGNER_LOCATION,
            &write::tlv(write::SEQUENCE, &fields),
        ))
    }

    fn parse(der: &[u8]) -> Option<Self> {
        let mut out = Self::default();
        let fields = Elements::new(sequence(Elements::new(der).next().ok()?)?);
        for field in fields.all("signer-location", 3).ok()? {
            let inner = Elements::new(field.value).next().ok()?;
            match field.tag {
                0xa0 => out.country = Some(text(inner)?),
                0xa1 => out.locality = Some(text(inner)?),
                0xa2 => {
                    for line in Elements::new(inner.value).all("postal address", 6).ok()? {
                        out.postal_address.push(text(line)?);
                    }
                }
                _ => return None,
            }
        }
        Some(out)
    }
}

impl ContentHints {
    /// ```text
    /// ContentHints ::= SEQUENCE {
    ///     contentDescription UTF8String (SIZE (1..MAX)) OPTIONAL,
    ///     contentType        ContentType }
    /// ```
    fn attribute(&self) -> der::Result<Attribute> {
        let description = match &self.description {
            Some(text) => Utf8StringRef::new(text)?.to_der()?,
            None => Vec::new(),
        };
        let value = write::tlv(
            write::SEQUENCE,
            &[&description, &write::oid(&self.content_type)],
        );
        Ok(Attribute::new(oid::ATTR_CONTENT_HINTS, &value))
    }

    fn parse(der: &[u8]) -> Option<Self> {
        let mut fields = Elements::new(sequence(Elements::new(der).next().ok()?)?);
        let description = match fields.take(0x0c).ok()? {
            Some(value) => Some(text(value)?),
            None => None,
        };
        Some(Self {
            description,
            content_type: identifier(fields.next().ok()?)?,
        })
    }
}

impl ContentReference {
    /// A reference to the first signer of another signature, which must carry a content-identifier.
    ///
    /// # Errors
    /// Where it carries none.
    pub fn to(
        content_type: ObjectIdentifier,
        signer: &SignerInfo,
        original: &OriginalSigner,
    ) -> Result<Self, CmsError> {
        let identifier = signer
            .signed_attribute(&oid::ATTR_CONTENT_IDENTIFIER)
            .and_then(|v| <&OctetStringRef>::from_der(v).ok())
            .ok_or(CmsError::Malformed(
                "a content-identifier that could be referred to is missing",
            ))?;
        Ok(Self {
            content_type,
            identifier: identifier.as_bytes().to_vec(),
            signature: original.signature().to_vec(),
        })
    }

    /// ```text
    /// ContentReference ::= SEQUENCE {
    ///     contentType ContentType, signedContentIdentifier OCTET STRING,
    ///     originatorSignatureValue OCTET STRING }
    /// ```
    fn attribute(&self) -> Attribute {
        let value = write::tlv(
            write::SEQUENCE,
            &[
                &write::oid(&self.content_type),
                &write::tlv(write::OCTET_STRING, &[&self.identifier]),
                &write::tlv(write::OCTET_STRING, &[&self.signature]),
            ],
        );
        Attribute::new(oid::ATTR_CONTENT_REFERENCE, &value)
    }

    fn parse(der: &[u8]) -> Option<Self> {
        let mut fields = Elements::new(sequence(Elements::new(der).next().ok()?)?);
        Some(Self {
            content_type: identifier(fields.next().ok()?)?,
            identifier: fields.next().ok()?.value.to_vec(),
            signature: fields.next().ok()?.value.to_vec(),
        })
    }
}

fn sequence(value: Element<'_>) -> Option<&[u8]> {
    (value.tag == write::SEQUENCE).then_some(value.value)
}

fn identifier(value: Element<'_>) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_der(value.whole).ok()
}

/// A string of any of the types of a DirectoryString or an IA5String.
fn text(value: Element<'_>) -> Option<String> {
    let any = Any::from_der(value.whole).ok()?;
    match any.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::VisibleString => {
            core::str::from_utf8(any.value()).ok().map(str::to_owned)
        }
        Tag::TeletexString => Some(any.value().iter().map(|b| char::from(*b)).collect()),
        Tag::BmpString => {
            let units: Vec<u16> = any
                .value()
                .chunks_exact(2)
                .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)))
                .collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}
