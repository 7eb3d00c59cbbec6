//! Third-party documents, read where they lie and never copied into the project.
//!
//! A corpus is looked for under `$SCEAU_CORPORA`, then in `../shared/data` beside the project. Tests without their corpus say
//! `skipped: corpus not found` and pass.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::environment::{project, skipped};

/// The folder of corpus `name`, or `None` after having said that it is not there.
pub fn find(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("SCEAU_CORPORA").map(PathBuf::from);
    let beside = project().parent().map(|parent| parent.join("shared/data"));
    let found = [named, beside]
        .into_iter()
        .flatten()
        .map(|folder| folder.join(name))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        skipped(&format!("corpus not found: {name} (set SCEAU_CORPORA)"));
    }
    found
}

/// Every file below `folder` with extension `extension`, sorted, as a path relative to `folder` (with `/`) and the full path.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(current) = waiting.pop() {
        for entry in std::fs::read_dir(&current)
            .with_context(|| format!("cannot read {}", current.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path
                .extension()
                .is_some_and(|found| found.eq_ignore_ascii_case(extension))
            {
                let name = path
                    .strip_prefix(folder)?
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push((name, path));
            }
        }
    }
    found.sort();
    Ok(found)
}
