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
                for base in list.iter().filter(|base| one.is_of_form(base)) {
                    meter.spend(BudgetKind::NameComparisons)?;
                    constrained = true;
                    match one.is_within(base, Subtree::Permitted) {
                        Some(true) => {
                            within = true;
                            break;
                        }
                        Some(false) => {}
                        None => return Ok(Err(PathErrorKind::NameConstraintNotSupported)),
                    }
                }
                if constrained && !within {
                    return Ok(Err(PathErrorKind::NameNotPermitted { name: one.show() }));
                }
            }
            for base in self.excluded.iter().filter(|base| one.is_of_form(base)) {
                meter.spend(BudgetKind::NameComparisons)?;
                match one.is_within(base, Subtree::Excluded) {
                    Some(true) => {
                        return Ok(Err(PathErrorKind::NameExcluded { name: one.show() }));
                    }
                    Some(false) => {}
                    None => return Ok(Err(PathErrorKind::NameConstraintNotSupported)),
                }
            }
        }
        Ok(Ok(()))
    }
}

/// Which of the two lists a base stands in. What could be read as inside or outside counts as excluded and
/// not as permitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subtree {
    Permitted,
    Excluded,
}

/// A name of the certificate, as constraints see it.
enum Named {
    /// One in subjectAltName, or the subject.
    General(GeneralName),
    /// SmtpUTF8Mailbox, or an emailAddress in the subject: constraints on rfc822Name bind it.
    Mailbox(String),
}

/// The subject (unless empty), the alternative names, and every mailbox wherever it stands. RFC 5280 asks for
/// the subject's emailAddress only where there is no subjectAltName; what reads addresses there does not look.
fn names(certificate: &Certificate) -> Result<Vec<Named>, PathErrorKind> {
    let malformed = || PathErrorKind::MalformedExtension(oid::CE_SUBJECT_ALT_NAME);
    let mut out = Vec::new();
    if !certificate.subject().is_empty() {
        let subject = GeneralName::DirectoryName(certificate.subject().clone());
        out.push(Named::General(subject));
    }
    let addresses =
        name::attributes(certificate.subject()).filter(|(kind, _)| *kind == oid::AT_EMAIL);
    out.extend(addresses.map(|(_, address)| Named::Mailbox(address)));
    if let Some(ext) = certificate.extension(&oid::CE_SUBJECT_ALT_NAME) {
        let names = GeneralNames::from_der(ext.extn_value.as_bytes()).map_err(|_| malformed())?;
        for one in names {
            if let GeneralName::OtherName(other) = &one
                && other.type_id == oid::ON_SMTP_UTF8_MAILBOX
            {
                let address = other.value.decode_as().map_err(|_| malformed())?;
                out.push(Named::Mailbox(address));
            }
            out.push(Named::General(one));
        }
    }
    Ok(out)
}

impl Named {
    /// Whether a base of that form says anything of it.
    fn is_of_form(&self, base: &GeneralName) -> bool {
        match (self, base) {
            (Self::Mailbox(_), base) => matches!(base, GeneralName::Rfc822Name(_)),
            (Self::General(GeneralName::OtherName(a)), GeneralName::OtherName(b)) => {
                a.type_id == b.type_id
            }
            (Self::General(one), base) => {
                core::mem::discriminant(one) == core::mem::discriminant(base)
            }
        }
    }

    /// Whether it lies in the subtree `base` of its form; `None` where no rule is defined or one of the two
    /// is malformed.
    fn is_within(&self, base: &GeneralName, list: Subtree) -> Option<bool> {
        use GeneralName as G;
        let one = match (self, base) {
            (Self::Mailbox(address), G::Rfc822Name(base)) => {
                return mailbox_within(address, base.as_str());
            }
            (Self::Mailbox(_), _) => return None,
            (Self::General(one), _) => one,
        };
        match (one, base) {
            (G::DirectoryName(name), G::DirectoryName(base)) => Some(name::is_within(name, base)),
            (G::DnsName(name), G::DnsName(base)) => dns_within(name.as_str(), base.as_str(), list),
            (G::Rfc822Name(name), G::Rfc822Name(base)) => {
                mailbox_within(name.as_str(), base.as_str())
            }
            (G::UniformResourceIdentifier(name), G::UniformResourceIdentifier(base)) => {
                uri_within(name.as_str(), base.as_str())
            }
            (G::IpAddress(name), G::IpAddress(base)) => {
                ip_within(name.as_bytes(), base.as_bytes(), list)
            }
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::General(one) => show(one),
            Self::Mailbox(address) => address.escape_default().to_string(),
        }
    }
}

/// A host name as everybody who resolves it reads it: without the dot of the root, and of nothing but letters,
/// digits, hyphens and underscores between dots. What else is in it one program would cut off and another not.
fn host(text: &str) -> Option<&str> {
    let host = text.strip_suffix('.').unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!host.is_empty() && host.chars().all(plain)).then_some(host)
}

