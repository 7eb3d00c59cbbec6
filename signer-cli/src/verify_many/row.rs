//! What is told of one file: the signature that decides, or why there is none.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ades::cms::parse::CmsError;
use ades::report::{Report, SignatureReport};
use ades::validate::{GatherError, Indication};
use cli_support::{Exit, Failure, path};
use serde_json::{Value, json};

use crate::verify::{self, Judged, Unjudged};

/// Names of files that say that a signature is in them.
const SIGNED: [&str; 12] = [
    "pdf", "p7s", "p7m", "p7c", "sig", "asics", "asice", "scs", "sce", "tsr", "tst", "tsd",
];

/// One line of the table.
pub(super) struct Row {
    pub(super) file: Option<PathBuf>,
    pub(super) found: Found,
    /// What a detached signature was judged by.
    content: Option<PathBuf>,
    pub(super) level: Option<&'static str>,
    pub(super) signer: Option<String>,
    pub(super) time: Option<String>,
    pub(super) reason: Option<String>,
    sub_indication: Option<&'static str>,
    signatures: usize,
    report: Option<Box<Report>>,
    /// For people, where their language is not English.
    translated: Option<Box<Report>>,
    pub(super) failure: Option<Failure>,
}

/// What became of a file, best first: the exit code of a run is that of its worst file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Found {
    Passed,
    Unsigned,
    Unreadable(Unreadable),
    Indeterminate,
    Failed,
}

/// Why a file could not be looked into.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Unreadable {
    /// Reading failed.
    Io,
    /// It is not what it should be.
    Data,
    /// This program has a bug.
    Bug,
}

