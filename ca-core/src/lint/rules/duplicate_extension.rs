//! No extension occurs twice.

use super::{Rule, Subject};

pub(super) const RULE: Rule = Rule {
    id: "duplicate-extension",
    clause: "RFC 5280 section 4.2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let all = subject.certificate.extensions();
    all.iter().enumerate().find_map(|(i, e)| {
        all[..i]
            .iter()
            .any(|earlier| earlier.extn_id == e.extn_id)
            .then(|| format!("extension {} occurs twice", e.extn_id))
    })
}
