//! Reading a profile file: TOML to [`ProfileConfig`], with every mistake and not only the first.
//!
//! What serde refuses is noted, taken out of the document, and the rest is read again. Each round
//! takes something out, so it ends.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::problem::Problem;
use super::{ProfileConfig, ProfileError};

/// A profile is a page or two of text, in bytes.
pub(super) const LIMIT: usize = 1 << 16;
/// So many mistakes are told; a file with more is something else.
const MOST_PROBLEMS: usize = 50;

/// Keys without which a profile says too little, each with a value (TOML) that stands in for a missing
/// one while the rest is looked at. A test compares them with what serde asks for.
const REQUIRED: [(&str, &str); 12] = [
    ("name", "''"),
    ("version", "1"),
    ("title", "''"),
    ("subject-type", "'root-ca'"),
    ("validity", "{}"),
    ("validity.default-days", "1"),
    ("validity.maximum-days", "1"),
    ("key", "{}"),
    ("subject", "{}"),
    ("subject.mandatory", "[]"),
    ("extensions", "{}"),
    ("extensions.key-usage", "[]"),
];

/// Where each key stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// The line of `key`, or of the innermost table around it.
    pub(super) fn of(&self, key: &str) -> Option<usize> {
        let mut key = key;
        loop {
            if let Some(line) = self.0.get(key) {
                return Some(*line);
            }
            key = &key[..key.rfind('.')?];
        }
    }
}

/// A file that is of the format, whatever it says.
pub(super) struct Read {
    pub(super) config: ProfileConfig,
    pub(super) lines: Lines,
    /// Keys that the format does not have: the rest can still be judged.
    pub(super) problems: Vec<Problem>,
}

/// Reads `text`.
///
/// # Errors
/// Everything that keeps it from being read.
pub(super) fn read(text: &str) -> Result<Read, ProfileError> {
    let whole = |reason: String| {
        ProfileError::new(
            None,
            vec![Problem {
                line: None,
                key: String::new(),
                reason,
                clause: "",
            }],
        )
    };
    if text.len() > LIMIT {
        return Err(whole(format!("it is longer than {LIMIT} bytes")));
    }
    let line_at = |at: usize| {
        let before = text.get(..at).unwrap_or(text);
        1 + before.matches('\n').count()
    };
    let (mut root, mistakes) = DeTable::parse_recoverable(text);
    let mut problems: Vec<_> = mistakes
        .iter()
        .take(MOST_PROBLEMS)
        .map(|e| Problem {
            line: e.span().map(|span| line_at(span.start)),
            key: String::new(),
            reason: first_line(e.message()),
            clause: "",
        })
        .collect();
    if !problems.is_empty() {
        return Err(ProfileError::new(None, problems));
    }
    let mut lines = Lines::default();
    index(root.get_ref(), "", &line_at, &mut lines);
    let name = name_of(root.get_ref());
    for (key, _) in &REQUIRED {
        let parent = key.rsplit_once('.').map(|(parent, _)| parent);
        // Where the table itself is missing, that is said once.
        let wanted = parent.is_none_or(|parent| lines.0.contains_key(parent));
        if wanted && !lines.0.contains_key(*key) {
            problems.push(Problem {
                line: parent.and_then(|parent| lines.of(parent)),
                key: (*key).to_owned(),
                reason: "it is missing".into(),
                clause: "",
            });
        }
    }
    let mut readable = problems.is_empty();
    fill(root.get_mut());
    while problems.len() < MOST_PROBLEMS {
        let document = toml::de::Deserializer::from(root.clone());
        let error = match ProfileConfig::deserialize(document) {
            Ok(config) if readable => {
                return Ok(Read {
                    config,
                    lines,
                    problems,
                });
            }
            Ok(_) => break,
            Err(error) => error,
        };
        let span = error.span().unwrap_or_default();
        let key = take_out(root.get_mut(), &span, "");
        readable &= error.message().starts_with("unknown field");
        problems.push(Problem {
            line: error.span().map(|span| line_at(span.start)),
            key: key.clone().unwrap_or_default(),
            reason: first_line(error.message()),
            clause: "",
        });
        if key.is_none() {
            break;
        }
        fill(root.get_mut());
    }
    Err(ProfileError::new(name, problems))
}

