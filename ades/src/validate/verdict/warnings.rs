//! What does not change the verdict and should be known.

use std::collections::BTreeSet;
use std::time::Duration;

use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::Judge;
use super::code::Warning;
use super::indication::{ChainEntry, Indication, Message, TimestampVerdict};
use super::poe::Thing;
use crate::text;
use crate::validate::facts::{
    CertificateDigest, Check, SignatureFacts, SignatureKind, SignerFacts,
    SigningCertificateAttribute,
};

impl Judge<'_> {
    pub(super) fn warnings(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        timestamps: &[TimestampVerdict],
    ) -> Vec<Message> {
        let mut out = Vec::new();
        let signer = one.signer.as_ref();
        out.extend(signer.and_then(|signer| self.named_by_sha1(signer, best)));
        out.extend(timestamps.iter().filter_map(|one| self.inaccurate(one)));
        if one.kind == SignatureKind::Signature {
            for (stamp, facts) in timestamps.iter().zip(&one.timestamps) {
                if let (false, Some(error)) = (
                    stamp.indication == Indication::TotalPassed,
                    stamp.errors.first(),
                ) {
                    out.push(Message {
                        code: Warning::TimestampNotValid.into(),
                        message: text!(
                            "the time-stamp of {} does not count: {}",
                            facts.gen_time,
                            error.message
                        ),
                        hint: error.hint.clone(),
                    });
                }
            }
            if best.is_none() {
                out.push(Message {
                    code: Warning::TimeNotProven.into(),
                    message: "when the signature was made is not proven by a valid time-stamp"
                        .into(),
                    hint: Some("a time-stamp (level B-T) would prove it".into()),
                });
            }
        }
        for why in &one.unreadable_timestamps {
            out.push(Message {
                code: Warning::TimestampUnreadable.into(),
                message: text!("a time-stamp cannot be read: {}", why),
                hint: None,
            });
        }
        for why in &one.property_problems {
            out.push(Message {
                code: Warning::DeclarationUnreadable.into(),
                message: text!("something that the signer declares cannot be read: {}", why),
                hint: None,
            });
        }
        if let Some(Check::Failed(why) | Check::NotPossible(why)) = &one.policy_store {
            out.push(Message {
                code: Warning::PolicyStoreMismatch.into(),
                message: why.clone(),
                hint: Some("ask the publisher of the policy for the document".into()),
            });
        }
        if one.kind == SignatureKind::Signature
            && one
                .signer
                .as_ref()
                .is_some_and(|s| s.attribute == SigningCertificateAttribute::Absent)
        {
            out.push(Message {
                code: Warning::CertificateNotSigned.into(),
                message: "the signature does not protect which certificate belongs to it (no signing-certificate attribute)".into(),
                hint: Some("a CAdES or PAdES signature does".into()),
            });
        }
        out.extend(self.too_late(one, best));
        out
    }

    /// Nobody signs after a proof that the signature was there already, nor after today.
    fn too_late(&self, one: &SignatureFacts, best: Option<UnixTime>) -> Option<Message> {
        let claimed = one.claimed_time()?;
        if claimed <= best.unwrap_or(self.now) + self.policy.clock_skew {
            return None;
        }
        let (code, message) = match best {
            Some(best) => (
                Warning::ClaimedTimeAfterProof,
                text!(
                    "the signer claims to have signed at {}, after the time-stamp of {}",
                    claimed,
                    best
                ),
            ),
            None => (
                Warning::ClaimedTimeInFuture,
                text!(
                    "the signer claims to have signed at {}, which is after the time for which this is judged, {}",
                    claimed,
                    self.now
                ),
            ),
        };
        Some(Message {
            code: code.into(),
            message,
            hint: None,
        })
    }

    /// The first form of the signing-certificate attribute is the word of SHA-1 on which certificate it is.
    fn named_by_sha1(&self, signer: &SignerFacts, best: Option<UnixTime>) -> Option<Message> {
        let sha1 = DigestAlgorithm::Sha1;
        let ends = self.policy.algorithms.digest_good_until(sha1);
        let first = signer.certificate_digest == Some(CertificateDigest::First);
        let ended = ends.filter(|until| best.unwrap_or(self.now) >= *until);
        ended.filter(|_| first).map(|_| Message {
            code: Warning::CertificateNamedBySha1.into(),
            message: text!(
                "the signature names its certificate by {}, which is not reliable any more (signing-certificate attribute of the first form)",
                sha1
            ),
            hint: None,
        })
    }

    /// What a time-stamp says of itself that takes from what it proves.
    pub(super) fn inaccurate(&self, stamp: &TimestampVerdict) -> Option<Message> {
        if stamp.accuracy == Duration::ZERO || stamp.indication != Indication::TotalPassed {
            return None;
        }
        let seconds = stamp.accuracy.as_secs();
        Some(Message {
            code: Warning::TimestampInaccurate.into(),
            message: match self.proves_nothing(stamp) {
                true => text!(
                    "the time-stamp of {} may be off by {} seconds, by its own word, and proves no time",
                    stamp.time,
                    seconds
                ),
                false => text!(
                    "the time-stamp of {} may be off by {} seconds, by its own word, and counts as of {}",
                    stamp.time,
                    seconds,
                    stamp.latest()
                ),
            },
            hint: None,
        })
    }

    /// Anchors that are beyond the dates in their own certificates, of a signature and its time-stamps. These
    /// dates bind nobody (RFC 5280 section 6.1.1 (d)), and should be known.
    pub(super) fn anchor_warnings(
        &self,
        index: usize,
        (chain, best): (&[ChainEntry], Option<UnixTime>),
        timestamps: &[TimestampVerdict],
    ) -> Vec<Message> {
        let stamps = timestamps.iter().enumerate().map(|(place, one)| {
            let proven = self.proven(Thing::Timestamp(index, place));
            (one.chain.as_slice(), proven)
        });
        let mut told = BTreeSet::new();
        let all = [(chain, best)].into_iter().chain(stamps);
        all.filter_map(|(chain, proven)| {
            let at = proven.unwrap_or(self.now);
            let anchor = &chain.last().filter(|one| one.anchor)?.certificate;
            if anchor.is_valid_at(at) || !told.insert(anchor.der().to_vec()) {
                return None;
            }
            Some(Message {
                code: Warning::TrustAnchorEnded.into(),
                message: text!(
                    "the trusted certificate of {} is for the time from {} to {} by its own dates, and was relied on for {}",
                    anchor.display_subject(),
                    anchor.not_before(),
                    anchor.not_after(),
                    at
                ),
                hint: Some("trust it no longer, if whoever has its key should not be trusted any more".into()),
            })
        })
        .collect()
    }

    pub(super) fn fetch_warnings(&self, indication: Indication) -> Vec<Message> {
        if indication != Indication::TotalPassed {
            return Vec::new();
        }
        let mut said = BTreeSet::new();
        self.facts
            .fetches
            .iter()
            .filter_map(|f| Some(text!("{} was asked in vain: {}", f.url, f.error.as_ref()?)))
            .filter(|message| said.insert(message.clone()))
            .map(|message| Message {
                code: Warning::FetchFailed.into(),
                message,
                hint: None,
            })
            .collect()
    }
}
