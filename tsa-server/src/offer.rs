//! What the authority offers: policies, and what every token says beside the imprint.

use std::sync::Arc;

use der::Encode as _;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::qc::{QcStatement, QcStatements};
use pki_asn1::tsp::Accuracy;
use pki_asn1::write;
use pki_crypto::DigestAlgorithm;

use crate::instant::GenTimeDigits;

/// One time-stamp policy (RFC 3161 section 2.1).
#[derive(Clone, Debug)]
pub struct TimeStampPolicy {
    /// Its name.
    pub oid: ObjectIdentifier,
    /// How far genTime may be off, in milliseconds.
    pub accuracy_ms: u32,
    /// Digest algorithms of imprints.
    pub digests: Vec<DigestAlgorithm>,
    /// Whether its tokens claim to be qualified.
    pub qualified: Qualified,
}

/// Whether a token carries esi4-qtstStatement-1 (EN 319 422 clause 9.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Qualified {
    /// It does not.
    #[default]
    Unstated,
    /// It claims to be an EU qualified electronic time-stamp.
    Stated,
}

impl TimeStampPolicy {
    /// SHA-2 from 256 bits, an accuracy of one second.
    #[must_use]
    pub fn new(oid: ObjectIdentifier) -> Self {
        Self {
            oid,
            accuracy_ms: 1000,
            digests: vec![
                DigestAlgorithm::Sha256,
                DigestAlgorithm::Sha384,
                DigestAlgorithm::Sha512,
            ],
            qualified: Qualified::Unstated,
        }
    }
}

/// Whether tokens can be ordered by their genTime alone (RFC 3161 section 2.4.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ordering {
    /// That is not claimed.
    #[default]
    NotClaimed,
    /// Each has a genTime of its own, later than that of every earlier one.
    Claimed,
}

/// The `tsa` field (RFC 3161 section 2.4.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TsaName {
    /// Left out: the certificate names the authority.
    #[default]
    Omitted,
    /// The subject of the unit's certificate.
    Subject,
}

/// What all policies have in common.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Digits of a second in genTime.
    pub digits: GenTimeDigits,
    /// Whether order is claimed.
    pub ordering: Ordering,
    /// Whether the authority is named.
    pub tsa: TsaName,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            digits: GenTimeDigits::MILLIS,
            ordering: Ordering::NotClaimed,
            tsa: TsaName::Omitted,
        }
    }
}

/// A policy with what its tokens say of it, encoded once.
#[derive(Clone, Debug)]
pub struct OfferedPolicy {
    /// The policy.
    pub policy: TimeStampPolicy,
    /// The policy's OID in DER.
    pub(crate) oid: Vec<u8>,
    /// `Accuracy` in DER.
    pub(crate) accuracy: Vec<u8>,
    /// `extensions [1]` in DER, empty where there are none.
    pub(crate) extensions: Vec<u8>,
}

impl OfferedPolicy {
    /// Encodes what does not change from token to token.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn new(policy: TimeStampPolicy) -> der::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            oid: write::oid(&policy.oid),
            accuracy: accuracy(policy.accuracy_ms)?,
            extensions: match policy.qualified {
                Qualified::Unstated => Vec::new(),
                Qualified::Stated => qualified_statement()?,
            },
            policy,
        }))
    }
}

/// `Accuracy` (DER) of so many milliseconds.
fn accuracy(millis: u32) -> der::Result<Vec<u8>> {
    let nonzero = |n: u32| (n > 0).then_some(n);
    Accuracy {
        seconds: nonzero(millis / 1000).map(u64::from),
        millis: nonzero(millis % 1000).and_then(|n| u16::try_from(n).ok()),
        micros: None,
    }
    .to_der()
}

/// `extensions [1] IMPLICIT` with qcStatements, not critical, whose only statement is
/// esi4-qtstStatement-1.
fn qualified_statement() -> der::Result<Vec<u8>> {
    let statements = QcStatements(vec![QcStatement::bare(oid::TSTS_EU_QCOMPLIANCE)]).to_der()?;
    let value = write::tlv(write::OCTET_STRING, &[&statements]);
    let id = write::oid(&oid::PE_QC_STATEMENTS);
    let extension = write::tlv(write::SEQUENCE, &[&id, &value]);
    Ok(write::tlv(write::context(1), &[&extension]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_splits_into_seconds_and_milliseconds() {
        assert_eq!(accuracy(1000).unwrap(), [0x30, 3, 2, 1, 1]);
        assert_eq!(
            accuracy(1500).unwrap(),
            [0x30, 7, 2, 1, 1, 0x80, 2, 1, 0xF4]
        );
        assert_eq!(accuracy(100).unwrap(), [0x30, 3, 0x80, 1, 100]);
    }
}
