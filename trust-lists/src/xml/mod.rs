//! XML from strangers, read so that nothing in it can surprise: no document type definition and so no
//! entities, UTF-8 alone, no identifier twice, and every count bounded before the tree is built.
//!
//! XML 1.0 and Namespaces in XML 1.0. The tree is `roxmltree`'s; [`c14n`] writes parts of it in canonical
//! form.

pub mod c14n;
mod limits;

use std::borrow::Cow;
use std::collections::HashSet;

use roxmltree::{Document, Node, ParsingOptions};

pub use limits::Limits;

/// The namespace of the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Why a document is not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// It is not UTF-8, or says that it is something else.
    #[error("the XML is not in UTF-8")]
    Encoding,
    /// It says that it is XML of another version than 1.0.
    #[error("the XML is not of version 1.0")]
    Version,
    /// It has a document type definition, which could define entities and default attributes.
    #[error("the XML has a document type definition, which is never read")]
    Dtd,
    /// More of something than a document may have.
    #[error("the XML has more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// It is not well-formed.
    #[error("the XML is not well-formed: {0}")]
    Malformed(String),
    /// Two elements have one identifier, so that a signature could mean either.
    #[error("the identifier {0:?} is there twice")]
    DuplicateId(String),
}

/// The text of a document, ready to be parsed: without byte order mark, line ends as XML 1.0 section 2.11
/// asks. Documents borrow from it.
#[derive(Debug)]
pub struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// Takes the octets of a file.
    ///
    /// # Errors
    /// Where they are too many or not UTF-8.
    pub fn new(octets: &'a [u8], limits: &Limits) -> Result<Self, XmlError> {
        if octets.len() > limits.octets {
            return Err(limits::too_many("octets", limits.octets));
        }
        let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let text = core::str::from_utf8(octets).map_err(|_| XmlError::Encoding)?;
        // The parser would pass over a second one.
        if text.starts_with('\u{feff}') {
            return Err(XmlError::Malformed("two byte order marks".into()));
        }
        declaration(text)?;
        Ok(Self(if text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(text)
        }))
    }

    /// Builds the tree.
    ///
    /// # Errors
    /// Where the document is not well-formed, has what is never read, or too much of something.
    pub fn parse(&self, limits: &Limits) -> Result<Document<'_>, XmlError> {
        limits.check(&self.0)?;
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: limits.nodes,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(&self.0, options).map_err(|e| match e {
            roxmltree::Error::DtdDetected => XmlError::Dtd,
            roxmltree::Error::NodesLimitReached => limits::too_many("nodes", limits.nodes as usize),
            e => XmlError::Malformed(e.to_string()),
        })?;
        check_tree(&document)?;
        Ok(document)
    }
}

/// `<?xml version="1.0" encoding="UTF-8"?>`, or nothing.
fn declaration(text: &str) -> Result<(), XmlError> {
    let Some(rest) = text.strip_prefix("<?xml") else {
        return Ok(());
    };
    if !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
        return Ok(());
    }
    let end = rest
        .find("?>")
        .ok_or_else(|| XmlError::Malformed("the XML declaration does not end".into()))?;
    let value = |name: &str| {
        let after = rest[..end].split_once(name)?.1.trim_start();
        let quoted = after.strip_prefix('=')?.trim_start();
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        quoted[1..].split_once(quote).map(|(value, _)| value)
    };
    if value("version") != Some("1.0") {
        return Err(XmlError::Version);
    }
    if rest[..end].contains("encoding")
        && !value("encoding").is_some_and(|e| e.eq_ignore_ascii_case("UTF-8"))
    {
        return Err(XmlError::Encoding);
    }
    Ok(())
}

/// What the parser lets pass and a signature must not meet.
fn check_tree(document: &Document<'_>) -> Result<(), XmlError> {
    let mut seen = HashSet::new();
    // The tree has each namespace once, so where its name lies tells whether it was looked at.
    let mut absolute: Vec<*const u8> = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        for id in ids(node) {
            if !seen.insert(id) {
                return Err(XmlError::DuplicateId(shorten(id)));
            }
        }
        for namespace in node.namespaces() {
            let uri = namespace.uri();
            if absolute.contains(&uri.as_ptr()) {
                continue;
            }
            // Namespaces in XML 1.0 section 2.2: only the default namespace can be undeclared.
            if uri.is_empty() && namespace.name().is_some() {
                return Err(XmlError::Malformed("a prefix without a namespace".into()));
            }
            // Canonical XML 1.0 section 1.3: such a document has no canonical form.
            if !uri.is_empty() && !is_absolute(uri) {
                return Err(XmlError::Malformed(format!(
                    "the namespace {:?} is no absolute URI",
                    shorten(uri)
                )));
            }
            if absolute.len() < 64 && !uri.is_empty() {
                absolute.push(uri.as_ptr());
            }
        }
    }
    Ok(())
}

/// RFC 3986 section 4.3, as far as its characters tell.
fn is_absolute(uri: &str) -> bool {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && uri.matches('#').count() < 2
        && uri
            .chars()
            .all(|c| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c))
}

/// The values of everything that anybody takes for an identifier.
pub(crate) fn ids<'a>(node: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
    node.attributes()
        .filter(|a| match a.namespace() {
            None => matches!(a.name(), "Id" | "ID" | "id"),
            Some(namespace) => namespace == XML && a.name() == "id",
        })
        .map(|a| a.value())
}

/// The text of an element that has nothing but text. Comments do not cut it: they are not signed, so
/// whoever put one there must not change what is read.
pub(crate) fn text(node: Node<'_, '_>) -> Option<String> {
    let mut out = String::new();
    for child in node.children() {
        if child.is_text() {
            out.push_str(child.text().unwrap_or_default());
        } else if child.is_element() {
            return None;
        }
    }
    Some(out)
}

/// The elements among the children.
pub(crate) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// The first child element of this name.
pub(crate) fn child<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &str,
    name: &str,
) -> Option<Node<'a, 'i>> {
    elements(node).find(|n| n.has_tag_name((namespace, name)))
}

/// base64 with white space, as XML Schema has it.
pub(crate) fn base64(node: Node<'_, '_>) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let mut text = text(node)?;
    text.retain(|c| !c.is_ascii_whitespace());
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// What strangers wrote, short enough for an error.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests;
