//! `TBSCertificate` and the assembly of a `SIGNED{}` structure around bytes that are already encoded.

use der::asn1::{Any, BitStringRef, UintRef};
use der::{Decode, Encode, Header, Sequence, Tag};
use pki_asn1::UnixTime;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::time::Time;

/// `TBSCertificate` as defined in RFC 5280 section 4.1, version 3. Names and the key are carried as
/// the bytes they came in, so the issuer field equals the CA's subject octet for octet.
///
/// ```text
/// TBSCertificate ::= SEQUENCE {
///     version         [0] EXPLICIT Version DEFAULT v1,
///     serialNumber        CertificateSerialNumber,
///     signature           AlgorithmIdentifier,
///     issuer              Name,
///     validity            Validity,
///     subject             Name,
///     subjectPublicKeyInfo SubjectPublicKeyInfo,
///     extensions      [3] EXPLICIT Extensions OPTIONAL }
/// ```
pub(crate) struct TbsCertificate<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) signature: &'a AlgorithmIdentifierOwned,
    pub(crate) issuer_der: &'a [u8],
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    pub(crate) subject_der: &'a [u8],
    pub(crate) spki_der: &'a [u8],
    pub(crate) extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Fields<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial: UintRef<'a>,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    validity: Validity,
    subject: Any,
    spki: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Validity {
    not_before: Time,
    not_after: Time,
}

impl TbsCertificate<'_> {
    pub(crate) fn into_der(self) -> der::Result<Vec<u8>> {
        Fields {
            version: 2,
            serial: UintRef::new(self.serial)?,
            signature: self.signature.clone(),
            issuer: Any::from_der(self.issuer_der)?,
            validity: Validity {
                not_before: self.not_before.to_x509(),
                not_after: self.not_after.to_x509(),
            },
            subject: Any::from_der(self.subject_der)?,
            spki: Any::from_der(self.spki_der)?,
            extensions: self.extensions,
        }
        .to_der()
    }
}

/// `SEQUENCE { tbs, algorithm, BIT STRING signature }` around `tbs` as it stands.
pub(crate) fn assemble(
    tbs: &[u8],
    algorithm: &AlgorithmIdentifierOwned,
    signature: &[u8],
) -> der::Result<Vec<u8>> {
    let algorithm = algorithm.to_der()?;
    let signature = BitStringRef::from_bytes(signature)?.to_der()?;
    let length = der::Length::try_from(tbs.len() + algorithm.len() + signature.len())?;
    let mut out = Header::new(Tag::Sequence, length).to_der()?;
    out.reserve_exact(tbs.len() + algorithm.len() + signature.len());
    out.extend_from_slice(tbs);
    out.extend_from_slice(&algorithm);
    out.extend_from_slice(&signature);
    Ok(out)
}

/// A fresh serial number: 20 octets, positive, without a leading zero, 158 of its bits from the
/// operating system's generator (RFC 5280 section 4.1.2.2; EN 319 411-1 asks for 64).
pub(crate) fn serial_number() -> Result<[u8; 20], getrandom::Error> {
    let mut serial = [0; 20];
    getrandom::fill(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}
