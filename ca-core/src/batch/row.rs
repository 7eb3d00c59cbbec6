//! One order of a batch, understood; what it asks for is decided by the engine.

use core::str::FromStr;

use hsm_pkcs11::KeySpec;
use pki_crypto::DigestAlgorithm;

use super::{Column, Columns, Record};
use crate::engine::Validity;
use crate::error::SettingsError;
use crate::issuance::copy32;
use crate::names::{DnError, SubjectDn};
use crate::settings::Legislation;

/// An order's name in its batch: 1 to 128 characters, none of them a control character.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RowId(String);

/// What a batch takes where a line says nothing.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The issuing authority.
    pub ca: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// How long.
    pub validity: Validity,
    /// Under which law.
    pub legislation: Option<Legislation>,
    /// Whether keys are in qualified devices.
    pub qscd: Qscd,
    /// Whether the chain is written.
    pub chain: ChainFile,
}

/// Whether the subject's key is declared to be in a qualified device.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Qscd {
    /// Nothing is declared.
    #[default]
    Undeclared,
    /// It is declared.
    Declared,
}

/// Whether the issuer's chain is written beside the certificate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ChainFile {
    /// It is not.
    #[default]
    Omit,
    /// It is.
    Write,
}

/// Where the request is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RequestSource {
    /// In this file, relative to the folder of the batch.
    File(String),
    /// In the line itself (PEM or DER).
    Inline(Vec<u8>),
}

/// Whose key is certified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RowKey {
    /// A request's.
    Request(RequestSource),
    /// One that is generated.
    Generate(KeySpec),
}

/// One order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchRow {
    /// Its name.
    pub id: RowId,
    /// The issuing authority.
    pub ca: String,
    /// The profile.
    pub profile: String,
    /// The subject.
    pub subject: SubjectDn,
    /// Whose key.
    pub key: RowKey,
    /// How long.
    pub validity: Validity,
    /// Under which law.
    pub legislation: Option<Legislation>,
    /// Whether the key is in a qualified device.
    pub qscd: Qscd,
    /// Whether the chain is written.
    pub chain: ChainFile,
}

