//! Enhanced Security Services: the signing-certificate attributes (RFC 2634, RFC 5035).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, OctetString};
use der::{Sequence, ValueOrd};
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::Raw;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::serial_number::SerialNumber;

use crate::oid;

/// `SigningCertificateV2` as defined in RFC 5035 section 3.
///
/// ```text
/// SigningCertificateV2 ::= SEQUENCE {
///     certs    SEQUENCE OF ESSCertIDv2,
///     policies SEQUENCE OF PolicyInformation OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SigningCertificateV2 {
    /// The first names the signing certificate.
    pub certs: Vec<EssCertIdV2>,
    /// Restricts policies; not used.
    pub policies: Option<Vec<Any>>,
}

/// `ESSCertIDv2` as defined in RFC 5035 section 4.
///
/// ```text
/// ESSCertIDv2 ::= SEQUENCE {
///     hashAlgorithm AlgorithmIdentifier DEFAULT {algorithm id-sha256},
///     certHash      Hash,
///     issuerSerial  IssuerSerial OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct EssCertIdV2 {
    /// The hash; DER omits the default, SHA-256 without parameters, so `None` means that.
    pub hash_algorithm: Option<AlgorithmIdentifierOwned>,
    /// Hash of the whole certificate.
    pub cert_hash: OctetString,
    /// Issuer and serial number, a hint (EN 319 122-1 clause 5.2.2.3).
    pub issuer_serial: Option<IssuerSerial>,
}

/// `SigningCertificate` as defined in RFC 2634 section 5.4: SHA-1, found in older signatures.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SigningCertificate {
    /// The first names the signing certificate.
    pub certs: Vec<EssCertId>,
    /// Restricts policies; not used.
    pub policies: Option<Vec<Any>>,
}

/// `ESSCertID` as defined in RFC 2634 section 5.4.1.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct EssCertId {
    /// SHA-1 of the whole certificate.
    pub cert_hash: OctetString,
    /// Issuer and serial number.
    pub issuer_serial: Option<IssuerSerial>,
}

/// `IssuerSerial` as defined in RFC 5035 section 5.
#[derive(Clone, Debug, Eq, PartialEq, Sequence, ValueOrd)]
pub struct IssuerSerial {
    /// One directoryName.
    pub issuer: Vec<GeneralName>,
    /// The serial number.
    pub serial_number: SerialNumber<Raw>,
}

impl EssCertIdV2 {
    /// The OID of the hash in effect.
    #[must_use]
    pub fn hash_oid(&self) -> ObjectIdentifier {
        self.hash_algorithm.as_ref().map_or(oid::SHA256, |a| a.oid)
    }
}
