//! The qualifications extension: which certificates of a service are something else than they say
//! (TS 119 612 clause 5.5.9.2).

use const_oid::ObjectIdentifier;
use pki_asn1::Certificate;
use roxmltree::Node;
use x509_cert::ext::pkix::KeyUsages;

use super::ListError;
use super::read::{ADDITIONAL, text, wrong};
use crate::xml::{child, elements, shorten};

/// QualificationElement: what is so of the certificates that meet the criteria.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Qualification {
    /// URIs.
    pub qualifiers: Vec<String>,
    /// Which certificates.
    pub criteria: Criteria,
    /// Whether it stands in an extension that must be understood.
    pub critical: bool,
}

/// CriteriaList.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Criteria {
    /// How many must be met.
    pub assert: Assert,
    /// Which.
    pub list: Vec<Criterion>,
}

/// How many of the criteria a certificate must meet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Assert {
    /// Every one.
    All,
    /// One or more.
    AtLeastOne,
    /// Not a single one.
    None,
}

/// One criterion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Criterion {
    /// These bits of keyUsage are as said.
    KeyUsage(Vec<(KeyUsageBit, bool)>),
    /// All these policies are in the certificate.
    PolicySet(Vec<ObjectIdentifier>),
    /// All these are extended key usages of the certificate.
    ExtendedKeyUsage(Vec<ObjectIdentifier>),
    /// All these attributes are in the subject's name.
    SubjectAttributes(Vec<ObjectIdentifier>),
    /// A list in the list.
    Nested(Criteria),
    /// One that nobody here understands.
    Unknown(String),
}

/// A bit of keyUsage by its number (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyUsageBit(pub u8);

const BITS: [(&str, KeyUsages); 9] = [
    ("digitalSignature", KeyUsages::DigitalSignature),
    ("nonRepudiation", KeyUsages::NonRepudiation),
    ("keyEncipherment", KeyUsages::KeyEncipherment),
    ("dataEncipherment", KeyUsages::DataEncipherment),
    ("keyAgreement", KeyUsages::KeyAgreement),
    ("keyCertSign", KeyUsages::KeyCertSign),
    ("crlSign", KeyUsages::CRLSign),
    ("encipherOnly", KeyUsages::EncipherOnly),
    ("decipherOnly", KeyUsages::DecipherOnly),
];

impl Criteria {
    /// Whether a certificate meets them; `None` where one that is not understood decides it.
    #[must_use]
    pub fn meets(&self, certificate: &Certificate) -> Option<bool> {
        let met = self.list.iter().map(|c| c.meets(certificate));
        let (mut some, mut every, mut unknown) = (false, true, false);
        for one in met {
            match one {
                Some(true) => some = true,
                Some(false) => every = false,
                None => unknown = true,
            }
        }
        match self.assert {
            Assert::All if !every => Some(false),
            Assert::AtLeastOne if some => Some(true),
            Assert::None if some => Some(false),
            _ if unknown => None,
            Assert::All => Some(true),
            Assert::AtLeastOne => Some(false),
            Assert::None => Some(true),
        }
    }
}

impl Criterion {
    fn meets(&self, certificate: &Certificate) -> Option<bool> {
        Some(match self {
            Self::KeyUsage(bits) => {
                let usage = certificate.key_usage();
                bits.iter().all(|(bit, wanted)| {
                    let named = BITS.get(usize::from(bit.0)).map(|(_, flag)| *flag);
                    let set = usage.zip(named).is_some_and(|(u, flag)| u.0.contains(flag));
                    set == *wanted
                })
            }
            Self::PolicySet(policies) => {
                let own = certificate.policy_oids();
                policies.iter().all(|p| own.contains(p))
            }
            Self::ExtendedKeyUsage(usages) => {
                let own = certificate.extended_key_usages();
                usages.iter().all(|u| own.contains(u))
            }
            Self::SubjectAttributes(wanted) => wanted
                .iter()
                .all(|oid| pki_asn1::name::attribute(certificate.subject(), oid).is_some()),
            Self::Nested(criteria) => return criteria.meets(certificate),
            Self::Unknown(_) => return None,
        })
    }
}

