//! Key reference files: one line, the PKCS#11 URI (RFC 7512) of a key in a token.
//!
//! A program whose configuration names such a file follows it to the key, so that a new key in a token
//! takes the place of the old one like a new key file does: by another content of the same path.
//!
//! A reference says which key, and nothing else. Which module is loaded into the process and where PINs
//! come from is for the configuration to say, not for whoever may replace a key: `module-path`,
//! `module-name` and `pin-source` are refused, as `pin-value` is everywhere.

use core::fmt;
use std::path::Path;

use super::read;
use crate::error::KeyError;
use crate::uri::{Pkcs11Uri, SCHEME, UriError};

/// The content of a key reference file: a URI without a query. Prints as the file's content, its line
/// end included.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyReference(Pkcs11Uri);

/// Why a key reference file cannot be followed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// There is more in the file than one line of text.
    #[error("it holds more than one line of text")]
    NotOneLine,
    /// It says what only a configuration may say.
    #[error("{0:?} has no place in it")]
    Query(&'static str),
    /// The URI cannot be read.
    #[error(transparent)]
    Uri(#[from] UriError),
}

impl ReferenceError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotOneLine => Some("keep one line such as pkcs11:token=LABEL;object=KEY".into()),
            Self::Query(_) => Some(format!(
                "name the module with {} and the PIN where the program's configuration does",
                crate::open::MODULE_VARIABLE
            )),
            Self::Uri(error) => error.hint(),
        }
    }
}

impl KeyReference {
    /// A reference to the key that `uri` names; its query stays behind.
    #[must_use]
    pub fn new(uri: &Pkcs11Uri) -> Self {
        Self(uri.without_query())
    }

    /// Reads a key reference file.
    ///
    /// # Errors
    /// [`KeyError`], also where the file holds something else than a reference.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Self::of(path, &read(path)?)?.ok_or_else(|| KeyError::NoKeyInFile {
            path: path.to_owned(),
            found: "no pkcs11: URI either".into(),
        })
    }

    /// The key it names.
    #[must_use]
    pub fn uri(&self) -> &Pkcs11Uri {
        &self.0
    }

    /// What a file refers to; `None` where its content is no reference, not even a broken one.
    pub(crate) fn of(path: &Path, bytes: &[u8]) -> Result<Option<Self>, KeyError> {
        let line = bytes.trim_ascii();
        if !line
            .get(..SCHEME.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(SCHEME.as_bytes()))
        {
            return Ok(None);
        }
        parse(line)
            .map(Some)
            .map_err(|source| KeyError::BadReference {
                path: path.to_owned(),
                source,
            })
    }
}

fn parse(line: &[u8]) -> Result<KeyReference, ReferenceError> {
    let text = core::str::from_utf8(line).map_err(|_| ReferenceError::NotOneLine)?;
    if text.contains(['\n', '\r']) {
        return Err(ReferenceError::NotOneLine);
    }
    let uri: Pkcs11Uri = text.parse()?;
    for (name, given) in [
        ("module-path", uri.module_path.is_some()),
        ("module-name", uri.module_name.is_some()),
        ("pin-source", uri.pin_source.is_some()),
    ] {
        if given {
            return Err(ReferenceError::Query(name));
        }
    }
    Ok(KeyReference(uri))
}

impl fmt::Display for KeyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Option<KeyReference>, KeyError> {
        KeyReference::of(Path::new("key.uri"), bytes)
    }

    #[test]
    fn what_is_written_is_read_and_leaves_the_machine_out() {
        let uri: Pkcs11Uri =
            "pkcs11:token=a%20b;object=c?module-path=/m.so&module-name=m&pin-source=/p"
                .parse()
                .unwrap();
        let reference = KeyReference::new(&uri);
        assert_eq!(reference.to_string(), "pkcs11:token=a%20b;object=c\n");
        let read = of(reference.to_string().as_bytes()).unwrap();
        assert_eq!(read, Some(reference));
        assert!(of(b" PKCS11:object=c\r\n\n").unwrap().is_some());
        // Key files go on to be key files.
        for other in [&b""[..], b"-----BEGIN", b"0\x82", b"pkcs11", b"key.pem\n"] {
            assert_eq!(of(other).unwrap(), None, "{other:?}");
        }
    }

    #[test]
    fn a_broken_reference_names_the_file_and_never_the_pin() {
        let long = [b"pkcs11:object=".as_slice(), &[b'x'; 10_000]].concat();
        let cases: [(&[u8], &str); 8] = [
            (b"pkcs11:object=a\npkcs11:object=b\n", "more than one line"),
            (b"pkcs11:object=\xff", "more than one line of text"),
            (b"pkcs11:object=a\0", "control character"),
            (b"pkcs11:objekt=a", "unknown attribute \"objekt\""),
            (
                b"pkcs11:object=a?module-path=/m.so",
                "\"module-path\" has no place",
            ),
            (
                b"pkcs11:object=a?module-name=m",
                "\"module-name\" has no place",
            ),
            (
                b"pkcs11:object=a?pin-source=/p",
                "\"pin-source\" has no place",
            ),
            (&long, "longer than"),
        ];
        for (bytes, expected) in cases {
            let error = of(bytes).unwrap_err();
            let said = format!("{error}: {}", std::error::Error::source(&error).unwrap());
            assert!(
                said.contains("key.uri") && said.contains(expected),
                "{said}"
            );
            assert_eq!(error.kind(), crate::ErrorKind::Malformed);
            assert!(error.hint().is_some());
        }
        let error = of(b"pkcs11:object=a?pin-value=271828").unwrap_err();
        assert!(!format!("{error:?} {:?}", error.hint()).contains("271828"));
    }
}
