//! Revocation codes: what a subscriber is handed with a certificate, to revoke it without anybody's
//! help (EN 319 411-1 clause 6.2.4: revocation requests around the clock).
//!
//! 27 characters of five random bits each, 135 bits in all, and one check character, in seven groups
//! of four: `K7QM-2XVD-...`. The alphabet is Crockford's base 32, which has no I, L, O, U. With the
//! full entropy of a key, one SHA-256 is enough: nobody tries 2^135 codes, and a slow hash would only
//! make the CA slow. The hash is bound to authority and serial, so it differs for each certificate.

use core::fmt;
use core::str::FromStr;

use pki_crypto::DigestAlgorithm;
use zeroize::Zeroizing;

use crate::issuance::copy32;

/// A revocation code. Neither shown nor logged except where it is handed out.
#[derive(Clone)]
pub struct RevocationCode(Zeroizing<Vec<u8>>);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CodeError {
    /// Not 28 letters and digits.
    #[error("a revocation code has {LENGTH} letters and digits; this has {0}")]
    Length(usize),
    /// A character that no code has.
    #[error("character {0} of the revocation code is none that codes have")]
    Character(usize),
    /// The check character does not fit: something was mistyped.
    #[error("the revocation code was mistyped: its check character does not fit")]
    Check,
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 28;
const GROUP: usize = 4;

impl RevocationCode {
    /// A fresh one.
    ///
    /// # Errors
    /// Where the operating system gives no random numbers.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut symbols = Zeroizing::new(vec![0_u8; LENGTH - 1]);
        getrandom::fill(&mut symbols)?;
        // The low five bits of a random octet are as random as it is.
        symbols.iter_mut().for_each(|s| *s &= 31);
        let mut all = Zeroizing::new(Vec::with_capacity(LENGTH));
        all.extend_from_slice(&symbols);
        all.push(check(&symbols));
        Ok(Self(all))
    }

    /// Its groups, to be handed to the subscriber.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        for (i, symbol) in self.0.iter().enumerate() {
            if i > 0 && i % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(*symbol)]));
        }
        text
    }

    /// What the record keeps: SHA-256 over a label, authority, serial and code.
    #[must_use]
    pub fn hash(&self, authority: &str, serial: &[u8]) -> [u8; 32] {
        let mut hasher = DigestAlgorithm::Sha256.hasher();
        hasher.update(b"sceau.revocation-code/1\0");
        for part in [authority.as_bytes(), serial] {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.update(&self.0);
        copy32(hasher.finish().as_bytes())
    }

    /// Whether `hash` was made from this code for this certificate. Takes as long for a hash that
    /// differs in the first octet as for one that differs in the last.
    #[must_use]
    pub fn opens(&self, hash: &[u8], authority: &str, serial: &[u8]) -> bool {
        let own = self.hash(authority, serial);
        let difference = own.iter().zip(hash).fold(0, |d, (a, b)| d | (a ^ b));
        hash.len() == own.len() && core::hint::black_box(difference) == 0
    }
}

impl FromStr for RevocationCode {
    type Err = CodeError;

    /// As people type it: small letters, spaces or hyphens anywhere, O for 0, I and L for 1.
    fn from_str(s: &str) -> Result<Self, CodeError> {
        let mut symbols = Zeroizing::new(Vec::with_capacity(LENGTH));
        for (i, c) in s
            .chars()
            .filter(|c| !matches!(c, '-') && !c.is_whitespace())
            .enumerate()
        {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let symbol = ALPHABET.iter().position(|a| char::from(*a) == c);
            // Counted on, so that the length is told; a long text is not kept.
            match symbol.and_then(|s| u8::try_from(s).ok()) {
                Some(symbol) if symbols.len() < LENGTH => symbols.push(symbol),
                Some(_) => return Err(CodeError::Length(i + 1)),
                None => return Err(CodeError::Character(i + 1)),
            }
        }
        match symbols.split_last() {
            Some((last, data)) if data.len() == LENGTH - 1 => {
                if *last == check(data) {
                    Ok(Self(symbols))
                } else {
                    Err(CodeError::Check)
                }
            }
            _ => Err(CodeError::Length(symbols.len())),
        }
    }
}

/// The sum of all symbols, each multiplied by its own power of x, in GF(2^5) modulo x^5 + x^2 + 1.
/// x has order 31, so every single wrong symbol and every two neighbours exchanged are noticed.
fn check(symbols: &[u8]) -> u8 {
    let times_x = |v: u8| ((v << 1) ^ if v & 16 != 0 { 0b10_0101 } else { 0 }) & 31;
    // Horner's rule, and once more, so that the last symbol's factor is not 1.
    symbols.iter().fold(0, |sum, s| times_x(sum ^ s))
}

/// Says nothing.
impl fmt::Debug for RevocationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevocationCode(..)")
    }
}

impl CodeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some("type the seven groups of four as they were handed out with the certificate".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = RevocationCode::generate().unwrap();
        let text = code.reveal();
        assert_eq!(text.len(), 34);
        let typed = format!(
            " {} ",
            text.to_lowercase().replace('-', " ").replace('0', "o")
        );
        let again: RevocationCode = typed.parse().unwrap();
        assert_eq!(*again.reveal(), *text);
        let hash = code.hash("companies", &[1, 2]);
        assert!(again.opens(&hash, "companies", &[1, 2]));
        // Another certificate's code, another authority's, and no hash at all.
        assert!(!again.opens(&hash, "companies", &[1, 3]));
        assert!(!again.opens(&hash, "residents", &[1, 2]));
        assert!(!again.opens(&hash[..31], "companies", &[1, 2]));
        assert!(!again.opens(&[], "companies", &[1, 2]));
        assert_eq!(format!("{code:?}"), "RevocationCode(..)");
    }

    #[test]
    fn two_codes_differ_and_every_symbol_occurs() {
        let mut seen = std::collections::BTreeSet::new();
        let mut texts = std::collections::BTreeSet::new();
        for _ in 0..60 {
            let text = RevocationCode::generate().unwrap().reveal().to_string();
            seen.extend(text.chars());
            assert!(texts.insert(text));
        }
        assert_eq!(seen.len(), 33, "32 symbols and the hyphen");
    }

    #[test]
    fn a_slip_of_the_finger_is_noticed() {
        let code = RevocationCode::generate().unwrap();
        let text: Vec<char> = code.reveal().chars().filter(|c| *c != '-').collect();
        for i in 0..LENGTH {
            for other in ALPHABET {
                let mut wrong = text.clone();
                wrong[i] = char::from(*other);
                let parsed = wrong.iter().collect::<String>().parse::<RevocationCode>();
                assert_eq!(parsed.is_ok(), wrong == text, "position {i}");
            }
            if i + 1 < LENGTH && text[i] != text[i + 1] {
                let mut turned = text.clone();
                turned.swap(i, i + 1);
                let parsed = turned.iter().collect::<String>().parse::<RevocationCode>();
                assert_eq!(
                    parsed.unwrap_err(),
                    CodeError::Check,
                    "positions {i}, {}",
                    i + 1
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_refused(s in "\\PC{0,80}") {
            let _ = s.parse::<RevocationCode>();
        }
    }
}
