//! Cryptographic constraints at the time that is proven, or now (EN 319 102-1 clause 5.2.8), by the
//! dates of `policy`.

use std::collections::BTreeSet;

use pki_asn1::UnixTime;
use pki_crypto::PublicKey;

use super::Judge;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use crate::text;
use crate::text::Text;
use crate::validate::facts::{SignatureFacts, SignerFacts};
use crate::validate::policy::{digest_good_until, key_good_until};

impl Judge<'_> {
    /// Cryptographic constraints at the proven time, or now (clause 5.2.8).
    pub(super) fn algorithms(
        &self,
        signer: &SignerFacts,
        chain: &[ChainEntry],
        proven: Option<UnixTime>,
    ) -> Result<(), Failure> {
        if let Some(digest) = signer.digest_algorithm {
            self.digest_strength(digest, proven)?;
        }
        if let Some(digest) = signer.signature_algorithm.and_then(|s| s.digest()) {
            self.digest_strength(digest, proven)?;
        }
        let at = proven.unwrap_or(self.now);
        for one in chain {
            if let Ok(key) = PublicKey::from_spki_der(one.certificate.spki_der())
                && let Some(until) = key_good_until(key.kind())
                && at >= until
            {
                return Err(weak(
                    text!(
                        "the {} key of {}",
                        key.kind(),
                        one.certificate.display_subject()
                    ),
                    until,
                    proven,
                ));
            }
            if !one.anchor
                && let Ok(algorithm) = pki_crypto::SignatureAlgorithm::from_identifier(
                    one.certificate.signature_algorithm(),
                )
                && let Some(until) = algorithm.digest().and_then(digest_good_until)
                && at >= until
            {
                return Err(weak(
                    text!(
                        "{}, with which the certificate of {} is signed,",
                        algorithm,
                        one.certificate.display_subject()
                    ),
                    until,
                    proven,
                ));
            }
        }
        Ok(())
    }

    /// The digests in a manifest or inside the signature, by which it covers files or the document.
    pub(super) fn file_digests(
        &self,
        one: &SignatureFacts,
        proven: Option<UnixTime>,
    ) -> Result<(), Failure> {
        let files = one.cms.iter().flat_map(|c| c.files.iter());
        let document = one.pdf.iter().filter_map(|pdf| pdf.content_digest);
        let used: BTreeSet<_> = files.filter_map(|f| f.algorithm).chain(document).collect();
        used.into_iter()
            .try_for_each(|digest| self.digest_strength(digest, proven))
    }

    pub(super) fn digest_strength(
        &self,
        digest: pki_crypto::DigestAlgorithm,
        proven: Option<UnixTime>,
    ) -> Result<(), Failure> {
        match digest_good_until(digest) {
            Some(until) if proven.unwrap_or(self.now) >= until => {
                Err(weak(text!("{}", digest), until, proven))
            }
            _ => Ok(()),
        }
    }
}

fn weak(what: Text, until: UnixTime, proven: Option<UnixTime>) -> Failure {
    let sub = match proven {
        Some(_) => SubIndication::CryptoConstraintsFailure,
        None => SubIndication::CryptoConstraintsFailureNoPoe,
    };
    Failure::indeterminate(
        sub,
        text!("{} is not reliable any more since {}", what, until),
    )
    .hint(text!(
        "only a proof that the signature existed before {} would change this",
        until
    ))
}
