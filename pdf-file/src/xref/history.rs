//! What every revision says about every object number, in memory linear in the entries.

use std::ops::Range;

use super::Entry;
use crate::RevisionId;

#[derive(Debug, Clone, Copy)]
struct Versioned {
    number: u32,
    revision: u32,
    entry: Entry,
}

/// All entries of all revisions.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Sorted by number, then revision.
    versions: Vec<Versioned>,
    /// The numbers of each revision's entries, ascending, one revision after the other.
    numbers: Vec<u32>,
    ranges: Vec<Range<usize>>,
    /// The numbers of all object streams, ascending.
    containers: Vec<u32>,
}

/// Takes the revisions oldest first.
#[derive(Debug, Default)]
pub(crate) struct Builder(History);

impl Builder {
    /// The next revision's entries, sorted by number, one for each.
    pub(crate) fn revision(&mut self, entries: Vec<(u32, Entry)>) {
        let revision = u32::try_from(self.0.ranges.len()).unwrap_or(u32::MAX);
        let start = self.0.numbers.len();
        self.0
            .numbers
            .extend(entries.iter().map(|&(number, _)| number));
        self.0.ranges.push(start..self.0.numbers.len());
        self.0
            .versions
            .extend(entries.into_iter().map(|(number, entry)| Versioned {
                number,
                revision,
                entry,
            }));
    }

    pub(crate) fn build(mut self) -> History {
        self.0.versions.sort_by_key(|v| (v.number, v.revision));
        let containers = self.0.versions.iter().filter_map(|v| match v.entry {
            Entry::InStream { stream, .. } => Some(stream),
            _ => None,
        });
        let containers: std::collections::BTreeSet<u32> = containers.collect();
        self.0.containers = containers.into_iter().collect();
        self.0
    }
}

impl History {
    /// The entry in force as of a revision, and the revision that made it.
    pub(crate) fn lookup(&self, number: u32, at: RevisionId) -> Option<(RevisionId, Entry)> {
        let at = u32::try_from(at.0).unwrap_or(u32::MAX);
        let after = self
            .versions
            .partition_point(|v| (v.number, v.revision) <= (number, at));
        let found = self.versions.get(after.checked_sub(1)?)?;
        (found.number == number).then_some((RevisionId(found.revision as usize), found.entry))
    }

    /// The entry that a revision replaced.
    pub(crate) fn before(&self, number: u32, revision: RevisionId) -> Option<(RevisionId, Entry)> {
        self.lookup(number, RevisionId(revision.0.checked_sub(1)?))
    }

    /// The numbers a revision has entries for, ascending.
    pub(crate) fn numbers(&self, revision: RevisionId) -> &[u32] {
        self.ranges
            .get(revision.0)
            .and_then(|range| self.numbers.get(range.clone()))
            .unwrap_or_default()
    }

    /// Every number's entry in force as of a revision, ascending.
    pub(crate) fn in_force(
        &self,
        at: RevisionId,
    ) -> impl Iterator<Item = (u32, RevisionId, Entry)> + '_ {
        self.versions
            .chunk_by(|a, b| a.number == b.number)
            .filter_map(move |versions| versions.iter().rfind(|v| v.revision as usize <= at.0))
            .map(|v| (v.number, RevisionId(v.revision as usize), v.entry))
    }

    /// Whether any of the numbers ever was the container of a compressed object.
    pub(crate) fn any_container(&self, numbers: &std::collections::HashSet<u32>) -> bool {
        numbers
            .iter()
            .any(|number| self.containers.binary_search(number).is_ok())
    }

    /// The highest number of any entry.
    pub(crate) fn max_number(&self) -> u32 {
        self.versions.last().map_or(0, |v| v.number)
    }
}
