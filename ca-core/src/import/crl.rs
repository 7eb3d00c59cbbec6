//! CRLs of the product that an authority comes from (RFC 5280 section 5): checked with its key, and what
//! several of them say together.

use std::collections::HashMap;

use der::Decode;
use der::asn1::GeneralizedTime;
use pki_asn1::crl::CrlEntry;
use pki_asn1::{CertificateList, UnixTime, oid};
use pki_crypto::DigestAlgorithm;

use super::decide::PastRevocation;
use super::issuer::{ForeignError, ForeignIssuer, malformed};
use crate::issuance::copy32;
use crate::revocation::RevocationReason;

/// A full CRL of the authority, signature verified.
#[derive(Debug)]
pub struct ForeignCrl {
    list: CertificateList,
    /// Its cRLNumber.
    pub number: u64,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
}

/// What the CRLs say about each serial number, the newest last.
#[derive(Debug, Default)]
pub struct CrlFacts {
    revoked: HashMap<Box<[u8]>, PastRevocation>,
    /// Entries of other issuers on an indirect CRL, which are not taken over.
    pub foreign_entries: u64,
}

impl ForeignCrl {
    /// Reads a CRL (DER) and checks that this authority issued it.
    ///
    /// # Errors
    /// Where it does not decode, is another's, or only a part of one.
    pub fn check(der: Vec<u8>, issuer: &ForeignIssuer) -> Result<Self, ForeignError> {
        let list = CertificateList::from_der(der).map_err(malformed)?;
        issuer.check_crl(&list)?;
        for extension in list.extensions().iter().filter(|e| e.critical) {
            match extension.extn_id {
                oid::CE_DELTA_CRL_INDICATOR => return Err(ForeignError::Delta),
                // Which certificates it is about; its entries are entries all the same.
                oid::CE_ISSUING_DISTRIBUTION_POINT | oid::CE_CRL_NUMBER => {}
                other => return Err(ForeignError::Critical(other.to_string())),
            }
        }
        if list.extension(&oid::CE_DELTA_CRL_INDICATOR).is_some() {
            return Err(ForeignError::Delta);
        }
        let number = list.crl_number().and_then(|octets| {
            let mut wide = [0; 8];
            let start = 8_usize.checked_sub(octets.len())?;
            wide[start..].copy_from_slice(&octets);
            // The next numbers must have room too.
            Some(u64::from_be_bytes(wide)).filter(|n| *n < 1 << 62)
        });
        Ok(Self {
            number: number.ok_or(ForeignError::CrlNumber)?,
            sha256: copy32(DigestAlgorithm::Sha256.digest(list.der()).as_bytes()),
            list,
        })
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> UnixTime {
        self.list.this_update()
    }

    /// Whether it is about all certificates of its issuer.
    fn is_complete(&self) -> bool {
        self.list
            .extension(&oid::CE_ISSUING_DISTRIBUTION_POINT)
            .is_none()
    }
}

impl CrlFacts {
    /// What these CRLs say together. A suspension that a newer complete CRL no longer has was lifted; any
    /// other revocation stays, because entries leave a CRL when their certificate expires.
    #[must_use]
    pub fn gather(mut crls: Vec<ForeignCrl>) -> Self {
        crls.sort_by_key(|crl| (crl.this_update(), crl.number));
        let mut facts = Self::default();
        for crl in crls {
            if crl.is_complete() {
                facts
                    .revoked
                    .retain(|_, r| r.reason != RevocationReason::CertificateHold);
            }
            for entry in crl.list.entries() {
                if entry.certificate_issuer().is_some() {
                    facts.foreign_entries += 1;
                    continue;
                }
                facts.add(entry.serial_number.as_bytes(), past(&entry));
            }
        }
        facts
    }

    /// A later statement counts more than an earlier one, but no suspension undoes a revocation, which is
    /// for ever.
    fn add(&mut self, serial: &[u8], past: PastRevocation) {
        let hold = past.reason == RevocationReason::CertificateHold;
        let already = |r: &PastRevocation| r.reason != RevocationReason::CertificateHold;
        if !(hold && self.revoked.get(serial).is_some_and(already)) {
            self.revoked.insert(serial.into(), past);
        }
    }

    /// Takes out what they say about this serial number (content octets).
    pub fn take(&mut self, serial: &[u8]) -> Option<PastRevocation> {
        self.revoked.remove(serial)
    }

    /// What nobody has taken: certificates known only from a CRL.
    pub fn into_rest(self) -> impl Iterator<Item = (Box<[u8]>, PastRevocation)> {
        let mut rest: Vec<_> = self.revoked.into_iter().collect();
        rest.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        rest.into_iter()
    }

    /// How many serial numbers are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }
}

fn past(entry: &CrlEntry) -> PastRevocation {
    let reason = entry
        .reason()
        .and_then(|reason| RevocationReason::from_code(reason as u8))
        .unwrap_or(RevocationReason::Unspecified);
    let invalidity_date = entry
        .extension(&oid::CE_INVALIDITY_DATE)
        .and_then(|e| GeneralizedTime::from_der(e.extn_value.as_bytes()).ok())
        .map(UnixTime::from);
    PastRevocation {
        at: entry.revocation_date.into(),
        reason,
        invalidity_date,
    }
}
