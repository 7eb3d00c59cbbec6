//! Prefixes and what they stand for.

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::Base;

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let Base { whole: good, .. } = base;
    to.put(
        "a namespace that nobody uses",
        good.replacen(" Id=\"list\"", " xmlns:y=\"urn:y\" Id=\"list\"", 1),
        Take,
    );
    to.put(
        "a relative namespace",
        good.replacen(" Id=\"list\"", " xmlns:y=\"y/z\" Id=\"list\"", 1),
        Refuse,
    );
    to.put(
        "a prefix taken back",
        good.replacen("<TSPName>", "<TSPName xmlns:sie=\"\">", 1),
        Refuse,
    );
    to.put(
        "a prefix that nobody declared",
        good.replacen("<SchemeTerritory>", "<SchemeTerritory y:z=\"\">", 1),
        Refuse,
    );
    to.put(
        "the prefix xml for something else",
        good.replacen(" Id=\"list\"", " xmlns:xml=\"urn:y\" Id=\"list\"", 1),
        Refuse,
    );
    to.put(
        "another prefix for the signature",
        good.replace("ds:", "dt:").replace("xmlns:ds=", "xmlns:dt="),
        Refuse,
    );
    to.put(
        "one attribute by two prefixes",
        good.replacen(
            "<TSPName>",
            "<TSPName xmlns:a=\"urn:y\" xmlns:b=\"urn:y\" a:z=\"\" b:z=\"\">",
            1,
        ),
        Refuse,
    );
    to.put(
        "another namespace for a child",
        good.replacen("<TSPServices>", "<TSPServices xmlns=\"urn:y\">", 1),
        Refuse,
    );
}
