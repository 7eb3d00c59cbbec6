//! Name constraints (RFC 5280 section 4.2.1.10 and 6.1.4 (g)), every name form.
//!
//! Permitted subtrees of several CAs intersect: each CA's list is kept, and a name must lie within
//! every list that has an entry of its form. Excluded subtrees add up.

use der::Decode;
use pki_asn1::oid;
use pki_asn1::{Certificate, name};
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::{GeneralName, GeneralNames};

use crate::budget::{BudgetKind, Meter};
use crate::error::PathErrorKind;

/// permitted_subtrees and excluded_subtrees along a path.
#[derive(Debug, Default)]
pub(crate) struct NameSpace {
    permitted: Vec<Vec<GeneralName>>,
    excluded: Vec<GeneralName>,
}

impl NameSpace {
    /// Adds a CA's nameConstraints extension.
    pub(crate) fn constrain(&mut self, certificate: &Certificate) -> Result<(), PathErrorKind> {
        let malformed = || PathErrorKind::MalformedExtension(oid::CE_NAME_CONSTRAINTS);
        let Some(ext) = certificate.extension(&oid::CE_NAME_CONSTRAINTS) else {
            return Ok(());
        };
        let constraints =
            NameConstraints::from_der(ext.extn_value.as_bytes()).map_err(|_| malformed())?;
        let bases = |subtrees: Vec<GeneralSubtree>| {
            subtrees
                .into_iter()
                // RFC 5280 gives these fields no other meaning than minimum 0 and no maximum.
                .map(|s| (s.minimum == 0 && s.maximum.is_none()).then_some(s.base))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(malformed)
        };
        if let Some(permitted) = constraints.permitted_subtrees {
            self.permitted.push(bases(permitted)?);
        }
        if let Some(excluded) = constraints.excluded_subtrees {
            self.excluded.extend(bases(excluded)?);
        }
        Ok(())
    }

    /// Checks every name of a certificate (RFC 5280 section 6.1.3 (b) and (c)).
    pub(crate) fn check(
        &self,
        certificate: &Certificate,
        meter: &Meter,
    ) -> Result<Result<(), PathErrorKind>, BudgetKind> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Ok(Ok(()));
        }
        let names = match names(certificate) {
            Ok(names) => names,
            Err(kind) => return Ok(Err(kind)),
        };
        for one in &names {
            for list in &self.permitted {
                let mut constrained = false;
                let mut within = false;
                for base in list.iter().filter(|base| same_form(one, base)) {
                    meter.spend(BudgetKind::NameComparisons)?;
                    constrained = true;
                    match is_within(one, base) {
                        Some(true) => {
                            within = true;
                            break;
                        }
                        Some(false) => {}
                        None => return Ok(Err(PathErrorKind::NameConstraintNotSupported)),
                    }
                }
                if constrained && !within {
                    return Ok(Err(PathErrorKind::NameNotPermitted { name: show(one) }));
                }
            }
            for base in self.excluded.iter().filter(|base| same_form(one, base)) {
                meter.spend(BudgetKind::NameComparisons)?;
                match is_within(one, base) {
                    Some(true) => {
                        return Ok(Err(PathErrorKind::NameExcluded { name: show(one) }));
                    }
                    Some(false) => {}
                    None => return Ok(Err(PathErrorKind::NameConstraintNotSupported)),
                }
            }
        }
        Ok(Ok(()))
    }
}

/// The subject (unless empty), the alternative names, and a subject's emailAddress where no
/// alternative names are given.
fn names(certificate: &Certificate) -> Result<GeneralNames, PathErrorKind> {
    let mut out = Vec::new();
    if !certificate.subject().is_empty() {
        out.push(GeneralName::DirectoryName(certificate.subject().clone()));
    }
    match certificate.extension(&oid::CE_SUBJECT_ALT_NAME) {
        Some(ext) => out.extend(
            GeneralNames::from_der(ext.extn_value.as_bytes())
                .map_err(|_| PathErrorKind::MalformedExtension(oid::CE_SUBJECT_ALT_NAME))?,
        ),
        None => {
            for (kind, text) in name::attributes(certificate.subject()) {
                if kind == oid::AT_EMAIL {
                    // An address that is no IA5String cannot be compared, so it is not permitted.
                    let address = der::asn1::Ia5String::new(&text)
                        .map_err(|_| PathErrorKind::NameNotPermitted { name: text })?;
                    out.push(GeneralName::Rfc822Name(address));
                }
            }
        }
    }
    Ok(out)
}

fn same_form(a: &GeneralName, b: &GeneralName) -> bool {
    core::mem::discriminant(a) == core::mem::discriminant(b)
        && match (a, b) {
            (GeneralName::OtherName(a), GeneralName::OtherName(b)) => a.type_id == b.type_id,
            // IPv4 ranges say nothing about IPv6 addresses.
            (GeneralName::IpAddress(address), GeneralName::IpAddress(range)) => {
                range.as_bytes().len() == 2 * address.as_bytes().len()
                    || !matches!(range.as_bytes().len(), 8 | 32)
                    || !matches!(address.as_bytes().len(), 4 | 16)
            }
            _ => true,
        }
}

