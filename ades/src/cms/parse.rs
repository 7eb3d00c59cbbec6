//! Reading `SignedData` with its original bytes (RFC 5652 section 5).
//!
//! Other products write BER where the signature allows it (indefinite lengths, strings in pieces).
//! Only those parts are brought into DER form; everything else, above all the signed attributes and
//! the certificates, stays byte for byte as received. Depth, counts and size are bounded.

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, CertificateList, UnixTime};
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;

use ::der::Decode;
use ::der::asn1::OctetStringRef;

pub(crate) mod ber;
pub(crate) mod values;

use ber::{Reader, Tlv};

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Octets of the whole structure.
    pub octets: usize,
    /// Constructed values inside each other.
    pub depth: usize,
    /// Values in all.
    pub values: usize,
    /// Certificates, CRLs, OCSP responses and signers, each.
    pub items: usize,
    /// Octets of all certificates; parsed, they take many times that.
    pub certificate_octets: usize,
    /// Octets of all OCSP responses, for the same reason.
    pub response_octets: usize,
    /// Octets of the name of a signer's issuer.
    pub name_octets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: 1 << 30,
            depth: 64,
            values: 4_000_000,
            items: 1_000,
            certificate_octets: 4 << 20,
            response_octets: 8 << 20,
            name_octets: 64 << 10,
        }
    }
}

/// Why a `SignedData` could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CmsError {
    /// The bytes do not begin with a complete BER value.
    #[error("this is not ASN.1, or it ends too early")]
    Truncated,
    /// It is a value, and no `ContentInfo` with `SignedData`.
    #[error("this is not a CMS SignedData: {0}")]
    NotSignedData(&'static str),
    /// A part of the structure is malformed.
    #[error("the CMS structure is malformed: {0}")]
    Malformed(&'static str),
    /// A bound was reached.
    #[error("the CMS structure has too many {what} (more than {limit})")]
    Budget {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

impl CmsError {
    /// What would help.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Truncated | Self::NotSignedData(_) => Some(
                "a signature is a .p7s, .p7m or .cms file in DER or PEM form; is this the right file?".into(),
            ),
            _ => None,
        }
    }
}

/// How the structure was encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// Definite lengths throughout.
    Definite,
    /// BER with indefinite lengths or strings in pieces.
    Indefinite,
}

/// A `SignedData` as it was received.
#[derive(Clone, Debug)]
pub struct SignedData {
    /// How it was encoded.
    pub encoding: Encoding,
    /// Octets after the structure: padding in a PDF's /Contents.
    pub trailing: Vec<u8>,
    /// eContentType
    pub content_type: ObjectIdentifier,
    /// The value octets of eContent; `None` in a detached signature.
    pub content: Option<Vec<u8>>,
    /// The certificates that could be read, in order.
    pub certificates: Vec<Certificate>,
    /// How many certificates could not be read, or are of another kind.
    pub unreadable_certificates: usize,
    /// CRLs among the RevocationInfoChoices.
    pub crls: Vec<CertificateList>,
    /// OCSP responses among the RevocationInfoChoices (RFC 5940).
    pub ocsp: Vec<BasicResponse>,
    /// Where among the RevocationInfoChoices each of the CRLs stands.
    pub crl_places: Vec<usize>,
    /// And each of the OCSP responses.
    pub ocsp_places: Vec<usize>,
    /// The signers in order.
    pub signers: Vec<SignerInfo>,
}

/// Whom a SignerInfo names as its signer (RFC 5652 section 5.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignerIdentifier {
    /// issuerAndSerialNumber; the serial's content octets.
    IssuerAndSerial {
        /// The issuer.
        issuer: Box<Name>,
        /// Content octets of the serial number.
        serial: Vec<u8>,
    },
    /// subjectKeyIdentifier
    SubjectKeyIdentifier(Vec<u8>),
}

/// One attribute with its values, each a complete encoded value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawAttribute {
    /// attrType
    pub oid: ObjectIdentifier,
    /// attrValues, original bytes.
    pub values: Vec<Vec<u8>>,
}

