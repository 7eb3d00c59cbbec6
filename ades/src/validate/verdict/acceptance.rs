//! Signature acceptance validation (EN 319 102-1 clause 5.2.8): the attributes that have to be signed, the
//! signature policy, and whether the time has to be proven.

use pki_asn1::UnixTime;

use super::Judge;
use super::code::Warning;
use super::failure::Failure;
use super::indication::{Indication, Message, SubIndication, TimestampVerdict};
use crate::text;
use crate::validate::facts::{
    Check, SignatureFacts, SignatureFormat, SignerFacts, SigningCertificateAttribute,
};
use crate::validate::policy::{Acceptance, Requirement, SignedAttribute};

impl Judge<'_> {
    /// What has to be signed along, by the format and by the policy.
    pub(super) fn accepted(
        &self,
        one: &SignatureFacts,
        signer: &SignerFacts,
    ) -> Result<(), Failure> {
        if let Some(problem) = signer.problems.first() {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                problem,
            ));
        }
        if one.format == SignatureFormat::Pades
            && signer.attribute == SigningCertificateAttribute::Absent
        {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                "a PAdES signature must name its certificate in a signed attribute, and this one does not",
            ));
        }
        let missing = |attribute: &&SignedAttribute| !has(one, signer, **attribute);
        if let Some(attribute) = self.policy.signature.required.iter().find(missing) {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                text!(
                    "the policy asks for a signed attribute that is not there: {}",
                    attribute.as_str()
                ),
            ));
        }
        self.signature_policy(one)
    }

    /// Clause 5.2.4.4.3: the signature policy that the signer names.
    fn signature_policy(&self, one: &SignatureFacts) -> Result<(), Failure> {
        let rules = &self.policy.signature;
        let named = one.properties.policy.as_ref();
        if !rules.policies.is_empty() {
            match named {
                None => {
                    return Err(Failure::indeterminate(
                        SubIndication::SigConstraintsFailure,
                        "the policy asks for a signature policy, and the signature names none",
                    ));
                }
                Some(policy) if !rules.policies.contains(&policy.oid) => {
                    return Err(Failure::indeterminate(
                        SubIndication::SigConstraintsFailure,
                        text!(
                            "the signature was made under the signature policy {}, which the policy does not accept",
                            policy.oid
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
        let Some(policy) = named.filter(|_| rules.policy_document == Requirement::Required) else {
            return Ok(());
        };
        match &one.policy_store {
            Some(Check::Ok) => Ok(()),
            Some(Check::Failed(why) | Check::NotPossible(why)) => Err(Failure::indeterminate(
                SubIndication::PolicyProcessingError,
                why,
            )
            .hint("ask the publisher of the policy for the document")),
            None => Err(Failure::indeterminate(
                SubIndication::SignaturePolicyNotAvailable,
                text!(
                    "the document of the signature policy {} is not kept with the signature",
                    policy.oid
                ),
            )
            .hint("ask the signer for the signature with the document of its policy")),
        }
    }

    /// Whether the policy wants the time proven, and it is not.
    pub(super) fn proven_time(&self, proven: Option<UnixTime>) -> Result<(), Failure> {
        if proven.is_none() && self.policy.signature.proven_time == Requirement::Required {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                "the policy asks for a proof of when the signature was made, and there is none",
            )
            .hint("a time-stamp (level B-T) would prove it: sceau extend"));
        }
        Ok(())
    }

    /// Clause 5.5.4: what was signed along is older than the signature.
    pub(super) fn order(
        &self,
        content: &[TimestampVerdict],
        best: Option<UnixTime>,
    ) -> Result<(), Failure> {
        let passed = content
            .iter()
            .filter(|v| v.indication == Indication::TotalPassed);
        let latest = passed.map(TimestampVerdict::earliest).max();
        match (latest, best) {
            (Some(content), Some(best)) if content > best + self.policy.clock_skew => {
                Err(Failure::indeterminate(
                    SubIndication::TimestampOrderFailure,
                    text!(
                        "the signature holds a time-stamp of {} over its content, and is proven to have existed at {} already",
                        content,
                        best
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    /// What passes only because the policy takes somebody's word.
    pub(super) fn policy_warnings(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
    ) -> Option<Message> {
        let claimed = one.claimed_time()?;
        let accepted = self.policy.signature.claimed_time == Acceptance::Accepted;
        (accepted && best.is_none()).then(|| Message {
            code: Warning::ClaimedTimeAccepted.into(),
            message: text!(
                "judged as of {}, when the signer claims to have signed; nothing proves it, and the policy accepts it",
                claimed
            ),
            hint: None,
        })
    }
}

fn has(one: &SignatureFacts, signer: &SignerFacts, attribute: SignedAttribute) -> bool {
    let properties = &one.properties;
    match attribute {
        SignedAttribute::SigningCertificate => {
            signer.attribute == SigningCertificateAttribute::Matches
        }
        SignedAttribute::SigningTime => one.claimed_time().is_some(),
        SignedAttribute::SignaturePolicy => properties.policy.is_some(),
        SignedAttribute::CommitmentType => !properties.commitments.is_empty(),
        SignedAttribute::SignerLocation => properties.location.is_some(),
        SignedAttribute::ContentHints => properties.content_hints.is_some(),
        SignedAttribute::MimeType => properties.mime_type.is_some(),
        SignedAttribute::ContentTimestamp => !one.content_timestamps.is_empty(),
    }
}
