//! Mail addresses in certificates: `Mailbox` of RFC 2821 section 4.1.2, as RFC 5280 section 4.2.1.6
//! asks; no display name, no comment, no angle brackets.

/// Whether it is `local-part@domain`.
pub(crate) fn is_mailbox(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let dots = |part: &str| !part.is_empty() && part.bytes().all(atom);
    let quoted = local.len() > 2
        && local.starts_with('"')
        && local.ends_with('"')
        && local.bytes().all(|b| (0x20..0x7F).contains(&b));
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let literal = domain.starts_with('[') && domain.ends_with(']');
    (quoted || local.split('.').all(dots)) && (literal || domain.split('.').all(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mailbox_is_told_apart() {
        for right in [
            "a@b.example",
            "a.b+c@d.example",
            "\"a b\"@c.example",
            "a@[192.0.2.1]",
        ] {
            assert!(is_mailbox(right), "{right}");
        }
        for wrong in [
            "",
            "a",
            "@b",
            "a@",
            "A <a@b.example>",
            "a..b@c.example",
            "a@b_c.example",
            "a@b..c",
        ] {
            assert!(!is_mailbox(wrong), "{wrong}");
        }
    }
}
