//! What an operator should know of a profile that breaks no bound.

use super::algorithm::{ALGORITHMS, CLAUSE};
use super::{KeyAlgorithm, Problem, Profile, SubjectType};

impl Profile {
    /// What is allowed and yet worth a second look. Without lines: nothing has to be changed.
    #[must_use]
    pub fn notices(&self) -> Vec<Problem> {
        let config = self.config();
        let mut out = Vec::new();
        let mut notice = |key: &str, reason: String, clause| {
            out.push(Problem {
                line: None,
                key: key.to_owned(),
                reason,
                clause,
            });
        };
        if let Some(minimum) = config.key.minimum_rsa_bits {
            for row in ALGORITHMS
                .iter()
                .filter(|r| r.algorithm == KeyAlgorithm::Rsa)
            {
                if let (Some(issued), Some(valid)) = (row.last_issuance, row.last_validity)
                    && minimum <= row.bits.1
                {
                    let (from, to) = (minimum.max(row.bits.0), row.bits.1);
                    notice(
                        "key.minimum-rsa-bits",
                        format!(
                            "RSA keys of {from} to {to} bits get no new certificate after {issued}, and \
                             theirs end by {valid}"
                        ),
                        CLAUSE,
                    );
                }
            }
        }
        if self.subject_type() == SubjectType::TimeStampingUnit
            && config.validity.private_key_days.is_none()
        {
            notice(
                "validity.private-key-days",
                "the unit's key may sign until its certificate ends, and its last time-stamps can then \
                 be checked no longer"
                    .into(),
                "EN 319 421 clause 7.6.2",
            );
        }
        if config.date.is_none() {
            notice(
                "date",
                "the annex of the certification policy will not say from when it applies".into(),
                "EN 319 411-1 clause 5.2",
            );
        }
        out
    }
}
