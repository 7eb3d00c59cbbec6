//! Configuration files in TOML, with errors that name the file, the line, the key and the remedy.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::exit::Exit;
use crate::failure::{Failure, ResultExt as _};
use crate::input;

/// Far more than any configuration needs.
const LIMIT: u64 = 1 << 20;

/// What helps where a file is no TOML at all.
const SYNTAX: &str =
    "lines are key = \"text\", key = 3, key = true, key = [\"a\", \"b\"], or [table]";

/// Reads a configuration file. `T` should deny unknown fields, so that a misspelt key is an error
/// and not a setting that silently does nothing.
///
/// # Errors
/// Where the file cannot be read, is no TOML, or does not fit `T` ([`Exit::Config`]).
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    parse(&text(path, "the configuration")?, path)
}

/// What [`load`] reads, before it is looked into; `what` it is called in errors.
///
/// # Errors
/// Exit 78 where the file cannot be read.
pub fn text(path: &Path, what: &str) -> Result<String, Failure> {
    input::read_text(path, what, LIMIT).exit(Exit::Config)
}

/// As [`load`], from text that was read from `path`.
///
/// # Errors
/// As [`load`].
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| {
        let place = match error.span() {
            Some(span) => format!("{}, line {}", path.display(), line(text, span.start)),
            None => path.display().to_string(),
        };
        let (message, hint) = explain(error.message());
        let failure = Failure::message(Exit::Config, format_args!("{place}: {message}"));
        match hint {
            Some(hint) => failure.with_hint(hint),
            None if text.parse::<toml::Table>().is_err() => failure.with_hint(SYNTAX),
            None => failure,
        }
    })
}

fn line(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    1 + before.bytes().filter(|b| *b == b'\n').count()
}

/// serde says "unknown field `x`, expected one of `a`, `b`"; the operator reads keys, not fields, and
/// wants the nearest one.
fn explain(message: &str) -> (String, Option<String>) {
    let first_line = message.lines().next().unwrap_or(message);
    let mut quoted = first_line.split('`').skip(1).step_by(2);
    if first_line.starts_with("unknown field") {
        let key = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let hint = match nearest(key, &known) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("known keys here: {}", known.join(", ")),
        };
        return (format!("unknown key {key:?}"), Some(hint));
    }
    if first_line.starts_with("unknown variant") {
        let value = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let hint = format!("possible values: {}", known.join(", "));
        return (format!("{value:?} is not a possible value"), Some(hint));
    }
    if first_line.starts_with("missing field") {
        let key = quoted.next().unwrap_or_default();
        let hint = format!("add a line: {key} = ...");
        return (format!("the key {key:?} is missing"), Some(hint));
    }
    if first_line.starts_with("invalid type: map, expected a sequence") {
        let hint = "a table that may stand several times has double brackets: [[name]]";
        return (
            "this table may stand several times".to_owned(),
            Some(hint.to_owned()),
        );
    }
    if let Some((found, expected)) = first_line
        .strip_prefix("invalid type: ")
        .or(first_line.strip_prefix("invalid value: "))
        .and_then(|said| said.rsplit_once(", expected "))
    {
        let hint = format!("wanted is {}", kind(expected));
        return (format!("{found} does not fit here"), Some(hint));
    }
    if first_line == "wanted string or table" {
        let hint = format!("wanted is {}", kind("a string"));
        return ("this does not fit here".to_owned(), Some(hint));
    }
    // What checks a value itself says what would be one in a line of its own.
    let hint = message.lines().find_map(|l| l.strip_prefix("hint: "));
    (first_line.to_owned(), hint.map(str::to_owned))
}

/// A kind of value as the file writes it, from what serde calls it.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "string" | "a borrowed string" => "a text in quotes",
        "a boolean" => "true or false, without quotes",
        "a sequence" => "a list: [\"a\", \"b\"]",
        "u8" => "a whole number from 0 to 255, without quotes",
        "u16" => "a whole number from 0 to 65535, without quotes",
        "u32" | "u64" | "usize" => "a whole number from 0, without quotes",
        "i32" | "i64" => "a whole number, without quotes",
        _ if expected.starts_with("struct ") || expected == "a map" => {
            "a table: [name], then a line for each key"
        }
        other => other,
    }
}

/// The known word that a slip or two turn into `word`.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = 1 + word.len() / 4;
    known
        .iter()
        .map(|k| (distance(word, k), *k))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, k)| k)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    #[allow(dead_code)]
    struct Example {
        base_url: String,
        country: Option<String>,
        #[serde(default)]
        listen: Vec<Listen>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Listen {
        port: u16,
    }

    fn failure(text: &str) -> String {
        let result: Result<Example, _> = parse(text, Path::new("a.toml"));
        result.unwrap_err().to_text()
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_the_right_spelling() {
        assert_eq!(
            failure("country = \"MC\"\nbse-url = \"x\"\n"),
            "error: a.toml, line 2: unknown key \"bse-url\"\n  hint: did you mean \"base-url\"?\n"
        );
        assert_eq!(
            failure("base-url = \"x\"\nzzz = 1\n"),
            "error: a.toml, line 2: unknown key \"zzz\"\n  hint: known keys here: base-url, country, listen\n"
        );
    }

    #[test]
    fn a_wrong_type_or_syntax_is_named_with_its_line() {
        assert_eq!(
            failure("\nbase-url = 3\n"),
            "error: a.toml, line 2: integer `3` does not fit here\n  hint: wanted is a text in quotes\n"
        );
        let port = failure("base-url = \"x\"\n[[listen]]\nport = 70000\n");
        assert!(port.ends_with("line 3: integer `70000` does not fit here\n  hint: wanted is a whole number from 0 to 65535, without quotes\n"), "{port}");
        assert!(failure("base-url = \"x\"\n= 3\n").starts_with("error: a.toml, line 2: "));
        assert!(failure("base-url = x\n").contains("\n  hint: lines are key = \"text\""));
        assert!(failure("").contains("\"base-url\" is missing"));
        assert!(failure("base-url = \"x\"\n[listen]\nport = 1\n").contains("[[name]]"));
    }
}
