//! Known exceptions of a corpus, each with its reason.
//!
//! A corpus run compares what happened with this list in both directions: an unlisted failure fails the run, and so does a listed
//! file that works, because a list that is longer than the truth hides the next defect.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One known exception.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// What goes differently, in the vocabulary of the suite (for example `refused`, `qpdf`, `pdfsig`).
    pub kind: String,
    /// Why this is right, or cannot be helped. Never empty.
    pub reason: String,
}

/// The exceptions of one corpus by file name.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Exceptions(BTreeMap<String, Exception>);

impl Exceptions {
    /// Loads a TOML file of the form `["path/of/file.pdf"]`, `kind = "..."`, `reason = "..."`.
    ///
    /// # Errors
    /// When the file cannot be read or understood, or a reason is empty.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let exceptions: Self =
            toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        if let Some((name, _)) = exceptions
            .0
            .iter()
            .find(|(_, exception)| exception.reason.trim().is_empty())
        {
            bail!("{}: {name} has no reason", path.display());
        }
        Ok(exceptions)
    }

    /// Compares what happened with the list: `happened` holds every file of the corpus with the kind of its failure, or `None`
    /// where everything was right. Returns one line for each difference; empty when the list tells the truth.
    pub fn differences(&self, happened: &BTreeMap<String, Option<String>>) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, kind) in happened {
            match (self.0.get(name), kind) {
                (None, Some(kind)) => {
                    lines.push(format!("{name}: {kind}, and no exception is listed"))
                }
                (Some(listed), None) => lines.push(format!(
                    "{name}: listed as `{}`, but it is right now: strike it from the list",
                    listed.kind
                )),
                (Some(listed), Some(kind)) if !kind.starts_with(&listed.kind) => {
                    lines.push(format!(
                        "{name}: listed as `{}`, but what happened is: {kind}",
                        listed.kind
                    ));
                }
                _ => {}
            }
        }
        for name in self.0.keys().filter(|name| !happened.contains_key(*name)) {
            lines.push(format!("{name}: listed, but not in the corpus"));
        }
        lines
    }

    /// How many exceptions are listed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is listed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_that_no_longer_happens_is_a_difference() {
        let list: Exceptions =
            toml::from_str("[\"a.pdf\"]\nkind = \"refused\"\nreason = \"needs a password\"\n")
                .unwrap();
        let right = BTreeMap::from([("a.pdf".to_owned(), Some("refused: password".to_owned()))]);
        assert!(list.differences(&right).is_empty());
        let better = BTreeMap::from([("a.pdf".to_owned(), None)]);
        assert_eq!(list.differences(&better).len(), 1);
        let other = BTreeMap::from([(
            "a.pdf".to_owned(),
            Some("pdfsig: digest mismatch".to_owned()),
        )]);
        assert_eq!(list.differences(&other).len(), 1);
        let unlisted = BTreeMap::from([
            ("a.pdf".to_owned(), Some("refused".to_owned())),
            ("b.pdf".to_owned(), Some("refused".to_owned())),
        ]);
        assert_eq!(list.differences(&unlisted).len(), 1);
    }
}