/// What a terminal shows on one line, controls escaped.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars()
        .take(300)
        .flat_map(|c| {
            let shown: Box<dyn Iterator<Item = char>> = if c.is_control() {
                Box::new(c.escape_default())
            } else {
                Box::new(core::iter::once(c))
            };
            shown
        })
        .collect()
}

fn name_of(root: &DeTable<'_>) -> Option<String> {
    let name = root.get("name")?.get_ref().as_str()?;
    super::bounds::is_name(name).then(|| name.to_owned())
}

/// Puts stand-ins where required keys are missing, so that serde goes on to the next mistake.
fn fill(root: &mut DeTable<'_>) {
    for (path, stand_in) in REQUIRED {
        let (table, key) = match path.split_once('.') {
            None => (Some(&mut *root), path),
            Some((table, key)) => {
                let table = root.get_mut(table).map(|value| value.get_mut());
                match table {
                    Some(DeValue::Table(table)) => (Some(table), key),
                    // Not a table: serde says so.
                    _ => (None, key),
                }
            }
        };
        let value = DeValue::parse(stand_in).map(|value| value.into_inner());
        if let (Some(table), Ok(value)) = (table, value)
            && !table.contains_key(key)
        {
            table.insert(Spanned::new(0..0, key.into()), Spanned::new(0..0, value));
        }
    }
}

/// Notes where each key of `table` stands. The parser bounds how deep tables go.
fn index(table: &DeTable<'_>, above: &str, line_at: &dyn Fn(usize) -> usize, lines: &mut Lines) {
    for (key, value) in table {
        let path = join(above, key.get_ref());
        lines.0.insert(path.clone(), line_at(key.span().start));
        match value.get_ref() {
            DeValue::Table(inner) => index(inner, &path, line_at, lines),
            DeValue::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let path = format!("{path}.{i}");
                    lines.0.insert(path.clone(), line_at(item.span().start));
                    if let DeValue::Table(inner) = item.get_ref() {
                        index(inner, &path, line_at, lines);
                    }
                }
            }
            _ => {}
        }
    }
}

fn join(above: &str, key: &str) -> String {
    // A key of a hostile file is shown, but does not write on the terminal.
    let key: String = key.chars().take(80).flat_map(char::escape_debug).collect();
    if above.is_empty() {
        key
    } else {
        format!("{above}.{key}")
    }
}

/// Takes the innermost thing at `span` out of the document and returns its key.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>, above: &str) -> Option<String> {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        let path = join(above, key.get_ref());
        let inner = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, span, &path),
            DeValue::Array(items) => take_out_of_array(items, span, &path),
            _ => None,
        };
        if inner.is_some() {
            return inner;
        }
        if covers(&key.span(), span) || covers(&value.span(), span) {
            found = Some((key.get_ref().to_string(), path));
        }
    }
    let (key, path) = found?;
    table.remove(key.as_str());
    Some(path)
}

fn take_out_of_array(items: &mut DeArray<'_>, span: &Range<usize>, path: &str) -> Option<String> {
    let at = items.iter_mut().position(|item| {
        covers(&item.span(), span)
            || match item.get_mut() {
                DeValue::Table(inner) => has(inner, span),
                _ => false,
            }
    })?;
    if let Some(DeValue::Table(inner)) = items.get_mut(at).map(|item| item.get_mut()) {
        let inner = take_out(inner, span, &format!("{path}.{at}"));
        if inner.is_some() {
            return inner;
        }
    }
    let kept: Vec<_> = items
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != at)
        .map(|(_, item)| item.clone())
        .collect();
    *items = DeArray::new();
    for item in kept {
        items.push(item);
    }
    Some(path.to_owned())
}