/// One signer (RFC 5652 section 5.3).
#[derive(Clone, Debug)]
pub struct SignerInfo {
    /// Who signed, by the signer's own word.
    pub sid: SignerIdentifier,
    /// digestAlgorithm
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// The bytes that the signature covers where there are signed attributes: the attributes as
    /// received, under the SET OF tag (RFC 5652 section 5.4).
    pub signed_attributes_der: Option<Vec<u8>>,
    /// signedAttrs; empty where absent.
    pub signed_attributes: Vec<RawAttribute>,
    /// signatureAlgorithm
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// The signature value: what a signature-time-stamp stamps.
    pub signature: Vec<u8>,
    /// unsignedAttrs; empty where absent.
    pub unsigned_attributes: Vec<RawAttribute>,
}

impl SignerInfo {
    /// Reads one on its own, such as a counter-signature, DER or BER.
    ///
    /// # Errors
    /// Where it is none, is malformed, or exceeds the default [`Limits`].
    pub fn parse(input: &[u8]) -> Result<Self, CmsError> {
        let limits = Limits::default();
        let normal = ber::normalize(input, &limits)?;
        let info = Tlv::only(&normal.der)?;
        if info.tag != 0x30 {
            return Err(CmsError::Malformed("SignerInfo"));
        }
        signer_info(info.value, &limits)
    }

    /// The only value of a signed attribute that must be there once.
    #[must_use]
    pub fn signed_attribute(&self, oid: &ObjectIdentifier) -> Option<&[u8]> {
        let mut found = self.signed_attributes.iter().filter(|a| a.oid == *oid);
        match (found.next(), found.next()) {
            (Some(one), None) if one.values.len() == 1 => one.values.first().map(Vec::as_slice),
            _ => None,
        }
    }

    /// How often an attribute type is among the signed attributes.
    #[must_use]
    pub fn count_signed(&self, oid: &ObjectIdentifier) -> usize {
        self.signed_attributes
            .iter()
            .filter(|a| a.oid == *oid)
            .count()
    }

    /// All values of a signed attribute.
    pub fn signed_values<'a>(
        &'a self,
        oid: &'a ObjectIdentifier,
    ) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.signed_attributes
            .iter()
            .filter(|a| a.oid == *oid)
            .flat_map(|a| a.values.iter().map(Vec::as_slice))
    }

    /// All values of an unsigned attribute.
    pub fn unsigned_values<'a>(
        &'a self,
        oid: &'a ObjectIdentifier,
    ) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.unsigned_attributes
            .iter()
            .filter(move |a| a.oid == *oid)
            .flat_map(|a| a.values.iter().map(Vec::as_slice))
    }

    /// message-digest (RFC 5652 section 11.2).
    #[must_use]
    pub fn message_digest(&self) -> Option<Vec<u8>> {
        let value = self.signed_attribute(&oid::ATTR_MESSAGE_DIGEST)?;
        let octets = <&OctetStringRef>::from_der(value).ok()?;
        Some(octets.as_bytes().to_vec())
    }

    /// signing-time: the signer's claim.
    #[must_use]
    pub fn signing_time(&self) -> Option<UnixTime> {
        let value = self.signed_attribute(&oid::ATTR_SIGNING_TIME)?;
        x509_cert::time::Time::from_der(value).ok().map(Into::into)
    }

    /// Whether `certificate` is the one that [`Self::sid`] names.
    #[must_use]
    pub fn is_named(&self, certificate: &Certificate) -> bool {
        match &self.sid {
            SignerIdentifier::IssuerAndSerial { issuer, serial } => {
                certificate.serial() == serial.as_slice()
                    && pki_asn1::name::matches(issuer, certificate.issuer())
            }
            SignerIdentifier::SubjectKeyIdentifier(id) => certificate
                .subject_key_id()
                .is_some_and(|own| own.as_bytes() == id.as_slice()),
        }
    }
}

impl SignedData {
    /// Reads a `ContentInfo` with `SignedData` from the beginning of `input`, DER or BER.
    ///
    /// # Errors
    /// Where it is not one, is malformed, or exceeds the default [`Limits`].
    pub fn parse(input: &[u8]) -> Result<Self, CmsError> {
        Self::parse_within(input, &Limits::default())
    }

