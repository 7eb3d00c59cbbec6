//! Cryptographic constraints (EN 319 102-1 clause 5.2.8.4.4), by the dated table of the policy, at the
//! time that is proven for what they protect, or now.

use std::collections::BTreeSet;

use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, PublicKey, SignatureAlgorithm};

use super::Judge;
use super::chain::Purpose;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use crate::text;
use crate::text::Text;
use crate::validate::facts::{SignatureFacts, SignerFacts};
use crate::validate::policy::{AlgorithmTable, EndedAlgorithms};

/// The time between which something was made, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Made {
    /// It is proven to have existed at this time.
    pub(super) by: Option<UnixTime>,
    /// It cannot have been made before this time.
    pub(super) after: Option<UnixTime>,
}

impl Made {
    pub(super) fn by(by: Option<UnixTime>) -> Self {
        Self { by, after: None }
    }
}

impl Judge<'_> {
    pub(super) fn table(&self, purpose: Purpose) -> &AlgorithmTable {
        match (purpose, &self.policy.timestamp.algorithms) {
            (Purpose::TimeStamping, Some(table)) => table,
            _ => &self.policy.algorithms,
        }
    }

    /// The algorithms of a signature, of its certificate and of those above.
    pub(super) fn algorithms(
        &self,
        signer: &SignerFacts,
        purpose: Purpose,
        chain: &[ChainEntry],
        made: Made,
    ) -> Result<(), Failure> {
        let table = self.table(purpose);
        if let Some(digest) = signer.digest_algorithm {
            self.digest_strength(digest, purpose, made)?;
        }
        if let Some(algorithm) = signer.signature_algorithm {
            let ends = table.signature_good_until(algorithm);
            self.strength(ends, made, || text!("{}", algorithm))?;
        }
        for one in chain {
            let subject = || one.certificate.display_subject();
            if let Ok(key) = PublicKey::from_spki_der(one.certificate.spki_der()) {
                let ends = table.key_good_until(key.kind());
                self.strength(ends, made, || {
                    text!("the {} key of {}", key.kind(), subject())
                })?;
            }
            if !one.anchor
                && let Ok(algorithm) =
                    SignatureAlgorithm::from_identifier(one.certificate.signature_algorithm())
            {
                let of_certificate = Made {
                    after: Some(one.certificate.not_before()),
                    ..made
                };
                let ends = table.signature_good_until(algorithm);
                self.strength(ends, of_certificate, || {
                    text!(
                        "{}, with which the certificate of {} is signed,",
                        algorithm,
                        subject()
                    )
                })?;
            }
        }
        Ok(())
    }

    /// The digests in a manifest or inside the signature, by which it covers files or the document.
    pub(super) fn file_digests(&self, one: &SignatureFacts, made: Made) -> Result<(), Failure> {
        let files = one.cms.iter().flat_map(|c| c.files.iter());
        let document = one.pdf.iter().filter_map(|pdf| pdf.content_digest);
        let used: BTreeSet<_> = files.filter_map(|f| f.algorithm).chain(document).collect();
        used.into_iter()
            .try_for_each(|digest| self.digest_strength(digest, Purpose::Signing, made))
    }

    pub(super) fn digest_strength(
        &self,
        digest: DigestAlgorithm,
        purpose: Purpose,
        made: Made,
    ) -> Result<(), Failure> {
        let ends = self.table(purpose).digest_good_until(digest);
        self.strength(ends, made, || text!("{}", digest))
    }

    fn strength(
        &self,
        ends: Option<UnixTime>,
        made: Made,
        what: impl FnOnce() -> Text,
    ) -> Result<(), Failure> {
        let judged = match self.policy.ended_algorithms {
            EndedAlgorithms::IfProven => made.by.unwrap_or(self.now),
            EndedAlgorithms::Refused => self.now,
        };
        match ends {
            Some(until) if judged >= until => Err(self.weak(what(), until, made)),
            _ => Ok(()),
        }
    }

    fn weak(&self, what: Text, until: UnixTime, made: Made) -> Failure {
        let refused = until < UnixTime::from_secs(0);
        let message = match refused {
            true => text!("{} is not accepted by the policy", what),
            false => text!("{} is not reliable any more since {}", what, until),
        };
        // That it is too late takes a proof as well.
        if refused || made.after.is_some_and(|after| after >= until) {
            let failure = Failure::indeterminate(SubIndication::CryptoConstraintsFailure, message);
            return match refused {
                true => failure,
                false => {
                    failure.hint("what was signed has to be signed anew with other algorithms")
                }
            };
        }
        let failure = Failure::indeterminate(SubIndication::CryptoConstraintsFailureNoPoe, message);
        failure.hint(match self.policy.ended_algorithms {
            EndedAlgorithms::Refused => {
                text!("the policy does not take a proof that the signature is older")
            }
            EndedAlgorithms::IfProven => text!(
                "only a proof that the signature existed before {} would change this",
                until
            ),
        })
    }
}
