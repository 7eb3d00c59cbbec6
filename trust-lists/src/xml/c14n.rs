//! Canonical XML: Exclusive XML Canonicalization 1.0, Canonical XML 1.0 and 1.1, each with comments or
//! without, of a document or of one element with all that is in it.

use roxmltree::{Node, NodeId, NodeType};

use super::XML;

/// Which namespaces and attributes of the elements above come along.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Method {
    /// Canonical XML 1.0: all namespaces in scope, all `xml:` attributes.
    Inclusive10,
    /// Canonical XML 1.1: as 1.0, of the attributes `xml:lang` and `xml:space` alone.
    Inclusive11,
    /// Exclusive XML Canonicalization 1.0: the namespaces that are used, and those of the prefixes
    /// named here (the empty prefix for `#default`).
    Exclusive(Vec<String>),
}

/// Whether comments are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comments {
    /// They are.
    Keep,
    /// They are left out.
    Drop,
}

/// A canonicalization method.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Canonicalization {
    /// How.
    pub method: Method,
    /// Whether with comments.
    pub comments: Comments,
}

const METHODS: [(&str, Method, Comments); 6] = {
    use Comments::{Drop, Keep};
    [
        (
            "http://www.w3.org/2001/10/xml-exc-c14n#",
            Method::Exclusive(Vec::new()),
            Drop,
        ),
        (
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
            Method::Exclusive(Vec::new()),
            Keep,
        ),
        (
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Method::Inclusive10,
            Drop,
        ),
        (
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            Method::Inclusive10,
            Keep,
        ),
        (
            "http://www.w3.org/2006/12/xml-c14n11",
            Method::Inclusive11,
            Drop,
        ),
        (
            "http://www.w3.org/2006/12/xml-c14n11#WithComments",
            Method::Inclusive11,
            Keep,
        ),
    ]
};

/// The element cannot be written in canonical form.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("xml:base above the signed element is not supported with Canonical XML 1.1")]
pub struct BaseAbove;

impl Canonicalization {
    /// The method of this URI, without prefixes for exclusive canonicalization.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        let (_, method, comments) = METHODS.into_iter().find(|(known, ..)| *known == uri)?;
        Some(Self { method, comments })
    }

    /// Gives `node`, which is an element or a document's root, to `out` piece by piece, without the
    /// element `omit`.
    ///
    /// # Errors
    /// Where Canonical XML 1.1 would have to join `xml:base` attributes.
    pub fn write(
        &self,
        node: Node<'_, '_>,
        omit: Option<NodeId>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), BaseAbove> {
        let mut writer = Writer {
            how: self,
            omit,
            rendered: Vec::new(),
            out,
        };
        if node.is_root() {
            writer.document(node);
            return Ok(());
        }
        let inherited = self.inherited(node)?;
        writer.tree(node, &inherited);
        Ok(())
    }

    /// As [`Self::write`], into memory.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn to_vec(&self, node: Node<'_, '_>, omit: Option<NodeId>) -> Result<Vec<u8>, BaseAbove> {
        let mut out = Vec::new();
        self.write(node, omit, &mut |part| out.extend_from_slice(part))?;
        Ok(out)
    }

    /// The `xml:` attributes of the elements above that the apex is written with (Canonical XML 1.0 and
    /// 1.1, section 2.4).
    fn inherited<'a>(&self, apex: Node<'a, '_>) -> Result<Vec<(&'a str, &'a str)>, BaseAbove> {
        let mut out: Vec<(&str, &str)> = Vec::new();
        if matches!(self.method, Method::Exclusive(_)) {
            return Ok(out);
        }
        for above in apex.ancestors().skip(1) {
            for one in above.attributes().filter(|a| a.namespace() == Some(XML)) {
                let nearer = apex.has_attribute((XML, one.name()))
                    || out.iter().any(|(name, _)| *name == one.name());
                match (&self.method, one.name()) {
                    (Method::Inclusive11, "base") => return Err(BaseAbove),
                    (Method::Inclusive11, name) if !matches!(name, "lang" | "space") => {}
                    _ if nearer => {}
                    (_, name) => out.push((name, one.value())),
                }
            }
        }
        Ok(out)
    }
}

struct Writer<'w, 't> {
    how: &'w Canonicalization,
    omit: Option<NodeId>,
    /// Prefixes and namespaces as written by the open elements, the latest last.
    rendered: Vec<(&'t str, &'t str)>,
    out: &'w mut dyn FnMut(&[u8]),
}