    /// As [`Self::parse`], within these limits.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_within(input: &[u8], limits: &Limits) -> Result<Self, CmsError> {
        if input.len() > limits.octets {
            return Err(CmsError::Budget {
                what: "octets",
                limit: limits.octets,
            });
        }
        let normal = ber::normalize(input, limits)?;
        let trailing = input.get(normal.consumed..).unwrap_or_default().to_vec();
        let outer = Tlv::only(&normal.der)?;
        if outer.tag != 0x30 {
            return Err(CmsError::NotSignedData("it is no SEQUENCE"));
        }
        let mut info = Reader::new(outer.value);
        let content_type = info
            .take(0x06)
            .and_then(|t| object_identifier(t.value))
            .ok_or(CmsError::NotSignedData("it has no content type"))?;
        if content_type != oid::CT_SIGNED_DATA {
            return Err(CmsError::NotSignedData("its content type is another one"));
        }
        let content = info
            .take(0xa0)
            .and_then(|t| Tlv::only(t.value).ok())
            .filter(|t| t.tag == 0x30)
            .ok_or(CmsError::NotSignedData("its content is missing"))?;
        let mut data = signed_data(content.value, limits)?;
        data.encoding = normal.encoding;
        data.trailing = trailing;
        Ok(data)
    }
}

fn signed_data(value: &[u8], limits: &Limits) -> Result<SignedData, CmsError> {
    let bad = CmsError::Malformed;
    let mut r = Reader::new(value);
    r.take(0x02).ok_or(bad("version"))?;
    r.take(0x31).ok_or(bad("digestAlgorithms"))?;
    let encap = r.take(0x30).ok_or(bad("encapContentInfo"))?;
    let mut e = Reader::new(encap.value);
    let content_type = e
        .take(0x06)
        .and_then(|t| object_identifier(t.value))
        .ok_or(bad("eContentType"))?;
    let content = match e.take(0xa0) {
        // PKCS#7 allowed any type here; the digest covers the value octets (RFC 5652 section 5.2.1).
        Some(explicit) => Some(
            Tlv::only(explicit.value)
                .map_err(|_| bad("eContent"))?
                .value
                .to_vec(),
        ),
        None => None,
    };
    let mut data = SignedData {
        encoding: Encoding::Definite,
        trailing: Vec::new(),
        content_type,
        content,
        certificates: Vec::new(),
        unreadable_certificates: 0,
        crls: Vec::new(),
        ocsp: Vec::new(),
        crl_places: Vec::new(),
        ocsp_places: Vec::new(),
        signers: Vec::new(),
    };
    if let Some(certificates) = r.take(0xa0) {
        if certificates.value.len() > limits.certificate_octets {
            return Err(CmsError::Budget {
                what: "octets of certificates",
                limit: limits.certificate_octets,
            });
        }
        for one in items(certificates.value, "certificates", limits)? {
            match Certificate::from_der(one.whole) {
                Ok(certificate) => data.certificates.push(certificate),
                Err(_) => data.unreadable_certificates += 1,
            }
        }
    }
    if let Some(infos) = r.take(0xa1) {
        let all = items(infos.value, "revocation values", limits)?;
        let others = all.iter().filter(|one| one.tag == 0xa1);
        if others.map(|one| one.value.len()).sum::<usize>() > limits.response_octets {
            return Err(CmsError::Budget {
                what: "octets of OCSP responses",
                limit: limits.response_octets,
            });
        }
        for (place, one) in all.into_iter().enumerate() {
            match one.tag {
                0x30 => {
                    if let Ok(crl) = CertificateList::from_der(one.whole) {
                        data.crls.push(crl);
                        data.crl_places.push(place);
                    }
                }
                0xa1 => {
                    if let Some(response) = other_revocation_info(one.value) {
                        data.ocsp.push(response);
                        data.ocsp_places.push(place);
                    }
                }
                _ => {}
            }
        }
    }
    let signers = r.take(0x31).ok_or(bad("signerInfos"))?;
    for one in items(signers.value, "signers", limits)? {
        if one.tag != 0x30 {
            return Err(bad("SignerInfo"));
        }
        data.signers.push(signer_info(one.value, limits)?);
    }
    if !r.is_empty() {
        return Err(bad("data after signerInfos"));
    }
    Ok(data)
}

