//! Names of files in a container, and as URI references in a manifest (RFC 3986).

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

use super::AsicError;

/// Everything that a URI reference of one path cannot hold as it is (RFC 3986 section 3.3; a colon in
/// the first segment would make it a scheme).
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// Longer than any file system's names.
const LONGEST: usize = 4096;

/// Whether a name is safe to unpack anywhere.
///
/// # Errors
/// [`AsicError::Name`] where it is not.
pub fn check_name(name: &str) -> Result<(), AsicError> {
    let refuse = |why| {
        Err(AsicError::Name {
            name: name.chars().take(200).collect(),
            why,
        })
    };
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.len() > LONGEST {
        return refuse("it is too long");
    }
    if name.starts_with('/') || name.contains('\\') || name.get(1..2) == Some(":") {
        return refuse("it is a path from a root, or one of Windows");
    }
    if name.chars().any(char::is_control) {
        return refuse("it has control characters");
    }
    let folder = name.strip_suffix('/').unwrap_or(name);
    if folder
        .split('/')
        .any(|part| part.is_empty() || part == "." || part == "..")
    {
        return refuse("it leads out of its folder");
    }
    Ok(())
}

/// What names have in common that some file system takes for one: upper and lower case, composed and
/// decomposed characters, and with Windows dots and spaces at an end.
pub(super) fn folded(name: &str) -> String {
    let parts = name.split('/').map(|part| {
        let trimmed = part.trim_end_matches(['.', ' ']);
        trimmed.nfc().collect::<String>().to_lowercase()
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A name as a URI reference.
pub(super) fn to_uri(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

/// The name that a URI reference in a manifest means; `None` where it means none in the container.
pub(super) fn from_uri(uri: &str) -> Option<String> {
    let uri = uri.strip_prefix("./").unwrap_or(uri);
    let uri = uri.strip_prefix('/').unwrap_or(uri);
    let name = percent_decode_str(uri).decode_utf8().ok()?.into_owned();
    check_name(&name).ok().map(|()| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "../up",
            "a/../../b",
            "a//b",
            "C:\\x",
            "C:/x",
            "a\\b",
            "a\0b",
            ".",
            "a/./b",
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a/b.txt", "é è.pdf", "..a", "folder/", "a.."] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn names_that_one_file_system_takes_for_one_stay_two() {
        for (one, other) in [
            ("a/b.txt", "A/B.TXT"),
            ("deed.txt", "deed.txt."),
            ("deed.txt", "deed.txt "),
            ("folder./x", "folder/x"),
            ("sign\u{e9}.pdf", "signe\u{301}.pdf"),
            ("SIGN\u{c9}.pdf", "signe\u{301}.pdf"),
        ] {
            assert_eq!(folded(one), folded(other), "{one:?} {other:?}");
        }
        for (one, other) in [("a", "b"), ("a b", "ab"), ("a.b", "a"), ("x/y", "xy")] {
            assert_ne!(folded(one), folded(other));
        }
    }

    #[test]
    fn names_survive_the_manifest() {
        for name in [
            "a b.txt",
            "100%.pdf",
            "contrat signé.pdf",
            "a#b?c",
            "note: y",
        ] {
            assert_eq!(from_uri(&to_uri(name)).as_deref(), Some(name));
        }
        assert_eq!(from_uri("%2e%2e/x"), None);
        assert_eq!(from_uri("%ff"), None);
    }
}
