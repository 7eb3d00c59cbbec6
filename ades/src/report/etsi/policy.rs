//! Under which validation policy a report was made, and the constraints that were evaluated (TS 119 102-2
//! clauses 4.3.5.2 to 4.3.5.4).

use std::io;

use super::names::{self, About};
use super::xml::Xml;
use super::{status, string};
use crate::asic::digest_uri;
use crate::report::{PolicyUsed, Report};
use crate::validate::{Outcome, Step};
use pki_crypto::DigestAlgorithm;

/// The policy, and the building blocks of EN 319 102-1 that ran with how each ended; nothing where there is
/// neither.
pub(super) fn evaluated(xml: &mut Xml<'_>, report: &Report, checks: &[Step]) -> io::Result<()> {
    let ran = |step: &&Step| step.outcome != Outcome::NotApplicable;
    let policy = report.validation_policy.as_ref();
    if policy.is_none() && !checks.iter().any(|step| ran(&step)) {
        return Ok(());
    }
    xml.group("ValidationConstraintsEvaluationReport", |xml| {
        policy.map_or(Ok(()), |policy| named(xml, policy))?;
        let mut steps = checks.iter().filter(ran);
        steps.try_for_each(|step| constraint(xml, step))
    })
}

/// Clause 4.3.5.2: by an identifier made of its octets, with their digest. What was asked for beside it is
/// part of the name.
fn named(xml: &mut Xml<'_>, policy: &PolicyUsed) -> io::Result<()> {
    xml.group("SignatureValidationPolicy", |xml| {
        xml.group("SignaturePolicyIdentifier", |xml| {
            xml.group("xades:SignaturePolicyId", |xml| {
                xml.group("xades:SigPolicyId", |xml| {
                    let id = names::ours(&format!("policy:sha-256:{}", policy.sha256));
                    xml.text("xades:Identifier", &id)
                })?;
                xml.group("xades:SigPolicyHash", |xml| {
                    let method = digest_uri(DigestAlgorithm::Sha256);
                    xml.empty("ds:DigestMethod", &[("Algorithm", method)])?;
                    let digest = hex::decode(&policy.sha256).unwrap_or_default();
                    xml.base64("ds:DigestValue", &digest)
                })
            })
        })?;
        let revocation = policy.revocation.map(|rule| format!(", revocation {rule}"));
        let name = policy.name.as_deref().unwrap_or(&policy.source);
        xml.text(
            "PolicyName",
            &format!("{name}{}", revocation.unwrap_or_default()),
        )
    })
}

/// Clause 4.3.5.4, for a building block and then for those within it.
fn constraint(xml: &mut Xml<'_>, step: &Step) -> io::Result<()> {
    let Some(indication) = step.outcome.indication() else {
        return Ok(());
    };
    xml.group("ValidationConstraint", |xml| {
        xml.text("ValidationConstraintIdentifier", &names::block(step.block))?;
        if let Some(about) = &step.about {
            xml.group("ValidationConstraintParameter", |xml| {
                xml.text("Type", names::ABOUT)?;
                string(xml, &about.to_string())
            })?;
        }
        xml.group("ConstraintStatus", |xml| xml.text("Status", names::APPLIED))?;
        xml.group("ValidationStatus", |xml| {
            status(xml, indication, step.sub_indication, About::Object)
        })
    })?;
    step.children
        .iter()
        .try_for_each(|step| constraint(xml, step))
}
