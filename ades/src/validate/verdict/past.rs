//! What the past does not settle (EN 319 102-1 clauses 5.5.4 and 5.6.2.4): the indication is then the one as
//! of now.

use pki_asn1::Certificate;
use trust_lists::qualify::Makes;

use super::Judge;
use super::algorithms::Made;
use super::chain::Asked;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use super::trace::{Block, Trace};
use crate::text;

impl Judge<'_> {
    /// The chain at the time that is proven failed for what became of an authority, or was not there yet:
    /// what is valid now, and was not made before its certificate, is valid. Otherwise it is the indication as of
    /// now that is told, with the reason why the proof of an earlier time does not help.
    pub(super) fn as_of_now(
        &self,
        certificate: &Certificate,
        asked: Asked<'_>,
        failure: Failure,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let unproven = failure.sub == SubIndication::NoPoe;
        let past = asked.past().unwrap_or(self.now);
        if past >= certificate.not_before() && self.is_trusted_always(certificate) {
            let mut now = Vec::new();
            let valid = trace.run(Block::CertificateValidation, |trace| {
                self.chain_at(certificate, asked, self.now, &mut now, trace)?;
                match unproven {
                    true => self.chain_algorithms(asked.purpose, &now, |_| Made::default()),
                    false => Ok(()),
                }
            });
            if valid.is_ok() {
                *chain = now;
                return Ok(());
            }
        }
        if !unproven {
            return Err(failure);
        }
        let as_of_now = Asked {
            made: Made {
                by: None,
                ..asked.made
            },
            claimed: None,
            ..asked
        };
        let mut now = Vec::new();
        let current = trace.run(Block::CertificateValidation, |trace| {
            self.chain_at(certificate, as_of_now, self.now, &mut now, trace)?;
            self.chain_algorithms(asked.purpose, &now, |_| Made::default())
        });
        Err(match current {
            Err(current) => Failure {
                message: text!(
                    "{}; that it is older does not help: {}",
                    current.message,
                    failure.message
                ),
                hint: failure.hint,
                ..current
            },
            // It is trusted now, and a list says that it was not always.
            Ok(()) => failure,
        })
    }

    /// Whether no trusted list says at which times its issuers are trusted.
    fn is_trusted_always(&self, certificate: &Certificate) -> bool {
        let material = &self.facts.material;
        let path = [certificate.clone()];
        [self.now, certificate.not_before()].into_iter().all(|at| {
            material.untimely(&path, at, Makes::Certificates).is_none()
                && material.untimely(&path, at, Makes::TimeStamps).is_none()
        })
    }
}
