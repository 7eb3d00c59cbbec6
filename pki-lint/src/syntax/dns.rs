//! DNS names in certificates (RFC 5280 section 4.2.1.6 and 7.2, RFC 1034 section 3.5, RFC 5890).

use unicode_normalization::is_nfc;

/// The labels of a name, without the wildcard in front.
pub(crate) fn labels(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.strip_prefix("*.").unwrap_or(name).split('.')
}

/// Whether an `xn--` label is the Punycode of something; true for other labels.
pub(crate) fn is_unicode(label: &str) -> bool {
    encoded(label).is_none_or(|rest| idna::punycode::decode_to_string(rest).is_some())
}

/// Whether an `xn--` label is in normal form C; true for labels that are no Punycode.
pub(crate) fn is_normal(label: &str) -> bool {
    encoded(label)
        .and_then(idna::punycode::decode_to_string)
        .is_none_or(|decoded| is_nfc(&decoded))
}

fn encoded(label: &str) -> Option<&str> {
    let prefix = label.get(..4)?;
    prefix
        .eq_ignore_ascii_case("xn--")
        .then(|| label.get(4..))
        .flatten()
}
