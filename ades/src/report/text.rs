//! The report in words.

use core::fmt::Write as _;

use super::{
    ChainReport, ContainerReport, DeclaredReport, ListReport, QualificationReport, Report,
    SignatureReport, TimestampReport,
};
use super::{record, revisions};

/// Writing to a `String` does not fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let count = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        several_of => Some(format!("{several_of} {several}")),
    };
    let what = [
        count(report.signatures.len(), "signature", "signatures"),
        count(
            report.evidence_records.len(),
            "evidence record",
            "evidence records",
        ),
    ];
    let what: Vec<String> = what.into_iter().flatten().collect();
    match report.indication {
        None => {
            line!(out, "{}: no signature", report.file);
            return out;
        }
        Some(indication) => {
            line!(
                out,
                "{}: {indication} ({}, judged as of {})",
                report.file,
                what.join(", "),
                report.at
            );
        }
    }
    if let Some(one) = &report.container {
        container(&mut out, one);
    }
    for one in &report.signatures {
        out.push('\n');
        signature(&mut out, one);
    }
    for one in &report.evidence_records {
        out.push('\n');
        record::render(&mut out, one);
    }
    lists(&mut out, &report.trusted_lists);
    if let Some(all) = &report.revisions {
        revisions::render(&mut out, all);
    }
    out
}

fn signature(out: &mut String, one: &SignatureReport) {
    let what = match one.kind {
        "document-timestamp" => "Document time-stamp",
        "counter-signature" => "Counter-signature",
        _ => "Signature",
    };
    let place = match &one.field {
        Some(field) if !field.is_empty() => format!(" in field {}", printable(field)),
        _ => String::new(),
    };
    line!(out, "{what} {}{place}: {}", one.id, headline(one));
    if let Some(signer) = &one.signer {
        let role = if one.kind == "document-timestamp" {
            "Made by"
        } else {
            "Signed by"
        };
        line!(out, "  {role}:    {}", signer.subject);
        line!(out, "  Issued by:    {}", signer.issuer);
        if signer.qualified.compliance {
            let mut about = Vec::new();
            about.extend(signer.qualified.types.iter().cloned());
            if signer.qualified.sscd {
                about.push("key in a qualified device".into());
            }
            if !signer.qualified.legislation.is_empty() {
                about.push(format!(
                    "law of {}",
                    signer.qualified.legislation.join(", ")
                ));
            }
            line!(
                out,
                "  Certificate:  says it is qualified ({})",
                about.join("; ")
            );
        }
        if let Some(found) = &signer.qualified.trusted_list {
            qualification(out, found);
        }
    } else {
        line!(
            out,
            "  Signed by:    unknown (the certificate was not found)"
        );
    }
    line!(out, "  Unmodified:   {}", unmodified(one));
    match (&one.best_signature_time, &one.signing_time) {
        (Some(best), _) => {
            line!(
                out,
                "  Made by:      {best} at the latest, proven by a time-stamp"
            );
        }
        (None, Some(claimed)) => {
            line!(
                out,
                "  Made at:      {claimed} by the signer's own word; nothing proves it"
            );
        }
        (None, None) => {
            line!(out, "  Made at:      not known");
        }
    }
    line!(
        out,
        "  Form:         {} {}{}",
        one.format,
        match one.level {
            "none" => "without a baseline level".to_owned(),
            level => format!("level {level}"),
        },
        one.signature_algorithm
            .as_ref()
            .map_or_else(String::new, |a| format!(", {a}"))
    );
    if let Some(id) = &one.countersigns {
        line!(out, "  Confirms:     {id}");
    }
    if !one.files.is_empty() {
        let names: Vec<_> = one.files.iter().map(|f| printable(f)).collect();
        line!(out, "  Covers:       {}", names.join(", "));
    }
    if let Some(declared) = &one.declared {
        declaration(out, declared);
    }
    let mut hint = None;
    for (index, error) in one.errors.iter().enumerate() {
        match index {
            0 => {
                line!(out, "  Why not:      {}", printable(&error.message));
            }
            _ => {
                let what = printable(&error.message);
                line!(out, "  Found:        {what} [{}]", error.code);
            }
        }
        if error.hint.is_some() && error.hint != hint {
            hint.clone_from(&error.hint);
            line!(
                out,
                "  What would change it: {}",
                error.hint.as_deref().unwrap_or_default()
            );
        }
    }
    if one.kind != "document-timestamp" {
        for stamp in &one.timestamps {
            timestamp(out, stamp);
        }
    }
    for link in &one.chain {
        chain(out, link);
    }
    for warning in &one.warnings {
        line!(out, "  Note:         {}", printable(&warning.message));
    }
}

fn headline(one: &SignatureReport) -> String {
    match (one.indication, one.sub_indication) {
        ("TOTAL-PASSED", _) => "TOTAL-PASSED, valid".into(),
        ("TOTAL-FAILED", Some(sub)) => format!("TOTAL-FAILED ({sub}), not valid"),
        (_, Some(sub)) => format!("INDETERMINATE ({sub}), cannot be decided with what is known"),
        (other, None) => other.into(),
    }
}

