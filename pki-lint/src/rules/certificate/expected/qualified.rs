//! Whether it is qualified, for what, and under which law.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.qualified",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 5",
        defect: "the qualified statements do not fit what was decided",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(expected) = c.expected.filter(|e| e.kind.is_person()) else {
        return;
    };
    let qualified = c.is_qualified();
    if c.states(oid::QCS_COMPLIANCE) != qualified {
        found.at("QcCompliance");
    }
    if c.states(oid::QCS_PDS) != qualified {
        found.at("QcPDS");
    }
    let wanted = qualified
        .then_some(expected.qualified)
        .flatten()
        .map(|used| match used {
            QualifiedUse::Signature => oid::QCT_ESIGN,
            QualifiedUse::Seal => oid::QCT_ESEAL,
            QualifiedUse::Web => oid::QCT_WEB,
        });
    if !c.qc_types().eq(wanted.iter().map(|t| t.as_bytes())) {
        found.at("QcType");
    }
    let country = match &expected.legislation {
        Legislation::Country(code) if qualified => Some(code.as_bytes()),
        _ => None,
    };
    let written = c
        .statement(oid::QCS_CC_LEGISLATION)
        .and_then(QcStatement::list);
    let written = written.iter().flatten().map(|country| country.value);
    if !written.eq(country) {
        found.at("QcCClegislation");
    }
}
