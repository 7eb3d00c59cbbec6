//! How a key is named, on every command line and in every configuration file.

use core::fmt;
use core::str::FromStr;
use std::path::PathBuf;

use crate::uri::{Pkcs11Uri, SCHEME, UriError};

/// A key in a token or in a file. Read from text: what begins with `pkcs11:` is a PKCS#11 URI, and
/// anything else is a path.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
// A program holds as many as it has keys.
#[allow(clippy::large_enum_variant)]
pub enum KeyLocation {
    /// In a PKCS#11 token.
    Pkcs11(Pkcs11Uri),
    /// In a key file: PEM, or PKCS#12. Or in the token that a key reference file names
    /// ([`crate::KeyReference`]).
    File(PathBuf),
}

impl FromStr for KeyLocation {
    type Err = UriError;

    fn from_str(s: &str) -> Result<Self, UriError> {
        match s.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(Self::Pkcs11(s.parse()?)),
            _ if s.is_empty() => Err(UriError::Empty),
            _ => Ok(Self::File(s.into())),
        }
    }
}

impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pkcs11(uri) => uri.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_taken_for_a_token() {
        let location = |s: &str| s.parse::<KeyLocation>().unwrap();
        assert_eq!(
            location("keys/root.pem"),
            KeyLocation::File("keys/root.pem".into())
        );
        assert_eq!(location("é"), KeyLocation::File("é".into()));
        assert_eq!("".parse::<KeyLocation>(), Err(UriError::Empty));
        let token = location("PKCS11:token=a");
        assert!(matches!(token, KeyLocation::Pkcs11(_)));
        assert_eq!(token.to_string(), "pkcs11:token=a");
        assert_eq!(location(&token.to_string()), token);
    }
}
