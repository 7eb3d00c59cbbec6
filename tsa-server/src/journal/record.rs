//! Records of the token journal: one JSON object a line, each chained to the one before.
//!
//! ```text
//! {"n":2,"time":"2026-11-22T09:00:00.123Z","event":"token",...,"chain":"9f86d0..."}
//! ```
//!
//! `chain` is the SHA-256 of the previous record's `chain` (32 octets; zeros before the first record)
//! followed by the line up to the comma before `"chain"`.

use std::fmt::Write as _;

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

use crate::clock::{ClockEvent, Reading};
use crate::instant::UtcInstant;
use crate::token::Serial;

/// What `format` says in the first record of a segment.
pub const FORMAT: &str = "sceau.tsa-journal/1";

/// The longest line that is read; the longest that is written is far below.
pub const MAX_LINE: usize = 8192;

/// The value of `chain`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Chain([u8; 32]);

impl Chain {
    /// Before the first record.
    pub const ZERO: Self = Self([0; 32]);

    /// Reads 64 hexadecimal digits as they are written: lower-case, so that no other text stands for
    /// the same value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut octets = [0; 32];
        let digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(digit) {
            return None;
        }
        for (octet, at) in octets.iter_mut().zip((0..64).step_by(2)) {
            *octet = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(octets))
    }

    /// That of a record after this one, whose line begins with `head`.
    #[must_use]
    pub fn next(&self, head: &[u8]) -> Self {
        let mut hashed = Vec::with_capacity(32 + head.len());
        hashed.extend_from_slice(&self.0);
        hashed.extend_from_slice(head);
        let digest = DigestAlgorithm::Sha256.digest(&hashed);
        let mut next = [0; 32];
        next.copy_from_slice(digest.as_bytes());
        Self(next)
    }
}

impl std::fmt::Display for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::with_capacity(64);
        push_hex(&mut text, &self.0);
        f.write_str(&text)
    }
}

/// What a record tells, without its number and its place in the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry(String);

impl Entry {
    /// A token, before it is released.
    #[must_use]
    pub fn token(
        time: UtcInstant,
        unit: &str,
        policy: &ObjectIdentifier,
        serial: &Serial,
        imprint: DigestAlgorithm,
        token: &[u8],
    ) -> Self {
        let digest = DigestAlgorithm::Sha256.digest(token);
        let mut text = Self::begin(time, "token");
        let _ = write!(text, ",\"unit\":\"{unit}\",\"policy\":\"{policy}\"");
        text.push_str(",\"serial\":\"");
        push_hex(&mut text, serial.as_bytes());
        let _ = write!(text, "\",\"imprint\":\"{}\"", imprint.name());
        text.push_str(",\"token\":\"");
        push_hex(&mut text, digest.as_bytes());
        text.push('"');
        Self(text)
    }

    /// The clock was lost or is believed again (EN 319 421 clause 7.7.2).
    #[must_use]
    pub fn clock(reading: Reading, event: ClockEvent) -> Self {
        let mut text = Self::begin(reading.utc, "clock");
        match event {
            ClockEvent::Lost(fault) => {
                text.push_str(",\"state\":\"lost\"");
                push_field(&mut text, "reason", &fault.to_string());
            }
            ClockEvent::Regained { offset } => {
                text.push_str(",\"state\":\"synchronised\"");
                if let Some(offset) = offset {
                    let _ = write!(text, ",\"offset-ns\":{offset}");
                }
            }
            ClockEvent::LeapAnnounced => text.push_str(",\"state\":\"leap-second-announced\""),
        }
        Self(text)
    }

    /// Anything else that an auditor should see: `event` is one word, the fields are text.
    #[must_use]
    pub fn event(time: UtcInstant, event: &str, fields: &[(&str, &str)]) -> Self {
        let mut text = Self::begin(time, event);
        for (name, value) in fields {
            push_field(&mut text, name, value);
        }
        Self(text)
    }

    fn begin(time: UtcInstant, event: &str) -> String {
        let mut text = String::with_capacity(320);
        let _ = write!(text, "\"time\":\"{time}\",\"event\":\"{event}\"");
        text
    }

    /// Appends the record's line to `out` and gives its place in the chain.
    pub fn write(&self, number: u64, previous: &Chain, out: &mut Vec<u8>) -> Chain {
        let begin = out.len();
        out.extend_from_slice(format!("{{\"n\":{number},{}", self.0).as_bytes());
        let chain = previous.next(&out[begin..]);
        out.extend_from_slice(format!("{CHAIN}{chain}{END}\n").as_bytes());
        chain
    }
}

const CHAIN: &str = ",\"chain\":\"";
const END: &str = "\"}";

fn push_field(text: &mut String, name: &str, value: &str) {
    let value = serde_json::Value::from(value);
    let _ = write!(text, ",\"{name}\":{value}");
}

fn push_hex(text: &mut String, octets: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for octet in octets {
        text.push(char::from(DIGITS[usize::from(octet >> 4)]));
        text.push(char::from(DIGITS[usize::from(octet & 15)]));
    }
}

/// A record as read: what checking and recovering need of it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize)]
pub struct Record {
    /// Its number, from 1 without gaps through all segments.
    pub n: u64,
    /// When it was made; genTime before truncation in a token's.
    pub time: String,
    /// What it tells.
    pub event: String,
    /// A token's serial number, in hexadecimal.
    pub serial: Option<String>,
    /// The chain of the previous segment, in a segment's first record.
    pub previous: Option<String>,
    /// The format, in a segment's first record.
    pub format: Option<String>,
}

/// Why a line is no record in its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// The file ends in it.
    #[error("the line is not complete")]
    Incomplete,
    /// Octets that were never written: a file system after a power cut.
    #[error("the line has NUL octets")]
    Nul,
    /// Not of the format.
    #[error("the line is no record")]
    NoRecord,
    /// The chain does not fit: this line or the one before was changed, or one was taken out.
    #[error("the chain is broken here: this line or the one before is not what was written")]
    Chain,
    /// The number does not follow.
    #[error("the number does not follow that of the record before")]
    Number,
    /// The first record of a segment is something else.
    #[error("the segment does not begin with its own record")]
    Head,
}

impl Record {
    /// Reads a line, its line feed included, as the record after `previous`.
    ///
    /// # Errors
    /// [`LineFault`].
    pub fn read(line: &[u8], number: u64, previous: &Chain) -> Result<(Self, Chain), LineFault> {
        let Some((b'\n', line)) = line.split_last() else {
            return Err(LineFault::Incomplete);
        };
        if line.contains(&0) {
            return Err(LineFault::Nul);
        }
        let tail = CHAIN.len() + 64 + END.len();
        let head = line.len().checked_sub(tail).ok_or(LineFault::NoRecord)?;
        let (head, tail) = line.split_at(head);
        let chain = previous.next(head);
        let record: Self = serde_json::from_slice(line).map_err(|_| LineFault::NoRecord)?;
        if tail != format!("{CHAIN}{chain}{END}").as_bytes() {
            return Err(LineFault::Chain);
        }
        if record.n != number {
            return Err(LineFault::Number);
        }
        Ok((record, chain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_alone_stands_for_a_chain_value() {
        let written = Chain([0x0F; 32]).to_string();
        assert_eq!(Chain::parse(&written), Some(Chain([0x0F; 32])));
        for other in [
            written.to_uppercase(),
            written.replacen("0f", "+f", 1),
            written.replacen("0f", " f", 1),
            written.replacen("0f", "é", 1),
            format!("{written}0"),
        ] {
            assert_eq!(Chain::parse(&other), None, "{other}");
        }
    }
}
