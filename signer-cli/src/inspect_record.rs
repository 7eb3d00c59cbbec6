//! What `sceau inspect` shows of evidence records (RFC 4998).

use std::fmt::Write as _;

use ades::validate::{Check, RecordFacts, RecordStamp};
use serde::Serialize;

/// One record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    id: String,
    chains: Vec<Chain>,
    problems: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Chain {
    digest_algorithm: String,
    timestamps: Vec<Stamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stamp {
    time: Option<String>,
    tsa: Option<String>,
    /// Hashes in the first list of its tree.
    hashes: usize,
    /// Whether the tree leads to what was stamped; null where that needs the data.
    tree_fits: Option<bool>,
    /// Whether it is over the one before it, or the data; null where the data was not given.
    link_fits: Option<bool>,
}

impl Record {
    pub(crate) fn new(facts: &RecordFacts) -> Self {
        let unreadable = facts.stamps().filter_map(|one| one.stamp.as_ref().err());
        let problems = facts.problems.iter().chain(&facts.notes).chain(unreadable);
        Self {
            id: facts.id.clone(),
            problems: problems.map(ToString::to_string).collect(),
            chains: (facts.chains.iter())
                .map(|chain| Chain {
                    digest_algorithm: chain.algorithm_name.clone(),
                    timestamps: chain.stamps.iter().map(Stamp::new).collect(),
                })
                .collect(),
        }
    }

    pub(crate) fn text(&self, out: &mut String) {
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "  {}", self.id);
        for (number, chain) in self.chains.iter().enumerate() {
            let _ = writeln!(out, "    chain {}: {}", number + 1, chain.digest_algorithm);
            for stamp in &chain.timestamps {
                let fits = |fits: Option<bool>, what: &str| match fits {
                    Some(true) => String::new(),
                    Some(false) => format!(", {what} does not fit"),
                    None => format!(", {what} not checked without the data"),
                };
                let _ = writeln!(
                    out,
                    "      archive time-stamp: {} by {}, {} hashes{}{}",
                    stamp.time.as_deref().unwrap_or("unreadable"),
                    stamp.tsa.as_deref().unwrap_or("an unknown authority"),
                    stamp.hashes,
                    fits(stamp.tree_fits, "hash tree"),
                    fits(stamp.link_fits, "what it is over"),
                );
            }
        }
        for problem in &self.problems {
            let _ = writeln!(out, "    problem: {problem}");
        }
    }
}

impl Stamp {
    fn new(facts: &RecordStamp) -> Self {
        let fits = |check: &Check| match check {
            Check::Ok => Some(true),
            Check::Failed(_) => Some(false),
            Check::NotPossible(_) => None,
        };
        let stamp = facts.stamp.as_ref().ok();
        let certificate = stamp.and_then(|s| s.signer.certificate.as_ref());
        Self {
            time: stamp.map(|s| s.gen_time.to_string()),
            tsa: certificate.map(|c| c.display_subject().to_string()),
            hashes: facts.hashes,
            tree_fits: stamp.and_then(|s| fits(&s.imprint)),
            link_fits: fits(&facts.link),
        }
    }
}
