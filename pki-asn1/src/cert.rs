//! A certificate with its original bytes (RFC 5280 section 4.1).
//!
//! Foreign certificates are parsed leniently (no re-encoding of dates, any serial length), because
//! whether one is acceptable is a decision for path validation, not for the parser.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Range;
use std::sync::Arc;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{OctetString, Uint};
use der::{Decode, Sequence, Tag};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use x509_cert::name::Name;

use crate::name::DisplayName;
use crate::oid;
use crate::qc::QcStatements;
use crate::raw::{SignedParts, tlv_range, value_range};
use crate::time::UnixTime;

/// A parsed certificate that remembers the bytes it came from. Cheap to clone; equal where the DER
/// is equal.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    parts: SignedParts,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    parsed: CertificateInner<Raw>,
}

impl Certificate {
    /// Octets of the largest certificate that is read. Those in use have some thousands; parsed, a certificate
    /// takes many times its octets, and most come from strangers.
    pub const MAX_OCTETS: usize = 256 << 10;

    /// Parses one DER certificate and keeps its bytes.
    ///
    /// # Errors
    /// Where the bytes are not exactly one DER `Certificate`, or more than [`Self::MAX_OCTETS`].
    pub fn from_der(der: impl Into<Vec<u8>>) -> der::Result<Self> {
        let der = der.into();
        if der.len() > Self::MAX_OCTETS {
            return Err(der::ErrorKind::Overlength.into());
        }
        let parts = SignedParts::parse(&der)?;
        let fields = TbsFields::locate(&der, parts.tbs.clone())?;
        let parsed = match clamp_old_dates(&der, &fields.validity) {
            Some(readable) => CertificateInner::<Raw>::from_der(&readable)?,
            None => CertificateInner::<Raw>::from_der(&der)?,
        };
        Ok(Self(Arc::new(Inner {
            issuer: fields.issuer,
            subject: fields.subject,
            spki: fields.spki,
            der,
            parts,
            parsed,
        })))
    }

