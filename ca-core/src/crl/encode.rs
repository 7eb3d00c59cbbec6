//! DER of a `TBSCertList`, written front to back without an object per entry.

use der::asn1::OctetString;
use der::{Encode, Header, Length, Tag};
use pki_asn1::crl::crl_number_extension;
use pki_asn1::{UnixTime, oid};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use crate::certificate::extensions::extension;
use crate::revocation::RevocationReason;
use crate::store::RevokedSerial;

/// Everything of a `TBSCertList` but its entries.
///
/// ```text
/// TBSCertList ::= SEQUENCE {
///     version              Version OPTIONAL, -- v2
///     signature            AlgorithmIdentifier,
///     issuer               Name,
///     thisUpdate           Time,
///     nextUpdate           Time OPTIONAL,
///     revokedCertificates  SEQUENCE OF SEQUENCE { ... } OPTIONAL,
///     crlExtensions    [0] EXPLICIT Extensions OPTIONAL }
/// ```
pub(super) struct Frame<'a> {
    pub(super) algorithm: &'a AlgorithmIdentifierOwned,
    pub(super) issuer_der: &'a [u8],
    pub(super) this_update: UnixTime,
    pub(super) next_update: UnixTime,
    pub(super) number: u64,
    /// The key identifier of the CA that signs, not of the CA above it.
    pub(super) key_id: &'a [u8],
}

impl Frame<'_> {
    /// What stands before the entries, the outer header and the entries' header included, and what
    /// stands after. `entries` is the length of all entries; none means no list at all.
    pub(super) fn around(&self, entries: usize) -> der::Result<(Vec<u8>, Vec<u8>)> {
        let mut fields = 1_u8.to_der()?;
        fields.extend(self.algorithm.to_der()?);
        fields.extend_from_slice(self.issuer_der);
        fields.extend(self.this_update.to_x509().to_der()?);
        fields.extend(self.next_update.to_x509().to_der()?);
        if entries > 0 {
            // RFC 5280 section 5.1.2.6: absent, never empty.
            fields.extend(header(Tag::Sequence, entries)?);
        }
        let key_id = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(self.key_id)?),
            ..Default::default()
        };
        let list = vec![
            extension(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, &key_id)?,
            crl_number_extension(self.number)?,
        ]
        .to_der()?;
        let explicit = Tag::ContextSpecific {
            constructed: true,
            number: der::TagNumber(0),
        };
        let mut tail = header(explicit, list.len())?;
        tail.extend(list);
        let mut front = header(Tag::Sequence, fields.len() + entries + tail.len())?;
        front.extend(fields);
        Ok((front, tail))
    }
}

/// Appends one entry.
///
/// ```text
/// SEQUENCE {
///     userCertificate      CertificateSerialNumber,
///     revocationDate       Time,
///     crlEntryExtensions   Extensions OPTIONAL }
/// ```
pub(super) fn entry(revoked: &RevokedSerial<'_>, out: &mut Vec<u8>) -> der::Result<()> {
    let mut fields = header(Tag::Integer, revoked.serial.len())?;
    fields.extend_from_slice(revoked.serial);
    fields.extend(revoked.revocation.at.to_x509().to_der()?);
    let mut extensions = Vec::new();
    let reason = revoked.revocation.reason;
    if reason != RevocationReason::Unspecified {
        // RFC 5280 section 5.3.1: unspecified is said by saying nothing. ENUMERATED, one octet.
        let value = [0x0A, 1, reason.code()];
        extensions.push(x509_cert::ext::Extension {
            extn_id: oid::CE_REASON_CODE,
            critical: false,
            extn_value: OctetString::new(value)?,
        });
    }
    if let Some(date) = revoked.revocation.invalidity_date {
        let value = date.to_generalized();
        extensions.push(extension(oid::CE_INVALIDITY_DATE, false, &value)?);
    }
    if !extensions.is_empty() {
        fields.extend(extensions.to_der()?);
    }
    out.extend(header(Tag::Sequence, fields.len())?);
    out.extend(fields);
    Ok(())
}

fn header(tag: Tag, length: usize) -> der::Result<Vec<u8>> {
    Header::new(tag, Length::try_from(length)?).to_der()
}