/// Whether `host` is `base`, or has labels more on the left.
fn host_within(host: &str, base: &str, itself: Itself) -> bool {
    if host.len() <= base.len() {
        return matches!(itself, Itself::Included) && host.eq_ignore_ascii_case(base);
    }
    // Both are ASCII, so every index is a character boundary.
    let split = host.len() - base.len();
    host.as_bytes()[split - 1] == b'.'
        && host.as_bytes()[split..].eq_ignore_ascii_case(base.as_bytes())
}

#[derive(Clone, Copy)]
enum Itself {
    Included,
    Excluded,
}

/// Labels added on the left stay within; a leading dot of the base asks for at least one.
fn dns_within(name: &str, base: &str, list: Subtree) -> Option<bool> {
    let (wildcard, name) = match name.strip_prefix("*.") {
        Some(rest) => (true, host(rest)?),
        None => (false, host(name)?),
    };
    let (base, mut itself) = match base.strip_prefix('.') {
        Some(rest) => (rest, Itself::Excluded),
        None => (base, Itself::Included),
    };
    if base.is_empty() {
        return Some(true);
    }
    let base = host(base)?;
    if wildcard {
        itself = Itself::Included;
        // `*.example` may be asked for any host below, so it reaches into every subtree there.
        if list == Subtree::Excluded && host_within(base, name, Itself::Excluded) {
            return Some(true);
        }
    }
    Some(host_within(name, base, itself))
}

/// RFC 5280 section 4.2.1.10 and RFC 9598 section 6: a mailbox, all mailboxes of a host, or of the hosts below.
fn mailbox_within(name: &str, base: &str) -> Option<bool> {
    let (local, at) = name.rsplit_once('@')?;
    let at = host(at)?;
    Some(match base.rsplit_once('@') {
        Some((base_local, base_host)) => {
            local == base_local && at.eq_ignore_ascii_case(host(base_host)?)
        }
        None => match base.strip_prefix('.') {
            Some(base) => host_within(at, host(base)?, Itself::Excluded),
            None => at.eq_ignore_ascii_case(host(base)?),
        },
    })
}

fn uri_within(uri: &str, base: &str) -> Option<bool> {
    let (scheme, rest) = uri.split_once("://")?;
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if !scheme.chars().all(in_scheme) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let at = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // Constraints are on host names; a URI with an address has none (RFC 5280 section 4.2.1.10). An address
    // need not look like one: programs take 127.1, 0x7f.1 and 2130706433 for the same.
    let at = host(at.split_once(':').map_or(at, |(host, _)| host))?;
    let last = at.rsplit('.').next()?;
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(match base.strip_prefix('.') {
        Some(base) => host_within(at, host(base)?, Itself::Excluded),
        None => at.eq_ignore_ascii_case(host(base)?),
    })
}

/// What stands before an IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2).
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

/// One network of IPv4 or IPv6 (RFC 4632). An IPv4 address that is written as an IPv6 one is the same host.
fn ip_within(address: &[u8], range: &[u8], list: Subtree) -> Option<bool> {
    if !matches!(address.len(), 4 | 16) || !matches!(range.len(), 8 | 32) {
        return None;
    }
    let (base, mask) = range.split_at(range.len() / 2);
    let address = match address.strip_prefix(&MAPPED) {
        Some(v4) if base.len() == 4 && list == Subtree::Excluded => v4,
        _ => address,
    };
    Some(address.len() == base.len() && under_mask(address, base, mask))
}

