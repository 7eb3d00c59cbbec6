//! PKCS#11 URIs as defined in RFC 7512: which token, which object, which module.
//!
//! The parser refuses what could match the wrong key: unknown path attributes, attributes given
//! twice, and `pin-value`, which would put the PIN into process lists and shell histories. It is
//! lenient where nothing can go wrong: characters that RFC 7512 wants percent-encoded are taken as
//! they stand unless they separate.

use core::fmt::{self, Write as _};
use core::str::FromStr;
use std::path::PathBuf;

/// The scheme and its colon.
pub(crate) const SCHEME: &str = "pkcs11:";

/// Longest URI accepted, in bytes; far above any real one.
const MAX_LEN: usize = 8192;

/// A parsed PKCS#11 URI. Text is decoded and compared exactly; an attribute that is `None` matches
/// anything.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Pkcs11Uri {
    /// `token`: the token's label (CK_TOKEN_INFO.label).
    pub token: Option<String>,
    /// `manufacturer` of the token.
    pub manufacturer: Option<String>,
    /// `serial` number of the token.
    pub serial: Option<String>,
    /// `model` of the token.
    pub model: Option<String>,
    /// `library-manufacturer`.
    pub library_manufacturer: Option<String>,
    /// `library-description`.
    pub library_description: Option<String>,
    /// `library-version`: major and minor.
    pub library_version: Option<(u8, u8)>,
    /// `object`: the key's label (CKA_LABEL).
    pub object: Option<String>,
    /// `id`: the key's identifier (CKA_ID), any octets.
    pub id: Option<Vec<u8>>,
    /// `type`: the object's class (CKA_CLASS).
    pub object_type: Option<ObjectType>,
    /// `slot-id`.
    pub slot_id: Option<u64>,
    /// `slot-manufacturer`.
    pub slot_manufacturer: Option<String>,
    /// `slot-description`.
    pub slot_description: Option<String>,
    /// `module-path`: the PKCS#11 library's file.
    pub module_path: Option<PathBuf>,
    /// `module-name`: the library's name without `lib` and the suffix.
    pub module_name: Option<String>,
    /// `pin-source`: a file that holds the PIN, as a path or a `file:` URI.
    pub pin_source: Option<PathBuf>,
}

/// The `type` attribute (RFC 7512 section 2.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ObjectType {
    /// `cert`
    Certificate,
    /// `data`
    Data,
    /// `private`
    Private,
    /// `public`
    Public,
    /// `secret-key`
    SecretKey,
}

/// Why a text is no PKCS#11 URI that Sceau accepts.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// Nothing is named.
    #[error("no key is named: the text is empty")]
    Empty,
    /// It does not begin with `pkcs11:`.
    #[error("not a PKCS#11 URI: it does not begin with \"pkcs11:\"")]
    Scheme,
    /// It is longer than any real one.
    #[error("the PKCS#11 URI is longer than {MAX_LEN} bytes")]
    TooLong,
    /// An attribute has no `=`.
    #[error("PKCS#11 URI: {0:?} has no \"=\"")]
    NoValue(String),
    /// An attribute is not known; ignoring it could select another key.
    #[error("PKCS#11 URI: unknown attribute {0:?}")]
    Unknown(String),
    /// An attribute stands in the wrong half of the URI.
    #[error("PKCS#11 URI: {attribute:?} belongs {place}")]
    Misplaced {
        /// The attribute.
        attribute: String,
        /// Where it belongs.
        place: &'static str,
    },
    /// An attribute is given twice.
    #[error("PKCS#11 URI: {0:?} is given twice")]
    Duplicate(String),
    /// A value cannot be read.
    #[error("PKCS#11 URI: the value of {attribute:?} {reason}")]
    Value {
        /// The attribute.
        attribute: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `pin-value` is not accepted.
    #[error(
        "PKCS#11 URI: \"pin-value\" is refused, because a PIN in a URI shows in process lists, \
         logs and shell histories"
    )]
    PinValue,
}

impl UriError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "name a key file, or write pkcs11:token=LABEL;object=KEY".into(),
            Self::Scheme | Self::TooLong => {
                "write it like pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so".into()
            }
            Self::NoValue(_) => "attributes are written name=value, separated by \";\" before \"?\" and by \"&\" after it".into(),
            Self::Unknown(_) => "known are token, manufacturer, serial, model, library-manufacturer, library-description, library-version, object, id, type, slot-id, slot-manufacturer, slot-description; after \"?\" module-path, module-name, pin-source".into(),
            Self::Misplaced { .. } => "attributes of the token and the object stand before \"?\", module-path, module-name and pin-source after it".into(),
            Self::Duplicate(_) => "give each attribute once".into(),
            Self::Value { .. } => "percent-encode what is not a letter or digit, as %20 for a space".into(),
            Self::PinValue => "put the PIN into a file and name it with pin-source=/path/to/file, or let the program ask".into(),
        })
    }
}

