//! Subject names as an operator writes them: `C=MC,O=Acme SAM,CN=Acme SAM`, most general attribute
//! first, in the order the certificate will have, with the escapes of RFC 4514.

use core::fmt;
use core::str::FromStr;

use pki_asn1::oid::{self, ObjectIdentifier};

/// A parsed subject: attribute types and values in certificate order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubjectDn(Vec<(ObjectIdentifier, String)>);

/// Why a subject could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DnError {
    /// Nothing was written.
    #[error("the subject is empty")]
    Empty,
    /// A part without `=`.
    #[error("{0:?} is not of the form attribute=value")]
    NoEquals(String),
    /// An attribute name nobody knows.
    #[error("unknown subject attribute {0:?}")]
    UnknownAttribute(String),
    /// An attribute without a value.
    #[error("subject attribute {0} has an empty value")]
    EmptyValue(String),
    /// A backslash that escapes nothing RFC 4514 allows.
    #[error("bad escape in the subject at character {0}")]
    BadEscape(usize),
    /// A `+`: several attributes in one RDN are not written by this CA.
    #[error(
        "multi-valued RDNs (`+`) are not issued; separate attributes with commas, or write \\+"
    )]
    MultiValued,
    /// A control character, which no register of names contains, or one that turns the direction of
    /// writing, with which a name reads as another.
    #[error("subject attribute {0} contains a character that controls how text is shown")]
    ControlCharacter(String),
    /// Longer than any certificate needs.
    #[error("the subject is longer than {0} characters")]
    TooLong(usize),
}

impl SubjectDn {
    /// A subject from attribute types and values, in certificate order.
    ///
    /// # Errors
    /// Where there is none, a value is empty or contains a control character, or all together are too
    /// long.
    pub fn checked(attributes: Vec<(ObjectIdentifier, String)>) -> Result<Self, DnError> {
        if attributes.is_empty() {
            return Err(DnError::Empty);
        }
        let length: usize = attributes.iter().map(|(_, v)| v.chars().count()).sum();
        if length > MAX_LENGTH {
            return Err(DnError::TooLong(MAX_LENGTH));
        }
        for (attribute, value) in &attributes {
            let label = || attribute_label(attribute).to_owned();
            if value.trim().is_empty() {
                return Err(DnError::EmptyValue(label()));
            }
            if value.chars().any(is_control) {
                return Err(DnError::ControlCharacter(label()));
            }
        }
        Ok(Self(attributes))
    }

    /// Attribute types and values in certificate order.
    #[must_use]
    pub fn attributes(&self) -> &[(ObjectIdentifier, String)] {
        &self.0
    }

    /// A subject from what was parsed or checked elsewhere.
    pub(crate) fn from_attributes(attributes: Vec<(ObjectIdentifier, String)>) -> Self {
        Self(attributes)
    }

    /// The first value of this attribute.
    #[must_use]
    pub fn get(&self, attribute: &ObjectIdentifier) -> Option<&str> {
        self.0
            .iter()
            .find(|(t, _)| t == attribute)
            .map(|(_, value)| value.as_str())
    }
}

impl FromStr for SubjectDn {
    type Err = DnError;

    fn from_str(s: &str) -> Result<Self, DnError> {
        if s.trim().is_empty() {
            return Err(DnError::Empty);
        }
        if s.chars().count() > MAX_LENGTH {
            return Err(DnError::TooLong(MAX_LENGTH));
        }
        let mut parts = Vec::new();
        let mut parser = Parser {
            rest: s.chars().collect(),
            at: 0,
        };
        loop {
            parts.push(parser.attribute()?);
            if parser.at == parser.rest.len() {
                return Ok(Self(parts));
            }
            parser.at += 1; // the comma
        }
    }
}

