//! What a forger does to a PDF after it was signed. Nothing here may be TOTAL-PASSED over an
//! unchanged document, and where the signature forbids the change it may not pass at all.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod content;
mod forms;
mod hostile;
mod named;
mod ranges;
mod revisions;
mod roles;
mod world;

use ades::pades::Certification;
use ades::validate::{Indication, Modifications};

use crate::world::{World, document, update};

#[test]
fn the_documents_of_these_tests_pass_before_they_are_attacked() {
    let world = World::new();
    for certify in [None, Some(Certification::NoChanges)] {
        let signed = world.sign(&document(&[], ""), certify);
        assert_eq!(
            world.outcome(&signed),
            (Some(Indication::TotalPassed), Modifications::None)
        );
        let added = update(&signed, &[(50, "<</Unused true>>")], "");
        assert_eq!(world.outcome(&added).0, Some(Indication::TotalPassed));
    }
}
