//! What a report says to people, in the order in which they ask: is it good, who signed, for whom, when, is it
//! as it was signed, who vouches for it, what does the signature protect, what changed since, and what would
//! change a verdict that is not good. Text, HTML and PDF are set from this one structure.

use super::language::Language;
use super::{
    ChainReport, ContainerReport, DeclaredReport, ListReport, MessageReport, PolicyUsed,
    QualificationReport, RecordReport, Report, RevisionReport, SignatureReport, SignerReport,
    TimestampReport,
};
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
        let signatures = match report.signatures.len() {
            0 => None,
            1 => Some(text!("1 signature")),
            count => Some(text!("{} signatures", count)),
        };
        let records = match report.evidence_records.len() {
            0 => None,
            1 => Some(text!("1 evidence record")),
            count => Some(text!("{} evidence records", count)),
        };
        let what = match (signatures, records) {
            (Some(signatures), Some(records)) => text!("{}, {}", signatures, records),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return self.s(text!("no signature")),
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

    fn signature(&self, one: &SignatureReport) -> Part {
        let what = match one.kind {
            "document-timestamp" => text!("Document time-stamp"),
            "counter-signature" => text!("Counter-signature"),
            _ => text!("Signature"),
        };
        let what = match &one.field {
            Some(field) if !field.is_empty() => text!("{} {} in field {}", what, one.id, field),
            _ => text!("{} {}", what, one.id),
        };
        let verdict = verdict(one.indication, one.sub_indication);
        let mut rows = self.why(&one.errors, one.indication);
        rows.extend(self.who(one));
        rows.push(self.unmodified(one));
        rows.push(self.when(one));
        rows.push(self.trusted(one));
        rows.extend(self.protects(one));
        rows.extend(self.since(one));
        rows.push(self.form(one));
        if let Some(declared) = &one.declared {
            rows.extend(self.declaration(declared));
        }
        rows.extend(one.content_timestamps.iter().map(|t| self.timestamp(t)));
        if one.kind != "document-timestamp" {
            rows.extend(one.timestamps.iter().map(|t| self.timestamp(t)));
        }
        rows.extend(one.chain.iter().map(|link| self.link(link)));
        rows.extend(self.notes(&one.warnings));
        Part {
            heading: self.s(text!("{}: {}", what, verdict)),
            tone: tone(one.indication),
            rows,
        }
    }

    /// Why it does not pass, and what would change that.
    fn why(&self, errors: &[MessageReport], indication: &str) -> Vec<Row> {
        let bad = tone(indication);
        let mut out = Vec::new();
        let mut hint = None;
        for (index, error) in errors.iter().enumerate() {
            let MessageReport { message, code, .. } = error;
            out.push(match index {
                0 => self.row(text!("Why not"), self.said(message), bad),
                _ => self.row(
                    text!("Found"),
                    format!("{} [{code}]", self.said(message)),
                    bad,
                ),
            });
            if error.hint.is_some() && error.hint != hint {
                hint.clone_from(&error.hint);
                let what = self.said(error.hint.as_deref().unwrap_or_default());
                out.push(self.row(text!("What would change it"), what, Tone::Plain));
            }
        }
        out
    }

    fn notes(&self, warnings: &[MessageReport]) -> Vec<Row> {
        let note = |warning: &MessageReport| {
            let mut lines = vec![self.said(&warning.message)];
            lines.extend(warning.hint.iter().map(|hint| self.said(hint)));
            self.rows(text!("Note"), lines, Tone::Doubtful)
        };
        warnings.iter().map(note).collect()
    }

    fn who(&self, one: &SignatureReport) -> Vec<Row> {
        let by = match one.kind {
            "document-timestamp" => text!("Made by"),
            _ => text!("Signed by"),
        };
        let Some(signer) = &one.signer else {
            let unknown = self.s(text!("unknown (the certificate was not found)"));
            return vec![self.row(by, unknown, Tone::Doubtful)];
        };
        let mut out = vec![self.row(by, self.said(&signer.subject), Tone::Plain)];
        out.extend(self.for_whom(signer));
        out.push(self.row(text!("Issued by"), self.said(&signer.issuer), Tone::Plain));
        if signer.qualified.compliance {
            let mut about = Vec::new();
            about.extend(signer.qualified.types.iter().cloned());
            if signer.qualified.sscd {
                about.push(self.s(text!("key in a qualified device")));
            }
            if !signer.qualified.legislation.is_empty() {
                let law = signer.qualified.legislation.join(", ");
                about.push(self.s(text!("law of {}", law)));
            }
            let says = self.s(text!("says it is qualified ({})", about.join("; ")));
            out.push(self.row(text!("Certificate"), says, Tone::Plain));
        }
        match &signer.qualified.trusted_list {
            Some(found) => out.push(self.qualification(found)),
            None if one.kind != "document-timestamp" => out.push(self.row(
                text!("Qualified"),
                self.s(text!("not asked: no trusted list was given")),
                Tone::Plain,
            )),
            None => {}
        }
        out
    }

    fn for_whom(&self, signer: &SignerReport) -> Option<Row> {
        let identifier = signer.organization_identifier.as_deref();
        let whom = match (&signer.organization, identifier) {
            (Some(name), Some(identifier)) => text!("{} ({})", name, identifier),
            (Some(name), None) => text!("{}", name),
            (None, Some(identifier)) => text!("{}", identifier),
            (None, None) => return None,
        };
        Some(self.row(text!("For"), self.s(whom), Tone::Plain))
    }

    /// What the trusted lists say; their names and reasons come from strangers.
    fn qualification(&self, found: &QualificationReport) -> Row {
        let mut lines = vec![self.said(&found.description)];
        if let Some(service) = &found.service {
            let unknown = self.s(text!("unknown territory"));
            lines.push(self.s(text!(
                "by the trusted list of {}: {}, of {}, {} since {}",
                service.territory.as_deref().unwrap_or(&unknown),
                service.name,
                service.provider,
                service.status.rsplit('/').next().unwrap_or_default(),
                service.since
            )));
        }
        lines.extend(found.reasons.iter().map(|reason| self.said(reason)));
        let tone = match found.level {
            "QESig" | "QESeal" => Tone::Good,
            _ => Tone::Plain,
        };
        self.rows(text!("Qualified"), lines, tone)
    }

    fn unmodified(&self, one: &SignatureReport) -> Row {
        let (said, tone) = if !one.intact && one.indication == "INDETERMINATE" {
            (text!("not known, it could not be checked"), Tone::Doubtful)
        } else if !one.intact {
            (text!("NO, what was signed is not what is here"), Tone::Bad)
        } else {
            match (one.coverage, one.modifications) {
                (Some("whole-file"), _) => {
                    (text!("yes, the whole file is as it was signed"), Tone::Good)
                }
                (_, Some("none") | None) => {
                    (text!("yes, what was signed is as it was"), Tone::Good)
                }
                (_, Some("lta-updates")) => (
                    text!("yes; only validation data or document time-stamps were added after it"),
                    Tone::Good,
                ),
                (_, Some("form-filling")) => (
                    text!("yes; form fields or further signatures were filled in after it"),
                    Tone::Good,
                ),
                (_, Some("annotations")) => (
                    text!("the signed part is; annotations were added after it"),
                    Tone::Doubtful,
                ),
                _ => (
                    text!("the signed part is, but the document was changed after it was signed"),
                    Tone::Bad,
                ),
            }
        };
        self.row(text!("Unmodified"), self.s(said), tone)
    }

    fn when(&self, one: &SignatureReport) -> Row {
        match (&one.best_signature_time, &one.signing_time) {
            (Some(best), claimed) => {
                let mut lines =
                    vec![self.s(text!("{} at the latest, proven by a time-stamp", best))];
                lines.extend(
                    claimed
                        .as_ref()
                        .map(|claimed| self.s(text!("{} by the signer's own word", claimed))),
                );
                self.rows(text!("Made by then"), lines, Tone::Good)
            }
            (None, Some(claimed)) => {
                let said = text!("{} by the signer's own word; nothing proves it", claimed);
                self.row(text!("Made at"), self.s(said), Tone::Doubtful)
            }
            (None, None) => self.row(text!("Made at"), self.s(text!("not known")), Tone::Doubtful),
        }
    }

    fn trusted(&self, one: &SignatureReport) -> Row {
        let anchor = one.chain.iter().find(|link| link.trust_anchor);
        let (said, tone) = match (anchor, one.indication) {
            (Some(anchor), "TOTAL-PASSED") => (
                text!("yes, {} vouches for it, whom you trust", anchor.subject),
                Tone::Good,
            ),
            (Some(anchor), _) => (
                text!(
                    "its certificates lead to {}, whom you trust",
                    anchor.subject
                ),
                Tone::Plain,
            ),
            (None, _) => (
                text!("not known: its certificates were not followed to anybody whom you trust"),
                Tone::Doubtful,
            ),
        };
        self.row(text!("Trusted"), self.s(said), tone)
    }

    /// What the signature is over.
    fn protects(&self, one: &SignatureReport) -> Option<Row> {
        let said = if let Some(id) = &one.countersigns {
            text!("the signature {}, which it confirms", id)
        } else if !one.files.is_empty() {
            text!("these files: {}", self.names(&one.files))
        } else {
            match (one.coverage, one.signed_bytes, one.revision) {
                (Some("whole-file"), _, _) => text!("the whole file"),
                (_, Some(bytes), Some(revision)) => text!(
                    "the document as revision {} left it, the first {} bytes of the file",
                    revision,
                    bytes
                ),
                (Some(_), _, _) => text!("a part of the file, and which one is not certain"),
                (None, _, _) => text!("the content that was signed, all of it"),
            }
        };
        Some(self.row(text!("Protects"), self.s(said), Tone::Plain))
    }

    /// What changed since, where something did.
    fn since(&self, one: &SignatureReport) -> Option<Row> {
        let details = &one.modification_details;
        (!details.is_empty()).then(|| {
            let lines = details.iter().take(NAMED).map(|d| self.said(d)).collect();
            self.rows(text!("Changed since"), lines, Tone::Bad)
        })
    }

    fn form(&self, one: &SignatureReport) -> Row {
        let form = match one.level {
            "none" => text!("{} without a baseline level", one.format),
            level => text!("{} level {}", one.format, level),
        };
        let form = match &one.signature_algorithm {
            Some(algorithm) => text!("{}, {}", form, algorithm),
            None => form,
        };
        self.row(text!("Form"), self.s(form), Tone::Plain)
    }

    fn declaration(&self, one: &DeclaredReport) -> Vec<Row> {
        let mut out = Vec::new();
        if let Some(policy) = &one.policy {
            let mut said = text!("{}", policy.oid);
            if let Some(uri) = &policy.uri {
                said = text!("{}, published at {}", said, uri);
            }
            if policy.stored_document_fits == Some(true) {
                said = text!("{}; its document is kept with the signature", said);
            }
            out.push(self.row(text!("Policy"), self.s(said), Tone::Plain));
        }
        if !one.commitments.is_empty() {
            let all = one.commitments.iter().map(|c| self.language.sentence(c));
            let all: Vec<String> = all.collect();
            out.push(self.row(text!("Commitment"), self.said(&all.join(", ")), Tone::Plain));
        }
        if !one.location.is_empty() {
            let said = text!("{}, by the signer's own word", one.location.join(", "));
            out.push(self.row(text!("Place"), self.s(said), Tone::Plain));
        }
        let about = [&one.content_description, &one.mime_type];
        let about: Vec<String> = about.into_iter().flatten().cloned().collect();
        if !about.is_empty() {
            out.push(self.row(text!("Content"), self.said(&about.join(", ")), Tone::Plain));
        }
        out
    }

    fn timestamp(&self, stamp: &TimestampReport) -> Row {
        let label = match stamp.kind {
            "archive-timestamp" => text!("Archived"),
            "content-timestamp" => text!("Made after"),
            _ => text!("Time-stamp"),
        };
        let by = match &stamp.tsa {
            Some(tsa) => text!("{}", tsa),
            None => text!("an unknown authority"),
        };
        let verdict = match stamp.sub_indication {
            Some(sub) => text!("{} ({})", stamp.indication, sub),
            None => text!("{}", stamp.indication),
        };
        let verdict = match stamp.qualified.as_ref().map(|q| q.qualified) {
            Some("yes") => text!("{}, qualified", verdict),
            Some("no") => text!("{}, not qualified", verdict),
            _ => verdict,
        };
        let said = text!("{} by {}: {}", stamp.time, by, verdict);
        self.row(label, self.s(said), tone(stamp.indication))
    }

    fn link(&self, link: &ChainReport) -> Row {
        let (status, tone) = match &link.revocation {
            _ if link.trust_anchor => (text!("trusted"), Tone::Good),
            None => (text!("not checked further"), Tone::Doubtful),
            Some(r) => match (r.status, &r.revoked_at, &r.this_update) {
                ("revoked", Some(at), _) => {
                    let reason = r.reason.unwrap_or("unspecified");
                    (text!("REVOKED at {} ({})", at, reason), Tone::Bad)
                }
                ("good", _, Some(as_of)) => {
                    let source = r.source.unwrap_or("evidence");
                    (
                        text!("not revoked as of {} ({})", as_of, source),
                        Tone::Good,
                    )
                }
                ("not-applicable", ..) => (text!("revocation does not apply"), Tone::Good),
                _ => (text!("revocation status not known"), Tone::Doubtful),
            },
        };
        let said = text!("{}: {}", link.subject, status);
        self.row(text!("Chain"), self.s(said), tone)
    }

    /// An evidence record (RFC 4998).
    fn record(&self, one: &RecordReport) -> Part {
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
            let label = text!("Chain {}", number + 1);
            let algorithm = self.said(&chain.digest_algorithm);
            rows.push(self.row(label, algorithm, Tone::Plain));
            rows.extend(chain.timestamps.iter().map(|t| self.timestamp(t)));
        }
        rows.extend(self.notes(&one.warnings));
        Part {
            heading: self.s(text!("Evidence record {}: {}", one.id, verdict)),
            tone: tone(one.indication),
            rows,
        }
    }

    fn lists(&self, all: &[ListReport]) -> Part {
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
    fn revisions(&self, all: &[RevisionReport]) -> Part {
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

/// Names come from strangers; nothing in them may move a cursor or turn the text around, and what is no
/// character has no place in a page.
pub(super) fn printable(text: &str) -> String {
    let direction = |c| matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Unicode section 23.7
    let noncharacter = |c| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    text.chars()
        .map(
            |c| match c.is_control() || direction(c) || noncharacter(c) {
                true => '\u{fffd}',
                false => c,
            },
        )
        .collect()
}
