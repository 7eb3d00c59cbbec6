//! What a browser would rather have (RFC 9110 sections 12.5.1 and 12.5.4), and the fields of its query.

use http_service::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use super::words::Language;

/// Whether HTML is wanted rather than plain text. Who takes anything, such as a command-line client,
/// gets plain text.
pub(super) fn prefers_html(headers: &HeaderMap) -> bool {
    let mut html = Preference::default();
    let mut plain = Preference::default();
    for (range, weight) in weighted(headers, &header::ACCEPT) {
        match range {
            "*/*" => {
                html.consider(Specific::Anything, weight);
                plain.consider(Specific::Anything, weight);
            }
            "text/*" => {
                html.consider(Specific::Text, weight);
                plain.consider(Specific::Text, weight);
            }
            range if range.eq_ignore_ascii_case("text/html") => {
                html.consider(Specific::Named, weight);
            }
            range if range.eq_ignore_ascii_case("text/plain") => {
                plain.consider(Specific::Named, weight);
            }
            _ => {}
        }
    }
    let named = html.specific == Some(Specific::Named) && html.weight > 0.0;
    html.weight > plain.weight || (named && html.weight >= plain.weight)
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Specific {
    Anything,
    Text,
    Named,
}

/// What the most specific range says of a media type.
#[derive(Default)]
struct Preference {
    specific: Option<Specific>,
    weight: f32,
}

impl Preference {
    fn consider(&mut self, specific: Specific, weight: f32) {
        if self.specific < Some(specific) {
            (self.specific, self.weight) = (Some(specific), weight);
        }
    }
}

/// The language asked for in the query, else the one the browser prefers, else English.
pub(super) fn language(query: &str, headers: &HeaderMap) -> Language {
    if let Some(asked) = field(query, "lang").and_then(|tag| Language::from_tag(&tag)) {
        return asked;
    }
    let mut best: Option<(Language, f32)> = None;
    for (tag, weight) in weighted(headers, &header::ACCEPT_LANGUAGE) {
        if let Some(language) = Language::from_tag(tag)
            && weight > best.map_or(0.0, |(_, weight)| weight)
        {
            best = Some((language, weight));
        }
    }
    best.map_or(Language::English, |(language, _)| language)
}

/// The first field of this name in a query (application/x-www-form-urlencoded).
pub(super) fn field(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| {
            let spaced = value.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        })
    })
}

/// The elements of a list with their weights (RFC 9110 section 12.4.2).
fn weighted<'a>(
    headers: &'a HeaderMap,
    name: &header::HeaderName,
) -> impl Iterator<Item = (&'a str, f32)> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let what = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
                .map_or(1.0, |q| q.parse().unwrap_or(0.0));
            (what, weight)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_service::{HeaderName, HeaderValue};

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn browsers_get_the_page_and_scripts_the_text() {
        let html = |accept| prefers_html(&headers(header::ACCEPT, accept));
        assert!(html("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(html("TEXT/HTML"));
        assert!(html("text/html;q=0.5, */*;q=0.1"));
        assert!(!html("*/*"));
        assert!(!html("text/*"));
        assert!(!html("text/plain, text/html;q=0.5"));
        assert!(!html("text/html;q=0, */*"));
        assert!(!html("application/ocsp-response"));
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn the_query_outweighs_the_browser_s_languages() {
        let language = |query, accept| language(query, &headers(header::ACCEPT_LANGUAGE, accept));
        assert_eq!(language("", "fr-MC, en;q=0.8"), Language::French);
        assert_eq!(language("", "it, en;q=0.2, fr;q=0.4"), Language::French);
        assert_eq!(language("", "fr;q=0"), Language::English);
        assert_eq!(language("", "de, *"), Language::English);
        assert_eq!(language("a=b&lang=en", "fr"), Language::English);
        assert_eq!(language("lang=xx", "fr"), Language::French);
    }

    #[test]
    fn fields_are_decoded_and_never_fail() {
        assert_eq!(
            field("serial=0A+b%3Ac&x=1", "serial").as_deref(),
            Some("0A b:c")
        );
        assert_eq!(
            field("serial=%ZZ%FF", "serial").as_deref(),
            Some("%ZZ\u{fffd}")
        );
        assert_eq!(field("serial", "serial"), None);
    }
}
