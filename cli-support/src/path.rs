//! File names in JSON. A name of this system is any octets, and text in JSON is Unicode: what is not
//! UTF-8 must neither stop a program that has done its work nor be taken for another name.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// In a result, for people and scripts: what is not UTF-8 is shown as U+FFFD.
///
/// # Errors
/// The serializer's.
pub fn shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// For [`shown`] in `serde_json::json!`, which panics on what [`Path`] itself cannot serialize.
#[must_use]
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// In words for people: what would move a terminal's cursor, end the line, turn it around or not be seen is shown as
/// an escape. Names of files come from strangers too.
#[must_use]
pub fn printable(path: &Path) -> String {
    crate::output::printable(&path.to_string_lossy())
}

/// A name as text, or its octets where it is none.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Octets { octets: Vec<u8> },
}

/// For `#[serde(with = "cli_support::path::kept")]`: the name comes back as it was.
pub mod kept {
    use super::*;

    /// As text, or as `{"octets": [...]}`.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = match path.to_str() {
            Some(text) => Kept::Text(text.to_owned()),
            None => Kept::Octets {
                octets: path.as_os_str().as_bytes().to_vec(),
            },
        };
        kept.serialize(serializer)
    }

    /// What [`serialize`] wrote.
    ///
    /// # Errors
    /// Where it is neither form.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        Ok(match Kept::deserialize(from)? {
            Kept::Text(text) => PathBuf::from(text),
            Kept::Octets { octets } => PathBuf::from(OsString::from_vec(octets)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Serialize)]
    struct Holder(#[serde(with = "kept")] PathBuf);

    #[test]
    fn a_name_that_is_not_utf_8_comes_back_as_another() {
        for name in [
            &b"contract.pdf"[..],
            b"caf\xe9.pdf",
            "caf\u{e9}.pdf".as_bytes(),
        ] {
            let path = PathBuf::from(OsString::from_vec(name.to_vec()));
            let json = serde_json::to_string(&Holder(path.clone())).unwrap();
            let back: Holder = serde_json::from_str(&json).unwrap();
            assert_eq!(back.0, path, "{json}");
        }
    }
}
