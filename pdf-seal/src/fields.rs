//! What a template's fields stand for, and the time as it is written on a seal.

use crate::time_format::TimeFormat;

/// What there is to say about a signature; the caller knows it, the template chooses from it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fields {
    /// Who signs.
    pub name: Option<String>,
    /// The organisation that signs, or that the signer belongs to.
    pub organisation: Option<String>,
    /// Its registered identifier (EN 319 412-1 clause 5.1.4).
    pub organization_identifier: Option<String>,
    /// The certificate's serial number.
    pub serial: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// When it is signed, as the signer claims.
    pub time: LocalTime,
    /// Why it is signed.
    pub reason: Option<String>,
    /// Where it is signed.
    pub location: Option<String>,
    /// How the signer can be reached.
    pub contact: Option<String>,
}

/// An instant and the offset from UTC in which it is shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LocalTime {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
    /// Minutes east of Greenwich.
    pub offset_minutes: i32,
}

/// The language of the built-in words, and of the names of months and days.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// English
    #[default]
    English,
    /// French
    French,
}

/// A name that a template may use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    Name,
    Organisation,
    OrganizationIdentifier,
    Serial,
    Issuer,
    Time(Option<TimeFormat>),
    Reason,
    Location,
    Contact,
}

/// The names, as an error lists them.
pub(crate) const FIELD_NAMES: [&str; 9] = [
    "name",
    "organisation",
    "organization-identifier",
    "serial",
    "issuer",
    "time",
    "reason",
    "location",
    "contact",
];

impl Field {
    /// All but `time:FORMAT`.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "organisation" | "organization" => Self::Organisation,
            "organization-identifier" | "organisation-identifier" => Self::OrganizationIdentifier,
            "serial" => Self::Serial,
            "issuer" => Self::Issuer,
            "time" => Self::Time(None),
            "reason" => Self::Reason,
            "location" => Self::Location,
            "contact" => Self::Contact,
            _ => return None,
        })
    }

    /// What it stands for; `None` where there is nothing to say.
    pub(crate) fn value(&self, fields: &Fields, language: Language) -> Option<String> {
        let text = match self {
            Self::Time(format) => {
                let usual = TimeFormat::usual(language);
                let format = format.as_ref().unwrap_or(&usual);
                return Some(format.format(fields.time, language));
            }
            Self::Name => &fields.name,
            Self::Organisation => &fields.organisation,
            Self::OrganizationIdentifier => &fields.organization_identifier,
            Self::Serial => &fields.serial,
            Self::Issuer => &fields.issuer,
            Self::Reason => &fields.reason,
            Self::Location => &fields.location,
            Self::Contact => &fields.contact,
        };
        let text = clean(text.as_deref()?);
        (!text.is_empty()).then_some(text)
    }
}

/// A value on one line, without the characters by which a name could rearrange the text around it
/// (explicit bidirectional formatting) or hide in it.
fn clean(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() || c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}' => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_turn_the_text_around() {
        assert_eq!(clean("Awa\u{202e}kraM\r\n  Diop "), "AwakraM Diop");
        assert_eq!(clean("\u{2067}\u{202d}"), "");
    }
}
