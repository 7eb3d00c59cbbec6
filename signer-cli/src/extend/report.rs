//! What `sceau extend` says of a document: schema `sceau.extend/1`, and words.

use std::path::{Path, PathBuf};

use ades::asic::ExtendedAsic;
use ades::cades::{AddedValues, ExtendedCms};
use ades::extend::{ExtendedSignature, Refusal};
use ades::pades::{DocumentTimeStamp, ExtendedPdf};
use ades::tsp::Token;
use ades::validate::{Message, SignatureKind};
use cli_support::path::{self, printable};
use serde::Serialize;

/// A document that was extended, or needed nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extended {
    #[serde(serialize_with = "path::shown")]
    pub(super) file: PathBuf,
    #[serde(serialize_with = "path::shown")]
    pub(super) out: PathBuf,
    format: &'static str,
    /// Whether anything was added.
    pub(super) changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    revisions: Option<usize>,
    signatures: Vec<SignatureJson>,
    time_stamps: Vec<TimeStampJson>,
    added: AddedJson,
    warnings: Vec<NoteJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignatureJson {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    kind: &'static str,
    before: &'static str,
    after: &'static str,
    refused: Option<NoteJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TimeStampJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    time: String,
    authority: String,
    policy: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AddedJson {
    certificates: usize,
    ocsp: usize,
    crls: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NoteJson {
    code: &'static str,
    message: String,
    hint: Option<String>,
}

impl Extended {
    pub(super) fn pdf(file: &Path, out: PathBuf, made: &ExtendedPdf) -> Self {
        Self {
            file: file.to_owned(),
            out,
            format: "PAdES",
            changed: made.revisions > 0,
            revisions: Some(made.revisions),
            signatures: made.signatures.iter().map(SignatureJson::from).collect(),
            time_stamps: made.time_stamps.iter().map(TimeStampJson::from).collect(),
            added: AddedJson {
                certificates: made.added.certificates,
                ocsp: made.added.ocsp,
                crls: made.added.crls,
            },
            warnings: made.warnings.iter().map(NoteJson::from).collect(),
        }
    }

    pub(super) fn cms(file: &Path, out: PathBuf, made: &ExtendedCms) -> Self {
        Self {
            file: file.to_owned(),
            out,
            format: "CAdES",
            changed: made.is_changed(),
            revisions: None,
            signatures: made.signatures.iter().map(SignatureJson::from).collect(),
            time_stamps: stamps(&made.time_stamps, &made.archive),
            added: made.added.into(),
            warnings: made.warnings.iter().map(NoteJson::from).collect(),
        }
    }

    pub(super) fn asic(file: &Path, out: PathBuf, made: &ExtendedAsic) -> Self {
        Self {
            file: file.to_owned(),
            out,
            format: made.kind.as_str(),
            changed: made.is_changed(),
            revisions: None,
            signatures: made.signatures.iter().map(SignatureJson::from).collect(),
            time_stamps: stamps(&made.time_stamps, &made.archive),
            added: made.added.into(),
            warnings: made.warnings.iter().map(NoteJson::from).collect(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        let (file, out) = (printable(&self.file), printable(&self.out));
        let mut text = if self.changed {
            format!("extended {file} -> {out}\n")
        } else {
            format!("nothing was to be done for {file}; {out} is a copy\n")
        };
        for one in &self.signatures {
            let name = one.field.as_deref().unwrap_or(&one.id);
            match &one.refused {
                Some(why) => {
                    text.push_str(&format!("  {name}: not raised: {}\n", why.message));
                }
                None if one.kind == "document-timestamp" => {}
                None if one.before == one.after => {
                    text.push_str(&format!("  {name}: {}\n", one.after));
                }
                None => text.push_str(&format!("  {name}: {} -> {}\n", one.before, one.after)),
            }
        }
        for one in &self.time_stamps {
            text.push_str(&format!(
                "  time-stamped {} by {}\n",
                one.time, one.authority
            ));
        }
        let AddedJson {
            certificates,
            ocsp,
            crls,
        } = self.added;
        if certificates + ocsp + crls > 0 {
            text.push_str(&format!(
                "  added {certificates} certificates, {ocsp} OCSP responses, {crls} CRLs\n"
            ));
        }
        for one in &self.warnings {
            text.push_str(&format!("  warning: {}\n", one.message));
        }
        text
    }
}

fn stamps(signature: &[Token], archive: &[Token]) -> Vec<TimeStampJson> {
    let all = signature.iter().chain(archive);
    all.map(|token| TimeStampJson {
        field: None,
        time: token.time().to_string(),
        authority: token.certificate().display_subject().to_string(),
        policy: token.policy().to_string(),
    })
    .collect()
}

impl From<AddedValues> for AddedJson {
    fn from(added: AddedValues) -> Self {
        Self {
            certificates: added.certificates,
            ocsp: added.ocsp,
            crls: added.crls,
        }
    }
}

impl From<&ExtendedSignature> for SignatureJson {
    fn from(one: &ExtendedSignature) -> Self {
        Self {
            id: one.id.clone(),
            field: one.field.clone(),
            kind: match one.kind {
                SignatureKind::Signature => "signature",
                SignatureKind::DocumentTimestamp => "document-timestamp",
            },
            before: one.before.as_str(),
            after: one.after.as_str(),
            refused: one.refusal.as_ref().map(NoteJson::from),
        }
    }
}

impl From<&DocumentTimeStamp> for TimeStampJson {
    fn from(stamp: &DocumentTimeStamp) -> Self {
        let token = &stamp.token;
        Self {
            field: Some(stamp.field.clone()),
            time: token.time().to_string(),
            authority: token.certificate().display_subject().to_string(),
            policy: token.policy().to_string(),
        }
    }
}

impl From<&Refusal> for NoteJson {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.as_str(),
            message: refusal.reason.clone(),
            hint: refusal.hint.clone(),
        }
    }
}

impl From<&Message> for NoteJson {
    fn from(message: &Message) -> Self {
        Self {
            code: message.code.as_str(),
            message: message.message.to_string(),
            hint: message.remedy().map(|hint| hint.to_string()),
        }
    }
}
