//! One line of the database of `openssl ca` (`index.txt`): six fields between tabs.
//!
//! ```text
//! status      V valid, R revoked, E expired
//! expiry      UTCTime or GeneralizedTime
//! revocation  empty, or date[,reason[,extra]]
//! serial      hexadecimal
//! file        "unknown" in every version that is in use
//! subject     /C=MC/O=Acme SAM, with \xHH for octets that are not printable ASCII
//! ```
//!
//! A tab inside a field is written with a backslash before it. Lines that begin with `#` are comments.

use core::str::FromStr;

use der::DateTime;
use pki_asn1::UnixTime;

use super::decide::PastRevocation;
use super::serial::{SerialError, serial_from_hex};
use crate::revocation::RevocationReason;

/// What the database says about a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IndexStatus {
    /// V: issued.
    Valid,
    /// R: revoked.
    Revoked(PastRevocation),
    /// E: issued and expired; `openssl ca -updatedb` writes it.
    Expired,
}

/// One certificate of the database.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IndexLine {
    /// Its status.
    pub status: IndexStatus,
    /// The end of its validity.
    pub not_after: UnixTime,
    /// Its serial number (content octets).
    pub serial: Vec<u8>,
    /// Its serial number as written, which is also the name of its file.
    pub serial_text: String,
    /// The file, where one is named.
    pub file: Option<String>,
    /// The subject as it may be shown: escapes undone where they are UTF-8.
    pub subject: String,
    /// What the line says that this record cannot keep.
    pub remark: Option<&'static str>,
}

/// Why a line is not understood.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// Not six fields.
    #[error("the line has {0} fields between tabs, not 6")]
    Fields(usize),
    /// A status nobody knows.
    #[error("the status is {0:?}, not V, R or E")]
    Status(String),
    /// No date.
    #[error("the {what} {text:?} is no date such as 261231235959Z or 20501231235959Z")]
    Date {
        /// Which date.
        what: &'static str,
        /// What was written.
        text: String,
    },
    /// A reason nobody knows.
    #[error("the revocation reason {0:?} is not one of openssl's")]
    Reason(String),
    /// A revoked certificate without a date, or a valid one with one.
    #[error("the status is {status}, and the revocation date is {date}")]
    Contradiction {
        /// The status.
        status: &'static str,
        /// `missing` or `there`.
        date: &'static str,
    },
    /// No serial number.
    #[error(transparent)]
    Serial(#[from] SerialError),
}

impl IndexLine {
    /// Reads one line, without its line end; `None` for a comment or an empty line.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn parse(line: &[u8]) -> Result<Option<Self>, IndexError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(None);
        }
        let fields = split(line);
        let [status, expiry, revoked, serial, file, subject] = fields.as_slice() else {
            return Err(IndexError::Fields(fields.len()));
        };
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        let (expiry, revoked, serial_text) = (text(expiry), text(revoked), text(serial));
        let not_after = date(&expiry).ok_or_else(|| IndexError::Date {
            what: "expiry",
            text: expiry.clone(),
        })?;
        let mut remark = None;
        let status = match (status.as_slice(), revoked.as_str()) {
            (b"V", "") => IndexStatus::Valid,
            (b"E", "") => IndexStatus::Expired,
            // `-updatedb` leaves the revocation of a certificate that expired in place.
            (b"R" | b"E", info) if !info.is_empty() => {
                let (revocation, told) = revocation(info)?;
                remark = told;
                IndexStatus::Revoked(revocation)
            }
            (b"R", _) => {
                return Err(IndexError::Contradiction {
                    status: "R",
                    date: "missing",
                });
            }
            (b"V", _) => {
                return Err(IndexError::Contradiction {
                    status: "V",
                    date: "there",
                });
            }
            (other, _) => return Err(IndexError::Status(text(other))),
        };
        let file = text(file);
        Ok(Some(Self {
            status,
            not_after,
            serial: serial_from_hex(&serial_text)?,
            serial_text: serial_text.trim().to_owned(),
            file: (!matches!(file.as_str(), "" | "unknown")).then_some(file),
            subject: subject_text(subject),
            remark,
        }))
    }
}

impl IndexError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Fields(_) => {
                "check that this is the file that `database` names in openssl's configuration"
            }
            Self::Status(_) | Self::Date { .. } | Self::Contradiction { .. } => {
                "correct the line in a copy of the file, from the certificate or from a CRL"
            }
            Self::Reason(_) => {
                "write one of openssl's reasons, such as keyCompromise, in a copy of the file"
            }
            Self::Serial(_) => "take the serial number from the certificate",
        }
    }
}

