//! What a rule is, and where its findings go. A rule is one file with one citation; `crate::rules`
//! has the table of all of them.

use core::fmt::Display;

use crate::finding::{Finding, Severity};
use crate::view::{Certificate, CrlEntry, CrlHeader, EntryScope, OcspResponse};

/// What a rule is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Artifact {
    /// A certificate (RFC 5280 section 4).
    Certificate,
    /// A certificate revocation list (RFC 5280 section 5).
    Crl,
    /// An OCSP response (RFC 6960 section 4.2).
    OcspResponse,
}

impl Artifact {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Crl => "CRL",
            Self::OcspResponse => "OCSP response",
        }
    }
}

impl Display for Artifact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is to be known of a rule without running it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RuleInfo {
    /// Its name: the document, a dot, what is wrong.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is written.
    pub clause: &'static str,
    /// What is wrong where it is broken.
    pub defect: &'static str,
    /// The day (UTC) from which on it holds, as `YYYY-MM-DD`: what was issued before was right.
    pub since: Option<&'static str>,
}

/// A rule with what it looks at.
pub(crate) struct Rule<F> {
    pub(crate) info: RuleInfo,
    pub(crate) check: F,
}

pub(crate) type CertificateRule = Rule<fn(&Certificate<'_>, &mut Found<'_>)>;
pub(crate) type CrlRule = Rule<fn(&CrlHeader<'_>, &mut Found<'_>)>;
pub(crate) type CrlEntryRule = Rule<fn(&EntryScope, &CrlEntry<'_>, &mut Found<'_>)>;
pub(crate) type OcspRule = Rule<fn(&OcspResponse<'_>, &mut Found<'_>)>;

/// Findings of one rule that are kept; a hostile input may break it a million times.
const PER_RULE: usize = 8;

/// Where one rule puts what it finds.
pub(crate) struct Found<'a> {
    info: &'a RuleInfo,
    out: &'a mut Vec<Finding>,
    room: usize,
}

impl<'a> Found<'a> {
    pub(crate) fn new(info: &'a RuleInfo, out: &'a mut Vec<Finding>) -> Self {
        Self {
            info,
            out,
            room: PER_RULE,
        }
    }

    /// As [`Self::new`] for a rule that runs again and again over the same input and has `already`
    /// found so much.
    pub(crate) fn resumed(info: &'a RuleInfo, out: &'a mut Vec<Finding>, already: usize) -> Self {
        Self {
            info,
            out,
            room: PER_RULE.saturating_sub(already),
        }
    }

    /// The rule is broken, in the words of its table entry.
    pub(crate) fn broken(&mut self) {
        self.say(self.info.defect);
    }

    /// The rule is broken where `broken`.
    pub(crate) fn broken_if(&mut self, broken: bool) {
        if broken {
            self.broken();
        }
    }

    /// The rule is broken, and `what` says more: a short text about this input.
    pub(crate) fn at(&mut self, what: impl Display) {
        self.say(format_args!("{}: {what}", self.info.defect));
    }

    fn say(&mut self, message: impl Display) {
        if self.room == 0 {
            return;
        }
        self.room -= 1;
        self.out.push(Finding {
            rule: self.info.id,
            severity: self.info.severity,
            clause: self.info.clause,
            message: format!("{message} ({})", self.info.clause),
        });
    }
}
