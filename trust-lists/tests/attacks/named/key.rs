//! The certificate, and whatever else is said of the key.

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::{Base, between};

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let Base { whole: good, .. } = base;
    let own = between(good, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let another = base.ca.base64();
    let keys = "</ds:X509Certificate>";
    to.put(
        "another certificate behind",
        good.replacen(
            keys,
            &format!("{keys}<ds:X509Certificate>{another}{keys}"),
            1,
        ),
        Take,
    );
    to.put(
        "another certificate in front",
        good.replacen(
            "<ds:X509Certificate>",
            &format!("<ds:X509Certificate>{another}{keys}<ds:X509Certificate>"),
            1,
        ),
        Refuse,
    );
    to.put(
        "another certificate instead",
        good.replacen(own, &another, 1),
        Refuse,
    );
    to.put("no certificate", good.replacen(own, "", 1), Refuse);
    to.put(
        "a certificate that is none",
        good.replacen(own, "AAAA", 1),
        Refuse,
    );
    to.put("a key beside the certificate", good.replacen("<ds:X509Data>", "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus><ds:Exponent>Aw==</ds:Exponent></ds:RSAKeyValue></ds:KeyValue><ds:X509Data>", 1), Take);
    to.put(
        "a key from elsewhere",
        good.replacen(
            "<ds:X509Data>",
            "<ds:RetrievalMethod URI=\"http://x.sceau.example/\"/><ds:X509Data>",
            1,
        ),
        Take,
    );
    to.put(
        "KeyInfo twice",
        good.replacen("</ds:KeyInfo>", "</ds:KeyInfo><ds:KeyInfo/>", 1),
        Refuse,
    );
}
