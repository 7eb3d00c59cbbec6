//! Why the two differ, by kind of case (`docs/DIVERGENCES.md`).

use std::collections::BTreeSet;

/// A kind of case by what its name and the reason of whoever refuses it contain.
struct Difference {
    case: &'static str,
    refused: &'static str,
    why: &'static str,
    shown: Shown,
}

/// Whether each run has such a case: which octets are changed depends on how long keys and signatures came out.
#[derive(Eq, PartialEq)]
enum Shown {
    Always,
    Sometimes,
}

/// Never without one of these reasons.
const WE_ALONE: &[Difference] = &[
    Difference {
        case: "B-T tampered: third quarter of the CMS",
        refused: "",
        why: "a time-stamp that is broken proves nothing, and the signature stands while its certificate is valid",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "B-T tampered: last quarter of the CMS",
        refused: "",
        why: "a time-stamp that is broken proves nothing, and the signature stands while its certificate is valid",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "B-T tampered: second quarter of the CMS",
        refused: "",
        why: "a time-stamp that is broken proves nothing, and the signature stands while its certificate is valid",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "B-LT",
        refused: "does not match selected signer's certificate for subject\"Common Name: U",
        why: "a time-stamp that is broken proves nothing, and the signature stands while its certificate is valid",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "quarter of the CMS",
        refused: "NO_SIGNING_CERTIFICATE_FOUND",
        why: "the certificate in the CMS is broken, and the DSS has the one that the signed attribute names",
        shown: Shown::Sometimes,
    },
    // That what was signed is untouched is checked for each case by itself (`tamper::is_what_was_signed`).
    Difference {
        case: "B-LT",
        refused: "",
        why: "what is broken is a time-stamp, or validation data that the relying party has from elsewhere",
        shown: Shown::Sometimes,
    },
];

const PYHANKO_ALONE: &[Difference] = &[
    Difference {
        case: "appended",
        refused: "FORMAT_FAILURE PDF_OBJECTS_AFTER_END",
        why: "octets after the last %%EOF belong to no revision",
        shown: Shown::Always,
    },
    Difference {
        case: "appended",
        refused: "FORMAT_FAILURE PDF_INCREMENTAL_SAVING",
        why: "an object after the last %%EOF belongs to no revision",
        shown: Shown::Always,
    },
    Difference {
        case: "cut off",
        refused: "FORMAT_FAILURE PDF_INCREMENTAL_SAVING",
        why: "what is left of a later revision that was cut off belongs to no revision",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "later revisions",
        refused: "FORMAT_FAILURE",
        why: "a later revision is damaged in a place that pyHanko does not look at",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "filling of /Contents",
        refused: "FORMAT_FAILURE PDF_CONTENTS_SPOOFED",
        why: "/Contents is filled with zeros, and anything else is unsigned content",
        shown: Shown::Sometimes,
    },
    Difference {
        case: "signer expired B-T",
        refused: "OUT_OF_BOUNDS_NO_POE",
        why: "the time-stamp was made after the certificate had expired",
        shown: Shown::Always,
    },
    Difference {
        case: "signer expired stamped in the signer's time",
        refused: "TRY_LATER",
        why: "a CRL from after the certificate's end need not name it (no expiredCertsOnCRL)",
        shown: Shown::Always,
    },
];

pub(crate) fn we_alone(name: &str, why: &str) -> Option<&'static str> {
    find(WE_ALONE, name, why)
}

pub(crate) fn pyhanko_alone(name: &str, why: &str) -> Option<&'static str> {
    find(PYHANKO_ALONE, name, why)
}

fn find(table: &'static [Difference], name: &str, why: &str) -> Option<&'static str> {
    let fits = |d: &&Difference| name.contains(d.case) && why.contains(d.refused);
    table.iter().find(fits).map(|d| d.why)
}

/// Reasons that no case gave, and each run should.
pub(crate) fn unused(used: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let all = WE_ALONE.iter().chain(PYHANKO_ALONE);
    let always = all.filter(|d| d.shown == Shown::Always).map(|d| d.why);
    always.filter(|why| !used.contains(why)).collect()
}
