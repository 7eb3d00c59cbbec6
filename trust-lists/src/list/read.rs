//! Values of a list: texts, URIs, times, names in several languages.

use pki_asn1::{Certificate, UnixTime};
use roxmltree::Node;

use super::{ListError, Names};
use crate::xml::{self, XML, base64, child, elements, shorten};

/// The namespace of TS 119 612.
pub(super) const TSL: &str = "http://uri.etsi.org/02231/v2#";
/// That of its additional types.
pub(super) const ADDITIONAL: &str = "http://uri.etsi.org/02231/v2/additionaltypes#";

/// Of anything that is listed.
const ITEMS: usize = 50_000;

pub(super) fn tsl<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    child(node, TSL, name)
}

pub(super) fn need<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> Result<Node<'a, 'i>, ListError> {
    tsl(node, name).ok_or(ListError::Missing(name))
}

/// The children of this name, at most so many as are ever listed.
pub(super) fn all<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> Result<Vec<Node<'a, 'i>>, ListError> {
    let found: Vec<_> = elements(node)
        .filter(|n| n.has_tag_name((TSL, name)))
        .take(ITEMS + 1)
        .collect();
    if found.len() > ITEMS {
        return Err(ListError::TooMany {
            what: name,
            limit: ITEMS,
        });
    }
    Ok(found)
}

/// An element's text without white space around it.
pub(super) fn text(node: Node<'_, '_>) -> Option<String> {
    xml::text(node).map(|t| t.trim().to_owned())
}

pub(super) fn need_text(node: Node<'_, '_>, name: &'static str) -> Result<String, ListError> {
    text(need(node, name)?)
        .filter(|t| !t.is_empty())
        .ok_or(ListError::Missing(name))
}

pub(super) fn number<T: core::str::FromStr>(
    node: Node<'_, '_>,
    name: &'static str,
) -> Result<T, ListError> {
    let value = need_text(node, name)?;
    value.parse().map_err(|_| wrong(name, &value))
}

/// An xsd:dateTime; without a time zone it is UTC.
pub(super) fn time(node: Node<'_, '_>, what: &'static str) -> Result<UnixTime, ListError> {
    let value = text(node).unwrap_or_default();
    let zoned = value
        .get(10..)
        .is_some_and(|t| t.contains(['Z', 'z', '+', '-']));
    let parsed = if zoned {
        value.parse()
    } else {
        format!("{value}Z").parse()
    };
    parsed.map_err(|_| wrong(what, &value))
}

pub(super) fn need_time(node: Node<'_, '_>, name: &'static str) -> Result<UnixTime, ListError> {
    time(need(node, name)?, name)
}

pub(super) fn wrong(what: &'static str, value: &str) -> ListError {
    ListError::Value {
        what,
        value: shorten(value),
    }
}

/// What is inside an InternationalNamesType.
pub(super) fn names(node: Option<Node<'_, '_>>) -> Names {
    let found = node.into_iter().flat_map(elements);
    Names(
        found
            .filter_map(|n| {
                let tag = n.attribute((XML, "lang")).unwrap_or_default();
                Some((tag.to_owned(), text(n)?))
            })
            .collect(),
    )
}

/// The texts of all children: a list of URIs.
pub(super) fn uris(node: Option<Node<'_, '_>>) -> Vec<String> {
    node.into_iter()
        .flat_map(elements)
        .filter_map(text)
        .collect()
}

pub(super) fn certificate(node: Node<'_, '_>) -> Option<Certificate> {
    Certificate::from_der(base64(node)?).ok()
}
