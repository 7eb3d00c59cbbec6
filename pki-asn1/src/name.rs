//! Distinguished names: building ours, comparing and showing anybody's.
//!
//! Names Sceau writes use PrintableString for countryName and serialNumber (RFC 5280 appendix A) and
//! UTF8String for everything else, one attribute per RDN.

use core::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use crate::oid;

/// Builds a name attribute by attribute, in the order given (most general first by custom).
#[derive(Clone, Debug, Default)]
pub struct NameBuilder {
    rdns: Vec<RelativeDistinguishedName>,
}

impl NameBuilder {
    /// An empty name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one RDN holding `value`, in the string type RFC 5280 appendix A asks for.
    ///
    /// # Errors
    /// Where `value` does not fit the attribute's string type (a non-printable country, say).
    pub fn push(mut self, attribute: ObjectIdentifier, value: &str) -> der::Result<Self> {
        let value = if attribute == oid::AT_COUNTRY || attribute == oid::AT_SERIAL_NUMBER {
            Any::encode_from(&PrintableStringRef::new(value)?)?
        } else if attribute == oid::AT_EMAIL || attribute == oid::AT_DOMAIN_COMPONENT {
            Any::encode_from(&Ia5StringRef::new(value)?)?
        } else {
            Any::encode_from(&Utf8StringRef::new(value)?)?
        };
        let atav = AttributeTypeAndValue {
            oid: attribute,
            value,
        };
        self.rdns
            .push(RelativeDistinguishedName::try_from(vec![atav])?);
        Ok(self)
    }

    /// The finished name.
    #[must_use]
    pub fn build(self) -> Name {
        Name::hazmat_from_rdn_sequence(RdnSequence::from(self.rdns))
    }
}

/// All attributes of a name in order, as (type, text); values that are no string are left out.
pub fn attributes(name: &Name) -> impl Iterator<Item = (ObjectIdentifier, String)> + '_ {
    name.iter()
        .filter_map(|atav| Some((atav.oid, text(&atav.value)?)))
}

/// The first value of this attribute type.
#[must_use]
pub fn attribute(name: &Name, attribute: &ObjectIdentifier) -> Option<String> {
    attributes(name)
        .find(|(t, _)| t == attribute)
        .map(|(_, v)| v)
}

/// The text of a directory string, whichever of the string types it is in.
#[must_use]
pub fn text(value: &Any) -> Option<String> {
    match value.tag() {
        Tag::Utf8String => value.decode_as::<String>().ok(),
        Tag::PrintableString => {
            let der = value.to_der().ok()?;
            PrintableStringRef::from_der(&der)
                .ok()
                .map(|s| s.to_string())
        }
        Tag::Ia5String => {
            let der = value.to_der().ok()?;
            Ia5StringRef::from_der(&der).ok().map(|s| s.to_string())
        }
        Tag::TeletexString => {
            let der = value.to_der().ok()?;
            TeletexStringRef::from_der(&der).ok().map(|s| s.to_string())
        }
        Tag::NumericString | Tag::VisibleString => {
            core::str::from_utf8(value.value()).ok().map(str::to_owned)
        }
        Tag::BmpString => {
            let (units, rest) = value.value().as_chunks::<2>();
            if !rest.is_empty() {
                return None;
            }
            String::from_utf16(
                &units
                    .iter()
                    .map(|u| u16::from_be_bytes(*u))
                    .collect::<Vec<_>>(),
            )
            .ok()
        }
        _ => None,
    }
}

/// Whether two names match as RFC 5280 section 7.1 compares them: attribute by attribute, strings
/// of any type compared case-insensitively with inner white space folded, other values byte for byte.
#[must_use]
pub fn matches(a: &Name, b: &Name) -> bool {
    a.len() == b.len()
        && a.iter_rdn()
            .zip(b.iter_rdn())
            .all(|(a, b)| rdn_matches(a, b))
}

/// Whether `subtree` is an initial part of `name` (name constraints on directoryName, RFC 5280
/// section 4.2.1.10).
#[must_use]
pub fn is_within(name: &Name, subtree: &Name) -> bool {
    name.len() >= subtree.len()
        && subtree
            .iter_rdn()
            .zip(name.iter_rdn())
            .all(|(a, b)| rdn_matches(a, b))
}

