//! Certificate revocation lists (RFC 5280 section 5): read from original bytes, entries walked
//! lazily; and the extension types whose ecosystem versions cannot be relied on.

use core::ops::Range;
use std::sync::Arc;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{BitString, OctetString, Uint};
use der::{Decode, Encode, Sequence, Tag};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName, GeneralNames};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlReason};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::oid;
use crate::raw::{SignedParts, tlv_range, value_range};
use crate::time::UnixTime;

/// A received CRL: original bytes, parsed header and extensions, entries found on demand.
///
/// Opening one costs a walk over the entries' headers, not an allocation per entry, so a CRL with a
/// million entries stays as large as its DER.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateList {
    /// Shared, so that many files can be judged with one large CRL.
    der: Arc<Vec<u8>>,
    parts: SignedParts,
    issuer: Range<usize>,
    issuer_name: Name,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    entries: Range<usize>,
    extensions: Extensions,
}

impl CertificateList {
    /// Parses one DER CRL and keeps its bytes.
    ///
    /// # Errors
    /// Where the bytes are not exactly one `CertificateList`, or an entry is malformed.
    pub fn from_der(der: impl Into<Vec<u8>>) -> der::Result<Self> {
        let der = der.into();
        let parts = SignedParts::parse(&der)?;
        let inside = value_range(&der[parts.tbs.clone()], Tag::Sequence)?;
        let end = parts.tbs.start + inside.end;
        let mut at = parts.tbs.start + inside.start;
        let mut next = |der: &[u8]| -> der::Result<Option<Range<usize>>> {
            if at == end {
                return Ok(None);
            }
            let tlv = tlv_range(der, at)?;
            if tlv.end > end {
                return Err(der::ErrorKind::Failed.into());
            }
            at = tlv.end;
            Ok(Some(tlv))
        };
        let missing = || der::Error::from(der::ErrorKind::Failed);
        let mut field = next(&der)?.ok_or_else(missing)?;
        if der[field.start] == 0x02 {
            // version v2
            field = next(&der)?.ok_or_else(missing)?;
        }
        // field is now the inner signature algorithm
        let inner = AlgorithmIdentifierOwned::from_der(&der[field])?;
        if inner != parts.signature_algorithm {
            // RFC 5280 section 5.1.1.2: must be the same as the outer one.
            return Err(Tag::Sequence.value_error().into());
        }
        let issuer = next(&der)?.ok_or_else(missing)?;
        let issuer_name = Name::from_der(&der[issuer.clone()])?;
        let this = next(&der)?.ok_or_else(missing)?;
        let this_update = Time::from_der(&der[this])?.into();
        let mut next_update = None;
        let mut entries = 0..0;
        let mut extensions = Extensions::new();
        while let Some(tlv) = next(&der)? {
            match der[tlv.start] {
                0x17 | 0x18 if next_update.is_none() && entries.is_empty() => {
                    next_update = Some(Time::from_der(&der[tlv])?.into());
                }
                0x30 if entries.is_empty() => {
                    let value = value_range(&der[tlv.clone()], Tag::Sequence)?;
                    entries = tlv.start + value.start..tlv.start + value.end;
                }
                0xA0 => {
                    let header = value_range_any(&der[tlv.clone()])?;
                    extensions = Extensions::from_der(
                        &der[tlv.start + header.start..tlv.start + header.end],
                    )?;
                }
                _ => return Err(Tag::Sequence.value_error().into()),
            }
        }
        let list = Self {
            issuer,
            issuer_name,
            this_update,
            next_update,
            entries,
            extensions,
            parts,
            der: Arc::new(der),
        };
        for entry in list.raw_entries() {
            entry?;
        }
        Ok(list)
    }

    /// The original bytes (DER).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed bytes: the original `tbsCertList`, header included.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        &self.der[self.parts.tbs.clone()]
    }

    /// The signature value's octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.der[self.parts.signature.clone()]
    }

    /// How it was signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.parts.signature_algorithm
    }

    /// The CRL issuer.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer_name
    }

    /// The CRL issuer's original DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.der[self.issuer.clone()]
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> UnixTime {
        self.this_update
    }

    /// When the next one will be there.
    #[must_use]
    pub fn next_update(&self) -> Option<UnixTime> {
        self.next_update
    }

    /// The CRL's extensions.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The CRL's extension with this OID.
    #[must_use]
    pub fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension> {
        self.extensions.iter().find(|e| e.extn_id == *oid)
    }

    /// cRLNumber, big-endian without leading zeros.
    #[must_use]
    pub fn crl_number(&self) -> Option<Vec<u8>> {
        let ext = self.extension(&oid::CE_CRL_NUMBER)?;
        Uint::from_der(ext.extn_value.as_bytes())
            .ok()
            .map(|n| n.as_bytes().to_vec())
    }

    /// The keyIdentifier of authorityKeyIdentifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<OctetString> {
        let ext = self.extension(&oid::CE_AUTHORITY_KEY_IDENTIFIER)?;
        AuthorityKeyIdentifier::from_der(ext.extn_value.as_bytes())
            .ok()?
            .key_identifier
    }

    /// issuingDistributionPoint.
    ///
    /// # Errors
    /// Where it is there and does not decode.
    pub fn issuing_distribution_point(&self) -> der::Result<Option<IssuingDistributionPoint>> {
        self.extension(&oid::CE_ISSUING_DISTRIBUTION_POINT)
            .map(|e| IssuingDistributionPoint::from_der(e.extn_value.as_bytes()))
            .transpose()
    }

    /// Whether every entry decodes, its issuer included. What does not could be the one that is looked for.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.raw_entries().all(|range| {
            let entry = range.and_then(|range| CrlEntry::from_der(&self.der[range]));
            entry.is_ok_and(|entry| {
                entry.extension(&oid::CE_CERTIFICATE_ISSUER).is_none()
                    || entry.certificate_issuer().is_some()
            })
        })
    }

    /// All entries in order.
    pub fn entries(&self) -> impl Iterator<Item = CrlEntry> + '_ {
        // `from_der` has walked every entry once; each decodes.
        self.raw_entries()
            .filter_map(|range| CrlEntry::from_der(&self.der[range.ok()?]).ok())
    }

    /// The entries of `serial` (content octets of the INTEGER, as [`crate::Certificate::serial`]).
    pub fn find<'a>(&'a self, serial: &'a [u8]) -> impl Iterator<Item = CrlEntry> + 'a {
        self.raw_entries().filter_map(move |range| {
            let entry = &self.der[range.ok()?];
            let inside = value_range(entry, Tag::Sequence).ok()?;
            let number = value_range(&entry[inside], Tag::Integer).ok().map(|r| {
                let head = value_range(entry, Tag::Sequence).map_or(0, |v| v.start);
                &entry[head + r.start..head + r.end]
            })?;
            (number == serial).then(|| CrlEntry::from_der(entry).ok())?
        })
    }

    fn raw_entries(&self) -> impl Iterator<Item = der::Result<Range<usize>>> + '_ {
        let mut at = self.entries.start;
        let end = self.entries.end;
        core::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            match tlv_range(&self.der, at) {
                Ok(tlv) if tlv.end <= end && self.der[tlv.start] == 0x30 => {
                    at = tlv.end;
                    Some(Ok(tlv))
                }
                Ok(_) => {
                    at = end;
                    Some(Err(Tag::Sequence.value_error().into()))
                }
                Err(e) => {
                    at = end;
                    Some(Err(e))
                }
            }
        })
    }
}

