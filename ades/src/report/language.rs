//! The languages of reports for people. A report says everything as a [`Text`]; the catalogues in
//! [`super::french`] give the French of each template.
//!
//! Sentences that come finished from elsewhere (paths, keys, trusted lists) are recognised by the same
//! catalogue, whose templates are then patterns: what stands in the holes is taken over.

use std::collections::HashMap;
use std::sync::OnceLock;

use pki_asn1::time::{MONTHS_ENGLISH, MONTHS_FRENCH};

use super::french;
use crate::text::{Argument, Text};

/// A language of reports.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Language {
    /// As everything is written.
    #[default]
    English,
    /// French, with its typography and dates.
    French,
}

/// A sentence within a sentence within a sentence; nobody says more.
const DEPTH: usize = 6;

impl Language {
    /// Its tag (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// A sentence in this language; what has no translation stays English.
    #[must_use]
    pub fn say(self, text: &Text) -> String {
        match self {
            Self::English => text.to_string(),
            Self::French => dates(&fill(text, DEPTH), self),
        }
    }

    /// A sentence that comes finished.
    #[must_use]
    pub fn sentence(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            Self::French => dates(&recognised(english, DEPTH), self),
        }
    }

    /// The same with times as people write them, also in English.
    pub(super) fn dated(self, text: &str) -> String {
        dates(text, self)
    }
}

/// The French templates, with the spaces that French sets before its punctuation.
fn catalogue() -> &'static HashMap<&'static str, String> {
    static ALL: OnceLock<HashMap<&'static str, String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let entries = french::CATALOGUES.iter().flat_map(|part| part.iter());
        entries
            .map(|(english, french)| (*english, typography(french)))
            .collect()
    })
}

fn fill(text: &Text, depth: usize) -> String {
    let say = |argument: &Argument| match argument {
        Argument::Text(text) if depth > 0 => fill(text, depth - 1),
        Argument::Text(text) => text.to_string(),
        Argument::Plain(plain) => recognised(plain, depth),
    };
    let arguments: Vec<Argument> = text
        .arguments()
        .iter()
        .map(|argument| Argument::Plain(say(argument)))
        .collect();
    Text::filled(text.template(), arguments)
        .render(&|english| catalogue().get(english).map(String::as_str))
}

/// The French of a finished sentence, or the sentence.
fn recognised(english: &str, depth: usize) -> String {
    if depth == 0 || !english.contains(' ') {
        return catalogue()
            .get(english)
            .cloned()
            .unwrap_or_else(|| english.to_owned());
    }
    if let Some(french) = catalogue().get(english) {
        return french.clone();
    }
    // Of several templates that fit, the one that says most of it.
    let fitting = patterns().iter().filter_map(|pattern| {
        let holes = holes(english, &pattern.words)?;
        Some((pattern, holes))
    });
    let best = fitting.max_by_key(|(pattern, _)| pattern.length);
    let Some((pattern, holes)) = best else {
        return english.to_owned();
    };
    let arguments = holes
        .into_iter()
        .map(|hole| Argument::Plain(recognised(hole, depth - 1)))
        .collect();
    Text::filled(pattern.english, arguments)
        .render(&|english| catalogue().get(english).map(String::as_str))
}

/// A template by the words between its holes.
struct Pattern {
    english: &'static str,
    words: Vec<&'static str>,
    length: usize,
}

fn patterns() -> &'static [Pattern] {
    /// Fewer letters would be found in anything.
    const LEAST: usize = 7;
    static ALL: OnceLock<Vec<Pattern>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<Pattern> = catalogue()
            .keys()
            .map(|english| {
                let words: Vec<&str> = english.split("{}").collect();
                let length = words.iter().map(|w| w.len()).sum();
                Pattern {
                    english,
                    words,
                    length,
                }
            })
            .filter(|p| p.words.len() > 1 && p.length >= LEAST)
            .collect();
        // The same one first on every run.
        all.sort_by_key(|p| (p.length, p.english));
        all
    })
}