/// The form [`SubjectDn::from_str`] reads.
impl fmt::Display for SubjectDn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (attribute, value)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(attribute_label(attribute))?;
            f.write_str("=")?;
            let last = value.chars().count() - 1;
            for (j, c) in value.chars().enumerate() {
                let edge_space = c == ' ' && (j == 0 || j == last);
                if edge_space || (c == '#' && j == 0) || SPECIAL.contains(c) {
                    f.write_str("\\")?;
                }
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

impl DnError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty | Self::NoEquals(_) | Self::EmptyValue(_) => {
                "write it as C=MC,O=Acme SAM,CN=Acme SAM, most general attribute first".into()
            }
            Self::UnknownAttribute(_) => format!("use one of {}", attribute_labels().join(", ")),
            Self::BadEscape(_) | Self::MultiValued => {
                "put a backslash before each of , + \" \\ < > ; = inside a value".into()
            }
            Self::ControlCharacter(_) => {
                "type the name by hand: the character is invisible where it was copied from".into()
            }
            Self::TooLong(_) => "leave out what the profile does not need".into(),
        })
    }
}

/// The usual label of an attribute type this CA writes; its dotted form never occurs.
#[must_use]
pub fn attribute_label(attribute: &ObjectIdentifier) -> &'static str {
    ATTRIBUTES
        .iter()
        .find(|(_, oid)| oid == attribute)
        .map_or("unknown", |(label, _)| *label)
}

/// The labels of all attribute types a subject may have.
#[must_use]
pub fn attribute_labels() -> Vec<&'static str> {
    ATTRIBUTES.iter().map(|(label, _)| *label).collect()
}

/// The attribute type with this label, whatever its case.
#[must_use]
pub fn attribute_type(label: &str) -> Option<ObjectIdentifier> {
    ATTRIBUTES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(label))
        .map(|(_, oid)| *oid)
}

/// Controls, line and paragraph separators, the byte order mark, the bidirectional controls of UAX 9, and
/// what else is there and not seen: with it, one name passes for another (RFC 4518 section 2.2). The
/// joiners of Persian and Indic names are none.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' | '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}'
        )
        || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{E0000}'..='\u{E007F}')
}

const MAX_LENGTH: usize = 2_000;
const SPECIAL: &str = ",+\"\\<>;=";

/// The first label of a type is the one shown.
const ATTRIBUTES: &[(&str, ObjectIdentifier)] = &[
    ("C", oid::AT_COUNTRY),
    ("ST", oid::AT_STATE),
    ("L", oid::AT_LOCALITY),
    ("postalCode", oid::AT_POSTAL_CODE),
    ("street", oid::AT_STREET),
    ("O", oid::AT_ORGANIZATION),
    ("OU", oid::AT_ORGANIZATIONAL_UNIT),
    ("organizationIdentifier", oid::AT_ORGANIZATION_IDENTIFIER),
    ("title", oid::AT_TITLE),
    ("givenName", oid::AT_GIVEN_NAME),
    ("GN", oid::AT_GIVEN_NAME),
    ("surname", oid::AT_SURNAME),
    ("SN", oid::AT_SURNAME),
    ("pseudonym", oid::AT_PSEUDONYM),
    ("serialNumber", oid::AT_SERIAL_NUMBER),
    ("CN", oid::AT_COMMON_NAME),
];