impl Found {
    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Passed => Exit::Ok,
            Self::Unsigned => Exit::NoSignature,
            Self::Indeterminate => Exit::Indeterminate,
            Self::Failed => Exit::Failed,
            Self::Unreadable(Unreadable::Io) => Exit::Io,
            Self::Unreadable(Unreadable::Data) => Exit::Data,
            Self::Unreadable(Unreadable::Bug) => Exit::Internal,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Passed => Indication::TotalPassed.as_str(),
            Self::Indeterminate => Indication::Indeterminate.as_str(),
            Self::Failed => Indication::TotalFailed.as_str(),
            Self::Unsigned => "no signature",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl Row {
    fn new(file: Option<&Path>, found: Found) -> Self {
        Self {
            file: file.map(Path::to_owned),
            found,
            content: None,
            level: None,
            signer: None,
            time: None,
            reason: None,
            sub_indication: None,
            signatures: 0,
            report: None,
            translated: None,
            failure: None,
        }
    }

    pub(super) fn judged(file: &Path, content: Option<&Path>, judged: Judged) -> Self {
        let found = match judged.verdict.indication {
            None => Found::Unsigned,
            Some(Indication::TotalPassed) => Found::Passed,
            Some(Indication::Indeterminate) => Found::Indeterminate,
            Some(Indication::TotalFailed) => Found::Failed,
        };
        let report = judged.report;
        let mut row = Self::new(Some(file), found);
        row.content = content.map(Path::to_owned);
        row.signatures = report.signatures.len();
        if let Some(one) = deciding(&report) {
            row.level = Some(one.level);
            row.signer = signer(&report, one);
            row.time.clone_from(&one.best_signature_time);
            row.sub_indication = one.sub_indication;
            row.reason = one.errors.first().map(|e| match one.sub_indication {
                Some(sub) => format!("{sub}: {}", e.message),
                None => e.message.clone(),
            });
        } else {
            row.reason = signed_beside(file);
        }
        row.report = Some(Box::new(report));
        row.translated = judged.translated.map(Box::new);
        row
    }

    /// A file that could not be looked into. One that is of another kind altogether has no signature.
    pub(super) fn unjudged(file: &Path, error: Unjudged) -> Self {
        let other_kind = matches!(
            &error,
            Unjudged::Gather(GatherError::NotSigned(why)) if !matches!(why, CmsError::Budget { .. })
        ) || matches!(&error, Unjudged::Gather(GatherError::TooLarge(_)));
        let empty = matches!(&error, Unjudged::Gather(GatherError::Empty));
        if (other_kind || empty) && !says_signed(file) {
            let mut row = Self::new(Some(file), Found::Unsigned);
            row.reason = Some(signed_beside(file).unwrap_or_else(|| match empty {
                true => GatherError::Empty.to_string(),
                false => "it is neither a PDF nor a CMS signature nor an ASiC container".into(),
            }));
            return row;
        }
        Self::unread(Some(file), error.into_failure(file))
    }

    pub(super) fn unread(file: Option<&Path>, failure: Failure) -> Self {
        let kind = match failure.exit {
            Exit::Internal => Unreadable::Bug,
            Exit::Data => Unreadable::Data,
            _ => Unreadable::Io,
        };
        let mut row = Self::new(file, Found::Unreadable(kind));
        // What it is about stands in the row.
        let causes = failure.causes();
        let told = if file.is_some() { causes.get(1) } else { None };
        row.reason = told.or(causes.first()).cloned();
        row.failure = Some(failure);
        row
    }

    /// The report for people; an error's, where there is none.
    pub(super) fn details(&self) -> String {
        match (
            self.translated.as_ref().or(self.report.as_ref()),
            &self.failure,
        ) {
            (Some(report), _) => report.to_text(),
            (None, Some(failure)) => failure.to_text(),
            (None, None) => {
                let file = self.file.as_deref().unwrap_or(Path::new(""));
                let reason = self.reason.as_deref().unwrap_or_default();
                format!("{}: no signature ({reason})\n", path::printable(file))
            }
        }
    }

    /// As in `docs/sceau-verify.md`.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "file": self.file.as_deref().map(path::text),
            "exit": self.found.exit().code(),
            "content": self.content.as_deref().map(path::text),
            "indication": match self.found {
                Found::Unsigned | Found::Unreadable(_) => None,
                judged => Some(judged.as_str()),
            },
            "subIndication": self.sub_indication,
            "level": self.level,
            "signer": self.signer,
            "bestSignatureTime": self.time,
            "reason": self.reason,
            "signatures": self.signatures,
            "report": self.report,
            "failure": self.failure.as_ref().map(Failure::to_json),
        })
    }
}

/// The first of the least good signatures; document time-stamps last, which nobody asks about first.
fn deciding(report: &Report) -> Option<&SignatureReport> {
    let rank = |one: &SignatureReport| match one.indication {
        "TOTAL-FAILED" => 0,
        "INDETERMINATE" => 1,
        _ => 2,
    };
    let order = |one: &&SignatureReport| (rank(one), one.kind == "document-timestamp");
    report.signatures.iter().min_by_key(order)
}

/// Who made the signature that decides, and how many other signatures there are.
fn signer(report: &Report, one: &SignatureReport) -> Option<String> {
    let signer = one.signer.as_ref()?;
    let name = signer.common_name.as_ref().unwrap_or(&signer.subject);
    let others = report
        .signatures
        .iter()
        .filter(|s| s.kind != "document-timestamp" && s.id != one.id)
        .count();
    Some(match others {
        0 => name.clone(),
        n => format!("{name} (+{n})"),
    })
}

fn says_signed(file: &Path) -> bool {
    let ending = file.extension().and_then(OsStr::to_str);
    ending.is_some_and(|e| SIGNED.contains(&e.to_ascii_lowercase().as_str()))
}

/// That a signature lies beside this file, which has none itself.
fn signed_beside(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    ["p7s", "sig", "p7m"].iter().find_map(|ending| {
        let beside = format!("{name}.{ending}");
        let there = file.with_file_name(&beside);
        (verify::content_beside(&there).as_deref() == Some(file) && there.is_file())
            .then(|| format!("its signature is {beside}"))
    })
}