fn has(table: &DeTable<'_>, span: &Range<usize>) -> bool {
    table.iter().any(|(key, value)| {
        covers(&key.span(), span)
            || covers(&value.span(), span)
            || matches!(value.get_ref(), DeValue::Table(inner) if has(inner, span))
    })
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && outer.end > outer.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEAL: &str = include_str!("../../profiles/company-seal.toml");

    fn problems(text: &str) -> Vec<String> {
        match read(text) {
            Ok(read) => read.problems.iter().map(ToString::to_string).collect(),
            Err(error) => error.problems().iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn what_serde_asks_for_is_what_the_list_says() {
        let table: toml::Table = toml::from_str(SEAL).unwrap();
        let mut asked = Vec::new();
        let refused = |table: &toml::Table| {
            let text = toml::to_string(table).unwrap();
            toml::from_str::<ProfileConfig>(&text).is_err()
        };
        for (key, value) in &table {
            let mut without = table.clone();
            without.remove(key);
            if refused(&without) {
                asked.push(key.clone());
            }
            for inner in value.as_table().into_iter().flat_map(|t| t.keys()) {
                let mut without = table.clone();
                without[key].as_table_mut().unwrap().remove(inner);
                if refused(&without) {
                    asked.push(format!("{key}.{inner}"));
                }
            }
        }
        asked.sort();
        let mut listed = REQUIRED.map(|(key, _)| key.to_owned());
        listed.sort();
        assert_eq!(asked, listed);
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let wrong = SEAL
            .replace(
                "default-days = 1095",
                "default-days = \"long\"\ncolour = 'red'",
            )
            .replace("\"p256\"", "\"p255\"")
            .replace("mandatory = [", "obligatory = [");
        let found = problems(&wrong);
        for (key, what) in [
            ("validity.default-days", "invalid type"),
            ("validity.colour", "unknown field"),
            ("key.curves", "unknown variant"),
            ("subject.mandatory", "missing"),
            ("subject.obligatory", "unknown field"),
        ] {
            let told = found.iter().any(|p| {
                p.starts_with("line ") && p.contains(&format!(": {key}: ")) && p.contains(what)
            });
            assert!(told, "{key}: {found:#?}");
        }
        assert_eq!(found.len(), 5, "{found:#?}");
        // TOML itself recovers too.
        assert_eq!(problems("a = \nb = \nname = 'x'\n").len(), 2);
    }

    #[test]
    fn a_file_that_is_no_profile_is_refused_in_bounded_time_and_words() {
        let nested = format!("a = {}1{}", "[".repeat(30_000), "]".repeat(30_000));
        let keys: String = (0..5_000).map(|i| format!("k{i} = 1\n")).collect();
        for text in [
            "",
            "\u{0}",
            "\u{1b}[31m = 1",
            "\"\\u001b[31m\" = 1",
            &"a.".repeat(20_000),
            &nested,
            &keys,
            &"x".repeat(LIMIT + 1),
        ] {
            let found = problems(text);
            assert!(
                (1..=MOST_PROBLEMS).contains(&found.len()),
                "{}",
                found.len()
            );
            assert!(!found.concat().contains('\u{1b}'), "{found:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(s in "\\PC{0,200}") {
            let _ = read(&s);
        }

        #[test]
        fn any_change_of_a_profile_is_read_or_refused(
            at in 0..SEAL.len(),
            length in 0..40_usize,
            text in "[-a-z0-9=\\[\\]\"'{}.,\n ]{0,20}",
        ) {
            let end = (at + length).min(SEAL.len());
            if let (Some(before), Some(after)) = (SEAL.get(..at), SEAL.get(end..)) {
                let changed = format!("{before}{text}{after}");
                if let Err(error) = read(&changed) {
                    prop_assert!(!error.problems().is_empty());
                }
            }
        }
    }
}
