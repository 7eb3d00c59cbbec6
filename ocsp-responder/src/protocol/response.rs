//! Writing responses (RFC 6960 section 4.2) around the original bytes of the CertIDs.

use ca_core::RevocationReason;
use ca_core::status::Status;
use der::asn1::ObjectIdentifier;
use hyper::body::Bytes;
use pki_asn1::ocsp::OcspResponseStatus;
use pki_asn1::{UnixTime, oid, write};

const OBJECT_IDENTIFIER: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;

/// What is said about one certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It was issued: good or revoked.
    Issued(Status),
    /// It was never issued: `unknown`.
    Unknown,
    /// It was never issued: `revoked` since 1970, on hold (RFC 6960 section 2.2), which needs the
    /// extended-revoke extension.
    ExtendedRevoked,
}

/// One `SingleResponse`.
#[derive(Clone, Copy, Debug)]
pub struct Single<'a> {
    /// The CertID as asked (DER).
    pub cert_id: &'a [u8],
    /// The status.
    pub answer: Answer,
    /// archiveCutoff (RFC 6960 section 4.4.4), never on certificates that were not issued.
    pub archive_cutoff: Option<UnixTime>,
}

/// When an answer was made and how long it holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// producedAt: when it was signed.
    pub produced_at: UnixTime,
    /// thisUpdate: producedAt, or some minutes before for clients whose clock is slow.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
}

impl Window {
    /// After half of its life a new answer is signed.
    #[must_use]
    pub fn refresh_at(&self) -> UnixTime {
        let life = self.next_update.since(self.produced_at);
        UnixTime::from_secs(self.produced_at.as_secs() + life / 2)
    }
}

/// `byKey [2] KeyHash` of a `ResponderID` (DER).
#[must_use]
pub fn by_key(key_hash: &[u8; 20]) -> Vec<u8> {
    let hash = write::tlv(write::OCTET_STRING, &[key_hash]);
    write::tlv(write::context(2), &[&hash])
}

/// `byName [1] Name` of a `ResponderID` (DER); `name` is the DER of the subject.
#[must_use]
pub fn by_name(name: &[u8]) -> Vec<u8> {
    write::tlv(write::context(1), &[name])
}

/// The `ResponseData` (DER) to be signed; `responder` is the `ResponderID` (DER).
#[must_use]
pub fn response_data(
    responder: &[u8],
    window: Window,
    singles: &[Single<'_>],
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let produced_at = generalized(window.produced_at);
    let list: Vec<Vec<u8>> = singles.iter().map(|s| single(s, window)).collect();
    let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    let list = write::tlv(write::SEQUENCE, &list);
    let mut extensions = Vec::new();
    if let Some(nonce) = nonce {
        let value = write::tlv(write::OCTET_STRING, &[nonce]);
        extensions.extend(extension(&oid::OCSP_NONCE, &value));
    }
    if singles.iter().any(|s| s.answer == Answer::ExtendedRevoked) {
        // RFC 6960 section 4.4.8: NULL.
        extensions.extend(extension(&oid::OCSP_EXTENDED_REVOKE, &[0x05, 0x00]));
    }
    let extensions = explicit_extensions(&extensions);
    write::tlv(
        write::SEQUENCE,
        &[responder, &produced_at, &list, &extensions],
    )
}

/// A successful `OCSPResponse` (DER) whose `BasicOCSPResponse` has these fields.
#[must_use]
pub fn successful(basic: &[&[u8]]) -> Vec<u8> {
    let basic = write::tlv(write::SEQUENCE, basic);
    let basic = write::tlv(write::OCTET_STRING, &[&basic]);
    let kind = object_identifier(&oid::OCSP_BASIC);
    let bytes = write::tlv(write::SEQUENCE, &[&kind, &basic]);
    let bytes = write::tlv(write::context(0), &[&bytes]);
    write::tlv(write::SEQUENCE, &[&[0x0A, 1, 0], &bytes])
}

/// An unsigned error response (RFC 6960 section 2.3).
#[must_use]
pub fn error(status: OcspResponseStatus) -> Bytes {
    const BODIES: [[u8; 5]; 7] = {
        let mut bodies = [[0x30, 3, 0x0A, 1, 0]; 7];
        let mut code = 0;
        while code < bodies.len() {
            bodies[code][4] = code as u8;
            code += 1;
        }
        bodies
    };
    Bytes::from_static(&BODIES[status as usize])
}

fn single(single: &Single<'_>, window: Window) -> Vec<u8> {
    let status = match single.answer {
        Answer::Issued(Status::Good) => vec![0x80, 0],
        Answer::Unknown => vec![0x82, 0],
        Answer::Issued(Status::Revoked { at, reason, .. }) => revoked(at, reason),
        Answer::ExtendedRevoked => revoked(UnixTime::EPOCH, RevocationReason::CertificateHold),
    };
    let this_update = generalized(window.this_update);
    let next_update = write::tlv(write::context(0), &[&generalized(window.next_update)]);
    let extensions = single.archive_cutoff.map_or_else(Vec::new, |cutoff| {
        extension(&oid::OCSP_ARCHIVE_CUTOFF, &generalized(cutoff))
    });
    let extensions = explicit_extensions(&extensions);
    write::tlv(
        write::SEQUENCE,
        &[
            single.cert_id,
            &status,
            &this_update,
            &next_update,
            &extensions,
        ],
    )
}

fn revoked(at: UnixTime, reason: RevocationReason) -> Vec<u8> {
    let at = generalized(at);
    let reason = match reason {
        RevocationReason::Unspecified => Vec::new(),
        other => write::tlv(write::context(0), &[&[0x0A, 1, other.code()]]),
    };
    write::tlv(write::context(1), &[&at, &reason])
}

/// `[1] EXPLICIT Extensions`, or nothing where there are none.
fn explicit_extensions(extensions: &[u8]) -> Vec<u8> {
    if extensions.is_empty() {
        return Vec::new();
    }
    let list = write::tlv(write::SEQUENCE, &[extensions]);
    write::tlv(write::context(1), &[&list])
}

fn extension(id: &ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    let value = write::tlv(write::OCTET_STRING, &[value]);
    write::tlv(write::SEQUENCE, &[&object_identifier(id), &value])
}

fn object_identifier(id: &ObjectIdentifier) -> Vec<u8> {
    write::tlv(OBJECT_IDENTIFIER, &[id.as_bytes()])
}

/// YYYYMMDDHHMMSSZ, without a fraction (RFC 9919 section 3.2.4).
fn generalized(time: UnixTime) -> Vec<u8> {
    let t = time.to_date_time();
    let mut der = vec![GENERALIZED_TIME, 15];
    let mut digits = |value: u16, mut unit: u16| {
        while unit > 0 {
            der.push(b'0' + (value / unit % 10) as u8);
            unit /= 10;
        }
    };
    digits(t.year(), 1000);
    for part in [t.month(), t.day(), t.hour(), t.minutes(), t.seconds()] {
        digits(part.into(), 10);
    }
    der.push(b'Z');
    der
}
