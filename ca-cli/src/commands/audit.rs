//! `sceau-ca audit verify | export`.

use std::io::BufWriter;
use std::path::Path;

use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite};
use serde::Serialize;

use super::shown;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

#[derive(Serialize)]
struct Verified {
    records: u64,
    head: String,
}

#[derive(Serialize)]
struct Exported {
    records: u64,
    out: String,
}

pub(super) fn verify(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let journal = folder.engine.verify_journal().explained()?;
    let report = Verified {
        records: journal.records,
        head: journal.head,
    };
    output.result(&report, || {
        format!(
            "the journal's {} records are unbroken, and the record says what they say\nhead {}\n",
            report.records, report.head
        )
    })?;
    Ok(Exit::Ok)
}

pub(super) fn export(dir: &Path, out: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let file = AtomicFile::create(out, Overwrite::Refuse)?;
    let mut writer = BufWriter::new(file);
    let records = folder.engine.export_journal(&mut writer).explained()?;
    let file = writer
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.commit()?;
    let report = Exported {
        records,
        out: shown(out),
    };
    output.result(&report, || {
        format!("{} records written to {}\n", report.records, report.out)
    })?;
    Ok(Exit::Ok)
}