struct Parser {
    rest: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    /// One `label=value`, up to a comma or the end.
    fn attribute(&mut self) -> Result<(ObjectIdentifier, String), DnError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c != '=' && c != ',') {
            self.at += 1;
        }
        let label: String = self.rest[start..self.at].iter().collect();
        let label = label.trim().to_owned();
        if self.peek() != Some('=') {
            return Err(DnError::NoEquals(label));
        }
        let attribute =
            attribute_type(&label).ok_or_else(|| DnError::UnknownAttribute(label.clone()))?;
        self.at += 1;
        let value = self.value()?;
        if value.trim().is_empty() {
            return Err(DnError::EmptyValue(label));
        }
        if value.chars().any(is_control) {
            return Err(DnError::ControlCharacter(label));
        }
        Ok((attribute, value))
    }

    /// A value with its escapes undone; spaces at its ends count only where escaped.
    fn value(&mut self) -> Result<String, DnError> {
        let mut out: Vec<u8> = Vec::new();
        // Up to where trailing spaces may not be trimmed.
        let mut keep = 0;
        let begin = self.at;
        while let Some(c) = self.peek() {
            match c {
                ',' => break,
                '+' => return Err(DnError::MultiValued),
                '\\' => {
                    self.escape(&mut out)?;
                    keep = out.len();
                }
                ' ' if out.is_empty() => self.at += 1,
                c => {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    if c != ' ' {
                        keep = out.len();
                    }
                    self.at += 1;
                }
            }
        }
        out.truncate(keep);
        String::from_utf8(out).map_err(|_| DnError::BadEscape(begin))
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), DnError> {
        let bad = DnError::BadEscape(self.at);
        let next = self.rest.get(self.at + 1).copied().ok_or(bad.clone())?;
        if SPECIAL.contains(next) || next == ' ' || next == '#' {
            out.push(next as u8);
            self.at += 2;
            return Ok(());
        }
        let digit = |at: usize| self.rest.get(at).and_then(|c| c.to_digit(16));
        match (digit(self.at + 1), digit(self.at + 2)) {
            (Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                self.at += 3;
                Ok(())
            }
            _ => Err(bad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(s: &str) -> Result<Vec<(&'static str, String)>, DnError> {
        let dn: SubjectDn = s.parse()?;
        Ok(dn
            .attributes()
            .iter()
            .map(|(t, v)| (attribute_label(t), v.clone()))
            .collect())
    }

    #[test]
    fn order_and_escapes_survive() {
        let parsed = parse(r"C=MC, O=Dupont\, Fils \+ Cie ,CN=\ \C3\89toile\ ").unwrap();
        let expected = [("C", "MC"), ("O", "Dupont, Fils + Cie"), ("CN", " Étoile ")];
        assert_eq!(parsed, expected.map(|(t, v)| (t, v.to_owned())));
    }

    #[test]
    fn what_cannot_be_certified_is_refused() {
        assert_eq!(parse(" "), Err(DnError::Empty));
        assert_eq!(parse("C=MC,"), Err(DnError::NoEquals(String::new())));
        assert_eq!(parse("X=1"), Err(DnError::UnknownAttribute("X".into())));
        assert_eq!(parse("CN="), Err(DnError::EmptyValue("CN".into())));
        assert_eq!(parse("C=MC+CN=a"), Err(DnError::MultiValued));
        assert_eq!(parse(r"CN=a\zz"), Err(DnError::BadEscape(4)));
        assert_eq!(parse(r"CN=\FF"), Err(DnError::BadEscape(3)));
        assert_eq!(parse(r"CN=\ "), Err(DnError::EmptyValue("CN".into())));
        assert_eq!(
            parse(r"CN=\E3\80\80"),
            Err(DnError::EmptyValue("CN".into()))
        );
        assert_eq!(
            parse("O=Acme \u{202e}MAS"),
            Err(DnError::ControlCharacter("O".into()))
        );
        assert_eq!(
            parse(r"CN=a\00b"),
            Err(DnError::ControlCharacter("CN".into()))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(s in "\\PC{0,60}") {
            let _ = s.parse::<SubjectDn>();
        }

        #[test]
        fn what_is_shown_is_read_back(values in prop::collection::vec("[^\\p{C}]{1,20}", 1..5)) {
            prop_assume!(values.iter().all(|v| !v.trim().is_empty() && !v.chars().any(is_control)));
            let dn = SubjectDn(
                values.into_iter().map(|v| (oid::AT_COMMON_NAME, v)).collect(),
            );
            prop_assert_eq!(dn.to_string().parse::<SubjectDn>().unwrap(), dn);
        }
    }
}
