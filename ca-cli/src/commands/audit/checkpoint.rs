//! `sceau-ca audit checkpoint` and `checkpoints`.

use std::path::Path;

use ca_core::engine::note_digest;
use ca_core::store::CheckpointRow;
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, table::Table};
use serde::Serialize;

use super::{files, stamps};
use crate::actors::actors;
use crate::cli::{MakeCheckpoint, ShowCheckpoints};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckpointReport {
    size: u64,
    root: String,
    at: String,
    origin: String,
    record: u64,
    time_stamps: Vec<String>,
}

#[derive(Serialize)]
struct Made {
    /// Whether one was made now.
    new: bool,
    checkpoint: Option<CheckpointReport>,
}

impl CheckpointReport {
    fn new(row: &CheckpointRow) -> Self {
        let checkpoint = row.signed.checkpoint();
        Self {
            size: checkpoint.size,
            root: hex::encode(checkpoint.root),
            at: checkpoint.at.to_string(),
            origin: checkpoint.origin.clone(),
            record: row.seq,
            time_stamps: row.stamps.iter().map(|s| s.time.to_string()).collect(),
        }
    }
}

pub(super) fn make(
    dir: &Path,
    args: &MakeCheckpoint,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let note_file = args
        .out
        .as_deref()
        .map(|path| files::create(path, files::is_checkpoint))
        .transpose()?;
    let token_file = args
        .token_out
        .as_deref()
        .map(|path| files::create(path, files::is_token))
        .transpose()?;
    let actors = actors(&args.actors);
    let (new, latest, urls) = {
        let folder = Folder::open(dir, Access::Write)?;
        let engine = &folder.engine;
        let due = !args.due
            || engine
                .checkpoint_is_due(&folder.config.audit.schedule())
                .explained()?;
        let new = if due && engine.has_news().explained()? {
            let key = engine.signing_journal_key().explained()?;
            let location = keys::resolve(&folder.path, &key.key.location)?;
            let signer = keys::open(&location, &args.pin.source())
                .context(format_args!("cannot open the journal key at {location}"))?;
            engine.checkpoint(&*signer, &actors).explained()?.is_some()
        } else {
            false
        };
        let latest = engine.latest_checkpoint().explained()?;
        let urls = match (args.no_tsa, args.tsa.is_empty()) {
            (true, _) => Vec::new(),
            (false, false) => args.tsa.clone(),
            (false, true) => folder.config.audit.tsa.clone(),
        };
        // The record is let go of while an authority far away thinks.
        (new, latest, urls)
    };
    let Some(latest) = latest else {
        let made = Made {
            new: false,
            checkpoint: None,
        };
        output.result(&made, || "no checkpoint is due\n".into())?;
        return Ok(Exit::Ok);
    };
    if let Some(file) = note_file {
        files::write(file, latest.signed.note().as_bytes())?;
    }
    let missing = latest.stamps.is_empty() && !urls.is_empty();
    let latest = if missing {
        let size = latest.signed.checkpoint().size;
        let kept = |failure: Failure| {
            let failure = failure.with_context(format_args!(
                "the checkpoint over {size} records is signed and kept, and has no time-stamp yet"
            ));
            match failure.hint {
                Some(_) => failure,
                None => failure.with_hint("run sceau-ca audit checkpoint again later"),
            }
        };
        let token = stamps::ask(&urls, &note_digest(&latest.signed)).map_err(|mut failure| {
            // Whatever is wrong there, here only a time-stamp is missing.
            failure.exit = Exit::Temporary;
            kept(failure)
        })?;
        let folder = Folder::open(dir, Access::Write).map_err(kept)?;
        folder
            .engine
            .add_time_stamp(&latest.signed, token.der(), &actors)
            .explained()
            .map_err(kept)?;
        folder.engine.checkpoint_of_size(size).explained()?
    } else {
        latest
    };
    if let (Some(file), Some(stamp)) = (token_file, latest.stamps.last()) {
        files::write(file, &stamp.token)?;
    }
    let made = Made {
        new,
        checkpoint: Some(CheckpointReport::new(&latest)),
    };
    output.result(&made, || text(&made))?;
    Ok(Exit::Ok)
}

fn text(made: &Made) -> String {
    let Some(checkpoint) = &made.checkpoint else {
        return String::new();
    };
    let mut text = if made.new {
        format!("checkpoint over {} records signed\n", checkpoint.size)
    } else {
        format!(
            "nothing new since the checkpoint over {} records\n",
            checkpoint.size
        )
    };
    text += &match checkpoint.time_stamps.last() {
        Some(at) => format!("time-stamped {at}\n"),
        None => "not time-stamped: no authority was asked\n".to_owned(),
    };
    text
}

pub(super) fn list(
    dir: &Path,
    args: &ShowCheckpoints,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let rows = match args.size {
        None => folder.engine.checkpoints().explained()?,
        Some(size) => vec![folder.engine.checkpoint_of_size(size).explained()?],
    };
    for row in &rows {
        if let Some(path) = &args.out {
            let file = files::create(path, files::is_checkpoint)?;
            files::write(file, row.signed.note().as_bytes())?;
        }
        if let Some(path) = &args.token_out {
            let stamp = row.stamps.last().ok_or_else(|| {
                Failure::message(Exit::Unavailable, "the checkpoint has no time-stamp")
                    .with_hint("a time-stamp over a later checkpoint covers it too")
            })?;
            files::write(files::create(path, files::is_token)?, &stamp.token)?;
        }
    }
    let reports: Vec<_> = rows.iter().map(CheckpointReport::new).collect();
    output.result(&reports, || {
        let mut table = Table::new(["RECORDS", "SIGNED", "TIME-STAMPED", "ROOT"]);
        for report in &reports {
            let stamped = report.time_stamps.last().map_or("no", String::as_str);
            table.row([
                report.size.to_string().as_str(),
                &report.at,
                stamped,
                &report.root,
            ]);
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}