/// One entry of `revokedCertificates` (RFC 5280 section 5.1 and 5.3).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CrlEntry {
    /// Which certificate.
    pub serial_number: x509_cert::serial_number::SerialNumber<x509_cert::certificate::Raw>,
    /// When it was revoked.
    pub revocation_date: Time,
    /// reasonCode, invalidityDate, certificateIssuer.
    pub crl_entry_extensions: Option<Extensions>,
}

impl CrlEntry {
    /// reasonCode; absent means unspecified (RFC 5280 section 5.3.1).
    #[must_use]
    pub fn reason(&self) -> Option<CrlReason> {
        let ext = self.extension(&oid::CE_REASON_CODE)?;
        CrlReason::from_der(ext.extn_value.as_bytes()).ok()
    }

    /// The entry's extension with this OID.
    #[must_use]
    pub fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension> {
        self.crl_entry_extensions
            .as_ref()?
            .iter()
            .find(|e| e.extn_id == *oid)
    }

    /// certificateIssuer, on entries of indirect CRLs.
    #[must_use]
    pub fn certificate_issuer(&self) -> Option<GeneralNames> {
        let ext = self.extension(&oid::CE_CERTIFICATE_ISSUER)?;
        GeneralNames::from_der(ext.extn_value.as_bytes()).ok()
    }
}

/// `IssuingDistributionPoint` as defined in RFC 5280 section 5.2.5.
///
/// ```text
/// IssuingDistributionPoint ::= SEQUENCE {
///     distributionPoint          [0] DistributionPointName OPTIONAL,
///     onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
///     onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
///     onlySomeReasons            [3] ReasonFlags OPTIONAL,
///     indirectCRL                [4] BOOLEAN DEFAULT FALSE,
///     onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Sequence)]
pub struct IssuingDistributionPoint {
    /// Byte-equal to the distribution point name in the certificates of a partition.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub distribution_point: Option<DistributionPointName>,
    /// End-entity certificates only.
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        default = "Default::default"
    )]
    pub only_contains_user_certs: bool,
    /// CA certificates only.
    #[asn1(
        context_specific = "2",
        tag_mode = "IMPLICIT",
        default = "Default::default"
    )]
    pub only_contains_ca_certs: bool,
    /// The reasons covered, as the ReasonFlags bits.
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", optional = "true")]
    pub only_some_reasons: Option<BitString>,
    /// Entries of other issuers.
    #[asn1(
        context_specific = "4",
        tag_mode = "IMPLICIT",
        default = "Default::default"
    )]
    pub indirect_crl: bool,
    /// Attribute certificates only.
    #[asn1(
        context_specific = "5",
        tag_mode = "IMPLICIT",
        default = "Default::default"
    )]
    pub only_contains_attribute_certs: bool,
}

impl AssociatedOid for IssuingDistributionPoint {
    const OID: ObjectIdentifier = oid::CE_ISSUING_DISTRIBUTION_POINT;
}

impl IssuingDistributionPoint {
    /// The distribution point's full names, where given so.
    #[must_use]
    pub fn full_names(&self) -> &[GeneralName] {
        match &self.distribution_point {
            Some(DistributionPointName::FullName(names)) => names,
            _ => &[],
        }
    }
}

/// A cRLNumber extension (RFC 5280 section 5.2.3): non-critical, `number` as an unsigned integer.
///
/// # Errors
/// Where DER encoding fails.
pub fn crl_number_extension(number: u64) -> der::Result<Extension> {
    Ok(Extension {
        extn_id: oid::CE_CRL_NUMBER,
        critical: false,
        extn_value: OctetString::new(Uint::new(&number.to_be_bytes())?.to_der()?)?,
    })
}

fn value_range_any(tlv: &[u8]) -> der::Result<Range<usize>> {
    let mut reader = der::SliceReader::new(tlv)?;
    let _header = der::Header::decode(&mut reader)?;
    let head: usize = der::Reader::position(&reader).try_into()?;
    Ok(head..tlv.len())
}