impl FromStr for Pkcs11Uri {
    type Err = UriError;

    fn from_str(s: &str) -> Result<Self, UriError> {
        if s.len() > MAX_LEN {
            return Err(UriError::TooLong);
        }
        let rest = s
            .get(..SCHEME.len())
            .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|_| &s[SCHEME.len()..])
            .ok_or(UriError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        for part in path.split(';').filter(|p| !p.is_empty()) {
            uri.path_attribute(part)?;
        }
        for part in query.split('&').filter(|p| !p.is_empty()) {
            uri.query_attribute(part)?;
        }
        Ok(uri)
    }
}

impl Pkcs11Uri {
    /// The same URI without its query: the token and the object, nothing about this machine.
    #[must_use]
    pub fn without_query(&self) -> Self {
        Self {
            module_path: None,
            module_name: None,
            pin_source: None,
            ..self.clone()
        }
    }

    fn path_attribute(&mut self, part: &str) -> Result<(), UriError> {
        let (name, raw) = split(part)?;
        match name {
            "token" => set(&mut self.token, name, text(name, raw)?),
            "manufacturer" => set(&mut self.manufacturer, name, text(name, raw)?),
            "serial" => set(&mut self.serial, name, text(name, raw)?),
            "model" => set(&mut self.model, name, text(name, raw)?),
            "library-manufacturer" => set(&mut self.library_manufacturer, name, text(name, raw)?),
            "library-description" => set(&mut self.library_description, name, text(name, raw)?),
            "library-version" => set(&mut self.library_version, name, version(name, raw)?),
            "object" => set(&mut self.object, name, text(name, raw)?),
            "id" => set(&mut self.id, name, decode(name, raw)?),
            "type" => set(&mut self.object_type, name, object_type(name, raw)?),
            "slot-id" => set(&mut self.slot_id, name, number(name, raw)?),
            "slot-manufacturer" => set(&mut self.slot_manufacturer, name, text(name, raw)?),
            "slot-description" => set(&mut self.slot_description, name, text(name, raw)?),
            "module-path" | "module-name" | "pin-source" => Err(UriError::Misplaced {
                attribute: name.to_owned(),
                place: "after the \"?\"",
            }),
            "pin-value" => Err(UriError::PinValue),
            _ => Err(UriError::Unknown(shorten(name))),
        }
    }

    fn query_attribute(&mut self, part: &str) -> Result<(), UriError> {
        let (name, raw) = split(part)?;
        match name {
            "module-path" => set(&mut self.module_path, name, file(name, raw)?),
            "module-name" => {
                let value = text(name, raw)?;
                if value.is_empty() || value.contains('/') {
                    return Err(bad(name, "is a name, not a path (use module-path)"));
                }
                set(&mut self.module_name, name, value)
            }
            "pin-source" => {
                let path = file(name, raw)?;
                if path.as_os_str().as_encoded_bytes().starts_with(b"|") {
                    return Err(bad(name, "names a command, which is never run"));
                }
                set(&mut self.pin_source, name, path)
            }
            "pin-value" => Err(UriError::PinValue),
            "token"
            | "manufacturer"
            | "serial"
            | "model"
            | "library-manufacturer"
            | "library-description"
            | "library-version"
            | "object"
            | "id"
            | "type"
            | "slot-id"
            | "slot-manufacturer"
            | "slot-description" => Err(UriError::Misplaced {
                attribute: name.to_owned(),
                place: "before the \"?\"",
            }),
            // A vendor's hint to its own consumers selects nothing.
            _ if name.starts_with("x-") => Ok(()),
            _ => Err(UriError::Unknown(shorten(name))),
        }
    }
}

/// RFC 7512 text in the order of its section 2.3; `id` is percent-encoded throughout.
impl fmt::Display for Pkcs11Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        let mut list = List {
            f,
            next: "",
            between: ";",
        };
        list.text("token", self.token.as_deref())?;
        list.text("manufacturer", self.manufacturer.as_deref())?;
        list.text("serial", self.serial.as_deref())?;
        list.text("model", self.model.as_deref())?;
        list.text("library-manufacturer", self.library_manufacturer.as_deref())?;
        list.text("library-description", self.library_description.as_deref())?;
        if let Some((major, minor)) = self.library_version {
            list.raw("library-version", &format!("{major}.{minor}"))?;
        }
        list.text("object", self.object.as_deref())?;
        if let Some(id) = &self.id {
            let encoded = id.iter().fold(String::new(), |mut out, b| {
                let _ = write!(out, "%{b:02X}");
                out
            });
            list.raw("id", &encoded)?;
        }
        if let Some(kind) = self.object_type {
            list.raw("type", kind.name())?;
        }
        if let Some(slot) = self.slot_id {
            list.raw("slot-id", &slot.to_string())?;
        }
        list.text("slot-manufacturer", self.slot_manufacturer.as_deref())?;
        list.text("slot-description", self.slot_description.as_deref())?;
        list.next = "?";
        list.between = "&";
        list.path("module-path", self.module_path.as_ref())?;
        list.text("module-name", self.module_name.as_deref())?;
        list.path("pin-source", self.pin_source.as_ref())
    }
}