/// Fields between tabs; a tab after a backslash belongs to the field, without the backslash.
fn split(line: &[u8]) -> Vec<Vec<u8>> {
    let mut fields = vec![Vec::new()];
    for byte in line {
        let Some(field) = fields.last_mut() else {
            break;
        };
        match byte {
            b'\t' if field.last() == Some(&b'\\') => {
                field.pop();
                field.push(b'\t');
            }
            b'\t' => fields.push(Vec::new()),
            other => field.push(*other),
        }
    }
    fields
}

/// UTCTime (two digits of year, 1950 to 2049) or GeneralizedTime, both in UTC; old versions left the
/// seconds out.
fn date(text: &str) -> Option<UnixTime> {
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match digits.len() {
        10 | 12 => {
            let year: u16 = digits[..2].parse().ok()?;
            (if year < 50 { 2000 } else { 1900 } + year, &digits[2..])
        }
        14 => (digits[..4].parse().ok()?, &digits[4..]),
        _ => return None,
    };
    let part = |at: usize| -> Option<u8> {
        match rest.get(at..at + 2) {
            Some(two) => two.parse().ok(),
            None => Some(0),
        }
    };
    let time = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    time.ok().map(UnixTime::from)
}

/// `date[,reason[,extra]]`.
fn revocation(info: &str) -> Result<(PastRevocation, Option<&'static str>), IndexError> {
    use RevocationReason::{CaCompromise, CertificateHold, KeyCompromise, Unspecified};
    let wrong_date = |what, text: &str| IndexError::Date {
        what,
        text: text.to_owned(),
    };
    let mut parts = info.splitn(3, ',');
    let when = parts.next().unwrap_or_default();
    let at = date(when).ok_or_else(|| wrong_date("revocation date", when))?;
    let (name, extra) = (parts.next(), parts.next());
    let mut invalidity_date = None;
    let mut remark = None;
    let mut since = |extra: Option<&str>| -> Result<(), IndexError> {
        let text = extra.unwrap_or_default();
        invalidity_date = Some(date(text).ok_or_else(|| wrong_date("invalidity date", text))?);
        Ok(())
    };
    // openssl compares without regard to case.
    let reason = match name.map(str::to_ascii_lowercase).as_deref() {
        None => Unspecified,
        Some("holdinstruction") => {
            remark = Some("the hold instruction is not kept: RFC 5280 no longer has it");
            CertificateHold
        }
        Some("keytime") => {
            since(extra)?;
            KeyCompromise
        }
        Some("cakeytime") => {
            since(extra)?;
            CaCompromise
        }
        Some("removefromcrl") => {
            remark = Some("removeFromCRL is no reason on a full CRL; recorded without a reason");
            Unspecified
        }
        Some(other) => RevocationReason::from_str(other)
            .map_err(|_| IndexError::Reason(name.unwrap_or_default().to_owned()))?,
    };
    let revocation = PastRevocation {
        at,
        reason,
        invalidity_date,
    };
    Ok((revocation, remark))
}

