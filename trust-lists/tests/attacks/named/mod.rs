//! Every trick that has a name.

mod documents;
mod key;
mod limits;
mod namespaces;
mod signature;
mod text;
mod value;
mod wrapping;

use std::collections::BTreeMap;

use sceau_tests::trusted_list;
use trust_lists::list::TrustedList;

use crate::base::Base;
use crate::judges::{compare, python, signxml};

/// Whether we have to take it, whether we must not, or whether the judges may see it in another way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Must {
    Take,
    Refuse,
}

/// A document that somebody made of the signed one, and its name.
struct Trick {
    name: &'static str,
    document: Vec<u8>,
    must: Must,
}

#[derive(Default)]
struct Tricks(Vec<Trick>);

impl Tricks {
    fn put(&mut self, name: &'static str, document: impl Into<Vec<u8>>, must: Must) {
        self.0.push(Trick {
            name,
            document: document.into(),
            must,
        });
    }
}

/// All of them. `base` is signed over the whole document where `whole`.
fn named(base: &Base, whole: bool) -> Vec<Trick> {
    let mut to = Tricks::default();
    to.put("as it was signed", base.whole.clone(), Must::Take);
    wrapping::put(base, &mut to);
    text::put(base, whole, &mut to);
    documents::put(base, &mut to);
    namespaces::put(base, &mut to);
    limits::put(base, &mut to);
    signature::put(base, &mut to);
    key::put(base, &mut to);
    value::put(base, &mut to);
    to.0
}

#[test]
fn no_trick_that_has_a_name_is_taken_for_the_list_that_was_signed() {
    let Some(python) = python() else { return };
    let mut accepts: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (uri, properties) in [("", true), ("#list", false)] {
        let base = Base::new(uri, properties);
        let tricks = named(&base, uri.is_empty());
        let documents: Vec<Vec<u8>> = tricks.iter().map(|t| t.document.clone()).collect();
        let theirs = signxml(&python, &base, &documents);
        for (trick, signxml) in tricks.iter().zip(theirs) {
            let Trick {
                name,
                document,
                must,
            } = trick;
            let ours = base.ask(document);
            let xmlsec1 = trusted_list::verifies(document, &base.operator.pem()).unwrap();
            // What signxml says is signed is the good list, wherever it found it.
            let signxml = signxml
                .is_ok_and(|signed| TrustedList::parse(&signed).ok().as_ref() == Some(&base.good));
            match (&ours, must) {
                (Ok(list), Must::Take) if *list == base.good => {}
                (Err(_), Must::Refuse) => {}
                (ours, must) => {
                    let ours = ours
                        .as_ref()
                        .map(|_| "another list")
                        .map_err(ToString::to_string);
                    wrong.push(format!("{name} ({uri:?}): {must:?}, and here {ours:?}"));
                }
            }
            if ours.is_ok() && !xmlsec1 {
                wrong.push(format!("{name} ({uri:?}): xmlsec1 refuses it"));
            }
            let who = match (ours.is_ok(), xmlsec1, signxml) {
                (false, true, true) => "xmlsec1, signxml",
                (false, true, false) => "xmlsec1",
                (false, false, true) => "signxml",
                (true, _, false) => "Sceau, xmlsec1",
                _ => continue,
            };
            // Those that differ with what the signature is over say so.
            let known = accepts.entry((*name).to_owned()).or_insert(who);
            if known.len() < who.len() {
                *known = who;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compare("xmlsec1 and signxml, signed lists", &accepts);
}
