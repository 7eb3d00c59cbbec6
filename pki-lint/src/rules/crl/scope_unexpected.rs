//! A partition that claims to be whole says of every other certificate that it is good.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.scope-unexpected",
        severity: Severity::Error,
        clause: "RFC 5280 sections 5.2.4 and 5.2.5",
        defect: "the CRL does not say how far it reaches, or says something else than was meant",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    use crate::context::CrlScope;
    let Some(expected) = crl.expected.scope else {
        return;
    };
    let partition = crl.scope.as_ref().is_some_and(|s| s.named);
    let written = match (partition, crl.is_delta()) {
        (false, false) => CrlScope::Full,
        (true, false) => CrlScope::Partition,
        (false, true) => CrlScope::Delta,
        (true, true) => CrlScope::PartitionDelta,
    };
    found.broken_if(written != expected);
}