impl<'t> Writer<'_, 't> {
    fn text(&mut self, text: &str) {
        (self.out)(text.as_bytes());
    }

    /// What stands before and after the document's element has a line of its own.
    fn document(&mut self, root: Node<'t, '_>) {
        let mut after = false;
        for child in root.children() {
            if child.is_element() {
                self.tree(child, &[]);
                after = true;
            } else if child.is_pi() || (child.is_comment() && self.how.comments == Comments::Keep) {
                if after {
                    self.text("\n");
                }
                self.leaf(child);
                if !after {
                    self.text("\n");
                }
            }
        }
    }

    /// Depth is bounded by the limits on the document.
    fn tree(&mut self, node: Node<'t, '_>, inherited: &[(&'t str, &'t str)]) {
        if node.node_type() != NodeType::Element {
            self.leaf(node);
            return;
        }
        if self.omit == Some(node.id()) {
            return;
        }
        let written = self.rendered.len();
        let name = qualified_name(node);
        self.text("<");
        self.text(name);
        self.namespaces(node, name);
        self.attributes(node, inherited);
        self.text(">");
        for child in node.children() {
            self.tree(child, &[]);
        }
        self.text("</");
        self.text(name);
        self.text(">");
        self.rendered.truncate(written);
    }

    fn leaf(&mut self, node: Node<'t, '_>) {
        match node.node_type() {
            NodeType::Text => escape(node.text().unwrap_or_default(), Place::Text, self.out),
            NodeType::Comment if self.how.comments == Comments::Keep => {
                self.text("<!--");
                self.text(node.text().unwrap_or_default());
                self.text("-->");
            }
            NodeType::PI => {
                let Some(pi) = node.pi() else { return };
                self.text("<?");
                self.text(pi.target);
                if let Some(value) = pi.value.filter(|v| !v.is_empty()) {
                    self.text(" ");
                    self.text(value);
                }
                self.text("?>");
            }
            _ => {}
        }
    }

    fn namespaces(&mut self, node: Node<'t, '_>, name: &'t str) {
        let in_scope = || node.namespaces().map(|n| (n.name().unwrap_or(""), n.uri()));
        let mut wanted: Vec<(&'t str, &'t str)> = match &self.how.method {
            Method::Inclusive10 | Method::Inclusive11 => in_scope().collect(),
            Method::Exclusive(inclusive) => {
                let attributes = node.attributes().map(|a| prefix(attribute_name(node, &a)));
                let used: Vec<&str> = attributes
                    .filter(|p| !p.is_empty())
                    .chain([prefix(name)])
                    .collect();
                in_scope()
                    .filter(|(p, _)| used.contains(p) || inclusive.iter().any(|i| i == p))
                    .collect()
            }
        };
        let uses_default = match &self.how.method {
            Method::Inclusive10 | Method::Inclusive11 => true,
            Method::Exclusive(list) => prefix(name).is_empty() || list.iter().any(String::is_empty),
        };
        // No default namespace is said only below one.
        if uses_default && !wanted.iter().any(|(p, _)| p.is_empty()) {
            wanted.push(("", ""));
        }
        wanted.retain(|(p, uri)| *p != "xml" && self.in_effect(p) != Some(uri));
        wanted.sort_unstable();
        for (prefix, uri) in wanted {
            if prefix.is_empty() {
                self.text(" xmlns=\"");
            } else {
                self.text(" xmlns:");
                self.text(prefix);
                self.text("=\"");
            }
            escape(uri, Place::Attribute, self.out);
            self.text("\"");
            self.rendered.push((prefix, uri));
        }
    }

    /// What a prefix means in the output so far.
    fn in_effect(&self, prefix: &str) -> Option<&'t str> {
        let found = self.rendered.iter().rev().find(|(p, _)| *p == prefix);
        found
            .map(|(_, uri)| *uri)
            .or_else(|| prefix.is_empty().then_some(""))
    }

    /// Sorted by namespace, then by name.
    fn attributes(&mut self, node: Node<'t, '_>, inherited: &[(&'t str, &'t str)]) {
        let mut all: Vec<(&str, &str, String, &str)> = node
            .attributes()
            .map(|a| {
                (
                    a.namespace().unwrap_or(""),
                    a.name(),
                    attribute_name(node, &a).to_owned(),
                    a.value(),
                )
            })
            .collect();
        all.extend(
            inherited
                .iter()
                .map(|(name, value)| (XML, *name, format!("xml:{name}"), *value)),
        );
        all.sort_unstable();
        for (_, _, name, value) in all {
            self.text(" ");
            self.text(&name);
            self.text("=\"");
            escape(value, Place::Attribute, self.out);
            self.text("\"");
        }
    }
}

/// The name of an element as it was written, prefix included.
fn qualified_name<'a>(node: Node<'a, '_>) -> &'a str {
    let from = &node.document().input_text()[node.range().start..];
    let from = from.strip_prefix('<').unwrap_or(from);
    name_at(from)
}

fn attribute_name<'a>(node: Node<'a, '_>, attribute: &roxmltree::Attribute<'a, '_>) -> &'a str {
    name_at(&node.document().input_text()[attribute.range().start..])
}

fn name_at(from: &str) -> &str {
    let end = from.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/' | '>'));
    &from[..end.unwrap_or(from.len())]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Text,
    Attribute,
}

fn escape(text: &str, place: Place, out: &mut dyn FnMut(&[u8])) {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let reference: &[u8] = match (byte, place) {
            (b'&', _) => b"&amp;",
            (b'<', _) => b"&lt;",
            (b'>', Place::Text) => b"&gt;",
            (b'"', Place::Attribute) => b"&quot;",
            (b'\t', Place::Attribute) => b"&#x9;",
            (b'\n', Place::Attribute) => b"&#xA;",
            (b'\r', _) => b"&#xD;",
            _ => continue,
        };
        out(&text.as_bytes()[done..at]);
        out(reference);
        done = at + 1;
    }
    out(&text.as_bytes()[done..]);
}
