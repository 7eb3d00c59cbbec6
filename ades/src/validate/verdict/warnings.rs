//! What does not change the verdict and should be known.

use std::collections::BTreeSet;

use pki_asn1::UnixTime;

use super::Judge;
use super::indication::{Indication, Message, TimestampVerdict};
use crate::text;
use crate::validate::facts::{Check, SignatureFacts, SignatureKind, SigningCertificateAttribute};

impl Judge<'_> {
    pub(super) fn warnings(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        timestamps: &[TimestampVerdict],
    ) -> Vec<Message> {
        let mut out = Vec::new();
        if one.kind == SignatureKind::Signature {
            for (stamp, facts) in timestamps.iter().zip(&one.timestamps) {
                if let (false, Some(error)) = (
                    stamp.indication == Indication::TotalPassed,
                    stamp.errors.first(),
                ) {
                    out.push(Message {
                        code: "TIMESTAMP_NOT_VALID",
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
                    code: "TIME_NOT_PROVEN",
                    message: "when the signature was made is not proven by a valid time-stamp"
                        .into(),
                    hint: Some("a time-stamp (level B-T) would prove it".into()),
                });
            }
        }
        for why in &one.unreadable_timestamps {
            out.push(Message {
                code: "TIMESTAMP_UNREADABLE",
                message: text!("a time-stamp cannot be read: {}", why),
                hint: None,
            });
        }
        for why in &one.property_problems {
            out.push(Message {
                code: "DECLARATION_UNREADABLE",
                message: text!("something that the signer declares cannot be read: {}", why),
                hint: None,
            });
        }
        if let Some(Check::Failed(why) | Check::NotPossible(why)) = &one.policy_store {
            out.push(Message {
                code: "POLICY_STORE_MISMATCH",
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
                code: "CERTIFICATE_NOT_SIGNED",
                message: "the signature does not protect which certificate belongs to it (no signing-certificate attribute)".into(),
                hint: Some("a CAdES or PAdES signature does".into()),
            });
        }
        if let (Some(signer), Some(best)) = (&one.signer, best)
            && let Some(claimed) = signer
                .signing_time
                .or(one.pdf.as_ref().and_then(|p| p.claimed_time))
            && claimed > best + self.policy.clock_skew
        {
            out.push(Message {
                code: "CLAIMED_TIME_AFTER_PROOF",
                message: text!(
                    "the signer claims to have signed at {}, after the time-stamp of {}",
                    claimed,
                    best
                ),
                hint: None,
            });
        }
        out
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
                code: "FETCH_FAILED",
                message,
                hint: None,
            })
            .collect()
    }
}
