//! References, transforms and algorithms of the signature.

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::{Base, ENVELOPED};

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let Base {
        whole: good,
        signature,
        ..
    } = base;
    to.put(
        "something unsigned in the signature",
        base.with_object("<x>unsigned</x>"),
        Take,
    );
    to.put(
        "another Id of the signature",
        good.replacen("Id=\"signature\"", "Id=\"sign\"", 1),
        if signature.contains("Target=") {
            Refuse
        } else {
            Take
        },
    );
    to.put(
        "a reference to elsewhere",
        good.replacen(
            "<ds:Reference URI=\"",
            "<ds:Reference URI=\"http://x.sceau.example/",
            1,
        ),
        Refuse,
    );
    to.put(
        "a reference to nothing",
        good.replacen("<ds:Reference URI=", "<ds:Reference X=", 1),
        Refuse,
    );
    to.put(
        "a reference as an XPointer",
        good.replacen("URI=\"\"", "URI=\"#xpointer(/)\"", 1)
            .replacen("URI=\"#list\"", "URI=\"#xpointer(id('list'))\"", 1),
        Refuse,
    );
    for (name, transform) in [
        (
            "XPath",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>",
        ),
        (
            "XSLT",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>",
        ),
        (
            "base64 as a transform",
            "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>",
        ),
    ] {
        to.put(name, good.replacen(ENVELOPED, transform, 1), Refuse);
    }
    to.put("no transform", good.replacen(ENVELOPED, "", 1), Refuse);
    to.put(
        "the transform twice",
        good.replacen(ENVELOPED, &ENVELOPED.repeat(2), 1),
        Refuse,
    );
    to.put(
        "HMAC with the certificate for a key",
        good.replacen(
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            1,
        ),
        Refuse,
    );
    to.put("HMAC of no length", good.replacen("Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"/>", "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>", 1), Refuse);
    to.put(
        "SHA-1 for the digest",
        good.replacen(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
            1,
        ),
        Refuse,
    );
}
