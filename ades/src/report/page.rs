//! What a report says to people, in the order in which they ask: is it good, who signed, for whom, when, is it
//! as it was signed, who vouches for it, what does the signature protect, what changed since, and what would
//! change a verdict that is not good. Text, HTML and PDF are set from this one structure.

mod beside;
mod signature;

use pki_asn1::name::is_unseen;

use super::language::Language;
use super::{ContainerReport, PolicyUsed, Report, SignatureReport};
use crate::text;
use crate::text::Text;

/// A report for people, in their language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// Its language.
    pub language: Language,
    /// What it is, for a heading.
    pub title: String,
    /// The file.
    pub file: String,
    /// The verdict on the file in one line.
    pub headline: String,
    /// How good it is.
    pub tone: Tone,
    /// What concerns the file as a whole.
    pub notes: Vec<Row>,
    /// One for each signature, then what else there is to say.
    pub parts: Vec<Part>,
    /// What made the report.
    pub colophon: String,
}

/// A part with a heading.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// The heading.
    pub heading: String,
    /// How good what it is about is.
    pub tone: Tone,
    /// What is said.
    pub rows: Vec<Row>,
}

/// A label and what belongs to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The label, without a colon; empty for a line of its own.
    pub label: String,
    /// One or more lines. None holds control characters or marks of direction.
    pub lines: Vec<String>,
    /// How good it is.
    pub tone: Tone,
}

/// How good what is said is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tone {
    /// Neither.
    Plain,
    /// As it should be.
    Good,
    /// It may be, or is not known.
    Doubtful,
    /// It is not.
    Bad,
}

/// How times are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Times {
    /// In words: 22 November 2026, 14:26:39 UTC.
    Words,
    /// As RFC 3339 has them; in French always in words.
    Rfc3339,
}

/// Of more files in a row the rest is counted, not named.
const NAMED: usize = 200;

impl Page {
    /// What `report` says, in its language.
    #[must_use]
    pub fn new(report: &Report, times: Times) -> Self {
        let say = Say {
            language: report.language,
            times,
        };
        let mut parts: Vec<Part> = report.signatures.iter().map(|s| say.signature(s)).collect();
        parts.extend(report.evidence_records.iter().map(|r| say.record(r)));
        if !report.trusted_lists.is_empty() {
            parts.push(say.lists(&report.trusted_lists));
        }
        if let Some(revisions) = &report.revisions {
            parts.push(say.revisions(revisions));
        }
        let file = printable(&report.file);
        Self {
            language: report.language,
            title: say.s(text!("Validation of signatures")),
            headline: say.headline(report),
            tone: report.indication.map_or(Tone::Doubtful, tone),
            notes: say.file(report),
            parts,
            colophon: say.colophon(report),
            file,
        }
    }
}

impl Page {
    /// What a form says that has room for so many sheets and no more.
    #[must_use]
    pub fn shortened(&self, sheets: usize) -> String {
        self.language.say(&text!(
            "This report would be longer than {} sheets, and the rest of it is left out. The verdict at its beginning is about everything. In the form of HTML it is whole.",
            sheets
        ))
    }
}

fn tone(indication: &str) -> Tone {
    match indication {
        "TOTAL-PASSED" => Tone::Good,
        "TOTAL-FAILED" => Tone::Bad,
        _ => Tone::Doubtful,
    }
}

/// The verdict in words.
fn verdict(indication: &'static str, sub: Option<&'static str>) -> Text {
    match (indication, sub) {
        ("TOTAL-PASSED", _) => text!("TOTAL-PASSED, valid"),
        ("TOTAL-FAILED", Some(sub)) => text!("TOTAL-FAILED ({}), not valid", sub),
        (_, Some(sub)) => text!(
            "INDETERMINATE ({}), cannot be decided with what is known",
            sub
        ),
        (other, None) => text!("{}", other),
    }
}

/// Whether it is a time-stamp over a document or data, not a signature of anybody.
fn is_stamp(one: &SignatureReport) -> bool {
    one.kind == "document-timestamp"
}

struct Say {
    language: Language,
    times: Times,
}

impl Say {
    fn s(&self, text: Text) -> String {
        self.finish(&self.language.say(&text))
    }

    /// What stands in the report in its language already.
    fn said(&self, sentence: &str) -> String {
        self.finish(sentence)
    }

    fn finish(&self, sentence: &str) -> String {
        let sentence = printable(sentence);
        match self.times {
            Times::Words => self.language.dated(&sentence),
            Times::Rfc3339 => sentence,
        }
    }

    fn row(&self, label: Text, line: String, tone: Tone) -> Row {
        self.rows(label, vec![line], tone)
    }

