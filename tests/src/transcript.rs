//! Transcripts: what a program says to bad input, word for word, compared with what was reviewed.
//!
//! A transcript file holds one section for each case: a title, the command line, what was printed, and the exit status. What differs
//! from run to run (folders, ports, serial numbers, times) stands there as a word in brackets. `SCEAU_BLESS=1` writes the file anew;
//! the difference is then reviewed like any other change.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::program::Outcome;

/// A transcript in the making.
#[derive(Debug, Default)]
pub struct Transcript {
    text: String,
    replacements: Vec<(String, String)>,
}

impl Transcript {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every occurrence of `found` will read `[name]`. Earlier calls win.
    pub fn replace(&mut self, found: impl Into<String>, name: &str) {
        self.replacements.push((found.into(), format!("[{name}]")));
    }

    /// Adds one case.
    pub fn add(&mut self, title: &str, outcome: &Outcome) {
        let status = match (outcome.hung, outcome.code) {
            (true, _) => "hung".to_owned(),
            (false, Some(code)) => format!("exit status {code}"),
            (false, None) => "ended by a signal".to_owned(),
        };
        let mut said = format!(
            "$ {}\n{}{}",
            outcome.command_line,
            outcome.out(),
            outcome.err()
        );
        for (found, name) in &self.replacements {
            said = said.replace(found, name);
        }
        let said = said
            .lines()
            .map(changing_words)
            .collect::<Vec<_>>()
            .join("\n");
        let _ = write!(self.text, "== {title}\n{said}\n[{status}]\n\n");
    }

    /// Compares with the reviewed transcript at `path`, or writes it under `SCEAU_BLESS=1`.
    ///
    /// # Errors
    /// When a section differs; with both.
    pub fn compare(&self, path: &Path) -> Result<()> {
        if std::env::var_os("SCEAU_BLESS").is_some_and(|value| value == "1") {
            return std::fs::write(path, &self.text)
                .with_context(|| format!("cannot write {}", path.display()));
        }
        let reviewed = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let mut differences = String::new();
        let (mut expected, mut found) = (
            reviewed.split("== ").skip(1),
            self.text.split("== ").skip(1),
        );
        loop {
            match (expected.next(), found.next()) {
                (None, None) => break,
                (Some(expected), Some(found)) if expected == found => {}
                (expected, found) => {
                    let _ = write!(
                        differences,
                        "reviewed: {}\nnow:      {}\n",
                        expected.unwrap_or("(nothing)\n"),
                        found.unwrap_or("(nothing)\n")
                    );
                }
            }
        }
        if differences.is_empty() {
            return Ok(());
        }
        bail!(
            "{} differs (SCEAU_BLESS=1 writes it anew, for review):\n{differences}",
            path.display()
        )
    }
}

/// Serial numbers, times and temporary names, as words.
fn changing_words(line: &str) -> String {
    let mut text = String::new();
    let mut word = String::new();
    for letter in line.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() || ":-.".contains(letter) {
            word.push(letter);
            continue;
        }
        text += changing_word(&word);
        word.clear();
        if letter != '\n' {
            text.push(letter);
        }
    }
    text
}

fn changing_word(word: &str) -> &str {
    let bare = word.trim_end_matches(['.', ':', ',']);
    let hexadecimal = bare
        .chars()
        .all(|letter| letter.is_ascii_hexdigit() || letter == ':');
    let date = bare.as_bytes();
    if bare.len() >= 32 && hexadecimal {
        "[HEX]"
    } else if bare.len() >= 19 && date[4] == b'-' && date[7] == b'-' && date[10] == b'T' {
        "[TIME]"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_and_times_are_words_and_nothing_else_is() {
        let line = "certificate 4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a was revoked on 2026-11-21T22:00:00Z (keyCompromise)";
        assert_eq!(
            changing_words(line),
            "certificate [HEX] was revoked on [TIME] (keyCompromise)"
        );
        assert_eq!(
            changing_words("error: cannot read x.pdf: 12 bytes"),
            "error: cannot read x.pdf: 12 bytes"
        );
    }
}
