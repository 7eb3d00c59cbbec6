//! `[trusted-lists]`: whom states trust.

use std::path::PathBuf;

use serde::Deserialize;

use super::is_web;
use crate::trusted_lists::ExpiredArg;

/// `[trusted-lists]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TrustedListsTable {
    /// Files and URLs.
    #[serde(default)]
    pub(crate) lists: Vec<String>,
    /// Who may sign them: files and folders.
    #[serde(default)]
    pub(crate) signers: Vec<PathBuf>,
    /// What to do with those that have run out.
    pub(crate) expired: Option<ExpiredArg>,
}

impl TrustedListsTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.signers.iter_mut()
    }

    /// Files are relative to the settings file, URLs to nothing.
    pub(super) fn resolve(&mut self, folder: &std::path::Path) {
        for one in self.lists.iter_mut().filter(|l| !is_web(l)) {
            *one = folder.join(&*one).to_string_lossy().into_owned();
        }
    }
}
