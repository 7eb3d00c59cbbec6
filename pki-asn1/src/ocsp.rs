//! OCSP (RFC 6960 section 4.1 and 4.2, RFC 9654) types.
//!
//! A relying party must verify the original `tbsResponseData`; [`BasicResponse`] keeps it. Requests
//! keep the original bytes of each CertID, because clients compare the echoed CertID byte for byte.

use core::ops::Range;
use std::sync::Arc;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{BitString, GeneralizedTime, Null, OctetString, OctetStringRef};
use der::{Any, Choice, Decode, Encode, Enumerated, Sequence, Tag, ValueOrd};
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::ext::pkix::CrlReason;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

use crate::oid;
use crate::raw::{SignedParts, tlv_range, value_range};

/// `Version` (v1 is the only one).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Enumerated)]
#[asn1(type = "INTEGER")]
#[repr(u8)]
pub enum Version {
    /// v1(0)
    #[default]
    V1 = 0,
}

/// `CertID` as defined in RFC 6960 section 4.1.1.
///
/// ```text
/// CertID ::= SEQUENCE {
///     hashAlgorithm  AlgorithmIdentifier,
///     issuerNameHash OCTET STRING, -- hash of issuer's DN
///     issuerKeyHash  OCTET STRING, -- hash of issuer's public key
///     serialNumber   CertificateSerialNumber }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertId {
    /// The hash both issuer fields use.
    pub hash_algorithm: AlgorithmIdentifierOwned,
    /// Hash of the issuer's DER name.
    pub issuer_name_hash: OctetString,
    /// Hash of the value of the issuer's subjectPublicKey BIT STRING, without unused-bits octet.
    pub issuer_key_hash: OctetString,
    /// The certificate's serial number.
    pub serial_number: SerialNumber<Raw>,
}

/// `OCSPRequest` as defined in RFC 6960 section 4.1.1.
///
/// ```text
/// OCSPRequest ::= SEQUENCE {
///     tbsRequest            TBSRequest,
///     optionalSignature [0] EXPLICIT Signature OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct OcspRequest {
    /// What is asked.
    pub tbs_request: TbsRequest,
    /// A signature over `tbs_request`, which a responder may ignore (RFC 9919).
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub optional_signature: Option<Signature>,
}

/// `TBSRequest` as defined in RFC 6960 section 4.1.1.
///
/// ```text
/// TBSRequest ::= SEQUENCE {
///     version           [0] EXPLICIT Version DEFAULT v1,
///     requestorName     [1] EXPLICIT GeneralName OPTIONAL,
///     requestList           SEQUENCE OF Request,
///     requestExtensions [2] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct TbsRequest {
    /// v1
    #[asn1(
        context_specific = "0",
        default = "Default::default",
        tag_mode = "EXPLICIT"
    )]
    pub version: Version,
    /// Who asks; counts only in a signed request.
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub requestor_name: Option<GeneralName>,
    /// One entry per certificate.
    pub request_list: Vec<Request>,
    /// Nonce, preferred signature algorithms and others.
    #[asn1(context_specific = "2", optional = "true", tag_mode = "EXPLICIT")]
    pub request_extensions: Option<Extensions>,
}

/// `Request` as defined in RFC 6960 section 4.1.1.
///
/// ```text
/// Request ::= SEQUENCE {
///     reqCert                     CertID,
///     singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct Request {
    /// Which certificate.
    pub req_cert: CertId,
    /// serviceLocator and others.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub single_request_extensions: Option<Extensions>,
}

/// `Signature` as defined in RFC 6960 section 4.1.1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct Signature {
    /// How the request was signed.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// The signature value.
    pub signature: BitString,
    /// Certificates that help to verify it.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub certs: Option<Vec<CertificateInner<Raw>>>,
}

/// `OCSPResponse` as defined in RFC 6960 section 4.2.1.
///
/// ```text
/// OCSPResponse ::= SEQUENCE {
///     responseStatus    OCSPResponseStatus,
///     responseBytes [0] EXPLICIT ResponseBytes OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct OcspResponse {
    /// Whether there is an answer.
    pub response_status: OcspResponseStatus,
    /// The answer, only with `Successful`.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub response_bytes: Option<ResponseBytes>,
}

impl OcspResponse {
    /// An unsigned error response (RFC 6960 section 2.3).
    #[must_use]
    pub fn error(status: OcspResponseStatus) -> Self {
        Self {
            response_status: status,
            response_bytes: None,
        }
    }

    /// Wraps the DER of a `BasicOCSPResponse`.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn successful(basic: &[u8]) -> der::Result<Self> {
        Ok(Self {
            response_status: OcspResponseStatus::Successful,
            response_bytes: Some(ResponseBytes {
                response_type: oid::OCSP_BASIC,
                response: OctetString::new(basic)?,
            }),
        })
    }
}

