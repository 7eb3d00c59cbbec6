//! Serial numbers as people write them.

use core::str::FromStr;

/// A serial number's content octets, read from hexadecimal in any of the forms that tools print:
/// upper or lower case, with or without colons, `0x` or leading zeros.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Serial(pub(crate) Vec<u8>);

impl FromStr for Serial {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let bad = || "expected hexadecimal digits, such as 4F2A09 or 4f:2a:09".to_owned();
        let digits: String = s
            .trim_start_matches("0x")
            .chars()
            .filter(|c| !matches!(c, ':' | ' '))
            .collect();
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() || digits.len() > 80 {
            return Err(bad());
        }
        let even = format!("{}{digits}", if digits.len() % 2 == 1 { "0" } else { "" });
        let mut octets = hex::decode(even).map_err(|_| bad())?;
        // DER integers are signed: a serial number's first bit is never set.
        if octets[0] & 0x80 != 0 {
            octets.insert(0, 0);
        }
        Ok(Self(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_serial_finds_the_same_certificate() {
        for written in ["8F2A09", "008f2a09", "8f:2a:09", "0x8F2A09", "00 8F 2A 09"] {
            assert_eq!(
                written.parse(),
                Ok(Serial(vec![0, 0x8f, 0x2a, 9])),
                "{written}"
            );
        }
        assert_eq!("123".parse(), Ok(Serial(vec![1, 0x23])));
        for bad in ["", "0", "xyz", "12 é"] {
            assert!(bad.parse::<Serial>().is_err(), "{bad}");
        }
    }
}
