//! Text from strangers in XML that we write (XML 1.0): manifests of containers, reports.

/// Text for element content and for attributes in double quotes. Characters that XML 1.0 cannot hold at all
/// become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A parser would turn these into a line feed or a space where they stand as they are.
            '\r' | '\n' | '\t' => out.push_str(&format!("&#{};", u32::from(c))),
            c if is_char(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

/// XML 1.0 section 2.2, production Char. A Rust `char` is never a surrogate.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
