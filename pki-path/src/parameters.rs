//! The inputs of path validation (RFC 5280 section 6.1.1).

use std::collections::BTreeSet;

use pki_asn1::UnixTime;
use pki_asn1::oid::{self, ObjectIdentifier};

use crate::budget::Budget;

/// Everything that decides a validation besides the certificates and the evidence.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The time at which certificates must be valid and evidence must be current.
    pub at: UnixTime,
    /// The four policy inputs.
    pub policy: PolicyParameters,
    /// What to do about revocation.
    pub revocation: RevocationMode,
    /// The extended key usage the target must allow, where its extension restricts them.
    pub purpose: Option<ObjectIdentifier>,
    /// Bounds on the work.
    pub budget: Budget,
}

impl Parameters {
    /// Any policy, any purpose, revocation hard, at `at`.
    #[must_use]
    pub fn at(at: UnixTime) -> Self {
        Self {
            at,
            policy: PolicyParameters::default(),
            revocation: RevocationMode::Hard,
            purpose: None,
            budget: Budget::default(),
        }
    }
}

/// The policy inputs (RFC 5280 section 6.1.1 c, e, f, g).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyParameters {
    /// user-initial-policy-set
    pub initial_policy_set: PolicySet,
    /// initial-explicit-policy
    pub explicit_policy: ExplicitPolicy,
    /// initial-policy-mapping-inhibit
    pub policy_mapping: PolicyMapping,
    /// initial-any-policy-inhibit
    pub any_policy: AnyPolicy,
}

/// A set of certificate policies the relying party accepts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum PolicySet {
    /// any-policy: the relying party is not concerned about policies.
    #[default]
    Any,
    /// These only.
    Only(BTreeSet<ObjectIdentifier>),
}

impl FromIterator<ObjectIdentifier> for PolicySet {
    /// anyPolicy among the policies, or no policy at all, means [`PolicySet::Any`].
    fn from_iter<T: IntoIterator<Item = ObjectIdentifier>>(iter: T) -> Self {
        let set: BTreeSet<_> = iter.into_iter().collect();
        if set.is_empty() || set.contains(&oid::ANY_POLICY) {
            Self::Any
        } else {
            Self::Only(set)
        }
    }
}

/// Whether the path must be valid for one of the initial policies.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum ExplicitPolicy {
    Required,
    #[default]
    NotRequired,
}

/// Whether CAs may declare policies equivalent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum PolicyMapping {
    #[default]
    Allowed,
    Inhibited,
}

/// Whether anyPolicy in a certificate stands for every policy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum AnyPolicy {
    #[default]
    Allowed,
    Inhibited,
}

/// What to do where the revocation status of a certificate cannot be determined.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RevocationMode {
    /// Every certificate of the path must be known not to be revoked.
    #[default]
    Hard,
    /// A certificate known to be revoked fails; one whose status is not known passes.
    Soft,
    /// Revocation is not looked at.
    None,
}