/// `/C=MC/CN=Zo\xC3\xA9` becomes `/C=MC/CN=Zoé`. What is no UTF-8, and what would move a terminal's
/// cursor, stays escaped.
fn subject_text(field: &[u8]) -> String {
    let mut octets = Vec::with_capacity(field.len());
    let mut at = 0;
    while at < field.len() {
        let digit = |i: usize| field.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (&field[at..], digit(at + 2), digit(at + 3)) {
            ([b'\\', b'x', ..], Some(high), Some(low)) => {
                octets.push((high * 16 + low) as u8);
                at += 4;
            }
            _ => {
                octets.push(field[at]);
                at += 1;
            }
        }
    }
    let text =
        String::from_utf8(octets).unwrap_or_else(|_| String::from_utf8_lossy(field).into_owned());
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(line: &str) -> Result<IndexLine, IndexError> {
        IndexLine::parse(line.as_bytes()).map(|line| line.unwrap())
    }

    fn time(text: &str) -> UnixTime {
        text.parse().unwrap()
    }

    #[test]
    fn each_status_date_and_suffix_is_understood() {
        let line = parse("V\t261231235959Z\t\t0F\tunknown\t/C=MC/CN=Zo\\xC3\\xA9").unwrap();
        assert_eq!(line.status, IndexStatus::Valid);
        assert_eq!(line.not_after, time("2026-12-31T23:59:59Z"));
        assert_eq!((line.serial.as_slice(), line.file), (&[15][..], None));
        assert_eq!(line.subject, "/C=MC/CN=Zo\u{e9}");
        let line = parse("E\t20501231235959Z\t\tABC\tcerts/abc.pem\t/CN=x").unwrap();
        assert_eq!(line.status, IndexStatus::Expired);
        assert_eq!(line.not_after, time("2050-12-31T23:59:59Z"));
        assert_eq!(line.serial, [0x0a, 0xbc]);
        assert_eq!(line.file.as_deref(), Some("certs/abc.pem"));
        for (suffix, reason, since) in [
            ("", RevocationReason::Unspecified, None),
            (",keyCompromise", RevocationReason::KeyCompromise, None),
            (",CACompromise", RevocationReason::CaCompromise, None),
            (",superseded", RevocationReason::Superseded, None),
            (",certificateHold", RevocationReason::CertificateHold, None),
            (
                ",holdInstruction,1.2.840.10040.2.2",
                RevocationReason::CertificateHold,
                None,
            ),
            (
                ",keyTime,20250102030405Z",
                RevocationReason::KeyCompromise,
                Some("2025-01-02T03:04:05Z"),
            ),
            (
                ",CAkeyTime,20250102030405Z",
                RevocationReason::CaCompromise,
                Some("2025-01-02T03:04:05Z"),
            ),
            (",removeFromCRL", RevocationReason::Unspecified, None),
        ] {
            let line = parse(&format!(
                "R\t991231235959Z\t250203040506Z{suffix}\t01\tunknown\t/CN=x"
            ))
            .unwrap();
            let expected = PastRevocation {
                at: time("2025-02-03T04:05:06Z"),
                reason,
                invalidity_date: since.map(time),
            };
            assert_eq!(line.status, IndexStatus::Revoked(expected), "{suffix}");
            assert_eq!(line.not_after, time("1999-12-31T23:59:59Z"));
        }
    }

    #[test]
    fn lines_that_say_nothing_or_too_much_are_refused() {
        assert_eq!(IndexLine::parse(b"# comment"), Ok(None));
        assert_eq!(IndexLine::parse(b"\r"), Ok(None));
        for line in [
            "V\t261231235959Z\t\t01\tunknown",
            "V\t261231235959Z\t\t01\tunknown\t/CN=x\tmore",
            "X\t261231235959Z\t\t01\tunknown\t/CN=x",
            "V\t261331235959Z\t\t01\tunknown\t/CN=x",
            "V\t261231235959\t\t01\tunknown\t/CN=x",
            "V\t261231235959Z\t250203040506Z\t01\tunknown\t/CN=x",
            "R\t261231235959Z\t\t01\tunknown\t/CN=x",
            "R\t261231235959Z\t250203040506Z,boredom\t01\tunknown\t/CN=x",
            "R\t261231235959Z\t250203040506Z,keyTime\t01\tunknown\t/CN=x",
            "V\t261231235959Z\t\t-01\tunknown\t/CN=x",
            "V\t261231235959Z\t\t\tunknown\t/CN=x",
            "V 261231235959Z",
        ] {
            let error = parse(line).unwrap_err();
            assert!(!error.hint().is_empty(), "{line}: {error}");
        }
    }

    #[test]
    fn an_escaped_tab_is_part_of_the_subject_and_shown_escaped() {
        let line = parse("V\t261231235959Z\t\t01\tunknown\t/CN=a\\\tb\\xFF").unwrap();
        assert_eq!(line.subject, "/CN=a\\u{9}b\\xFF");
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = IndexLine::parse(&line);
        }

        #[test]
        fn lines_of_openssls_form_are_read(
            serial in "[0-9A-F]{2,40}", cn in "[ -~&&[^\\\\]]{0,30}", at in 0_i64..4_000_000_000,
        ) {
            let t = UnixTime::from_secs(at).to_string();
            let digits: String = t.chars().filter(char::is_ascii_digit).collect();
            let line = parse(&format!("V\t{digits}Z\t\t{serial}\tunknown\t/CN={cn}")).unwrap();
            prop_assert_eq!(line.not_after, UnixTime::from_secs(at));
            prop_assert_eq!(line.serial, serial_from_hex(&serial).unwrap());
            prop_assert_eq!(line.subject, format!("/CN={cn}"));
        }
    }
}