/// Whether `name` lies in the subtree `base` of the same form; `None` where no rule is defined or
/// one of the two is malformed.
fn is_within(name: &GeneralName, base: &GeneralName) -> Option<bool> {
    use GeneralName as G;
    match (name, base) {
        (G::DirectoryName(name), G::DirectoryName(base)) => Some(name::is_within(name, base)),
        (G::DnsName(name), G::DnsName(base)) => {
            Some(dns_within(name.as_str(), base.as_str(), Itself::Included))
        }
        (G::Rfc822Name(name), G::Rfc822Name(base)) => mailbox_within(name.as_str(), base.as_str()),
        (G::UniformResourceIdentifier(name), G::UniformResourceIdentifier(base)) => {
            uri_within(name.as_str(), base.as_str())
        }
        (G::IpAddress(name), G::IpAddress(base)) => ip_within(name.as_bytes(), base.as_bytes()),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Itself {
    Included,
    Excluded,
}

/// Labels added on the left stay within; a leading dot of the base asks for at least one.
fn dns_within(name: &str, base: &str, itself: Itself) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let (base, itself) = match base.strip_prefix('.') {
        Some(rest) => (rest, Itself::Excluded),
        None => (base, itself),
    };
    if base.is_empty() {
        return true;
    }
    if name.len() == base.len() {
        return matches!(itself, Itself::Included) && name.eq_ignore_ascii_case(base);
    }
    let Some(split) = name.len().checked_sub(base.len()) else {
        return false;
    };
    // IA5String is ASCII, so every index is a character boundary.
    name.as_bytes().get(split - 1) == Some(&b'.')
        && name.as_bytes()[split..].eq_ignore_ascii_case(base.as_bytes())
}

fn mailbox_within(name: &str, base: &str) -> Option<bool> {
    let (local, host) = name.rsplit_once('@')?;
    Some(match base.rsplit_once('@') {
        Some((base_local, base_host)) => {
            local == base_local && host.eq_ignore_ascii_case(base_host)
        }
        None if base.starts_with('.') => dns_within(host, base, Itself::Excluded),
        None => host.eq_ignore_ascii_case(base),
    })
}

fn uri_within(uri: &str, base: &str) -> Option<bool> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // Constraints are on host names; a URI with an address has none (RFC 5280 section 4.2.1.10).
    if host.starts_with('[') {
        return None;
    }
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    if host.is_empty() || host.parse::<core::net::Ipv4Addr>().is_ok() {
        return None;
    }
    Some(if base.starts_with('.') {
        dns_within(host, base, Itself::Excluded)
    } else {
        host.eq_ignore_ascii_case(base)
    })
}

fn ip_within(address: &[u8], range: &[u8]) -> Option<bool> {
    if !matches!(address.len(), 4 | 16) || range.len() != 2 * address.len() {
        return None;
    }
    let (base, mask) = range.split_at(address.len());
    Some(
        address
            .iter()
            .zip(base)
            .zip(mask)
            .all(|((a, b), m)| a & m == b & m),
    )
}

fn show(name: &GeneralName) -> String {
    match name {
        GeneralName::DirectoryName(n) => name::DisplayName(n).to_string(),
        GeneralName::DnsName(s)
        | GeneralName::Rfc822Name(s)
        | GeneralName::UniformResourceIdentifier(s) => s.as_str().escape_default().to_string(),
        GeneralName::IpAddress(bytes) => format!("{:?}", bytes.as_bytes()),
        GeneralName::RegisteredId(oid) => oid.to_string(),
        GeneralName::OtherName(other) => format!("otherName {}", other.type_id),
        GeneralName::EdiPartyName(_) => "ediPartyName".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_merely_ends_alike_is_not_within() {
        let within = |n, b| dns_within(n, b, Itself::Included);
        assert!(within("a.sceau.example", "sceau.example"));
        assert!(within("SCEAU.example.", "sceau.example"));
        assert!(!within("notsceau.example", "sceau.example"));
        assert!(!within("sceau.example", ".sceau.example"));
        assert!(!within("example", "sceau.example"));
        assert!(within("anything", ""));
    }

    #[test]
    fn a_mailbox_constraint_does_not_reach_other_hosts() {
        assert_eq!(
            mailbox_within("a@sceau.example", "sceau.example"),
            Some(true)
        );
        assert_eq!(
            mailbox_within("a@x.sceau.example", "sceau.example"),
            Some(false)
        );
        assert_eq!(
            mailbox_within("a@x.sceau.example", ".sceau.example"),
            Some(true)
        );
        assert_eq!(
            mailbox_within("a@sceau.example", "b@sceau.example"),
            Some(false)
        );
        assert_eq!(mailbox_within("no-at-sign", "sceau.example"), None);
    }

    #[test]
    fn a_uri_is_judged_by_its_host_not_by_what_looks_like_one() {
        assert_eq!(
            uri_within(
                "https://evil.example/?https://sceau.example",
                "sceau.example"
            ),
            Some(false)
        );
        assert_eq!(
            uri_within("https://sceau.example@evil.example/", "sceau.example"),
            Some(false)
        );
        assert_eq!(
            uri_within("https://a.sceau.example:8443/x", ".sceau.example"),
            Some(true)
        );
        assert_eq!(uri_within("https://127.0.0.1/", "sceau.example"), None);
        assert_eq!(uri_within("urn:x", "sceau.example"), None);
    }

    #[test]
    fn addresses_compare_under_the_mask() {
        assert_eq!(
            ip_within(&[10, 1, 2, 3], &[10, 0, 0, 0, 255, 0, 0, 0]),
            Some(true)
        );
        assert_eq!(
            ip_within(&[11, 1, 2, 3], &[10, 0, 0, 0, 255, 0, 0, 0]),
            Some(false)
        );
        assert_eq!(ip_within(&[10, 1], &[10, 0, 0, 0]), None);
    }
}