fn under_mask(address: &[u8], base: &[u8], mask: &[u8]) -> bool {
    let mut octets = address.iter().zip(base).zip(mask);
    octets.all(|((a, b), m)| a & m == b & m)
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
        let within = |n, b| dns_within(n, b, Subtree::Permitted);
        assert_eq!(within("a.sceau.example", "sceau.example"), Some(true));
        assert_eq!(within("SCEAU.example", "sceau.example"), Some(true));
        assert_eq!(within("notsceau.example", "sceau.example"), Some(false));
        assert_eq!(within("sceau.example", ".sceau.example"), Some(false));
        assert_eq!(within("example", "sceau.example"), Some(false));
        assert_eq!(within("anything", ""), Some(true));
    }

    #[test]
    fn a_dot_at_the_end_leads_out_of_no_subtree() {
        for list in [Subtree::Permitted, Subtree::Excluded] {
            for (name, base) in [
                ("a.sceau.example.", "sceau.example"),
                ("a.sceau.example", "sceau.example."),
            ] {
                assert_eq!(dns_within(name, base, list), Some(true));
                assert_eq!(
                    mailbox_within(&format!("x@{name}"), &format!(".{base}")),
                    Some(true)
                );
                assert_eq!(
                    uri_within(&format!("https://{name}/"), &format!(".{base}")),
                    Some(true)
                );
            }
        }
    }

    #[test]
    fn a_wildcard_reaches_into_what_is_excluded_below_it() {
        let excluded = |n, b| dns_within(n, b, Subtree::Excluded);
        assert_eq!(excluded("*.example", "evil.example"), Some(true));
        assert_eq!(excluded("*.example", ".evil.example"), Some(true));
        assert_eq!(excluded("*.example", "example"), Some(true));
        assert_eq!(excluded("*.good.example", "evil.example"), Some(false));
        let permitted = |n, b| dns_within(n, b, Subtree::Permitted);
        assert_eq!(permitted("*.example", "good.example"), Some(false));
        assert_eq!(permitted("*.good.example", "good.example"), Some(true));
        assert_eq!(permitted("*.good.example", ".good.example"), Some(true));
        assert_eq!(permitted("a*.good.example", "good.example"), None);
    }

    #[test]
    fn a_host_that_programs_read_differently_is_refused() {
        for name in [
            "evil.example\0.sceau.example",
            "evil.example .sceau.example",
            "",
        ] {
            assert_eq!(dns_within(name, "sceau.example", Subtree::Permitted), None);
            assert_eq!(mailbox_within(&format!("x@{name}"), ".sceau.example"), None);
            let uri = format!("https://{name}/");
            assert_eq!(uri_within(&uri, ".sceau.example"), None);
        }
        for uri in [
            "https://evil.example\\.sceau.example/",
            "https://ev%69l.sceau.example/",
            "https:evil.example/://a.sceau.example/",
        ] {
            assert_eq!(uri_within(uri, ".sceau.example"), None, "{uri}");
        }
    }

    #[test]
    fn a_mailbox_constraint_does_not_reach_other_hosts() {
        let within = mailbox_within;
        assert_eq!(within("a@sceau.example", "sceau.example"), Some(true));
        assert_eq!(within("a@x.sceau.example", "sceau.example"), Some(false));
        assert_eq!(within("a@x.sceau.example", ".sceau.example"), Some(true));
        assert_eq!(within("a@sceau.example", "b@sceau.example"), Some(false));
        assert_eq!(within("A@sceau.example", "a@sceau.example"), Some(false));
        assert_eq!(within("é@SCEAU.example", "é@sceau.example"), Some(true));
        assert_eq!(
            within("\"a@evil.example\"@sceau.example", "sceau.example"),
            Some(true)
        );
        assert_eq!(
            within("a@sceau.example@evil.example", "sceau.example"),
            Some(false)
        );
        // RFC 9598 section 3: the host is in its ASCII form; another cannot be compared.
        assert_eq!(within("a@scéau.example", "sceau.example"), None);
        assert_eq!(within("no-at-sign", "sceau.example"), None);
        assert_eq!(within("a@sceau.example", ""), None);
    }

    #[test]
    fn a_uri_is_judged_by_its_host_not_by_what_looks_like_one() {
        let within = uri_within;
        let evil = "https://evil.example/?https://sceau.example";
        assert_eq!(within(evil, "sceau.example"), Some(false));
        let evil = "https://sceau.example@evil.example/";
        assert_eq!(within(evil, "sceau.example"), Some(false));
        let good = "https://a.sceau.example:8443/x";
        assert_eq!(within(good, ".sceau.example"), Some(true));
        assert_eq!(within("urn:x", "sceau.example"), None);
        for address in ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", ""] {
            let uri = format!("https://{address}/");
            assert_eq!(within(&uri, "sceau.example"), None, "{uri}");
        }
    }

    #[test]
    fn addresses_compare_under_the_mask() {
        const TEN: [u8; 8] = [10, 0, 0, 0, 255, 0, 0, 0];
        let permitted = |a: &[u8]| ip_within(a, &TEN, Subtree::Permitted);
        assert_eq!(permitted(&[10, 1, 2, 3]), Some(true));
        assert_eq!(permitted(&[11, 1, 2, 3]), Some(false));
        assert_eq!(permitted(&[10, 1]), None);
        assert_eq!(
            ip_within(&[10, 1, 2, 3], &[10, 0, 0, 0], Subtree::Permitted),
            None
        );
    }

    #[test]
    fn an_ipv6_address_is_no_way_around_constraints_on_ipv4() {
        const TEN: [u8; 8] = [10, 0, 0, 0, 255, 0, 0, 0];
        let mapped = [&MAPPED[..], &[10, 1, 2, 3]].concat();
        assert_eq!(
            ip_within(&[0xFD; 16], &TEN, Subtree::Permitted),
            Some(false)
        );
        assert_eq!(ip_within(&mapped, &TEN, Subtree::Permitted), Some(false));
        assert_eq!(ip_within(&mapped, &TEN, Subtree::Excluded), Some(true));
        assert_eq!(ip_within(&[0xFD; 16], &TEN, Subtree::Excluded), Some(false));
    }
}
