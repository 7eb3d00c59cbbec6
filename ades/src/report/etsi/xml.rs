//! Writing XML 1.0, element by element, into whatever takes octets: nothing of the document is held.
//!
//! Names of elements and attributes are ours. What is between them may come from strangers: it is escaped,
//! and characters that XML 1.0 cannot hold at all (section 2.2) become U+FFFD.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::xml::escape;

/// A document in the making.
pub(super) struct Xml<'w> {
    out: &'w mut dyn Write,
}

impl<'w> Xml<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> io::Result<Self> {
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        Ok(Self { out })
    }

    /// Elements without a document around them.
    pub(super) fn part(out: &'w mut dyn Write) -> Self {
        Self { out }
    }

    /// What [`Xml::part`] wrote.
    pub(super) fn raw(&mut self, part: &[u8]) -> io::Result<()> {
        self.out.write_all(part)
    }

    /// An element with what `inside` writes.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.begin(name, attributes)?;
        self.out.write_all(b">")?;
        inside(self)?;
        writeln!(self.out, "</{name}>")
    }

    /// As [`Xml::element`], without attributes.
    pub(super) fn group(
        &mut self,
        name: &str,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.element(name, &[], inside)
    }

    /// An element that is empty.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.begin(name, attributes)?;
        self.out.write_all(b"/>\n")
    }

    /// An element that holds text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.element(name, &[], |xml| xml.characters(text))
    }

    /// An element that holds octets in base64.
    pub(super) fn base64(&mut self, name: &str, octets: &[u8]) -> io::Result<()> {
        self.element(name, &[], |xml| {
            // A multiple of three, so that the pieces are the encoding of the whole.
            for piece in octets.chunks(3 << 12) {
                xml.out.write_all(STANDARD.encode(piece).as_bytes())?;
            }
            Ok(())
        })
    }

    /// Text.
    pub(super) fn characters(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(escape(text).as_bytes())
    }

    fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        write!(self.out, "<{name}")?;
        for (key, value) in attributes {
            write!(self.out, " {key}=\"{}\"", escape(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(text: &str) -> String {
        let mut out = Vec::new();
        let mut xml = Xml::new(&mut out).unwrap();
        xml.element("a", &[("b", text)], |xml| xml.characters(text))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn characters_that_xml_cannot_hold_break_the_report() {
        for (text, read) in [
            ("\u{0}\u{1}\u{b}\u{1f}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{fffe}\u{ffff}", "\u{fffd}\u{fffd}"),
            ("\r\n\t", "\r\n\t"),
            ("]]><!-- & \"'", "]]><!-- & \"'"),
            ("\u{202e}\u{10ffff}", "\u{202e}\u{10ffff}"),
        ] {
            let xml = document(text);
            let parsed = roxmltree::Document::parse(&xml).unwrap();
            assert_eq!(parsed.root_element().text(), Some(read), "{xml}");
            assert_eq!(parsed.root_element().attribute("b"), Some(read), "{xml}");
        }
    }

    #[test]
    fn octets_in_pieces_are_read_as_one() {
        let octets: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8).collect();
        let mut out = Vec::new();
        Xml::new(&mut out).unwrap().base64("a", &octets).unwrap();
        let text = String::from_utf8(out).unwrap();
        let parsed = roxmltree::Document::parse(&text).unwrap();
        let read = STANDARD.decode(parsed.root_element().text().unwrap());
        assert_eq!(read.unwrap(), octets);
    }

    proptest! {
        #[test]
        fn no_text_ends_its_element(text in any::<String>()) {
            let xml = document(&text);
            let parsed = roxmltree::Document::parse(&xml).unwrap();
            prop_assert!(parsed.root_element().children().all(|c| c.is_text()));
        }
    }
}
