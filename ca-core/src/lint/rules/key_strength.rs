//! The certified key is one the profile takes.

use pki_crypto::PublicKey;

use super::{Rule, Subject};

pub(super) const RULE: Rule = Rule {
    id: "key-strength",
    clause: "TS 119 312 clause 9",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    match PublicKey::from_spki_der(subject.certificate.spki_der()) {
        Ok(key) => crate::profile::weakness(subject.profile, &key).map(str::to_owned),
        Err(e) => Some(e.to_string()),
    }
}
