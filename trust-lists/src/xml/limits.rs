//! Bounds on XML, checked in one pass over the text before a tree is built: the parser's own work grows
//! with the square of attributes and namespaces.

use super::XmlError;

/// How much of everything a document may have. The largest lists of the European Union have some 10 MB
/// and 100,000 elements.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Octets of the file.
    pub octets: usize,
    /// Nodes of every kind.
    pub nodes: u32,
    /// Elements in elements.
    pub depth: usize,
    /// Attributes of one element, namespace declarations among them.
    pub attributes: usize,
    /// Attributes of all elements.
    pub all_attributes: usize,
    /// Namespaces in scope at one element.
    pub namespaces: usize,
    /// Namespaces in scope, summed over all elements.
    pub all_namespaces: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: 32 << 20,
            nodes: 600_000,
            depth: 100,
            attributes: 100,
            all_attributes: 400_000,
            namespaces: 50,
            all_namespaces: 6_000_000,
        }
    }
}

pub(super) fn too_many(what: &'static str, limit: usize) -> XmlError {
    XmlError::Limit { what, limit }
}

/// What one start tag has.
#[derive(Default)]
struct Tag {
    attributes: usize,
    namespaces: usize,
    ends_itself: bool,
}

impl Limits {
    /// Whether `text` keeps within them. What is not well-formed may pass: the parser says so.
    ///
    /// # Errors
    /// [`XmlError::Limit`] where not, [`XmlError::Dtd`] where it has a document type definition.
    pub fn check(&self, text: &str) -> Result<(), XmlError> {
        let mut rest = text;
        // Namespaces in scope, for each open element.
        let mut open: Vec<usize> = Vec::new();
        let (mut all_attributes, mut all_namespaces) = (0, 0);
        while let Some(at) = rest.find('<') {
            rest = &rest[at..];
            let skip = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
            if rest.starts_with("<!--") {
                rest = &rest[skip("-->")..];
            } else if rest.starts_with("<![CDATA[") {
                rest = &rest[skip("]]>")..];
            } else if rest.starts_with("<?") {
                rest = &rest[skip("?>")..];
            } else if rest.starts_with("<!") {
                return Err(XmlError::Dtd);
            } else if rest.starts_with("</") {
                open.pop();
                rest = &rest[skip(">")..];
            } else {
                let (tag, length) = start_tag(rest.as_bytes());
                rest = &rest[length..];
                all_attributes += tag.attributes;
                let scope = open.last().copied().unwrap_or(0) + tag.namespaces;
                all_namespaces += scope;
                if !tag.ends_itself {
                    open.push(scope);
                }
                for (found, limit, what) in [
                    (open.len(), self.depth, "elements in each other"),
                    (tag.attributes, self.attributes, "attributes of one element"),
                    (all_attributes, self.all_attributes, "attributes"),
                    (scope, self.namespaces, "namespaces at one element"),
                    (all_namespaces, self.all_namespaces, "namespaces in scope"),
                ] {
                    if found > limit {
                        return Err(too_many(what, limit));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Counts what a start tag has, and how long it is.
fn start_tag(from: &[u8]) -> (Tag, usize) {
    let mut tag = Tag::default();
    let mut quote = None;
    let mut name = 1;
    for (at, &byte) in from.iter().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if open == byte => {
                quote = None;
                name = at + 1;
            }
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'=') => {
                tag.attributes += 1;
                if from[name..at].trim_ascii_start().starts_with(b"xmlns") {
                    tag.namespaces += 1;
                }
            }
            (None, b'>') => {
                tag.ends_itself = from[at - 1] == b'/';
                return (tag, at + 1);
            }
            // A name begins after white space, and may be followed by some before its equals sign.
            (None, b)
                if b.is_ascii_whitespace()
                    && (name == 1 || from[name..at].trim_ascii().is_empty()) =>
            {
                name = at;
            }
            _ => {}
        }
    }
    (tag, from.len())
}