    fn rows(&self, label: Text, lines: Vec<String>, tone: Tone) -> Row {
        Row {
            label: self.s(label),
            lines,
            tone,
        }
    }

    fn headline(&self, report: &Report) -> String {
        let Some(indication) = report.indication else {
            return self.s(text!("no signature"));
        };
        let stamps = report.signatures.iter().filter(|s| is_stamp(s)).count();
        let signatures = match report.signatures.len() - stamps {
            0 => None,
            1 => Some(text!("1 signature")),
            count => Some(text!("{} signatures", count)),
        };
        let stamps = match stamps {
            0 => None,
            1 => Some(text!("1 time-stamp")),
            count => Some(text!("{} time-stamps", count)),
        };
        let records = match report.evidence_records.len() {
            0 => None,
            1 => Some(text!("1 evidence record")),
            count => Some(text!("{} evidence records", count)),
        };
        let all = [signatures, stamps, records].into_iter().flatten();
        let Some(what) = all.reduce(|before, one| text!("{}, {}", before, one)) else {
            return self.s(text!("no signature"));
        };
        let indication = match (self.times, indication) {
            (Times::Rfc3339, _) => text!("{}", indication),
            (Times::Words, "TOTAL-PASSED") => text!("TOTAL-PASSED, valid"),
            (Times::Words, "TOTAL-FAILED") => text!("TOTAL-FAILED, not valid"),
            (Times::Words, _) => text!("{}, cannot be decided with what is known", indication),
        };
        let verdict = text!("{} ({}, judged as of {})", indication, what, report.at);
        self.s(verdict)
    }

    /// What concerns the file as a whole: by which policy it was judged, where it is not the usual one, and
    /// what the container holds.
    fn file(&self, report: &Report) -> Vec<Row> {
        let mut out = Vec::new();
        if let Some(policy) = report
            .validation_policy
            .as_ref()
            .filter(|p| !p.is_default())
        {
            out.push(Row {
                label: String::new(),
                lines: vec![self.s(text!("Judged by {}", self.policy(policy)))],
                tone: Tone::Plain,
            });
        }
        if let Some(container) = &report.container {
            out.extend(self.container(container));
        }
        out
    }

    /// Such as: the policy strict.
    fn policy(&self, one: &PolicyUsed) -> Text {
        let name = one.name.as_deref().unwrap_or(&one.source);
        let named = match one.source == name {
            true if name == "default" => text!("the usual validation policy"),
            true => text!("the validation policy {}", name),
            false => text!("the validation policy {} ({})", name, one.source),
        };
        match one.revocation {
            None => named,
            Some("required") => text!("{}, with revocation data required", named),
            Some(_) => text!("{}, with revocation data where there is some", named),
        }
    }

    fn colophon(&self, report: &Report) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let trusted = text!("The certificates that were trusted were chosen by whoever asked.");
        self.s(match &report.validation_policy {
            None => text!(
                "Judged by sceau {} as ETSI EN 319 102-1 has it. {}",
                version,
                trusted
            ),
            Some(policy) => text!(
                "Judged by sceau {} as ETSI EN 319 102-1 has it, by {} (SHA-256 {}). {}",
                version,
                self.policy(policy),
                policy.sha256,
                trusted
            ),
        })
    }

    fn container(&self, one: &ContainerReport) -> Vec<Row> {
        let plain = |text: Text, tone| Row {
            label: String::new(),
            lines: vec![self.s(text)],
            tone,
        };
        let mut out = vec![plain(
            text!("{} container with {}", one.kind, self.names(&one.files)),
            Tone::Plain,
        )];
        out.extend(
            one.unsigned_files
                .iter()
                .map(|name| plain(text!("NOT SIGNED by anybody: {}", name), Tone::Bad)),
        );
        out.extend(
            one.problems
                .iter()
                .map(|why| plain(text!("Note: {}", why), Tone::Doubtful)),
        );
        out
    }

    fn names(&self, all: &[String]) -> String {
        let mut out: Vec<String> = all.iter().take(NAMED).cloned().collect();
        if let Some(more) = all.len().checked_sub(NAMED + 1) {
            out.push(self.s(text!("and {} more", more + 1)));
        }
        out.join(", ")
    }
}

/// Names come from strangers; nothing in them may move a cursor, turn the text around or hide, and what is no
/// character has no place in a page.
pub(super) fn printable(text: &str) -> String {
    // Unicode section 23.7
    let noncharacter = |c| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    text.chars()
        .map(|c| match is_unseen(c) || noncharacter(c) {
            true => '\u{fffd}',
            false => c,
        })
        .collect()
}
