//! `sceau-ca audit export`.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use ca_core::journal::ExportEnd;
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, failure};
use serde::Serialize;

use crate::cli::AuditExport;
use crate::commands::shown;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

/// Octets of an export's last line at most.
const LAST_LINE: u64 = 1024;

#[derive(Serialize)]
struct Exported {
    records: u64,
    out: String,
    from: u64,
    to: u64,
}

pub(super) fn run(dir: &Path, args: &AuditExport, output: &OutputArgs) -> Result<Exit, Failure> {
    let before = args.after.as_deref().map(last_line).transpose()?;
    let folder = Folder::open(dir, Access::Read)?;
    let engine = &folder.engine;
    let from = match &before {
        None => args.from.unwrap_or(1),
        Some(end) => {
            engine.continues(end).explained()?;
            end.to + 1
        }
    };
    let to = match args.to {
        Some(to) => to,
        None => engine.journal_size().explained()?,
    };
    let file = AtomicFile::create(&args.out, Overwrite::Refuse)?;
    let mut writer = BufWriter::new(file);
    let records = engine.export_range(from..=to, &mut writer).explained()?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.commit()?;
    let report = Exported {
        records,
        out: shown(&args.out),
        from,
        to,
    };
    output.result(&report, || {
        format!("{} records written to {}\n", report.records, report.out)
    })?;
    Ok(Exit::Ok)
}

/// Reads how far an export goes, without reading all of it.
fn last_line(path: &Path) -> Result<ExportEnd, Failure> {
    let tail = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST_LINE)))?;
        let mut tail = Vec::new();
        file.take(LAST_LINE).read_to_end(&mut tail)?;
        Ok(tail)
    };
    let tail = tail().map_err(|e| {
        let exit = failure::io_exit(e.kind());
        Failure::new(exit, e).with_context(format_args!("cannot read the export {}", shown(path)))
    })?;
    tail.strip_suffix(b"\n")
        .and_then(|tail| tail.rsplit(|b| *b == b'\n').next())
        .and_then(ExportEnd::parse)
        .ok_or_else(|| {
            let what = format!(
                "{} does not end as an export of a journal does",
                shown(path)
            );
            Failure::message(Exit::Data, what)
        })
        .hint("give an export that is whole; what was cut off is exported again with --from")
}
