//! Identifiers of persons and organisations (EN 319 412-1 clauses 5.1.3 and 5.1.4):
//! three characters of scheme, two of country, a hyphen, the identifier.

use super::is_iso_country;

/// Why an identifier is not of the form its semantics promises.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// Not scheme, country, hyphen, identifier.
    #[error("{0:?} is not of the form <scheme><country>-<identifier>, such as {1}")]
    Form(String, &'static str),
    /// A scheme the clause does not have.
    #[error("{0:?} begins with a scheme that is not one of {1}")]
    Scheme(String, &'static str),
    /// No such country.
    #[error("{0:?} names a country that ISO 3166-1 does not know")]
    Country(String),
    /// A Legal Entity Identifier whose check digits are wrong.
    #[error("{0:?} is not a valid LEI (ISO 17442: 20 characters with check digits)")]
    Lei(String),
    /// A national scheme without the authority that runs it.
    #[error("{0:?} uses a national scheme, and the profile names no name-registration-authorities")]
    NationalScheme(String),
}

/// The schemes of clause 5.1.3, besides national ones.
pub(super) const NATURAL_SCHEMES: [&str; 4] = ["PAS", "IDC", "PNO", "TIN"];
/// The schemes of clause 5.1.4, besides national ones.
pub(super) const LEGAL_SCHEMES: [&str; 4] = ["NTR", "VAT", "LEI", "PSD"];

/// Two capitals and a colon: a scheme that a country defines.
pub(super) fn is_national_scheme(scheme: &str) -> bool {
    matches!(scheme.as_bytes(), [a, b, b':'] if a.is_ascii_uppercase() && b.is_ascii_uppercase())
}

/// The scheme and the country of an identifier that was checked.
pub(super) fn scheme_and_country(identifier: &str) -> Option<(&str, &str)> {
    Some((identifier.get(..3)?, identifier.get(3..5)?))
}

/// Checks a natural person's serialNumber (clause 5.1.3).
///
/// # Errors
/// Where scheme, country or form is wrong.
pub fn check_natural_identifier(
    value: &str,
    national_schemes: &[String],
) -> Result<(), IdentifierError> {
    let parts = Parts::split(value, "IDCMC-12345")?;
    match parts.scheme {
        "PAS" | "IDC" | "PNO" | "TIN" => parts.check_country(&[]),
        _ => parts.check_national(national_schemes, "PAS, IDC, PNO, TIN"),
    }
}

/// Checks an organizationIdentifier (clause 5.1.4).
///
/// # Errors
/// Where scheme, country, check digits or form is wrong.
pub fn check_legal_identifier(
    value: &str,
    national_schemes: &[String],
) -> Result<(), IdentifierError> {
    let parts = Parts::split(value, "NTRMC-00S03813")?;
    match parts.scheme {
        "NTR" | "PSD" => parts.check_country(&["EU"]),
        // EL is Greece in VAT numbers, XI Northern Ireland.
        "VAT" => parts.check_country(&["EL", "XI", "EU"]),
        "LEI" if parts.country == "XG" && lei_is_valid(parts.identifier) => Ok(()),
        "LEI" => Err(IdentifierError::Lei(value.to_owned())),
        _ => parts.check_national(national_schemes, "NTR, VAT, LEI, PSD"),
    }
}

struct Parts<'a> {
    whole: &'a str,
    scheme: &'a str,
    country: &'a str,
    identifier: &'a str,
}

impl<'a> Parts<'a> {
    fn split(whole: &'a str, example: &'static str) -> Result<Self, IdentifierError> {
        let form = || IdentifierError::Form(whole.to_owned(), example);
        let scheme = whole.get(..3).ok_or_else(form)?;
        let country = whole.get(3..5).ok_or_else(form)?;
        let identifier = whole
            .get(5..)
            .and_then(|rest| rest.strip_prefix('-'))
            .filter(|id| !id.trim().is_empty() && id.trim() == *id)
            .ok_or_else(form)?;
        Ok(Self {
            whole,
            scheme,
            country,
            identifier,
        })
    }

    fn check_country(&self, also: &[&str]) -> Result<(), IdentifierError> {
        if is_iso_country(self.country) || also.contains(&self.country) {
            Ok(())
        } else {
            Err(IdentifierError::Country(self.whole.to_owned()))
        }
    }

    fn check_national(
        &self,
        authorities: &[String],
        others: &'static str,
    ) -> Result<(), IdentifierError> {
        if !is_national_scheme(self.scheme) {
            return Err(IdentifierError::Scheme(self.whole.to_owned(), others));
        }
        if authorities.is_empty() {
            return Err(IdentifierError::NationalScheme(self.whole.to_owned()));
        }
        self.check_country(&[])
    }
}

/// ISO 17442: 20 letters and digits; read as a number (A = 10 .. Z = 35) it is 1 modulo 97. The linter counts
/// for itself, so that a mistake here does not pass there as well.
fn lei_is_valid(lei: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_every_scheme_are_told_apart() {
        for good in [
            "NTRMC-00S03813",
            "VATFR-12345678901",
            "VATEL-123",
            "LEIXG-5493001KJTIIGC8Y1R12",
        ] {
            assert_eq!(check_legal_identifier(good, &[]), Ok(()), "{good}");
        }
        for bad in [
            "",
            "NTRMC",
            "NTRMC-",
            "NTRXX-1",
            "ABCMC-1",
            "NTRMC- 1",
            "RC:MC-1",
            "ÉÉÉ",
            "LEIXG-5493001KJTIIGC8Y1R13",
        ] {
            assert!(check_legal_identifier(bad, &[]).is_err(), "{bad}");
        }
        let authority = ["https://rci.sceau.example".to_owned()];
        assert_eq!(check_legal_identifier("RC:MC-1", &authority), Ok(()));
        assert_eq!(check_natural_identifier("IDCMC-1", &[]), Ok(()));
        // TAX is deprecated in favour of TIN.
        assert!(check_natural_identifier("TAXMC-1", &[]).is_err());
        assert!(check_natural_identifier("NTRMC-1", &[]).is_err());
    }
}
