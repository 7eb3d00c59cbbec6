//! What is wrong with a profile file: all of it, each with its line, key and clause.

use core::fmt;

/// One thing wrong with a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The line, counted from 1, where there is one to point at.
    pub line: Option<usize>,
    /// The key, with its tables: `validity.maximum-days`. Empty where the text is no TOML.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// The clause that says so; empty where the format does.
    pub clause: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)?;
        if !self.clause.is_empty() {
            write!(f, " ({})", self.clause)?;
        }
        Ok(())
    }
}

/// Why a profile was refused: at least one problem.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileError {
    name: Option<String>,
    problems: Vec<Problem>,
}

impl ProfileError {
    /// `problems` in the order of the file; those that no line shows come last.
    pub(super) fn new(name: Option<String>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|p| p.line.unwrap_or(usize::MAX));
        Self { name, problems }
    }

    /// The profile's name, where it could be read.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Everything that is wrong.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let unread = self.problems.iter().any(|p| p.clause.is_empty());
        Some(if unread {
            "compare it with a built-in one: `sceau-ca profile show company-seal`".into()
        } else {
            "no certificate may be issued like that; change the profile".into()
        })
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "profile {name:?}: ")?,
            None => f.write_str("the profile cannot be used: ")?,
        }
        if self.problems.len() > 1 {
            write!(f, "{} problems: ", self.problems.len())?;
        }
        for (i, problem) in self.problems.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ProfileError {}
