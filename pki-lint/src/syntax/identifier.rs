//! Identifiers of persons (EN 319 412-1 clauses 5.1.3 to 5.1.6): three characters of scheme, two of
//! country, a hyphen, the identifier.

use super::iso::is_iso_country;

/// An identifier in its parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identifier<'a> {
    /// Three capitals, or two and a colon for a national scheme.
    pub(crate) scheme: &'a str,
    /// Two letters.
    pub(crate) country: &'a str,
    /// What the scheme numbers.
    pub(crate) number: &'a str,
}

impl<'a> Identifier<'a> {
    /// Takes an identifier apart; `None` where it is not of the form.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let scheme = text.get(..3)?;
        let country = text.get(3..5)?;
        let number = text.get(5..)?.strip_prefix('-')?;
        let bytes = scheme.as_bytes();
        let capitals = bytes[..2].iter().all(u8::is_ascii_uppercase)
            && (bytes[2].is_ascii_uppercase() || bytes[2] == b':');
        let letters = country.bytes().all(|b| b.is_ascii_alphabetic());
        let filled = !number.trim().is_empty() && number.trim() == number;
        (capitals && letters && filled).then_some(Self {
            scheme,
            country,
            number,
        })
    }

    /// Whether a national authority numbers it (`XX:`).
    pub(crate) fn is_national(&self) -> bool {
        self.scheme.ends_with(':')
    }

    /// Whether its country is one of ISO 3166-1, one of the extra codes of the clause (EU, EZ, SU,
    /// UN), or one of the scheme's own (EL and XI in VAT numbers, XG in LEIs).
    pub(crate) fn has_country(&self) -> bool {
        let own: &[&str] = match self.scheme {
            "VAT" => &["EL", "XI"],
            "LEI" => return self.country == "XG",
            _ => &[],
        };
        is_iso_country(self.country)
            || ["EU", "EZ", "SU", "UN"].contains(&self.country)
            || own.contains(&self.country)
    }
}

/// ISO 17442: 20 letters and digits; read as a number (A = 10 .. Z = 35) it is 1 modulo 97.
pub(crate) fn lei_is_valid(lei: &str) -> bool {
    if lei.len() != 20 {
        return false;
    }
    let remainder = lei.bytes().try_fold(0_u32, |rest, b| match b {
        b'0'..=b'9' => Some((rest * 10 + u32::from(b - b'0')) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(b - b'A') + 10) % 97),
        _ => None,
    });
    remainder == Some(1)
}

/// Whether it is of the form of an eIDAS person identifier, `ES/AT/02635542Y` (EN 319 412-1
/// clause 5.1.5, Implementing Regulation (EU) 2015/1501).
pub(crate) fn is_eidas(text: &str) -> bool {
    let mut parts = text.splitn(3, '/');
    let country = |part: Option<&str>| {
        part.is_some_and(|c| is_iso_country(c) || ["EU", "EL", "UK", "XI"].contains(&c))
    };
    country(parts.next())
        && country(parts.next())
        && parts
            .next()
            .is_some_and(|id| !id.is_empty() && !id.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_taken_apart_or_refused() {
        let right = Identifier::parse("NTRMC-00S03813").unwrap();
        assert_eq!(
            (right.scheme, right.country, right.number),
            ("NTR", "MC", "00S03813")
        );
        assert!(right.has_country() && !right.is_national());
        assert!(Identifier::parse("RC:MC-1").is_some_and(|i| i.is_national()));
        for wrong in [
            "", "NTRMC", "NTRMC-", "NTRMC- 1", "ntrMC-1", "ÉÉÉ", "NTR12-1", "N:RMC-1",
        ] {
            assert_eq!(Identifier::parse(wrong), None, "{wrong}");
        }
        assert!(!Identifier::parse("NTRXX-1").unwrap().has_country());
        assert!(Identifier::parse("VATEL-1").unwrap().has_country());
        assert!(lei_is_valid("5493001KJTIIGC8Y1R12") && !lei_is_valid("5493001KJTIIGC8Y1R13"));
        assert!(is_eidas("ES/AT/02635542Y"));
        for wrong in ["ES/AT/", "ES/AT/1 2", "EX/AT/1", "ESAT1"] {
            assert!(!is_eidas(wrong), "{wrong}");
        }
    }
}
