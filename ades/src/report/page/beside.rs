//! What is said beside the signatures: evidence records, trusted lists, and what each revision of a PDF
//! changed.

use super::{NAMED, Part, Row, Say, Tone, tone, verdict};
use crate::report::{ListReport, RecordReport, RevisionReport};
use crate::text;

impl Say {
    /// An evidence record (RFC 4998).
    pub(super) fn record(&self, one: &RecordReport) -> Part {
        let verdict = verdict(one.indication, one.sub_indication);
        let mut rows = self.why(&one.errors, one.indication);
        for object in one.objects.iter().take(NAMED) {
            let (covered, tone) = match object.covered {
                Some(true) => (text!("covered"), Tone::Good),
                Some(false) => (text!("NOT what the record is about"), Tone::Bad),
                None => (text!("could not be checked"), Tone::Doubtful),
            };
            let said = text!("{}: {}", object.name, covered);
            rows.push(self.row(text!("Data"), self.s(said), tone));
        }
        let others = one.other_objects + one.objects.len().saturating_sub(NAMED);
        if others > 0 {
            let said = match others {
                1 => text!("beside 1 hash of other things"),
                count => text!("beside {} hashes of other things", count),
            };
            rows.push(self.row(text!("Data"), self.s(said), Tone::Plain));
        }
        if let Some(time) = &one.proven_time {
            let said = text!("{} at the latest, proven by the record", time);
            rows.push(self.row(text!("Existed at"), self.s(said), Tone::Good));
        }
        for (number, chain) in one.chains.iter().enumerate() {
            let label = text!("Archive chain {}", number + 1);
            let said = text!("of hashes with {}", chain.digest_algorithm);
            rows.push(self.row(label, self.s(said), Tone::Plain));
            rows.extend(chain.timestamps.iter().map(|t| self.timestamp(t)));
        }
        rows.extend(self.notes(&one.warnings));
        Part {
            heading: self.s(text!("Evidence record {}: {}", one.id, verdict)),
            tone: tone(one.indication),
            rows,
        }
    }

    pub(super) fn lists(&self, all: &[ListReport]) -> Part {
        let row = |one: &ListReport| {
            let what = match &one.territory {
                Some(territory) => text!("{}", territory),
                None => text!("not used"),
            };
            let said = match (&one.problem, &one.next_update) {
                (Some(why), _) => text!("{}", self.language.sentence(why)),
                (None, Some(until)) => text!("next update {}", until),
                (None, None) => text!("next update not said"),
            };
            let tone = match one.problem {
                Some(_) => Tone::Doubtful,
                None => Tone::Plain,
            };
            let said = text!("Trusted list {} ({}): {}", one.location, what, said);
            Row {
                label: String::new(),
                lines: vec![self.s(said)],
                tone,
            }
        };
        Part {
            heading: self.s(text!("Trusted lists")),
            tone: Tone::Plain,
            rows: all.iter().map(row).collect(),
        }
    }

    /// What each revision of a PDF changed.
    pub(super) fn revisions(&self, all: &[RevisionReport]) -> Part {
        let mut rows = Vec::new();
        let mut before: Vec<&str> = Vec::new();
        for revision in all {
            let number = text!("Revision {} (to byte {})", revision.number, revision.end);
            let label = match revision.signatures.as_slice() {
                [] => number,
                ids => text!("{}, signed by {}", number, ids.join(", ")),
            };
            let mut lines = Vec::new();
            match before.as_slice() {
                [] => {}
                [one] => lines.push(self.s(text!("after {}:", one))),
                [first, .., last] => lines.push(self.s(text!("after {} to {}:", first, last))),
            }
            if !before.is_empty() && revision.changes.is_empty() {
                lines.push(self.s(text!("nothing that is shown or filled in")));
            }
            let mut tone = Tone::Plain;
            for change in &revision.changes {
                let message = self.said(&change.message);
                lines.push(match change.code {
                    Some(code) => {
                        tone = Tone::Bad;
                        format!("{message} [{code}]")
                    }
                    None => message,
                });
            }
            rows.push(self.rows(label, lines, tone));
            before.extend(revision.signatures.iter().map(String::as_str));
        }
        if all.is_empty() {
            rows.push(Row {
                label: String::new(),
                lines: vec![self.s(text!("only a signed PDF has revisions"))],
                tone: Tone::Plain,
            });
        }
        Part {
            heading: self.s(text!("What changed after each signature")),
            tone: Tone::Plain,
            rows,
        }
    }
}
