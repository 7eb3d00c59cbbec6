//! Thousands of changes that nobody thought of, the same in every run.

use sceau_tests::trusted_list;
use trust_lists::list::TrustedList;

use crate::base::Base;
use crate::judges::{python, signxml};

/// xorshift: the same variations in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// Changes a document somewhere: in a way that means the same, or not.
fn change(dice: &mut Dice, document: &mut Vec<u8>) {
    const INSERTED: [&str; 14] = [
        " ",
        "\n",
        "<!-- -->",
        "<!-- x -->",
        "<?x?>",
        "<![CDATA[]]>",
        "<x/>",
        "&amp;",
        "&#88;",
        "\u{feff}",
        "=",
        "'",
        "xmlns:q=\"urn:q\" ",
        "Id=\"list\" ",
    ];
    if document.is_empty() {
        return;
    }
    // Most of the marks of XML, which is where parsers differ.
    let marks: Vec<usize> = (0..document.len())
        .filter(|at| matches!(document[*at], b'<' | b'>' | b'=' | b'"' | b'/'))
        .collect();
    let place = if dice.roll(2) == 0 && !marks.is_empty() {
        (marks[dice.roll(marks.len())] + dice.roll(2)).min(document.len() - 1)
    } else {
        dice.roll(document.len())
    };
    let end = (place + 1 + dice.roll(40)).min(document.len());
    match dice.roll(8) {
        0 => document[place] ^= 1 << dice.roll(8),
        1 => drop(document.remove(place)),
        2..=4 => {
            let some = if dice.roll(2) == 0 { 4 } else { INSERTED.len() };
            let text = INSERTED[dice.roll(some)];
            drop(document.splice(place..place, text.bytes()));
        }
        5 => drop(document.drain(place..end)),
        6 => {
            let copied = document[place..end].to_vec();
            let to = dice.roll(document.len());
            drop(document.splice(to..to, copied));
        }
        _ => {
            let other = dice.roll(document.len());
            document.swap(place, other);
        }
    }
}

#[test]
fn whatever_is_accepted_after_thousands_of_changes_is_what_signxml_says_was_signed() {
    let Some(python) = python() else { return };
    let mut dice = Dice(0x5ceb_a11a_d5ea_1ed5);
    let rounds = 900 * std::env::var("SCEAU_DIFFERENTIAL").map_or(1, |n| n.parse().unwrap_or(1));
    let (mut accepted, mut refused) = (0, 0);
    for (uri, properties) in [("", true), ("#list", false)] {
        let base = Base::new(uri, properties);
        let documents: Vec<Vec<u8>> = (0..rounds)
            .map(|_| {
                let mut document = base.whole.clone().into_bytes();
                for _ in 0..1 + dice.roll(3) {
                    change(&mut dice, &mut document);
                }
                document
            })
            .collect();
        let theirs = signxml(&python, &base, &documents);
        for (document, theirs) in documents.iter().zip(theirs) {
            let shown = || String::from_utf8_lossy(document).into_owned();
            let Ok(list) = base.ask(document) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            assert_eq!(list, base.good, "{}", shown());
            match theirs {
                Ok(signed) => {
                    assert_eq!(
                        TrustedList::parse(&signed).unwrap(),
                        base.good,
                        "{}",
                        shown()
                    );
                }
                // A namespace that nobody uses, whose name is a URI by its characters alone.
                Err(why) if why.contains("is not a valid URI") => {}
                Err(why) => assert!(
                    trusted_list::verifies(document, &base.operator.pem()).unwrap(),
                    "xmlsec1 refuses it, and signxml: {why}\n{}",
                    shown()
                ),
            }
        }
    }
    assert!(
        accepted > 20 && refused > 500,
        "{accepted} accepted, {refused} refused"
    );
}
