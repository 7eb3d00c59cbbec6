//! Tokens and answers in DER (RFC 3161 section 2.4.2, EN 319 422 clause 5).

use ades::cms::build::{BuildError, Embed};
use der::Encode as _;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::tsp::{Accuracy, PkiFailureInfo, PkiStatus, PkiStatusInfo};
use pki_asn1::{UnixTime, write};

use crate::query::{CertReq, Query};
use crate::unit::Unit;

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The key did not sign.
    #[error("the time-stamp was not signed")]
    Sign(#[from] BuildError),
    /// A value does not encode.
    #[error("the time-stamp was not encoded")]
    Der(#[from] der::Error),
    /// The operating system gave no random numbers.
    #[error("no random numbers for a serial number")]
    Random,
}

/// What a token says beside the imprint.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// The policy.
    pub policy: &'a ObjectIdentifier,
    /// The serial number, positive, at most 160 bits.
    pub serial: &'a Serial,
    /// The time.
    pub time: UnixTime,
    /// The accuracy (DER), see [`accuracy`].
    pub accuracy: &'a [u8],
}

/// A serial number as the content octets of an INTEGER.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// 159 random bits: unique across restarts and machines without anything to remember.
    ///
    /// # Errors
    /// [`TokenError::Random`].
    pub fn random() -> Result<Self, TokenError> {
        let mut octets = [0u8; 20];
        getrandom::fill(&mut octets).map_err(|_| TokenError::Random)?;
        Ok(Self::from_octets(octets))
    }

    /// A positive INTEGER in its minimal form.
    fn from_octets(mut octets: [u8; 20]) -> Self {
        octets[0] &= 0x7F;
        let zeros = octets.iter().take_while(|b| **b == 0).count();
        let significant = &octets[zeros.min(19)..];
        let mut content = Vec::with_capacity(20);
        if significant[0] >= 0x80 {
            content.push(0);
        }
        content.extend_from_slice(significant);
        Self(content)
    }

    /// The content octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `Accuracy` (DER) of so many milliseconds.
///
/// # Errors
/// Where DER encoding fails.
pub fn accuracy(millis: u32) -> der::Result<Vec<u8>> {
    let nonzero = |n: u32| (n > 0).then_some(n);
    Accuracy {
        seconds: nonzero(millis / 1000).map(u64::from),
        millis: nonzero(millis % 1000).and_then(|n| u16::try_from(n).ok()),
        micros: None,
    }
    .to_der()
}

/// The `TSTInfo` (DER): imprint and nonce are the query's own bytes. `ordering` stays FALSE and the
/// name of the TSA is left to the certificate.
#[must_use]
pub fn tst_info(query: &Query, statement: &Statement<'_>) -> Vec<u8> {
    let policy = write::tlv(0x06, &[statement.policy.as_bytes()]);
    let serial = write::tlv(write::INTEGER, &[statement.serial.as_bytes()]);
    let gen_time = statement.time.to_date_time();
    let gen_time = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        gen_time.year(),
        gen_time.month(),
        gen_time.day(),
        gen_time.hour(),
        gen_time.minutes(),
        gen_time.seconds()
    );
    let gen_time = write::tlv(0x18, &[gen_time.as_bytes()]);
    write::tlv(
        write::SEQUENCE,
        &[
            &[write::INTEGER, 1, 1],
            &policy,
            &query.imprint,
            &serial,
            &gen_time,
            statement.accuracy,
            query.nonce.as_deref().unwrap_or_default(),
        ],
    )
}

/// Signs a token: `ContentInfo` with `SignedData` version 3 over the `TSTInfo`; signed attributes
/// content-type, message-digest and signing-certificate-v2 (RFC 5816), certificates only where the
/// query wants them.
///
/// # Errors
/// Where the key does not sign.
pub fn sign(unit: &Unit, query: &Query, statement: &Statement<'_>) -> Result<Vec<u8>, TokenError> {
    let info = tst_info(query, statement);
    let digest = unit.signer.digest_algorithm().digest(&info);
    let signed = unit.signer.sign(oid::CT_TST_INFO, &digest, &[])?;
    let embed = match query.certificate {
        CertReq::Wanted => Embed::Certificates,
        CertReq::NotWanted => Embed::Nothing,
    };
    Ok(signed.embed(embed).attached(&info))
}

/// A `TimeStampResp` (DER) that grants the token.
#[must_use]
pub fn granted(token: &[u8]) -> Vec<u8> {
    let status = write::tlv(
        write::SEQUENCE,
        &[&[write::INTEGER, 1, PkiStatus::Granted as u8]],
    );
    write::tlv(write::SEQUENCE, &[&status, token])
}

/// A `TimeStampResp` (DER) that rejects, with a text and the failure bit.
///
/// # Errors
/// Where DER encoding fails.
pub fn rejected(failure: PkiFailureInfo, text: &str) -> der::Result<Vec<u8>> {
    let status = PkiStatusInfo {
        status: PkiStatus::Rejection as u8,
        status_string: Some(vec![text.to_owned()]),
        fail_info: Some(failure.to_bit_string()?),
    };
    Ok(write::tlv(write::SEQUENCE, &[&status.to_der()?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode as _;
    use der::asn1::Int;

    #[test]
    fn a_serial_is_positive_and_minimal_whatever_the_random_octets() {
        let mut cases = vec![[0xFF; 20], [0; 20], [0x80; 20]];
        for leading in 0..20 {
            let mut octets = [0xA5; 20];
            octets[..leading].fill(0);
            cases.push(octets);
        }
        for octets in cases {
            let serial = Serial::from_octets(octets);
            let der = write::tlv(write::INTEGER, &[serial.as_bytes()]);
            let int = Int::from_der(&der).unwrap();
            assert_eq!(int.to_der().unwrap(), der);
            assert!(serial.as_bytes()[0] < 0x80 && serial.as_bytes().len() <= 20);
        }
        assert_ne!(Serial::random().unwrap(), Serial::random().unwrap());
    }

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
