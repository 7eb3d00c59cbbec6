//! `sceau-ca audit key`.

use std::path::Path;

use ca_core::journal::{Handover, JournalKey};
use ca_core::store::JournalKeyRow;
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _};
use pki_asn1::pem;
use serde::Serialize;

use super::files;
use crate::actors::actors;
use crate::cli::SetJournalKey;
use crate::commands::shown;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyReport {
    sha256: String,
    algorithm: String,
    location: String,
    origin: String,
    record: u64,
    signs_next: bool,
}

impl KeyReport {
    fn new(row: &JournalKeyRow, next: &JournalKeyRow) -> Result<Self, Failure> {
        let key = journal_key(row)?;
        Ok(Self {
            sha256: key.fingerprint(),
            algorithm: key.algorithm().to_string(),
            location: row.key.location.clone(),
            origin: row.key.origin.clone(),
            record: row.seq,
            signs_next: row.seq == next.seq,
        })
    }

    fn text(&self) -> String {
        let next = if self.signs_next {
            "signs the next checkpoint"
        } else {
            "does not sign the next checkpoint"
        };
        crate::report::fields(&[
            ("SHA-256", self.sha256.clone()),
            ("algorithm", self.algorithm.clone()),
            ("key", self.location.clone()),
            ("journal", self.origin.clone()),
            ("record", self.record.to_string()),
            ("state", next.to_owned()),
        ])
    }
}

/// The public key of a row.
pub(super) fn journal_key(row: &JournalKeyRow) -> Result<JournalKey, Failure> {
    JournalKey::from_spki_der(&row.key.spki)
        .explain(|e| (Exit::Data, e.hint()))
        .context("the record's journal key cannot be read")
}

pub(super) fn set(dir: &Path, args: &SetJournalKey, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let handover = if args.predecessor_lost {
        Handover::PredecessorLost
    } else {
        Handover::Signed
    };
    let location = keys::recorded(&folder.path, &args.key)?;
    let pin = args.pin.source();
    let signer = match args.generate {
        Some(spec) => {
            folder
                .engine
                .check_journal_key(spec, handover)
                .explained()?;
            keys::generate(&args.key, spec, &pin)?
        }
        None => keys::open(&args.key, &pin).hint("to make a new key, add --generate p256")?,
    };
    let row = folder
        .engine
        .name_journal_key(&*signer, location, handover, &actors(&args.actors))
        .explained()
        .map_err(|failure| match args.generate {
            Some(_) => failure.with_hint(format!(
                "the new key was kept: repeat without --generate, with --key '{}'",
                args.key
            )),
            None => failure,
        })?;
    let next = folder.engine.signing_journal_key().explained()?;
    let report = KeyReport::new(&row, &next)?;
    output.result(&report, || {
        let mut text = report.text();
        if !report.signs_next {
            text += "the key before it signs the next checkpoint, and with it for this key\n";
        }
        text
    })?;
    Ok(Exit::Ok)
}

pub(super) fn show(dir: &Path, out: Option<&Path>, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let next = folder.engine.signing_journal_key().explained()?;
    if let Some(path) = out {
        let pem = pem::encode("PUBLIC KEY", &next.key.spki)
            .context("cannot encode the key")
            .exit(Exit::Internal)?;
        files::write(files::create(path, files::is_public_key)?, pem.as_bytes())?;
    }
    let mut reports = Vec::new();
    for row in folder.engine.journal_keys().explained()? {
        reports.push(KeyReport::new(&row, &next)?);
    }
    output.result(&reports, || {
        let mut texts: Vec<_> = reports.iter().map(KeyReport::text).collect();
        if let Some(path) = out {
            texts.push(format!("written {}\n", shown(path)));
        }
        texts.join("\n")
    })?;
    Ok(Exit::Ok)
}
