//! What a certificate for another CA's key lets through: policies, mappings, names and path length
//! (RFC 5280 sections 4.2.1.4, 4.2.1.5 and 4.2.1.9 to 4.2.1.14).

use der::asn1::OctetString;
use pki_asn1::name::DisplayName;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_lint::Expectation;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::constraints::PolicyConstraints;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, InhibitAnyPolicy, PolicyMapping, PolicyMappings};
use x509_cert::name::Name;

use super::HierarchyError;
use crate::certificate::extensions::extension;

/// Which policies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum PolicySet {
    /// Any.
    #[default]
    Any,
    /// These.
    Only(Vec<ObjectIdentifier>),
}

/// The terms; the default lets everything through.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CaTerms {
    /// CAs that may follow below the certified one.
    pub path_length: Option<u8>,
    /// Policies.
    pub policies: PolicySet,
    /// Of policies of ours that are taken for one of theirs: (issuer's, subject's).
    pub mappings: Vec<(ObjectIdentifier, ObjectIdentifier)>,
    /// An explicit policy is needed after so many certificates.
    pub require_explicit_policy: Option<u8>,
    /// Policies are no longer mapped after so many certificates.
    pub inhibit_policy_mapping: Option<u8>,
    /// anyPolicy counts no longer after so many certificates.
    pub inhibit_any_policy: Option<u8>,
    /// Only subjects below these names.
    pub permitted: Vec<Name>,
    /// No subject below these names.
    pub excluded: Vec<Name>,
    /// The key identifier that the certified CA writes into what it issues, where it is not computed as
    /// ours.
    pub subject_key_id: Option<Vec<u8>>,
}

impl CaTerms {
    /// Checks that the terms fit together.
    ///
    /// # Errors
    /// [`HierarchyError::Terms`], with the clause.
    pub fn check(&self) -> Result<(), HierarchyError> {
        let wrong = |reason: String, clause| Err(HierarchyError::Terms { reason, clause });
        if let PolicySet::Only(policies) = &self.policies {
            if policies.is_empty() {
                return wrong("no policy is named".into(), "RFC 5280 section 4.2.1.4");
            }
            for (i, policy) in policies.iter().enumerate() {
                if policies[..i].contains(policy) {
                    return wrong(
                        format!("policy {policy} occurs twice"),
                        "RFC 5280 section 4.2.1.4",
                    );
                }
            }
        }
        for (ours, theirs) in &self.mappings {
            if [ours, theirs].contains(&&oid::ANY_POLICY) {
                return wrong("anyPolicy is mapped".into(), "RFC 5280 section 4.2.1.5");
            }
            let asserted = match &self.policies {
                PolicySet::Any => true,
                PolicySet::Only(policies) => policies.contains(ours),
            };
            if !asserted {
                return wrong(
                    format!("policy {ours} is mapped and not among the policies"),
                    "RFC 5280 section 4.2.1.5",
                );
            }
        }
        Ok(())
    }

    /// The terms in words, one a line, for those who decide on them.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let PolicySet::Only(policies) = &self.policies {
            lines.extend(policies.iter().map(|p| format!("policy {p}")));
        }
        let mappings = self.mappings.iter();
        lines.extend(mappings.map(|(ours, theirs)| format!("map {ours}={theirs}")));
        for (what, number) in [
            ("require-explicit-policy", self.require_explicit_policy),
            ("inhibit-policy-mapping", self.inhibit_policy_mapping),
            ("inhibit-any-policy", self.inhibit_any_policy),
            ("path-length", self.path_length),
        ] {
            lines.extend(number.map(|n| format!("{what} {n}")));
        }
        for (what, names) in [("permitted", &self.permitted), ("excluded", &self.excluded)] {
            lines.extend(names.iter().map(|n| format!("{what} {}", DisplayName(n))));
        }
        lines
    }

    /// The policies as the certificate has them.
    pub(crate) fn policy_oids(&self) -> Vec<ObjectIdentifier> {
        match &self.policies {
            PolicySet::Any => vec![oid::ANY_POLICY],
            PolicySet::Only(policies) => policies.clone(),
        }
    }

    /// What the linter is to find instead of what the profile says.
    pub(crate) fn expect(&self, expectation: &mut Expectation) {
        expectation.policies = Some(self.policy_oids());
        expectation.path_length = self.path_length.map(u64::from);
        if let Some(id) = &self.subject_key_id {
            expectation.subject_key_id = pki_lint::SubjectKeyId::Exactly(id.clone());
        }
    }

    /// Puts the terms into the extensions of a CA certificate. Constraints are critical: who does not
    /// understand them must not believe the certificate.
    pub(crate) fn apply(&self, extensions: &mut Vec<Extension>) -> der::Result<()> {
        let basic = BasicConstraints {
            ca: true,
            path_len_constraint: self.path_length,
        };
        replace(
            extensions,
            extension(oid::CE_BASIC_CONSTRAINTS, true, &basic)?,
        );
        if let PolicySet::Only(policies) = &self.policies {
            let value: Vec<_> = policies
                .iter()
                .map(|policy| PolicyInformation {
                    policy_identifier: *policy,
                    policy_qualifiers: None,
                })
                .collect();
            replace(
                extensions,
                extension(oid::CE_CERTIFICATE_POLICIES, false, &value)?,
            );
        }
        if let Some(key_id) = &self.subject_key_id {
            let value = OctetString::new(key_id.as_slice())?;
            replace(
                extensions,
                extension(oid::CE_SUBJECT_KEY_IDENTIFIER, false, &value)?,
            );
        }
        if !self.mappings.is_empty() {
            let value = PolicyMappings(
                self.mappings
                    .iter()
                    .map(|(ours, theirs)| PolicyMapping {
                        issuer_domain_policy: *ours,
                        subject_domain_policy: *theirs,
                    })
                    .collect(),
            );
            extensions.push(extension(oid::CE_POLICY_MAPPINGS, true, &value)?);
        }
        if !(self.permitted.is_empty() && self.excluded.is_empty()) {
            let subtrees = |names: &[Name]| {
                let subtree = |name: &Name| GeneralSubtree {
                    base: GeneralName::DirectoryName(name.clone()),
                    minimum: 0,
                    maximum: None,
                };
                (!names.is_empty()).then(|| names.iter().map(subtree).collect())
            };
            let value = NameConstraints {
                permitted_subtrees: subtrees(&self.permitted),
                excluded_subtrees: subtrees(&self.excluded),
            };
            extensions.push(extension(oid::CE_NAME_CONSTRAINTS, true, &value)?);
        }
        if self.require_explicit_policy.is_some() || self.inhibit_policy_mapping.is_some() {
            let value = PolicyConstraints {
                require_explicit_policy: self.require_explicit_policy.map(Into::into),
                inhibit_policy_mapping: self.inhibit_policy_mapping.map(Into::into),
            };
            extensions.push(extension(oid::CE_POLICY_CONSTRAINTS, true, &value)?);
        }
        if let Some(skip) = self.inhibit_any_policy {
            let value = InhibitAnyPolicy(skip.into());
            extensions.push(extension(oid::CE_INHIBIT_ANY_POLICY, true, &value)?);
        }
        Ok(())
    }
}

fn replace(extensions: &mut Vec<Extension>, with: Extension) {
    match extensions.iter_mut().find(|e| e.extn_id == with.extn_id) {
        Some(found) => *found = with,
        None => extensions.push(with),
    }
}
