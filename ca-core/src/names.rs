//! Subject names as an operator writes them: `C=MC,O=Acme SAM,CN=Acme SAM`, most general attribute
//! first, in the order the certificate will have, with the escapes of RFC 4514.

use core::fmt;
use core::str::FromStr;

use pki_asn1::oid::ObjectIdentifier;

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
    /// A control character, which no register of names contains.
    #[error("subject attribute {0} contains a control character")]
    ControlCharacter(String),
    /// Longer than any certificate needs.
    #[error("the subject is longer than {0} characters")]
    TooLong(usize),
}

impl SubjectDn {
    /// Attribute types and values in certificate order.
    #[must_use]
    pub fn attributes(&self) -> &[(ObjectIdentifier, String)] {
        &self.0
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

    fn from_str(_s: &str) -> Result<Self, DnError> {
        Err(DnError::Empty)
    }
}

impl fmt::Display for SubjectDn {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
