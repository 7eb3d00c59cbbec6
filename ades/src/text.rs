//! A sentence as a template and what fills it, so that a report can say it in another language.
//!
//! The English template is the sentence's name: a catalogue takes it for its key. [`Text`] displays in
//! English; [`Text::render`] asks for the template of another language first.

pub(crate) mod errors;

use core::fmt;
use std::borrow::Cow;

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{UnixTime, name};

/// A sentence without a full stop: an English template with a hole `{}` for each argument.
///
/// What comes from elsewhere as a finished sentence (`From<String>`) is its own only argument and has no
/// translation; `From<&'static str>` is a template without holes.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Text {
    template: &'static str,
    arguments: Vec<Argument>,
}

/// What fills a hole.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Argument {
    /// The same in every language: a name, a time, a number.
    Plain(String),
    /// A sentence within the sentence.
    Text(Text),
}

/// A [`Text`](crate::text::Text): `text!("{} was revoked at {}", subject, time)`. That template and
/// arguments fit is checked by the compiler.
#[macro_export]
macro_rules! text {
    ($template:literal $(, $argument:expr)* $(,)?) => {{
        const _: () = {
            let arguments: &[&str] = &[$(stringify!($argument)),*];
            assert!(
                $crate::text::holes($template) == arguments.len(),
                "a template takes one argument for each of its holes"
            );
        };
        $crate::text::Text::filled(
            $template,
            vec![$($crate::text::Fill::fill(&$argument)),*],
        )
    }};
}

impl Text {
    /// A template and as many arguments as it has holes; [`text!`](crate::text!) checks that they are.
    #[must_use]
    pub fn filled(template: &'static str, arguments: Vec<Argument>) -> Self {
        Self {
            template,
            arguments,
        }
    }

    /// The English template: the key of a catalogue.
    #[must_use]
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// What fills it, in the order of the holes.
    #[must_use]
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// In the language of `catalogue`, which knows templates by the English ones; what it does not know
    /// stays English. A template of another language may name holes by number, `{0}`, where its order
    /// differs.
    #[must_use]
    pub fn render<'c>(&self, catalogue: &dyn Fn(&str) -> Option<&'c str>) -> String {
        let mut out = String::new();
        let mut rest = catalogue(self.template).unwrap_or(self.template);
        let mut next = 0;
        while let Some((before, after, number)) = hole(rest) {
            let place = number.unwrap_or(next);
            next += usize::from(number.is_none());
            let Some(argument) = self.arguments.get(place) else {
                break;
            };
            out.push_str(before);
            match argument {
                Argument::Plain(plain) => out.push_str(plain),
                Argument::Text(text) => out.push_str(&text.render(catalogue)),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.render(&|_| None))
    }
}

impl From<String> for Text {
    fn from(sentence: String) -> Self {
        Self::filled("{}", vec![Argument::Plain(sentence)])
    }
}

impl From<&'static str> for Text {
    fn from(template: &'static str) -> Self {
        Self::filled(template, Vec::new())
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

/// What comes before the first hole and after it, and its number where it names one.
fn hole(template: &str) -> Option<(&str, &str, Option<usize>)> {
    let mut from = 0;
    loop {
        let open = from + template.get(from..)?.find('{')?;
        let close = open + template.get(open..)?.find('}')?;
        let (before, after) = (template.get(..open)?, template.get(close + 1..)?);
        match template.get(open + 1..close)? {
            "" => return Some((before, after, None)),
            number => match number.parse() {
                Ok(number) => return Some((before, after, Some(number))),
                Err(_) => from = open + 1,
            },
        }
    }
}

/// How many holes a template has.
#[doc(hidden)]
#[must_use]
pub const fn holes(template: &str) -> usize {
    let octets = template.as_bytes();
    let (mut at, mut count) = (1, 0);
    while at < octets.len() {
        if octets[at - 1] == b'{' && octets[at] == b'}' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// What may fill a hole of a [`Text`].
pub trait Fill {
    /// As an argument.
    fn fill(&self) -> Argument;
}

/// A name that comes from a stranger, in quotation marks and with its control characters escaped.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'n>(pub &'n str);

impl Fill for Quoted<'_> {
    fn fill(&self) -> Argument {
        Argument::Plain(format!("{:?}", self.0))
    }
}

impl<T: Fill + ?Sized> Fill for &T {
    fn fill(&self) -> Argument {
        (**self).fill()
    }
}

impl Fill for Text {
    fn fill(&self) -> Argument {
        Argument::Text(self.clone())
    }
}

macro_rules! plain {
    ($($kind:ty),* $(,)?) => {
        $(impl Fill for $kind {
            fn fill(&self) -> Argument {
                Argument::Plain(self.to_string())
            }
        })*
    };
}

plain! {
    str, String, Cow<'_, str>, char, usize, u32, u64, i64, UnixTime, ObjectIdentifier,
    name::DisplayName<'_>, std::io::Error,
    pki_crypto::DigestAlgorithm, pki_crypto::SignatureAlgorithm, pki_crypto::KeyKind,
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn a_sentence_within_a_sentence_is_translated_too() {
        let inner = text!("a {} was revoked", "certificate");
        let outer = text!("{} (of {}): {}", 7_usize, Quoted("x\n"), inner);
        assert_eq!(
            outer.to_string(),
            "7 (of \"x\\n\"): a certificate was revoked"
        );
        let french = outer.render(&|english| match english {
            "{} (of {}): {}" => Some("{2}, de {1} ({0})"),
            "a {} was revoked" => Some("un {} fut révoqué"),
            _ => None,
        });
        assert_eq!(french, "un certificate fut révoqué, de \"x\\n\" (7)");
    }

    #[test]
    fn braces_in_names_and_finished_sentences_are_no_holes() {
        let named = text!("field {} was changed", "{} {0}");
        assert_eq!(named.to_string(), "field {} {0} was changed");
        let finished = super::Text::from("{0} or {} or {x}".to_owned());
        assert_eq!(finished.to_string(), "{0} or {} or {x}");
        let bare = super::Text::from("a {x} b {} c");
        assert_eq!(bare.to_string(), "a {x} b {} c");
    }
}
