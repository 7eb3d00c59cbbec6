//! Serial numbers as tools write them, in hexadecimal.

/// Longer than any serial number in use; RFC 5280 section 4.1.2.2 allows 20 octets.
const MAX_DIGITS: usize = 80;

/// Why a text is no serial number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SerialError {
    /// Not hexadecimal digits.
    #[error("{0:?} is no serial number in hexadecimal digits")]
    Digits(String),
    /// Negative, which RFC 5280 forbids.
    #[error("the serial number {0:?} is negative")]
    Negative(String),
    /// More digits than any serial number has.
    #[error("the serial number has more than {MAX_DIGITS} digits")]
    TooLong,
}

/// The content octets of the DER INTEGER: an odd number of digits, leading zeros, colons and either case
/// all give the same ones.
///
/// # Errors
/// Where it is empty, too long, negative, or no hexadecimal number.
pub fn serial_from_hex(text: &str) -> Result<Vec<u8>, SerialError> {
    let written = text.trim();
    if written.starts_with('-') {
        return Err(SerialError::Negative(written.to_owned()));
    }
    let digits: String = written.chars().filter(|c| *c != ':').collect();
    let significant = digits.trim_start_matches('0');
    if significant.len() > MAX_DIGITS {
        return Err(SerialError::TooLong);
    }
    if digits.is_empty() {
        return Err(SerialError::Digits(written.to_owned()));
    }
    let even = format!(
        "{}{significant}",
        if significant.len() % 2 == 1 { "0" } else { "" }
    );
    let mut octets = hex::decode(even).map_err(|_| SerialError::Digits(written.to_owned()))?;
    // DER integers are signed: the first bit of a positive one is never set. Zero is one octet.
    if octets.first().is_none_or(|first| first & 0x80 != 0) {
        octets.insert(0, 0);
    }
    Ok(octets)
}

/// Whether a CRL may list it: positive, and at most 20 octets (RFC 5280 section 4.1.2.2).
pub(crate) fn is_listable(serial: &[u8]) -> bool {
    let positive = serial.first().is_some_and(|first| first & 0x80 == 0);
    positive && serial.len() <= 20 && serial.iter().any(|octet| *octet != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_serial_is_one_number() {
        for written in ["8F2A09", "008f2a09", "8f:2a:09", "0008F2A09"] {
            assert_eq!(serial_from_hex(written), Ok(vec![0, 0x8f, 0x2a, 9]));
        }
        assert_eq!(serial_from_hex("1"), Ok(vec![1]));
        assert_eq!(serial_from_hex("00"), Ok(vec![0]));
        for bad in ["", ":", "xyz", "-01", "1 2", &"1".repeat(81)] {
            assert!(serial_from_hex(bad).is_err(), "{bad}");
        }
    }
}
