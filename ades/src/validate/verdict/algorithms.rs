//! Cryptographic constraints (EN 319 102-1 clause 5.2.8.4.4), by the dated table of the policy, at the
//! time that is proven for what they protect, or now.

use std::collections::BTreeSet;

use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm};

use super::Judge;
use super::chain::{Asked, Purpose};
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use super::poe::Thing;
use crate::text;
use crate::text::Text;
use crate::validate::carried::object_id;
use crate::validate::facts::{CertificateDigest, SignatureFacts, SigningCertificateAttribute};
use crate::validate::policy::{AlgorithmTable, EndedAlgorithms, Ends};

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

    /// The algorithms of a signature, of its certificate and of those above: each at the time that is proven
    /// for what was made with it (clause 5.6.2.4 step 4).
    pub(super) fn algorithms(
        &self,
        asked: Asked<'_>,
        chain: &[ChainEntry],
        made: Made,
    ) -> Result<(), Failure> {
        let (signer, purpose) = (asked.signer, asked.purpose);
        let table = self.table(purpose);
        if let Some(digest) = signer.digest_algorithm {
            self.digest_strength(digest, purpose, made)?;
        }
        // signing-certificate knows SHA-1 alone: that is told, and does not decide.
        if let Some(CertificateDigest::Second(digest)) = signer.certificate_digest {
            let ends = table.digest_good_until(digest);
            self.strength(ends, made, || {
                text!("{}, by which the signature names its certificate,", digest)
            })?;
        }
        if let Some(algorithm) = signer.signature_algorithm {
            let ends = table.signature_good_until(algorithm);
            self.strength(ends, made, || text!("{}", algorithm))?;
        }
        if let Some((one, key)) = chain.first().and_then(|one| Some((one, key_of(one)?))) {
            self.strength(table.key_good_until(key), made, || {
                text!("the {} key of {}", key, one.certificate.display_subject())
            })?;
        }
        self.chain_algorithms(purpose, chain, |index| Made {
            by: self.certified_by(asked, chain, index),
            after: None,
        })
    }

    /// The algorithms with which the certificates of a chain were signed, and the keys: each at the time
    /// that `made` says for the certificate of this place.
    pub(super) fn chain_algorithms(
        &self,
        purpose: Purpose,
        chain: &[ChainEntry],
        made: impl Fn(usize) -> Made,
    ) -> Result<(), Failure> {
        let table = self.table(purpose);
        let above = chain.iter().skip(1).map(Some).chain([None]);
        for (index, (one, above)) in chain.iter().zip(above).enumerate() {
            if one.anchor {
                break;
            }
            let made = Made {
                after: Some(one.certificate.not_before()),
                ..made(index)
            };
            if let Some((above, key)) = above.and_then(|above| Some((above, key_of(above)?))) {
                self.strength(table.key_good_until(key), made, || {
                    text!("the {} key of {}", key, above.certificate.display_subject())
                })?;
            }
            if let Ok(algorithm) =
                SignatureAlgorithm::from_identifier(one.certificate.signature_algorithm())
            {
                let ends = table.signature_good_until(algorithm);
                self.strength(ends, made, || {
                    text!(
                        "{}, with which the certificate of {} is signed,",
                        algorithm,
                        one.certificate.display_subject()
                    )
                })?;
            }
        }
        Ok(())
    }

    /// When a certificate of a chain is proven to have existed. What the signature names by its digest is as
    /// old as the signature; where the policy takes the signer's word for the time, so is the chain.
    fn certified_by(
        &self,
        asked: Asked<'_>,
        chain: &[ChainEntry],
        index: usize,
    ) -> Option<UnixTime> {
        let named = index == 0 && asked.signer.attribute == SigningCertificateAttribute::Matches;
        let signed = asked.made.by.filter(|_| named);
        let der = chain.get(index)?.certificate.der();
        let proven = self.proven(Thing::Object(object_id(der)));
        signed.into_iter().chain(proven).chain(asked.claimed).min()
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

    pub(super) fn weak(&self, what: Text, until: UnixTime, made: Made) -> Failure {
        let refused = until == Ends::NEVER_GOOD;
        let message = ended_in_words(what, until);
        // That it is too late takes a proof as well.
        if refused || made.after.is_some_and(|after| after >= until) {
            let failure = Failure::indeterminate(SubIndication::CryptoConstraintsFailure, message);
            return failure.hint(match refused {
                true => "no proof would change this, only another policy or other algorithms",
                false => "what was signed has to be signed anew with other algorithms",
            });
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

/// That an algorithm does not count any more, or never did.
pub(super) fn ended_in_words(what: Text, until: UnixTime) -> Text {
    match until {
        Ends::NEVER_GOOD => text!("{} is not accepted by the policy", what),
        _ => text!("{} is not reliable any more since {}", what, until),
    }
}

fn key_of(one: &ChainEntry) -> Option<KeyKind> {
    let key = PublicKey::from_spki_der(one.certificate.spki_der()).ok()?;
    Some(key.kind())
}
