//! `[cache]`: what is remembered of the network between documents.

use core::time::Duration;
use std::path::PathBuf;

use ades::evidence::CacheLimits;
use serde::Deserialize;

/// `[cache]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CacheTable {
    /// Whether anything is kept on disk; yes without it.
    pub(crate) enabled: Option<bool>,
    /// Where; without it sceau in the folder of XDG_CACHE_HOME (~/.cache).
    pub(crate) folder: Option<PathBuf>,
    megabytes: Option<u64>,
    entries: Option<usize>,
    /// Minutes that an answer is used again, where its own dates allow.
    reuse_minutes: Option<u64>,
}

impl CacheTable {
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.folder.iter_mut()
    }

    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let too_much = self.megabytes.is_some_and(|m| !(1..=1 << 20).contains(&m))
            || self.entries.is_some_and(|e| !(1..=1_000_000).contains(&e))
            || self.reuse_minutes.is_some_and(|m| m > 31 * 24 * 60);
        if too_much {
            return Err((
                "[cache] megabytes and entries are at least 1 and at most a million, reuse-minutes at most a month".into(),
                "leave them out for the defaults, or set enabled = false",
            ));
        }
        Ok(())
    }

    pub(crate) fn limits(&self) -> CacheLimits {
        let standard = CacheLimits::default();
        CacheLimits {
            bytes: self.megabytes.map_or(standard.bytes, |m| m << 20),
            entries: self.entries.unwrap_or(standard.entries),
            reuse: self
                .reuse_minutes
                .map_or(standard.reuse, |m| Duration::from_secs(m * 60)),
        }
    }
}
