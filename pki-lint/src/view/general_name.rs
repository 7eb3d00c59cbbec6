//! `GeneralName` (RFC 5280 section 4.2.1.6) and the parts of a URI.

use super::name;
use crate::der::{OID, SEQUENCE, Tlv, context_constructed};

/// One general name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct GeneralName<'a> {
    /// Which form, by its context tag: 0 otherName to 8 registeredID; above that, none.
    pub(crate) form: u8,
    /// The contents.
    pub(crate) value: &'a [u8],
}

impl<'a> GeneralName<'a> {
    const OTHER: u8 = 0;
    pub(crate) const RFC822: u8 = 1;
    pub(crate) const DNS: u8 = 2;
    pub(crate) const X400: u8 = 3;
    const DIRECTORY: u8 = 4;
    pub(crate) const EDI_PARTY: u8 = 5;
    pub(crate) const URI: u8 = 6;
    pub(crate) const IP: u8 = 7;
    pub(crate) const REGISTERED_ID: u8 = 8;

    /// Reads one; `None` where it is none. Strings are not looked into.
    pub(crate) fn new(tlv: Tlv<'a>) -> Option<Self> {
        let form = tlv.tag & 0x1F;
        // otherName and directoryName are constructed; what nobody decodes may be either.
        let fits = match form {
            Self::OTHER | Self::DIRECTORY => tlv.tag & 0x20 != 0,
            Self::X400 | Self::EDI_PARTY => true,
            _ => tlv.tag & 0x20 == 0,
        };
        let tagged = tlv.tag & 0xC0 == 0x80 && form <= 8 && fits;
        let whole = match form {
            Self::OTHER => is_other_name(tlv.value),
            Self::DIRECTORY => name::whole(tlv.value).is_some(),
            _ => true,
        };
        (tagged && whole).then_some(Self {
            form,
            value: tlv.value,
        })
    }

    /// Whether it says nothing: no contents, or the name of nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty() || (self.form == Self::DIRECTORY && !self.is_filled_directory_name())
    }

    /// Whether it is a distinguished name that names somebody.
    pub(crate) fn is_filled_directory_name(&self) -> bool {
        self.form == Self::DIRECTORY
            && name::whole(self.value).is_some_and(|n| !n.attributes.is_empty())
    }

    /// `GeneralNames`, which may (wrongly) be empty.
    pub(crate) fn all(tlv: Tlv<'a>) -> Option<Vec<Self>> {
        tlv.with(SEQUENCE)?;
        Self::all_in(tlv.value)
    }

    /// As [`Self::all`] for the contents under an implicit tag.
    pub(crate) fn all_in(value: &'a [u8]) -> Option<Vec<Self>> {
        crate::der::elements(value)?
            .into_iter()
            .map(Self::new)
            .collect()
    }

    /// Its text, where it is a mail address, DNS name or URI in ASCII.
    pub(crate) fn ascii(&self) -> Option<&'a str> {
        matches!(self.form, Self::RFC822 | Self::DNS | Self::URI)
            .then(|| core::str::from_utf8(self.value).ok())?
            .filter(|text| text.is_ascii())
    }

    /// Its text, where it is a URI.
    pub(crate) fn uri(&self) -> Option<&'a str> {
        (self.form == Self::URI).then(|| self.ascii())?
    }

    /// Whether it is a URI with one of these schemes (lower case, without the colon).
    pub(crate) fn has_scheme(&self, schemes: &[&str]) -> bool {
        self.uri().and_then(scheme).is_some_and(|found| {
            schemes
                .iter()
                .any(|wanted| found.eq_ignore_ascii_case(wanted))
        })
    }
}

/// The contents of an `AnotherName`: its type, and its value under an explicit tag.
fn is_other_name(value: &[u8]) -> bool {
    crate::der::elements(value).is_some_and(|parts| {
        matches!(&parts[..], [id, value] if id.tag == OID
            && value.tag == context_constructed(0)
            && Tlv::whole(value.value).is_some())
    })
}

/// The scheme of an absolute URI (RFC 3986 section 3.1), without the colon.
pub(crate) fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut bytes = scheme.bytes();
    let first = bytes.next()?;
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    (first.is_ascii_alphabetic() && bytes.all(rest)).then_some(scheme)
}

/// What follows the scheme's colon.
pub(crate) fn scheme_specific(uri: &str) -> Option<&str> {
    scheme(uri)?;
    uri.split_once(':').map(|(_, rest)| rest)
}

/// The host of a URI that has an authority (RFC 3986 section 3.2); `None` where it has none.
pub(crate) fn host(uri: &str) -> Option<&str> {
    let authority = scheme_specific(uri)?.strip_prefix("//")?;
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let authority = &authority[..end];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').map(|(address, _)| address);
    }
    Some(host.split_once(':').map_or(host, |(host, _)| host))
}

/// Whether a host is a fully qualified DNS name or an IP address; the leftmost label may be `*`.
pub(crate) fn is_fqdn_or_ip(host: &str) -> bool {
    if host.parse::<core::net::IpAddr>().is_ok() {
        return true;
    }
    let host = host.strip_prefix("*.").unwrap_or(host);
    is_fqdn(host)
}

/// Whether `host` is at least two labels of letters, digits and hyphens (and the underscore that
/// people use), the last of which is no number.
pub(crate) fn is_fqdn(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label)
        && host
            .rsplit('.')
            .next()
            .is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_a_client_would_connect_to() {
        for (uri, expected) in [
            ("http://a.example/x@b", Some("a.example")),
            ("http://user@b.example:80/", Some("b.example")),
            ("https://[2001:db8::1]:443/", Some("2001:db8::1")),
            ("ldap:///CN=x", Some("")),
            ("urn:oid:1.2", None),
            ("no scheme", None),
        ] {
            assert_eq!(host(uri), expected, "{uri}");
        }
        assert!(is_fqdn_or_ip("*.a.example") && is_fqdn_or_ip("192.0.2.1"));
        for wrong in [
            "*",
            "a",
            "a.*.example",
            "-a.example",
            "a..example",
            "1.2.3.400",
            "",
        ] {
            assert!(!is_fqdn_or_ip(wrong), "{wrong}");
        }
    }
}
