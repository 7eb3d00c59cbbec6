//! Signed elements and signatures where they were not signed, or more than one of them.

use super::Must::Refuse;
use super::Tricks;
use crate::base::{Base, END, root_of};

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let Base {
        whole: good,
        signature,
        without,
        evil,
        ..
    } = base;
    to.put(
        "wrapped in an object",
        base.evil_with("Id=\"evil\"", &base.in_object(without)),
        Refuse,
    );
    to.put(
        "wrapped beside",
        base.evil_with("Id=\"evil\"", &format!("{without}{signature}")),
        Refuse,
    );
    to.put(
        "wrapped whole",
        base.evil_with("Id=\"evil\"", &root_of(good)),
        Refuse,
    );
    to.put(
        "wrapped in an extension",
        good.replacen(
            "<SchemeInformation>",
            &format!("<x>{without}</x><SchemeInformation>"),
            1,
        ),
        Refuse,
    );
    to.put(
        "signature of another list",
        evil.replace(END, &format!("{signature}{END}")),
        Refuse,
    );
    for (name, id) in [
        ("evil with the same Id", "Id=\"list\""),
        ("evil with the same ID", "ID=\"list\""),
        ("evil with the same id", "id=\"list\""),
        ("evil with the same xml:id", "xml:id=\"list\""),
        (
            "evil with the same wsu:Id",
            "xmlns:wsu=\"urn:wsu\" wsu:Id=\"list\"",
        ),
    ] {
        to.put(name, base.evil_with(id, &base.in_object(without)), Refuse);
    }
    to.put(
        "an identifier twice, not signed",
        base.with_object("<x Id=\"a\"/><x Id=\"a\"/>"),
        Refuse,
    );
    to.put(
        "the identifier of the signature on something else",
        base.with_object("<x Id=\"signature\"/>"),
        Refuse,
    );
    to.put(
        "two signatures",
        good.replace(
            END,
            &format!("{}{END}", signature.replace("Id=\"signature\"", "")),
        ),
        Refuse,
    );
    to.put(
        "the signature twice",
        good.replace(signature, &format!("{signature}{signature}")),
        Refuse,
    );
    to.put(
        "a signature in the signature",
        base.with_object("<ds:Signature/>"),
        Refuse,
    );
    to.put(
        "the signature deeper",
        good.replace(signature, &format!("<x>{signature}</x>")),
        Refuse,
    );
    to.put("no signature", good.replace(signature, ""), Refuse);
}
