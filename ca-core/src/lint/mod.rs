//! The linter: rules that every certificate passes before its INTENT is recorded.
//!
//! A rule is one file with one citation. Rules look at the real TBS, parsed back from its DER with a
//! placeholder where the signature will be; they share no code with the encoder, so a mistake there
//! is seen here.

mod rules;
#[cfg(test)]
mod tests;

use core::fmt;

use pki_asn1::Certificate;

use crate::hierarchy::CaTerms;
use crate::profile::{Profile, Qualification};
use crate::settings::Settings;

/// What a rule looks at.
pub(crate) struct Subject<'a> {
    /// The certificate to be, with a placeholder signature.
    pub(crate) certificate: &'a Certificate,
    /// The CA that will sign it; `None` for a root.
    pub(crate) issuer: Option<&'a Certificate>,
    /// The profile it claims to follow.
    pub(crate) profile: &'a Profile,
    /// The installation.
    pub(crate) settings: &'a Settings,
    /// What it is allowed to claim.
    pub(crate) qualification: &'a Qualification,
    /// What a certificate for another CA's key lets through.
    pub(crate) terms: Option<&'a CaTerms>,
}

/// One rule.
pub(crate) struct Rule {
    /// Its name: what would be wrong.
    pub(crate) id: &'static str,
    /// Where it is written.
    pub(crate) clause: &'static str,
    /// The defect, where there is one.
    pub(crate) check: fn(&Subject<'_>) -> Option<String>,
}

/// A broken rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// Where it is written.
    pub clause: &'static str,
    /// What is wrong with this certificate.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}, {}]", self.message, self.rule, self.clause)
    }
}

/// All rules a certificate breaks.
pub(crate) fn lint(subject: &Subject<'_>) -> Vec<Finding> {
    rules::ALL
        .iter()
        .filter_map(|rule| {
            (rule.check)(subject).map(|message| Finding {
                rule: rule.id,
                clause: rule.clause,
                message,
            })
        })
        .collect()
}
