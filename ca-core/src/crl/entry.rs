//! DER of one entry of `revokedCertificates`, appended to a buffer without an allocation of its own.

use pki_asn1::UnixTime;

use crate::revocation::RevocationReason;

/// What an entry says beside the serial number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EntryFields {
    /// revocationDate.
    pub date: UnixTime,
    /// reasonCode.
    pub reason: EntryReason,
    /// invalidityDate (RFC 5280 section 5.3.2).
    pub invalidity_date: Option<UnixTime>,
}

/// The reasonCode of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryReason {
    /// The certificate is revoked or suspended.
    Revoked(RevocationReason),
    /// removeFromCRL: the certificate is no longer on hold. In deltas only (RFC 5280 section 5.3.1).
    Removed,
}

/// id-ce-cRLReasons with its value's headers: `SEQUENCE { OID, OCTET STRING { ENUMERATED } }`.
const REASON: [u8; 11] = [
    0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01,
];
/// id-ce-invalidityDate with its value's headers: `SEQUENCE { OID, OCTET STRING { GeneralizedTime } }`.
const INVALIDITY_DATE: [u8; 11] = [
    0x30, 0x18, 0x06, 0x03, 0x55, 0x1D, 0x18, 0x04, 0x11, 0x18, 0x0F,
];
const REMOVE_FROM_CRL: u8 = 8;

/// Appends one entry.
///
/// ```text
/// SEQUENCE {
///     userCertificate      CertificateSerialNumber,
///     revocationDate       Time,
///     crlEntryExtensions   Extensions OPTIONAL }
/// ```
pub(crate) fn write_entry(serial: &[u8], fields: &EntryFields, out: &mut Vec<u8>) {
    let code = match fields.reason {
        // RFC 5280 section 5.3.1: unspecified is said by saying nothing.
        EntryReason::Revoked(RevocationReason::Unspecified) => None,
        EntryReason::Revoked(reason) => Some(reason.code()),
        EntryReason::Removed => Some(REMOVE_FROM_CRL),
    };
    let reason = code.map_or(0, |_| REASON.len() + 1);
    let invalidity = fields
        .invalidity_date
        .map_or(0, |_| INVALIDITY_DATE.len() + 15);
    let extensions = reason + invalidity;
    let list = match extensions {
        0 => 0,
        n => 2 + n,
    };
    let date = time_length(fields.date);
    let inside = header_length(serial.len()) + serial.len() + date + list;
    write_header(0x30, inside, out);
    write_header(0x02, serial.len(), out);
    out.extend_from_slice(serial);
    write_time(fields.date, out);
    if extensions > 0 {
        write_header(0x30, extensions, out);
    }
    if let Some(code) = code {
        out.extend_from_slice(&REASON);
        out.push(code);
    }
    if let Some(date) = fields.invalidity_date {
        out.extend_from_slice(&INVALIDITY_DATE);
        write_digits(date, Century::Written, out);
    }
}

/// Appends a tag and a length in its shortest form.
pub(crate) fn write_header(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        out.push(short);
        return;
    }
    let octets = length.to_be_bytes();
    let first = octets.iter().position(|b| *b != 0).unwrap_or(0);
    let significant = &octets[first..];
    // At most eight octets of length.
    out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    out.extend_from_slice(significant);
}

/// Octets of a tag with the length of a value that long.
pub(crate) fn header_length(length: usize) -> usize {
    if length < 0x80 {
        return 2;
    }
    let bits = usize::BITS - length.leading_zeros();
    2 + bits.div_ceil(8) as usize
}

/// The first second of 2050: from then on `Time` is GeneralizedTime (RFC 5280 section 5.1.2.4).
const YEAR_2050: i64 = 2_524_608_000;

fn time_length(time: UnixTime) -> usize {
    if time.as_secs() < YEAR_2050 { 15 } else { 17 }
}

/// Appends a `Time` (RFC 5280 section 5.1.2.4).
pub(crate) fn write_time(time: UnixTime, out: &mut Vec<u8>) {
    if time.as_secs() < YEAR_2050 {
        out.extend_from_slice(&[0x17, 13]);
        write_digits(time, Century::Implied, out);
    } else {
        out.extend_from_slice(&[0x18, 15]);
        write_digits(time, Century::Written, out);
    }
}

#[derive(Clone, Copy)]
enum Century {
    Implied,
    Written,
}

/// `[YY]YYMMDDHHMMSSZ`
fn write_digits(time: UnixTime, century: Century, out: &mut Vec<u8>) {
    let seconds = time.as_secs();
    let (year, month, day) = date_of(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let mut text = [b'Z'; 15];
    let pairs = [
        year / 100,
        year % 100,
        month,
        day,
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60,
    ];
    for (place, value) in text.chunks_exact_mut(2).zip(pairs) {
        // Each below 100: `UnixTime` ends with the year 9999.
        let value = u8::try_from(value).unwrap_or(0);
        place.copy_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
    }
    out.extend_from_slice(match century {
        Century::Implied => &text[2..],
        Century::Written => &text,
    });
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar. Years begin with
/// March here, so that the leap day is the last; 400 years have 146,097 days.
fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::{Decode as _, Encode as _};
    use pki_asn1::crl::CrlEntry;
    use pki_asn1::oid;
    use proptest::prelude::*;

    proptest! {
        // `der` and `x509-cert` are the judges here; openssl and pkilint judge whole CRLs.
        #[test]
        fn an_entry_is_what_the_asn1_library_reads_and_writes(
            mut serial in prop::collection::vec(any::<u8>(), 1..200),
            date in 0_i64..=253_402_300_799,
            code in prop::sample::select(vec![0_u8, 1, 2, 3, 4, 5, 6, 8, 9]),
            invalidity in prop::option::of(0_i64..=253_402_300_799),
        ) {
            serial[0] = serial[0] & 0x7f | 0x40;
            let fields = EntryFields {
                date: UnixTime::from_secs(date),
                reason: RevocationReason::from_code(code)
                    .map_or(EntryReason::Removed, EntryReason::Revoked),
                invalidity_date: invalidity.map(UnixTime::from_secs),
            };
            let mut out = vec![0xAA];
            write_entry(&serial, &fields, &mut out);
            let entry = CrlEntry::from_der(&out[1..]).unwrap();
            prop_assert_eq!(entry.serial_number.as_bytes(), serial.as_slice());
            prop_assert_eq!(entry.revocation_date, fields.date.to_x509());
            prop_assert_eq!(entry.reason().map_or(0, |r| r as u8), code);
            let date = entry.extension(&oid::CE_INVALIDITY_DATE).map(|e| e.extn_value.as_bytes());
            let expected = fields.invalidity_date.map(|d| d.to_generalized().to_der().unwrap());
            prop_assert_eq!(date, expected.as_deref());
            prop_assert_eq!(entry.to_der().unwrap(), &out[1..]);
        }

        #[test]
        fn a_header_is_as_long_as_announced(length in any::<u32>()) {
            let mut out = Vec::new();
            write_header(0x30, length as usize, &mut out);
            prop_assert_eq!(out.len(), header_length(length as usize));
        }
    }
}