fn unmodified(one: &SignatureReport) -> &'static str {
    if !one.intact && one.indication == "INDETERMINATE" {
        return "not known, it could not be checked";
    }
    if !one.intact {
        return "NO, what was signed is not what is here";
    }
    match (one.coverage, one.modifications) {
        (Some("whole-file"), _) => "yes, the whole file is as it was signed",
        (_, Some("none") | None) => "yes, what was signed is as it was",
        (_, Some("lta-updates")) => {
            "yes; only validation data or document time-stamps were added after it"
        }
        (_, Some("form-filling")) => {
            "yes; form fields or further signatures were filled in after it"
        }
        (_, Some("annotations")) => "the signed part is; annotations were added after it",
        _ => "the signed part is, but the document was changed after it was signed",
    }
}

fn container(out: &mut String, one: &ContainerReport) {
    let names: Vec<_> = one.files.iter().map(|f| printable(f)).collect();
    line!(out, "{} container with {}", one.kind, names.join(", "));
    for name in &one.unsigned_files {
        line!(out, "NOT SIGNED by anybody: {}", printable(name));
    }
    for problem in &one.problems {
        line!(out, "Note: {}", printable(problem));
    }
}

fn declaration(out: &mut String, one: &DeclaredReport) {
    if let Some(policy) = &one.policy {
        let at = policy.uri.as_ref().map_or_else(String::new, |uri| {
            format!(", published at {}", printable(uri))
        });
        let kept = match policy.stored_document_fits {
            Some(true) => "; its document is kept with the signature",
            _ => "",
        };
        line!(out, "  Policy:       {}{at}{kept}", policy.oid);
    }
    if !one.commitments.is_empty() {
        line!(out, "  Commitment:   {}", one.commitments.join(", "));
    }
    if !one.location.is_empty() {
        let place = printable(&one.location.join(", "));
        line!(out, "  Place:        {place}, by the signer's own word");
    }
    let about = [&one.content_description, &one.mime_type];
    let about: Vec<_> = about.into_iter().flatten().map(|t| printable(t)).collect();
    if !about.is_empty() {
        line!(out, "  Content:      {}", about.join(", "));
    }
}

/// What the trusted lists say; their names and reasons come from strangers.
fn qualification(out: &mut String, found: &QualificationReport) {
    line!(out, "  Qualified:    {}", found.description);
    if let Some(service) = &found.service {
        let place = service.territory.as_deref().unwrap_or("unknown territory");
        line!(
            out,
            "                by the trusted list of {}: {}, of {}, {} since {}",
            printable(place),
            printable(&service.name),
            printable(&service.provider),
            printable(service.status.rsplit('/').next().unwrap_or_default()),
            service.since
        );
    }
    for reason in &found.reasons {
        line!(out, "                {}", printable(reason));
    }
}

fn lists(out: &mut String, all: &[ListReport]) {
    if all.is_empty() {
        return;
    }
    out.push('\n');
    for one in all {
        let what = one.territory.as_deref().unwrap_or("not used");
        let until = one.next_update.as_deref().unwrap_or("not said");
        let said = match &one.problem {
            None => format!("next update {until}"),
            Some(why) => printable(why),
        };
        let location = printable(&one.location);
        line!(out, "Trusted list {location} ({}): {said}", printable(what));
    }
}

pub(super) fn timestamp(out: &mut String, stamp: &TimestampReport) {
    let kind = match stamp.kind {
        "archive-timestamp" => "Archived:     ",
        _ => "Time-stamp:   ",
    };
    line!(
        out,
        "  {kind}{} by {}: {}{}{}",
        stamp.time,
        stamp.tsa.as_deref().unwrap_or("an unknown authority"),
        stamp.indication,
        stamp
            .sub_indication
            .map_or_else(String::new, |s| format!(" ({s})")),
        match stamp.qualified.as_ref().map(|q| q.qualified) {
            Some("yes") => ", qualified",
            Some("no") => ", not qualified",
            _ => "",
        }
    );
}

fn chain(out: &mut String, link: &ChainReport) {
    let status = match &link.revocation {
        _ if link.trust_anchor => "trusted".to_owned(),
        None => "not checked further".to_owned(),
        Some(r) => match (r.status, &r.revoked_at, &r.this_update) {
            ("revoked", Some(at), _) => {
                format!("REVOKED at {at} ({})", r.reason.unwrap_or("unspecified"))
            }
            ("good", _, Some(as_of)) => format!(
                "not revoked as of {as_of} ({})",
                r.source.unwrap_or("evidence")
            ),
            ("not-applicable", ..) => "revocation does not apply".to_owned(),
            _ => "revocation status not known".to_owned(),
        },
    };
    line!(out, "  Chain:        {}: {status}", link.subject);
}

/// Field names come from strangers; nothing in them may move a cursor or turn the text around.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