/// Why a line is no order.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// Fewer or more fields than the heading.
    #[error("the line has {found} fields, and the heading has {expected}")]
    Fields {
        /// In the line.
        found: usize,
        /// In the heading.
        expected: usize,
        /// Whether the line seems to be separated by semicolons.
        semicolons: bool,
    },
    /// A column that must say something says nothing.
    #[error("column {0} is empty")]
    Missing(&'static str),
    /// The id cannot be used.
    #[error("column id: {0}")]
    Id(&'static str),
    /// A value that is none.
    #[error("column {column}: {reason}")]
    Value {
        /// Which column.
        column: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The subject cannot be read.
    #[error("column {column}: {source}")]
    Subject {
        /// Which column.
        column: String,
        /// What is wrong.
        source: DnError,
    },
    /// A request and a key to generate.
    #[error("the line has both a csr and a key to generate")]
    TwoKeys,
    /// A generated key file is no qualified device.
    #[error("qscd is declared for a key file that is generated, which is no qualified device")]
    QscdKeyFile,
}

impl BatchRow {
    /// Reads one record under its heading.
    ///
    /// # Errors
    /// The first column that is wrong.
    pub fn parse(
        record: &Record,
        columns: &Columns,
        defaults: &Defaults,
    ) -> Result<Self, RowError> {
        let fields = &record.fields;
        if fields.len() != columns.len() {
            return Err(RowError::Fields {
                found: fields.len(),
                expected: columns.len(),
                semicolons: fields.len() == 1 && fields.iter().any(|f| f.contains(';')),
            });
        }
        let get = |wanted: Column| {
            let found = columns.iter().zip(fields).find(|((c, _), _)| *c == wanted);
            found
                .map(|(_, value)| value.trim())
                .filter(|v| !v.is_empty())
        };
        let id: RowId = get(Column::Id).ok_or(RowError::Missing("id"))?.parse()?;
        let ca = get(Column::Ca).or(defaults.ca.as_deref());
        let profile = get(Column::Profile).or(defaults.profile.as_deref());
        let subject = subject(columns, fields)?;
        let key = key(get(Column::Csr), get(Column::Key))?;
        let validity = match get(Column::Days) {
            None => defaults.validity,
            Some(days) => Validity::Days(value("days", days, |d| {
                d.parse().map_err(|_| format!("{d:?} is no number of days"))
            })?),
        };
        let legislation = match get(Column::Legislation) {
            None => defaults.legislation.clone(),
            Some(law) => Some(value("legislation", law, |l| {
                l.parse().map_err(|e: SettingsError| e.to_string())
            })?),
        };
        let qscd = match get(Column::Qscd) {
            None => defaults.qscd,
            Some(said) if yes_or_no("qscd", said)? => Qscd::Declared,
            Some(_) => Qscd::Undeclared,
        };
        let chain = match get(Column::Chain) {
            None => defaults.chain,
            Some(said) if yes_or_no("chain", said)? => ChainFile::Write,
            Some(_) => ChainFile::Omit,
        };
        if qscd == Qscd::Declared && matches!(key, RowKey::Generate(_)) {
            return Err(RowError::QscdKeyFile);
        }
        Ok(Self {
            id,
            ca: ca.ok_or(RowError::Missing("ca"))?.to_owned(),
            profile: profile.ok_or(RowError::Missing("profile"))?.to_owned(),
            subject,
            key,
            validity,
            legislation,
            qscd,
            chain,
        })
    }

    /// What makes this order itself, so that it is carried out once: the batch's name, its own, the
    /// authority, the profile, the subject, and the key of the request (its SubjectPublicKeyInfo, DER).
    /// Days, law and device are left out: asked for again with others, it is still the same order.
    #[must_use]
    pub fn digest(&self, batch: &str, request_key: Option<&[u8]>) -> [u8; 32] {
        let mut hasher = DigestAlgorithm::Sha256.hasher();
        let subject = self.subject.to_string();
        let parts = [
            "sceau.batch/1".as_bytes(),
            batch.as_bytes(),
            self.id.0.as_bytes(),
            self.ca.as_bytes(),
            self.profile.as_bytes(),
            subject.as_bytes(),
            request_key.unwrap_or_default(),
        ];
        for part in parts {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        copy32(hasher.finish().as_bytes())
    }
}

impl RowId {
    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A file name that this id alone has, with letters, digits, `-`, `_` and `.` as they are and
    /// everything else as `%` with two hexadecimal digits. It is never hidden, never has a folder in it,
    /// and never ends in what tells a chain or a key from a certificate.
    #[must_use]
    pub fn file_stem(&self) -> String {
        use core::fmt::Write as _;
        let marked = [".chain", ".key"]
            .iter()
            .find(|suffix| self.0.ends_with(**suffix))
            .map(|suffix| self.0.len() - suffix.len());
        let mut out = String::with_capacity(self.0.len());
        for (at, byte) in self.0.bytes().enumerate() {
            let plain = byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_')
                || (byte == b'.' && at > 0 && marked != Some(at));
            if plain {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    }
}

impl FromStr for RowId {
    type Err = RowError;

    fn from_str(s: &str) -> Result<Self, RowError> {
        // Octets, not characters: three times as many must be a file name.
        if s.len() > 64 {
            Err(RowError::Id("it is longer than 64 octets"))
        } else if s.chars().any(char::is_control) {
            Err(RowError::Id("it contains a control character"))
        } else if s.is_empty() {
            Err(RowError::Missing("id"))
        } else {
            Ok(Self(s.to_owned()))
        }
    }
}

impl RowError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Fields {
                semicolons: true, ..
            } => "separate the fields with commas, as the heading does".into(),
            Self::Fields { .. } => {
                "put quotes around a field with a comma in it, and leave no column out".into()
            }
            Self::Missing("ca" | "profile") => {
                "write it into the line, or give --ca and --profile for all lines".into()
            }
            Self::Missing("id") => "give each order a name of its own".into(),
            Self::Missing("csr") => "name a request, or say in column key what to generate".into(),
            Self::Missing(_) => "fill it in".into(),
            Self::Id(_) => "shorten or correct it".into(),
            Self::Value { .. } => return None,
            Self::Subject { source, .. } => return source.hint(),
            Self::TwoKeys => "leave one of them empty".into(),
            Self::QscdKeyFile => "leave qscd empty, or certify a request made in the device".into(),
        })
    }
}

fn value<T>(
    column: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, RowError> {
    parse(text).map_err(|reason| RowError::Value { column, reason })
}

fn yes_or_no(column: &'static str, said: &str) -> Result<bool, RowError> {
    match said.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err(RowError::Value {
            column,
            reason: format!("{said:?} is neither yes nor no"),
        }),
    }
}

fn subject(columns: &Columns, fields: &[String]) -> Result<SubjectDn, RowError> {
    let mut attributes = Vec::new();
    for ((column, name), value) in columns.iter().zip(fields) {
        let value = value.trim();
        match column {
            Column::Subject => {
                return value.parse().map_err(|source| RowError::Subject {
                    column: name.to_owned(),
                    source,
                });
            }
            Column::Attribute(attribute) if !value.is_empty() => {
                attributes.push((attribute, value.to_owned()));
            }
            _ => {}
        }
    }
    SubjectDn::checked(attributes).map_err(|source| RowError::Subject {
        column: "subject".into(),
        source,
    })
}

fn key(csr: Option<&str>, key: Option<&str>) -> Result<RowKey, RowError> {
    match (csr, key) {
        (Some(_), Some(_)) => Err(RowError::TwoKeys),
        (None, None) => Err(RowError::Missing("csr")),
        (Some(csr), None) => Ok(RowKey::Request(request(csr))),
        (None, Some(spec)) => Ok(RowKey::Generate(value("key", spec, str::parse)?)),
    }
}

/// PEM, the base64 of PEM without its lines around it, or a file's name.
fn request(text: &str) -> RequestSource {
    if text.starts_with("-----BEGIN ") {
        return RequestSource::Inline(text.as_bytes().to_vec());
    }
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c) || c.is_whitespace();
    // The base64 of any SEQUENCE longer than 127 octets begins with MI; no request is shorter.
    if text.len() >= 128 && text.starts_with("MI") && text.chars().all(base64) {
        let label = "CERTIFICATE REQUEST";
        let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        return RequestSource::Inline(pem.into_bytes());
    }
    RequestSource::File(text.to_owned())
}
