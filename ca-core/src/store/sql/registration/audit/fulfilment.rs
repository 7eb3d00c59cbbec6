//! A certificate beside the request that was approved for it.

use pki_asn1::name::{DisplayName, NameBuilder};

use super::{Database, Outcome, RegistrationAudit, SqlError, octets, unless};
use crate::SubjectDn;
use crate::issuance::sha256;
use crate::journal::IntentRegistrationEntry;
use crate::profile::{self, Profile};

impl RegistrationAudit {
    /// While operators are enrolled, a certificate of a person or organisation is what an approved
    /// request says: this subject and key, by this authority, under this profile.
    pub(super) fn fulfils(
        &mut self,
        db: &mut dyn Database,
        (authority, serial, subject): (&str, &str, &str),
        (profile, profile_sha256): (&str, &str),
        entry: &IntentRegistrationEntry,
    ) -> Outcome {
        let Some(fulfilled) = &entry.request else {
            let free = self.operators.is_empty() || !needs_request(db, profile, profile_sha256)?;
            return Ok(unless(free, || {
                format!(
                    "certificate {serial} of {authority:?} was issued without a request, and operators were enrolled"
                )
            }));
        };
        let Some(request) = self.requests.get(&fulfilled.step.name) else {
            return Ok(Some(format!(
                "certificate {serial} of {authority:?} names request {}, which is none",
                fulfilled.step.name
            )));
        };
        let document = request.document();
        let key = document.key().ok().map(|k| hex::encode(sha256(k.bits())));
        let same = key.as_ref() == Some(&entry.key_sha256)
            && document.authority == authority
            && as_certified(&document.subject).as_deref() == Some(subject)
            && document.profile == profile
            && document.profile_sha256 == profile_sha256;
        Ok(unless(same, || {
            format!(
                "certificate {serial} of {authority:?} has another subject, key, authority or profile than its request"
            )
        }))
    }
}

/// A subject as it was requested, in the words of INTENT, which are those of the certificate.
fn as_certified(requested: &str) -> Option<String> {
    let requested: SubjectDn = requested.parse().ok()?;
    let mut name = NameBuilder::new();
    for (attribute, value) in requested.attributes() {
        name = name.push(*attribute, value).ok()?;
    }
    Some(DisplayName(&name.build()).to_string())
}

/// Whether the profile is one for people or organisations. One that nobody knows any more is taken
/// for that.
pub(super) fn needs_request(
    db: &mut dyn Database,
    name: &str,
    sha256: &str,
) -> Result<bool, SqlError> {
    let own = db.one(
        "SELECT source FROM profile WHERE name = ?1 AND sha256 = ?2",
        &[name.into(), (&octets(sha256)).into()],
        |row| row.get::<String>(0),
    )?;
    let profile = match own {
        Some(source) => Profile::parse(&source).ok(),
        None => profile::built_in()
            .unwrap_or_default()
            .into_iter()
            .find(|p| p.name() == name),
    };
    Ok(profile.is_none_or(|p| p.subject_type().is_subscriber()))
}

#[cfg(test)]
mod tests {
    use super::as_certified;

    #[test]
    fn another_subject_is_not_the_one_that_was_approved() {
        let approved = as_certified("C=MC,O=Acme\\, SAM,CN=Acme");
        assert_eq!(approved.as_deref(), Some("CN=Acme, O=Acme\\, SAM, C=MC"));
        for other in ["C=MC,O=Acme SAM,CN=Acme", "C=MC,CN=Acme,O=Acme\\, SAM", ""] {
            assert_ne!(as_certified(other), approved, "{other}");
        }
    }
}