/// What stands between these words, where all of them are there in their order.
fn holes<'t>(text: &'t str, words: &[&str]) -> Option<Vec<&'t str>> {
    let (first, rest) = words.split_first()?;
    let (last, middle) = rest.split_last()?;
    let mut left = text.strip_prefix(first)?.strip_suffix(last)?;
    let mut out = Vec::new();
    for word in middle {
        let (hole, after) = left.split_once(word)?;
        out.push(hole);
        left = after;
    }
    out.push(left);
    Some(out)
}

/// Spaces that no line may break at: thin ones before `;`, `!` and `?`, full ones before `:` and inside
/// quotation marks.
fn typography(template: &str) -> String {
    let mut out = template.to_owned();
    for (plain, set) in [
        (" ;", "\u{202f};"),
        (" !", "\u{202f}!"),
        (" ?", "\u{202f}?"),
        (" :", "\u{a0}:"),
        ("« ", "«\u{a0}"),
        (" »", "\u{a0}»"),
    ] {
        out = out.replace(plain, set);
    }
    out
}

/// Replaces times such as `2026-11-22T14:26:39Z` by words.
fn dates(text: &str, language: Language) -> String {
    const LENGTH: usize = "2026-11-22T14:26:39Z".len();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('T') {
        let start = at.checked_sub("2026-11-22".len());
        let candidate = start.and_then(|start| Some((start, rest.get(start..start + LENGTH)?)));
        match candidate.and_then(|(start, time)| Some((start, words(time, language)?))) {
            Some((start, words)) => {
                out.push_str(rest.get(..start).unwrap_or_default());
                out.push_str(&words);
                rest = rest.get(start + LENGTH..).unwrap_or_default();
            }
            None => {
                out.push_str(rest.get(..=at).unwrap_or_default());
                rest = rest.get(at + 1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn words(time: &str, language: Language) -> Option<String> {
    let shape = |(index, octet): (usize, u8)| match index {
        4 | 7 => octet == b'-',
        10 => octet == b'T',
        13 | 16 => octet == b':',
        19 => octet == b'Z',
        _ => octet.is_ascii_digit(),
    };
    if !time.bytes().enumerate().all(shape) {
        return None;
    }
    let (year, clock) = (time.get(..4)?, time.get(11..19)?);
    let month: usize = time.get(5..7)?.parse().ok()?;
    let day: u8 = time.get(8..10)?.parse().ok()?;
    let index = month.checked_sub(1)?;
    Some(match language {
        Language::English => format!("{day} {} {year}, {clock} UTC", MONTHS_ENGLISH.get(index)?),
        Language::French => {
            let day = match day {
                1 => "1er".to_owned(),
                other => other.to_string(),
            };
            format!(
                "{day}\u{a0}{} {year} à {clock}\u{a0}UTC",
                MONTHS_FRENCH.get(index)?
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn times_are_said_as_people_write_them_and_nothing_else_is_touched() {
        let say = |text: &str| dates(text, Language::French);
        assert_eq!(
            say("vu 2026-01-01T00:00:00Z, The T 2026-13-01T00:00:00Z"),
            "vu 1er\u{a0}janvier 2026 à 00:00:00\u{a0}UTC, The T 2026-13-01T00:00:00Z"
        );
        assert_eq!(say("é\u{301}T2026-1"), "é\u{301}T2026-1");
        assert_eq!(
            dates("2026-11-22T14:26:39Z", Language::English),
            "22 November 2026, 14:26:39 UTC"
        );
    }

    #[test]
    fn a_sentence_that_comes_finished_is_said_in_french_too() {
        let why = "certificate CN=a: b (serial 07): it expired at 2026-01-02T00:00:00Z, and the time is 2026-02-02T00:00:00Z";
        let said = Language::French.say(&text!(
            "no chain leads from the certificate to a trusted one: {}",
            why
        ));
        assert!(said.contains("CN=a: b"), "{said}");
        assert!(said.contains("2\u{a0}janvier 2026"), "{said}");
        assert!(!said.contains("expired"), "{said}");
    }
}
