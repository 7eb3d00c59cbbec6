//! Attributes of a `SignerInfo` that Sceau writes (RFC 5652 section 11, RFC 5035, RFC 6211,
//! EN 319 122-1 clause 5).

use der::Encode;
use der::asn1::OctetString;
use pki_asn1::ess::{EssCertIdV2, SigningCertificateV2};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, UnixTime, write};
use pki_crypto::{Digest, DigestAlgorithm};

/// One attribute: a type and its values, each a complete DER value.
///
/// ```text
/// Attribute ::= SEQUENCE {
///     attrType   OBJECT IDENTIFIER,
///     attrValues SET OF AttributeValue }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribute {
    oid: ObjectIdentifier,
    der: Vec<u8>,
}

impl Attribute {
    /// An attribute with one value, given as complete DER.
    #[must_use]
    pub fn new(oid: ObjectIdentifier, value: &[u8]) -> Self {
        Self::with_values(oid, &[value])
    }

    /// An attribute with these values, each given as complete DER.
    #[must_use]
    pub fn with_values<V: AsRef<[u8]>>(oid: ObjectIdentifier, values: &[V]) -> Self {
        let values = write::set_of(write::SET, values);
        let der = write::tlv(write::SEQUENCE, &[&write::oid(&oid), &values]);
        Self { oid, der }
    }

    /// The attribute's type.
    #[must_use]
    pub fn oid(&self) -> &ObjectIdentifier {
        &self.oid
    }

    /// The whole attribute in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// content-type (RFC 5652 section 11.1): the same OID as eContentType.
    #[must_use]
    pub fn content_type(content_type: &ObjectIdentifier) -> Self {
        Self::new(oid::ATTR_CONTENT_TYPE, &write::oid(content_type))
    }

    /// message-digest (RFC 5652 section 11.2): the digest of the content's value octets.
    #[must_use]
    pub fn message_digest(digest: &Digest) -> Self {
        let value = write::tlv(write::OCTET_STRING, &[digest.as_bytes()]);
        Self::new(oid::ATTR_MESSAGE_DIGEST, &value)
    }

    /// signing-time (RFC 5652 section 11.3): UTCTime through 2049, GeneralizedTime after. It is the
    /// signer's claim, and PAdES forbids it (EN 319 142-1 table 1).
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn signing_time(time: UnixTime) -> der::Result<Self> {
        Ok(Self::new(oid::ATTR_SIGNING_TIME, &time.to_x509().to_der()?))
    }

    /// id-aa-signingCertificateV2 (RFC 5035 section 3) with the SHA-256 of `certificate` and
    /// neither the default hash algorithm nor issuer and serial number written out (EN 319 122-1
    /// clause 6.3 advises against the latter).
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn signing_certificate_v2(certificate: &Certificate) -> der::Result<Self> {
        Self::signing_certificate_v2_with(certificate, DigestAlgorithm::Sha256)
    }

    /// As [`Attribute::signing_certificate_v2`], with another hash, which is then named.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn signing_certificate_v2_with(
        certificate: &Certificate,
        algorithm: DigestAlgorithm,
    ) -> der::Result<Self> {
        let hash = algorithm.digest(certificate.der());
        let is_default = algorithm == DigestAlgorithm::Sha256;
        let value = SigningCertificateV2 {
            certs: vec![EssCertIdV2 {
                hash_algorithm: (!is_default).then(|| algorithm.identifier()),
                cert_hash: OctetString::new(hash.as_bytes())?,
                issuer_serial: None,
            }],
            policies: None,
        };
        Ok(Self::new(
            oid::ATTR_SIGNING_CERTIFICATE_V2,
            &value.to_der()?,
        ))
    }

    /// cmsAlgorithmProtection (RFC 6211 section 2): repeats both algorithm identifiers under the
    /// signature, so that neither can be exchanged outside it. Both are given as DER.
    #[must_use]
    pub(crate) fn algorithm_protection(digest: &[u8], signature: &[u8]) -> Self {
        // signatureAlgorithm [1] IMPLICIT AlgorithmIdentifier: its SEQUENCE tag is replaced.
        let mut tagged = signature.to_vec();
        if let Some(tag) = tagged.first_mut() {
            *tag = write::context(1);
        }
        let value = write::tlv(write::SEQUENCE, &[digest, &tagged]);
        Self::new(oid::ATTR_ALGORITHM_PROTECTION, &value)
    }

    /// signature-time-stamp (EN 319 122-1 clause 5.3): `token` is the DER of the time-stamp
    /// token's `ContentInfo`, as received. An unsigned attribute.
    #[must_use]
    pub fn signature_time_stamp(token: &[u8]) -> Self {
        Self::new(oid::ATTR_SIGNATURE_TIMESTAMP, token)
    }
}
