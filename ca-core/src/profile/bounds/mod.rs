//! The bounds of the standards: what a profile may not say, each with the clause that forbids it.
//!
//! One file per table of the profile. All of them run, so that one look shows everything.

mod extensions;
mod key;
mod naming;
mod qualified;
mod registration;
mod subject;
#[cfg(test)]
mod tests;
mod validity;

pub(super) use self::naming::is_name;
use super::problem::Problem;
use super::source::Lines;
use super::{ProfileConfig, SubjectType};

/// A look at one profile.
pub(super) struct Check<'a> {
    pub(super) config: &'a ProfileConfig,
    lines: &'a Lines,
    problems: Vec<Problem>,
}

/// Every bound that `config` breaks.
pub(super) fn check(config: &ProfileConfig, lines: &Lines) -> Vec<Problem> {
    let mut check = Check {
        config,
        lines,
        problems: Vec::new(),
    };
    naming::check(&mut check);
    validity::check(&mut check);
    key::check(&mut check);
    subject::check(&mut check);
    extensions::check(&mut check);
    qualified::check(&mut check);
    registration::check(&mut check);
    check.problems
}

impl Check<'_> {
    fn kind(&self) -> SubjectType {
        self.config.subject_type
    }

    /// Notes that `key` breaks `clause`.
    fn broken(&mut self, key: &str, reason: impl Into<String>, clause: &'static str) {
        self.problems.push(Problem {
            line: self.lines.of(key),
            key: key.to_owned(),
            reason: reason.into(),
            clause,
        });
    }

    /// The same, where it is.
    fn broken_if(&mut self, broken: bool, key: &str, reason: &str, clause: &'static str) {
        if broken {
            self.broken(key, reason, clause);
        }
    }
}

/// The first value that occurs twice.
fn duplicate<T: PartialEq>(values: &[T]) -> Option<&T> {
    values
        .iter()
        .enumerate()
        .find(|(i, value)| values[..*i].contains(value))
        .map(|(_, value)| value)
}
