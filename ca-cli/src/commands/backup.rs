//! `sceau-ca backup`, `restore` and `migrate`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ca_core::store::{BackupError, BackupReport, StorageConfig};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, failure};
use pki_asn1::{Clock as _, SystemClock};
use serde::Serialize;

use super::shown;
use crate::cli::{Backup, DatabaseArgs, Restore};
use crate::explain::{Explained as _, store_exit};
use crate::folder;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    file: String,
    record: String,
    at: String,
    records: u64,
    head: String,
    sha256: String,
}

impl Report {
    fn new(file: &Path, record: String, report: BackupReport) -> Self {
        Self {
            file: shown(file),
            record,
            at: report.at,
            records: report.records,
            head: report.head,
            sha256: report.sha256,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Migrated {
    record: String,
    from: i64,
}

pub(super) fn backup(dir: &Path, args: &Backup, output: &OutputArgs) -> Result<Exit, Failure> {
    let config = folder::configuration(dir)?;
    let location = folder::location(dir, config.storage.as_ref())?;
    // It names everybody who has a certificate.
    let mut file = AtomicFile::options(Overwrite::Refuse)
        .mode(0o600)
        .create(&args.out)?;
    let report = location
        .backup(SystemClock.now(), &mut file)
        .explain(explain)
        .context(format_args!("no backup {}", args.out.display()))?;
    file.commit()?;
    let report = Report::new(&args.out, report.record.clone(), report);
    output.result(&report, || {
        format!(
            "backed up {} journal records of {} to {}\nlast record {}\nprivate keys and sceau-ca.toml are not in it\n",
            report.records, report.record, report.file, report.head
        )
    })?;
    Ok(Exit::Ok)
}

pub(super) fn restore(args: &Restore, output: &OutputArgs) -> Result<Exit, Failure> {
    let mut file = File::open(&args.from)
        .context(format_args!("cannot open {}", args.from.display()))
        .exit(Exit::Unavailable)
        .hint("check the path and who may read the file")?;
    let storage = storage(&args.database)?;
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let created = storage.is_none() && !folder.exists();
    if created {
        fs::create_dir_all(folder)
            .context(format_args!(
                "cannot create the folder {}",
                folder.display()
            ))
            .exit(Exit::CantCreate)?;
    }
    let location = folder::location(folder, storage.as_ref())?;
    let report = location
        .restore(&mut file)
        .explain(explain)
        .context(format_args!("cannot restore {}", args.from.display()))
        .inspect_err(|_| {
            if created {
                let _ = fs::remove_dir(folder);
            }
        })?;
    let report = Report::new(&args.from, location.name().to_string(), report);
    output.result(&report, || {
        format!(
            "restored {} journal records to {}, checked\nthe backup is of {}, and its last record {}\nprivate keys and sceau-ca.toml are not in it\n",
            report.records, report.record, report.at, report.head
        )
    })?;
    Ok(Exit::Ok)
}

pub(super) fn migrate(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let config = folder::configuration(dir)?;
    let location = folder::location(dir, config.storage.as_ref())?;
    let report = Migrated {
        from: location.migrate().explained()?,
        record: location.name().to_string(),
    };
    output.result(&report, || {
        format!(
            "{} is up to date; its format was {}\n",
            report.record, report.from
        )
    })?;
    Ok(Exit::Ok)
}

/// The database of the arguments. What is written into a configuration must be found from any folder.
pub(super) fn storage(args: &DatabaseArgs) -> Result<Option<StorageConfig>, Failure> {
    let absolute = |path: &Option<PathBuf>| match path {
        None => Ok(None),
        Some(path) => fs::canonicalize(path)
            .map(Some)
            .context(format_args!("cannot find {}", path.display()))
            .exit(Exit::Unavailable),
    };
    let Some(url) = args.database.clone() else {
        return Ok(None);
    };
    Ok(Some(StorageConfig {
        url,
        password_file: absolute(&args.database_password_file)?,
        ca_certificates: absolute(&args.database_ca_certificates)?,
    }))
}

fn explain(error: &BackupError) -> (Exit, Option<String>) {
    let exit = match error {
        BackupError::Store(e) => store_exit(e),
        BackupError::Write(e) | BackupError::Read(e) => failure::io_exit(io::Error::kind(e)),
        _ => Exit::Data,
    };
    (exit, error.hint())
}
