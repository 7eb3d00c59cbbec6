//! RFC 5280 section 6.1, for one given path. Signatures were verified when the path was built.

use std::collections::{BTreeMap, BTreeSet};

use der::Decode;
use pki_asn1::oid::{self, ANY_POLICY, ObjectIdentifier as Oid};
use pki_asn1::{BasicConstraints, Certificate, name};
use x509_cert::Version;
use x509_cert::ext::pkix::constraints::PolicyConstraints;
use x509_cert::ext::pkix::{
    CertificatePolicies, ExtendedKeyUsage, InhibitAnyPolicy, KeyUsage, PolicyMappings,
};

use crate::budget::{BudgetKind, Meter};
use crate::constraints::NameSpace;
use crate::error::{PathError, PathErrorKind};
use crate::parameters::{AnyPolicy, ExplicitPolicy, Parameters, PolicyMapping};
use crate::policy::PolicyGraph;
use crate::pool::TrustAnchor;

/// The extensions that this crate or its callers process; any other that is critical is refused.
const UNDERSTOOD: &[Oid] = &[
    oid::CE_SUBJECT_KEY_IDENTIFIER,
    oid::CE_AUTHORITY_KEY_IDENTIFIER,
    oid::CE_KEY_USAGE,
    oid::CE_EXT_KEY_USAGE,
    oid::CE_SUBJECT_ALT_NAME,
    oid::CE_ISSUER_ALT_NAME,
    oid::CE_BASIC_CONSTRAINTS,
    oid::CE_NAME_CONSTRAINTS,
    oid::CE_CERTIFICATE_POLICIES,
    oid::CE_POLICY_MAPPINGS,
    oid::CE_POLICY_CONSTRAINTS,
    oid::CE_INHIBIT_ANY_POLICY,
    oid::CE_CRL_DISTRIBUTION_POINTS,
    oid::CE_FRESHEST_CRL,
    oid::PE_AUTHORITY_INFO_ACCESS,
    oid::PE_SUBJECT_INFO_ACCESS,
    oid::PE_QC_STATEMENTS,
    oid::OCSP_NO_CHECK,
];

/// Validates `path` (target first) below `anchor`, all but signatures and revocation.
/// Returns the user-constrained-policy-set.
pub(crate) fn check(
    path: &[Certificate],
    anchor: &TrustAnchor,
    parameters: &Parameters,
    meter: &Meter,
) -> Result<BTreeSet<Oid>, PathError> {
    let mut state = State::new(path.len(), parameters);
    state
        .begin_at(anchor)
        .map_err(|kind| PathError::new(anchor.certificate(), kind, path))?;
    let mut working_issuer = anchor.name_key().to_owned();
    for (index, certificate) in path.iter().enumerate().rev() {
        let fail = |kind| PathError::new(certificate, kind, path);
        let subject = name::comparison_key(certificate.subject());
        let issuer = name::comparison_key(certificate.issuer());
        let link = Link {
            certificate,
            self_issued: subject == issuer,
            last: index == 0,
        };
        if issuer != working_issuer {
            let above = path.get(index + 1).unwrap_or_else(|| anchor.certificate());
            return Err(fail(PathErrorKind::NameChaining {
                expected: above.display_subject().to_string(),
                found: certificate.display_issuer().to_string(),
            }));
        }
        state.process(&link, parameters, meter).map_err(fail)?;
        if link.last {
            state.wrap_up(&link, parameters).map_err(fail)?;
        } else {
            state.prepare_next(&link, meter).map_err(fail)?;
        }
        working_issuer = subject;
    }
    let policies = state
        .policies
        .user_constrained(&parameters.policy.initial_policy_set);
    if state.explicit_policy == 0 && policies.is_empty() {
        let target = path.first().unwrap_or_else(|| anchor.certificate());
        return Err(PathError::new(target, PathErrorKind::PolicyRequired, path));
    }
    Ok(policies)
}

struct Link<'a> {
    certificate: &'a Certificate,
    self_issued: bool,
    last: bool,
}

/// The state variables of section 6.1.2.
struct State {
    policies: PolicyGraph,
    names: NameSpace,
    explicit_policy: usize,
    inhibit_any_policy: usize,
    policy_mapping: usize,
    max_path_length: usize,
}

