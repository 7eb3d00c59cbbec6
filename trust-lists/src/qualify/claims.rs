//! What a certificate says of itself (EN 319 412-5 clause 4, EN 319 411-2, TS 101 456), and of who issued it.

use pki_asn1::{Certificate, name, oid};

use super::Purpose;

/// The claims of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Claims {
    /// QcCompliance.
    pub(super) compliance: bool,
    /// The policies QCP and QCP+ of TS 101 456 clause 5.2, under Directive 1999/93/EC.
    pub(super) policy: bool,
    /// QcType, where there is one; nothing stands for a type that nobody knows.
    pub(super) types: Option<Vec<Option<Purpose>>>,
    /// QcSSCD.
    pub(super) device: bool,
    /// The policy QCP+, which asked for a device.
    pub(super) policy_with_device: bool,
    /// QcCClegislation.
    pub(super) legislation: Vec<String>,
    /// Whether it was issued before Regulation (EU) No 910/2014 applied.
    pub(super) by_directive: bool,
    /// What the issuer is called.
    pub(super) issuer: Called,
}

/// The names by which a provider can be recognised in a certificate (TS 119 615 PRO-4.4.4-06, PRO-4.6.4-08).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Called {
    organizations: Vec<String>,
    common_names: Vec<String>,
    whole: String,
}

impl Claims {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let statements = certificate.qc_statements().unwrap_or_default();
        let policies = certificate.policy_oids();
        let types = statements.types();
        let types = types.iter().map(|t| match *t {
            oid::QCT_ESIGN => Some(Purpose::Signature),
            oid::QCT_ESEAL => Some(Purpose::Seal),
            oid::QCT_WEB => Some(Purpose::Website),
            _ => None,
        });
        let with_device = policies.contains(&oid::POLICY_QCP_PUBLIC_SSCD);
        Self {
            compliance: statements.contains(&oid::QCS_COMPLIANCE),
            policy: with_device || policies.contains(&oid::POLICY_QCP_PUBLIC),
            types: statements.contains(&oid::QCS_TYPE).then(|| types.collect()),
            device: statements.contains(&oid::QCS_SSCD),
            policy_with_device: with_device,
            legislation: statements.legislations(),
            by_directive: certificate.not_before() < super::eidas(),
            issuer: Called::by(certificate.issuer()),
        }
    }

    /// The purposes to speak of where it is qualified for none.
    pub(super) fn purposes(&self) -> Vec<Purpose> {
        match &self.types {
            None => vec![Purpose::Signature],
            Some(types) => types.iter().copied().flatten().collect(),
        }
    }
}

impl Called {
    pub(super) fn by(name: &x509_cert::name::Name) -> Self {
        let values = |wanted| {
            name::attributes(name)
                .filter(|(oid, _)| *oid == wanted)
                .map(|(_, value)| value)
                .collect()
        };
        Self {
            organizations: values(oid::AT_ORGANIZATION),
            common_names: values(oid::AT_COMMON_NAME),
            whole: name.to_string(),
        }
    }

    /// Whether this is one of a provider's names, or, where no organization is named, a service's.
    pub(super) fn is_one_of(&self, provider: &[String], subject_names: &[String]) -> bool {
        let one_of = |own: &[String]| own.iter().any(|o| provider.iter().any(|p| alike(o, p)));
        if !self.organizations.is_empty() {
            return one_of(&self.organizations);
        }
        one_of(&self.common_names) || self.is_whole(subject_names)
    }

    /// Whether the whole name is one of these, in whichever order its parts are written.
    pub(super) fn is_whole(&self, subject_names: &[String]) -> bool {
        let parts = |text: &str, backwards: bool| {
            let mut parts: Vec<String> = text.split([',', '+']).map(folded).collect();
            if backwards {
                parts.reverse();
            }
            parts
        };
        let own = parts(&self.whole, false);
        subject_names
            .iter()
            .any(|n| parts(n, false) == own || parts(n, true) == own)
    }
}

/// As RFC 5280 section 7.1 compares strings.
fn alike(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .to_lowercase()
        .replace(" =", "=")
        .replace("= ", "=")
}
