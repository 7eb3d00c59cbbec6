//! What a rule says: its name, how bad it is, where it is written, and what is wrong here.

use core::fmt;
use core::str::FromStr;

/// How bad a finding is, from bad to worse.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing; no text forbids it.
    Notice,
    /// Against a "should", or against what relying parties can be expected to cope with.
    Warning,
    /// Against a "shall" or "must".
    Error,
}

impl Severity {
    /// The word for it: `error`, `warning` or `notice`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no severity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownSeverity;

impl fmt::Display for UnknownSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one of error, warning, notice")
    }
}

impl core::error::Error for UnknownSeverity {}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(s: &str) -> Result<Self, UnknownSeverity> {
        [Self::Error, Self::Warning, Self::Notice]
            .into_iter()
            .find(|severity| severity.as_str() == s)
            .ok_or(UnknownSeverity)
    }
}

/// A broken rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule's name: the document, a dot, what is wrong.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is written.
    pub clause: &'static str,
    /// What is wrong, with the clause in parentheses at the end.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.severity, self.message, self.rule)
    }
}

/// The worst of `findings`; `None` where there are none.
#[must_use]
pub fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}
