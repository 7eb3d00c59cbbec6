//! Every template that the sources can say has its French one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::CATALOGUES;
use crate::report::Language;
use crate::validate::{PdfAttack, SubIndication, remedy};

/// What is in quotation marks, has a space, and is no sentence of a report.
const NO_SENTENCES: &[&str] = &[
    "PKCS #7 SIGNED DATA",
    "EN 319 162-1",
    "ISO 32000-2 12.8",
    // Parts of a list that an error of the network or a service brings.
    ", {}",
];

fn holes(template: &str) -> usize {
    template.matches("{}").count()
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut waiting = vec![
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(folder),
    ];
    let mut out = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => waiting.push(path),
                false if path.extension().is_some_and(|e| e == "rs") => out.push(path),
                false => {}
            }
        }
    }
    out.sort();
    out
}

/// The string literals of Rust, without those of tests and of building blocks' names, with what stands
/// before each.
fn literals(source: &str) -> Vec<(String, String)> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            // A character, not a lifetime.
            '\'' if chars.get(at + 1) == Some(&'\\') => {
                at += 3;
                while chars[at] != '\'' {
                    at += 1;
                }
                at += 1;
            }
            '\'' if chars.get(at + 2) == Some(&'\'') => at += 3,
            '"' => {
                let before = chars[at.saturating_sub(40)..at].iter().collect();
                let mut text = String::new();
                at += 1;
                while chars[at] != '"' {
                    if chars[at] != '\\' {
                        text.push(chars[at]);
                        at += 1;
                        continue;
                    }
                    match chars[at + 1] {
                        '\n' => {
                            at += 2;
                            while chars[at].is_whitespace() {
                                at += 1;
                            }
                            continue;
                        }
                        'n' => text.push('\n'),
                        'r' => text.push('\r'),
                        't' => text.push('\t'),
                        '0' => text.push('\0'),
                        other => text.push(other),
                    }
                    at += 2;
                }
                at += 1;
                out.push((text, before));
            }
            _ => at += 1,
        }
    }
    out
}

/// `{name:?}` is a hole like any other.
fn template(literal: &str) -> String {
    let mut out = String::new();
    let mut rest = literal;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else {
            break;
        };
        out = out + before + "{}";
        rest = after;
    }
    out + rest
}

fn missing(wanted: BTreeMap<String, PathBuf>) -> Vec<String> {
    let known: BTreeSet<&str> = CATALOGUES
        .iter()
        .flat_map(|c| c.iter())
        .map(|e| e.0)
        .collect();
    wanted
        .into_iter()
        .filter(|(english, _)| !known.contains(english.as_str()))
        .map(|(english, path)| format!("{}: {english:?}", path.display()))
        .collect()
}

#[test]
fn a_sentence_of_the_validation_has_no_french() {
    let mut wanted = BTreeMap::new();
    for path in sources("validate") {
        // Names of building blocks are the standard's, in English, and for programs.
        // What is wrong with the file of a policy is told by an error, not by a report.
        let policy = path
            .components()
            .any(|c| matches!(c.as_os_str().to_str(), Some("policy" | "policy.rs")));
        if policy || path.ends_with("verdict/trace.rs") {
            continue;
        }
        for (literal, before) in literals(&fs::read_to_string(&path).unwrap()) {
            // `#[serde(...)]`, `#[error(...)]` and `expect(...)` of other things are not said.
            let template = template(&literal);
            // What mail programs write above a signed message, to be passed over.
            let said = !template.starts_with("this is a")
                && template.trim().contains(' ')
                && !NO_SENTENCES.contains(&&*template);
            if said && !before.contains("reason = ") {
                wanted.insert(template, path.clone());
            }
        }
    }
    assert!(wanted.len() > 150, "{}", wanted.len());
    let missing = missing(wanted);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_sentence_of_the_report_has_no_french() {
    let mut wanted = BTreeMap::new();
    for path in sources("report") {
        if path.components().any(|c| c.as_os_str() == "french") || path.ends_with("language.rs") {
            continue;
        }
        for (literal, before) in literals(&fs::read_to_string(&path).unwrap()) {
            if before.trim_end().ends_with("text!(") {
                wanted.insert(template(&literal), path.clone());
            }
        }
    }
    for attack in PdfAttack::ALL {
        wanted.insert(attack.hint().to_owned(), PathBuf::from("PdfAttack"));
    }
    assert!(wanted.len() > 100, "{}", wanted.len());
    let missing = missing(wanted);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn why_a_pdf_is_damaged_has_no_french() {
    let mut wanted = BTreeMap::new();
    for path in sources("../../pdf-file/src/xref") {
        for (literal, before) in literals(&fs::read_to_string(&path).unwrap()) {
            let before = before.trim_end();
            if before.ends_with("bad(") || before.ends_with("why:") {
                wanted.insert(literal, path.clone());
            }
        }
    }
    assert!(wanted.len() > 12, "{}", wanted.len());
    let missing = missing(wanted);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_french_sentence_loses_what_the_english_one_says() {
    let mut seen = BTreeMap::new();
    for (english, french) in CATALOGUES.iter().flat_map(|c| c.iter()) {
        let numbered = (0..9)
            .filter(|n| french.contains(&format!("{{{n}}}")))
            .count();
        let filled = holes(french) + numbered;
        assert_eq!(filled, holes(english), "{english:?}: {french:?}");
        assert!(holes(french) == 0 || numbered == 0, "{french:?}");
        let twice = seen.insert(*english, *french);
        assert!(
            twice.is_none_or(|other| other == *french),
            "{english:?} twice"
        );
        // Typewriter's apostrophes; spaces that typography sets come later.
        assert!(!french.contains('\''), "{french:?}");
        for sign in [";", "!", "?"] {
            for (at, _) in french.match_indices(sign) {
                assert!(french[..at].ends_with(' '), "{french:?}");
            }
        }
    }
}

#[test]
fn punctuation_begins_a_line() {
    for (english, _) in CATALOGUES
        .iter()
        .flat_map(|c| c.iter())
        .filter(|e| holes(e.0) == 0)
    {
        let said = Language::French.sentence(english);
        for sign in [" ;", " :", " !", " ?", "« ", " »"] {
            assert!(!said.contains(sign), "{said:?}");
        }
    }
}

#[test]
fn a_negative_verdict_does_not_say_what_would_change_it() {
    for sub in SubIndication::ALL {
        let remedy = remedy(*sub);
        assert_ne!(Language::French.say(&remedy), remedy.to_string(), "{sub}");
    }
}
