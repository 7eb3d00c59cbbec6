//! `sceau-ca profile list | show`.

use std::path::Path;

use cli_support::{Exit, Failure, OutputArgs, Table};
use serde::Serialize;

use crate::explain::Explained as _;
use crate::folder::{Access, Folder};

#[derive(Serialize)]
struct Listed {
    name: String,
    title: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    toml: String,
}

pub(super) fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let listed: Vec<_> = folder
        .engine
        .profiles()
        .into_iter()
        .map(|(name, title)| Listed { name, title })
        .collect();
    output.result(&listed, || {
        let mut table = Table::new(["NAME", "CERTIFIES"]);
        for profile in &listed {
            table.row([profile.name.as_str(), &profile.title]);
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

pub(super) fn show(dir: &Path, name: &str, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let toml = folder.engine.profile_source(name).explained()?;
    let shown = Shown { name, toml };
    output.result(&shown, || {
        let mut text = shown.toml.clone();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    })?;
    Ok(Exit::Ok)
}