pub(super) fn qualifications(
    node: Node<'_, '_>,
    namespace: &str,
    critical: bool,
) -> Result<Vec<Qualification>, ListError> {
    elements(node)
        .filter(|n| n.has_tag_name((namespace, "QualificationElement")))
        .map(|element| {
            let qualifiers =
                child(element, namespace, "Qualifiers").ok_or(ListError::Missing("Qualifiers"))?;
            let criteria = child(element, namespace, "CriteriaList")
                .ok_or(ListError::Missing("CriteriaList"))?;
            Ok(Qualification {
                qualifiers: elements(qualifiers)
                    .filter_map(|q| q.attribute("uri").map(|u| u.trim().to_owned()))
                    .collect(),
                criteria: list(criteria, namespace)?,
                critical,
            })
        })
        .collect()
}

/// The depth of lists in lists is bounded by that of the document.
fn list(node: Node<'_, '_>, namespace: &str) -> Result<Criteria, ListError> {
    let assert = match node.attribute("assert") {
        // The attribute is optional in the schema; the outermost list must have it, those inside are
        // read as the strictest.
        Some("all") | None => Assert::All,
        Some("atLeastOne") => Assert::AtLeastOne,
        Some("none") => Assert::None,
        Some(other) => return Err(wrong("CriteriaList", other)),
    };
    let mut out = Vec::new();
    for one in elements(node) {
        let tag = one.tag_name();
        if tag.namespace() != Some(namespace) {
            out.push(Criterion::Unknown(shorten(tag.name())));
            continue;
        }
        match tag.name() {
            "KeyUsage" => out.push(Criterion::KeyUsage(key_usage(one)?)),
            "PolicySet" => out.push(Criterion::PolicySet(oids(one)?)),
            "CriteriaList" => out.push(Criterion::Nested(list(one, namespace)?)),
            "otherCriteriaList" => {
                out.extend(elements(one).map(other).collect::<Result<Vec<_>, _>>()?)
            }
            "Description" => {}
            name => out.push(Criterion::Unknown(shorten(name))),
        }
    }
    Ok(Criteria { assert, list: out })
}

fn other(node: Node<'_, '_>) -> Result<Criterion, ListError> {
    let tag = node.tag_name();
    Ok(match (tag.namespace(), tag.name()) {
        (Some(ADDITIONAL), "ExtendedKeyUsage") => Criterion::ExtendedKeyUsage(oids(node)?),
        (Some(ADDITIONAL), "CertSubjectDNAttribute") => Criterion::SubjectAttributes(oids(node)?),
        (_, name) => Criterion::Unknown(shorten(name)),
    })
}

fn key_usage(node: Node<'_, '_>) -> Result<Vec<(KeyUsageBit, bool)>, ListError> {
    elements(node)
        .map(|bit| {
            let name = bit.attribute("name").unwrap_or_default();
            let at = BITS
                .iter()
                .position(|(known, _)| *known == name)
                .ok_or_else(|| wrong("KeyUsageBit", name))?;
            let value = text(bit).unwrap_or_default();
            let wanted = match value.as_str() {
                "true" | "1" => true,
                "false" | "0" => false,
                other => return Err(wrong("KeyUsageBit", other)),
            };
            // One of nine.
            Ok((KeyUsageBit(at as u8), wanted))
        })
        .collect()
}

/// xades:ObjectIdentifierType, each with its Identifier: dotted, or as a URN.
fn oids(node: Node<'_, '_>) -> Result<Vec<ObjectIdentifier>, ListError> {
    elements(node)
        .map(|one| {
            let identifier = elements(one).find(|n| n.tag_name().name() == "Identifier");
            let value = identifier.and_then(text).unwrap_or_default();
            let dotted = value
                .strip_prefix("urn:oid:")
                .or_else(|| value.strip_prefix("URN:OID:"))
                .unwrap_or(&value);
            dotted
                .parse()
                .map_err(|_| wrong("object identifier", &value))
        })
        .collect()
}
