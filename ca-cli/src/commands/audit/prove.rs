//! `sceau-ca audit prove` and `check-proof`.

use std::path::Path;

use ca_core::journal::{MAX_PROOF, Proof, SignedCheckpoint};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, input};
use serde::Serialize;

use super::files;
use crate::cli::{CheckProof, Prove};
use crate::commands::shown;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

#[derive(Serialize)]
struct Report {
    kind: &'static str,
    origin: String,
    size: u64,
    at: String,
    /// Where it begins, for a consistency proof.
    from: Option<u64>,
    records: Vec<RecordReport>,
}

#[derive(Serialize)]
struct RecordReport {
    seq: u64,
    record: String,
}

impl From<&Proof> for Report {
    fn from(proof: &Proof) -> Self {
        match proof {
            Proof::Inclusion {
                checkpoint,
                records,
            } => Self {
                kind: "inclusion",
                origin: checkpoint.checkpoint().origin.clone(),
                size: checkpoint.checkpoint().size,
                at: checkpoint.checkpoint().at.to_string(),
                from: None,
                records: records
                    .iter()
                    .map(|r| RecordReport {
                        seq: r.seq,
                        record: r.record.clone(),
                    })
                    .collect(),
            },
            Proof::Consistency { from, to, .. } => Self {
                kind: "consistency",
                origin: to.checkpoint().origin.clone(),
                size: to.checkpoint().size,
                at: to.checkpoint().at.to_string(),
                from: Some(from.checkpoint().size),
                records: Vec::new(),
            },
        }
    }
}

pub(super) fn run(dir: &Path, args: &Prove, output: &OutputArgs) -> Result<Exit, Failure> {
    let certificate = match &args.what.certificate {
        None => None,
        Some(path) => files::certificates(path)?.into_iter().next(),
    };
    let folder = Folder::open(dir, Access::Read)?;
    let engine = &folder.engine;
    let to = checkpoint(&folder, args.size.or(args.to))?;
    let size = to.checkpoint().size;
    let serial = match (&certificate, &args.what.serial) {
        (Some(certificate), _) => Some(certificate.serial().to_vec()),
        (None, Some(serial)) => Some(serial.0.clone()),
        (None, None) => None,
    };
    let proof = match (args.what.from, serial) {
        (Some(from), _) => {
            let from = checkpoint(&folder, Some(from))?;
            engine.prove_consistency(&from, &to)
        }
        (None, Some(serial)) => {
            let records = engine.records_about(&serial, size).explained()?;
            engine.prove_records(&records, &to)
        }
        (None, None) => engine.prove_records(&args.what.record, &to),
    }
    .explained()?;
    let file = AtomicFile::create(&args.out, Overwrite::Refuse)?;
    files::write(file, proof.to_json().as_bytes())?;
    let report = Report::from(&proof);
    output.result(&report, || {
        format!("proof written to {}: {}\n", shown(&args.out), text(&report))
    })?;
    Ok(Exit::Ok)
}

fn checkpoint(folder: &Folder, size: Option<u64>) -> Result<SignedCheckpoint, Failure> {
    let row = match size {
        Some(size) => folder.engine.checkpoint_of_size(size),
        None => folder
            .engine
            .latest_checkpoint()
            .and_then(|row| row.ok_or(ca_core::engine::AuditError::NoCheckpoints.into())),
    };
    Ok(row.explained()?.signed)
}

pub(super) fn check(args: &CheckProof, output: &OutputArgs) -> Result<Exit, Failure> {
    let keys = files::journal_keys(&args.journal_key)?;
    let given = args
        .checkpoint
        .as_deref()
        .map(files::checkpoint)
        .transpose()?;
    let bytes = input::read(&args.proof, "the proof", MAX_PROOF)?;
    let context = || format!("{} proves nothing", shown(&args.proof));
    let proof = Proof::parse(&bytes)
        .explain(|e| (Exit::Data, e.hint()))
        .context(context())?;
    let refused = |e: &ca_core::journal::ProofError| (Exit::Failed, e.hint());
    if let Some(given) = &given {
        proof
            .is_for(given.checkpoint())
            .explain(refused)
            .context(context())?;
    }
    proof.check(&keys).explain(refused).context(context())?;
    let report = Report::from(&proof);
    output.result(&report, || {
        let mut said = format!("proven: {}\n", text(&report));
        for record in &report.records {
            said += &format!("{} {}\n", record.seq, printable(&record.record));
        }
        said
    })?;
    Ok(Exit::Ok)
}

fn text(report: &Report) -> String {
    let Report {
        origin, size, at, ..
    } = report;
    let journal = format!("the journal {origin} with {size} records, signed {at}");
    match (report.from, report.records.as_slice()) {
        (Some(from), _) => format!("{journal}, begins with that of {from} records"),
        (None, [one]) => format!("record {} is in {journal}", one.seq),
        (None, many) => format!("{} records are in {journal}", many.len()),
    }
}

/// Nothing in a stranger's file reaches a terminal as a control.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
