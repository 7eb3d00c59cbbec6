//! Tokens and answers in DER (RFC 3161 section 2.4.2, EN 319 422 clause 5).

use ades::cms::build::{BuildError, Embed};
use der::Encode as _;
use pki_asn1::tsp::{PkiFailureInfo, PkiStatus, PkiStatusInfo};
use pki_asn1::{Certificate, oid, write};

use crate::instant::UtcInstant;
use crate::offer::{Form, Ordering, TsaName};
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

/// What a token says beside what its query and its policy say.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The serial number, positive, at most 160 bits.
    pub serial: &'a Serial,
    /// The time, truncated in the token to the digits of its form.
    pub time: UtcInstant,
    /// What all tokens have in common.
    pub form: Form,
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

/// The `TSTInfo` (DER): imprint and nonce are the query's own bytes. `tsa` is the name (DER) that
/// stands in the field of that name, where it is wanted.
#[must_use]
pub fn tst_info(query: &Query, statement: &Statement<'_>, tsa: &[u8]) -> Vec<u8> {
    let serial = write::tlv(write::INTEGER, &[statement.serial.as_bytes()]);
    let gen_time = statement.time.generalized(statement.form.digits);
    let gen_time = write::tlv(GENERALIZED_TIME, &[gen_time.as_bytes()]);
    // FALSE is the default and so left out (X.690 clause 11.5).
    let ordering: &[u8] = match statement.form.ordering {
        Ordering::NotClaimed => &[],
        Ordering::Claimed => &[0x01, 1, 0xFF],
    };
    let tsa: &[u8] = match statement.form.tsa {
        TsaName::Omitted => &[],
        TsaName::Subject => tsa,
    };
    write::tlv(
        write::SEQUENCE,
        &[
            &[write::INTEGER, 1, 1],
            &query.policy.oid,
            &query.imprint,
            &serial,
            &gen_time,
            &query.policy.accuracy,
            ordering,
            query.nonce.as_deref().unwrap_or_default(),
            tsa,
            &query.policy.extensions,
        ],
    )
}

const GENERALIZED_TIME: u8 = 0x18;

/// `tsa [0] EXPLICIT GeneralName` with the subject of this certificate as its directoryName.
#[must_use]
pub fn tsa_name(certificate: &Certificate) -> Vec<u8> {
    let directory_name = write::tlv(write::context(4), &[certificate.subject_der()]);
    write::tlv(write::context(0), &[&directory_name])
}

/// Signs a token: `ContentInfo` with `SignedData` version 3 over the `TSTInfo`; signed attributes
/// content-type, message-digest and signing-certificate-v2 (RFC 5816), certificates only where the
/// query wants them.
///
/// # Errors
/// Where the key does not sign.
pub fn sign(unit: &Unit, query: &Query, statement: &Statement<'_>) -> Result<Vec<u8>, TokenError> {
    let info = tst_info(query, statement, &unit.tsa_name);
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
}