/// `OtherRevocationInfoFormat` with id-ri-ocsp-response (RFC 5940 section 2); some products put the
/// basic response there instead of the whole response.
fn other_revocation_info(value: &[u8]) -> Option<BasicResponse> {
    let mut r = Reader::new(value);
    let format = object_identifier(r.take(0x06)?.value)?;
    let info = r.take(0x30)?;
    if format == oid::RI_OCSP_RESPONSE {
        BasicResponse::from_response(info.whole).ok()
    } else if format == oid::OCSP_BASIC {
        BasicResponse::from_der(info.whole).ok()
    } else {
        None
    }
}

fn signer_info(value: &[u8], limits: &Limits) -> Result<SignerInfo, CmsError> {
    let bad = CmsError::Malformed;
    let mut r = Reader::new(value);
    r.take(0x02).ok_or(bad("SignerInfo version"))?;
    let sid = r.next().ok_or(bad("sid"))?;
    let sid = match sid.tag {
        0x30 => {
            let mut s = Reader::new(sid.value);
            let issuer = s.take(0x30).ok_or(bad("sid issuer"))?;
            let serial = s.take(0x02).ok_or(bad("sid serialNumber"))?;
            if issuer.whole.len() > limits.name_octets {
                return Err(CmsError::Budget {
                    what: "octets in a name",
                    limit: limits.name_octets,
                });
            }
            SignerIdentifier::IssuerAndSerial {
                issuer: Box::new(Name::from_der(issuer.whole).map_err(|_| bad("sid issuer"))?),
                serial: serial.value.to_vec(),
            }
        }
        0x80 => SignerIdentifier::SubjectKeyIdentifier(sid.value.to_vec()),
        _ => return Err(bad("sid")),
    };
    let digest_algorithm = algorithm(r.take(0x30)).ok_or(bad("digestAlgorithm"))?;
    let mut signed_attributes_der = None;
    let mut signed_attributes = Vec::new();
    if let Some(attributes) = r.take(0xa0) {
        let mut der = attributes.whole.to_vec();
        if let Some(tag) = der.first_mut() {
            *tag = 0x31;
        }
        signed_attributes_der = Some(der);
        signed_attributes = attribute_list(attributes.value, "signedAttrs", limits)?;
    }
    let signature_algorithm = algorithm(r.take(0x30)).ok_or(bad("signatureAlgorithm"))?;
    let signature = r.take(0x04).ok_or(bad("signature"))?.value.to_vec();
    let unsigned_attributes = match r.take(0xa1) {
        Some(attributes) => attribute_list(attributes.value, "unsignedAttrs", limits)?,
        None => Vec::new(),
    };
    if !r.is_empty() {
        return Err(bad("data after SignerInfo"));
    }
    Ok(SignerInfo {
        sid,
        digest_algorithm,
        signed_attributes_der,
        signed_attributes,
        signature_algorithm,
        signature,
        unsigned_attributes,
    })
}

fn attribute_list(
    value: &[u8],
    what: &'static str,
    limits: &Limits,
) -> Result<Vec<RawAttribute>, CmsError> {
    items(value, what, limits)?
        .into_iter()
        .map(|one| {
            let mut r = Reader::new(one.value);
            let oid = (one.tag == 0x30)
                .then(|| r.take(0x06))
                .flatten()
                .and_then(|t| object_identifier(t.value))
                .ok_or(CmsError::Malformed(what))?;
            let set = r.take(0x31).ok_or(CmsError::Malformed(what))?;
            let values = items(set.value, what, limits)?
                .into_iter()
                .map(|v| v.whole.to_vec())
                .collect();
            Ok(RawAttribute { oid, values })
        })
        .collect()
}

fn items<'a>(
    value: &'a [u8],
    what: &'static str,
    limits: &Limits,
) -> Result<Vec<Tlv<'a>>, CmsError> {
    let mut r = Reader::new(value);
    let mut out = Vec::new();
    while let Some(one) = r.next() {
        if out.len() == limits.items {
            return Err(CmsError::Budget {
                what,
                limit: limits.items,
            });
        }
        out.push(one);
    }
    if r.is_empty() {
        Ok(out)
    } else {
        Err(CmsError::Malformed(what))
    }
}

fn algorithm(tlv: Option<Tlv<'_>>) -> Option<AlgorithmIdentifierOwned> {
    AlgorithmIdentifierOwned::from_der(tlv?.whole).ok()
}

fn object_identifier(value: &[u8]) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_bytes(value).ok()
}