    /// The original bytes (DER).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The bytes that were signed: the original `tbsCertificate`, header included.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        &self.0.der[self.0.parts.tbs.clone()]
    }

    /// The octets of the signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.der[self.0.parts.signature.clone()]
    }

    /// The algorithm of the outer `signatureAlgorithm`.
    #[must_use]
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.0.parts.signature_algorithm
    }

    /// Everything else, parsed without changes to serials or names. Dates before 1970, which the
    /// parser cannot represent, read as 1970-01-01T00:00:00Z here; the original bytes keep them.
    #[must_use]
    pub fn parsed(&self) -> &CertificateInner<Raw> {
        &self.0.parsed
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &Name {
        self.0.parsed.tbs_certificate().subject()
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        self.0.parsed.tbs_certificate().issuer()
    }

    /// The subject's original DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.0.der[self.0.subject.clone()]
    }

    /// The issuer's original DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.der[self.0.issuer.clone()]
    }

    /// The `SubjectPublicKeyInfo`'s original DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.der[self.0.spki.clone()]
    }

    /// The `SubjectPublicKeyInfo`, parsed.
    #[must_use]
    pub fn spki(&self) -> &SubjectPublicKeyInfoOwned {
        self.0.parsed.tbs_certificate().subject_public_key_info()
    }

    /// The octets of the subjectPublicKey BIT STRING: what OCSP's `issuerKeyHash` and byKey
    /// responder identifiers hash (RFC 6960 section 4.1.1).
    #[must_use]
    pub fn public_key_bits(&self) -> &[u8] {
        self.spki().subject_public_key.raw_bytes()
    }

    /// The serial number's content octets, big-endian two's complement as encoded.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.0.parsed.tbs_certificate().serial_number().as_bytes()
    }

    /// The serial number in lower-case hexadecimal, no separators.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex_lower(self.serial())
    }

    /// Start of the validity period (inclusive).
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        self.0.parsed.tbs_certificate().validity().not_before.into()
    }

    /// End of the validity period (inclusive).
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.0.parsed.tbs_certificate().validity().not_after.into()
    }

    /// Whether `at` lies in the validity period, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: UnixTime) -> bool {
        (self.not_before()..=self.not_after()).contains(&at)
    }

    /// All extensions in order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        self.0
            .parsed
            .tbs_certificate()
            .extensions()
            .map_or(&[], Vec::as_slice)
    }

    /// The first extension with this OID.
    #[must_use]
    pub fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension> {
        self.extensions().iter().find(|e| e.extn_id == *oid)
    }

    /// The first extension of this type, decoded. Never use it with x509-cert's
    /// `IssuingDistributionPoint`, whose associated OID is wrong.
    ///
    /// # Errors
    /// Where the extension is there and does not decode.
    pub fn ext<'a, T: AssociatedOid + Decode<'a, Error = der::Error>>(
        &'a self,
    ) -> der::Result<Option<T>> {
        self.extension(&T::OID)
            .map(|e| T::from_der(e.extn_value.as_bytes()))
            .transpose()
    }

    /// subjectKeyIdentifier, where present and well-formed.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<OctetString> {
        self.ext::<SubjectKeyIdentifier>()
            .ok()
            .flatten()
            .map(|s| s.0)
    }

    /// The keyIdentifier of authorityKeyIdentifier, where present and well-formed.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<OctetString> {
        self.ext::<AuthorityKeyIdentifier>()
            .ok()
            .flatten()
            .and_then(|a| a.key_identifier)
    }

    /// keyUsage, where present and well-formed.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.ext::<KeyUsage>().ok().flatten()
    }

    /// The extended key usages; empty where the extension is absent or malformed.
    #[must_use]
    pub fn extended_key_usages(&self) -> Vec<ObjectIdentifier> {
        self.ext::<ExtendedKeyUsage>()
            .ok()
            .flatten()
            .map_or_else(Vec::new, |e| e.0)
    }

    /// Whether basicConstraints says this is a CA certificate.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic_constraints()
            .ok()
            .flatten()
            .is_some_and(|b| b.ca)
    }

    /// basicConstraints, with a pathLenConstraint of any size (x509-cert's own stops at 255).
    ///
    /// # Errors
    /// Where the extension is there and does not decode.
    pub fn basic_constraints(&self) -> der::Result<Option<BasicConstraints>> {
        self.extension(&oid::CE_BASIC_CONSTRAINTS)
            .map(|ext| {
                let read = EncodedBasicConstraints::from_der(ext.extn_value.as_bytes())?;
                Ok(BasicConstraints {
                    ca: read.ca,
                    path_len: read.path_len.map(|n| saturating(n.as_bytes())),
                })
            })
            .transpose()
    }

    /// Whether subject and issuer are the same bytes (self-issued, RFC 5280 section 3.2).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject_der() == self.issuer_der()
    }

    /// certificatePolicies, the OIDs in order; empty where absent or malformed.
    #[must_use]
    pub fn policy_oids(&self) -> Vec<ObjectIdentifier> {
        self.ext::<CertificatePolicies>()
            .ok()
            .flatten()
            .map_or_else(Vec::new, |p| {
                p.0.iter().map(|i| i.policy_identifier).collect()
            })
    }

    /// qcStatements, where present and well-formed.
    #[must_use]
    pub fn qc_statements(&self) -> Option<QcStatements> {
        let ext = self.extension(&oid::PE_QC_STATEMENTS)?;
        QcStatements::from_der(ext.extn_value.as_bytes()).ok()
    }

    /// Whether id-pkix-ocsp-nocheck is present (RFC 6960 section 4.2.2.2.1).
    #[must_use]
    pub fn has_ocsp_no_check(&self) -> bool {
        self.extension(&oid::OCSP_NO_CHECK).is_some()
    }

    /// The OCSP URLs of authorityInfoAccess, in order.
    #[must_use]
    pub fn ocsp_urls(&self) -> Vec<String> {
        self.access_urls(&oid::AD_OCSP)
    }

    /// The caIssuers URLs of authorityInfoAccess, in order.
    #[must_use]
    pub fn ca_issuers_urls(&self) -> Vec<String> {
        self.access_urls(&oid::AD_CA_ISSUERS)
    }

    /// The URLs of cRLDistributionPoints, in order.
    #[must_use]
    pub fn crl_urls(&self) -> Vec<String> {
        let Ok(Some(points)) = self.ext::<CrlDistributionPoints>() else {
            return Vec::new();
        };
        points
            .0
            .iter()
            .filter_map(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) => Some(names),
                _ => None,
            })
            .flatten()
            .filter_map(uri)
            .collect()
    }

    /// The subject for people: RFC 4514 style, most specific attribute first.
    #[must_use]
    pub fn display_subject(&self) -> DisplayName<'_> {
        DisplayName(self.subject())
    }

    /// The issuer for people.
    #[must_use]
    pub fn display_issuer(&self) -> DisplayName<'_> {
        DisplayName(self.issuer())
    }

    fn access_urls(&self, method: &ObjectIdentifier) -> Vec<String> {
        let Ok(Some(access)) = self.ext::<AuthorityInfoAccessSyntax>() else {
            return Vec::new();
        };
        access
            .0
            .iter()
            .filter(|d| d.access_method == *method)
            .filter_map(|d| uri(&d.access_location))
            .collect()
    }
}