/// `OCSPResponseStatus` as defined in RFC 6960 section 4.2.1; 4 is not used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Enumerated)]
#[repr(u8)]
pub enum OcspResponseStatus {
    /// Response has valid confirmations.
    Successful = 0,
    /// Illegal confirmation request.
    MalformedRequest = 1,
    /// Internal error in issuer.
    InternalError = 2,
    /// Try again later.
    TryLater = 3,
    /// Must sign the request.
    SigRequired = 5,
    /// Request unauthorized.
    Unauthorized = 6,
}

/// `ResponseBytes` as defined in RFC 6960 section 4.2.1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct ResponseBytes {
    /// id-pkix-ocsp-basic.
    pub response_type: ObjectIdentifier,
    /// The DER of a `BasicOCSPResponse`.
    pub response: OctetString,
}

/// `ResponseData` as defined in RFC 6960 section 4.2.1.
///
/// ```text
/// ResponseData ::= SEQUENCE {
///     version            [0] EXPLICIT Version DEFAULT v1,
///     responderID            ResponderID,
///     producedAt             GeneralizedTime,
///     responses              SEQUENCE OF SingleResponse,
///     responseExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct ResponseData {
    /// v1
    #[asn1(
        context_specific = "0",
        default = "Default::default",
        tag_mode = "EXPLICIT"
    )]
    pub version: Version,
    /// Who signs.
    pub responder_id: ResponderId,
    /// When it was signed.
    pub produced_at: GeneralizedTime,
    /// One per certificate asked about.
    pub responses: Vec<SingleResponse>,
    /// Nonce and others.
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub response_extensions: Option<Extensions>,
}

/// `ResponderID` as defined in RFC 6960 section 4.2.1.
///
/// ```text
/// ResponderID ::= CHOICE {
///     byName [1] EXPLICIT Name,
///     byKey  [2] EXPLICIT KeyHash } -- SHA-1 of the subjectPublicKey bits
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub enum ResponderId {
    /// The responder's subject.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(Name),
    /// SHA-1 over the value of the responder's subjectPublicKey.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(OctetString),
}

/// `SingleResponse` as defined in RFC 6960 section 4.2.1.
///
/// ```text
/// SingleResponse ::= SEQUENCE {
///     certID               CertID,
///     certStatus           CertStatus,
///     thisUpdate           GeneralizedTime,
///     nextUpdate       [0] EXPLICIT GeneralizedTime OPTIONAL,
///     singleExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SingleResponse {
    /// Echo of the request.
    pub cert_id: CertId,
    /// The answer.
    pub cert_status: CertStatus,
    /// When the status was known to be correct.
    pub this_update: GeneralizedTime,
    /// When newer information will be there.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub next_update: Option<GeneralizedTime>,
    /// archiveCutoff and others.
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub single_extensions: Option<Extensions>,
}

/// `CertStatus` as defined in RFC 6960 section 4.2.1.
///
/// ```text
/// CertStatus ::= CHOICE {
///     good    [0] IMPLICIT NULL,
///     revoked [1] IMPLICIT RevokedInfo,
///     unknown [2] IMPLICIT UnknownInfo }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Choice)]
pub enum CertStatus {
    /// Not revoked.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    /// Revoked, temporarily or for good.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    /// The responder does not know the certificate.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

/// `RevokedInfo` as defined in RFC 6960 section 4.2.1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RevokedInfo {
    /// Since when.
    pub revocation_time: GeneralizedTime,
    /// Why; never `Unspecified` in what we write.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub revocation_reason: Option<CrlReason>,
}

/// `BasicOCSPResponse` for writing; to verify one use [`BasicResponse`].
///
/// ```text
/// BasicOCSPResponse ::= SEQUENCE {
///     tbsResponseData    ResponseData,
///     signatureAlgorithm AlgorithmIdentifier,
///     signature          BIT STRING,
///     certs          [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct BasicOcspResponse {
    /// The DER of `ResponseData` that was signed.
    pub tbs_response_data: Any,
    /// How it was signed.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// The signature value.
    pub signature: BitString,
    /// The delegated responder's certificate.
    #[asn1(context_specific = "0", optional = "true", tag_mode = "EXPLICIT")]
    pub certs: Option<Vec<Any>>,
}

/// A received basic response with its original bytes. Cheap to clone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BasicResponse(Arc<Inner>);

#[derive(Debug, Eq, PartialEq)]
struct Inner {
    der: Vec<u8>,
    parts: SignedParts,
    data: ResponseData,
    certs: Vec<Vec<u8>>,
}

impl BasicResponse {
    /// Octets of the largest response that is read. Most have two thousand; parsed, one of many answers takes
    /// nine times its octets, and it may come from a stranger.
    pub const MAX_OCTETS: usize = 1 << 20;