/// A key under which names that [`matches()`] are equal, for looking names up in a map.
#[must_use]
pub fn comparison_key(name: &Name) -> String {
    name.iter_rdn().map(rdn_key).collect()
}

/// The part of [`comparison_key`] that one RDN contributes.
#[must_use]
pub fn rdn_key(rdn: &RelativeDistinguishedName) -> String {
    use fmt::Write as _;
    let mut parts: Vec<String> = rdn
        .iter()
        .map(|atav| match text(&atav.value) {
            Some(text) => {
                let text: String = folded(&text).collect();
                format!("{}={}:{text}", atav.oid, text.len())
            }
            None => {
                let der = atav.value.to_der().unwrap_or_default();
                let mut part = format!("{}#{}:", atav.oid, der.len());
                for byte in der {
                    let _ = write!(part, "{byte:02x}");
                }
                part
            }
        })
        .collect();
    parts.sort_unstable();
    format!("/{}", parts.join("+"))
}

fn rdn_matches(a: &RelativeDistinguishedName, b: &RelativeDistinguishedName) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| atav_matches(x, y)))
}

fn atav_matches(a: &AttributeTypeAndValue, b: &AttributeTypeAndValue) -> bool {
    if a.oid != b.oid {
        return false;
    }
    match (text(&a.value), text(&b.value)) {
        (Some(a), Some(b)) => folded(&a).eq(folded(&b)),
        _ => a.value == b.value,
    }
}

/// Lower case, runs of white space as one space, none at the ends.
fn folded(s: &str) -> impl Iterator<Item = char> + '_ {
    s.split_whitespace().enumerate().flat_map(|(i, word)| {
        (i > 0)
            .then_some(' ')
            .into_iter()
            .chain(word.chars().flat_map(char::to_lowercase))
    })
}

/// A name for people, in the manner of RFC 4514: most specific first, special characters escaped.
pub struct DisplayName<'a>(pub &'a Name);

impl fmt::Display for DisplayName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rdns: Vec<_> = self.0.iter_rdn().collect();
        for (i, rdn) in rdns.iter().rev().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            for (j, atav) in rdn.iter().enumerate() {
                if j > 0 {
                    f.write_str(" + ")?;
                }
                match oid::label(&atav.oid) {
                    Some(label) => f.write_str(label)?,
                    None => write!(f, "{}", atav.oid)?,
                }
                f.write_str("=")?;
                match text(&atav.value) {
                    Some(text) => escape(f, &text)?,
                    None => {
                        f.write_str("#")?;
                        for byte in atav.value.value() {
                            write!(f, "{byte:02x}")?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a character is none that is seen: it moves a terminal's cursor, ends a line, turns the text around, or
/// leaves nothing where it stands (Unicode's default ignorable code points, fillers). Names come from strangers, and
/// two that differ must not look the same. Joiners and variation selectors belong to the spelling of names.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    for c in text.chars() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => write!(f, "\\{c}")?,
            c if is_unseen(c) => {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            }
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(cn: &str) -> Name {
        NameBuilder::new()
            .push(oid::AT_COUNTRY, "MC")
            .unwrap()
            .push(oid::AT_COMMON_NAME, cn)
            .unwrap()
            .build()
    }

    #[test]
    fn case_and_spacing_do_not_break_chaining() {
        assert!(matches(&name("Root  CA"), &name(" root ca ")));
        assert!(!matches(&name("Root CA"), &name("RootCA")));
        assert_eq!(
            comparison_key(&name("Root  CA")),
            comparison_key(&name(" root ca "))
        );
        assert_ne!(
            comparison_key(&name("Root CA")),
            comparison_key(&name("RootCA"))
        );
    }

    #[test]
    fn display_puts_the_common_name_first_and_escapes() {
        let shown = DisplayName(&name("Doe, J\u{202e}\n")).to_string();
        assert_eq!(shown, "CN=Doe\\, J\\u{202e}\\u{a}, C=MC");
    }
}