impl ObjectType {
    const ALL: [Self; 5] = [
        Self::Certificate,
        Self::Data,
        Self::Private,
        Self::Public,
        Self::SecretKey,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "cert",
            Self::Data => "data",
            Self::Private => "private",
            Self::Public => "public",
            Self::SecretKey => "secret-key",
        }
    }
}

struct List<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    next: &'static str,
    between: &'static str,
}

impl List<'_, '_> {
    fn raw(&mut self, name: &str, value: &str) -> fmt::Result {
        write!(self.f, "{}{name}={value}", self.next)?;
        self.next = self.between;
        Ok(())
    }

    fn text(&mut self, name: &str, value: Option<&str>) -> fmt::Result {
        match value {
            Some(value) => self.raw(name, &encode(value.as_bytes(), "")),
            None => Ok(()),
        }
    }

    fn path(&mut self, name: &str, value: Option<&PathBuf>) -> fmt::Result {
        match value {
            Some(value) => {
                let bytes = value.as_os_str().as_encoded_bytes();
                self.raw(name, &encode(bytes, "/"))
            }
            None => Ok(()),
        }
    }
}

fn encode(value: &[u8], also: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for &b in value {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) || also.as_bytes().contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

fn split(part: &str) -> Result<(&str, &str), UriError> {
    part.split_once('=')
        .ok_or_else(|| UriError::NoValue(shorten(part)))
}

fn set<T>(field: &mut Option<T>, name: &str, value: T) -> Result<(), UriError> {
    if field.replace(value).is_some() {
        return Err(UriError::Duplicate(name.to_owned()));
    }
    Ok(())
}

fn bad(name: &str, reason: &'static str) -> UriError {
    UriError::Value {
        attribute: name.to_owned(),
        reason,
    }
}

fn decode(name: &str, raw: &str) -> Result<Vec<u8>, UriError> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'%' => {
                let mut digit = || {
                    bytes
                        .next()
                        .and_then(|d| char::from(d).to_digit(16))
                        .ok_or_else(|| bad(name, "has a \"%\" without two hexadecimal digits"))
                };
                out.push((digit()? << 4 | digit()?) as u8);
            }
            b'#' => return Err(bad(name, "holds a \"#\", which would begin a fragment")),
            0..=0x1f | 0x7f => return Err(bad(name, "holds a control character")),
            _ => out.push(b),
        }
    }
    Ok(out)
}

fn text(name: &str, raw: &str) -> Result<String, UriError> {
    String::from_utf8(decode(name, raw)?).map_err(|_| bad(name, "is not UTF-8"))
}

fn file(name: &str, raw: &str) -> Result<PathBuf, UriError> {
    // Before percent-encoding is undone: an encoded colon is part of a file's name (RFC 3986 section 2.2).
    let path = match raw.strip_prefix("file:") {
        // file:/path, file:///path and file://localhost/path (RFC 8089).
        Some(rest) => match rest.strip_prefix("//") {
            Some(rest) => rest
                .find('/')
                .filter(|at| *at == 0 || &rest[..*at] == "localhost")
                .map(|at| &rest[at..])
                .ok_or_else(|| bad(name, "is a file: URI on another host"))?,
            None => rest,
        },
        None => raw,
    };
    let path = text(name, path)?;
    if path.is_empty() {
        return Err(bad(name, "is empty"));
    }
    if path.contains('\0') {
        return Err(bad(name, "holds a NUL"));
    }
    Ok(PathBuf::from(path))
}

fn number<T: FromStr>(name: &str, raw: &str) -> Result<T, UriError> {
    Some(raw)
        .filter(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|r| r.parse().ok())
        .ok_or_else(|| bad(name, "is not a decimal number in range"))
}

fn version(name: &str, raw: &str) -> Result<(u8, u8), UriError> {
    match raw.split_once('.') {
        Some((major, minor)) => Ok((number(name, major)?, number(name, minor)?)),
        None => Ok((number(name, raw)?, 0)),
    }
}

fn object_type(name: &str, raw: &str) -> Result<ObjectType, UriError> {
    let value = text(name, raw)?;
    ObjectType::ALL
        .into_iter()
        .find(|t| t.name() == value)
        .ok_or_else(|| {
            bad(
                name,
                "is not one of cert, data, private, public, secret-key",
            )
        })
}

fn shorten(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
#[path = "uri_tests.rs"]
mod tests;
