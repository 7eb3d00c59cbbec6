//! The two languages of an annex.

use core::fmt;
use core::str::FromStr;

/// A language.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `fr`
    French,
}

/// Not a language an annex is written in.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is neither en nor fr")]
pub struct UnknownLanguage(String);

impl Language {
    pub(super) fn choose<'a>(self, english: &'a str, french: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// A clause as the language cites it.
    pub(super) fn clause(self, clause: &str) -> String {
        match self {
            Self::English => clause.to_owned(),
            Self::French => clause
                .replace(" section ", ", section ")
                .replace(" clause ", ", clause ")
                .replace(" clauses ", ", clauses ")
                .replace(" and ", " et "),
        }
    }

    /// French sets a no-break space before a colon and a semicolon, English sets nothing.
    pub(super) fn typeset(self, text: &str) -> String {
        match self {
            Self::English => text.replace(" : ", ": ").replace(" ; ", "; "),
            Self::French => text.replace(" : ", "\u{a0}: ").replace(" ; ", "\u{a0}; "),
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(s: &str) -> Result<Self, UnknownLanguage> {
        match s {
            "en" => Ok(Self::English),
            "fr" => Ok(Self::French),
            _ => Err(UnknownLanguage(s.to_owned())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.choose("en", "fr"))
    }
}
