//! No certificate is issued for such a key after 31 December 2026.

use pki_crypto::suites::{SMALLEST_RSA, UNDATED_RSA};

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-ended",
        severity: Severity::Error,
        clause: "TS 119 312 V2.1.1 clause 9",
        defect: "the RSA modulus has fewer than 3000 bits, which ended with 2026",
        since: Some("2027-01-01"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { modulus, .. } = c.key.material {
        let ending = u64::from(SMALLEST_RSA)..u64::from(UNDATED_RSA);
        found.broken_if(ending.contains(&bit_length(modulus)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_begins_when_the_table_says_so() {
        let since = RULE.info.since.map(|day| format!("{day}T00:00:00Z"));
        let end = pki_crypto::suites::SHORT_RSA_LAST_ISSUANCE.after();
        assert_eq!(since, Some(end.to_string()));
    }
}
