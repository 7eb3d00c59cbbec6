//! What is said of one signature or time-stamp, in the order in which people ask.

use super::{NAMED, Part, Row, Say, Tone, is_stamp, tone, verdict};
use crate::report::{
    ChainReport, DeclaredReport, MessageReport, QualificationReport, SignatureReport, SignerReport,
    TimestampReport,
};
use crate::text;

impl Say {
    pub(super) fn signature(&self, one: &SignatureReport) -> Part {
        let what = match one.kind {
            "document-timestamp" if one.field.is_none() => text!("Time-stamp"),
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
    pub(super) fn why(&self, errors: &[MessageReport], indication: &str) -> Vec<Row> {
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

    pub(super) fn notes(&self, warnings: &[MessageReport]) -> Vec<Row> {
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
            about.extend(signer.qualified.types.iter().map(|kind| self.purpose(kind)));
            if signer.qualified.sscd {
                about.push(self.s(text!("key in a qualified device")));
            }
            if !signer.qualified.legislation.is_empty() {
                let law = signer.qualified.legislation.join(", ");
                about.push(self.s(text!("law of {}", law)));
            }
            let says = match about.as_slice() {
                [] => text!("says it is qualified"),
                about => text!("says it is qualified ({})", about.join(", ")),
            };
            let says = self.s(says);
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

    /// What a QcType says the certificate is for.
    fn purpose(&self, kind: &str) -> String {
        match kind {
            "esign" => self.s(text!("for electronic signatures")),
            "eseal" => self.s(text!("for electronic seals")),
            "web" => self.s(text!("for web sites")),
            other => self.said(other),
        }
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
            let status = service.status.rsplit('/').next().unwrap_or_default();
            lines.push(self.s(text!(
                "by the trusted list of {}: {}, of {}, {} since {}",
                service.territory.as_deref().unwrap_or(&unknown),
                service.name,
                service.provider,
                self.language.sentence(status),
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
        } else if !one.intact && is_stamp(one) {
            (
                text!("NO, what was time-stamped is not what is here"),
                Tone::Bad,
            )
        } else if !one.intact {
            (text!("NO, what was signed is not what is here"), Tone::Bad)
        } else {
            match (one.coverage, one.modifications) {
                (Some("whole-file"), _) => {
                    (text!("yes, the whole file is as it was signed"), Tone::Good)
                }
                (_, None) if is_stamp(one) => {
                    (text!("yes, what was time-stamped is as it was"), Tone::Good)
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
                (None, _, _) if is_stamp(one) => {
                    text!("the content that was time-stamped, all of it")
                }
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
            "none" if is_stamp(one) => text!("{} time-stamp", one.format),
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

    pub(super) fn timestamp(&self, stamp: &TimestampReport) -> Row {
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
}
