//! The French of every sentence that a report can say, by topic: the English template, and the French one.
//!
//! Spaces before punctuation are plain here and set by [`super::language`]. Where the order of what fills
//! the holes differs, the French ones have numbers.

mod document;
mod lists;
mod messages;
mod paths;
mod records;
mod report;
mod signatures;
mod verdict;

/// All of them.
pub(super) const CATALOGUES: &[&[(&str, &str)]] = &[
    report::WORDS,
    verdict::SENTENCES,
    signatures::SENTENCES,
    document::SENTENCES,
    document::HINTS,
    document::DAMAGE,
    paths::SENTENCES,
    lists::SENTENCES,
    messages::MAIL,
    messages::POLICY,
    messages::PAST,
    records::SENTENCES,
];

#[cfg(test)]
mod tests;
