//! What stands between tags, and after the document.

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::Base;

pub(super) fn put(base: &Base, whole: bool, to: &mut Tricks) {
    let Base { whole: good, .. } = base;
    to.put(
        "a comment in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<!-- Y -->X", 1),
        Take,
    );
    to.put(
        "a comment in a certificate",
        good.replacen("<X509Certificate>", "<X509Certificate><!-- -->", 1),
        Take,
    );
    to.put(
        "a comment in the signature value",
        good.replacen("<ds:SignatureValue>", "<ds:SignatureValue><!-- -->", 1),
        Take,
    );
    to.put(
        "a comment in SignedInfo",
        good.replacen("<ds:SignedInfo>", "<ds:SignedInfo><!-- x -->", 1),
        Take,
    );
    to.put(
        "a value as CDATA",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory><![CDATA[XX]]>", 1),
        Take,
    );
    to.put(
        "a value as references",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>&#88;&#x58;", 1),
        Take,
    );
    to.put(
        "an instruction in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<?x y?>X", 1),
        Refuse,
    );
    to.put(
        "an element in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<x/>X", 1),
        Refuse,
    );
    to.put(
        "another value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>XY", 1),
        Refuse,
    );
    to.put(
        "white space in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory> XX", 1),
        Refuse,
    );
    to.put(
        "a carriage return that is written out",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>XX&#13;", 1),
        Refuse,
    );
    to.put(
        "lines that end as on Windows",
        good.replace('\n', "\r\n"),
        Take,
    );
    to.put(
        "an instruction after the document",
        format!("{good}<?x y?>"),
        if whole { Refuse } else { Take },
    );
    to.put(
        "a comment after the document",
        format!("{good}<!-- x -->"),
        Take,
    );
    to.put("words after the document", format!("{good}x"), Refuse);
    to.put(
        "an element after the document",
        format!("{good}<x/>"),
        Refuse,
    );
    to.put(
        "attributes in other quotes",
        good.replacen("Id=\"list\"", "Id = 'list'", 1),
        Take,
    );
    to.put(
        "an empty element",
        good.replacen("<TSPServices>", "<TSPServices ></TSPServices>", 1)
            .replacen("</TSPServices></TSPServices>", "</TSPServices>", 1),
        Refuse,
    );
}