impl From<BudgetKind> for PathErrorKind {
    fn from(kind: BudgetKind) -> Self {
        Self::Budget(kind)
    }
}

impl State {
    fn new(n: usize, parameters: &Parameters) -> Self {
        let policy = &parameters.policy;
        let unless = |set: bool| if set { 0 } else { n + 1 };
        Self {
            policies: PolicyGraph::new(),
            names: NameSpace::default(),
            explicit_policy: unless(policy.explicit_policy == ExplicitPolicy::Required),
            inhibit_any_policy: unless(policy.any_policy == AnyPolicy::Inhibited),
            policy_mapping: unless(policy.policy_mapping == PolicyMapping::Inhibited),
            max_path_length: n,
        }
    }

    /// The constraints of the anchor's own certificate, where RFC 5937 section 3.2 and openssl agree: whether it
    /// may issue at all, how long a path may be, and which names it may hold.
    fn begin_at(&mut self, anchor: &TrustAnchor) -> Result<(), PathErrorKind> {
        let certificate = anchor.certificate();
        anchor_may_issue(certificate)?;
        if let Some(most) = basic_constraints(certificate)?.and_then(|b| b.path_len) {
            self.max_path_length = self.max_path_length.min(most);
        }
        self.names.constrain(certificate)
    }

    /// Section 6.1.3, but for the signature and revocation.
    fn process(
        &mut self,
        link: &Link<'_>,
        parameters: &Parameters,
        meter: &Meter,
    ) -> Result<(), PathErrorKind> {
        let certificate = link.certificate;
        let at = parameters.at;
        if at < certificate.not_before() {
            return Err(PathErrorKind::NotYetValid {
                not_before: certificate.not_before(),
                at,
            });
        }
        if at > certificate.not_after() {
            return Err(PathErrorKind::Expired {
                not_after: certificate.not_after(),
                at,
            });
        }
        check_extensions(certificate)?;
        basic_constraints(certificate)?;
        if !link.self_issued || link.last {
            self.names.check(certificate, meter)??;
        }
        match extension::<CertificatePolicies>(certificate, &oid::CE_CERTIFICATE_POLICIES)? {
            Some(policies) => {
                let oids: Vec<Oid> = policies.0.iter().map(|p| p.policy_identifier).collect();
                // Section 4.2.1.4: no policy more than once.
                if oids.iter().collect::<BTreeSet<_>>().len() != oids.len() {
                    return Err(PathErrorKind::MalformedExtension(
                        oid::CE_CERTIFICATE_POLICIES,
                    ));
                }
                let any_counts = self.inhibit_any_policy > 0 || (!link.last && link.self_issued);
                self.policies.add_depth(&oids, any_counts, meter)?;
            }
            None => self.policies.set_null(),
        }
        if self.explicit_policy == 0 && self.policies.is_null() {
            return Err(PathErrorKind::PolicyRequired);
        }
        Ok(())
    }

    /// Section 6.1.4.
    fn prepare_next(&mut self, link: &Link<'_>, meter: &Meter) -> Result<(), PathErrorKind> {
        let certificate = link.certificate;
        if let Some(mappings) = extension::<PolicyMappings>(certificate, &oid::CE_POLICY_MAPPINGS)?
        {
            let mut by_issuer: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
            for mapping in &mappings.0 {
                meter.spend(BudgetKind::PolicyNodes)?;
                let (from, to) = (mapping.issuer_domain_policy, mapping.subject_domain_policy);
                if from == ANY_POLICY || to == ANY_POLICY {
                    return Err(PathErrorKind::AnyPolicyMapped);
                }
                by_issuer.entry(from).or_default().insert(to);
            }
            if self.policy_mapping > 0 {
                self.policies.map(&by_issuer, meter)?;
            } else {
                self.policies.remove_mapped(&by_issuer);
            }
        }
        self.names.constrain(certificate)?;
        if !link.self_issued {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            self.policy_mapping = self.policy_mapping.saturating_sub(1);
            self.inhibit_any_policy = self.inhibit_any_policy.saturating_sub(1);
        }
        if let Some(constraints) =
            extension::<PolicyConstraints>(certificate, &oid::CE_POLICY_CONSTRAINTS)?
        {
            lower(
                &mut self.explicit_policy,
                constraints.require_explicit_policy,
            );
            lower(&mut self.policy_mapping, constraints.inhibit_policy_mapping);
        }
        if let Some(skip) = extension::<InhibitAnyPolicy>(certificate, &oid::CE_INHIBIT_ANY_POLICY)?
        {
            lower(&mut self.inhibit_any_policy, Some(skip.0));
        }
        let basic = basic_constraints(certificate)?
            .filter(|b| b.ca && certificate.parsed().tbs_certificate().version() == Version::V3)
            .ok_or(PathErrorKind::NotACa)?;
        if !link.self_issued {
            self.max_path_length = self
                .max_path_length
                .checked_sub(1)
                .ok_or(PathErrorKind::PathLenExceeded)?;
        }
        if let Some(most) = basic.path_len {
            self.max_path_length = self.max_path_length.min(most);
        }
        if let Some(usage) = extension::<KeyUsage>(certificate, &oid::CE_KEY_USAGE)?
            && !usage.key_cert_sign()
        {
            return Err(PathErrorKind::KeyCertSignMissing);
        }
        Ok(())
    }