/// basicConstraints (RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BasicConstraints {
    /// cA
    pub ca: bool,
    /// pathLenConstraint; what is larger than any path is [`usize::MAX`].
    pub path_len: Option<usize>,
}

#[derive(Sequence)]
struct EncodedBasicConstraints {
    #[asn1(default = "Default::default")]
    ca: bool,
    #[asn1(optional = "true")]
    path_len: Option<Uint>,
}

fn saturating(octets: &[u8]) -> usize {
    octets.iter().fold(0, |value: usize, octet| {
        value
            .saturating_mul(256)
            .saturating_add(usize::from(*octet))
    })
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.display_subject().to_string())
            .field("serial", &self.serial_hex())
            .finish_non_exhaustive()
    }
}

fn uri(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.to_string()),
        _ => None,
    }
}

fn hex_lower(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Where the name and key fields of a `TBSCertificate` lie in the certificate's bytes.
struct TbsFields {
    issuer: Range<usize>,
    validity: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
}

impl TbsFields {
    fn locate(der: &[u8], tbs: Range<usize>) -> der::Result<Self> {
        let inside = value_range(&der[tbs.clone()], Tag::Sequence)?;
        let first = tbs.start + inside.start;
        // version [0] EXPLICIT is optional; without it the serial number comes first.
        let serial = match der.get(first) {
            Some(0xA0) => tlv_range(der, tlv_range(der, first)?.end)?,
            _ => tlv_range(der, first)?,
        };
        let signature = tlv_range(der, serial.end)?;
        let issuer = tlv_range(der, signature.end)?;
        let validity = tlv_range(der, issuer.end)?;
        let subject = tlv_range(der, validity.end)?;
        let spki = tlv_range(der, subject.end)?;
        Ok(Self {
            issuer,
            validity,
            subject,
            spki,
        })
    }
}

/// UTCTime counts from 1950 (RFC 5280 section 4.1.2.5.1), `der`'s dates from 1970. Where the validity
/// holds such an old UTCTime, gives a copy to read in which it is the first second of 1970.
fn clamp_old_dates(der: &[u8], validity: &Range<usize>) -> Option<Vec<u8>> {
    const EPOCH: &[u8; 13] = b"700101000000Z";
    let inside = value_range(&der[validity.clone()], Tag::Sequence).ok()?;
    let mut at = validity.start + inside.start;
    let mut copy = None;
    while at < validity.end {
        let time = tlv_range(der, at).ok()?;
        at = time.end;
        let [0x17, 13, digits @ ..] = &der[time.clone()] else {
            continue;
        };
        if matches!(digits, [b'5'..=b'6', b'0'..=b'9', ..]) && digits.len() == EPOCH.len() {
            copy.get_or_insert_with(|| der.to_vec())[time.start + 2..time.end]
                .copy_from_slice(EPOCH);
        }
    }
    copy
}
