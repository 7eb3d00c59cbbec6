//! `sceau-ca init`: the folder of a new certification authority.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use ca_core::settings::LegislationConfig;
use ca_core::store::RecordLocation;
use ca_core::{CaEngine, Settings, SettingsConfig};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, atomic_file};
use pki_asn1::SystemClock;
use serde::Serialize;

use super::backup::storage;
use super::shown;
use crate::cli::Init;
use crate::config;
use crate::explain::Explained as _;
use crate::folder;

#[derive(Serialize)]
struct Report {
    folder: String,
    config: String,
    record: String,
    keys: String,
}

pub(super) fn run(args: &Init, output: &OutputArgs) -> Result<Exit, Failure> {
    let base_url = args.base_url.trim_end_matches('/').to_owned();
    let settings_config = SettingsConfig {
        cps_uri: args
            .cps_uri
            .clone()
            .unwrap_or_else(|| format!("{base_url}/cps")),
        base_url,
        country: args.country.clone(),
        policy_arc: args.policy_arc.clone(),
        pds: args.pds.iter().map(|p| p.0.clone()).collect(),
        legislation: LegislationConfig(args.legislation.to_string()),
    };
    let settings = Settings::new(settings_config.clone()).explain(|e| (Exit::Usage, e.hint()))?;

    let folder = args.folder.as_path();
    let storage = storage(&args.database)?;
    let record = folder::location(folder, storage.as_ref())?;
    let existed = folder.exists();
    create_folder(folder)?;
    refuse_occupied(folder)?;
    let config = config::initial(&settings_config, storage.as_ref());
    fill(folder, settings, &record, &config).inspect_err(|_| clear(folder, existed))?;

    let report = Report {
        folder: shown(folder),
        config: shown(&folder.join(config::FILE_NAME)),
        record: record.name().to_string(),
        keys: shown(&folder::keys(folder)),
    };
    output.result(&report, || {
        format!(
            "created {}\nnext: sceau-ca -C {} ca create root --profile root-ca --key {}/root.pem --subject 'C=..,O=..,CN=..'\n",
            report.config, report.folder, report.keys
        )
    })?;
    Ok(Exit::Ok)
}

/// Keys, record, configuration: the last one last, because it makes the folder an authority.
fn fill(
    folder: &Path,
    settings: Settings,
    record: &RecordLocation,
    config: &str,
) -> Result<(), Failure> {
    let keys = folder::keys(folder);
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&keys)
        .context(format_args!("cannot create {}", keys.display()))
        .exit(Exit::CantCreate)?;
    CaEngine::create(record, settings, Arc::new(SystemClock)).explained()?;
    let file = folder.join(config::FILE_NAME);
    Ok(atomic_file::write(
        file,
        config.as_bytes(),
        Overwrite::Refuse,
    )?)
}

/// Takes back what [`fill`] did in a folder that was empty before, so that the command can be
/// repeated.
fn clear(folder: &Path, existed: bool) {
    let record = folder::record(folder);
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
        let mut name = record.clone().into_os_string();
        name.push(suffix);
        let _ = fs::remove_file(name);
    }
    let _ = fs::remove_dir(folder::keys(folder));
    if !existed {
        let _ = fs::remove_dir(folder);
    }
}

fn create_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .context(format_args!(
            "cannot create the folder {}",
            folder.display()
        ))
        .exit(Exit::CantCreate)
        .hint("check the path and who may write there")
}

/// Somebody's files, another authority's above all, are not mixed with a new one's.
fn refuse_occupied(folder: &Path) -> Result<(), Failure> {
    let mut entries = fs::read_dir(folder)
        .context(format_args!("cannot read the folder {}", folder.display()))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::message(
            Exit::CantCreate,
            format_args!("the folder {} is not empty", folder.display()),
        )
        .with_hint("name a folder that is empty, or that does not exist yet")),
    }
}