    /// Section 6.1.5, but for the intersection of policies.
    fn wrap_up(&mut self, link: &Link<'_>, parameters: &Parameters) -> Result<(), PathErrorKind> {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        if let Some(constraints) =
            extension::<PolicyConstraints>(link.certificate, &oid::CE_POLICY_CONSTRAINTS)?
            && constraints.require_explicit_policy == Some(0)
        {
            self.explicit_policy = 0;
        }
        if let Some(purpose) = parameters.purpose
            && let Some(usages) =
                extension::<ExtendedKeyUsage>(link.certificate, &oid::CE_EXT_KEY_USAGE)?
            && !usages.0.contains(&purpose)
            && !usages.0.contains(&oid::ANY_EXTENDED_KEY_USAGE)
        {
            return Err(PathErrorKind::PurposeNotAllowed(purpose));
        }
        Ok(())
    }
}

/// Whether a trusted certificate is one of an authority. One without basicConstraints passes, as with openssl,
/// where it is a self-issued one of version 1, which can say nothing of itself, or has a keyUsage with keyCertSign.
fn anchor_may_issue(certificate: &Certificate) -> Result<(), PathErrorKind> {
    let usage = extension::<KeyUsage>(certificate, &oid::CE_KEY_USAGE)?;
    if usage.is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(PathErrorKind::KeyCertSignMissing);
    }
    let version = certificate.parsed().tbs_certificate().version();
    let is_authority = match basic_constraints(certificate)? {
        Some(basic) => basic.ca,
        None => usage.is_some() || version == Version::V1 && certificate.is_self_issued(),
    };
    match is_authority {
        true => Ok(()),
        false => Err(PathErrorKind::NotACa),
    }
}

fn basic_constraints(certificate: &Certificate) -> Result<Option<BasicConstraints>, PathErrorKind> {
    certificate
        .basic_constraints()
        .map_err(|_| PathErrorKind::MalformedExtension(oid::CE_BASIC_CONSTRAINTS))
}

fn lower(variable: &mut usize, to: Option<u32>) {
    if let Some(to) = to {
        *variable = (*variable).min(to as usize);
    }
}

/// Section 4.2: no extension twice, no critical one that nobody understands.
pub(crate) fn check_extensions(certificate: &Certificate) -> Result<(), PathErrorKind> {
    let mut seen = BTreeSet::new();
    for ext in certificate.extensions() {
        if !seen.insert(ext.extn_id) {
            return Err(PathErrorKind::DuplicateExtension(ext.extn_id));
        }
        if ext.critical && !UNDERSTOOD.contains(&ext.extn_id) {
            return Err(PathErrorKind::UnknownCriticalExtension(ext.extn_id));
        }
    }
    Ok(())
}

pub(crate) fn extension<'a, T: Decode<'a>>(
    certificate: &'a Certificate,
    oid: &Oid,
) -> Result<Option<T>, PathErrorKind> {
    certificate
        .extension(oid)
        .map(|e| {
            T::from_der(e.extn_value.as_bytes())
                .map_err(|_| PathErrorKind::MalformedExtension(*oid))
        })
        .transpose()
}
