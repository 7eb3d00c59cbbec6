//! Definitions, inclusions and encodings.

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::{Base, root_of};

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = text.replacen("encoding=\"UTF-8\"", "encoding=\"UTF-16\"", 1);
    core::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(order)
        .collect()
}

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let Base { whole: good, .. } = base;
    for (name, doctype) in [
        ("a document type", "<!DOCTYPE TrustServiceStatusList>"),
        ("an entity", "<!DOCTYPE x [<!ENTITY e \"XX\">]>"),
        (
            "an entity from a file",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
        ),
        (
            "a definition from elsewhere",
            "<!DOCTYPE x SYSTEM \"http://x.sceau.example/x.dtd\">",
        ),
        (
            "a defined attribute",
            "<!DOCTYPE x [<!ATTLIST TSPService Id ID \"list\">]>",
        ),
    ] {
        let at = good.find("<TrustServiceStatusList").unwrap();
        let mut xml = good.clone();
        xml.insert_str(at, doctype);
        to.put(
            name,
            xml.replacen(
                ">XX<",
                if doctype.contains("ENTITY") {
                    ">&e;<"
                } else {
                    ">XX<"
                },
                1,
            ),
            Refuse,
        );
    }
    to.put("XInclude", base.with_object("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>"), Take);
    to.put(
        "xml:base above what is signed",
        good.replacen(
            " Id=\"list\"",
            " xml:base=\"http://x.sceau.example/\" Id=\"list\"",
            1,
        ),
        Refuse,
    );
    to.put(
        "xml:lang above what is signed",
        good.replacen(" Id=\"list\"", " xml:lang=\"fr\" Id=\"list\"", 1),
        Refuse,
    );
    to.put(
        "version 1.1",
        good.replacen("version=\"1.0\"", "version=\"1.1\"", 1),
        Refuse,
    );
    to.put(
        "another encoding than it says",
        good.replacen("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"", 1),
        Refuse,
    );
    to.put("no declaration", root_of(good), Take);
    to.put("a byte order mark", format!("\u{feff}{good}"), Take);
    to.put(
        "a byte order mark twice",
        format!("\u{feff}\u{feff}{good}"),
        Refuse,
    );
    to.put(
        "a character that XML has not",
        good.replacen(">XX<", ">XX\u{1}<", 1),
        Refuse,
    );
    to.put(
        "a character that XML has not, written out",
        good.replacen(">XX<", ">XX&#1;<", 1),
        Refuse,
    );
    for (name, octets) in [
        ("UTF-16, big end first", utf16(good, u16::to_be_bytes)),
        ("UTF-16, little end first", utf16(good, u16::to_le_bytes)),
        (
            "octets that are no UTF-8",
            good.replacen(">XX<", ">X?<", 1)
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'?' { 0xff } else { b })
                .collect(),
        ),
    ] {
        to.put(name, octets, Refuse);
    }
}
