//! Revocation freshness (EN 319 102-1 clause 5.2.5), by the maximum age of the policy. That evidence has
//! not run out is asked of it before.

use pki_asn1::UnixTime;
use pki_path::Finding;

use super::Judge;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use super::trace::{Block, Outcome, Step};
use crate::text;
use crate::validate::policy::Requirement;

/// Whether evidence is fresh enough, and the step that says so.
pub(super) struct Fresh {
    pub(super) failure: Option<Failure>,
    pub(super) step: Step,
}

impl Judge<'_> {
    /// Asked at the time that is proven for the signature, or now.
    pub(super) fn fresh(
        &self,
        one: &ChainEntry,
        finding: &Finding,
        index: usize,
        proven: Option<UnixTime>,
    ) -> Fresh {
        let policy = &self.policy.freshness;
        let subject = one.certificate.display_subject();
        let max_age = match index {
            0 => policy.max_age,
            _ => policy.max_age_of_ca,
        };
        let oldest = max_age.map(|age| proven.unwrap_or(self.now) - age);
        let after =
            proven.filter(|_| index == 0 && policy.after_signature == Requirement::Required);
        let wanted = oldest.into_iter().chain(after).max();
        let stale = wanted.filter(|wanted| finding.this_update < *wanted);
        let message = match stale {
            None => text!(
                "the certificate of {} was not revoked as of {}",
                subject,
                finding.this_update
            ),
            Some(wanted) => text!(
                "the newest revocation data about the certificate of {} is of {}, and the policy asks for data of {} or later",
                subject,
                finding.this_update,
                wanted
            ),
        };
        let failure = stale.map(|_| {
            Failure::indeterminate(SubIndication::TryLater, message.clone()).hint(
                "fetch a newer CRL or OCSP response: run without --offline, or give one with --crl",
            )
        });
        Fresh {
            step: Step {
                block: Block::RevocationFreshness,
                about: Some(text!("the certificate of {}", subject)),
                outcome: match failure {
                    None => Outcome::Passed,
                    Some(_) => Outcome::Indeterminate,
                },
                sub_indication: failure.as_ref().map(|f| f.sub),
                message: Some(message),
                children: Vec::new(),
            },
            failure,
        }
    }
}