    /// Parses the content of `ResponseBytes.response`.
    ///
    /// # Errors
    /// Where it is not exactly one `BasicOCSPResponse`, or more than [`Self::MAX_OCTETS`].
    pub fn from_der(der: impl Into<Vec<u8>>) -> der::Result<Self> {
        let der = der.into();
        if der.len() > Self::MAX_OCTETS {
            return Err(der::ErrorKind::Overlength.into());
        }
        let parts = SignedParts::parse(&der)?;
        let data = ResponseData::from_der(&der[parts.tbs.clone()])?;
        let certs = certs(&der, parts.rest.clone())?;
        Ok(Self(Arc::new(Inner {
            der,
            parts,
            data,
            certs,
        })))
    }

    /// Parses a whole `OCSPResponse`, which must be successful and of the basic type.
    ///
    /// # Errors
    /// Where it is not; the status of an error response is in [`OcspResponse`]. An error response has no
    /// responseBytes (RFC 6960 section 4.2.1): nothing inside one that has is an answer.
    pub fn from_response(der: &[u8]) -> der::Result<Self> {
        let response = OcspResponse::from_der(der)?;
        let bytes = response
            .response_bytes
            .filter(|_| response.response_status == OcspResponseStatus::Successful)
            .filter(|b| b.response_type == oid::OCSP_BASIC)
            .ok_or_else(|| Tag::OctetString.value_error())?;
        Self::from_der(bytes.response.as_bytes())
    }

    /// The original `BasicOCSPResponse`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The parsed `tbsResponseData`.
    #[must_use]
    pub fn data(&self) -> &ResponseData {
        &self.0.data
    }

    /// Certificates that came with it, original DER each.
    #[must_use]
    pub fn certs(&self) -> &[Vec<u8>] {
        &self.0.certs
    }

    /// The signed bytes: the original `tbsResponseData`, header included.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        &self.0.der[self.0.parts.tbs.clone()]
    }

    /// The signature value's octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.der[self.0.parts.signature.clone()]
    }

    /// How it was signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.0.parts.signature_algorithm
    }

    /// The nonce of the response, where there is one.
    #[must_use]
    pub fn nonce(&self) -> Option<Vec<u8>> {
        nonce(self.0.data.response_extensions.as_ref())
    }
}

/// The nonce among these extensions (RFC 9654 section 2.1): the content of the inner OCTET STRING.
#[must_use]
pub fn nonce(extensions: Option<&Extensions>) -> Option<Vec<u8>> {
    let ext = extensions?.iter().find(|e| e.extn_id == oid::OCSP_NONCE)?;
    let inner = <&OctetStringRef>::from_der(ext.extn_value.as_bytes()).ok()?;
    Some(inner.as_bytes().to_vec())
}

/// A nonce extension (RFC 9654 section 2.1): 1 to 128 octets, 32 for clients.
///
/// # Errors
/// Where DER encoding fails.
pub fn nonce_extension(value: &[u8]) -> der::Result<Extension> {
    Ok(Extension {
        extn_id: oid::OCSP_NONCE,
        critical: false,
        extn_value: OctetString::new(OctetString::new(value)?.to_der()?)?,
    })
}

/// `ArchiveCutoff` (RFC 6960 section 4.4.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArchiveCutoff(pub GeneralizedTime);

impl AssociatedOid for ArchiveCutoff {
    const OID: ObjectIdentifier = oid::OCSP_ARCHIVE_CUTOFF;
}

x509_cert::impl_newtype!(ArchiveCutoff, GeneralizedTime);

/// `PreferredSignatureAlgorithm` (RFC 6960 section 4.4.7.1).
#[derive(Clone, Debug, Eq, PartialEq, Sequence, ValueOrd)]
pub struct PreferredSignatureAlgorithm {
    /// A signature algorithm the client accepts.
    pub sig_identifier: AlgorithmIdentifierOwned,
    /// A subject public key algorithm for the responder's certificate.
    pub cert_identifier: Option<AlgorithmIdentifierOwned>,
}

fn certs(der: &[u8], rest: Range<usize>) -> der::Result<Vec<Vec<u8>>> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    // certs [0] EXPLICIT SEQUENCE OF Certificate
    if der[rest.start] != 0xA0 {
        return Err(der::ErrorKind::Failed.into());
    }
    let tagged = tlv_range(der, rest.start)?;
    if tagged.end != rest.end {
        return Err(der::ErrorKind::Failed.into());
    }
    let header = tagged.end - tagged.start - content_len(&der[tagged.clone()])?;
    let sequence = tagged.start + header..tagged.end;
    let inside = value_range(&der[sequence.clone()], Tag::Sequence)?;
    let mut at = sequence.start + inside.start;
    let end = sequence.start + inside.end;
    let mut out = Vec::new();
    while at < end {
        let one = tlv_range(der, at)?;
        if one.end > end {
            return Err(der::ErrorKind::Failed.into());
        }
        at = one.end;
        out.push(der[one].to_vec());
    }
    Ok(out)
}

fn content_len(tlv: &[u8]) -> der::Result<usize> {
    let mut reader = der::SliceReader::new(tlv)?;
    let header = der::Header::decode(&mut reader)?;
    header.length().try_into()
}
