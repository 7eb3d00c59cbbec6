//! Serial numbers as people write them.

/// RFC 5280 section 4.1.2.2: at most 20 octets.
const MAX_OCTETS: usize = 20;
/// What separates groups of digits in other programs' output.
const SEPARATORS: [char; 5] = [':', ' ', '-', '\u{a0}', '\u{202f}'];

/// How a serial number is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Notation {
    Hexadecimal,
    Decimal,
}

/// Why a text is no serial number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SerialError {
    Missing,
    NotHexadecimal,
    NotDecimal,
    TooLong,
}

/// The content octets of the INTEGER (DER: as short as can be, positive).
pub(super) fn parse(text: &str, notation: Notation) -> Result<Vec<u8>, SerialError> {
    let text = text.trim();
    let text = match notation {
        Notation::Hexadecimal => text
            .strip_prefix("0x")
            .or_else(|| text.strip_prefix("0X"))
            .unwrap_or(text),
        Notation::Decimal => text,
    };
    let (base, wrong) = match notation {
        Notation::Hexadecimal => (16, SerialError::NotHexadecimal),
        Notation::Decimal => (10, SerialError::NotDecimal),
    };
    // Between digits it separates; before them it is a sign, and no serial number of ours is negative.
    if text.starts_with('-') {
        return Err(wrong);
    }
    // Big-endian; one octet more than may be left in the end, for the sign.
    let mut number = [0_u8; MAX_OCTETS + 1];
    let mut digits = 0;
    for c in text.chars().filter(|c| !SEPARATORS.contains(c)) {
        let mut carry = c.to_digit(base).ok_or(wrong)?;
        digits += 1;
        for octet in number.iter_mut().rev() {
            let value = u32::from(*octet) * base + carry;
            *octet = (value & 0xFF) as u8;
            carry = value >> 8;
        }
        if carry != 0 {
            return Err(SerialError::TooLong);
        }
    }
    if digits == 0 {
        return Err(SerialError::Missing);
    }
    let first = number.iter().position(|b| *b != 0).unwrap_or(MAX_OCTETS);
    // The first bit is the sign.
    let first = if number[first] & 0x80 != 0 {
        first.checked_sub(1).ok_or(SerialError::TooLong)?
    } else {
        first
    };
    let content = &number[first..];
    if content.len() > MAX_OCTETS && content[0] != 0 {
        return Err(SerialError::TooLong);
    }
    Ok(content.to_vec())
}

/// As `openssl x509 -text` writes it: pairs of digits with colons.
pub(super) fn display(content: &[u8]) -> String {
    let magnitude = match content {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    let pairs: Vec<String> = magnitude.iter().map(|b| format!("{b:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hexadecimal(text: &str) -> Result<Vec<u8>, SerialError> {
        parse(text, Notation::Hexadecimal)
    }

    #[test]
    fn every_way_to_write_a_serial_finds_the_same_certificate() {
        let expected = Ok(vec![0x0A, 0xBC, 0xDE]);
        for text in [
            "0abcde",
            "ABCDE",
            " 0x0abcde ",
            "0A:BC:DE",
            "0a bc de",
            "00:0A-BC-DE",
        ] {
            assert_eq!(hexadecimal(text), expected, "{text}");
        }
        assert_eq!(parse("703 710", Notation::Decimal), expected);
        // A set first bit is no minus sign.
        assert_eq!(hexadecimal("80"), Ok(vec![0, 0x80]));
        assert_eq!(hexadecimal("0"), Ok(vec![0]));
        assert_eq!(hexadecimal(&"F".repeat(40)).unwrap().len(), 21);
    }

    #[test]
    fn what_is_no_serial_is_named() {
        assert_eq!(hexadecimal(" : "), Err(SerialError::Missing));
        assert_eq!(hexadecimal("12 xy"), Err(SerialError::NotHexadecimal));
        assert_eq!(hexadecimal("１２"), Err(SerialError::NotHexadecimal));
        assert_eq!(
            parse("12AB", Notation::Decimal),
            Err(SerialError::NotDecimal)
        );
        assert_eq!(
            parse("-5x", Notation::Decimal),
            Err(SerialError::NotDecimal)
        );
        assert_eq!(parse("-1", Notation::Decimal), Err(SerialError::NotDecimal));
        assert_eq!(hexadecimal(" 0x-1"), Err(SerialError::NotHexadecimal));
        assert_eq!(
            hexadecimal(&format!("1{}", "0".repeat(40))),
            Err(SerialError::TooLong)
        );
        assert_eq!(
            parse(&"9".repeat(1000), Notation::Decimal),
            Err(SerialError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn what_is_displayed_reads_back(octets in proptest::collection::vec(any::<u8>(), 1..20)) {
            let text = display(&octets);
            let content = hexadecimal(&text).unwrap();
            let zeros = octets.iter().take_while(|b| **b == 0).count().min(octets.len() - 1);
            let sign = usize::from(octets[zeros] & 0x80 != 0);
            prop_assert_eq!(&content[sign..], &octets[zeros..]);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = hexadecimal(&text);
            let _ = parse(&text, Notation::Decimal);
        }
    }
}
